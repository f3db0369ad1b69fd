import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { AbstractSublevel } from 'abstract-level';
import { calledFrom, callerSite, passOver } from '../monitor/sites.js';
import type { OpenOptions } from '../open.js';
import { databasePath } from '../paths.js';
import type { ReadOptions } from '../read-options.js';
import { RocksDB } from '../rocksdb.js';
import type { WriteBatch } from '../write-batch.js';
import { RocksChainedBatch } from './chained-batch.js';
import { type ClearOptions, clearRange } from './clear.js';
import { Cursor, type CursorOptions } from './cursor.js';
import { attempt, LevelError, levelError } from './errors.js';
import { Folder } from './folder.js';
import { RocksIterator, RocksKeyIterator, RocksValueIterator } from './iterators.js';
import { openOptionsOf, type RocksLevelOpenOptions, type RocksLevelOptions } from './options.js';
import type { Data } from './range.js';
import { RocksSnapshot } from './snapshot.js';
import { forCaller, RocksSublevel } from './sublevel.js';
import { paced, pause } from './turns.js';
import { type StartEndOptions, TypedLevel } from './typed-level.js';

/** Keys of getMany and hasMany that are read before other work may go on. */
const KEYS_AT_ONCE = 1000;
/** A batch that has grown larger is given back once it is written. */
const BATCH_KEPT_BYTES = 1024 * 1024;
/** Between our frames and the caller's: a sublevel's call, and the database's below it. */
const FRAMES_OF_ABSTRACT_LEVEL = 8;

const MANIFEST = {
  encodings: { buffer: true, utf8: true, view: true },
  has: true,
  createIfMissing: true,
  errorIfExists: true,
  explicitSnapshots: true,
  getSync: true,
  additionalMethods: { approximateSize: true, compactRange: true },
  signals: { iterators: true },
} as const;

interface OfRead {
  readonly valueEncoding?: 'utf8' | 'buffer' | 'view';
  readonly fillCache?: boolean;
  readonly snapshot?: unknown;
}

type Operation =
  | { readonly type: 'put'; readonly key: Data; readonly value: Data }
  | { readonly type: 'del'; readonly key: Data };

leaveOutAbstractLevel();

/**
 * An abstract-level 3 database on RocksDB, for what is made for `level` and `classic-level`: the same methods,
 * options by the same names, errors with the same codes.
 *
 * Calls are done when they are made, in their order; their promises let the event loop go on after some milliseconds
 * of work. Iterators, snapshots and chained batches are handles of the engine: what is not closed is in
 * `db.rocksdb.heap.report()`, with the line that made it, until the database is closed, which closes them.
 */
export class RocksLevel<KDefault = string, VDefault = string> extends TypedLevel<
  KDefault,
  VDefault
> {
  readonly #location: string;
  /** Where it was constructed: by the time it is opened, nobody knows. */
  readonly #site: string;
  #db: RocksDB | undefined;
  /** For arrays of operations; undefined while it is used, and before the first. */
  #batch: WriteBatch | undefined;
  #deletesRanges = true;
  /** Work of several turns, which close() waits for. */
  readonly #working = new Set<Promise<unknown>>();

  /** The database in the folder `location` is opened by itself, or by `open()`. It need not be there. */
  constructor(location: string, options?: RocksLevelOptions<KDefault, VDefault>) {
    assertLocation(location);
    super(MANIFEST, options);
    this.#location = location;
    this.#site = callerSite();
  }

  /** As given to the constructor. */
  get location(): string {
    return this.#location;
  }

  /**
   * The RocksDB below: its heap reports and growth watch (`db.rocksdb.heap`), statistics, flush, backups, column
   * families, ... abstract-level's data is in the default column family. Do not close it. Throws while not open.
   */
  get rocksdb(): RocksDB {
    if (this.#db !== undefined) return this.#db;
    throw new LevelError('LEVEL_DATABASE_NOT_OPEN', 'Database is not open');
  }

  /**
   * Bytes that the keys from `start` to before `end` take in files, compressed, as RocksDB estimates them from its
   * indexes; what is not flushed yet does not count.
   */
  async approximateSize<K = KDefault>(
    start: K,
    end: K,
    options?: StartEndOptions<K>,
  ): Promise<number> {
    if (this.status === 'opening') {
      return this.deferAsync(() => this.approximateSize(start, end, options));
    }
    const range = { begin: this.#encoded(start, options), end: this.#encoded(end, options) };
    return paced(attempt(() => this.rocksdb.approximateSizes([range])[0] as number));
  }

  /** Compacts the keys from `start` to `end`, in this call: nothing else happens meanwhile. */
  async compactRange<K = KDefault>(start: K, end: K, options?: StartEndOptions<K>): Promise<void> {
    if (this.status === 'opening') {
      return this.deferAsync(() => this.compactRange(start, end, options));
    }
    const range = { begin: this.#encoded(start, options), end: this.#encoded(end, options) };
    return paced(attempt(() => this.rocksdb.compactRange(range)));
  }

  /**
   * A property by RocksDB's name, or LevelDB's (`leveldb.stats`, `leveldb.sstables`, `leveldb.num-files-at-level0`,
   * ...); empty when there is none of the name.
   */
  getProperty(property: string): string {
    if (typeof property !== 'string') {
      throw new TypeError("The first argument 'property' must be a string");
    }
    const name =
      property === 'leveldb.approximate-memory-usage'
        ? 'rocksdb.size-all-mem-tables'
        : property.replace(/^leveldb\./, 'rocksdb.');
    return attempt(() => this.rocksdb.getProperty(name)) ?? '';
  }

  /** Deletes a database that is not open: its files, and its folder when nothing else is in it. */
  static async destroy(location: string, options: RocksLevelOpenOptions = {}): Promise<void> {
    assertLocation(location);
    await translated(() => RocksDB.destroy(location, closedOptions(options)));
  }

  /** Recovers what can be recovered of a database that cannot be opened. Data may be lost. */
  static async repair(location: string, options: RocksLevelOpenOptions = {}): Promise<void> {
    assertLocation(location);
    await translated(() => RocksDB.repair(location, closedOptions(options)));
  }

  /** @internal */
  override defer(work: () => void, options?: object): void {
    super.defer(forCaller(work), options);
  }

  // What follows is called by abstract-level: keys and values are encoded, and the database is open.

  /** @internal */
  async _open(options: RocksLevelOpenOptions): Promise<void> {
    await translated(async () => {
      const plan = openOptionsOf(options);
      const folder = new Folder(plan, databasePath(this.#location));
      if (plan.createIfMissing) folder.makeParents();
      // LevelDB's tables do not say how many entries they have.
      const levelDB = folder.hasLevelDBTables();
      const how = levelDB ? { compactionVerifyRecordCount: false, ...plan } : plan;
      try {
        this.#db = await calledFrom(this.#site, () => RocksDB.open(this.#location, how));
      } catch (error) {
        throw missing(error, this.#location);
      }
      if (levelDB && plan.readOnly !== true) {
        const live = this.rocksdb.getLiveFilesMetaData().map(({ fileNumber }) => fileNumber);
        folder.removeLevelDBTables(new Set(live));
      }
      this.#deletesRanges = plan.rowCache === undefined;
    });
  }

  /** @internal */
  async _close(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working);
    const db = this.#db;
    this.#db = undefined;
    this.#batch = undefined;
    attempt(() => db?.close());
  }

  /** @internal */
  _get(key: Data, options: OfRead): unknown {
    return paced(this._getSync(key, options));
  }

  /** @internal */
  _getSync(key: Data, options: OfRead): unknown {
    return attempt(() => this.rocksdb.get(key, readOptions(options)));
  }

  /** @internal */
  _getMany(keys: Data[], options: OfRead): Promise<unknown[]> {
    return this.#inParts(keys, options, (db, part, how) => db.getMany(part, how));
  }

  /** @internal */
  _has(key: Data, options: OfRead): boolean | Promise<boolean> {
    return paced(attempt(() => this.rocksdb.has(key, readOptions(options))));
  }

  /** @internal */
  _hasMany(keys: Data[], options: OfRead): Promise<boolean[]> {
    return this.#inParts(keys, options, (db, part, how) => db.hasMany(part, how));
  }

  /** @internal */
  _put(key: Data, value: Data, options: { sync?: unknown }): void | Promise<void> {
    return paced(attempt(() => this.rocksdb.put(key, value, writeOptions(options))));
  }

  /** @internal */
  _del(key: Data, options: { sync?: unknown }): void | Promise<void> {
    return paced(attempt(() => this.rocksdb.delete(key, writeOptions(options))));
  }

  /** @internal */
  _batch(operations: readonly Operation[], options: { sync?: unknown }): void | Promise<void> {
    const sync = { sync: options.sync === true || operations.some(isSynced) };
    return paced(
      this.#writeTogether(sync, (batch) => {
        for (const operation of operations) {
          if (operation.type === 'put') batch.put(operation.key, operation.value);
          else batch.delete(operation.key);
        }
      }),
    );
  }

  /** @internal */
  _chainedBatch(): RocksChainedBatch<this, KDefault, VDefault> {
    const batch = attempt(() => this.rocksdb.batch());
    return new RocksChainedBatch(this, batch, (full, options) => {
      attempt(() => this.rocksdb.write(full, writeOptions(options)));
    });
  }

  /** @internal */
  _clear(options: ClearOptions): Promise<void> {
    return this.#work(async () => {
      await translated(() =>
        clearRange(this.rocksdb, options, this.#deletesRanges, (keys) =>
          this.#writeTogether({}, (batch) => {
            for (const key of keys) batch.delete(key);
          }),
        ),
      );
      await pause();
    });
  }

  /** @internal */
  _iterator(options: CursorOptions): RocksIterator<this, KDefault, VDefault> {
    const cursor = new Cursor(this.rocksdb, options, options.values !== false);
    return new RocksIterator(this, options, cursor);
  }

  /** @internal */
  _keys(options: CursorOptions): RocksKeyIterator<this, KDefault> {
    return new RocksKeyIterator(this, options, new Cursor(this.rocksdb, options, false));
  }

  /** @internal */
  _values(options: CursorOptions): RocksValueIterator<this, KDefault, VDefault> {
    return new RocksValueIterator(this, options, new Cursor(this.rocksdb, options, true));
  }

  /** @internal */
  _snapshot(options: object): RocksSnapshot {
    return new RocksSnapshot(
      attempt(() => this.rocksdb.snapshot()),
      options,
    );
  }

  /** @internal */
  _sublevel(
    name: string,
    options: object,
  ): AbstractSublevel<this, string | Buffer | Uint8Array, unknown, unknown> {
    return new RocksSublevel(this, name, options);
  }

  #encoded<K>(key: K, options: StartEndOptions<K> | undefined): Data {
    const encoding = options?.keyEncoding;
    return this.keyEncoding(encoding as 'utf8').encode(key as string);
  }

  /** Applies what `fill` puts into an empty batch, which nobody else sees. */
  #writeTogether(options: { sync?: unknown }, fill: (batch: WriteBatch) => void): void {
    attempt(() => {
      const { rocksdb } = this;
      const batch = this.#batch ?? rocksdb.ownBatch();
      // A listener of RocksDB's may write, too.
      this.#batch = undefined;
      try {
        fill(batch);
        rocksdb.write(batch, writeOptions(options));
      } finally {
        if (batch.freed || batch.capacityBytes > BATCH_KEPT_BYTES || this.#batch !== undefined) {
          batch.free();
        } else {
          batch.clear();
          this.#batch = batch;
        }
      }
    });
  }

  /** Reads many keys, some at a time, all of one state of the database. */
  #inParts<T>(
    keys: readonly Data[],
    options: OfRead,
    read: (db: RocksDB, part: readonly Data[], how: ReadOptions<'view'>) => T[],
  ): Promise<T[]> {
    return this.#work(() =>
      translated(async () => {
        const { rocksdb } = this;
        const how = readOptions(options);
        if (keys.length <= KEYS_AT_ONCE) return paced(read(rocksdb, keys, how));
        const own = how.snapshot === undefined ? rocksdb.snapshot() : undefined;
        const fixed = own === undefined ? how : { ...how, snapshot: own };
        try {
          const all: T[] = [];
          for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
            for (const each of read(rocksdb, keys.slice(at, at + KEYS_AT_ONCE), fixed)) {
              all.push(each);
            }
            await pause();
          }
          return all;
        } finally {
          own?.free();
        }
      }),
    );
  }

  /** Runs what may take several turns; the database is not closed before its end. */
  #work<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    const end = () => this.#working.delete(promise);
    this.#working.add(promise);
    promise.then(end, end);
    return promise;
  }
}

const READS = {
  utf8: { valueEncoding: 'utf8' },
  buffer: { valueEncoding: 'buffer' },
  view: { valueEncoding: 'view' },
} as unknown as Record<'utf8' | 'buffer' | 'view', ReadOptions<'view'>>;

/** The value's type goes with `valueEncoding`, which abstract-level chose: for TypeScript it is always one. */
function readOptions({ valueEncoding = 'view', fillCache, snapshot }: OfRead): ReadOptions<'view'> {
  const plain = READS[valueEncoding];
  if (fillCache !== false && (snapshot === undefined || snapshot === null)) return plain;
  return { ...plain, fillCache, snapshot: RocksSnapshot.nativeOf(snapshot) };
}

const SYNC = { sync: true } as const;

function writeOptions({ sync }: { sync?: unknown }): typeof SYNC | undefined {
  return sync === true ? SYNC : undefined;
}

/** abstract-level hands a batch's options down to each of its operations. */
function isSynced(operation: Operation): boolean {
  return (operation as { sync?: unknown }).sync === true;
}

function assertLocation(location: unknown): void {
  if (typeof location === 'string' && location !== '') return;
  throw new TypeError("The first argument 'location' must be a non-empty string");
}

async function translated<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw levelError(error);
  }
}

/** Of what is done with a database that is not open. */
function closedOptions(options: RocksLevelOpenOptions): OpenOptions {
  return openOptionsOf({ ...options, createIfMissing: true });
}

/** classic-level's words for a database that is not there. */
function missing(error: unknown, location: string): unknown {
  const { code } = error as { code?: unknown };
  if (code !== 'ERR_ROCKSDB_DATABASE_MISSING') return error;
  const message = `${location}: does not exist (createIfMissing is false)`;
  return new LevelError('LEVEL_INVALID_ARGUMENT', message, { cause: error });
}

/** Its frames stand between the caller's and ours. In a bundle they cannot be told from the program's. */
function leaveOutAbstractLevel(): void {
  try {
    const file = createRequire(import.meta.url).resolve('abstract-level');
    passOver(dirname(file), FRAMES_OF_ABSTRACT_LEVEL);
  } catch {
    // It was bundled.
  }
}
