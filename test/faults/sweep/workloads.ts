/** Workloads of one database: writing, flushing, compacting, recovering. Those of files and of others are beside. */
import { DBWithTTL, RocksDB, type Transaction, TransactionDB } from 'rocksdb-wasm';
import type { Database, Drill, Options, Workload } from './drill.js';
import { fileWorkloads } from './workloads-files.js';

const PATH = '/db';
export const key = (i: number) => `key${String(i).padStart(4, '0')}`;

/** Puts so many entries, one after the other. */
export async function fill(drill: Drill, db: Database, from: number, count: number, tag = 'v') {
  for (let i = from; i < from + count; i++) await drill.put(db, key(i), `${tag} of ${i}`);
}

/** A batch of entries of its own; all of it is there or nothing. */
async function writeBatch(drill: Drill, db: Database, name: string, sync = false) {
  const changes = [0, 1, 2].map((i) => [`${name}-${i}`, `${name} ${i}`] as const);
  const batch = db.batch();
  try {
    for (const [each, value] of changes) batch.put(each, value);
    await drill.write(db.path, changes, () => db.write(batch, { sync }));
  } finally {
    batch.free();
  }
}

const openCreate: Workload = {
  name: 'open-create',
  run: async (drill) => {
    const options: Options = { columnFamilies: { one: {} }, createMissingColumnFamilies: true };
    await drill.withDb(PATH, options, (db) => drill.put(db, 'k', 'v'));
  },
};

const putFlush: Workload = {
  name: 'put-flush',
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      await fill(drill, db, 0, 5);
      await drill.put(db, 'synced', 'yes', { sync: true });
      await writeBatch(drill, db, 'batch');
      await drill.step('flush', () => db.flush());
      await drill.delete(db, key(1));
      await fill(drill, db, 3, 4, 'w');
      await writeBatch(drill, db, 'synced batch', true);
      await drill.step('flush', () => db.flush());
      await drill.get(db, key(3));
      await drill.scan(db);
      await drill.step('syncWAL', () => db.syncWAL());
      await fill(drill, db, 10, 2);
    }),
};

const compaction: Workload = {
  name: 'compaction',
  prepare: (drill) =>
    drill.withDb(PATH, { disableAutoCompactions: true }, async (db) => {
      for (let round = 0; round < 2; round++) {
        await fill(drill, db, round * 5, 20, `round ${round}`);
        db.flush();
      }
    }),
  run: (drill) =>
    drill.withDb(PATH, { level0FileNumCompactionTrigger: 3 }, async (db) => {
      await fill(drill, db, 2, 10, 'third');
      await drill.step('flush', () => db.flush());
      await drill.scan(db);
      await drill.write(db.path, range(4, 8), () => db.deleteRange(key(4), key(8)));
      await drill.step('compactRange', () =>
        db.compactRange({ bottommostLevelCompaction: 'force' }),
      );
      await drill.scan(db);
      await fill(drill, db, 30, 2);
    }),
};

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [key(from + i), undefined] as const);

/** A write buffer so small that flushes and compactions come by themselves. */
const busy: Workload = {
  name: 'busy',
  run: (drill) =>
    drill.withDb(PATH, { level0FileNumCompactionTrigger: 2, compression: 'none' }, async (db) => {
      const value = 'x'.repeat(6000);
      for (let i = 0; i < 60; i++) await drill.put(db, key(i % 40), `${i}${value}`);
      await drill.scan(db);
    }),
};

const manualBackground: Workload = {
  name: 'manual-background',
  background: 'manual',
  run: (drill) =>
    drill.withDb(PATH, { level0FileNumCompactionTrigger: 2 }, async (db) => {
      for (let round = 0; round < 3; round++) {
        await fill(drill, db, round * 2, 8, `round ${round}`);
        await drill.step('flush', () => db.flush({ wait: false }));
        await drill.step('pump', () => drill.engine.pump());
      }
      await drill.scan(db);
    }),
};

const columnFamilies: Workload = {
  name: 'column-families',
  run: async (drill) => {
    const options: Options = { atomicFlush: true, maxManifestFileSize: 1 };
    await drill.withDb(PATH, options, async (db) => {
      const one = await drill.step('create', () => db.createColumnFamily('one'));
      const two = await drill.step('create', () => db.createColumnFamily('two'));
      await fill(drill, db, 0, 3);
      for (const [name, handle] of [['one', one] as const, ['two', two] as const]) {
        if (handle === undefined) continue;
        await drill.putIn(db, { name, handle }, 'a', `${name} a`);
        await drill.putIn(db, { name, handle }, 'b', `${name} b`);
      }
      if (one !== undefined && two !== undefined) {
        const changes = [one, two].map(({ name }) => [`${name}/both`, 'both'] as const);
        const batch = db.batch();
        try {
          for (const columnFamily of [one, two]) batch.put('both', 'both', { columnFamily });
          await drill.write(PATH, changes, () => db.write(batch, { sync: true }));
        } finally {
          batch.free();
        }
      }
      await drill.step('flush', () => db.flush());
      if (two !== undefined) {
        const gone = ['a', 'b', 'both'].map((each) => [`two/${each}`, undefined] as const);
        await drill.write(PATH, gone, () => db.dropColumnFamily(two));
        await drill.step('free', () => two.free());
      }
      await fill(drill, db, 2, 3, 'w');
      await drill.scan(db);
    });
    await drill.withDb(PATH, options, (db) => fill(drill, db, 8, 2));
  },
};

const transactional = (
  drill: Drill,
  options: Options,
  work: (db: TransactionDB<'utf8', 'utf8'>) => unknown,
) =>
  drill.withDb(PATH, options, work, (path, all) =>
    TransactionDB.openSync<'utf8', 'utf8'>(path, all as never),
  );

/** Commits, prepares and rolls back; `end` makes what was put there, if it succeeds. */
async function transaction(
  drill: Drill,
  db: TransactionDB<'utf8', 'utf8'>,
  name: string,
  end: (transaction: Transaction<'utf8', 'utf8'>) => unknown,
): Promise<void> {
  const changes = [0, 1].map((i) => [`${name}-${i}`, `${name} ${i}`] as const);
  const begun = db.beginTransaction();
  try {
    const done = await drill.step('prepare', () => {
      begun.setName(name);
      for (const [each, value] of changes) begun.put(each, value);
      begun.prepare();
      return true;
    });
    if (done) await drill.write(PATH, changes, () => end(begun));
    else await drill.step('rollback', () => begun.rollback());
  } finally {
    begun.free();
  }
}

const twoPhase: Workload = {
  name: 'transactions-2pc',
  run: async (drill) => {
    let left = false;
    await transactional(drill, {}, async (db) => {
      await fill(drill, db, 0, 3);
      await transaction(drill, db, 'committed', (begun) => begun.commit());
      await drill.step('rollback', () => {
        const begun = db.beginTransaction();
        try {
          begun.put('rolled back', 'never');
          begun.rollback();
        } finally {
          begun.free();
        }
      });
      await drill.step('flush', () => db.flush());
      const begun = db.beginTransaction();
      await drill.step('prepare', () => {
        begun.setName('left');
        begun.put('left', 'prepared');
        begun.prepare();
        left = true;
      });
      begun.free();
    });
    await transactional(drill, {}, async (db) => {
      const found = await drill.step('recovered', () => db.getTransactionByName('left'));
      if (found === undefined) return;
      await drill.write(PATH, [['left', 'prepared']], () => found.commit());
      found.free();
      left = false;
    });
    await transactional(drill, {}, (db) => drill.put(db, 'last', `${left ? 'left' : 'taken'}`));
  },
  after: (drill) => {
    const db = TransactionDB.openSync<'utf8', 'utf8'>(PATH, drill.options() as never);
    try {
      for (const each of db.getAllPreparedTransactions()) {
        each.rollback();
        each.free();
      }
    } finally {
      db.close();
    }
  },
};

const blobFiles: Workload = {
  name: 'blob-files',
  run: (drill) => {
    const options: Options = {
      enableBlobFiles: true,
      minBlobSize: 100,
      enableBlobGarbageCollection: true,
      blobGarbageCollectionAgeCutoff: 1,
      blobGarbageCollectionForceThreshold: 0,
      disableAutoCompactions: true,
    };
    return drill.withDb(PATH, options, async (db) => {
      for (let round = 0; round < 2; round++) {
        await fill(drill, db, round, 4, `${'blob '.repeat(40)}${round}`);
        await drill.step('flush', () => db.flush());
      }
      await drill.scan(db);
      await drill.step('compactRange', () =>
        db.compactRange({ bottommostLevelCompaction: 'force' }),
      );
      await drill.scan(db);
    });
  },
};

const walIteration: Workload = {
  name: 'wal-iteration',
  run: (drill) =>
    drill.withDb(PATH, { walTtlSeconds: 1000 }, async (db) => {
      await fill(drill, db, 0, 4);
      await drill.step('flush', () => db.flush());
      await fill(drill, db, 4, 4);
      await drill.step('getSortedWalFiles', () => db.getSortedWalFiles());
      await drill.step('getCurrentWalFile', () => db.getCurrentWalFile());
      await drill.step('getUpdatesSince', () => {
        const log = db.getUpdatesSince(0);
        try {
          for (const { batch } of log) void batch.length;
        } finally {
          log.free();
        }
      });
    }),
};

const walDir: Workload = {
  name: 'wal-dir',
  run: (drill) =>
    drill.withDb(PATH, { walDir: '/wal', recycleLogFileNum: 1 }, async (db) => {
      await fill(drill, db, 0, 4);
      await drill.step('flushWAL', () => db.flushWAL(true));
      await drill.step('flush', () => db.flush());
      await fill(drill, db, 4, 4);
      await drill.step('flush', () => db.flush());
      await fill(drill, db, 2, 4, 'w');
    }),
};

const recovery: Workload = {
  name: 'recovery',
  prepare: (drill) =>
    drill.withDb(PATH, { avoidFlushDuringShutdown: true }, async (db) => {
      await fill(drill, db, 0, 6);
      db.flush();
      const handle = db.createColumnFamily('one');
      await fill(drill, db, 3, 6, 'logged');
      await drill.putIn(db, { name: 'one', handle }, 'a', 'logged');
      await drill.putIn(db, { name: 'one', handle }, 'b', 'x'.repeat(3000));
      db.flush({ columnFamily: handle });
      await drill.putIn(db, { name: 'one', handle }, 'a', 'logged again');
    }),
  run: async (drill) => {
    for (const avoidFlushDuringRecovery of [true, false]) {
      await drill.withDb(PATH, { avoidFlushDuringRecovery, paranoidChecks: true }, (db) =>
        drill.scan(db),
      );
    }
  },
};

const ttl: Workload = {
  name: 'ttl',
  run: (drill) =>
    drill.withDb(
      PATH,
      {},
      async (db) => {
        await drill.put(db, 'expires', 'not yet');
        await drill.step('flush', () => db.flush());
        await drill.step('compactRange', () => db.compactRange());
        await drill.get(db, 'expires');
      },
      (path, options) => DBWithTTL.open<'utf8', 'utf8'>(path, { ...options, timeToLive: 3600 }),
    ),
};

const merges: Workload = {
  name: 'merges',
  run: (drill) =>
    drill.withDb(PATH, { mergeOperator: 'stringappend' }, async (db) => {
      for (let i = 0; i < 3; i++) {
        const value = Array.from({ length: i + 1 }, (_, n) => n).join(',');
        // Before the first that fails: afterwards it is not known what it is appended to.
        if (!(await drill.write(PATH, [['m', value]], () => db.merge('m', String(i))))) return;
        await drill.step('flush', () => db.flush());
      }
      await drill.step('compactRange', () => db.compactRange());
      await drill.scan(db);
    }),
};

const bulkWriter: Workload = {
  name: 'bulk-writer',
  run: (drill) =>
    drill.withDb(PATH, {}, async (db) => {
      const entries = Array.from({ length: 60 }, (_, i) => [key(i), `bulk ${i}`] as const);
      // Batches are whole; the writer as such is not.
      for (const entry of entries) drill.model(PATH).doubt([entry]);
      const writer = db.bulkWriter({ maxBatchEntries: 20 });
      try {
        await drill.step('bulk', async () => {
          for (const entry of entries) writer.add(entry as never);
          const { entries: written } = writer.close();
          if (written === entries.length) drill.model(PATH).acknowledge(entries);
        });
      } finally {
        if (!writer.freed) await drill.step('abort', () => writer.abort());
        if (!writer.freed) writer.free();
      }
      await drill.scan(db);
    }),
};

const optionsFiles: Workload = {
  name: 'options-files',
  run: async (drill) => {
    await drill.withDb(PATH, {}, async (db) => {
      await drill.put(db, 'k', 'v');
      await drill.step('setOptions', () => db.setOptions({ level0FileNumCompactionTrigger: 7 }));
      await drill.step('setDBOptions', () => db.setDBOptions({ maxOpenFiles: 50 }));
      await drill.step('saveOptions', () => db.saveOptions('/db/saved'));
    });
    const { engine } = drill;
    await drill.step('load', () => RocksDB.loadLatestOptions(PATH, { engine }));
    await drill.step('load', () => RocksDB.loadOptionsFromFile('/db/saved', { engine }));
    await drill.step('list', () => RocksDB.listColumnFamilies(PATH, { engine }));
    await drill.step('compatible', () => RocksDB.checkOptionsCompatibility(PATH, { engine }));
  },
};

const encrypted: Workload = {
  name: 'encrypted',
  encrypted: true,
  run: async (drill) => {
    for (let round = 0; round < 2; round++) {
      await drill.withDb(PATH, {}, async (db) => {
        await fill(drill, db, round * 3, 6, `round ${round}`);
        await drill.put(db, `synced ${round}`, 'yes', { sync: true });
        await drill.step('flush', () => db.flush());
        await drill.scan(db);
      });
    }
  },
};

export const WORKLOADS: readonly Workload[] = [
  openCreate,
  putFlush,
  compaction,
  busy,
  manualBackground,
  columnFamilies,
  twoPhase,
  blobFiles,
  walIteration,
  walDir,
  recovery,
  ttl,
  merges,
  bulkWriter,
  optionsFiles,
  encrypted,
  ...fileWorkloads,
];
