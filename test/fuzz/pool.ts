/** Cases on several threads. What hangs is ended from outside, told, and the rest of its piece goes on. */
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { CASES_A_PIECE, type CaseFailure, type Outcome } from './runner.js';
import type { Piece } from './worker.js';

export interface FuzzOptions {
  readonly wasm: WebAssembly.Module;
  /** worker.js, built. */
  readonly worker: URL;
  readonly seed: number;
  readonly pieces: readonly Piece[];
  readonly workers: number;
  /** A case hangs that takes longer, by the clock and by the processor's time of all threads. */
  readonly limitMs: number;
  /** Told after each piece. */
  readonly progress?: (done: Piece, outcome: Outcome) => void;
}

const LOOKS_MS = 250;
/** Base files are made meanwhile. */
const NO_CASE = -1;
const PREPARATION_MS = 120_000;
/** So many times the limit on the clock, for a case that does not run at all. */
const SLEEPS = 20;

/** `count` cases of a target from `first` on, in pieces that begin where they always do. */
export function piecesOf(target: string, first: number, count: number): Piece[] {
  const pieces: Piece[] = [];
  const end = first + count;
  for (let from = first; from < end; ) {
    const to = Math.min(end, from - (from % CASES_A_PIECE) + CASES_A_PIECE);
    pieces.push({ target, from, to });
    from = to;
  }
  return pieces;
}

/** Runs all pieces; returns what failed, in the order of targets and cases. Throws when the suite itself breaks. */
export async function runPool(options: FuzzOptions): Promise<CaseFailure[]> {
  const queue = [...options.pieces];
  const failures: CaseFailure[] = [];
  const one = async () => {
    let thread: Thread | undefined;
    try {
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        thread ??= new Thread(options);
        const outcome = await thread.run(piece);
        if (typeof outcome === 'number') {
          // The rest of the piece, with a new thread.
          await thread.end();
          thread = undefined;
          const hung = hang(piece, outcome, options.limitMs);
          failures.push(hung);
          options.progress?.({ ...piece, to: outcome + 1 }, { met: {}, failures: [hung] });
          if (outcome + 1 < piece.to) queue.unshift({ ...piece, from: outcome + 1 });
          continue;
        }
        failures.push(...outcome.failures);
        options.progress?.(piece, outcome);
      }
    } finally {
      await thread?.end();
    }
  };
  await Promise.all(Array.from({ length: options.workers }, one));
  return failures.sort((a, b) =>
    a.target < b.target ? -1 : a.target > b.target ? 1 : a.case - b.case,
  );
}

function hang({ target }: Piece, at: number, limitMs: number): CaseFailure {
  const message = `not over after ${limitMs / 1000} s`;
  return { target, case: at, kind: 'hang', message, about: '' };
}

interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** By all threads together: a thread alone cannot be asked from outside. */
function spent(): Spent {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

/** By the processor's time, since a busy machine may leave a case waiting; what sleeps for ever takes none. */
function isOver(since: Spent, limitMs: number): boolean {
  const now = spent();
  const wallMs = now.wallMs - since.wallMs;
  if (wallMs > SLEEPS * limitMs) return true;
  return wallMs > limitMs && now.cpuMs - since.cpuMs > limitMs;
}

class Thread {
  readonly #at = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  readonly #limitMs: number;

  constructor({ wasm, worker, seed, limitMs }: FuzzOptions) {
    const workerData = { wasm, seed, at: this.#at.buffer };
    this.#worker = new Worker(worker, { workerData });
    this.#limitMs = limitMs;
  }

  /** The outcome, or the number of the case that hangs. */
  run(piece: Piece): Promise<Outcome | number> {
    const worker = this.#worker;
    const at = this.#at;
    at[0] = NO_CASE;
    return new Promise((resolve, reject) => {
      let last = Atomics.load(at, 1);
      let since = spent();
      const look = setInterval(() => {
        const now = Atomics.load(at, 0);
        const begun = Atomics.load(at, 1);
        if (begun !== last) {
          last = begun;
          since = spent();
        }
        const limit = now === NO_CASE ? PREPARATION_MS : this.#limitMs;
        if (!isOver(since, limit)) return;
        if (now === NO_CASE) end(() => reject(new Error(`${piece.target}: not prepared in time`)));
        else end(() => resolve(now));
      }, LOOKS_MS);
      const onError = (error: Error) => end(() => reject(error));
      const onExit = (code: number) => end(() => reject(new Error(`a thread ended with ${code}`)));
      const onMessage = (outcome: Outcome & { broken?: string }) => {
        const { broken } = outcome;
        end(() => (broken === undefined ? resolve(outcome) : reject(new Error(broken))));
      };
      // Those of Node's own stay: without them it hears nothing more.
      const end = (then: () => void) => {
        clearInterval(look);
        worker.off('error', onError).off('exit', onExit).off('message', onMessage);
        then();
      };
      worker.on('error', onError).on('exit', onExit).on('message', onMessage);
      worker.postMessage(piece);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
