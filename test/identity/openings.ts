/** Ways to open a database that last for one step: with a time to live, as a secondary, as a follower. */
import { DBWithTTL, RocksDB } from 'rocksdb-wasm';
import { PLAIN_PATH, type Plain } from './plain.js';
import type { Weighted } from './world.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8', onUnreleased() {} } as const;
const TTL_PATH = '/expiring';

export function openingSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  return [
    [1, world.rarely(20, () => expiring(plain))],
    [1, world.rarely(20, () => secondary(plain))],
    [1, world.rarely(30, () => listing(plain))],
    [1, world.rarely(40, () => destroying(plain))],
  ];
}

async function expiring({ world }: Plain): Promise<void> {
  const { engine } = world;
  const options = { engine, ...TEXT, createIfMissing: true, timeToLive: 60 };
  const db = await world.perhapsFaulty(() => DBWithTTL.open(TTL_PATH, options));
  try {
    for (let i = world.below(40); i > 0; i--) db.put(world.key(), world.value());
    world.clock.advance(BigInt(world.below(100)) * 1_000_000_000n);
    if (world.once(2)) db.setTtl(30);
    world.perhapsFaulty(() => db.flush());
    db.compactRange();
    db.get(world.key());
  } finally {
    db.close();
  }
}

async function secondary(plain: Plain): Promise<void> {
  const { world } = plain;
  const { engine } = world;
  const path = '/second';
  const options = { engine, ...TEXT, mergeOperator: 'stringappend' } as const;
  const db = await world.perhapsFaulty(() => RocksDB.openAsSecondary(PLAIN_PATH, path, options));
  try {
    plain.db.put(world.key(), 'for the secondary');
    if (world.once(3)) plain.db.flush();
    world.perhapsFaulty(() => db.tryCatchUpWithPrimary());
    db.get(world.key());
    // It is for reading.
    db.put(world.key(), 'value');
  } finally {
    db.close();
  }
}

async function listing({ world }: Plain): Promise<void> {
  const { engine } = world;
  await RocksDB.listColumnFamilies(PLAIN_PATH, { engine });
  await RocksDB.loadLatestOptions(PLAIN_PATH, { engine });
  await RocksDB.checkOptionsCompatibility(PLAIN_PATH, { engine, comparator: 'none' as never });
}

async function destroying({ world }: Plain): Promise<void> {
  const { engine } = world;
  await world.perhapsFaulty(() => RocksDB.destroy(TTL_PATH, { engine }));
  // That one is open.
  await RocksDB.destroy(PLAIN_PATH, { engine });
}
