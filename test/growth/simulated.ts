/** A ledger with a workload that is simulated: seconds for what takes an engine minutes. */
import { GrowthDetector } from '../../src/monitor/growth/detector.js';
import { type GrowthOptions, growthSettings } from '../../src/monitor/growth/options.js';
import type { GrowthSuspect } from '../../src/monitor/growth/suspect.js';
import { type HandleKind, Ledger, type LedgerRecord } from '../../src/monitor/ledger.js';
import type { HeapSample } from '../../src/monitor/sampler.js';
import { Numbers } from '../corpus/numbers.js';

/** Operations between two samples. */
const SAMPLE = 1_000;

export class Simulation {
  readonly ledger: Ledger;
  readonly detector: GrowthDetector;
  readonly random: Numbers;
  readonly alarms: GrowthSuspect[] = [];
  /** Milliseconds that an operation takes. */
  msPerOperation = 0.5;
  #now = 0;
  /** What is to be done at an operation. */
  readonly #agenda = new Map<number, (() => void)[]>();

  constructor(seed = 1, options: GrowthOptions = {}) {
    this.ledger = new Ledger(() => this.#now);
    this.random = new Numbers(seed);
    this.detector = new GrowthDetector(this.ledger, growthSettings(options), (suspect) =>
      this.alarms.push(suspect),
    );
    // It has drawn already; then the site is given as the origin.
    this.ledger.chooseSites(() => false);
  }

  /** A handle made at a place. */
  make(kind: HandleKind, place: string, owner?: LedgerRecord): LedgerRecord {
    const wanted = this.detector.budget.take(kind);
    this.ledger.origin = wanted ? `at ${place} (file:///${place}.ts:1:1)` : undefined;
    const record = this.ledger.add(kind, owner);
    this.ledger.origin = undefined;
    return record;
  }

  free(record: LedgerRecord): void {
    this.ledger.remove(record, 'freed');
  }

  /** Does something so many operations later. */
  later(operations: number, what: () => void): void {
    const at = this.ledger.operations + Math.max(1, Math.round(operations));
    const list = this.#agenda.get(at);
    if (list === undefined) this.#agenda.set(at, [what]);
    else list.push(what);
  }

  /** Runs operations; `each` is called at every one. */
  run(operations: number, each: (operation: number) => void): void {
    for (let i = 0; i < operations; i++) {
      const at = ++this.ledger.operations;
      this.#now += this.msPerOperation;
      for (const what of this.#agenda.get(at) ?? []) what();
      this.#agenda.delete(at);
      each(at);
      if (at % SAMPLE === 0) this.detector.observe(this.#sample());
    }
  }

  #sample(): HeapSample {
    const { operations } = this.ledger;
    return {
      operations,
      time: this.#now,
      inUseBytes: 0,
      highWaterBytes: 0,
      linearMemoryBytes: 0,
      kinds: new Map(),
    };
  }
}
