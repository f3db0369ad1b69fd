import { type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError, NotSupportedError, RocksDBError } from './errors.js';
import type { ColumnFamilyPtr, DbPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import type { ColumnFamilySettings } from './options.js';
import { wrongDatabase } from './snapshot.js';

// biome-ignore lint/suspicious/noExplicitAny: a handle of whatever encodings
export type AnyColumnFamily = ColumnFamily<any, any>;

/** How keys and values are given and handed out. */
export interface EncodingOptions<KE extends Encoding = Encoding, VE extends Encoding = Encoding> {
  /** Default: `view`. */
  keyEncoding?: KE;
  /** Default: `view`. */
  valueEncoding?: VE;
}

/** RocksDB's options of a column family, and the encodings of its keys and values. */
export type ColumnFamilyOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = ColumnFamilySettings &
  EncodingOptions<KE, VE> & {
    /** Of DBWithTTL: seconds that entries live. Default: for ever. */
    timeToLive?: number;
  };

/**
 * A handle of a column family (RocksDB's ColumnFamilyHandle). The database owns it and frees it when it is
 * closed; freeing it earlier gives up the handle and what was made through it, not the data.
 */
export class ColumnFamily<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  readonly name: string;
  /** RocksDB's id, unique within the database and never used again. */
  readonly familyId: number;
  /** Bytes of the user-defined timestamps of its keys, by its comparator; 0: it has none. */
  readonly timestampSize: number;
  /** @internal */
  readonly pointer: ColumnFamilyPtr;
  /** @internal */
  readonly keys: Codec;
  /** @internal */
  readonly values: Codec;
  readonly #engine: Engine;
  readonly #canMerge: boolean;
  #dropped = false;
  /** Binds the type parameters, which no property would otherwise use. */
  declare readonly encodings: { readonly key: KE; readonly value: VE };

  /** @internal Made by the database. */
  constructor(
    engine: Engine,
    parent: NativeObject,
    pointer: ColumnFamilyPtr,
    name: string,
    encodings: EncodingOptions<KE, VE>,
  ) {
    const keys = codecOf(encodings.keyEncoding, 'keyEncoding');
    const values = codecOf(encodings.valueEncoding, 'valueEncoding');
    super(engine.context, 'columnFamily', parent, pointer, releaseColumnFamily, name);
    this.#engine = engine;
    this.#canMerge = engine.native.calls.rdb_column_family_can_merge(pointer) === 1;
    this.pointer = pointer;
    this.name = name;
    this.keys = keys;
    this.values = values;
    this.familyId = engine.native.calls.rdb_column_family_id(pointer);
    this.timestampSize = engine.native.calls.rdb_column_family_timestamp_size(pointer);
  }

  /** The default one is the database's own: it stays, whoever calls this, until that is closed. */
  override free(): void {
    if (this.familyId !== DEFAULT_FAMILY_ID) super.free();
  }

  /** True once it was dropped: it can be read through this handle, and not written. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** @internal This handle, when it is live and of this database. */
  of(db: NativeObject): this {
    this.assertLive();
    if (db !== this.parent) throw wrongDatabase('column family', db);
    this.touch();
    return this;
  }

  /** @internal This handle, when it is live. */
  live(): this {
    this.assertLive();
    this.touch();
    return this;
  }

  /** @internal The handle of a columnFamily option, which may be anything. */
  static handleOf(family: unknown, db: NativeObject): AnyColumnFamily {
    if (family instanceof ColumnFamily) return family.of(db);
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `columnFamily: expected a handle of db.columnFamily(), got ${family === null ? 'null' : typeof family}`,
    );
  }

  /** @internal The handles of a columnFamilies option: at least one. */
  static handlesOf(families: unknown, db: NativeObject): AnyColumnFamily[] {
    if (!Array.isArray(families) || families.length === 0) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        'columnFamilies: expected an array with handles of db.columnFamily()',
      );
    }
    return families.map((family) => ColumnFamily.handleOf(family, db));
  }

  /** @internal */
  markDropped(): void {
    this.#dropped = true;
  }

  // What RocksDB would find out only when a write is in its log already, and stop for, is refused before.

  /** @internal Throws when it was dropped. */
  assertWritable(): void {
    if (!this.#dropped) return;
    throw new RocksDBError(
      'ERR_ROCKSDB_COLUMN_FAMILY_DROPPED',
      `column family '${this.name}' was dropped: it cannot be written any more`,
    );
  }

  /** @internal */
  get canMerge(): boolean {
    return this.#canMerge;
  }

  /** @internal Throws when it has no merge operator. */
  assertMergeable(): void {
    if (this.#canMerge) return;
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      `column family '${this.name}' has no merge operator: open it with the option mergeOperator`,
    );
  }

  /**
   * @internal Throws when keys in linear memory, given as address and length, without timestamps, are not
   * in order.
   */
  assertOrder(
    begin: number,
    beginLength: number,
    end: number,
    endLength: number,
    what = 'deleteRange',
  ): void {
    const { calls } = this.#engine.native;
    if (calls.rdb_column_family_compare(this.pointer, begin, beginLength, end, endLength) <= 0)
      return;
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `${what}: the end key comes before the begin key`,
    );
  }
}

const DEFAULT_FAMILY_ID = 0;

function releaseColumnFamily({ context, parent, pointer }: HandleCore): void {
  const { native } = context;
  const db = (parent as HandleCore).pointer as DbPtr;
  native.check(native.calls.rdb_column_family_free(db, pointer as ColumnFamilyPtr));
  context.settle();
}
