/**
 * What the engine has told listeners while it was at work, until they may be called: after the call, when
 * they can use the database themselves.
 */
import { CallbackError, define } from '../errors.js';

/** More than a call makes in practice; what is beyond is counted, and told as lost. */
export const MAX_PENDING_EVENTS = 16_384;

/** One event, on its way to whoever listens. */
export interface Delivery {
  /** Calls the listeners; each in its turn, and `guard` keeps what one throws from the others. */
  deliver(guard: (call: () => unknown) => void): void;
  /** So many of the listeners' events, after those that were delivered, were too many to keep. */
  lost(count: number, guard: (call: () => unknown) => void): void;
}

/** @internal Those of one engine, in order. */
export class EventQueue {
  #pending: Delivery[] = [];
  #lost = 0;
  #failure: CallbackError | undefined;
  #delivering = false;
  #suspended = 0;
  #turn = false;

  /** Whether settle() has anything to do. */
  get waiting(): boolean {
    return this.#pending.length > 0 || this.#failure !== undefined;
  }

  /** Keeps an event. It is delivered at the end of the call, or soon, when the call does not get there. */
  push(event: Delivery): void {
    if (this.#pending.length >= MAX_PENDING_EVENTS) {
      this.#lost++;
      return;
    }
    this.#pending.push(event);
    if (this.#turn) return;
    this.#turn = true;
    queueMicrotask(() => {
      this.#turn = false;
      this.deliver();
    });
  }

  /** Calls a function of the program's at once; what it throws waits for the end of the call. */
  readonly guard = (call: () => unknown): void => {
    try {
      call();
    } catch (error) {
      this.fail(error);
    }
  };

  /** Keeps the first error, for the end of this call or the beginning of the next. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof CallbackError ? error : failureOf(error);
  }

  /** Delivers what is pending, what that causes included. Never throws. Does nothing from within itself. */
  deliver(): void {
    if (this.#delivering || this.#suspended > 0) return;
    this.#delivering = true;
    try {
      while (this.#pending.length > 0) {
        const events = this.#pending;
        const lost = this.#lost;
        this.#pending = [];
        this.#lost = 0;
        for (const event of events) event.deliver(this.guard);
        if (lost > 0) events.at(-1)?.lost(lost, this.guard);
      }
    } finally {
      this.#delivering = false;
    }
  }

  /** Delivers what is pending, and throws the first error that a listener or logger threw. */
  settle(): void {
    if (!this.waiting) return;
    this.deliver();
    this.assertNoFailure();
  }

  /** Throws the first error, once. Not within a listener: that did not cause it. */
  assertNoFailure(): void {
    if (this.#delivering || this.#suspended > 0) return;
    const failure = this.takeFailure();
    if (failure !== undefined) throw failure;
  }

  /** Throws an error that had no call to end with, before the call that it comes to has done anything. */
  tell(): void {
    if (this.#failure === undefined || this.#delivering || this.#suspended > 0) return;
    define(this.#failure, 'applied', false);
    this.assertNoFailure();
  }

  /** The first error, for who tells it otherwise. */
  takeFailure(): CallbackError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Runs `work` without delivering or throwing anything meanwhile: something is half done. */
  suspend<T>(work: () => T): T {
    this.#suspended++;
    try {
      return work();
    } finally {
      this.#suspended--;
    }
  }
}

function failureOf(cause: unknown): CallbackError {
  const what = cause instanceof Error ? cause.message : String(cause);
  const error = new CallbackError('ERR_ROCKSDB_CALLBACK', `a callback threw: ${what}`, { cause });
  define(error, 'background', false);
  // RocksDB knows nothing of it: the call has done what it was to do.
  define(error, 'applied', true);
  return error;
}
