/** Opens what a power cut has left, and compares it with what is expected. */
import {
  BackupEngine,
  Engine,
  type FileSystem,
  ManualClock,
  RocksDB,
  SeededRandom,
  TransactionDB,
} from 'rocksdb-wasm';
import type { Copy, Expected } from './expected.js';
import { SwitchedFileSystem } from './file-systems.js';
import type { State } from './timeline.js';
import { BACKUPS, type Database, openWorkload, type Workload } from './world.js';

/** What was found is not what may be. */
export class CrashFailure extends Error {
  override readonly name = 'CrashFailure';
}

/** Of each timeline, how many of its writes beyond the durable ones have survived. */
export type Survived = ReadonlyMap<string, number>;

const AFTER = 'zz after';

/** One engine opens all the states, one after the other. */
export class Checker {
  private constructor(
    readonly engine: Engine,
    readonly disk: SwitchedFileSystem,
  ) {}

  static async create(wasm: WebAssembly.Module): Promise<Checker> {
    const disk = new SwitchedFileSystem();
    const clock = new ManualClock({ stepNs: 1000n });
    const random = new SeededRandom(1);
    return new Checker(await Engine.create({ wasm, clock, random, fileSystem: disk }), disk);
  }

  free(): void {
    if (!this.engine.crashed) this.engine.free();
  }

  /** Throws CrashFailure. The database in `left` is written to, and closed. */
  check(workload: Workload, left: FileSystem, expected: Expected): Survived {
    this.disk.turnTo(workload.wrap?.(left) ?? left);
    const db = this.open(workload, expected);
    const { found, survived } = closing(db, () => {
      const survived = compare(db, expected);
      compareSettings(db, expected);
      const found = contentOf(finishPrepared(db, expected));
      for (const copy of expected.copies) this.#checkCopy(copy);
      return { found: writeMore(db, found), survived };
    });
    const again = during('opened again', () => openWorkload(workload, this.engine, {}));
    closing(again, () => {
      assertSame('after it was opened again', contentOf(again), found);
      during('checksums', () => again.verifyChecksum());
    });
    return survived;
  }

  open(workload: Workload, { created }: Expected): Database {
    return during('the database cannot be opened', () =>
      openWorkload(workload, this.engine, { createIfMissing: !created }),
    );
  }

  #checkCopy(copy: Copy): void {
    const what = `${copy.kind} ${copy.id === 0 ? copy.path : copy.id}`;
    if (copy.kind === 'backup') {
      const { engine } = this;
      const backups = during(`${what}: the backups`, () =>
        BackupEngine.openSync(BACKUPS, { engine }),
      );
      try {
        const there = backups.getBackupInfo().some(({ backupId }) => backupId === copy.id);
        if (!there && copy.made === 'undecided') return;
        if (!there) throw new CrashFailure(`${what} is not there`);
        during(`${what}: its checksums`, () =>
          backups.verifyBackup(copy.id, { verifyWithChecksum: true }),
        );
        during(what, () => backups.restoreDBFromBackup(copy.id, '/restored'));
      } finally {
        backups.free();
      }
    }
    this.#compareCopy(what, copy);
  }

  #compareCopy(what: string, { kind, path, content, made }: Copy): void {
    const { engine } = this;
    const open = () =>
      RocksDB.openSync<'utf8', 'utf8'>(kind === 'backup' ? '/restored' : path, {
        keyEncoding: 'utf8',
        valueEncoding: 'utf8',
        readOnly: true,
        engine,
      });
    let db: Database;
    try {
      db = open();
    } catch (error) {
      // One that nobody was told of may be incomplete.
      if (made === 'undecided' && kind === 'checkpoint') return;
      throw new CrashFailure(`${what} cannot be opened: ${error}`);
    }
    closing(db, () => assertSame(what, contentOf(db), content));
  }
}

function compare(db: Database, expected: Expected): Survived {
  const families = familiesOf(db, expected);
  const all = contentOf(db);
  for (const name of preparedOf(db)) all.set(`prepared ${name}`, 'yes');
  const parts = new Map<string, Map<string, string>>();
  for (const [key, value] of all) {
    const name = expected.timelineOf(key);
    const part = parts.get(name) ?? new Map<string, string>();
    parts.set(name, part.set(key, value));
  }
  const absent = (key: string) => {
    const family = key.slice(0, key.indexOf(' '));
    return family !== 'prepared' && !families.has(family);
  };
  const survived = new Map<string, number>();
  for (const name of new Set([...expected.timelines.keys(), ...parts.keys()])) {
    const beyond = expected.timeline(name).find(parts.get(name) ?? new Map(), absent);
    if (typeof beyond === 'string') throw new CrashFailure(`${name}: ${beyond}`);
    survived.set(name, beyond);
  }
  return survived;
}

function familiesOf(db: Database, { families }: Expected): Set<string> {
  const found = new Set(db.columnFamilyNames);
  for (const [name, state] of families) {
    if (state === 'present' && !found.has(name)) {
      throw new CrashFailure(`the column family ${name} is not there`);
    }
  }
  const stray = [...found].find((name) => !families.has(name));
  if (stray !== undefined) throw new CrashFailure(`the column family ${stray} should not be there`);
  return found;
}

/** By `FAMILY KEY`. What an iterator finds, reads by key must find, too. */
function contentOf(db: Database): Map<string, string> {
  const content = new Map<string, string>();
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name) as NonNullable<ReturnType<Database['columnFamily']>>;
    const iterator = db.iterator({ columnFamily });
    const entries = during(`reading ${name}`, () => [...iterator] as [string, string][]);
    iterator.free();
    const values = db.getMany(
      entries.map(([key]) => key),
      { columnFamily },
    );
    entries.forEach(([key, value], index) => {
      if (values[index] !== value) throw new CrashFailure(`${name} ${key} is not read by its key`);
      content.set(`${name} ${key}`, value);
    });
  }
  return content;
}

function preparedOf(db: Database): string[] {
  if (!(db instanceof TransactionDB)) return [];
  return db.getAllPreparedTransactions().map((each) => {
    const { name } = each;
    each.free();
    return name ?? '';
  });
}

/** Commits every other one that was prepared, and rolls the rest back: all that they wrote is there, or nothing. */
function finishPrepared(db: Database, expected: Expected): Database {
  if (!(db instanceof TransactionDB)) return db;
  const transactions = db.getAllPreparedTransactions();
  transactions.forEach((each, index) => {
    const effects = expected.prepared.get(each.name ?? '') ?? new Map();
    const before = contentOf(db);
    during(`prepared ${each.name}`, () => (index % 2 === 0 ? each.commit() : each.rollback()));
    if (index % 2 === 0) {
      for (const [key, value] of effects) {
        if (value === undefined) before.delete(key);
        else before.set(key, value);
      }
    }
    each.free();
    assertSame(`after prepared ${each.name}`, contentOf(db), before);
  });
  return db;
}

function compareSettings(db: Database, { settings }: Expected): void {
  for (const [name, { before, after }] of settings) {
    const [family = '', option = ''] = name.split(' ');
    const columnFamily = db.columnFamily(family);
    if (columnFamily === undefined) continue;
    const value = db.getOptions({ columnFamily })[option as 'writeBufferSize'] as unknown;
    if (value !== before && value !== after) {
      throw new CrashFailure(`${name} is ${value}, neither ${before} nor ${after}`);
    }
  }
}

/** It takes writes, and flushes them. */
function writeMore(db: Database, found: Map<string, string>): Map<string, string> {
  during('a write', () => {
    const batch = db.batch();
    for (const name of db.columnFamilyNames) {
      const columnFamily = db.columnFamily(name);
      batch.put(AFTER, 'more', columnFamily === undefined ? {} : { columnFamily });
      found.set(`${name} ${AFTER}`, 'more');
    }
    db.write(batch, { sync: true });
    batch.free();
    if (found.size % 2 === 0) db.flush();
  });
  return found;
}

function assertSame(when: string, found: State, expected: State): void {
  for (const key of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(key) === expected.get(key)) continue;
    const [is, should] = [found, expected].map(
      (state) => state.get(key)?.slice(0, 30) ?? 'nothing',
    );
    throw new CrashFailure(`${when}: ${key} is ${is} instead of ${should}`);
  }
}

function during<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CrashFailure) throw error;
    throw new CrashFailure(`${what}: ${error}`, { cause: error });
  }
}

function closing<T>(db: Database, run: () => T): T {
  try {
    return run();
  } finally {
    if (!db.engine.crashed) db.close();
  }
}
