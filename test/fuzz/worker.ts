/** A thread that runs pieces of targets, until it is ended. */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { runPiece } from './runner.js';
import { TARGETS } from './targets.js';

export interface Piece {
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

export interface WorkerData {
  readonly wasm: WebAssembly.Module;
  readonly seed: number;
  /** Two words: the number of the case that is under way, and how often one has begun. */
  readonly at: SharedArrayBuffer;
}

// A case that fails is run again, with stacks.
Error.stackTraceLimit = 0;

const { wasm, seed, at } = workerData as WorkerData;
const now = new Int32Array(at);
const prepared = new Set<string>();

// One path is opened by thousands of cases, and what they do not free is asked of the ledger: both is meant.
process.removeAllListeners('warning');
process.on('warning', () => {});

parentPort?.on('message', async ({ target: name, from, to }: Piece) => {
  try {
    const target = TARGETS.find((each) => each.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    if (!prepared.has(name)) await target.prepare?.(seed, wasm);
    prepared.add(name);
    const beginning = (number: number) => {
      Atomics.store(now, 0, number);
      Atomics.add(now, 1, 1);
    };
    parentPort?.postMessage(await runPiece(target, from, to, { seed, wasm, beginning }));
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort?.postMessage({ broken });
  }
});
