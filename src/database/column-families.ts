import {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
} from '../column-family.js';
import { codecOf, type Encoding } from '../encoding.js';
import * as maintenance from '../maintenance.js';
import { family, splitFamilyOptions } from '../open.js';
import type { ColumnFamilyOptions, DBOptions } from '../options.js';
import { saveOptions } from '../options-file.js';
import { invalid } from './core.js';
import { DatabaseStatistics } from './statistics.js';

/** Column families, and the options of the database and of each. */
export abstract class DatabaseColumnFamilies<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseStatistics<KE, VE> {
  /** The default column family. */
  get defaultColumnFamily(): ColumnFamily<KE, VE> {
    return this.defaultFamily;
  }

  /** Names of the column families that are open, the default one first. */
  get columnFamilyNames(): string[] {
    return this.openFamilies().map(({ name }) => name);
  }

  /** The handle of an open column family; undefined when there is none of that name. */
  columnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
  ): ColumnFamily<CK, CV> | undefined {
    const known = this.families.get(name);
    return known?.freed === false ? (known as ColumnFamily<CK, CV>) : undefined;
  }

  createColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    options: ColumnFamilyOpenOptions<CK, CV> = {},
  ): ColumnFamily<CK, CV> {
    this.useFamily();
    this.assertWritable();
    if (typeof name !== 'string' || name === '') {
      throw invalid(`createColumnFamily: expected a name, got ${JSON.stringify(name)}`);
    }
    const { columnFamily, own } = splitFamilyOptions(options, name);
    const encodings = { ...this.encodings(), ...own };
    codecOf(encodings.keyEncoding, 'keyEncoding');
    codecOf(encodings.valueEncoding, 'valueEncoding');
    const plan = family(name, columnFamily, encodings, false);
    const pointer = maintenance.createColumnFamily(this.engine, this.pointer, plan, this.expires);
    // Registered first: whatever settling throws, the handle is the database's.
    const handle = this.register<CK, CV>(pointer, name, encodings);
    this.engine.settle();
    return handle;
  }

  /** Makes several, by name, and returns their handles in order. What was made before an error is dropped again. */
  createColumnFamilies(
    families: Readonly<Record<string, ColumnFamilyOpenOptions>>,
  ): AnyColumnFamily[] {
    const made: AnyColumnFamily[] = [];
    try {
      for (const [name, options] of Object.entries(families)) {
        made.push(this.createColumnFamily(name, options as ColumnFamilyOpenOptions<KE, VE>));
      }
      return made;
    } catch (error) {
      for (const each of made) {
        this.dropColumnFamily(each);
        each.free();
      }
      throw error;
    }
  }

  /** Drops several. */
  dropColumnFamilies(families: readonly AnyColumnFamily[]): void {
    for (const each of families) this.dropColumnFamily(each);
  }

  /**
   * Drops a column family. The handle, and iterators over it, go on reading what was there; the data is
   * deleted once they are freed.
   */
  dropColumnFamily(columnFamily: AnyColumnFamily): void {
    this.useFamily();
    this.assertWritable();
    const live = ColumnFamily.handleOf(columnFamily, this);
    const { native } = this.engine;
    native.check(native.calls.rdb_column_family_drop(this.pointer, live.pointer));
    live.markDropped();
    this.families.delete(live.name);
    this.engine.settle();
  }

  /** Changes mutable options of a column family, at once and for the next opens. */
  setOptions(options: ColumnFamilyOptions, target: { columnFamily?: AnyColumnFamily } = {}): void {
    const family = this.useFamily(target);
    this.assertWritable();
    maintenance.setOptions(this.engine, this.pointer, family, options);
    this.engine.settle();
  }

  /** Changes mutable options of the database. */
  setDBOptions(options: DBOptions): void {
    this.useFamily();
    this.assertWritable();
    maintenance.setDBOptions(this.engine, this.pointer, options);
    this.engine.settle();
  }

  /** The options in force for a column family. */
  getOptions(target: { columnFamily?: AnyColumnFamily } = {}): ColumnFamilyOptions {
    return maintenance.getOptions(this.engine, this.pointer, this.useFamily(target));
  }

  /** The options in force for the database. */
  getDBOptions(): DBOptions {
    this.useFamily();
    return maintenance.getDBOptions(this.engine, this.pointer);
  }

  /**
   * Writes the options in force to a file, in the form of RocksDB's own OPTIONS files, which it must not replace:
   * RocksDB writes those itself at open and with each change. Its folder must exist.
   */
  saveOptions(file: string): void {
    this.useFamily();
    saveOptions(this.engine, this.pointer, this.openFamilies(), file);
  }
}
