/** The engines of this process, for tests that look for leaks wherever they are. */
import type { HeapMonitor } from './heap-monitor.js';
import type { Ledger, TrackingLevel } from './ledger.js';

/**
 * What happens with handles that the garbage collector finds forgotten. `report`: they are told of. `free`:
 * also freed, at the next quiescent point.
 */
export type FinalizerMode = 'off' | 'report' | 'free';

export const FINALIZER_MODES = ['off', 'report', 'free'] as const;

/** An engine that was made and not freed. */
export interface EngineView {
  readonly ledger: Ledger;
  /** Undefined when the engine is lost: nobody holds it, and it was not freed. */
  readonly heap: HeapMonitor | undefined;
}

export interface EngineDefaults {
  readonly tracking: TrackingLevel;
  readonly finalizer: FinalizerMode;
}

class Entry implements EngineView {
  readonly ledger: Ledger;
  /** Weak: the monitor leads to linear memory. */
  readonly #heap: WeakRef<HeapMonitor>;

  constructor(ledger: Ledger, heap: HeapMonitor) {
    this.ledger = ledger;
    this.#heap = new WeakRef(heap);
  }

  get heap(): HeapMonitor | undefined {
    return this.#heap.deref();
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
export function registerEngine(ledger: Ledger, heap: HeapMonitor): void {
  entries.set(ledger, new Entry(ledger, heap));
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
