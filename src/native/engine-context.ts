/**
 * What the handles of an engine share: wasm, ledger, background work, and what became of forgotten handles.
 * It leads to no wrapper, so that the garbage collector can find those that nobody holds.
 */
import type { HandleKind, Ledger, LedgerRecord } from '../monitor/ledger.js';
import { type FinalizerMode, isLostKept } from '../monitor/registry.js';
import { Alarms } from './alarms.js';
import { ALL_JOBS, type Background, BackgroundWork } from './background-work.js';
import { EventQueue } from './event-queue.js';
import type { HandleCore } from './handle-core.js';
import { LostHandles, type TellLost } from './lost-handles.js';
import type { Native } from './module.js';

/** Operations between two looks at the clock for timed work. */
const TIMER_INTERVAL = 1024;

export interface ContextOptions {
  readonly background: Background;
  readonly jobsPerCall: number | undefined;
  readonly finalizer: FinalizerMode;
  readonly onFinalized: TellLost | undefined;
  /** Whether the host's timers go with the engine's clock. */
  readonly timers: boolean;
}

/** @internal */
export class EngineContext {
  readonly ledger: Ledger;
  readonly native: Native;
  /** What to do with handles that the garbage collector finds; for those made from now on. */
  finalizer: FinalizerMode;
  readonly background: BackgroundWork;
  /** What listeners are still to be told. */
  readonly events = new EventQueue();
  /** Called when something may have been written: those who wait for the log to grow. */
  readonly watchers = new Set<() => void>();
  /** What is due at times of the engine's clock. */
  readonly alarms: Alarms;
  /** Called when the engine has ended, or crashed. */
  readonly ending: (() => void)[] = [];
  /** Gets each handle that is made, and throws when a policy refuses it; it is released then. */
  admit: ((core: HandleCore) => void) | undefined;
  /** The error for a handle that a policy would refuse. */
  refuses: ((kind: HandleKind, more: number) => Error | undefined) | undefined;
  /** Is told of what nobody freed and was freed all the same. */
  reclaimed: ((record: LedgerRecord, by: 'ttl' | 'finalizer') => void) | undefined;
  readonly #lost: LostHandles;

  constructor(ledger: Ledger, native: Native, options: ContextOptions) {
    this.ledger = ledger;
    this.native = native;
    this.finalizer = options.finalizer;
    const jobs = options.jobsPerCall ?? ALL_JOBS;
    this.background = new BackgroundWork(native, ledger, this.events, options.background, jobs);
    this.alarms = new Alarms(ledger.now, options.timers);
    this.#lost = new LostHandles(options.onFinalized);
  }

  /**
   * After a call that may have made background work or events; no wasm frame is on the stack, and what the
   * call made is in its wrappers' hands. Throws what a listener or logger threw.
   */
  settle(): void {
    if (this.#lost.waiting > 0) this.#lost.free();
    const due = (this.ledger.operations & (TIMER_INTERVAL - 1)) === 0;
    if (due || this.background.pending > 0) this.background.run();
    if (this.watchers.size > 0) for (const watcher of this.watchers) watcher();
    if (this.events.waiting) this.events.settle();
  }

  /** The same at the end of a call whose result must not be lost: a callback's error waits for the next call. */
  settleLater(): void {
    try {
      this.settle();
    } catch (error) {
      this.background.keep(error);
    }
  }

  /**
   * The error of a write that failed. What waits for its time to recover from it (a full disk) runs here
   * too, or nothing would run it while all calls fail.
   */
  failed(status: number): Error {
    const error = this.native.takeError(status);
    this.background.run();
    this.events.deliver();
    return error;
  }

  /** Throws when a policy does not allow so many more handles of the kind: before what cannot be undone. */
  assertRoom(kind: HandleKind, more = 1): void {
    const refusal = this.refuses?.(kind, more);
    if (refusal !== undefined) throw refusal;
  }

  /** The garbage collector found that nobody holds a handle's wrapper any more. */
  finalized(core: HandleCore): void {
    if (core.released) return;
    if (this.finalizer === 'off' && (!core.reclaimed || isLostKept())) return;
    core.record.state = 'finalized';
    // With `report`, as in leak checks, what is lost stays to be seen.
    const free = core.reclaimed ? this.finalizer !== 'report' : this.finalizer === 'free';
    this.#lost.add(core, free);
  }
}
