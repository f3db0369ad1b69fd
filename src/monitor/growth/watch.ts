/** A watch for growth: what a program holds of the growth detector. */
import type { MonitorEvents } from '../events.js';
import type { HandleKind, Ledger } from '../ledger.js';
import { type Metric, metric } from '../metrics.js';
import type { Sampler } from '../sampler.js';
import { GrowthDetector } from './detector.js';
import type { HeldHandle } from './held.js';
import { type GrowthOptions, growthSettings } from './options.js';
import { type GrowthReport, makeGrowthReport } from './report.js';
import type { GrowthSuspect } from './suspect.js';

/** What a watch looks at, and whom it tells. */
export interface GrowthHost {
  readonly ledger: Ledger;
  readonly events: MonitorEvents;
  readonly sampler: Sampler;
  /** Those of the engine. */
  readonly watches: Set<GrowthWatch>;
}

/** Made by `heap.watchGrowth()`. */
export class GrowthWatch {
  readonly #detector: GrowthDetector;
  readonly #stop: () => void;

  /** @internal Throws RangeError. */
  constructor(host: GrowthHost, options: GrowthOptions) {
    const { ledger, events, sampler, watches } = host;
    const tell = (suspect: GrowthSuspect) => events.emit('growth', suspect);
    this.#detector = new GrowthDetector(ledger, growthSettings(options), tell);
    const ends = [
      sampler.observe(this.#detector.observe),
      ledger.chooseSites(this.#detector.budget.take),
      () => watches.delete(this),
    ];
    watches.add(this);
    this.#stop = () => {
      for (const end of ends) end();
    };
  }

  /** Who is suspected now; a suspect goes when half of its handles are freed or used again. */
  get suspects(): readonly GrowthSuspect[] {
    return this.#detector.suspects;
  }

  /**
   * Iterators, snapshots and the like that were not used for far longer than any other of their kind has lived: what grows
   * there is what they keep alive (`heap.pins()`).
   */
  get held(): readonly HeldHandle[] {
    return this.#detector.held;
  }

  /** What each criterion says of each kind that has idle handles; plain data, and a copy. */
  report(): GrowthReport {
    return makeGrowthReport(this.#detector);
  }

  /** Looks no longer. `suspects` and `report()` stay as they are. Does nothing the second time. */
  stop(): void {
    this.#stop();
  }
}

/** Of kinds that have none there is no figure. Empty without a watch. */
export function growthMetrics(watches: ReadonlySet<GrowthWatch>): Metric[] {
  if (watches.size === 0) return [];
  const suspects = new Map<HandleKind, Set<unknown>>();
  const held = new Map<HandleKind, Set<unknown>>();
  for (const watch of watches) {
    for (const { kind, site } of watch.suspects) count(suspects, kind, site);
    for (const { kind, id } of watch.held) count(held, kind, id);
  }
  const places = 'Places that the growth detector suspects, by kind.';
  const handles = 'Handles that are held for very long without being used, by kind.';
  return [
    metric('leak_suspects', 'gauge', places, samplesOf(suspects)),
    metric('held_handles', 'gauge', handles, samplesOf(held)),
  ];
}

function count(counts: Map<HandleKind, Set<unknown>>, kind: HandleKind, what: unknown): void {
  const known = counts.get(kind) ?? new Set();
  counts.set(kind, known.add(what));
}

const samplesOf = (counts: ReadonlyMap<HandleKind, ReadonlySet<unknown>>) =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { size }]) => ({ labels: { kind }, value: size }));
