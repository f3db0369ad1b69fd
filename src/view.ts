/** What reads a database with changes of its own on top: a transaction, a batch with an index. */
import type { Target } from './access.js';
import * as access from './access.js';
import { BatchIndex } from './batch-index.js';
import { type AnyColumnFamily, ColumnFamily } from './column-family.js';
import type { EntityOptions } from './database/wide-columns.js';
import type { Decoded, Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import * as entities from './entities.js';
import { InvalidArgumentError } from './errors.js';
import type { DBIterator } from './iterator.js';
import type { IteratorOptions } from './iterator-options.js';
import { type IteratorSource, openIterators } from './iterators.js';
import type { DbPtr } from './native/exports.gen.js';
import type { Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
import * as many from './read-many.js';
import type { ReadManyOptions, ReadOptions } from './read-options.js';
import { Snapshot } from './snapshot.js';
import type { ColumnNames, WideColumns } from './wide-columns.js';

/** What a view needs of its database. */
export interface Viewed extends NativeObject {
  readonly engine: Engine;
  readonly defaultColumnFamily: AnyColumnFamily;
}

/** Where an operation of a view goes. */
export interface ViewOperationOptions {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
}

/** @internal What a transaction shares with the batch that it gives out. */
export interface ViewChanges {
  /** Column families that were written to, all but the default one. */
  readonly written: Set<AnyColumnFamily>;
  readonly index: BatchIndex;
}

/** Its pointer stands where the wasm asks for a database: see wasm/bindings/contract/transactions.h. */
export abstract class View<KE extends Encoding = 'view'> extends NativeObject {
  protected readonly engine: Engine;
  protected readonly db: Viewed;
  /** @internal What its changes have in common with those of whoever shares them. */
  protected readonly changes: ViewChanges;

  /** @internal */
  protected constructor(
    kind: 'transaction' | 'writeBatch',
    db: Viewed,
    parent: NativeObject,
    pointer: number,
    release: Release,
    changes: ViewChanges = { written: new Set(), index: new BatchIndex() },
  ) {
    super(db.engine.context, kind, parent, pointer, release);
    this.engine = db.engine;
    this.db = db;
    this.changes = changes;
  }

  protected get written(): Set<AnyColumnFamily> {
    return this.changes.written;
  }

  /** Counts an operation; throws when the handle cannot be used. */
  protected useView(): void {
    this.engine.assertUsable();
    this.assertLive();
    this.use();
  }

  protected familyOf(options: ViewOperationOptions | undefined): AnyColumnFamily {
    if (options === undefined) return this.db.defaultColumnFamily;
    if (typeof options !== 'object' || options === null) {
      throw invalid(
        `options: expected an object, got ${options === null ? 'null' : typeof options}`,
      );
    }
    if (options.columnFamily === undefined) return this.db.defaultColumnFamily;
    return ColumnFamily.handleOf(options.columnFamily, this.db);
  }

  protected target(options: ViewOperationOptions | undefined): Target {
    this.useView();
    this.assertOrdered();
    const { pointer } = this.core;
    return {
      engine: this.engine,
      db: pointer as DbPtr,
      family: this.familyOf(options),
      view: true,
    };
  }

  /** Of something to be written; what was dropped before the changes are applied is found by it. */
  protected writeTarget(options: ViewOperationOptions | undefined): Target {
    const target = this.target(options);
    if (target.family.familyId !== 0) this.written.add(target.family);
    return { ...target, changeThrew: this.#changeThrew };
  }

  /** Throws when its index is not in order: nothing is read or applied then. */
  protected assertOrdered(): void {
    this.changes.index.assertOrdered();
  }

  /** Runs a change of its index as a whole. */
  protected reindex(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#changeThrew(error);
      throw error;
    }
  }

  readonly #changeThrew = (error: unknown): void => {
    const view = this.core.pointer as DbPtr;
    if (this.changes.index.changeThrew(this.engine.native, view, error)) this.freeIterators();
  };

  /** RocksDB would stop the database when it found out, after the log was written. */
  protected assertFamiliesWritable(): void {
    for (const family of this.written) family.assertWritable();
  }

  protected readOne<E extends Encoding>(
    key: Encodable<KE>,
    options: ReadOptions<E> | undefined,
    viewFlags = 0,
  ): Decoded<E> | undefined {
    const target = this.target(options);
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const found = access.get(target, key, snapshot, withFlags(options, viewFlags));
    return found as Decoded<E> | undefined;
  }

  protected readMany<E extends Encoding>(
    keys: readonly Encodable<KE>[],
    options: ReadManyOptions<E> | undefined,
    viewFlags = 0,
  ): (Decoded<E> | undefined)[] {
    const target = this.target(options);
    const families = many.familiesOf(keys, options, this.db);
    if (keys.length === 0) return [];
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const values = many.getMany(target, keys, families, snapshot, withFlags(options, viewFlags));
    return values as (Decoded<E> | undefined)[];
  }

  protected readEntities<E extends Encoding, N extends ColumnNames>(
    keys: readonly Encodable<KE>[],
    options: (ReadManyOptions<E> & EntityOptions<N>) | undefined,
    viewFlags = 0,
  ): (WideColumns<Decoded<E>, N> | undefined)[] {
    const target = this.target(options);
    const families = many.familiesOf(keys, options, this.db) ?? keys.map(() => target.family);
    if (keys.length === 0) return [];
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const flagged = withFlags(options, viewFlags);
    const found = entities.getManyEntity(target, keys, families, snapshot, flagged);
    return found as (WideColumns<Decoded<E>, N> | undefined)[];
  }

  /** @internal A cursor over it. */
  protected scan<IK extends Encoding, IV extends Encoding, V>(
    options: IteratorOptions<IK, IV>,
    over: Pick<IteratorSource, 'flags' | 'readValue'> = {},
  ): DBIterator<Decoded<IK>, V> {
    const { family } = this.target(options);
    if (options.iterStartTimestamp !== undefined) {
      throw invalid('iterStartTimestamp: histories are read from the database, not over changes');
    }
    const [iterator] = openIterators({ ...this.source, ...over }, [family], options);
    return iterator as DBIterator<Decoded<IK>, V>;
  }

  /** @internal What iterators over it are made on. */
  protected get source(): IteratorSource {
    return { engine: this.engine, db: this.db, pointer: this.core.pointer as DbPtr, view: this };
  }

  /** Iterators over changes that are about to go must go first: RocksDB would read freed memory. */
  protected freeIterators(): void {
    this.freeChildren(({ kind }) => kind === 'iterator');
  }

  /** Calls with bytes in linear memory. */
  protected staged<T>(
    data: string | Uint8Array,
    what: 'key' | 'data' | 'name',
    call: (at: number, length: number) => T,
  ): T {
    const { staging } = this.engine;
    staging.begin();
    try {
      staging.push(data, what, what === 'data' ? MAX_VALUE_BYTES : MAX_KEY_BYTES);
      return call(staging.address, staging.length);
    } finally {
      staging.end();
    }
  }
}

/** The options, with flags that only a view knows. */
export function withFlags<O extends object>(
  options: O | undefined,
  viewFlags: number,
): O | undefined {
  return viewFlags === 0 ? options : ({ ...options, viewFlags } as unknown as O);
}

export function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
