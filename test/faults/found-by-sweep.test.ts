/** What the fault sweep has found, each by itself: a fault, and what it must not cost. */
import {
  BackupEngine,
  EncryptedFileSystem,
  ExportedFiles,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
  TransactionDB,
} from 'rocksdb-wasm';
import { FaultFileSystem, type FaultRule, type Operation } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine } from '../support/open.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8', createIfMissing: true } as const;
const PATH = '/db';

async function world() {
  const files = new FaultFileSystem(new MemoryFileSystem());
  // Time moves with every look at it, so that RocksDB's pauses pass.
  const engine = await makeEngine({ fileSystem: files, clock: new ManualClock({ stepNs: 1000n }) });
  return { files, engine, options: { ...TEXT, engine } };
}

/** A write that is cut off after three bytes, once. */
const torn: FaultRule = { operation: 'write', path: '*.log', bytes: 3, errno: 'EIO' };

/** RocksDB may say once more what it could not write. */
function close(db: { close(): void }): void {
  try {
    db.close();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_ROCKSDB_/) });
  }
}

describe('a write to the log that is cut off', () => {
  it('leaves nothing of itself in the log', async () => {
    const { files, options } = await world();
    const db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    db.put('a', '1');
    const [{ name = '' } = {}] = files
      .readDirectory(PATH)
      .filter((each) => /\.log$/.test(each.name));
    const { size } = files.stat(`${PATH}/${name}`);
    files.rules = [torn];
    expect((await errorOf(() => db.put('b', '2'))).code).toBe('ERR_ROCKSDB_IO_ERROR');
    expect(files.injected.write).toBe(1);
    expect(files.stat(`${PATH}/${name}`).size).toBe(size);
    close(db);
  });

  it('loses nothing that is written later, though two-phase commit keeps the log', async () => {
    const { files, options } = await world();
    let db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
    files.rules = [torn];
    await errorOf(() => db.put('first', 'cut off'));
    close(db);
    for (const key of ['second', 'third']) {
      db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
      db.put(key, 'acknowledged');
      db.close();
    }
    db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
    const keys = ['first', 'second', 'third'];
    expect(db.getMany(keys)).toEqual([undefined, 'acknowledged', 'acknowledged']);
    db.close();
  });

  it('does not keep a database with prepared transactions from opening', async () => {
    const { files, engine, options } = await world();
    let db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
    const prepare = (name: string) => {
      using transaction = db.beginTransaction();
      transaction.setName(name);
      transaction.put(name, 'prepared');
      transaction.prepare();
    };
    db.put('flushed', 'yes');
    db.flush();
    prepare('kept');
    db.close();
    db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
    // Of a full disk RocksDB recovers by itself: its table is then ahead of the log, which it keeps for what is prepared.
    const kept = db.getTransactionByName('kept');
    db.put('logged', 'yes');
    files.rules = [{ ...torn, errno: 'ENOSPC' }];
    expect((await errorOf(() => kept?.commit())).code).toBe('ERR_ROCKSDB_NO_SPACE');
    engine.pump();
    db.freeUnreleased();
    close(db);
    for (let round = 0; round < 2; round++) {
      db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, options);
      expect(db.getMany(['flushed', 'logged'])).toEqual(['yes', 'yes']);
      expect(db.getAllPreparedTransactions().map(({ name }) => name)).toEqual(['kept']);
      db.put(`round ${round}`, 'yes');
      db.flush();
      db.freeUnreleased();
      db.close();
    }
  });

  it('leaves an encrypted database that opens, also when it was to be the log’s header', async () => {
    const files = new FaultFileSystem(new MemoryFileSystem());
    const keys = { main: new Uint8Array(32).fill(7) };
    const engine = await makeEngine({ fileSystem: new EncryptedFileSystem(files, { keys }) });
    const options = { ...TEXT, engine };
    let db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    files.rules = [torn];
    await errorOf(() => db.put('first', 'cut off'));
    expect(files.injected.write).toBe(1);
    close(db);
    db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    expect(db.get('first')).toBe(undefined);
    db.close();
  });
});

describe('an import whose MANIFEST cannot be synced', () => {
  it('costs no database, though nothing can be written from then on', async () => {
    const { files, engine, options } = await world();
    let db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    db.put('k', 'v');
    db.flush();
    const exported = db.exportColumnFamily('/exported');
    const { metadata } = exported;
    exported.free();
    const taken = ExportedFiles.from(engine, metadata);
    // From the sync of the import's own entry on; that of the new column family comes before it.
    const growing: Operation[] = ['create', 'write', 'rename', 'link'];
    let syncs = 0;
    files.fault = (operation, path) => {
      if (operation === 'sync' && path.includes('MANIFEST')) syncs++;
      const full = syncs > 2 && (growing.includes(operation) || operation === 'sync');
      return full ? 'ENOSPC' : undefined;
    };
    const error = await errorOf(() => db.createColumnFamilyWithImport('copy', taken));
    expect(error.code).toBe('ERR_ROCKSDB_NO_SPACE');
    expect(syncs).toBeGreaterThan(2);
    taken.free();
    close(db);
    files.fault = undefined;
    db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    expect(db.get('k')).toBe('v');
    db.put('k', 'w');
    db.close();
  });
});

describe('a file system that fails beside RocksDB', () => {
  it.each<[string, FaultRule, (options: Awaited<ReturnType<typeof world>>['options']) => unknown]>([
    [
      'looking for a database',
      { operation: 'stat', path: 'CURRENT', errno: 'EIO' },
      (options) => RocksDB.openSync(PATH, options),
    ],
    [
      'forgetting the lock of one that is destroyed',
      { operation: 'lock', call: 2, errno: 'EIO' },
      ({ engine }) => RocksDB.destroy(PATH, { engine }),
    ],
    [
      'removing its folder',
      { operation: 'removeDirectory', path: '/db', times: 'always', errno: 'EACCES' },
      ({ engine }) => RocksDB.destroy(PATH, { engine }),
    ],
  ])('is an IOError with its errno: %s', async (_, rule, work) => {
    const { files, engine, options } = await world();
    RocksDB.openSync(PATH, options).close();
    files.rules = [rule];
    const error = await errorOf(() => work(options));
    expect(error.errno).toBe(rule.errno);
    expect(error.cause).toMatchObject({ code: rule.errno });
    expect(files.log.length).toBeGreaterThan(0);
    ledgerIsClean(engine);
  });
});

describe('a backup that fails', () => {
  it('can be tried again, though what there is of it could not be removed', async () => {
    const { files, engine, options } = await world();
    const db = RocksDB.openSync<'utf8', 'utf8'>(PATH, options);
    db.put('k', 'v');
    const backups = BackupEngine.openSync('/backups', { engine });
    files.rules = (['rename', 'removeFile', 'stat'] as const).map((operation) => ({
      operation,
      path: '/backups/meta/**',
      errno: 'EIO',
      times: 'always',
    }));
    const error = await errorOf(() => backups.createNewBackup(db));
    expect(error.errno).toBe('EIO');
    files.rules = [];
    expect(backups.createNewBackup(db)).toBe(1);
    backups.verifyBackup(1, { verifyWithChecksum: true });
    expect(backups.getBackupInfo().map(({ backupId }) => backupId)).toEqual([1]);
    backups.free();
    db.close();
  });
});

describe('a lock that cannot be given back', () => {
  it('leaves it to the opening to say what has failed', async () => {
    const { files, engine, options } = await world();
    RocksDB.openSync(PATH, options).close();
    files.rules = [
      { operation: 'unlock', errno: 'EIO' },
      { operation: 'openDirectory', errno: 'EACCES' },
    ];
    const error = await errorOf(() => RocksDB.openSync(PATH, options));
    expect(error.code).toBe('ERR_ROCKSDB_ACCESS_DENIED');
    expect(error.message).toContain('opening the directory: /db');
    expect(files.injected.unlock).toBe(1);
    files.rules = [];
    ledgerIsClean(engine);
  });
});
