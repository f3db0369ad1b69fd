/** Workloads that copy, take up, link and destroy files, and those of a second database. */
import { BackupEngine, ExportedFiles, RocksDB, SstFileReader, SstFileWriter } from 'rocksdb-wasm';
import { contentOf, type Database, type Drill, DrillError, TEXT, type Workload } from './drill.js';

const PATH = '/db';
const KEYS = 8;
const key = (i: number) => `key${String(i).padStart(4, '0')}`;

/** A database with a table and something in its log. */
const prepared = (drill: Drill) =>
  drill.withDb(PATH, { avoidFlushDuringShutdown: true }, async (db) => {
    for (let i = 0; i < KEYS; i++) await drill.put(db, key(i), `value ${i}`);
    db.flush();
    await drill.put(db, 'log', 'only');
  });

/** Uses what has to be freed, whatever comes of it. */
async function using<T extends { free(): void }>(
  drill: Drill,
  name: string,
  make: () => T | Promise<T>,
  work: (made: T) => unknown,
): Promise<void> {
  const made = await drill.step(name, make);
  if (made === undefined) return;
  try {
    await work(made);
  } finally {
    await drill.step(`free of ${name}`, () => made.free());
  }
}

/** A copy that was reported as made holds what the source does. */
async function expectCopy(drill: Drill, path: string): Promise<void> {
  const options = { ...TEXT, engine: drill.engine, readOnly: true };
  await using(
    drill,
    'open copy',
    () => RocksDB.openSync<'utf8', 'utf8'>(path, options),
    async (db) => {
      const content = await drill.step('scan copy', () => contentOf(db));
      if (content !== undefined) drill.expect(PATH, content);
    },
  );
}

async function writeTable(drill: Drill, path: string): Promise<boolean> {
  const { engine } = drill;
  let finished = false;
  await using(
    drill,
    'writer',
    () => new SstFileWriter(engine, TEXT),
    async (writer) => {
      await drill.step('write table', () => {
        writer.open(path);
        for (let i = 3; i < 12; i++) writer.put(key(i), 'ingested');
        writer.finish();
        finished = true;
      });
    },
  );
  return finished;
}

const ingested = Array.from({ length: 9 }, (_, i) => [key(i + 3), 'ingested'] as const);

const ingest: Workload = {
  name: 'ingest',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      if (await writeTable(drill, '/new.sst')) {
        const { engine } = drill;
        await using(
          drill,
          'reader',
          () => new SstFileReader(engine, '/new.sst', TEXT),
          (reader) => drill.step('verify', () => reader.verifyChecksum()),
        );
        await drill.write(PATH, ingested, () => db.ingestExternalFile(['/new.sst']));
      }
      await drill.scan(db);
      if (await writeTable(drill, '/move.sst')) {
        const options = { moveFiles: true };
        await drill.step('ingest', () => db.ingestExternalFile(['/move.sst'], options));
        for (const change of ingested) drill.model(PATH).doubt([change]);
      }
      await drill.put(db, 'last', 'value');
    }),
};

const exportImport: Workload = {
  name: 'export-import',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      await using(
        drill,
        'export',
        () => db.exportColumnFamily('/exported'),
        ({ metadata }) =>
          using(
            drill,
            'files',
            () => ExportedFiles.from(drill.engine, metadata),
            async (files) => {
              const content = contentOfModel(drill, db);
              const changes = content.map(([each, value]) => [`copy/${each}`, value] as const);
              await drill.write(PATH, changes, () =>
                db.createColumnFamilyWithImport('copy', files),
              );
            },
          ),
      );
      await drill.put(db, 'last', 'value');
      await drill.scan(db);
    }),
};

/** The entries that prepared() has made. */
const contentOfModel = (drill: Drill, db: Database): (readonly [string, string])[] => {
  const entries = Array.from({ length: KEYS }, (_, i) => [key(i), `value ${i}`] as const);
  const all = [...entries, ['log', 'only'] as const];
  if (!all.every(([each, value]) => drill.model(db.path).allows(each, value))) {
    throw new DrillError('the prepared entries are not there');
  }
  return all;
};

const backup: Workload = {
  name: 'backup-restore',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      const { engine } = drill;
      let made = 0;
      const open = () => BackupEngine.openSync('/backups', { engine });
      await using(drill, 'backup engine', open, async (backups) => {
        if ((await drill.step('backup', () => backups.createNewBackup(db))) !== undefined) made++;
        await drill.put(db, 'more', 'value');
        await drill.step('backup', () => backups.createNewBackup(db, { flushBeforeBackup: true }));
        await drill.step('verify', () => backups.verifyBackup(1, { verifyWithChecksum: true }));
        await drill.step('purge', () => backups.purgeOldBackups(1));
      });
      if (made === 0) return;
      await using(drill, 'backup engine', open, async (backups) => {
        const restored = await drill.step('restore', () => {
          backups.restoreDBFromLatestBackup('/restored');
          return backups.getLatestBackupInfo() !== undefined;
        });
        if (restored) await expectRestored(drill);
      });
    }),
  after: (drill) => {
    // Whatever failed: what is listed is good, and a new backup can be made and restored.
    const { engine } = drill;
    const backups = BackupEngine.openSync('/backups', { engine });
    try {
      for (const { backupId } of backups.getBackupInfo()) {
        backups.verifyBackup(backupId, { verifyWithChecksum: true });
      }
      const db = RocksDB.openSync<'utf8', 'utf8'>(PATH, drill.options());
      try {
        backups.createNewBackup(db);
        drill.expect(PATH, contentOf(db));
      } finally {
        db.close();
      }
      backups.restoreDBFromLatestBackup('/restored again');
    } finally {
      backups.free();
    }
    const options = { ...TEXT, engine, readOnly: true };
    const db = RocksDB.openSync<'utf8', 'utf8'>('/restored again', options);
    try {
      drill.expect(PATH, contentOf(db));
    } finally {
      db.close();
    }
  },
};

/** What was restored opens, and has the entries of before the backups. */
async function expectRestored(drill: Drill): Promise<void> {
  const options = { ...TEXT, engine: drill.engine, readOnly: true };
  const open = () => RocksDB.openSync<'utf8', 'utf8'>('/restored', options);
  await using(drill, 'open restored', open, async (db) => {
    for (let i = 0; i < KEYS; i++) {
      const found = await drill.step('get', () => ({ value: db.get(key(i)) }));
      if (found !== undefined && found.value !== `value ${i}`) {
        throw new DrillError(`restored: ${key(i)} is ${found.value}`);
      }
    }
  });
}

const checkpoint: Workload = {
  name: 'checkpoint',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      for (const [path, logSizeForFlush] of [
        ['/flushed', 0] as const,
        ['/logged', 1 << 30] as const,
      ]) {
        const made = await drill.step('checkpoint', () => db.checkpoint(path, { logSizeForFlush }));
        if (made !== undefined) await expectCopy(drill, path);
      }
      await drill.put(db, 'last', 'value');
    }),
};

const destroy: Workload = {
  name: 'destroy',
  prepare: (drill) =>
    drill.withDb('/gone', {}, async (db) => {
      db.createColumnFamily('one').free();
      await drill.put(db, 'k', 'v');
    }),
  run: async (drill) => {
    const { engine } = drill;
    drill.model('/gone').doubt([['k', undefined]]);
    await drill.step('destroy', () => RocksDB.destroy('/gone', { engine }));
    await drill.step('destroy', () => RocksDB.destroy('/gone', { engine }));
  },
  after: async (drill) => {
    // Destroyed half, it is destroyed whole by the next, and can be made anew.
    await RocksDB.destroy('/gone', { engine: drill.engine });
    drill.model('/gone').acknowledge([
      ['k', undefined],
      ['after', undefined],
    ]);
    await drill.check();
  },
};

const secondary: Workload = {
  name: 'secondary',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      const options = { ...TEXT, engine: drill.engine };
      const open = () => RocksDB.openAsSecondary<'utf8', 'utf8'>(PATH, '/secondary', options);
      await using(drill, 'secondary', open, async (second) => {
        await drill.put(db, 'more', 'value');
        await drill.step('catch up', () => second.tryCatchUpWithPrimary());
        await drill.step('flush', () => db.flush());
        await drill.step('catch up', () => second.tryCatchUpWithPrimary());
        const found = await drill.step('get', () => second.get(key(1)));
        if (found !== undefined && found !== 'value 1') throw new DrillError(`second: ${found}`);
      });
    }),
};

const follower: Workload = {
  name: 'follower',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      const options = { ...TEXT, engine: drill.engine, createIfMissing: true };
      const open = () => RocksDB.openAsFollower<'utf8', 'utf8'>('/follower', PATH, options);
      await using(drill, 'follower', open, async (follows) => {
        await drill.step('flush', () => db.flush());
        const found = await drill.step('get', () => follows.get(key(1)));
        if (found !== undefined && found !== 'value 1') throw new DrillError(`follower: ${found}`);
      });
    }),
};

const reading: Workload = {
  name: 'reading',
  prepare: prepared,
  run: async (drill) => {
    await expectCopy(drill, PATH);
    await drill.withDb(PATH, {}, async (db) => {
      await drill.step('verifyChecksum', () => db.verifyChecksum());
      await drill.step('getLiveFiles', () => db.getLiveFiles({ flushMemtable: true }));
      await drill.step('getLiveFilesStorageInfo', () => db.getLiveFilesStorageInfo());
      await drill.step('tables', () => db.getPropertiesOfAllTables());
    });
  },
};

const copyFamily: Workload = {
  name: 'copy-column-family',
  prepare: prepared,
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      const content = contentOfModel(drill, db);
      const changes = content.map(([each, value]) => [`copy/${each}`, value] as const);
      const source = db.defaultColumnFamily;
      // A copy that cannot be dropped on a disk that goes on failing stays incomplete.
      for (const change of changes) drill.model(PATH).doubt([change]);
      const made = await drill.step('copy', () =>
        db.copyColumnFamily(source, 'copy', { bytesPerTurn: 50 }),
      );
      if (made !== undefined) drill.model(PATH).acknowledge(changes);
      await drill.scan(db);
    }),
  after: async (drill) => {
    const db = RocksDB.openSync<'utf8', 'utf8'>(PATH, drill.options());
    try {
      const options = { replace: true };
      await db.copyColumnFamily(db.defaultColumnFamily, 'copy', options);
      const changes = [...contentOf(db)].filter(([each]) => !each.includes('/'));
      drill.model(PATH).acknowledge(changes.map(([each, value]) => [`copy/${each}`, value]));
      drill.expect(PATH, contentOf(db));
    } finally {
      db.close();
    }
  },
};

export const fileWorkloads: readonly Workload[] = [
  ingest,
  exportImport,
  backup,
  checkpoint,
  destroy,
  secondary,
  follower,
  reading,
  copyFamily,
];
