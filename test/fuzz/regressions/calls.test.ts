// runtime: node
/** What fuzzing found in calls and options: the smallest ones that did it. */
import process from 'node:process';
import {
  MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  Statistics,
  TransactionDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine } from '../../support/open.js';

/** RocksDB asserts what these ask for: with assertions it stops there. */
const unasserted = it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug');

const inMemory = async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  return {
    engine,
    db: RocksDB.openSync('/db', { engine, createIfMissing: true, valueEncoding: 'utf8' }),
  };
};

it("the handle of the default column family is the database's: who frees it takes nothing away", async () => {
  const { engine, db } = await inMemory();
  {
    using family = db.defaultColumnFamily;
    db.put('key', 'value', { columnFamily: family });
  }
  expect(db.get('key')).toBe('value');
  expect(db.get('key', { columnFamily: db.defaultColumnFamily })).toBe('value');
  expect(db.stats().columnFamilies.default).toBeDefined();
  db.close();
  ledgerIsClean(engine);
});

describe('options that RocksDB takes, and then divides by or cannot work with', () => {
  const REFUSED = {
    tableCacheNumshardbits: 20,
    numLevels: 84_830,
    sampleForCompression: 2 ** 32,
    cuckooTable: { hashTableRatio: 1e308 },
  };
  const OF_TABLES: OpenOptions[] = [
    { cuckooTable: { cuckooBlockSize: 2 ** 31 - 1 } },
    { cuckooTable: { cuckooBlockSize: 0 } },
    { plainTable: { hashTableRatio: 1e-6 }, prefixExtractor: 'fixed:3' },
    { plainTable: { hashTableRatio: -1 }, prefixExtractor: 'fixed:3' },
  ];
  for (const table of OF_TABLES) {
    it(`${JSON.stringify(table)}: is refused`, async () => {
      const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
      const options = { engine, createIfMissing: true, ...table };
      const error = await errorOf(() => RocksDB.openSync('/db', options));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      ledgerIsClean(engine);
    });
  }

  for (const [name, value] of Object.entries(REFUSED)) {
    it(`${name}: is refused`, async () => {
      const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
      const options = { engine, createIfMissing: true, [name]: value };
      const error = await errorOf(() => RocksDB.openSync('/db', options));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(engine.crashed).toBe(false);
      ledgerIsClean(engine);
    });
  }

  it('also while the database is open', async () => {
    const { db } = await inMemory();
    const error = await errorOf(() => db.setOptions({ sampleForCompression: 2 ** 32 }));
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    db.setOptions({ sampleForCompression: 5 });
    db.close();
  });
});

unasserted(
  'a write that is stopped for good is refused, and goes on once it may (RocksDB asserts it)',
  async () => {
    const { engine, db } = await inMemory();
    db.setOptions({ level0StopWritesTrigger: 1, level0SlowdownWritesTrigger: 1 });
    db.put('key', 'value');
    db.flush();
    for (let n = 0; n < 2; n++) {
      const error = await errorOf(() => db.put('key', 'later'));
      expect(error.code).toBe('ERR_ROCKSDB_INCOMPLETE');
      expect(error.message).toContain('no flush or compaction is left');
    }
    expect(db.get('key')).toBe('value');
    db.setOptions({ level0StopWritesTrigger: 36, level0SlowdownWritesTrigger: 20 });
    db.put('key', 'later');
    expect(db.get('key')).toBe('later');
    db.close();
    ledgerIsClean(engine);
  },
);

it('what is given instead of a name is told in a few words: a handle leads to the whole heap', async () => {
  const { engine, db } = await inMemory();
  using statistics = new Statistics(engine);
  for (const given of [db, engine, 2n ** 70n, Symbol('name'), Object.create(null)]) {
    const error = await errorOf(() => statistics.getTickerCount(given as never));
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(error.message.length).toBeLessThan(200);
  }
  db.close();
});

it('a flush that would stall writes for good is refused, and goes on when it may', async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const db = RocksDB.openSync('/db', {
    engine,
    createIfMissing: true,
    compactionStyle: 'none',
    level0FileNumCompactionTrigger: 1,
    level0SlowdownWritesTrigger: 2,
    level0StopWritesTrigger: 2,
  });
  db.put('a', '1');
  db.flush();
  db.put('b', '2');
  for (let n = 0; n < 2; n++) {
    const error = await errorOf(() => db.flush());
    expect(error.code).toBe('ERR_ROCKSDB_INCOMPLETE');
    expect(error.message).toContain('a flush would stall writes');
  }
  db.flush({ allowWriteStall: true });
  expect(db.get('b')).toBeDefined();
  db.close();
  ledgerIsClean(engine);
});

it('a name as long as memory has no neighbours: none are looked for', async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  using statistics = new Statistics(engine);
  const error = await errorOf(() => statistics.getTickerCount('x'.repeat(3_000_000) as never));
  expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
});

describe('a transaction that was freed', () => {
  for (const call of ['setSavePoint', 'popSavePoint', 'setSnapshot', 'getWriteBatch'] as const) {
    it(`refuses ${call}`, async () => {
      const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
      const db = TransactionDB.openSync('/db', { engine, createIfMissing: true });
      const transaction = db.beginTransaction();
      transaction.free();
      const error = await errorOf(() => transaction[call]());
      expect(error.code).toBe('ERR_ROCKSDB_HANDLE_FREED');
      db.close();
      ledgerIsClean(engine);
    });
  }
});

it('a plain table in full-scan mode has no index: it is read from its begin, and else refused', async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const options = { prefixExtractor: 'fixed:3', plainTable: { fullScanMode: true } } as const;
  const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
  db.put('key', 'value');
  db.flush();
  const error = await errorOf(() => db.get('key'));
  expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
  using iterator = db.iterator();
  expect([...iterator]).toHaveLength(1);
  iterator.free();
  db.close();
  ledgerIsClean(engine);
});
