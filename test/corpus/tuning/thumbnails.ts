/** Thumbnails behind a block cache that fills up. Answers are under way to slow clients for a while. */
import { Cache, type PinnedSlice } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PICTURES = 500;
const BYTES = 900;
const UNDER_WAY_MAX = 24;

interface Thumbnails {
  readonly db: Database;
  readonly cache: Cache;
  readonly underWay: PinnedSlice[];
  sent: number;
}

function send(state: Thumbnails): void {
  const slice = state.underWay.shift();
  if (slice === undefined) return;
  state.sent += slice.copy().byteLength;
  slice.free();
}

function request(state: Thumbnails, { random }: World): void {
  const slice = state.db.getPinned(`picture/${random.skewed(PICTURES + 20)}`);
  if (slice !== undefined) state.underWay.push(slice);
  while (state.underWay.length > UNDER_WAY_MAX) send(state);
}

export default program({
  everyMs: 6,

  setup(world): Thumbnails {
    const cache = new Cache(world.engine, { capacity: 256 * 1024 });
    const db = world.open('thumbnails', { blockBasedTable: { blockCache: cache } });
    for (let i = 0; i < PICTURES; i++) db.put(`picture/${i}`, String(i).padEnd(BYTES, '.'));
    db.flush();
    return { db, cache, underWay: [], sent: 0 };
  },

  operation(state, world) {
    const { random } = world;
    for (let i = 0; i < 5; i++) request(state, world);
    if (world.chance('new', 1 / 10)) {
      const picture = `picture/${random.below(PICTURES)}`;
      state.db.put(picture, 'new'.padEnd(BYTES, '.'));
    }
  },

  settle(state) {
    while (state.underWay.length > 0) send(state);
  },

  teardown({ db, cache }) {
    db.close();
    cache.free();
  },
});
