/**
 * What is done while one allocation after the other fails. Each workload is the same to the byte in each run: no clock, no
 * randomness but the engine's own, no files but those in memory.
 */
import {
  type AssociativeMergeOperator,
  BackupEngine,
  type Comparator,
  OptimisticTransactionDB,
  RocksDB,
  SstFileWriter,
  TransactionDB,
} from 'rocksdb-wasm';
import { type Change, type Database, noise, PATH, type Stage, TEXT } from './stage.js';

export interface Workload {
  readonly name: string;
  /** Makes the files that are there before; once, without failures. */
  prepare?(stage: Stage): void;
  /** Opens what is used, without failures. */
  begin?(stage: Stage): void;
  /** What is swept. */
  run(stage: Stage): void;
  /** Opens the database for the check. Default: `stage.open()`. */
  reopen?(stage: Stage): Database;
  /** What else must be right after it; throws. */
  check?(stage: Stage): void;
}

const decoder = new TextDecoder();
const keyOf = (i: number) => `key${String(i).padStart(4, '0')}`;
/** The database as it is at the beginning of most: a table in each of two levels, and a log. */
function populate(stage: Stage, options: Parameters<Stage['open']>[0] = {}): Database {
  const db = stage.open(options);
  for (let i = 0; i < 40; i++) stage.put(keyOf(i), noise(100, i), {});
  db.flush();
  db.compactRange();
  for (let i = 20; i < 60; i++) stage.put(keyOf(i), noise(120, 100 + i), {});
  db.flush();
  for (let i = 50; i < 70; i++) stage.put(keyOf(i), noise(140, 200 + i), {});
  return db;
}

const creating: Workload = {
  name: 'create',
  run(stage) {
    const db = stage.open();
    stage.put('first', 'value');
    const columnFamily = stage.keep(db.createColumnFamily('more', { compression: 'lz4' }));
    stage.write([['more', 'second', 'value']], () =>
      db.put('second', 'value', { columnFamily, sync: true }),
    );
    stage.release();
  },
};

const opening: Workload = {
  name: 'open',
  prepare(stage) {
    populate(stage);
    stage.release();
  },
  run(stage) {
    const db = stage.open();
    stage.put('opened', db.get(keyOf(60)) ?? 'nothing');
    stage.release();
  },
};

const flushing: Workload = {
  name: 'flush',
  begin(stage) {
    stage.open({ compression: 'snappy' });
  },
  run(stage) {
    for (let i = 0; i < 30; i++) stage.put(keyOf(i), noise(200, i), { sync: i % 3 === 0 });
    stage.db?.flush();
    for (let i = 0; i < 10; i++) stage.put(keyOf(i), noise(50, 300 + i));
    stage.db?.flush();
  },
};

const batching: Workload = {
  name: 'batch',
  begin(stage) {
    const db = stage.open({ mergeOperator: 'stringappend' });
    db.createColumnFamily('other', { mergeOperator: 'stringappend' });
  },
  run(stage) {
    const db = stage.db as Database;
    const columnFamily = db.columnFamily('other') as never;
    for (let round = 0; round < 4; round++) {
      const batch = stage.keep(db.batch());
      const changes: Change[] = [];
      for (let i = round; i < round + 12; i++) {
        const value = noise(40, round * 100 + i);
        batch.put(keyOf(i), value);
        changes.push(['default', keyOf(i), value]);
        batch.put(keyOf(i), value, { columnFamily });
        changes.push(['other', keyOf(i), value]);
      }
      batch.delete(keyOf(round));
      changes.push(['default', keyOf(round), undefined]);
      batch
        .merge(`merged${round}`, 'a', { columnFamily })
        .merge(`merged${round}`, 'b', { columnFamily });
      changes.push(['other', `merged${round}`, 'a,b']);
      stage.write(changes, () => db.write(batch, { sync: true }));
    }
    const gone: Change[] = [];
    for (let i = 5; i < 10; i++) gone.push(['other', keyOf(i), undefined]);
    stage.write(gone, () => db.deleteRange(keyOf(5), keyOf(10), { columnFamily, sync: true }));
  },
  reopen: (stage) => stage.open({ mergeOperator: 'stringappend' }),
};

const compacting: Workload = {
  name: 'compaction',
  prepare(stage) {
    populate(stage, { compression: 'zstd', disableAutoCompactions: true });
    stage.release();
  },
  begin(stage) {
    stage.open({ compression: 'zstd', disableAutoCompactions: true });
  },
  run(stage) {
    for (let i = 0; i < 5; i++) {
      stage.write([['default', keyOf(i * 7), undefined]], () =>
        stage.db?.delete(keyOf(i * 7), { sync: true }),
      );
    }
    stage.db?.compactRange({ bottommostLevelCompaction: 'force' });
    stage.put('after', 'compaction');
  },
};

const reading: Workload = {
  name: 'read',
  prepare(stage) {
    populate(stage, { compression: 'zstd', blockBasedTable: { blockSize: 512 } });
    stage.release();
  },
  begin(stage) {
    stage.open({ blockBasedTable: { filterPolicy: 'bloomfilter:10', blockSize: 512 } });
  },
  run(stage) {
    const db = stage.db as Database;
    for (let i = 0; i < 60; i += 9) expectValue(stage, keyOf(i), db.get(keyOf(i)));
    const keys = [keyOf(3), 'absent', keyOf(33), keyOf(63)];
    db.getMany(keys).forEach((value, i) => {
      expectValue(stage, keys[i] as string, value);
    });
    const pinned = db.getPinned(keyOf(12));
    if (pinned !== undefined) {
      stage.keep(pinned);
      expectValue(stage, keyOf(12), decoder.decode(pinned.copy()));
    }
  },
};

const iterating: Workload = {
  name: 'iterators',
  prepare(stage) {
    populate(stage, { compression: 'lz4', blockBasedTable: { blockSize: 512 } });
    stage.release();
  },
  begin(stage) {
    stage.open();
  },
  run(stage) {
    const db = stage.db as Database;
    const snapshot = stage.keep(db.snapshot());
    const forward = stage.keep(db.iterator({ snapshot }));
    const backward = stage.keep(db.iterator({ reverse: true, gte: keyOf(10), lt: keyOf(50) }));
    for (const iterator of [forward, backward]) {
      for (const [key, value] of iterator) expectValue(stage, key, value);
    }
    forward.seek(keyOf(30));
    expectValue(stage, keyOf(30), forward.next()?.[1]);
    stage.put('later', 'than the snapshot');
    backward.refresh();
  },
};

const locking: Workload = {
  name: 'transactions',
  begin(stage) {
    stage.db = TransactionDB.openSync(PATH, { engine: stage.engine, ...TEXT, onUnreleased() {} });
    stage.put(keyOf(1), 'before');
  },
  run(stage) {
    const db = stage.db as TransactionDB<'utf8', 'utf8'>;
    for (let round = 0; round < 3; round++) {
      const transaction = stage.keep(db.beginTransaction());
      transaction.getForUpdate(keyOf(1));
      const changes: Change[] = [];
      for (let i = 0; i < 8; i++) {
        transaction.put(keyOf(i), `round ${round}`);
        changes.push(['default', keyOf(i), `round ${round}`]);
      }
      if (round === 1) {
        transaction.rollback();
        continue;
      }
      if (round === 2) {
        transaction.setName('prepared');
        transaction.prepare();
      }
      stage.write(changes, () => transaction.commit());
    }
  },
  reopen(stage) {
    const options = { engine: stage.engine, ...TEXT, onUnreleased() {} };
    const db = TransactionDB.openSync(PATH, options);
    stage.db = db;
    // What was prepared before the crash and not committed is not written: no commit has returned.
    for (const transaction of db.getAllPreparedTransactions()) {
      transaction.rollback();
      transaction.free();
    }
    return db;
  },
};

const optimistic: Workload = {
  name: 'optimistic transactions',
  begin(stage) {
    const options = { engine: stage.engine, ...TEXT, onUnreleased() {} };
    stage.db = OptimisticTransactionDB.openSync(PATH, options);
    stage.put(keyOf(1), 'before');
  },
  run(stage) {
    const db = stage.db as OptimisticTransactionDB<'utf8', 'utf8'>;
    for (let round = 0; round < 3; round++) {
      const transaction = stage.keep(db.beginTransaction({ setSnapshot: true }));
      const changes: Change[] = [];
      for (let i = 0; i < 6; i++) {
        transaction.get(keyOf(i));
        transaction.put(keyOf(i), `round ${round}`);
        changes.push(['default', keyOf(i), `round ${round}`]);
      }
      for (const [key, value] of stage.keep(transaction.iterator())) {
        if (value === undefined) throw new Error(`${key} has no value`);
      }
      stage.write(changes, () => transaction.commit());
    }
    const batch = stage.keep(db.batchWithIndex());
    batch.put('indexed', 'value');
    batch.getFromBatchAndDB(keyOf(1));
    stage.write([['default', 'indexed', 'value']], () => db.write(batch, { sync: true }));
  },
};

const backing: Workload = {
  name: 'backup',
  prepare(stage) {
    populate(stage);
    const backups = BackupEngine.openSync('/backups', { engine: stage.engine });
    backups.createNewBackup(stage.db as Database);
    stage.notes.set('backups', 1);
    backups.free();
    stage.release();
  },
  begin(stage) {
    stage.open();
    stage.put('backed', 'up');
  },
  run(stage) {
    const backups = stage.keep(BackupEngine.openSync('/backups', { engine: stage.engine }));
    backups.createNewBackup(stage.db as Database, { flushBeforeBackup: true });
    stage.notes.set('backups', 2);
    backups.verifyBackup(2, { verifyWithChecksum: true });
    backups.restoreDBFromBackup(2, '/restored');
  },
  check(stage) {
    const backups = stage.keep(BackupEngine.openSync('/backups', { engine: stage.engine }));
    const there = backups.getBackupInfo().map(({ backupId }) => backupId);
    const acknowledged = stage.notes.get('backups') as number;
    if (there.length < acknowledged)
      throw new Error(`of ${acknowledged} backups there are ${there}`);
    for (const backup of there) backups.verifyBackup(backup, { verifyWithChecksum: true });
    backups.restoreDBFromBackup(acknowledged, '/checked');
    const db = RocksDB.openSync('/checked', { engine: stage.engine, readOnly: true });
    stage.keep({ free: () => db.close() });
    db.verifyChecksum();
    if (db.get(keyOf(60)) === undefined) throw new Error('the backup lacks a key');
  },
};

const ingesting: Workload = {
  name: 'ingest',
  prepare(stage) {
    populate(stage);
    stage.release();
    stage.files.createDirectory('/tables');
  },
  begin(stage) {
    stage.open();
  },
  run(stage) {
    const db = stage.db as Database;
    const writer = stage.keep(
      new SstFileWriter(stage.engine, { ...encodings, compression: 'lz4' }),
    );
    writer.open('/tables/one');
    const changes: Change[] = [];
    for (let i = 30; i < 45; i++) {
      writer.put(keyOf(i), `ingested ${i}`);
      changes.push(['default', keyOf(i), `ingested ${i}`]);
    }
    writer.finish();
    stage.write(changes, () => db.ingestExternalFile(['/tables/one']));
    db.checkpoint('/checkpoint');
    stage.put('after', 'ingestion');
  },
};

const encodings = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

const families: Workload = {
  name: 'column families',
  begin(stage) {
    populate(stage);
  },
  run(stage) {
    const db = stage.db as Database;
    for (const name of ['one', 'two']) {
      const columnFamily = stage.keep(db.createColumnFamily(name, { compression: 'zlib' }));
      stage.write([[name, 'key', 'value']], () =>
        db.put('key', 'value', { columnFamily, sync: true }),
      );
      db.setOptions({ writeBufferSize: 1_000_000 }, { columnFamily });
    }
    const two = db.columnFamily('two') as never;
    stage.write([['two', 'key', undefined]], () => db.dropColumnFamily(two));
    db.flush();
  },
};

const calling: Workload = {
  name: 'callbacks',
  begin(stage) {
    stage.open(callingOptions());
    for (let i = 0; i < 10; i++) stage.put(keyOf(i), 'a', {});
    stage.db?.flush();
  },
  run(stage) {
    const db = stage.db as Database;
    for (let i = 0; i < 10; i += 2) {
      stage.write([['default', keyOf(i), 'a+b']], () => db.merge(keyOf(i), 'b', { sync: true }));
    }
    db.compactRange({ bottommostLevelCompaction: 'force' });
    for (const [key, value] of stage.keep(db.iterator())) expectValue(stage, key, value);
  },
  reopen: (stage) => stage.open(callingOptions()),
};

function callingOptions() {
  const comparator: Comparator = {
    name: 'byBytes',
    compare: (a, b) => Buffer.compare(a, b),
  };
  const mergeOperator: AssociativeMergeOperator = {
    name: 'plus',
    merge: (_key, existing, operand) => {
      const parts = existing === undefined ? [operand] : [existing, operand];
      return parts.map((part) => decoder.decode(part)).join('+');
    },
  };
  return { comparator, mergeOperator };
}

const blobbing: Workload = {
  name: 'blobs',
  begin(stage) {
    stage.open(BLOBS);
  },
  run(stage) {
    const db = stage.db as Database;
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 8; i++)
        stage.put(keyOf(i), noise(1500, round * 10 + i), { sync: i === 7 });
      db.flush();
    }
    db.compactRange({ bottommostLevelCompaction: 'force' });
    for (let i = 0; i < 8; i++) expectValue(stage, keyOf(i), db.get(keyOf(i)));
  },
  reopen: (stage) => stage.open(BLOBS),
};
const BLOBS = {
  enableBlobFiles: true,
  minBlobSize: 500n,
  blobCompressionType: 'lz4',
  enableBlobGarbageCollection: true,
  blobGarbageCollectionAgeCutoff: 1,
} as const;

const filling: Workload = {
  name: 'background work',
  begin(stage) {
    stage.open(SMALL);
  },
  run(stage) {
    // Memtables that fill up, flushes and compactions within the calls that write.
    for (let i = 0; i < 220; i++) stage.put(keyOf(i % 70), noise(900, i), { sync: i % 20 === 0 });
  },
  reopen: (stage) => stage.open(SMALL),
};
const SMALL = {
  writeBufferSize: 64 * 1024,
  level0FileNumCompactionTrigger: 2,
  compression: 'none',
} as const;

/** What is read is what was written. */
function expectValue(stage: Stage, key: string, found: string | undefined): void {
  const value = stage.content.get(`default/${key}`);
  if (value === found) return;
  throw new Error(`${key} is ${JSON.stringify(found)?.slice(0, 40)}, not ${value?.slice(0, 40)}`);
}

export const WORKLOADS: readonly Workload[] = [
  creating,
  opening,
  flushing,
  batching,
  compacting,
  reading,
  iterating,
  locking,
  optimistic,
  backing,
  ingesting,
  families,
  calling,
  blobbing,
  filling,
];
