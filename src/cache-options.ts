import type { Engine } from './engine.js';
import { CacheOptionsLayout } from './native/exports.gen.js';

type Field = Exclude<keyof typeof CacheOptionsLayout, 'byteLength'>;

const DOUBLES: readonly Field[] = [
  'capacity',
  'highPriorityPoolRatio',
  'lowPriorityPoolRatio',
  'estimatedEntryCharge',
  'minAverageEntryCharge',
  'compressedRatio',
];

/** Writes rdb_cache_options into staging; what is not given is 0. */
export function stageCacheOptions(
  { staging, native: { heap } }: Engine,
  fields: Readonly<Partial<Record<Field, number>>>,
): number {
  const { byteLength, ...layout } = CacheOptionsLayout;
  const at = staging.reserve(byteLength);
  for (const [name, offset] of Object.entries(layout) as [Field, number][]) {
    const value = fields[name] ?? 0;
    if (DOUBLES.includes(name)) heap.setDouble(at + offset, value);
    else heap.setWord(at + offset, value);
  }
  return at;
}
