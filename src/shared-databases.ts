/** The databases of this process that `RocksDB.shared` has opened, and who holds them. */
import { DatabaseLease } from './database-lease.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { HandleBusyError, InvalidArgumentError, InvalidOptionError } from './errors.js';
import { filesOf } from './host-files.js';
import { callerSite } from './monitor/sites.js';
import { placed } from './monitor/text.js';
import type { Alarm } from './native/alarms.js';
import type { HandleCore } from './native/handle-core.js';
import type { NativeObject } from './native/native-object.js';
import { expected } from './option-errors.js';
import { databasePath } from './paths.js';
import { sameValue } from './same-value.js';
import type { FileSystem } from './wasi/file-system.js';

export interface SharedOptions {
  /**
   * Milliseconds that the database stays open after its last lease ended, for the next one. Default: 0, it is closed
   * at once. By the engine's clock: a timer that does not keep the process alive, or, with a clock of the
   * program's, `db.heap.poll()`.
   */
  idleCloseMs?: number | undefined;
}

/** A database as those see it who share it. */
interface Shareable extends NativeObject {
  readonly path: string;
  readonly engine: Engine;
  close(): unknown;
}

type Options = SharedOptions & {
  engine?: Engine | undefined;
  fileSystem?: FileSystem | undefined;
  keyEncoding?: Encoding | undefined;
  valueEncoding?: Encoding | undefined;
};

const IDLE_MS_MAX = 0x7fffffff;
/** Bundlers put an underscore before the name of a class that refers to itself. */
const nameOf = ({ name }: { readonly name: string }) => name.replace(/^_+/, '');
/** Those that are of no use once the database is open. */
const FOR_CREATION: ReadonlySet<string> = new Set(['createIfMissing']);
/** They decide what calls return: left out, they have their default, whatever the database was opened with. */
const TYPED: ReadonlySet<string> = new Set(['keyEncoding', 'valueEncoding']);

/** By the engine or the file system that they are on. */
const shared = new WeakMap<object, Set<SharedDatabase<Shareable>>>();

/**
 * @internal A lease on the database at `path`, which `open` opens when it is not open. `type`: what it is opened as, a
 * class of databases.
 */
export async function lendDatabase<D extends Shareable, O extends object>(
  type: { readonly name: string },
  path: string,
  given: O & SharedOptions,
  open: (path: string, options: O) => Promise<D>,
): Promise<DatabaseLease<D>> {
  const resolved = databasePath(path);
  if (typeof given !== 'object' || given === null) {
    throw expected('an object', 'options', given);
  }
  const { idleCloseMs, ...options } = given as Options;
  checkIdle(idleCloseMs);
  const site = callerSite();
  const { engine, fileSystem } = options;
  const scope = engine ?? filesOf(fileSystem);
  const databases = shared.get(scope) ?? new Set();
  shared.set(scope, databases);
  for (const each of databases) each.sweep();
  let database = find(databases, resolved, filesOf(engine?.fileSystem ?? fileSystem));
  if (database === undefined) {
    const opening = () => open(resolved, options as O);
    database = new SharedDatabase(databases, type, resolved, { idleCloseMs, ...options }, opening);
    databases.add(database);
  } else {
    database.assertSame(type, { idleCloseMs, ...options });
  }
  return database.lend(site) as Promise<DatabaseLease<D>>;
}

/** @internal Throws HandleBusyError when a database that is to be closed is lent. */
export function assertNotLent(db: HandleCore, path: string): void {
  const leases = db.childrenOf('databaseLease');
  if (leases.length === 0) return;
  const list = leases.map(({ record }) => placed(`databaseLease #${record.id}`, record.site));
  throw new HandleBusyError(
    'ERR_ROCKSDB_DATABASE_SHARED',
    `${path} is shared by ${list.join(', ')}: release your lease instead of closing it for all`,
  );
}

/** @internal A database was closed: it is lent no more. */
export function forgetShared(engine: Engine): void {
  for (const scope of [engine, filesOf(engine.fileSystem)]) {
    for (const each of shared.get(scope) ?? []) each.sweep();
  }
}

function checkIdle(value: unknown): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > IDLE_MS_MAX) {
    throw expected(`an integer from 0 to ${IDLE_MS_MAX}`, 'idleCloseMs', value);
  }
}

function find(
  databases: ReadonlySet<SharedDatabase<Shareable>>,
  path: string,
  fileSystem: FileSystem,
): SharedDatabase<Shareable> | undefined {
  for (const each of databases) if (each.path === path) return each;
  const place = placeOf(path, fileSystem);
  for (const each of databases) if (placeOf(each.path, fileSystem) === place) return each;
  return undefined;
}

/**
 * One name for all paths to a folder: the file's identity of the innermost part of it that is there, links followed,
 * and what comes below that.
 */
function placeOf(path: string, fileSystem: FileSystem): string {
  let rest = '';
  for (let at = path; ; ) {
    try {
      const { device, inode } = fileSystem.stat(at);
      return `${device}:${inode}${rest}`;
    } catch (error) {
      const { code } = error as { code?: string };
      const slash = at.lastIndexOf('/');
      // What else is wrong with the path, opening it says.
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || slash < 0 || at === '/') return path;
      rest = at.slice(slash) + rest;
      at = slash === 0 ? '/' : at.slice(0, slash);
    }
  }
}

/** One that is open, or being opened. */
class SharedDatabase<D extends Shareable> {
  readonly path: string;
  readonly #siblings: Set<SharedDatabase<Shareable>>;
  readonly #type: { readonly name: string };
  readonly #options: Options;
  readonly #opening: Promise<D>;
  #db: D | undefined;
  /** Leases, and those that wait for theirs. */
  #holders = 0;
  #idle: Alarm | undefined;

  constructor(
    siblings: Set<SharedDatabase<Shareable>>,
    type: { readonly name: string },
    path: string,
    options: Options,
    open: () => Promise<D>,
  ) {
    this.path = path;
    this.#siblings = siblings;
    this.#type = type;
    this.#options = options;
    this.#opening = this.#open(open);
  }

  /** `site`: of the caller, for the ledger. */
  async lend(site: string): Promise<DatabaseLease<D>> {
    this.#holders++;
    this.#idle?.clear();
    const db = await this.#opening;
    const { context } = db.core;
    const { ledger } = context;
    const before = ledger.origin;
    // Rare and of long life: each one's site is known, whatever the level.
    const unfocus = ledger.focus('databaseLease');
    ledger.origin = site;
    try {
      return new DatabaseLease<D>(context, db, this.path, this);
    } finally {
      ledger.origin = before;
      unfocus();
    }
  }

  returned(): void {
    this.#holders--;
    const db = this.#db;
    if (this.#holders > 0 || db === undefined || db.freed) return;
    const { idleCloseMs = 0 } = this.#options;
    if (idleCloseMs === 0) {
      this.#close(db);
      return;
    }
    const { alarms } = db.core.context;
    this.#idle ??= alarms.make(() => this.#close(db));
    this.#idle.set(alarms.now() + idleCloseMs);
  }

  sweep(): void {
    const db = this.#db;
    if (db === undefined || !(db.freed || db.engine.crashed)) return;
    this.#siblings.delete(this as unknown as SharedDatabase<Shareable>);
    this.#idle?.clear();
  }

  /** Throws when it is open in another way than the caller asks for. */
  assertSame(type: { readonly name: string }, given: Options): void {
    if (type !== this.#type) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `${this.path} is shared as a ${nameOf(this.#type)}, not as a ${nameOf(type)}: use one of the two`,
      );
    }
    const has = this.#options as Record<string, unknown>;
    for (const name of new Set([...Object.keys(given), ...TYPED])) {
      if (FOR_CREATION.has(name)) continue;
      const value = (given as Record<string, unknown>)[name];
      if (TYPED.has(name) ? (value ?? 'view') === (has[name] ?? 'view') : value === undefined) {
        continue;
      }
      if (sameOption(name, value, has[name])) continue;
      throw new InvalidOptionError(
        `${name}: ${this.path} is shared and was opened ${said(has[name])}, not ${said(value)}: ` +
          'give the same value everywhere, or leave it out',
        name,
        value,
      );
    }
  }

  async #open(open: () => Promise<D>): Promise<D> {
    try {
      this.#db = await open();
      return this.#db;
    } catch (error) {
      this.#siblings.delete(this as unknown as SharedDatabase<Shareable>);
      throw error;
    }
  }

  /** Only when nobody has taken a lease meanwhile. */
  #close(db: D): void {
    if (this.#holders > 0 || db.freed) return;
    this.#siblings.delete(this as unknown as SharedDatabase<Shareable>);
    this.#idle?.clear();
    db.close();
  }
}

function sameOption(name: string, a: unknown, b: unknown): boolean {
  if (name !== 'fileSystem') return sameValue(a, b);
  return filesOf(a as FileSystem | undefined) === filesOf(b as FileSystem | undefined);
}

function said(value: unknown): string {
  if (value === undefined) return 'without it';
  if (typeof value === 'string') return `with '${value}'`;
  if (typeof value === 'function') return 'with a function of its own';
  if (typeof value === 'object' && value !== null) return 'with an object that differs';
  return `with ${String(value)}`;
}
