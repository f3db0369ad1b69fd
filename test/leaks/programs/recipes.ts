/**
 * What can be forgotten besides the kinds that have programs of their own. JavaScriptCore drops the frame of a call
 * that is returned at once, and Bun's transpiler makes such calls of `const made = call(); return made;`: an async
 * `make` has its frame all the same. See base.ts.
 */
import type {
  BackupEngine,
  BulkWriter,
  CompressedSecondaryCache,
  DatabaseHold,
  DatabaseLease,
  DBIterator,
  Engine,
  ExportedFiles,
  HandleKind,
  IteratorLease,
  IteratorPool,
  OptimisticTransactionDB,
  PinnedSlice,
  RateLimiter,
  RocksDB,
  SstFileManager,
  SstFileReader,
  SstFileWriter,
  Statistics,
  Transaction,
  TransactionLogIterator,
  WriteBatchWithIndex,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { type Context, newName } from './base.js';
import type { Handle, Recipe } from './shapes.js';

type Text = 'utf8';

/** A recipe, with the kind that the ledger has for what it makes. */
export interface Entry {
  readonly kind: HandleKind;
  // biome-ignore lint/suspicious/noExplicitAny: a recipe of whatever handle
  readonly recipe: Recipe<any>;
}

const entry = <H extends Handle>(kind: HandleKind, recipe: Recipe<H>): Entry => ({ kind, recipe });

/** A table with one entry. */
function newTable({ db, rocksdb }: Context): string {
  const path = `/${newName()}.sst`;
  const writer = new rocksdb.SstFileWriter(db.engine, { keyEncoding: 'utf8' });
  try {
    writer.open(path);
    writer.put('key', new Uint8Array(10));
    writer.finish();
  } finally {
    writer.free();
  }
  return path;
}

const engineAndDatabase = {
  engine: entry<Engine>('engine', {
    async make({ rocksdb, wasm }) {
      const engine = await rocksdb.Engine.create(wasm === undefined ? {} : { wasm }); // leak: engine
      return engine;
    },
    use: (engine) => engine.heap.verify(),
  }),
  db: entry<OptimisticTransactionDB>('db', {
    async make({ db: { engine }, rocksdb }) {
      const options = { engine, createIfMissing: true, onUnreleased() {} };
      const opened = rocksdb.OptimisticTransactionDB.openSync(`/${newName()}`, options); // leak: db
      return opened;
    },
    use: (opened) => opened.put('key', 'value'),
  }),
};

const ofDatabase = {
  transaction: entry<Transaction<Text, Text>>('transaction', {
    async make({ db }) {
      const transaction = db.beginTransaction(); // leak: transaction
      return transaction;
    },
    use: (transaction) => transaction.getForUpdate('key'),
  }),
  coalescingIterator: entry<DBIterator<string, string>>('iterator', {
    async make({ db }) {
      const iterator = db.coalescingIterator([db.defaultColumnFamily]); // leak: coalescingIterator
      return iterator;
    },
    use: (iterator) => iterator.next(),
  }),
  writeBatchWithIndex: entry<WriteBatchWithIndex<Text, Text>>('writeBatch', {
    async make({ db }) {
      const batch = db.batchWithIndex(); // leak: writeBatchWithIndex
      return batch;
    },
    use: (batch) => batch.put('key', 'value').getFromBatch('key'),
  }),
  pinnedSlice: entry<PinnedSlice>('pinnedSlice', {
    async make({ db }) {
      const slice = db.getPinned('key'); // leak: pinnedSlice
      return slice as PinnedSlice;
    },
    use: (slice) => slice.length,
  }),
  snapshotHold: entry<Handle>('snapshotHold', {
    async make({ snapshot }) {
      snapshot.retain(); // leak: snapshotHold
      return { free: () => snapshot.release() };
    },
    use: (_hold, { db, snapshot }) => db.get('key', { snapshot }),
  }),
  transactionLogIterator: entry<TransactionLogIterator>('transactionLogIterator', {
    async make({ db }) {
      const updates = db.getUpdatesSince(0); // leak: transactionLogIterator
      return updates;
    },
    use: (updates) => updates.next(),
  }),
  databaseHold: entry<DatabaseHold>('databaseHold', {
    async make({ db }) {
      const hold = db.disableFileDeletions(); // leak: databaseHold
      return hold;
    },
    use: (_hold, { db }) => db.getLiveFiles({ flushMemtable: false }),
  }),
  exportedFiles: entry<ExportedFiles>('exportedFiles', {
    async make({ db }) {
      const exported = db.exportColumnFamily(`/${newName()}`); // leak: exportedFiles
      return exported;
    },
    use: (exported) => exported.metadata.files.length,
  }),
};

const lent = {
  databaseLease: entry<DatabaseLease<RocksDB>>('databaseLease', {
    async make({ db: { engine }, rocksdb }) {
      const options = { engine, createIfMissing: true };
      const lease = await rocksdb.RocksDB.shared('/lent', options); // leak: databaseLease
      return lease;
    },
    use: (lease) => lease.db.put('key', 'value'),
  }),
  iteratorPool: entry<IteratorPool<string, string>>('iteratorPool', {
    async make({ db }) {
      const pool = db.iteratorPool(); // leak: iteratorPool
      return pool;
    },
    use: (pool) => pool.withIterator((iterator) => iterator.next()),
  }),
  iteratorLease: entry<IteratorLease<string, string>>('iteratorLease', {
    async make({ pool }) {
      const lease = pool.acquire(); // leak: iteratorLease
      return lease;
    },
    use: (lease) => lease.next(),
  }),
  bulkWriter: entry<BulkWriter<Text, Text>>('bulkWriter', {
    async make({ db }) {
      const writer = db.bulkWriter(); // leak: bulkWriter
      return writer;
    },
    use: (writer) => writer.add(['key', 'value']),
  }),
};

const ofFiles = {
  sstFileWriter: entry<SstFileWriter<Text>>('sstFileWriter', {
    async make({ db, rocksdb }) {
      const writer = new rocksdb.SstFileWriter(db.engine, { keyEncoding: 'utf8' }); // leak: sstFileWriter
      writer.open(`/${newName()}.sst`);
      return writer;
    },
    use: (writer) => writer.put(newName().padStart(20), new Uint8Array(10)),
  }),
  sstFileReader: entry<SstFileReader>('sstFileReader', {
    async make(context) {
      const path = newTable(context);
      const reader = new context.rocksdb.SstFileReader(context.db.engine, path); // leak: sstFileReader
      return reader;
    },
    use: (reader) => reader.verifyChecksum(),
  }),
  backupEngine: entry<BackupEngine>('backupEngine', {
    async make({ db: { engine }, rocksdb }) {
      const backups = rocksdb.BackupEngine.openSync(`/${newName()}`, { engine }); // leak: backupEngine
      return backups;
    },
    use: (backups, { db }) => backups.createNewBackup(db),
  }),
};

const shared = {
  secondaryCache: entry<CompressedSecondaryCache>('cache', {
    async make({ db: { engine }, rocksdb }) {
      const options = { capacity: 1 << 16 };
      const cache = new rocksdb.CompressedSecondaryCache(engine, options); // leak: secondaryCache
      return cache;
    },
    use: (cache) => cache.setCapacity(1 << 17),
  }),
  statistics: entry<Statistics>('statistics', {
    async make({ db, rocksdb }) {
      const statistics = new rocksdb.Statistics(db.engine); // leak: statistics
      return statistics;
    },
    use: (statistics) => statistics.toText(),
  }),
  rateLimiter: entry<RateLimiter>('rateLimiter', {
    async make({ db: { engine }, rocksdb }) {
      const limiter = new rocksdb.RateLimiter(engine, { bytesPerSecond: 1e6 }); // leak: rateLimiter
      return limiter;
    },
    use: (limiter) => limiter.request(100),
  }),
  sstFileManager: entry<SstFileManager>('sstFileManager', {
    async make({ db, rocksdb }) {
      const manager = new rocksdb.SstFileManager(db.engine); // leak: sstFileManager
      return manager;
    },
    use: (manager) => manager.getTrackedFiles(),
  }),
  writeBufferManager: entry<WriteBufferManager>('writeBufferManager', {
    async make({ db: { engine }, rocksdb }) {
      const options = { bufferSize: 1 << 20 };
      const manager = new rocksdb.WriteBufferManager(engine, options); // leak: writeBufferManager
      return manager;
    },
    use: (manager) => manager.setBufferSize(1 << 21),
  }),
};

/** By the name that is in the comments. */
export const recipes: Readonly<Record<string, Entry>> = {
  ...engineAndDatabase,
  ...ofDatabase,
  ...lent,
  ...ofFiles,
  ...shared,
};
