import {
  BackupEngine,
  type DatabaseHold,
  type Engine,
  MemoryFileSystem,
  type RocksDB,
  type RocksDBError,
  SstFileWriter,
  TransactionDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeEngine } from './support/open.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
type Text = RocksDB<'utf8', 'utf8'>;

const holds: Record<string, (db: Text) => DatabaseHold> = {
  lockWAL: (db) => db.lockWAL(),
  pauseBackgroundWork: (db) => db.pauseBackgroundWork(),
  disableFileDeletions: (db) => db.disableFileDeletions(),
};

const second = (db: Text) => db.columnFamily('second') as never;

function writeTable(engine: Engine): string {
  const writer = new SstFileWriter(engine, TEXT);
  try {
    writer.open('/table');
    writer.put('k1', 'from a table');
    writer.finish();
  } finally {
    writer.free();
  }
  return '/table';
}

function backUp(db: Text, flushBeforeBackup: boolean): void {
  const backups = BackupEngine.openSync('/backups', { engine: db.engine });
  try {
    backups.createNewBackup(db, { flushBeforeBackup });
  } finally {
    backups.free();
  }
}

/** What may wait in RocksDB for a write, a flush, a compaction or a deletion of files. */
const calls: Record<string, (db: Text) => unknown> = {
  put: (db) => db.put('k', 'v'),
  'put of more than a memtable': (db) => {
    for (let i = 0; i < 10; i++) db.put(`large${i}`, 'x'.repeat(60_000));
  },
  merge: (db) => db.merge('k', 'v'),
  putEntity: (db) => db.putEntity('k', { name: 'v' }),
  createColumnFamily: (db) => db.createColumnFamily('third'),
  createColumnFamilies: (db) => db.createColumnFamilies({ third: {}, fourth: {} }),
  dropColumnFamily: (db) => db.dropColumnFamily(second(db)),
  dropColumnFamilies: (db) => db.dropColumnFamilies([second(db)]),
  copyColumnFamily: (db) => db.copyColumnFamily(second(db), 'copy'),
  exportColumnFamily: (db) => db.exportColumnFamily('/exported').free(),
  clipColumnFamily: (db) => db.clipColumnFamily('k1', 'k5'),
  setOptions: (db) => db.setOptions({ writeBufferSize: 1 << 20 }),
  setDBOptions: (db) => db.setDBOptions({ maxBackgroundJobs: 3 }),
  flush: (db) => db.flush(),
  'flush without waiting': (db) => db.flush({ wait: false, allowWriteStall: true }),
  'flush that avoids stalls': (db) => db.flush({ wait: false, allowWriteStall: false }),
  compactRange: (db) => db.compactRange(),
  suggestCompactRange: (db) => db.suggestCompactRange(),
  compactFiles: (db) => {
    const files = db.getColumnFamilyMetaData().levels.flatMap((level) => level.files);
    db.compactFiles(
      files.map((file) => file.relativeFilename),
      { outputLevel: 1 },
    );
  },
  promoteL0: (db) => db.promoteL0(1),
  waitForCompact: (db) => db.waitForCompact(),
  'waitForCompact with a flush': (db) => db.waitForCompact({ flush: true }),
  checkpoint: (db) => db.checkpoint('/checkpoint'),
  'checkpoint with the log': (db) => db.checkpoint('/checkpoint', { logSizeForFlush: 1e9 }),
  backup: (db) => backUp(db, false),
  'backup with a flush': (db) => backUp(db, true),
  ingestExternalFile: (db) => db.ingestExternalFile([writeTable(db.engine)]),
  getLiveFiles: (db) => db.getLiveFiles({ flushMemtable: true }),
  getLiveFilesStorageInfo: (db) => db.getLiveFilesStorageInfo({ walSizeForFlush: 0 }),
  getLiveFilesChecksumInfo: (db) => db.getLiveFilesChecksumInfo(),
  deleteFilesInRanges: (db) => db.deleteFilesInRanges([{ begin: 'k0', end: 'k5' }]),
  flushWAL: (db) => db.flushWAL(true),
  syncWAL: (db) => db.syncWAL(),
  lockWAL: (db) => db.lockWAL().free(),
  pauseBackgroundWork: (db) => db.pauseBackgroundWork().free(),
  disableFileDeletions: (db) => db.disableFileDeletions().free(),
  enableFileDeletions: (db) => db.enableFileDeletions(),
  disableManualCompaction: (db) => {
    db.disableManualCompaction();
    db.enableManualCompaction();
  },
  cancelAllBackgroundWork: (db) => db.cancelAllBackgroundWork(),
  resume: (db) => db.resume(),
  getUpdatesSince: (db) => [...db.getUpdatesSince(0, { allowGaps: true })],
  getSortedWalFiles: (db) => db.getSortedWalFiles(),
  verifyChecksum: (db) => db.verifyChecksum(),
  snapshot: (db) => db.snapshot().free(),
  scan: (db) => [...db.iterator()],
  saveOptions: (db) => db.saveOptions('/OPTIONS'),
  traces: (db) => {
    db.startTrace('/trace');
    db.endTrace();
  },
  close: (db) => db.close(),
};

const CODES = [
  'ERR_ROCKSDB_WAL_LOCKED',
  'ERR_ROCKSDB_BACKGROUND_PAUSED',
  // RocksDB's own word for a write that would have to wait for a flush.
  'ERR_ROCKSDB_INCOMPLETE',
];

async function prepared(): Promise<Text> {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), background: 'manual' });
  const options = {
    engine,
    ...TEXT,
    createIfMissing: true,
    writeBufferSize: 100_000,
    mergeOperator: 'stringappend',
    onUnreleased() {},
  } as const;
  const db = await TransactionDB.open('/db', options);
  const family = db.createColumnFamily('second');
  for (const columnFamily of [db.defaultColumnFamily, family]) {
    for (let i = 0; i < 10; i++) db.put(`k${i}`, 'v', { columnFamily });
    db.flush({ columnFamily });
    for (let i = 0; i < 10; i++) db.put(`k${i}`, 'newer', { columnFamily });
  }
  return db;
}

describe.each(Object.entries(holds))('while %s holds a database up', (_name, take) => {
  it.each(Object.entries(calls))('%s does its work or says why not', async (_call, work) => {
    const db = await prepared();
    const hold = take(db);
    let refused: RocksDBError | undefined;
    try {
      await work(db);
    } catch (error) {
      refused = error as RocksDBError;
    }
    expect(db.engine.crashed, refused?.message).toBe(false);
    if (refused !== undefined) expect(CODES, refused.message).toContain(refused.code);
    hold.free();
    if (db.freed) return;
    if (refused !== undefined) await work(db);
    db.close();
  });
});
