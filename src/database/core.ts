/** What every call on a database begins with: is it live, may it be written, which column family. */
import type { Target } from '../access.js';
import { type AnyColumnFamily, ColumnFamily } from '../column-family.js';
import { assertBackgroundRuns, assertLogUnlocked, type Holds } from '../database-hold.js';
import type { Encoding } from '../encoding.js';
import type { Engine } from '../engine.js';
import { InvalidArgumentError, NotSupportedError } from '../errors.js';
import { closeFolder, closeFolders, openFolder } from '../folders.js';
import type { ColumnFamilyPtr, DbPtr, SnapshotPtr } from '../native/exports.gen.js';
import type { Release } from '../native/handle-core.js';
import { NativeObject } from '../native/native-object.js';
import type { Opened, OpenPlan } from '../open.js';
import { DEFAULT_FAMILY } from '../open.js';
import { Snapshot } from '../snapshot.js';
import type { WriteOptions } from '../write-options.js';

/** The bottom of the classes that RocksDB is made of, one subject each: see ARCHITECTURE.md. */
export abstract class DatabaseCore<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  /** Absolute. */
  readonly path: string;
  readonly engine: Engine;
  /** No writes: opened with `readOnly`, as a secondary or as a follower. */
  readonly readOnly: boolean;
  protected readonly pointer: DbPtr;
  /** It is a DBWithTTL. */
  protected readonly expires: boolean;
  /** Every column family that was ever open, by name; freed ones too, until one of their name is made. */
  protected readonly families = new Map<string, AnyColumnFamily>();
  /** What stands still at the moment. */
  protected readonly holds: Holds = { walLock: 0, backgroundPause: 0, fileDeletions: 0 };
  protected readonly defaultFamily: ColumnFamily<KE, VE>;

  /** Those that it reaches beside its own; each has a preopen of its own. */
  readonly #folders: string[];

  protected constructor(engine: Engine, plan: OpenPlan, opened: Opened, ownsEngine: boolean) {
    const folders = [...plan.folders];
    super(engine.context, 'db', engine, opened.db, releaseOf(engine, folders), plan.path);
    const { core } = this;
    this.#folders = folders;
    engine.files.addDatabase(core.record, plan.folders);
    if (ownsEngine) core.ownEngine();
    this.engine = engine;
    this.path = plan.path;
    this.readOnly = plan.readOnly;
    this.pointer = opened.db;
    this.expires = plan.how.expires === true;
    plan.families.forEach(({ name, encodings }, index) => {
      this.register(opened.handles[index] as ColumnFamilyPtr, name, encodings);
    });
    this.defaultFamily = this.families.get(DEFAULT_FAMILY) as ColumnFamily<KE, VE>;
  }

  /** From now on the database reaches this folder, too, until leaveFolder() or its close. */
  protected reachFolder(folder: string): void {
    openFolder(this.engine, folder);
    this.#folders.push(folder);
  }

  protected leaveFolder(folder: string): void {
    const index = this.#folders.lastIndexOf(folder);
    if (index < 0) return;
    this.#folders.splice(index, 1);
    closeFolder(this.engine, folder);
  }

  /** Counts the operation; returns the column family it is for, when all is live. */
  protected useFamily(options?: { columnFamily?: AnyColumnFamily | undefined }): AnyColumnFamily {
    this.engine.assertUsable();
    this.assertLive();
    this.use();
    if (options === undefined) return this.defaultFamily;
    if (typeof options !== 'object' || options === null) {
      throw invalid(`options: expected an object, got ${typeof options}`);
    }
    if (options.columnFamily === undefined) return this.defaultFamily;
    return ColumnFamily.handleOf(options.columnFamily, this);
  }

  protected writable(options: WriteOptions | undefined): Target {
    const target = this.target(options);
    this.assertWritesFlow();
    return target;
  }

  /** That data may be written, and that it is not only after a wait that nothing would end. */
  protected assertWritesFlow(): void {
    this.assertWritable();
    assertLogUnlocked(this.holds, 'a write');
  }

  /** For calls that wait for a flush or compaction, which nothing runs while it is held up. */
  protected assertBackgroundRuns(call: string): void {
    assertBackgroundRuns(this.holds, call);
  }

  protected assertWritable(): void {
    if (!this.readOnly) return;
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      `${this.path} was opened for reading only: it cannot be changed`,
    );
  }

  protected target(options: { columnFamily?: AnyColumnFamily | undefined } | undefined): Target {
    return { engine: this.engine, db: this.pointer, family: this.useFamily(options) };
  }

  protected snapshotOf(options: { snapshot?: Snapshot | undefined } | undefined): SnapshotPtr {
    return Snapshot.pointerOf(options?.snapshot, this);
  }

  /** Those of the default column family. */
  protected encodings() {
    return {
      keyEncoding: this.defaultFamily.keys.name,
      valueEncoding: this.defaultFamily.values.name,
    };
  }

  /** Makes the wrapper of a column family's handle, which the database frees. */
  protected register<CK extends Encoding, CV extends Encoding>(
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
    this.families.set(name, handle);
    return handle;
  }

  /** The live ones that are open. */
  protected openFamilies(): AnyColumnFamily[] {
    return [...this.families.values()].filter(({ freed }) => !freed);
  }
}

export function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

/** Closes the database and takes its folders from the engine. It must not lead to the wrapper. */
function releaseOf({ files }: Engine, folders: readonly string[]): Release {
  return ({ context, pointer, record }) => {
    const { native } = context;
    try {
      native.check(native.calls.rdb_db_close(pointer as DbPtr));
    } finally {
      // A callback that threw does not keep it open.
      closeFolders(context, folders);
      if (!native.stopped) files.removeDatabase(record);
    }
  };
}
