import { BulkWriter } from './bulk-writer.js';
import type { BulkWriterOptions } from './bulk-writer-options.js';
import { openDatabase, openDatabaseOn } from './database/opening.js';
import { DatabaseTraces } from './database/traces.js';
import type { DatabaseLease } from './database-lease.js';
import { type DestroyOptions, destroy } from './destroy.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import * as maintenance from './maintenance.js';
import type { HeapMonitor } from './monitor/heap-monitor.js';
import { type HandleKind, type HandleRecord, isInternal } from './monitor/ledger.js';
import { describeHandles, handlesWere } from './monitor/text.js';
import { OpenMode } from './native/exports.gen.js';
import { warn } from './native/warning.js';
import {
  checkOpenOptions,
  type Opened,
  type OpenHow,
  type OpenOptions,
  type OpenPlan,
} from './open.js';
import * as optionsFile from './options-file.js';
import { databasePath } from './paths.js';
import {
  assertNotLent,
  forgetShared,
  lendDatabase,
  type SharedOptions,
} from './shared-databases.js';

/**
 * A RocksDB database. All calls are synchronous; only opening is not, since the module is compiled first.
 * Close it (or `using db = ...`): that frees what was made from it, dependants first, and reports it.
 */
export class RocksDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseTraces<KE, VE> {
  readonly #onUnreleased: OpenOptions['onUnreleased'];
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
    return openDatabase(path, checked, modeOf(options), (...made) => new RocksDB<KE, VE>(...made));
  }

  /**
   * A lease on the database in the folder `path`, which is opened if this process has not opened it in this way
   * already: every caller gets the one open database. It is closed when the last lease is released, or
   * `idleCloseMs` later; a call that comes while it is being opened waits for that.
   *
   * Who is second takes what the first one opened: an option that is given, and differs from the first one's, is an
   * InvalidOptionError that names it (`createIfMissing` aside). Encodings that are left out are `view`, and must fit, too. Databases on
   * different engines or file systems are different ones. What opening throws, all who wait for it get; the next
   * call tries again.
   */
  static async shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & SharedOptions = {},
  ): Promise<DatabaseLease<RocksDB<KE, VE>>> {
    return lendDatabase(RocksDB, path, options, (at, how) => RocksDB.open<KE, VE>(at, how));
  }

  /** Like `open`, on an engine that exists already. */
  static openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & { engine: Engine },
  ): RocksDB<KE, VE> {
    const checked = checkOpenOptions(options);
    const construct = (...made: Made) => new RocksDB<KE, VE>(...made);
    return openDatabaseOn(options.engine, path, checked, modeOf(options), construct);
  }

  /**
   * Opens the database of a primary that may be open in another process (or engine), for reading. What the
   * primary has written since is taken up by `tryCatchUpWithPrimary()`. The secondary keeps its own log in the
   * folder `secondaryPath`, takes no lock, and has no snapshots. RocksDB asks for `maxOpenFiles: -1` (the
   * default), since the primary deletes files that the secondary may still read.
   */
  static async openAsSecondary<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    secondaryPath: string,
    options: OpenOptions<KE, VE> = {},
  ): Promise<RocksDB<KE, VE>> {
    const own = databasePath(secondaryPath);
    const how = { otherPath: own, folders: [own], readOnly: true, mustExist: true };
    return openDatabase(
      path,
      checkOpenOptions(options),
      { ...how, mode: OpenMode.OpenSecondary },
      (...made) => new RocksDB<KE, VE>(...made),
    );
  }

  /**
   * Opens a follower of the database in `leaderPath`, in a folder of its own: it links the leader's table files,
   * so that the leader may delete them, and reads its MANIFEST (not its log) every
   * `followerRefreshCatchupPeriodMs`, as background work. It is RocksDB's experimental feature: the two
   * folders must be on one file system that has hard links. `createIfMissing` makes the follower's folder.
   */
  static async openAsFollower<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    leaderPath: string,
    options: OpenOptions<KE, VE> = {},
  ): Promise<RocksDB<KE, VE>> {
    const leader = databasePath(leaderPath);
    const how = { otherPath: leader, familiesFrom: leader, folders: [leader] };
    return openDatabase(
      path,
      checkOpenOptions(options),
      { ...how, mode: OpenMode.OpenFollower, readOnly: true, mustExist: true },
      (...made) => new RocksDB<KE, VE>(...made),
    );
  }

  /**
   * Opens a database whose keys have timestamps, and drops what was written after `timestamp` (its bytes, as the
   * comparator takes them).
   */
  static async openAndTrimHistory<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    timestamp: Uint8Array,
    options: OpenOptions<KE, VE> = {},
  ): Promise<RocksDB<KE, VE>> {
    const mode = { mode: OpenMode.OpenTrimHistory, otherPath: timestamp, readOnly: false };
    return openDatabase(
      path,
      checkOpenOptions(options),
      mode,
      (...made) => new RocksDB<KE, VE>(...made),
    );
  }

  /** @internal */
  protected constructor(...made: Made) {
    super(...made);
    this.engine.addDatabase(this);
    this.#onUnreleased = made[1].onUnreleased;
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

  /**
   * Deletes a database that is not open: its files, and its folder when nothing else is in it. With
   * `requireVerifiedBackup` only when a backup has all that is in it, see there.
   */
  static async destroy(path: string, options: DestroyOptions = {}): Promise<void> {
    return destroy(path, options);
  }

  /**
   * The newest OPTIONS file of a database, open or not. Throws InvalidArgumentError
   * (`ERR_ROCKSDB_DATABASE_MISSING`) when there is none.
   */
  static async loadLatestOptions(
    path: string,
    options: OpenOptions = {},
  ): Promise<optionsFile.StoredOptions> {
    return optionsFile.loadLatestOptions(path, options);
  }

  /** What an OPTIONS file says. */
  static async loadOptionsFromFile(
    file: string,
    options: OpenOptions = {},
  ): Promise<optionsFile.StoredOptions> {
    return optionsFile.loadOptionsFromFile(file, options);
  }

  /**
   * Whether the database in `path` can be opened with these options: throws RocksDB's InvalidArgumentError, which
   * names the first that does not fit (a comparator, say).
   */
  static async checkOptionsCompatibility(path: string, options: OpenOptions): Promise<void> {
    return optionsFile.checkOptionsCompatibility(path, options);
  }

  /**
   * Brings a database that is not open, and has the default column family only, from its present options to others that
   * cannot be changed otherwise (another compaction style or number of levels), by compacting it where needed.
   */
  static async optionChangeMigration(
    path: string,
    from: OpenOptions,
    to: OpenOptions,
  ): Promise<void> {
    return optionsFile.optionChangeMigration(path, from, to);
  }

  /**
   * Recovers what can be recovered of a database that cannot be opened. Data may be lost. Options of column families that are
   * not given are those of the newest OPTIONS file, if it can be read: a log's merges need their operator. RocksDB applies
   * whole logs, so that a merge is applied twice that was flushed while its log was still kept for another column family.
   */
  static async repair(path: string, options: OpenOptions = {}): Promise<void> {
    return maintenance.repair(path, options);
  }

  /**
   * Frees what was made from the database, dependants first, then the newest first, closes it and, when it
   * has an engine of its own, drops that with all its memory. Handles that had not been freed are
   * returned, and reported to `onUnreleased`. Closing again does nothing. A database of `RocksDB.shared` throws
   * HandleBusyError while anybody has a lease on it.
   */
  close(): readonly HandleRecord[] {
    if (this.freed) return [];
    assertNotLent(this.core, this.path);
    let unreleased: HandleRecord[] = [];
    const { events } = this.engine.context;
    // Listeners find it open or closed, not half.
    events.suspend(() => {
      try {
        if (!this.engine.native.stopped) {
          unreleased = this.freeChildren().filter(isForgotten);
        }
      } finally {
        this.releaseAs('freed');
        forgetShared(this.engine);
      }
    });
    if (unreleased.length > 0) {
      if (this.#onUnreleased !== undefined) this.#onUnreleased(unreleased);
      else warnUnreleased(this.path, unreleased);
    }
    events.settle();
    return unreleased;
  }

  /**
   * Writes any amount of entries in batches that are no larger than the heap has room for: see BulkWriter. Close it,
   * or what it has not written yet is lost. Throws NotSupportedError where nothing can be written.
   */
  bulkWriter(options: BulkWriterOptions = {}): BulkWriter<KE, VE> {
    const family = this.useFamily(options);
    this.assertWritable();
    return new BulkWriter<KE, VE>(this, this.defaultFamily, family, options);
  }

  /**
   * Frees every iterator, snapshot and batch that was made from the database and is still live, and returns
   * their records. The database stays open.
   */
  freeUnreleased(): readonly HandleRecord[] {
    this.useFamily();
    return this.freeChildren(isForgotten);
  }

  override free(): void {
    this.close();
  }
}

/** What opening hands to a constructor. */
export type Made = [engine: Engine, plan: OpenPlan, opened: Opened, ownsEngine: boolean];

/** Column families and pools belong to the database, and so does what pools have made. */
function isForgotten({ kind }: HandleRecord): boolean {
  return !isInternal(kind) && !STANDING.has(kind);
}

const STANDING: ReadonlySet<HandleKind> = new Set([
  'columnFamily',
  'iteratorPool',
  'databaseLease',
]);

function modeOf({ readOnly = false, errorIfWalFileExists = false }: OpenOptions): OpenHow {
  const mode = readOnly ? OpenMode.OpenReadOnly : OpenMode.OpenReadWrite;
  return { mode, readOnly, errorIfWalFileExists };
}

function warnUnreleased(path: string, handles: readonly HandleRecord[]): void {
  const many = handlesWere(handles.length);
  warn(`${many} not freed before ${path} was closed: ${describeHandles(handles)}`);
}
