import type { ReadOptions, WriteOptions } from './access.js';
import * as access from './access.js';
import {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
} from './column-family.js';
import { codecOf, type Decoded, type Encodable, type Encoding } from './encoding.js';
import { Engine, siteOfMaking } from './engine.js';
import { InvalidArgumentError, NotSupportedError } from './errors.js';
import { DBIterator, type IteratorOptions } from './iterator.js';
import * as maintenance from './maintenance.js';
import type { HeapMonitor } from './monitor/heap-monitor.js';
import type { HandleRecord } from './monitor/ledger.js';
import { describeHandles, handlesWere } from './monitor/text.js';
import type { ColumnFamilyPtr, DbPtr, SnapshotPtr } from './native/exports.gen.js';
import type { Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { warn } from './native/warning.js';
import {
  checkOpenOptions,
  DEFAULT_FAMILY,
  databasePath,
  familiesOnDisk,
  family,
  foldersOf,
  type OpenOptions,
  openNative,
  splitFamilyOptions,
} from './open.js';
import type { ColumnFamilyOptions, DBOptions } from './options.js';
import { PinnedSlice } from './pinned-slice.js';
import { Snapshot } from './snapshot.js';
import { WriteBatch } from './write-batch.js';

/**
 * A RocksDB database. All calls are synchronous; only opening is not, since the module is compiled first.
 * Close it (or `using db = ...`): that frees what was made from it, dependants first, and reports it.
 */
export class RocksDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  /** Absolute. */
  readonly path: string;
  readonly engine: Engine;
  readonly readOnly: boolean;
  readonly #pointer: DbPtr;
  readonly #onUnreleased: OpenOptions['onUnreleased'];
  readonly #families = new Map<string, AnyColumnFamily>();
  readonly #default: ColumnFamily<KE, VE>;
  #heap: HeapMonitor | undefined;

  /**
   * Opens (or with `createIfMissing` creates) the database in the folder `path`.
   *
   * All column families on disk are opened, see `columnFamilies`. Throws InvalidOptionError for options,
   * LockedError when it is open elsewhere, CorruptionError, IOError and so on as RocksDB reports; nothing
   * is left open then.
   */
  static async open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> = {},
  ): Promise<RocksDB<KE, VE>> {
    const checked = checkOpenOptions(options);
    const resolved = databasePath(path);
    const { engine: shared } = checked.own;
    const site = siteOfMaking(checked.own);
    const engine = shared ?? (await Engine.create(checked.own));
    engine.ledger.origin = site;
    try {
      return RocksDB.#openOn(engine, resolved, checked, shared === undefined);
    } catch (error) {
      if (shared === undefined) engine.free();
      throw error;
    } finally {
      engine.ledger.origin = undefined;
    }
  }

  /** Like `open`, on an engine that exists already. */
  static openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & { engine: Engine },
  ): RocksDB<KE, VE> {
    const checked = checkOpenOptions(options);
    return RocksDB.#openOn(options.engine, databasePath(path), checked, false);
  }

  static #openOn<KE extends Encoding, VE extends Encoding>(
    engine: Engine,
    path: string,
    checked: ReturnType<typeof checkOpenOptions>,
    ownsEngine: boolean,
  ): RocksDB<KE, VE> {
    engine.assertUsable();
    const folders = [path, ...foldersOf(checked.db)];
    const { fds } = engine.native.wasi;
    for (const folder of folders) fds.addPreopen(folder);
    try {
      const onDisk = familiesOnDisk(engine, path);
      if (onDisk === undefined && checked.db.createIfMissing !== true) {
        throw new InvalidArgumentError(
          'ERR_ROCKSDB_DATABASE_MISSING',
          `there is no database at ${path}: pass createIfMissing, or correct the path`,
        );
      }
      const given = new Set(checked.families.map(({ name }) => name));
      const others = (onDisk ?? []).filter((name) => !given.has(name));
      const plan = {
        path,
        readOnly: checked.own.readOnly === true,
        dbOptions: checked.dbOptions,
        families: [
          ...checked.families,
          ...others.map((name) => family(name, {}, checked.own, true)),
        ],
        folders,
        onUnreleased: checked.own.onUnreleased,
      };
      const opened = openNative(engine, plan);
      const db = new RocksDB<KE, VE>(engine, plan, opened, ownsEngine);
      engine.settle();
      return db;
    } catch (error) {
      for (const folder of folders) fds.removePreopen(folder);
      throw error;
    }
  }

  private constructor(
    engine: Engine,
    plan: import('./open.js').OpenPlan,
    opened: import('./open.js').Opened,
    ownsEngine: boolean,
  ) {
    super(engine.context, 'db', engine, opened.db, releaseOf(engine, plan.folders), plan.path);
    const { core } = this;
    engine.files.addDatabase(core.record, plan.folders);
    if (ownsEngine) core.ownEngine();
    this.engine = engine;
    this.path = plan.path;
    this.readOnly = plan.readOnly;
    this.#pointer = opened.db;
    this.#onUnreleased = plan.onUnreleased;
    plan.families.forEach(({ name, encodings }, index) => {
      this.#register(opened.handles[index] as ColumnFamilyPtr, name, encodings);
    });
    this.#default = this.#families.get(DEFAULT_FAMILY) as ColumnFamily<KE, VE>;
  }

  /** What this database's handles hold; its bytes are those of the whole engine. See `engine.heap`. */
  get heap(): HeapMonitor {
    this.#heap ??= this.engine.heapOf(this.core);
    return this.#heap;
  }

  /** Names of the column families of a database that is not open, the default one among them. */
  static async listColumnFamilies(path: string, options: OpenOptions = {}): Promise<string[]> {
    return maintenance.listColumnFamilies(path, options);
  }

  /** Deletes a database that is not open: its files, and its folder when nothing else is in it. */
  static async destroy(path: string, options: OpenOptions = {}): Promise<void> {
    return maintenance.destroy(path, options);
  }

  /** Recovers what can be recovered of a database that cannot be opened. Data may be lost. */
  static async repair(path: string, options: OpenOptions = {}): Promise<void> {
    return maintenance.repair(path, options);
  }

  // --- writes ---------------------------------------------------------------------------------------

  put(key: Encodable<KE>, value: Encodable<VE>, options?: WriteOptions): void {
    access.writePair(this.#writable(options), 'rdb_db_put', key, value, options);
  }

  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: WriteOptions): void {
    access.writeKey(this.#writable(options), 'rdb_db_delete', key, options);
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: WriteOptions): void {
    access.writeKey(this.#writable(options), 'rdb_db_single_delete', key, options);
  }

  /** Deletes the keys in [begin, end). */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options?: WriteOptions): void {
    access.writePair(this.#writable(options), 'rdb_db_delete_range', begin, end, options);
  }

  /** Adds an operand for the column family's `mergeOperator`. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: WriteOptions): void {
    access.writePair(this.#writable(options), 'rdb_db_merge', key, operand, options);
  }

  /** Makes an empty batch. Free it. */
  batch(): WriteBatch<KE, VE> {
    this.#use();
    return new WriteBatch<KE, VE>(this.engine, this, this.#default);
  }

  /** Applies a batch atomically, over all the column families that it names. */
  write(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any>,
    options?: Omit<WriteOptions, 'columnFamily'>,
  ): void {
    this.#use();
    this.#assertWritable();
    if (!(batch instanceof WriteBatch)) throw invalid('write: expected a WriteBatch of db.batch()');
    const { engine } = this;
    const pointer = batch.seal(this);
    engine.assertBudget(2 * batch.byteLength);
    const flags = access.writeFlags(options);
    const status = engine.native.calls.rdb_db_write(this.#pointer, flags, pointer);
    if (status !== 0) throw engine.failed(status);
    engine.settle();
  }

  // --- reads ----------------------------------------------------------------------------------------

  /** The value of a key, or undefined. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    const target = this.#target(options);
    return access.get(target, key, this.#snapshotOf(options), options) as Decoded<E> | undefined;
  }

  /** The values of keys, in their order; undefined where there is none. One consistent view. */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadOptions<E>,
  ): (Decoded<E> | undefined)[] {
    const target = this.#target(options);
    if (!Array.isArray(keys)) throw invalid('getMany: expected an array of keys');
    if (keys.length === 0) return [];
    const values = access.getMany(target, keys, this.#snapshotOf(options), options);
    return values as (Decoded<E> | undefined)[];
  }

  /** The value of a key without a copy, or undefined. It pins what it is read from: free it. */
  getPinned(key: Encodable<KE>, options?: ReadOptions): PinnedSlice | undefined {
    const target = this.#target(options);
    const found = access.getPinned(target, key, this.#snapshotOf(options), options);
    if (found === undefined) return undefined;
    const { pointer, address, length } = found;
    return new PinnedSlice(this.engine, this, pointer, address, length);
  }

  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: ReadOptions): boolean {
    return access.has(this.#target(options), key, this.#snapshotOf(options), options);
  }

  /** A cursor. It pins what it reads: free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    const family = this.#use(options);
    return new DBIterator<Decoded<IK>, Decoded<IV>>(
      this.engine,
      this,
      this.#pointer,
      family as ColumnFamily<Encoding, Encoding>,
      options,
    );
  }

  /** The present, kept readable. Free it. */
  snapshot(): Snapshot {
    this.#use();
    const pointer = this.engine.native.calls.rdb_snapshot_create(this.#pointer);
    if (pointer === 0) throw invalid('this database cannot take snapshots');
    return new Snapshot(this.engine, this, pointer);
  }

  // --- column families ------------------------------------------------------------------------------

  /** The default column family. */
  get defaultColumnFamily(): ColumnFamily<KE, VE> {
    return this.#default;
  }

  /** Names of the column families that are open, the default one first. */
  get columnFamilyNames(): string[] {
    return [...this.#families.values()].filter(({ freed }) => !freed).map(({ name }) => name);
  }

  /** The handle of an open column family; undefined when there is none of that name. */
  columnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
  ): ColumnFamily<CK, CV> | undefined {
    const known = this.#families.get(name);
    return known?.freed === false ? (known as ColumnFamily<CK, CV>) : undefined;
  }

  createColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    options: ColumnFamilyOpenOptions<CK, CV> = {},
  ): ColumnFamily<CK, CV> {
    this.#use();
    this.#assertWritable();
    if (typeof name !== 'string' || name === '') {
      throw invalid(`createColumnFamily: expected a name, got ${JSON.stringify(name)}`);
    }
    const { columnFamily, own } = splitFamilyOptions(options, name);
    const encodings = { ...this.#encodings(), ...own };
    codecOf(encodings.keyEncoding, 'keyEncoding');
    codecOf(encodings.valueEncoding, 'valueEncoding');
    const plan = family(name, columnFamily, encodings, false);
    const pointer = maintenance.createColumnFamily(this.engine, this.#pointer, plan);
    this.engine.settle();
    return this.#register(pointer, name, encodings);
  }

  /**
   * Drops a column family. The handle, and iterators over it, go on reading what was there; the data is
   * deleted once they are freed.
   */
  dropColumnFamily(columnFamily: AnyColumnFamily): void {
    this.#use();
    this.#assertWritable();
    const live = ColumnFamily.handleOf(columnFamily, this);
    const { native } = this.engine;
    native.check(native.calls.rdb_column_family_drop(this.#pointer, live.pointer));
    live.markDropped();
    this.#families.delete(live.name);
    this.engine.settle();
  }

  // --- maintenance ----------------------------------------------------------------------------------

  /** Writes the memtables of a column family (all of them by default) to files. */
  flush(options: { columnFamily?: AnyColumnFamily; wait?: boolean } = {}): void {
    this.#use(options);
    this.#assertWritable();
    const families =
      options.columnFamily === undefined
        ? [...this.#families.values()].filter((handle) => !handle.freed)
        : [options.columnFamily];
    maintenance.flush(this.engine, this.#pointer, families, options.wait !== false);
    this.engine.settle();
  }

  /** fsync of the log: everything written so far survives a power cut. */
  syncWAL(): void {
    this.#use();
    this.#assertWritable();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_sync_wal(this.#pointer));
  }

  /** Compacts the keys from `begin` to `end`, both included; all by default. */
  compactRange(options: maintenance.CompactRangeOptions = {}): void {
    const family = this.#use(options);
    this.#assertWritable();
    maintenance.compactRange(this.engine, this.#pointer, family, options);
    this.engine.settle();
  }

  /** A property (`rocksdb.stats`, ...), or undefined when RocksDB knows none of that name. */
  getProperty(name: string, options: { columnFamily?: AnyColumnFamily } = {}): string | undefined {
    const family = this.#use(options);
    return maintenance.getProperty(this.engine, this.#pointer, family, name);
  }

  /** A property that is a number, or undefined. */
  getIntProperty(
    name: string,
    options: { columnFamily?: AnyColumnFamily } = {},
  ): bigint | undefined {
    const family = this.#use(options);
    return maintenance.getIntProperty(this.engine, this.#pointer, family, name);
  }

  /** Changes mutable options of a column family, at once and for the next opens. */
  setOptions(options: ColumnFamilyOptions, target: { columnFamily?: AnyColumnFamily } = {}): void {
    const family = this.#use(target);
    this.#assertWritable();
    maintenance.setOptions(this.engine, this.#pointer, family, options);
    this.engine.settle();
  }

  /** Changes mutable options of the database. */
  setDBOptions(options: DBOptions): void {
    this.#use();
    this.#assertWritable();
    maintenance.setDBOptions(this.engine, this.#pointer, options);
    this.engine.settle();
  }

  /** The options in force for a column family. */
  getOptions(target: { columnFamily?: AnyColumnFamily } = {}): ColumnFamilyOptions {
    return maintenance.getOptions(this.engine, this.#pointer, this.#use(target));
  }

  /** The options in force for the database. */
  getDBOptions(): DBOptions {
    this.#use();
    return maintenance.getDBOptions(this.engine, this.#pointer);
  }

  /** The sequence number of the last write. */
  get latestSequenceNumber(): bigint {
    this.#use();
    return BigInt(this.engine.native.calls.rdb_db_latest_sequence_number(this.#pointer));
  }

  /** Goes on after a background error whose cause was removed (a full disk, say). */
  resume(): void {
    this.#use();
    this.#assertWritable();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_resume(this.#pointer));
    this.engine.settle();
  }

  // --- closing --------------------------------------------------------------------------------------

  /**
   * Frees what was made from the database, dependants first, then the newest first, closes it and, when it
   * has an engine of its own, drops that with all its memory. Handles that had not been freed are
   * returned, and reported to `onUnreleased`. Closing again does nothing.
   */
  close(): readonly HandleRecord[] {
    if (this.freed) return [];
    let unreleased: HandleRecord[] = [];
    try {
      if (!this.engine.native.stopped) {
        unreleased = this.freeChildren().filter(({ kind }) => kind !== 'columnFamily');
      }
    } finally {
      this.releaseAs('freed');
    }
    if (unreleased.length > 0) {
      if (this.#onUnreleased !== undefined) this.#onUnreleased(unreleased);
      else warnUnreleased(this.path, unreleased);
    }
    return unreleased;
  }

  /**
   * Frees every iterator, snapshot and batch that was made from the database and is still live, and returns
   * their records. The database stays open.
   */
  freeUnreleased(): readonly HandleRecord[] {
    this.#use();
    return this.freeChildren(({ kind }) => kind !== 'columnFamily');
  }

  override free(): void {
    this.close();
  }

  // --- inside ---------------------------------------------------------------------------------------

  /** Counts the operation; returns the column family it is for, when all is live. */
  #use(options?: { columnFamily?: AnyColumnFamily }): AnyColumnFamily {
    this.engine.assertUsable();
    this.assertLive();
    this.use();
    if (options === undefined) return this.#default;
    if (typeof options !== 'object' || options === null) {
      throw invalid(`options: expected an object, got ${typeof options}`);
    }
    if (options.columnFamily === undefined) return this.#default;
    return ColumnFamily.handleOf(options.columnFamily, this);
  }

  #writable(options: WriteOptions | undefined): access.Target {
    const target = this.#target(options);
    this.#assertWritable();
    return target;
  }

  #assertWritable(): void {
    if (!this.readOnly) return;
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      `${this.path} was opened with readOnly: it cannot be changed`,
    );
  }

  #target(options: { columnFamily?: AnyColumnFamily } | undefined): access.Target {
    return { engine: this.engine, db: this.#pointer, family: this.#use(options) };
  }

  #snapshotOf(options: ReadOptions | undefined): SnapshotPtr {
    return Snapshot.pointerOf(options?.snapshot, this);
  }

  #encodings() {
    return {
      keyEncoding: this.#default.keys.name,
      valueEncoding: this.#default.values.name,
    };
  }

  #register<CK extends Encoding, CV extends Encoding>(
    pointer: ColumnFamilyPtr,
    name: string,
    encodings: { keyEncoding?: Encoding; valueEncoding?: Encoding },
  ): ColumnFamily<CK, CV> {
    const handle = new ColumnFamily<CK, CV>(
      this.engine,
      this,
      pointer,
      name,
      encodings as { keyEncoding?: CK; valueEncoding?: CV },
    );
    this.#families.set(name, handle);
    return handle;
  }
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

/** Closes the database and takes its folders from the engine. It must not lead to the wrapper. */
function releaseOf({ files }: Engine, folders: readonly string[]): Release {
  return ({ context: { native }, pointer, record }) => {
    const status = native.calls.rdb_db_close(pointer as DbPtr);
    for (const folder of folders) native.wasi.fds.removePreopen(folder);
    files.removeDatabase(record);
    native.check(status);
  };
}

function warnUnreleased(path: string, handles: readonly HandleRecord[]): void {
  const many = handlesWere(handles.length);
  warn(`${many} not freed before ${path} was closed: ${describeHandles(handles)}`);
}
