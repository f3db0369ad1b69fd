/** Those who wait for something of a pool to come back. */
import { callerSite } from './monitor/sites.js';
import type { Alarm } from './native/alarms.js';
import type { EngineContext } from './native/engine-context.js';

/** @internal One that waits; settled once. */
export interface Waiter<T, O> {
  readonly options: O;
  /** Where the wait was asked for. */
  readonly site: string;
  resolve(given: T): void;
  reject(error: unknown): void;
}

/** @internal In the order in which they came. It ends their waits by time, signal and crash. */
export class PoolWaiters<T, O extends { signal?: AbortSignal | undefined }> {
  readonly #context: EngineContext;
  readonly #waiting = new Set<Waiter<T, O>>();
  readonly #crashed = () => {
    const { native } = this.#context;
    if (native.crashed) this.rejectAll(() => native.refusal());
  };

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Waits `timeoutMs` at most; `late` makes the error that it ends with then. */
  wait(options: O, timeoutMs: number, late: () => Error): Promise<T> {
    const site = callerSite();
    const { alarms, watchers } = this.#context;
    const { signal } = options;
    return new Promise((resolve, reject) => {
      let alarm: Alarm | undefined;
      const settle = () => {
        alarm?.clear();
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(waiter);
        if (this.#waiting.size === 0) watchers.delete(this.#crashed);
      };
      const waiter: Waiter<T, O> = {
        options,
        site,
        resolve: (given) => {
          settle();
          resolve(given);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const abort = () => waiter.reject(signal?.reason);
      alarm = alarms.make(() => waiter.reject(late()));
      alarm.set(alarms.now() + timeoutMs, true);
      signal?.addEventListener('abort', abort);
      this.#waiting.add(waiter);
      watchers.add(this.#crashed);
    });
  }

  /** Who waits longest. */
  first(): Waiter<T, O> | undefined {
    return this.#waiting.values().next().value;
  }

  rejectAll(error: () => unknown): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error());
  }
}
