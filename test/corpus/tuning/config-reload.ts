/** A look-up service whose database is opened anew when the settings change, with the cache that they ask for. */
import { Cache } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ENTRIES = 400;
const SIZES = [256, 512, 1024];

interface Lookup {
  db: Database;
  lookups: number;
  reloads: number;
}

function openWith(world: World, cacheKilobytes: number): Database {
  const blockCache = new Cache(world.engine, { capacity: cacheKilobytes * 1024 });
  return world.open('lookup', { blockBasedTable: { blockCache } });
}

function reload(lookup: Lookup, world: World): void {
  lookup.db.flush();
  lookup.db.close();
  lookup.db = openWith(world, SIZES[lookup.reloads++ % SIZES.length] ?? 256);
}

export default program({
  everyMs: 15,

  setup(world): Lookup {
    const db = openWith(world, 256);
    for (let i = 0; i < ENTRIES; i++) db.put(`entry/${i}`, `value ${i}`.repeat(4));
    return { db, lookups: 0, reloads: 0 };
  },

  operation(lookup, world) {
    const { random } = world;
    for (let i = 0; i < 12; i++) {
      if (lookup.db.get(`entry/${random.skewed(ENTRIES)}`) !== undefined) lookup.lookups++;
    }
    lookup.db.put(`entry/${random.below(ENTRIES)}`, `value ${lookup.lookups}`);
    if (world.chance('new settings', 1 / 200)) reload(lookup, world);
  },

  teardown({ db }) {
    db.close();
  },
});
