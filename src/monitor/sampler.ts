/** Looks at the engine once per so many operations, and once a second while there are none. */
import { shown } from '../shown.js';
import { TIMER_MS_MAX } from './checks.js';
import type { HeapBytes } from './heap-bytes.js';
import type { HandleKind, KindTotals, Ledger } from './ledger.js';

/** The engine at one moment. */
export interface HeapSample {
  readonly operations: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  readonly inUseBytes: number;
  readonly highWaterBytes: number;
  readonly linearMemoryBytes: number;
  /** Handles created and freed so far; of the kinds that there have been. */
  readonly kinds: ReadonlyMap<HandleKind, Readonly<KindTotals>>;
}

export interface SampleOptions {
  /** Operations between two samples. Default: 1,000. */
  everyOperations?: number;
  /** Milliseconds between two samples when fewer operations come. Default: 1,000. */
  everyMs?: number;
}

export type SampleObserver = (sample: HeapSample) => void;

const DEFAULTS = { everyOperations: 1000, everyMs: 1000 };
/** The newest samples are kept as they are; of older ones every second goes when there are too many. */
const RECENT = 512;
const OLDER = 1024;
/** Operations between two looks at the clock; a power of two. */
const CLOCK_INTERVAL = 16;

/** Of one engine. It looks while somebody observes. */
export class Sampler {
  readonly #ledger: Ledger;
  readonly #bytes: HeapBytes;
  /** Whether the host's timers go with the engine's clock. */
  readonly #timers: boolean;
  readonly #observers = new Set<SampleObserver>();
  #settings = { ...DEFAULTS };
  #older: HeapSample[] = [];
  /** Of the samples that leave `#recent`, one in so many is kept. */
  #stride = 1;
  #left = 0;
  #recent: HeapSample[] = [];
  #dueOperation = Number.POSITIVE_INFINITY;
  #dueTime = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ledger: Ledger, bytes: HeapBytes, timers: boolean) {
    this.#ledger = ledger;
    this.#bytes = bytes;
    this.#timers = timers;
  }

  get settings(): Readonly<Required<SampleOptions>> {
    return this.#settings;
  }

  /** Holds from the next sample on. Throws RangeError. */
  configure(options: SampleOptions): void {
    const next = { ...this.#settings };
    for (const name of ['everyOperations', 'everyMs'] as const) {
      const value = options[name];
      if (value === undefined) continue;
      if (!Number.isSafeInteger(value) || value < 1) {
        throw new RangeError(`${name}: expected an integer from 1, got ${shown(value)}`);
      }
      next[name] = value;
    }
    this.#settings = next;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#observers.size > 0) this.#schedule();
  }

  /** Calls `observer` with each sample from now on; returns the function that ends it. */
  observe(observer: SampleObserver): () => void {
    const own: SampleObserver = (sample) => observer(sample);
    this.#observers.add(own);
    if (this.#observers.size === 1) this.#start();
    return () => {
      if (this.#observers.delete(own) && this.#observers.size === 0) this.#stop();
    };
  }

  /** Takes a sample when one is due. At the beginning of each operation, and when nothing comes. */
  tick(): void {
    const { operations } = this.#ledger;
    if (operations < this.#dueOperation) {
      if ((operations & (CLOCK_INTERVAL - 1)) !== 0 || this.#ledger.now() < this.#dueTime) return;
    }
    this.sample();
  }

  /** Takes one when its time has come, whatever the number of the operation. */
  poll(): void {
    const { operations } = this.#ledger;
    if (operations >= this.#dueOperation || this.#ledger.now() >= this.#dueTime) this.sample();
  }

  /** Takes one now. */
  sample(): HeapSample {
    const sample = this.#read();
    this.#keep(sample);
    if (this.#observers.size > 0) this.#schedule();
    for (const observer of [...this.#observers]) observer(sample);
    return sample;
  }

  /** The samples that were kept, oldest first: the newest 512, and of those before ever fewer. */
  history(): readonly HeapSample[] {
    return [...this.#older, ...this.#recent];
  }

  /** Nothing goes on: the engine is gone. */
  end(): void {
    this.#observers.clear();
    this.#stop();
  }

  #start(): void {
    // Weak: an engine that nobody holds any more leaves its ledger behind, and nothing else.
    const held = new WeakRef(this);
    this.#ledger.onOperation('samples', () => held.deref()?.tick());
    this.#schedule();
  }

  #stop(): void {
    this.#ledger.onOperation('samples', undefined);
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#dueOperation = this.#dueTime = Number.POSITIVE_INFINITY;
  }

  #schedule(): void {
    const { everyOperations, everyMs } = this.#settings;
    this.#dueOperation = this.#ledger.operations + everyOperations;
    this.#dueTime = this.#ledger.now() + everyMs;
    if (this.#timers && this.#timer === undefined) this.#timer = pollEvery(everyMs, this);
  }

  #read(): HeapSample {
    const { operations } = this.#ledger;
    const bytes = this.#bytes;
    return {
      operations,
      time: this.#ledger.now(),
      inUseBytes: bytes.inUseBytes,
      highWaterBytes: bytes.highWaterBytes,
      linearMemoryBytes: bytes.linearMemoryBytes,
      kinds: this.#ledger.totals(),
    };
  }

  #keep(sample: HeapSample): void {
    this.#recent.push(sample);
    if (this.#recent.length <= RECENT) return;
    const leaving = this.#recent.shift() as HeapSample;
    if (this.#left++ % this.#stride !== 0) return;
    this.#older.push(leaving);
    if (this.#older.length < OLDER) return;
    this.#older = this.#older.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }
}

/** It keeps neither the process nor the engine alive. */
function pollEvery(ms: number, sampler: Sampler): ReturnType<typeof setInterval> {
  const held = new WeakRef(sampler);
  const timer = setInterval(
    () => {
      const present = held.deref();
      if (present === undefined) clearInterval(timer);
      else present.poll();
    },
    Math.min(ms, TIMER_MS_MAX),
  );
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
