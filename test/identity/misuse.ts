/** What a program does wrong: each is an error with a code, which leaves nothing behind. */
import { BackupEngine, HandleFreedError, RocksDB, SstFileReader } from 'rocksdb-wasm';
import { expect } from 'vitest';
import { PLAIN_OPTIONS, PLAIN_PATH, type Plain } from './plain.js';
import type { Weighted } from './world.js';

export function misuseSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  const { engine } = world;
  const freed = () => world.freed as never;
  const wrong: (() => unknown)[] = [
    () => plain.db.putEntity(world.key(), { a: 7 as never }),
    () => plain.db.batchFrom(new Uint8Array(world.below(30))),
    () => plain.db.get(world.key(), { timestamp: 1n }),
    () => plain.db.get(world.key(), { deadline: 1 }),
    () => plain.db.coalescingIterator([plain.db.defaultColumnFamily, plain.db.defaultColumnFamily]),
    () => plain.db.put('', world.value(), { columnFamily: freed() }),
    () => plain.db.put(world.key(), 7 as never),
    () => plain.db.get('x'.repeat(9 * 1024 * 1024)),
    () => plain.db.iterator({ gt: 'a', gte: 'b' }),
    () => plain.db.iterator({ tailing: true, reverse: true }),
    () => plain.db.iterator({ snapshot: freed() }),
    () => plain.db.deleteRange('b', 'a'),
    () => plain.db.setOptions({ writeBufferSize: -1 } as never),
    () => plain.db.createColumnFamily('default'),
    () => plain.db.dropColumnFamily(plain.db.defaultColumnFamily),
    () => busySnapshot(plain),
    () => useFreed(plain),
    () => RocksDB.openSync(PLAIN_PATH, { engine, ...PLAIN_OPTIONS }),
    () => openMissing(plain),
    world.rarely(10, () => openReadOnly(plain)),
  ];
  // Those of what issues files, logs, resources and holds: seldom, as their right uses are.
  const wrongFiles: (() => unknown)[] = [
    () => plain.db.ingestExternalFile(['/nowhere.sst']),
    () => plain.db.ingestExternalFile([]),
    () => new SstFileReader(engine, '/nowhere.sst'),
    () => BackupEngine.openSync('/backups-7', { engine, schemaVersion: 3 as never }),
    () => plain.db.createColumnFamilyWithImport('imported', freed()),
    () => plain.db.checkpoint(PLAIN_PATH),
    () => plain.db.getUpdatesSince(-1),
    () => plain.db.getUpdatesSince(plain.db.latestSequenceNumber + 1000n),
    () => plain.db.unlockWAL(),
    () => plain.db.continueBackgroundWork(),
    () => plain.db.getProperty(7 as never),
    () => plain.db.compactFiles(['000000.sst'], { outputLevel: 1 }),
    () => plain.db.tryCatchUpWithPrimary(),
  ];
  return [
    ...wrong.map((step) => [1, step] as const),
    ...wrongFiles.map((step) => [1, world.rarely(4, step)] as const),
  ];
}

function busySnapshot({ world, db }: Plain): void {
  const snapshot = db.snapshot();
  const iterator = db.iterator({ snapshot });
  try {
    world.attempt(() => snapshot.free());
    expect(snapshot.freed).toBe(false);
  } finally {
    iterator.free();
    snapshot.free();
  }
}

function useFreed({ world, db }: Plain): void {
  const iterator = db.iterator();
  iterator.free();
  expect(() => iterator.next()).toThrow(HandleFreedError);
  world.freed?.free();
}

function openMissing({ world }: Plain): void {
  const { engine } = world;
  if (world.once(2)) RocksDB.openSync('/nowhere', { engine });
  else RocksDB.openSync('/wrong', { engine, createIfMissing: true, comparator: 'none' } as never);
}

function openReadOnly({ world }: Plain): void {
  const db = RocksDB.openSync(PLAIN_PATH, { engine: world.engine, readOnly: true });
  try {
    db.put('a', 'b');
  } finally {
    db.close();
  }
}
