/** Workloads that do what the sweep is to find, each in its own way, once a call has failed. For the sweep's own test. */
import { Cache } from 'rocksdb-wasm';
import type { Drill, Workload } from './drill.js';

const PATH = '/db';

/** `harm` is done after the first step that fails. */
function broken(name: string, harm: (drill: Drill) => unknown): Workload {
  return {
    name: `broken-${name}`,
    run: async (drill) => {
      await drill.withDb(PATH, {}, (db) => drill.put(db, 'k', 'v'));
      if (drill.errors.length > 0) await harm(drill);
    },
  };
}

export const brokenWorkloads: readonly Workload[] = [
  broken('hang', () => {
    for (;;);
  }),
  broken('leak', ({ engine }) => new Cache(engine, { capacity: 1 << 20 })),
  broken('loss', (drill) => drill.model(PATH).acknowledge([['never', 'written']])),
  broken('invention', (drill) => {
    drill.model(PATH).acknowledge([['k', 'another']]);
  }),
  broken('untyped', (drill) =>
    drill.step('something', () => {
      throw new TypeError('not of the package');
    }),
  ),
  broken('trap', (drill) => {
    const { native } = drill.engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
    native.heap.HEAPU8.fill(0xff, 1024);
    return drill.withDb(PATH, {}, (db) => drill.put(db, 'k', 'v'));
  }),
];
