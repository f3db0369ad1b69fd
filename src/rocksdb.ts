import { DatabaseColumnFamilies } from './database/column-families.js';
import { openDatabase, openDatabaseOn } from './database/opening.js';
import { type DestroyOptions, destroy } from './destroy.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import * as maintenance from './maintenance.js';
import type { HeapMonitor } from './monitor/heap-monitor.js';
import type { HandleRecord } from './monitor/ledger.js';
import { describeHandles, handlesWere } from './monitor/text.js';
import { OpenMode } from './native/exports.gen.js';
import { warn } from './native/warning.js';
import { checkOpenOptions, type Opened, type OpenOptions, type OpenPlan } from './open.js';

/**
 * A RocksDB database. All calls are synchronous; only opening is not, since the module is compiled first.
 * Close it (or `using db = ...`): that frees what was made from it, dependants first, and reports it.
 */
export class RocksDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseColumnFamilies<KE, VE> {
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

  /** Like `open`, on an engine that exists already. */
  static openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & { engine: Engine },
  ): RocksDB<KE, VE> {
    const checked = checkOpenOptions(options);
    const construct = (...made: Made) => new RocksDB<KE, VE>(...made);
    return openDatabaseOn(options.engine, path, checked, modeOf(options), construct);
  }

  /** @internal */
  protected constructor(...made: Made) {
    super(...made);
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

  /** Recovers what can be recovered of a database that cannot be opened. Data may be lost. */
  static async repair(path: string, options: OpenOptions = {}): Promise<void> {
    return maintenance.repair(path, options);
  }

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
    this.useFamily();
    return this.freeChildren(({ kind }) => kind !== 'columnFamily');
  }

  override free(): void {
    this.close();
  }
}

/** What opening hands to a constructor. */
export type Made = [engine: Engine, plan: OpenPlan, opened: Opened, ownsEngine: boolean];

function modeOf(options: OpenOptions) {
  const readOnly = options.readOnly === true;
  return { mode: readOnly ? OpenMode.OpenReadOnly : OpenMode.OpenReadWrite, readOnly };
}

function warnUnreleased(path: string, handles: readonly HandleRecord[]): void {
  const many = handlesWere(handles.length);
  warn(`${many} not freed before ${path} was closed: ${describeHandles(handles)}`);
}
