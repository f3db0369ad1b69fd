/** Samples as a report has them. */
import type { HeapSample } from '../sampler.js';

/** A sample as plain data. */
export interface HistoryPoint {
  readonly operations: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  readonly inUseBytes: number;
  readonly highWaterBytes: number;
  readonly linearMemoryBytes: number;
  /** Live handles by kind. */
  readonly live: Readonly<Record<string, number>>;
}

/** A plot is no better for more. */
const POINTS_MAX = 400;

/** At most POINTS_MAX of the samples, the first and the last among them, evenly chosen. */
export function historyOf(samples: readonly HeapSample[]): HistoryPoint[] {
  const last = samples.length - 1;
  if (last < POINTS_MAX) return samples.map(pointOf);
  return Array.from({ length: POINTS_MAX }, (_, index) => {
    return pointOf(samples[Math.round((index * last) / (POINTS_MAX - 1))] as HeapSample);
  });
}

function pointOf({ kinds, ...sample }: HeapSample): HistoryPoint {
  const { operations, time, inUseBytes, highWaterBytes, linearMemoryBytes } = sample;
  const live = [...kinds].map(([kind, { created, freed }]) => [kind, created - freed]);
  const bytes = { inUseBytes, highWaterBytes, linearMemoryBytes };
  return { operations, time, ...bytes, live: Object.fromEntries(live) };
}
