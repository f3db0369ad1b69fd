/** When RocksDB's background work (flush, compaction, purge, timers) runs. */
import { CallbackError } from '../errors.js';
import type { Ledger } from '../monitor/ledger.js';
import type { EventQueue } from './event-queue.js';
import type { Native } from './module.js';
import { warn } from './warning.js';

/**
 * When background work (flush, compaction, purge, timers) runs.
 * - `inline`: before the call that made it returns.
 * - `idle`: in the host's idle turns, and inline only when RocksDB would stall the writer.
 * - `manual`: in `engine.pump()`, and inline only when RocksDB would stall the writer.
 */
export type Background = 'inline' | 'idle' | 'manual';

export const ALL_JOBS = 0xffffffff;
const MAX_TIMER_MS = 60_000;

/** @internal */
export class BackgroundWork {
  readonly mode: Background;
  readonly #native: Native;
  readonly #ledger: Ledger;
  readonly #events: EventQueue;
  readonly #jobsPerCall: number;
  #idleScheduled = false;
  #dueTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    native: Native,
    ledger: Ledger,
    events: EventQueue,
    mode: Background,
    jobsPerCall: number,
  ) {
    this.#native = native;
    this.#ledger = ledger;
    this.#events = events;
    this.mode = mode;
    this.#jobsPerCall = jobsPerCall;
  }

  /** Pieces that could run now (the clock's aside). */
  get pending(): number {
    const { heap, info } = this.#native;
    return heap.getWord(info.pending);
  }

  /** Runs some now, or sees to it that an idle turn does, as the mode says. */
  run(): void {
    if (this.mode === 'inline') this.#native.calls.rdb_engine_pump(this.#jobsPerCall);
    else if (this.mode === 'idle') this.#runWhenIdle();
  }

  /** Keeps a callback's error for the next call; any other error is thrown. */
  keep(error: unknown): void {
    if (!(error instanceof CallbackError)) throw error;
    this.#events.fail(error);
  }

  /** No timer fires any more. */
  stop(): void {
    clearTimeout(this.#dueTimer);
    const untold = this.#events.takeFailure();
    if (untold !== undefined) warn(`no call came after ${untold.message}`);
  }

  /** What waits for the clock, in idle mode; it does not keep the process alive. */
  #runWhenDue(): void {
    const due = this.#native.calls.rdb_engine_next_due_micros() / 1000;
    if (!Number.isFinite(due) || this.#dueTimer !== undefined) return;
    const wait = Math.min(Math.max(due - this.#ledger.clock(), 1), MAX_TIMER_MS);
    this.#dueTimer = setTimeout(() => {
      this.#dueTimer = undefined;
      this.#runWhenIdle();
    }, wait);
    (this.#dueTimer as { unref?: () => void }).unref?.();
  }

  #runWhenIdle(): void {
    if (this.#idleScheduled) return;
    this.#idleScheduled = true;
    const turn = () => {
      this.#idleScheduled = false;
      if (this.#native.stopped) return;
      try {
        // One job a turn, so that the host's own work comes between.
        if (this.#native.calls.rdb_engine_pump(1) > 0) this.#runWhenIdle();
        else this.#runWhenDue();
      } catch (error) {
        // A crash, or a callback that threw, is told by the next call, not by ending the process.
        if (this.#native.crashed) return;
        this.keep(error);
        this.#runWhenIdle();
      }
      this.#events.deliver();
    };
    if (typeof setImmediate === 'function') setImmediate(turn);
    else setTimeout(turn, 0);
  }
}
