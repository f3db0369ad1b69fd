/** A watch for growth: what a program holds of the growth detector. */
import type { MonitorEvents } from '../events.js';
import type { HandleKind, Ledger } from '../ledger.js';
import { type Metric, metric } from '../metrics.js';
import type { Sampler } from '../sampler.js';
import { GrowthDetector } from './detector.js';
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

  /** What each criterion says of each kind that has idle handles; plain data, and a copy. */
  report(): GrowthReport {
    return makeGrowthReport(this.#detector);
  }

  /** Looks no longer. `suspects` and `report()` stay as they are. Does nothing the second time. */
  stop(): void {
    this.#stop();
  }
}

/** `rocksdb_wasm_leak_suspects`: of kinds that are, or have been, suspected of none 0. Empty without a watch. */
export function growthMetrics(watches: ReadonlySet<GrowthWatch>): Metric[] {
  if (watches.size === 0) return [];
  const keys = new Map<HandleKind, Set<string>>();
  for (const { suspects } of watches) {
    for (const { kind, sort, site, handles } of suspects) {
      const known = keys.get(kind) ?? new Set();
      keys.set(kind, known.add(`${sort} ${site ?? handles[0]}`));
    }
  }
  const samples = [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { size }]) => ({ labels: { kind }, value: size }));
  const help = 'Places and handles that the growth detector suspects, by kind.';
  return [metric('leak_suspects', 'gauge', help, samples)];
}
