// What scripts/gen-worker.mjs cannot know by itself: which classes there are, and what is left out of them, and why.

/** Classes that are reached through a worker. `file`: of those that index.ts does not export. `create`: by `new`. */
export const CLASSES = {
  NativeObject: {
    file: 'native/native-object.ts',
    doc: 'A handle in the worker. Whoever asked for it frees it: `free()`, or `await using`.',
  },
  RocksDB: { doc: 'A RocksDB database in a worker: RocksDB, with a promise for each answer.' },
  TransactionDB: {},
  OptimisticTransactionDB: {},
  DBWithTTL: {},
  ColumnFamily: {},
  DBIterator: {},
  IteratorPool: {},
  IteratorLease: {},
  Snapshot: {},
  PinnedSlice: {},
  WriteBatchWithIndex: {},
  Transaction: {},
  TransactionLogIterator: {},
  BulkWriter: {},
  BackupEngine: {},
  BackupEngineReadOnly: {},
  SstFileWriter: { create: true },
  SstFileReader: { create: true },
  SstFileIterator: {},
  SstRawIterator: {},
  SstFileManager: { create: true },
  Cache: { create: true },
  CompressedSecondaryCache: { create: true },
  Statistics: { create: true },
  RateLimiter: { create: true },
  WriteBufferManager: { create: true },
  ExportedFiles: {},
  DatabaseLease: {},
  DatabaseHold: {},
  Engine: {},
  Env: { file: 'env.ts' },
  PerfContext: { file: 'perf-context.ts' },
  IOStatsContext: { file: 'perf-context.ts' },
  HeapMonitor: {},
  Alerts: { file: 'monitor/alerts.ts' },
  AllocationTrace: { file: 'monitor/allocation-trace.ts' },
  GrowthWatch: { file: 'monitor/growth/watch.ts' },
  MemoryFileSystem: { create: true },
  NodeFileSystem: { create: true },
  EncryptedFileSystem: { create: true },
  ManualClock: { create: true },
  SeededRandom: { create: true },
};

/** Classes with a form of their own on the client's side: src/worker/batch.ts. */
export const BY_HAND = ['WriteBatch'];

/** Types of functions of the program's that must answer at once, and so are in the setup module. */
export const CALLBACKS = [
  'Comparator',
  'MergeOperator',
  'AssociativeMergeOperator',
  'CompactionFilter',
  'CompactionFilterFactory',
  'CompactionFilterMethods',
  'SliceTransform',
  'FileChecksumGenFactory',
  'SstPartitionerFactory',
  'TablePropertiesCollectorFactory',
  'TablePropertiesCollector',
  'WalFilter',
  'FileSystem',
  'Clock',
  'Random',
];

/** What stands beside a callback of the setup module: objects of the worker's. */
export const ALSO = {
  FileSystem: ['AsyncMemoryFileSystem', 'AsyncNodeFileSystem', 'AsyncEncryptedFileSystem'],
  Clock: ['AsyncManualClock'],
  Random: ['AsyncSeededRandom'],
};

/** Objects that belong to a handle for as long as it lives: they are reached by their path, without a round trip. */
export const PARTS = {
  '*.heap': 'HeapMonitor',
  'Engine.env': 'Env',
  'Engine.perfContext': 'PerfContext',
  'Engine.ioStatsContext': 'IOStatsContext',
  'HeapMonitor.alerts': 'Alerts',
};

/** Getters whose value never changes: it comes with the handle. Properties are that, too. */
export const FACTS = ['id', 'kind', 'RocksDB.defaultColumnFamily'];

/** Methods that need no answer of the worker's: src/worker/ has them by hand. */
export const LOCAL = ['RocksDB.batch'];

/** Classes of which a program in another thread only hands the objects on. */
export const OPAQUE = ['MemoryFileSystem', 'NodeFileSystem', 'EncryptedFileSystem', 'SeededRandom'];

const INSIDE =
  'its function runs in the worker, around calls: export it from the setup module, and use rocks.run()';
/** What is not reached through a worker, by class, and why. */
export const SKIPPED = {
  '*': {},
  RocksDB: { withPerfContext: INSIDE },
  IteratorPool: { withIterator: INSIDE, withIteratorAsync: INSIDE },
  PinnedSlice: { view: 'a view of linear memory cannot leave its thread: use copy()' },
  Engine: { fileSystem: 'it is an object of the worker; hand the one that was created on instead' },
};

/** Classes that are below one in CLASSES, where a type names them. */
export const STANDS_FOR = { DatabaseStatistics: 'RocksDB' };
