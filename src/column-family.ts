import { type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import type { ColumnFamilyPtr, DbPtr } from './native/exports.gen.js';
import { NativeObject } from './native/native-object.js';
import type { ColumnFamilyOptions } from './options.js';
import { wrongDatabase } from './snapshot.js';

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
> = ColumnFamilyOptions & EncodingOptions<KE, VE>;

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
  /** @internal */
  readonly pointer: ColumnFamilyPtr;
  /** @internal */
  readonly keys: Codec;
  /** @internal */
  readonly values: Codec;
  readonly #engine: Engine;
  readonly #db: DbPtr;
  /** Binds the type parameters, which no property would otherwise use. */
  declare readonly encodings: { readonly key: KE; readonly value: VE };

  /** @internal Made by the database. */
  constructor(
    engine: Engine,
    parent: NativeObject,
    db: DbPtr,
    pointer: ColumnFamilyPtr,
    name: string,
    encodings: EncodingOptions<KE, VE>,
  ) {
    const keys = codecOf(encodings.keyEncoding, 'keyEncoding');
    const values = codecOf(encodings.valueEncoding, 'valueEncoding');
    super(engine, 'columnFamily', parent, name);
    this.#engine = engine;
    this.#db = db;
    this.pointer = pointer;
    this.name = name;
    this.keys = keys;
    this.values = values;
    this.familyId = engine.native.calls.rdb_column_family_id(pointer);
  }

  /** @internal This handle, when it is live and of this database. */
  of(db: NativeObject, owner: DbPtr): this {
    this.assertLive();
    if (owner !== this.#db) throw wrongDatabase('column family', db);
    return this;
  }

  protected release(): void {
    const { native } = this.#engine;
    native.check(native.calls.rdb_column_family_free(this.#db, this.pointer));
    this.#engine.settle();
  }
}
