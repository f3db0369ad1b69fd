/** What is done with damaged files. Each use goes on after errors: what is behind them is to be met, too. */
import {
  BackupEngine,
  BackupEngineReadOnly,
  DBWithTTL,
  EncryptedFileSystem,
  ExportedFiles,
  RocksDB,
  SstFileReader,
  TransactionDB,
  tools,
} from 'rocksdb-wasm';
import { type Base, FUZZ_KEYS, type Options } from './bases.js';
import type { Choice } from './random.js';
import type { World } from './world.js';

/** A scan that goes on beyond this goes on for ever. */
const ENTRIES_MAX = 5_000;

interface Scanned extends Iterable<unknown> {
  free(): void;
}

function drain(world: World, make: () => Scanned | undefined): void {
  const iterator = world.attempt(make);
  if (iterator === undefined) return;
  world.attempt(() => {
    let entries = 0;
    for (const _ of iterator) if (++entries > ENTRIES_MAX) break;
  });
  world.attempt(() => iterator.free());
}

const KEYS = ['key00000', 'key00007', 'key00023', 'key00047', 'key00060', 'entity', 'none'];

/** Everything that reads. */
function read(world: World, db: RocksDB, choice: Choice, timestamps = false): void {
  const verifyChecksums = !choice.once(3);
  const withTime = timestamps;
  const at = withTime ? { timestamp: new Uint8Array(8).fill(0xff) } : {};
  for (const name of world.attempt(() => db.columnFamilyNames) ?? []) {
    const columnFamily = db.columnFamily(name);
    if (columnFamily === undefined) continue;
    const how = { columnFamily, verifyChecksums, ...at };
    drain(world, () => db.iterator(how));
    drain(world, () => db.iterator({ ...how, reverse: true }));
    const from = choice.pick(KEYS);
    drain(world, () => db.iterator({ ...how, gte: from, lt: choice.pick(KEYS) }));
    for (const key of KEYS) world.attempt(() => db.get(key, how));
    world.attempt(() => db.getMany(KEYS, how));
    world.attempt(() => db.has(from, how));
    world.attempt(() => db.getMergeOperands(from, { columnFamily }));
    world.attempt(() => db.getEntity('entity', { columnFamily }));
    if (choice.once(4)) world.attempt(() => db.getPropertiesOfAllTables({ columnFamily }));
    if (choice.once(4))
      world.attempt(() => db.approximateSizes([{ begin: 'a', end: 'z' }], { columnFamily }));
    if (choice.once(8)) world.attempt(() => db.getColumnFamilyMetaData({ columnFamily }));
    if (choice.once(8)) world.attempt(() => db.getAllKeyVersions({ columnFamily }));
  }
  if (choice.once(2)) world.attempt(() => db.verifyChecksum());
  if (choice.once(4)) world.attempt(() => db.verifyFileChecksums());
  if (choice.once(6)) world.attempt(() => db.getLiveFilesStorageInfo());
  if (choice.once(3)) drain(world, () => db.getUpdatesSince(choice.below(80)));
}

/** What makes RocksDB read its files to write them anew. */
function write(world: World, db: RocksDB, choice: Choice): void {
  world.attempt(() => db.put('key00003', 'new'));
  world.attempt(() => db.deleteRange('key00004', 'key00006'));
  world.attempt(() => db.flush());
  if (choice.once(2)) world.attempt(() => db.compactRange());
  if (choice.once(3)) world.attempt(() => db.resume());
  if (choice.once(6)) world.attempt(() => world.own(db.createColumnFamily('another')).free());
  if (choice.once(8)) world.attempt(() => db.checkpoint('/checkpoint'));
}

/** Settings under which RocksDB takes other ways through the same files. */
function settings(base: Base, choice: Choice): Options {
  const chosen: Options = { ...base.options };
  if (choice.once(3)) chosen.paranoidChecks = false;
  if (choice.once(3)) chosen.skipStatsUpdateOnDbOpen = true;
  if (choice.once(5)) chosen.skipCheckingSstFileSizesOnDbOpen = true;
  if (choice.once(5)) chosen.bestEffortsRecovery = true;
  if (choice.once(5)) chosen.maxOpenFiles = 20;
  if (choice.once(6)) chosen.avoidFlushDuringRecovery = true;
  if (choice.once(6)) chosen.verifySstUniqueIdInManifest = false;
  if (choice.once(6)) chosen.allowMmapReads = true;
  if (choice.once(3)) {
    chosen.walRecoveryMode = choice.pick([
      'kTolerateCorruptedTailRecords',
      'kAbsoluteConsistency',
      'kPointInTimeRecovery',
      'kSkipAnyCorruptedRecords',
    ]);
  }
  return chosen;
}

export interface Damaged {
  readonly base: Base;
  /** The file that is not as it was. */
  readonly path: string;
}

export type Use = (world: World, choice: Choice, damaged: Damaged) => void | Promise<void>;

export const openAndUse: Use = (world, choice, { base }) => {
  const { engine } = world;
  const db = world.own(RocksDB.openSync('/db', { engine, ...settings(base, choice) }));
  read(world, db, choice);
  write(world, db, choice);
  if (choice.once(2)) read(world, db, choice);
  world.attempt(() => db.close());
  if (!choice.once(4)) return;
  // What the first opening has left must be a database, too.
  const again = world.own(RocksDB.openSync('/db', { engine, ...base.options }));
  read(world, again, choice);
};

export const openReadOnly: Use = (world, choice, { base }) => {
  const options = { engine: world.engine, ...settings(base, choice), readOnly: true };
  read(world, world.own(RocksDB.openSync('/db', options)), choice);
};

export const openSecondary: Use = async (world, choice, { base }) => {
  const options = { engine: world.engine, ...base.options, maxOpenFiles: -1 };
  const db = world.own(await RocksDB.openAsSecondary('/db', '/secondary', options));
  read(world, db, choice);
  world.attempt(() => db.tryCatchUpWithPrimary());
};

export const openTransactions: Use = (world, choice, { base }) => {
  const db = world.own(TransactionDB.openSync('/db', { engine: world.engine, ...base.options }));
  for (const transaction of world.attempt(() => db.getAllPreparedTransactions()) ?? []) {
    world.attempt(() => (choice.once(2) ? transaction.commit() : transaction.rollback()));
    world.attempt(() => transaction.free());
  }
  read(world, db, choice);
};

export const openExpiring: Use = (world, choice, { base }) => {
  const options = { engine: world.engine, ...base.options, timeToLive: 1000 };
  read(world, world.own(DBWithTTL.openSync('/db', options)), choice);
};

export const repair: Use = async (world, choice, { base }) => {
  const options = { engine: world.engine, ...base.options };
  await world.attemptLater(() => RocksDB.repair('/db', options));
  read(world, world.own(RocksDB.openSync('/db', options)), choice);
};

export const storedOptions: Use = async (world, _choice, { base, path }) => {
  const { engine } = world;
  await world.attemptLater(() => RocksDB.loadLatestOptions('/db', { engine }));
  await world.attemptLater(() => RocksDB.loadOptionsFromFile(path, { engine }));
  const options = { engine, ...base.options };
  await world.attemptLater(() => RocksDB.checkOptionsCompatibility('/db', options));
  // Without options of the program's: what the file says is what it is opened with.
  world.own(RocksDB.openSync('/db', { engine, readOnly: true }));
};

export const families: Use = async (world) => {
  const { engine } = world;
  await world.attemptLater(() => RocksDB.listColumnFamilies('/db', { engine }));
  await world.attemptLater(() => RocksDB.destroy('/db', { engine }));
};

export const readTable: Use = (world, choice, { base, path }) => {
  const { comparator, prefixExtractor, plainTable, cuckooTable, allowMmapReads } = base.options;
  const given = { comparator, prefixExtractor, plainTable, cuckooTable, allowMmapReads };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  const reader = world.own(new SstFileReader(world.engine, path, Object.fromEntries(known)));
  world.attempt(() => reader.properties);
  world.attempt(() => reader.verifyChecksum());
  world.attempt(() => reader.verifyNumEntries());
  const verifyChecksums = choice.once(2);
  drain(world, () => reader.iterator({ verifyChecksums }));
  drain(world, () => reader.iterator({ reverse: true }));
  drain(world, () => reader.iterator({ gte: choice.pick(KEYS) }));
  drain(world, () => reader.rawIterator());
  drain(world, () => reader.rawIterator({ reverse: true }));
};

export const ingest: Use = (world, choice, { base, path }) => {
  const { engine } = world;
  const options = { engine, createIfMissing: true, ...base.options };
  const db = world.own(RocksDB.openSync('/other', options));
  world.attempt(() => db.put('key00110', 'here'));
  world.attempt(() =>
    db.ingestExternalFile([path], {
      moveFiles: choice.once(3),
      verifyChecksumsBeforeIngest: choice.once(2),
      allowDbGeneratedFiles: !path.endsWith('.external'),
      ingestBehind: false,
    }),
  );
  read(world, db, choice);
  write(world, db, choice);
};

export const importFamily: Use = (world, choice, { base }) => {
  const { engine } = world;
  if (base.metadata === undefined) return;
  const options = { engine, createIfMissing: true, ...base.options };
  const db = world.own(RocksDB.openSync('/other', options));
  const files = world.own(ExportedFiles.from(engine, base.metadata));
  world.attempt(() => db.createColumnFamilyWithImport('imported', files, base.options));
  read(world, db, choice);
  write(world, db, choice);
};

export const restore: Use = (world, choice, { base }) => {
  const { engine } = world;
  const open = choice.once(2) ? BackupEngineReadOnly : BackupEngine;
  const backup = world.own(open.openSync('/backup', { engine }));
  world.attempt(() => backup.getBackupInfo({ includeFileDetails: true }));
  world.attempt(() => backup.getCorruptedBackups());
  for (const id of [1, 2]) {
    world.attempt(() => backup.verifyBackup(id, { verifyWithChecksum: choice.once(2) }));
  }
  world.attempt(() => backup.restoreDBFromBackup(choice.between(1, 2), '/restored'));
  world.attempt(() => backup.restoreDBFromLatestBackup('/restored'));
  if (backup instanceof BackupEngine) {
    world.attempt(() => backup.garbageCollect());
    world.attempt(() => backup.purgeOldBackups(1));
  }
  read(world, world.own(RocksDB.openSync('/restored', { engine, ...base.options })), choice);
};

export const replay: Use = (world, choice, { base, path }) => {
  const { engine } = world;
  const options = { engine, createIfMissing: true, ...base.options };
  const db = world.own(RocksDB.openSync('/other', options));
  world.attempt(() => world.own(db.createColumnFamily('users', { mergeOperator: 'put' })));
  world.attempt(() => db.replayTrace(path));
  read(world, db, choice);
};

/** Tools have an engine of their own, and so has what reads through an EncryptedFileSystem. */
export const runTools: Use = async (world, _choice, { path }) => {
  const options = { fileSystem: world.files };
  await world.attemptLater(() => tools.checkConsistency('/db', options));
  if (path.endsWith('.log')) await world.attemptLater(() => tools.dumpWal(path, options));
  if (path.endsWith('.sst')) await world.attemptLater(() => tools.dumpSst(path, options));
  if (path.includes('MANIFEST')) {
    await world.attemptLater(() => tools.dumpManifest(path, options));
  }
};

export const openEncrypted: Use = async (world, choice, { base, path }) => {
  const fileSystem = new EncryptedFileSystem(world.files, { keys: FUZZ_KEYS });
  world.attempt(() => fileSystem.keyOf(path));
  const { wasm } = world;
  const options = { wasm, fileSystem, ...settings(base, choice), maxMemoryBytes: 256 * 2 ** 20 };
  const db = await world.attemptLater(() => RocksDB.open('/db', options));
  if (db !== undefined) {
    world.own(db);
    read(world, db, choice);
    write(world, db, choice);
    world.attempt(() => db.close());
  }
  const rotated = { keys: { other: new Uint8Array(32).fill(9), ...FUZZ_KEYS } };
  const next = new EncryptedFileSystem(world.files, rotated);
  world.attempt(() => next.rotateKeys('/db', { current: 'other' } as object));
};
