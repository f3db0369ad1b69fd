/** Pools of iterators, bulk writers and a database that is shared: each lasts for one step. */
import { RocksDB } from 'rocksdb-wasm';
import type { Plain } from './plain.js';
import type { Weighted } from './world.js';

export function poolSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  return [
    [1, world.rarely(4, () => lending(plain))],
    [1, world.rarely(6, () => bulkWriting(plain))],
    [1, world.rarely(20, () => sharing(plain))],
  ];
}

/** Some leases are given back, the others go with the pool. */
function lending({ db, world }: Plain): void {
  const pool = db.iteratorPool({ max: 3, idleTimeoutMs: 10 });
  try {
    for (let count = world.below(6); count > 0; count--) {
      const lease = world.perhapsFaulty(() => pool.acquire());
      lease.seek(world.key());
      lease.next();
      if (world.once(2)) lease.free();
      if (world.once(4)) db.put(world.key(), world.value());
    }
    if (world.once(2)) pool.trim();
  } finally {
    pool.free();
  }
}

async function bulkWriting({ db, world }: Plain): Promise<void> {
  const writer = db.bulkWriter({ maxBatchBytes: 4096 });
  const write = async () => {
    for (let count = world.below(60); count > 0; count--) {
      await writer.put(world.key(), world.once(40) ? (7 as never) : world.value());
    }
    await writer.close();
  };
  try {
    await world.perhapsFaulty(write);
  } finally {
    writer.free();
  }
}

async function sharing({ world }: Plain): Promise<void> {
  const { engine } = world;
  const options = { engine, createIfMissing: true, keyEncoding: 'utf8' } as const;
  const first = await world.perhapsFaulty(() => RocksDB.shared('/shared', options));
  try {
    first.db.put(world.key(), 'value');
    const second = await RocksDB.shared('/shared', options);
    try {
      second.db.flush();
      second.db.close();
    } finally {
      second.release();
    }
  } finally {
    first.release();
  }
}
