/** The databases whose files are damaged: small ones, of every format, made anew from each seed. */
import {
  BackupEngine,
  type BlockBasedTableOptions,
  type ColumnFamilyOptions,
  EncryptedFileSystem,
  Engine,
  type ExportImportFilesMetaData,
  type OpenOptions,
  RocksDB,
  SeededRandom,
  SstFileWriter,
  TransactionDB,
} from 'rocksdb-wasm';
import { CaseFiles, type Image, WITHOUT_NOTES } from './files.js';
import { Choice } from './random.js';

/** Keys and values are bytes. */
export type Options = OpenOptions<'view', 'view'>;

export interface Base {
  readonly name: string;
  readonly image: Image;
  /** What it is opened with. */
  readonly options: Options;
  readonly metadata?: ExportImportFilesMetaData;
}

/** Keys and values of a base are few, so that a file is a few KiB and most of its bytes matter. */
const ENTRIES = 48;
/** Of an encrypted base. */
export const FUZZ_KEYS = { main: new Uint8Array(32).fill(7) };
const BLOCK_BYTES = 256;
const U64_BYTES = 8;

const table = (options: BlockBasedTableOptions): ColumnFamilyOptions => ({
  blockBasedTable: { blockSize: BLOCK_BYTES, checksum: 'kNoChecksum', ...options },
});

/** Options by the name of the base. Files without checksums are damaged behind their checksums, as it were. */
const DATABASES: Readonly<Record<string, Options>> = {
  plainBlocks: { ...table({ filterPolicy: 'bloom:10', formatVersion: 5 }), compression: 'none' },
  snappy: { ...table({ formatVersion: 5 }), compression: 'snappy' },
  lz4: { ...table({ formatVersion: 6, filterPolicy: 'ribbon:10' }), compression: 'lz4' },
  lz4hc: { ...table({ formatVersion: 4 }), compression: 'lz4hc' },
  zlib: { ...table({ formatVersion: 3 }), compression: 'zlib' },
  zstd: {
    ...table({ formatVersion: 6 }),
    compression: 'zstd',
    compressionOpts: { maxDictBytes: 1024, zstdMaxTrainBytes: 0, maxDictBufferBytes: 4096 },
  },
  checked: { ...table({ checksum: 'crc32c', filterPolicy: 'bloom:10' }), compression: 'lz4' },
  xxh3: { ...table({ checksum: 'xxh3', formatVersion: 6 }), compression: 'zstd' },
  partitioned: {
    ...table({
      indexType: 'twoLevelIndexSearch',
      partitionFilters: true,
      filterPolicy: 'bloom:10',
      metadataBlockSize: 64,
      cacheIndexAndFilterBlocks: true,
      formatVersion: 5,
    }),
    compression: 'none',
  },
  hashIndex: {
    ...table({ indexType: 'hashSearch', formatVersion: 5, wholeKeyFiltering: false }),
    prefixExtractor: 'fixed:3',
    compression: 'none',
  },
  firstKeys: {
    ...table({
      indexType: 'binarySearchWithFirstKey',
      dataBlockIndexType: 'binaryAndHash',
      formatVersion: 5,
    }),
    compression: 'none',
  },
  oldFormat: { ...table({ checksum: 'crc32c', formatVersion: 2 }), compression: 'snappy' },
  plainTable: {
    plainTable: { bloomBitsPerKey: 10, storeIndexInFile: true, indexSparseness: 4 },
    prefixExtractor: 'fixed:3',
    compression: 'none',
    allowMmapReads: true,
  },
  plainPrefix: {
    plainTable: { encodingType: 'prefix', bloomBitsPerKey: 0 },
    prefixExtractor: 'fixed:3',
    compression: 'none',
    allowMmapReads: true,
  },
  cuckoo: { cuckooTable: { hashTableRatio: 0.5 }, compression: 'none', allowMmapReads: true },
  blobs: {
    ...table({ formatVersion: 5 }),
    enableBlobFiles: true,
    minBlobSize: 8,
    blobCompressionType: 'lz4',
    compression: 'none',
  },
  blobsZstd: {
    ...table({ formatVersion: 5 }),
    enableBlobFiles: true,
    minBlobSize: 8,
    blobCompressionType: 'zstd',
    compression: 'none',
  },
  universal: { ...table({}), compactionStyle: 'universal', compression: 'none' },
  recycled: { ...table({}), recycleLogFileNum: 2, compression: 'none' },
  compressedLog: { ...table({}), walCompression: 'zstd', compression: 'none' },
  trackedLogs: { ...table({}), trackAndVerifyWalsInManifest: true, compression: 'none' },
  timestamps: { ...table({ formatVersion: 5 }), comparator: 'bytewiseU64Ts', compression: 'none' },
};

const ORDERED = new Set(['cuckoo', 'plainTable', 'plainPrefix']);

/** What bases are made with; one engine, since to begin one takes as long as to make a base. */
interface Forge {
  readonly engine: Engine;
  readonly files: CaseFiles;
}

async function forgeOf(
  seed: number,
  wasm: WebAssembly.Module,
  wrap: (files: CaseFiles) => CaseFiles | EncryptedFileSystem = (files) => files,
): Promise<Forge> {
  const files = new CaseFiles();
  const { clock } = files;
  const random = new SeededRandom(seed);
  return {
    engine: await Engine.create({ wasm, fileSystem: wrap(files), clock, random }),
    files,
  };
}

export async function makeBases(seed: number, wasm: WebAssembly.Module): Promise<Base[]> {
  const encrypts = (files: CaseFiles) => new EncryptedFileSystem(files, { keys: FUZZ_KEYS });
  const [plain, encrypting] = [await forgeOf(seed, wasm), await forgeOf(seed, wasm, encrypts)];
  const bases = [
    ...Object.entries(DATABASES).map(([name, options]) => databaseBase(name, options, seed, plain)),
    ...[preparedBase, backupBase, exportBase, traceBase].map((make) => make(seed, plain)),
    databaseBase('encrypted', { ...table({}), compression: 'none' }, seed, encrypting),
  ];
  for (const { engine } of [plain, encrypting]) engine.free();
  return bases.map((base) => ({ ...base, options: { ...base.options, ...WITHOUT_NOTES } }));
}

function made({ engine, files }: Forge, work: (engine: Engine) => void): Image {
  files.begin(new Map());
  try {
    work(engine);
  } catch (error) {
    throw new Error(`a base could not be made: ${error}`, { cause: error });
  }
  const image = files.image();
  for (const path of image.keys()) if (/\/(LOCK|LOG.*)$/.test(path)) image.delete(path);
  return image;
}

function databaseBase(name: string, options: Options, seed: number, forge: Forge): Base {
  const image = made(forge, (engine) => {
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
    fill(db, name, new Choice(seed, name, 0));
    db.close();
  });
  return { name, image, options };
}

const keyOf = (n: number) => `key${String(n).padStart(5, '0')}`;

function fill(db: RocksDB, name: string, choice: Choice): void {
  const timestamps = name === 'timestamps';
  const timestamp = (n: number) => {
    const bytes = new Uint8Array(U64_BYTES);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(n), true);
    return bytes;
  };
  const at = (n: number) => (timestamps ? { timestamp: timestamp(n + 1) } : {});
  const value = () => `${choice.word()}`.repeat(choice.between(1, 6));
  for (let n = 0; n < ENTRIES; n++) db.put(keyOf(n), value(), at(n));
  if (ORDERED.has(name)) {
    db.flush();
    for (let n = 0; n < 8; n++) db.put(keyOf(n), value());
    return;
  }
  const users = db.createColumnFamily('users', {
    mergeOperator: 'stringappend',
    compression: 'none',
    blockBasedTable: { blockSize: BLOCK_BYTES, checksum: 'kNoChecksum' },
  });
  for (let n = 0; n < 12; n++) {
    db.put(keyOf(n), value(), { columnFamily: users });
    db.merge(keyOf(n), 'more', { columnFamily: users });
  }
  db.putEntity('entity', { name: 'a', age: '7', '': 'default' }, { columnFamily: users });
  db.deleteRange(keyOf(3), keyOf(6), { columnFamily: users });
  const snapshot = db.snapshot();
  db.delete(keyOf(1), at(100));
  if (!timestamps) db.singleDelete(keyOf(2));
  db.flush();
  db.flush({ columnFamily: users });
  snapshot.free();
  for (let n = 0; n < ENTRIES; n += 3) db.put(keyOf(n), value(), at(n + 200));
  if (!timestamps) db.deleteRange(keyOf(20), keyOf(24));
  db.flush();
  if (choice.once(2)) db.compactRange();
  // What the log alone has.
  for (let n = 0; n < 6; n++) db.put(keyOf(n * 5), value(), at(n + 300));
  db.merge(keyOf(2), 'log', { columnFamily: users });
  using batch = db.batch();
  batch.put(keyOf(60), 'a', at(400)).delete(keyOf(61), at(400));
  batch.put(keyOf(60), 'b', { columnFamily: users });
  db.write(batch);
}

function preparedBase(_seed: number, forge: Forge): Base {
  const options = { ...table({}), compression: 'none' } satisfies Options;
  const image = made(forge, (engine) => {
    const db = TransactionDB.openSync('/db', { engine, createIfMissing: true, ...options });
    db.put('a', '1');
    for (const name of ['first', 'second', 'third']) {
      const transaction = db.beginTransaction();
      transaction.setName(name);
      transaction.put(`${name}-key`, name.repeat(4));
      transaction.delete('a-gone');
      transaction.prepare();
      if (name === 'first') transaction.commit();
      if (name !== 'second') continue;
      transaction.rollback();
    }
    db.close();
  });
  return { name: 'prepared', image, options };
}

function backupBase(seed: number, forge: Forge): Base {
  const options = { ...table({}), compression: 'none' } satisfies Options;
  const image = made(forge, (engine) => {
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
    fill(db, 'backup', new Choice(seed, 'backup', 0));
    for (const schemaVersion of [1, 2] as const) {
      const backup = BackupEngine.openSync('/backup', { engine, schemaVersion });
      backup.createNewBackupWithMetadata(db, `backup of schema ${schemaVersion}`);
      db.put('later', 'value');
      db.flush();
      backup.free();
    }
    db.close();
  });
  const only = [...image].filter(([path]) => path.startsWith('/backup/'));
  return { name: 'backup', image: new Map(only), options };
}

function exportBase(seed: number, forge: Forge): Base {
  const options = { ...table({ formatVersion: 5 }), compression: 'none' } satisfies Options;
  let metadata: ExportImportFilesMetaData | undefined;
  const image = made(forge, (engine) => {
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
    fill(db, 'export', new Choice(seed, 'export', 0));
    const exported = db.exportColumnFamily('/exported');
    metadata = exported.metadata;
    exported.free();
    db.close();
    const writer = new SstFileWriter(engine, options);
    writer.open('/db/new.external');
    for (let n = 100; n < 140; n++) writer.put(keyOf(n), `external ${n}`);
    writer.deleteRange(keyOf(110), keyOf(112));
    writer.finish();
    writer.free();
  });
  return { name: 'export', image, options, ...(metadata === undefined ? {} : { metadata }) };
}

function traceBase(seed: number, forge: Forge): Base {
  const options = { ...table({}), compression: 'none' } satisfies Options;
  const image = made(forge, (engine) => {
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
    db.startTrace('/db/queries.trace');
    fill(db, 'trace', new Choice(seed, 'trace', 0));
    db.get(keyOf(1));
    db.getMany([keyOf(1), keyOf(2), 'none']);
    const iterator = db.iterator({ gte: keyOf(3) });
    iterator.seek(keyOf(5));
    iterator.next();
    iterator.seekForPrev(keyOf(7));
    iterator.free();
    db.endTrace();
    db.close();
  });
  return { name: 'trace', image, options };
}
