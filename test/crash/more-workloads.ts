/** What is interrupted: everything that makes files of its own, or has a state beyond keys. */
import { BackupEngine, SstFileWriter, type Transaction, type TransactionDB } from 'rocksdb-wasm';
import type { Copy } from './expected.js';
import { BACKUPS, type Workload, type World } from './world.js';

const SMALL = { writeBufferSize: 64 * 1024, level0FileNumCompactionTrigger: 3 };

/** A transaction that writes a few keys of its own, so that none waits for another. */
function write(world: World, transaction: Transaction<'utf8', 'utf8'>, name: string) {
  const effects = new Map<string, string | undefined>();
  for (let count = world.draw(4) + 1; count > 0; count--) {
    const key = `${name}/${world.draw(5)}`;
    const value = world.value(1500);
    transaction.put(key, value);
    effects.set(`default ${key}`, value);
  }
  return effects;
}

function twoPhases(world: World, database: TransactionDB<'utf8', 'utf8'>, index: number): void {
  const name = `t${world.life}.${index}`;
  const sync = world.chance(40);
  const transaction = database.beginTransaction({ writeOptions: { sync } });
  const effects = write(world, transaction, name);
  const done = (changes: Map<string, string | undefined>, act: () => void) => {
    const timeline = world.begin(changes);
    act();
    if (sync) timeline.durable();
  };
  const prepared = `prepared ${name}`;
  if (world.chance(30)) done(effects, () => transaction.commit());
  else {
    transaction.setName(name);
    world.expected.prepared.set(name, effects);
    done(new Map([[prepared, 'yes']]), () => transaction.prepare());
    if (world.chance(10)) world.flush();
    const end = world.draw(10);
    const gone = new Map<string, string | undefined>([[prepared, undefined]]);
    if (end < 6) done(new Map([...effects, ...gone]), () => transaction.commit());
    else if (end < 8) done(gone, () => transaction.rollback());
  }
  transaction.free();
}

/** Writes a table file, and takes it up: there from the moment that the call returns. */
function ingest(world: World, index: number): void {
  const writer = new SstFileWriter<'utf8', 'utf8'>(world.engine, {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
  });
  const file = `/import/${world.life}.${index}.sst`;
  const effects = new Map<string, string>();
  try {
    writer.open(file);
    const keys = new Set(Array.from({ length: world.draw(20) + 1 }, () => world.key()));
    for (const key of [...keys].sort()) {
      const value = world.value(2000);
      writer.put(key, value);
      effects.set(`default ${key}`, value);
    }
    writer.finish();
  } finally {
    writer.free();
  }
  // What is ingested is there before what was written earlier, unless that is synced.
  world.syncWAL();
  const timeline = world.begin(effects);
  world.db.ingestExternalFile(
    [file],
    world.chance(40) ? { moveFiles: true } : world.chance(30) ? { linkFiles: true } : {},
  );
  timeline.durable();
}

function backUp(world: World, backups: BackupEngine): void {
  const last = world.expected.copies.at(-1)?.id ?? 0;
  const known = backups.getBackupInfo().map(({ backupId }) => backupId);
  const copy: Copy = {
    kind: 'backup',
    id: Math.max(last, ...known, 0) + 1,
    path: BACKUPS,
    content: new Map(world.state()),
    made: 'undecided',
  };
  world.expected.copies.push(copy);
  const id = backups.createNewBackup(world.db, { flushBeforeBackup: world.chance(50) });
  if (id !== copy.id) throw new Error(`backup ${id} instead of ${copy.id}`);
  copy.made = 'yes';
}

function deleteBackup(world: World, backups: BackupEngine): void {
  const { copies } = world.expected;
  const [oldest] = copies;
  if (oldest === undefined) return;
  oldest.made = 'undecided';
  backups.deleteBackup(oldest.id);
  copies.shift();
}

export const MORE_WORKLOADS: readonly Workload[] = [
  {
    name: 'transactions in two phases',
    kind: 'transactions',
    options: SMALL,
    run(world) {
      world.open();
      const database = world.db as TransactionDB<'utf8', 'utf8'>;
      world.times(40, (index) => {
        twoPhases(world, database, index);
        if (world.chance(20)) world.put(world.key(), { sync: world.chance(30) });
        if (world.chance(8)) world.flush();
      });
    },
  },
  {
    name: 'ingestion',
    options: SMALL,
    run(world) {
      world.open();
      ensure(world, '/import');
      world.times(14, (index) => {
        for (let count = world.draw(4); count > 0; count--) {
          world.put(world.key(), { sync: world.chance(20) });
        }
        ingest(world, index);
        if (world.chance(20)) world.compact();
      });
    },
  },
  {
    name: 'column families made and dropped',
    options: SMALL,
    run(world) {
      world.open();
      world.times(60, () => {
        const name = ['a', 'b', 'c'][world.draw(3)] as string;
        const there = world.expected.families.get(name) === 'present';
        const kind = world.draw(10);
        if (kind === 0 && there) world.dropFamily(name);
        else if (kind < 4) world.createFamily(name, SMALL);
        else {
          const sync = world.chance(25);
          world.put(world.key(), { sync });
          if (there) world.put(world.key(), { sync: world.chance(25) }, name);
        }
        if (world.chance(5)) world.flush();
      });
    },
  },
  {
    name: 'backups',
    options: SMALL,
    run(world) {
      world.open();
      const backups = BackupEngine.openSync(BACKUPS, { engine: world.engine });
      forgetUndecided(world, backups);
      world.times(6, () => {
        for (let count = world.draw(12) + 1; count > 0; count--) {
          world.put(world.key(), { sync: world.chance(20) });
        }
        backUp(world, backups);
        if (world.expected.copies.length > 2) deleteBackup(world, backups);
      });
      backups.free();
    },
  },
  {
    name: 'checkpoints',
    options: SMALL,
    run(world) {
      world.open();
      world.times(6, (index) => {
        for (let count = world.draw(12) + 1; count > 0; count--) {
          world.put(world.key(), { sync: world.chance(20) });
        }
        const copy: Copy = {
          kind: 'checkpoint',
          id: 0,
          path: `/checkpoint-${world.life}.${index}`,
          content: new Map(world.state()),
          made: 'undecided',
        };
        world.expected.copies.push(copy);
        world.db.checkpoint(copy.path, world.chance(50) ? {} : { logSizeForFlush: 1 << 20 });
        copy.made = 'yes';
        if (world.expected.copies.length > 3) world.expected.copies.shift();
      });
    },
  },
  {
    name: 'options changed',
    options: { ...SMALL, maxManifestFileSize: 2000 },
    run(world) {
      world.open();
      world.createFamily('users', SMALL);
      const name = 'users maxWriteBufferNumber';
      world.times(16, (index) => {
        world.put(world.key(), { sync: world.chance(20) }, 'users');
        const columnFamily = world.family('users');
        const before = world.db.getOptions({ columnFamily }).maxWriteBufferNumber;
        const after = 2 + ((index + world.life) % 7);
        world.expected.settings.set(name, { before, after });
        world.db.setOptions({ maxWriteBufferNumber: after }, { columnFamily });
        world.expected.settings.set(name, { before: after, after });
        if (world.chance(30)) world.db.setDBOptions({ maxBackgroundJobs: 1 + world.draw(4) });
        if (world.chance(20)) world.flush();
      });
    },
  },
  {
    name: 'opened again and again',
    options: SMALL,
    run(world) {
      world.times(8, () => {
        world.open({ avoidFlushDuringShutdown: world.chance(50) });
        for (let count = world.draw(10); count > 0; count--) {
          world.put(world.key(), { sync: world.chance(20) });
        }
        if (world.chance(20)) world.flush();
        world.close();
      });
    },
  },
  {
    name: 'bulk writer',
    options: SMALL,
    run(world) {
      world.open();
      world.times(5, () => {
        const sync = (['none', 'batch', 'close'] as const)[world.draw(3)] ?? 'none';
        const maxBatchEntries = world.draw(8) + 1;
        const writer = world.db.bulkWriter({ sync, maxBatchEntries });
        let effects = new Map<string, string>();
        const timeline = world.expected.timeline('log');
        for (let left = world.draw(40) + 1; left > 0; left--) {
          const [key, value] = [world.key(), world.value(3000)];
          effects.set(`default ${key}`, value);
          const full = writer.pending + 1 === maxBatchEntries;
          if (full) world.begin(effects);
          if (writer.add([key, value]) !== full) throw new Error('a batch of another size');
          if (full) effects = new Map();
          if (full && sync === 'batch') timeline.durable();
        }
        if (effects.size > 0) world.begin(effects);
        writer.close();
        if (sync !== 'none') timeline.durable();
      });
    },
  },
];

function ensure({ engine }: World, folder: string): void {
  const names = engine.fileSystem.readDirectory('/').map(({ name }) => `/${name}`);
  if (!names.includes(folder)) engine.fileSystem.createDirectory(folder);
}

/** What a life before had begun is settled by now. */
function forgetUndecided({ expected }: World, backups: BackupEngine): void {
  const there = new Set(backups.getBackupInfo().map(({ backupId }) => backupId));
  const kept = expected.copies.filter(({ id }) => there.has(id));
  expected.copies.splice(0, expected.copies.length, ...kept);
  for (const copy of kept) copy.made = 'yes';
}
