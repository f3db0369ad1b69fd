/**
 * A process of scripts/sweep-allocations.mjs: runs what it is told to in lines of its input. It writes each result at
 * once, synchronously: who watches it must know what it was at when it hangs.
 */
import * as fs from 'node:fs';
import process from 'node:process';
import * as readline from 'node:readline';
import { Sweep } from './case.js';
import { WORKLOADS } from './workloads.js';

interface Job {
  readonly workload: string;
  readonly mode: 'plan' | 'allocation' | 'budget';
  readonly numbers: readonly number[];
  readonly wasm: string;
}

let module: Promise<WebAssembly.Module> | undefined;
let sweep: { name: string; cases: Promise<Sweep> } | undefined;

const tell = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);

async function sweepOf({ workload: name, wasm }: Job): Promise<Sweep> {
  module ??= fs.promises.readFile(wasm).then((bytes) => WebAssembly.compile(bytes));
  const workload = WORKLOADS.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  if (sweep?.name !== name) sweep = { name, cases: Sweep.of(await module, workload) };
  return sweep.cases;
}

async function work(job: Job): Promise<void> {
  const cases = await sweepOf(job);
  if (job.mode === 'plan') {
    tell({ plan: cases.plan });
    return;
  }
  for (const number of job.numbers) {
    tell({ begun: number });
    try {
      tell({ number, ...(await cases[job.mode](number)) });
    } catch (error) {
      tell({ number, failure: textOf(error) });
    }
  }
  tell({ done: true });
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${textOf(error.cause)}`;
  return `${error.stack}${cause}`;
}

const jobs = readline.createInterface({ input: process.stdin });
let last: Promise<void> = Promise.resolve();
jobs.on('line', (line) => {
  last = last
    .then(() => work(JSON.parse(line) as Job))
    .catch((error: unknown) => {
      tell({ broken: textOf(error) });
    });
});
tell({ workloads: WORKLOADS.map(({ name }) => name) });
