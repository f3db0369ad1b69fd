import { Cache, type Engine, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine } from './support/open.js';

const ROUNDS = 100;

/** Opens, uses all that there is, and closes; what round it is makes no difference. */
async function useHard(engine: Engine): Promise<void> {
  const blockCache = new Cache(engine, { capacity: 256 * 1024 });
  const db = await RocksDB.open('/db', {
    engine,
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    writeBufferSize: 64 * 1024,
    compression: 'lz4',
    mergeOperator: 'stringappend',
    enableBlobFiles: true,
    minBlobSize: 1000n,
    maxOpenFiles: 10,
    blockBasedTable: { blockCache, filterPolicy: 'bloomfilter:10' },
    onUnreleased() {},
  });
  const family = db.createColumnFamily('family', { writeBufferSize: 64 * 1024 });
  for (let i = 0; i < 1500; i++) {
    db.put(`key${(i * 7919) % 700}`, 'v'.repeat(i % 300));
    if (i % 3 === 0) db.put(`key${i}`, `value${i}`, { columnFamily: family });
    if (i % 10 === 0) db.merge(`merged${i % 50}`, 'operand');
    if (i % 300 === 0) db.put(`large${i}`, 'x'.repeat(100_000));
  }
  const batch = db.batch();
  for (let i = 0; i < 200; i++) batch.put(`batch${i}`, 'v'.repeat(50));
  db.write(batch, { sync: true });
  const snapshot = db.snapshot();
  db.deleteRange('key1', 'key3');
  const iterator = db.iterator({ snapshot });
  for (const [key] of iterator) db.get(key);
  db.flush();
  db.compactRange();
  const reverse = db.iterator({ reverse: true, columnFamily: family as never });
  reverse.nextMany(50);
  await errorOf(() => db.setOptions({ nonsense: 1 } as never));
  await errorOf(() => snapshot.free());
  await errorOf(() => RocksDB.open('/db', { engine }));
  // Half of what is open is left to close().
  batch.free();
  db.dropColumnFamily(family);
  expect(db.close()).toHaveLength(3);
  blockCache.free();
  await RocksDB.destroy('/db', { engine });
}

it(`a shared engine returns to its baseline to the byte, ${ROUNDS} times in a row`, async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  await useHard(engine);
  await useHard(engine);
  engine.pump();
  const { heap } = engine;
  const baseline = { owners: heap.owners(), walk: heap.walk().inUseBytes };
  for (let round = 0; round < ROUNDS; round++) {
    await useHard(engine);
    engine.pump();
    expect({ owners: heap.owners(), walk: heap.walk().inUseBytes }).toEqual(baseline);
  }
  expect(heap.verify().problems).toEqual([]);
  ledgerIsClean(engine);
}, 300_000);
