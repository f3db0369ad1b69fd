import {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
} from '../column-family.js';
import {
  COPY_OPTIONS,
  type CopyColumnFamilyOptions,
  checkCopyOptions,
  copyFamily,
} from '../copy-column-family.js';
import { codecOf, type Encoding } from '../encoding.js';
import { BusyError } from '../errors.js';
import { ExportedFiles, importColumnFamily } from '../exported-files.js';
import * as maintenance from '../maintenance.js';
import type { ColumnFamilyPtr } from '../native/exports.gen.js';
import { family, splitFamilyOptions } from '../open.js';
import { describe, objectOf } from '../option-errors.js';
import { flag } from '../option-values.js';
import type { ColumnFamilyOptions, DBOptions } from '../options.js';
import { saveOptions } from '../options-file.js';
import { invalid } from './core.js';
import { DatabaseStatistics } from './statistics.js';

/** Column families, and the options of the database and of each. */
export abstract class DatabaseColumnFamilies<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseStatistics<KE, VE> {
  /** The default column family: the database's own handle, which `free()` leaves alone. */
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

  /**
   * Makes a column family, on disk when this returns, and a handle for it, which `close()` frees if nothing else did. Throws
   * InvalidArgumentError when there is one of that name.
   */
  createColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    options: ColumnFamilyOpenOptions<CK, CV> = {},
  ): ColumnFamily<CK, CV> {
    return this.#create(name, options, (plan) =>
      maintenance.createColumnFamily(this.engine, this.pointer, plan, this.expires),
    );
  }

  /**
   * Makes a column family of files that `exportColumnFamily` made, of this or another database: all at once.
   * Several exports must not overlap (see clipColumnFamily). The options must have the comparator of the
   * exports. The files are copied; with `moveFiles` they are linked, and deleted afterwards.
   */
  createColumnFamilyWithImport<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    exported: ExportedFiles | readonly ExportedFiles[],
    options: ColumnFamilyOpenOptions<CK, CV> & { moveFiles?: boolean } = {},
  ): ColumnFamily<CK, CV> {
    const { moveFiles, ...rest } = objectOf(options);
    const move = flag('moveFiles', moveFiles, false);
    const exports = Array.isArray(exported) ? exported : [exported];
    if (exports.length === 0 || exports.some((each) => !(each instanceof ExportedFiles))) {
      throw invalid('createColumnFamilyWithImport: expected ExportedFiles of exportColumnFamily()');
    }
    return this.#create(name, rest, (plan) =>
      importColumnFamily(this.engine, this.pointer, plan, exports, move),
    );
  }

  /**
   * Copies a column family into a new one with other options, those that are fixed once it exists among
   * them (comparator, table format, merge operator): values are copied, merges done. Both can be read and written
   * meanwhile; when the promise is fulfilled the copy has all that was written to the source, and no other turn of the
   * program has come between. Blob values, wide columns and so on are written as the new options say.
   *
   * When it fails, or is aborted, the new family is dropped. A process that dies leaves it incomplete: call again with
   * `replace`. Files that are deleted or ingested below others meanwhile end it with BusyError. Not for user-defined
   * timestamps (NotSupportedError). Compaction filters of the source may delete what was copied already.
   */
  async copyColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    source: AnyColumnFamily,
    name: string,
    options: ColumnFamilyOpenOptions<CK, CV> & CopyColumnFamilyOptions = {},
  ): Promise<ColumnFamily<CK, CV>> {
    this.useFamily();
    this.assertWritable();
    this.assertBackgroundRuns('copyColumnFamily');
    const from = ColumnFamily.handleOf(source, this);
    from.assertWritable();
    const own = Object.fromEntries(COPY_OPTIONS.map((each) => [each, options[each]]));
    const plan = checkCopyOptions(own);
    const given = Object.entries(options).filter(([each]) => !(each in own));
    if (plan.dropSource && from === this.defaultFamily) {
      throw invalid('dropSource: the default column family cannot be dropped');
    }
    if (from.name === name) throw invalid(`the copy of column family '${name}' needs another name`);
    plan.signal?.throwIfAborted();
    const there = plan.replace ? this.columnFamily(name) : undefined;
    if (there !== undefined) {
      this.dropColumnFamily(there);
      there.free();
    }
    const target = this.createColumnFamily(
      name,
      Object.fromEntries(given) as ColumnFamilyOpenOptions<CK, CV>,
    );
    const { filesChanged } = this;
    const assertPossible = () => {
      this.assertBackgroundRuns('copyColumnFamily');
      if (this.filesChanged === filesChanged) return;
      const why = 'files of the database were deleted, or ingested below others, during the copy';
      throw new BusyError('ERR_ROCKSDB_BUSY', `${why}: begin it anew`);
    };
    try {
      await copyFamily(this.engine, this.pointer, from, target, plan, assertPossible);
      if (plan.disableWAL || plan.dropSource) this.flush({ columnFamily: target });
      if (plan.dropSource) this.dropColumnFamily(from);
    } catch (error) {
      this.#undo(target);
      throw error;
    }
    return target;
  }

  /** Makes several, by name, and returns their handles in order. What was made before an error is dropped again. */
  createColumnFamilies(
    families: Readonly<Record<string, ColumnFamilyOpenOptions>>,
  ): AnyColumnFamily[] {
    if (typeof families !== 'object' || families === null) {
      throw invalid('createColumnFamilies: expected options by the names of column families');
    }
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
    if (!Array.isArray(families)) {
      throw invalid('dropColumnFamilies: expected an array of column families');
    }
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
    for (const core of [live.core, ...this.core.descendants()]) {
      if (core === live.core || core.families?.includes(live.core)) core.orphan();
    }
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

  #create<CK extends Encoding, CV extends Encoding>(
    name: string,
    options: ColumnFamilyOpenOptions<CK, CV>,
    make: (plan: ReturnType<typeof family>) => ColumnFamilyPtr,
  ): ColumnFamily<CK, CV> {
    this.useFamily();
    this.assertWritable();
    if (typeof name !== 'string' || name === '') {
      throw invalid(`createColumnFamily: expected a name, got ${describe(name)}`);
    }
    this.engine.context.assertRoom('columnFamily');
    const { columnFamily, own } = splitFamilyOptions(options, name);
    const encodings = { ...this.encodings(), ...own };
    codecOf(encodings.keyEncoding, 'keyEncoding');
    codecOf(encodings.valueEncoding, 'valueEncoding');
    const pointer = make(family(name, columnFamily, encodings, false));
    const handle = this.register<CK, CV>(pointer, name, encodings);
    this.engine.settleLater();
    return handle;
  }

  /** Drops a family that was made in vain, if that is still possible. */
  #undo(target: AnyColumnFamily): void {
    if (this.engine.crashed || this.freed || target.freed) return;
    if (!target.dropped) this.dropColumnFamily(target);
    target.free();
  }
}
