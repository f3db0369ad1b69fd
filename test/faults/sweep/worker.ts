/**
 * A process of scripts/sweep-faults.mjs. It is told the name of a workload and answers with its cases; then it runs those
 * that it is given.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { brokenWorkloads } from './broken.js';
import { type Case, casesOf } from './cases.js';
import { textOf } from './drill.js';
import { Session } from './session.js';
import { WORKLOADS } from './workloads.js';

type Message = { readonly workload: string } | { readonly task: Case };

// Errors are made by the thousand, and looked at by their message.
Error.stackTraceLimit = 4;
const wasm = await WebAssembly.compile(readFileSync(process.argv[2] ?? ''));
let session: Session | undefined;

async function start(name: string): Promise<Session> {
  const workload = [...WORKLOADS, ...brokenWorkloads].find((each) => each.name === name);
  if (workload === undefined) throw new Error(`${name} is no workload`);
  session?.free();
  session = await Session.start(workload, wasm);
  return session;
}

async function answer(message: Message): Promise<object> {
  if ('workload' in message) {
    const { operations } = await start(message.workload);
    return { calls: operations.length, cases: casesOf(message.workload, operations) };
  }
  const { task } = message;
  // What a crash leaves is of no use for the next.
  if (session === undefined || session.crashed) await start(task.workload);
  const outcome = await (session as Session).runCase(task);
  if (outcome.failure?.kind !== 'unsteady') return outcome;
  // The info log names addresses, so when it is written may depend on the cases before. A new engine knows of none.
  return (await start(task.workload)).runCase(task);
}

process.on('message', (message: Message) => {
  answer(message).then(
    (reply) => process.send?.(reply),
    (error) => process.send?.({ broken: error instanceof Error ? error.stack : textOf(error) }),
  );
});
process.send?.({ names: WORKLOADS.map(({ name }) => name) });
