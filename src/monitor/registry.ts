/** The engines of this process, for tests that look for leaks wherever they are. */
import type { HeapMonitor } from './heap-monitor.js';
import type { Ledger, TrackingLevel } from './ledger.js';

/**
 * What happens with handles that the garbage collector finds forgotten. `report`: they are told of. `free`:
 * also freed, at the next quiescent point.
 */
export type FinalizerMode = 'off' | 'report' | 'free';

export const FINALIZER_MODES = ['off', 'report', 'free'] as const;

/** What an engine does for a leak check. */
export interface EngineHost {
  /** Runs the background work that can run now; nothing when the engine cannot be used any more. */
  drain(): void;
}

/** An engine that was made and not freed. */
export interface EngineView {
  readonly ledger: Ledger;
  /** Undefined when the engine is lost: nobody holds it, and it was not freed. */
  readonly heap: HeapMonitor | undefined;
  /** Likewise. */
  readonly host: EngineHost | undefined;
}

export interface EngineDefaults {
  readonly tracking: TrackingLevel;
  readonly finalizer: FinalizerMode;
}

class Entry implements EngineView {
  readonly ledger: Ledger;
  /** Weak: the monitor leads to linear memory. */
  readonly #heap: WeakRef<HeapMonitor>;
  readonly #host: WeakRef<EngineHost>;

  constructor(ledger: Ledger, heap: HeapMonitor, host: EngineHost) {
    this.ledger = ledger;
    this.#heap = new WeakRef(heap);
    this.#host = new WeakRef(host);
  }

  get heap(): HeapMonitor | undefined {
    return this.#heap.deref();
  }

  get host(): EngineHost | undefined {
    return this.#host.deref();
  }
}

const entries = new Map<Ledger, Entry>();
const INITIAL: EngineDefaults = { tracking: 'count', finalizer: 'off' };
/** What is in force beside INITIAL; the last one counts. */
const overrides = new Set<Partial<EngineDefaults>>();

/** Engines that were made and not freed, oldest first. Crashed ones count as freed. */
export function engines(): EngineView[] {
  return [...entries.values()];
}

/** @internal */
export function registerEngine(ledger: Ledger, heap: HeapMonitor, host: EngineHost): void {
  entries.set(ledger, new Entry(ledger, heap, host));
}

/** @internal */
export function unregisterEngine(ledger: Ledger): void {
  entries.delete(ledger);
}

/** What engines are made with that do not say otherwise. */
export function engineDefaults(): EngineDefaults {
  return Object.assign({ ...INITIAL }, ...overrides);
}

/**
 * Changes the defaults for engines made from now on; returns a function that takes the change back, in
 * whatever order several are.
 */
export function setDefaults(changes: Partial<EngineDefaults>): () => void {
  const override = { ...changes };
  overrides.add(override);
  return () => {
    overrides.delete(override);
  };
}

let leakChecks = 0;

/** A leak check begins: what pools have lent and lost is not given back until the returned function is called. */
export function keepLost(): () => void {
  leakChecks++;
  return () => {
    leakChecks--;
  };
}

/** @internal */
export const isLostKept = (): boolean => leakChecks > 0;
