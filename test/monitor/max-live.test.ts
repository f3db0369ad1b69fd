import {
  BackupEngine,
  Cache,
  CompressedSecondaryCache,
  type Engine,
  HandleLimitError,
  ManualClock,
  MemoryFileSystem,
  type PolicyKind,
  RateLimiter,
  RocksDB,
  SstFileManager,
  SstFileReader,
  SstFileWriter,
  Statistics,
  TransactionDB,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, makeEngine } from '../support/open.js';

type DB = TransactionDB<'utf8', 'utf8'>;

async function open() {
  const fileSystem = new MemoryFileSystem();
  const engine = await makeEngine({ clock: new ManualClock(), fileSystem });
  const options = { engine, createIfMissing: true, onUnreleased: () => {} } as const;
  const db = await TransactionDB.open('/db', {
    ...options,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
  });
  db.put('k', 'v'.repeat(200));
  db.flush();
  const writer = new SstFileWriter(engine);
  writer.open('/db/x.sst');
  writer.put('a', '1');
  writer.finish();
  writer.free();
  return { engine, db, options };
}

/** What makes a handle of each kind; it is called when no more may be made, too. */
const MAKERS: readonly [
  name: string,
  kind: PolicyKind,
  make: (db: DB, engine: Engine, index: number) => unknown,
][] = [
  ['an iterator', 'iterator', (db) => db.iterator()],
  ['iterators over families', 'iterator', (db) => db.iterators([db.defaultColumnFamily])],
  ['a snapshot', 'snapshot', (db) => db.snapshot()],
  ['a timestamped snapshot', 'snapshot', (db, _, i) => db.createTimestampedSnapshot(BigInt(i + 1))],
  ['a batch', 'writeBatch', (db) => db.batch()],
  ['a batch with an index', 'writeBatch', (db) => db.batchWithIndex()],
  ['a pinned slice', 'pinnedSlice', (db) => db.getPinned('k')],
  ['a transaction', 'transaction', (db) => db.beginTransaction()],
  ['a log iterator', 'transactionLogIterator', (db) => db.getUpdatesSince(1n)],
  ['a hold on files', 'databaseHold', (db) => db.disableFileDeletions()],
  ['a hold on work', 'databaseHold', (db) => db.pauseBackgroundWork()],
  ['a hold on the log', 'databaseHold', (db) => db.lockWAL()],
  ['a column family', 'columnFamily', (db, _, i) => db.createColumnFamily(`family ${i}`)],
  ['a file writer', 'sstFileWriter', (_, engine) => new SstFileWriter(engine)],
  ['a file reader', 'sstFileReader', (_, engine) => new SstFileReader(engine, '/db/x.sst')],
  ['a cache', 'cache', (_, engine) => new Cache(engine, { capacity: 1000 })],
  [
    'a second tier',
    'cache',
    (_, engine) => new CompressedSecondaryCache(engine, { capacity: 1000 }),
  ],
  ['statistics', 'statistics', (_, engine) => new Statistics(engine)],
  [
    'a rate limiter',
    'rateLimiter',
    (_, engine) => new RateLimiter(engine, { bytesPerSecond: 1e6 }),
  ],
  ['a file manager', 'sstFileManager', (_, engine) => new SstFileManager(engine)],
  [
    'a write-buffer manager',
    'writeBufferManager',
    (_, engine) => new WriteBufferManager(engine, { bufferSize: 1_000_000 }),
  ],
  ['a backup engine', 'backupEngine', (_, engine) => BackupEngine.openSync('/backup', { engine })],
  ['exported files', 'exportedFiles', (db, _, i) => db.exportColumnFamily(`/db/x${i}`)],
  [
    'a database',
    'db',
    (_, engine, i) => RocksDB.openSync(`/other${i}`, { engine, createIfMissing: true }),
  ],
];

describe('maxLive', () => {
  it.each(MAKERS)('refuses %s, and leaves nothing of it', async (_, kind, make) => {
    const { db, engine } = await open();
    // What is made once stays: caches of names, buffers that grew.
    let index = 0;
    const made = [make(db, engine, index++)].flat() as { free(): void }[];
    const live = engine.heap.handles(kind).length;
    engine.heap.setPolicy(kind, { maxLive: live });
    await errorOf(() => make(db, engine, index++));
    const [before, files] = [engine.heap.owners(), engine.heap.report().openFiles];
    for (let i = 0; i < 3; i++) {
      const error = await errorOf(() => make(db, engine, index++));
      expect(error).toBeInstanceOf(HandleLimitError);
      expect(error.code).toBe('ERR_ROCKSDB_HANDLE_LIMIT');
      expect(error.message).toContain(`policies.${kind}.maxLive allows ${live}`);
    }
    expect(engine.heap.handles(kind)).toHaveLength(live);
    expect(engine.heap.owners()).toEqual(before);
    expect(engine.heap.report().openFiles).toEqual(files);
    expect(engine.heap.verify().problems).toEqual([]);
    // It takes effect, and is lifted, at once.
    engine.heap.setPolicy(kind, undefined);
    made.push(...([make(db, engine, index++)].flat() as { free(): void }[]));
    expect(engine.heap.handles(kind).length).toBe(live + 1);
    for (const each of made) each.free();
    db.put('still', 'there');
    expect(engine.heap.verify().problems).toEqual([]);
  });

  it('refuses a database with all of its column families, before it is opened', async () => {
    const { engine, options } = await open();
    const other = await RocksDB.open('/two', options);
    other.createColumnFamilies({ a: {}, b: {} });
    other.close();
    engine.heap.setPolicy('columnFamily', { maxLive: 3 });
    const error = await errorOf(() => RocksDB.openSync('/two', { ...options }));
    expect(error).toBeInstanceOf(HandleLimitError);
    engine.heap.setPolicy('columnFamily', { maxLive: 4 });
    RocksDB.openSync('/two', { ...options }).close();
    expect(engine.heap.verify().problems).toEqual([]);
  });

  it('tells of the limit once, and again when it was kept in between', async () => {
    const { db, engine } = await open();
    const told: unknown[] = [];
    engine.heap.on('limit', ({ limit, kind, value, max }) => told.push([limit, kind, value, max]));
    engine.heap.setPolicy('iterator', { maxLive: { max: 2, onLimit: 'event' } });
    const its = [db.iterator(), db.iterator(), db.iterator(), db.iterator()];
    await Promise.resolve();
    expect(told).toEqual([['maxLive', 'iterator', 3, 2]]);
    for (const each of its) each.free();
    db.iterator().free();
    for (let i = 0; i < 3; i++) db.iterator();
    await Promise.resolve();
    expect(told).toHaveLength(2);
    engine.heap.setPolicy('iterator', { maxLive: 3 });
    const error = await errorOf(() => db.iterator());
    expect(error.message).toMatch(
      /free some, or raise it by heap.setPolicy\(\)\. There are iterator #/,
    );
    await Promise.resolve();
    expect(told).toHaveLength(3);
  });

  it('does not undo a commit: it is refused before', async () => {
    const { db, engine } = await open();
    const transaction = db.beginTransaction();
    transaction.put('t', '1');
    db.snapshot();
    engine.heap.setPolicy('snapshot', { maxLive: 1 });
    await errorOf(() => transaction.commitAndTryCreateSnapshot(5n));
    expect(db.get('t')).toBeUndefined();
    transaction.commit();
    expect(db.get('t')).toBe('1');
  });
});
