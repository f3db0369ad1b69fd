/** Logs in a database a period, of which the newest are open; what is too old is closed and deleted. */
import { Cache, RocksDB, Statistics } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const SHARDS_OPEN = 5;
const LINES_PER_OPERATION = 12;
const LINES_PER_SHARD = 6000;
const CACHE_BYTES = 512 * 1024;

interface Shard {
  readonly db: Database;
  readonly statistics: Statistics;
  lines: number;
}

interface Logs {
  readonly cache: Cache;
  readonly shards: Shard[];
  opened: number;
}

function openShard(logs: Logs, world: World): Shard {
  // Names come again: what was there is gone by then.
  const path = world.path(`logs-${logs.opened++ % (2 * SHARDS_OPEN)}`);
  const statistics = new Statistics(world.engine);
  const db = RocksDB.openSync(path, {
    ...world.settings,
    statistics,
    blockBasedTable: { blockCache: logs.cache },
  });
  const shard = { db, statistics, lines: 0 };
  logs.shards.push(shard);
  if (logs.shards.length > SHARDS_OPEN) closeShard(logs.shards.shift());
  return shard;
}

function closeShard(shard: Shard | undefined): void {
  if (shard === undefined) return;
  shard.db.deleteRange('0', ':');
  shard.db.close();
  shard.statistics.free();
}

function tail({ shards }: Logs, { random }: World): string[] {
  const { db } = random.pick(shards);
  const lines = db.iterator({ reverse: true, limit: 6 });
  try {
    return [...lines.values()];
  } finally {
    lines.free();
  }
}

export default program({
  everyMs: 50,

  setup(world): Logs {
    return { cache: new Cache(world.engine, { capacity: CACHE_BYTES }), shards: [], opened: 0 };
  },

  operation(logs, world) {
    const { random } = world;
    let shard = logs.shards.at(-1);
    if (shard === undefined || shard.lines >= LINES_PER_SHARD) shard = openShard(logs, world);
    const { db } = shard;
    const batch = db.batch();
    for (let i = 0; i < LINES_PER_OPERATION; i++) {
      batch.put(
        String(shard.lines++).padStart(8, '0'),
        `level=${random.below(5)} ${random.float()}`,
      );
    }
    db.write(batch);
    batch.free();
    tail(logs, world);
  },

  settle({ shards }) {
    for (const shard of shards.splice(0)) closeShard(shard);
  },

  teardown({ shards, cache }) {
    for (const shard of shards.splice(0)) closeShard(shard);
    cache.free();
  },
});
