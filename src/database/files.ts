import { assertNothingInLog, type CheckpointOptions, checkpoint } from '../checkpoint.js';
import { type AnyColumnFamily, ColumnFamily } from '../column-family.js';
import * as compaction from '../compaction.js';
import { assertBackgroundRuns, assertLogUnlocked, DatabaseHold } from '../database-hold.js';
import type { Encoding } from '../encoding.js';
import { clipColumnFamily, type ExportedFiles, exportColumnFamily } from '../exported-files.js';
import type {
  ColumnFamilyMetaData,
  LiveFileMetaData,
  LiveFileStorageInfo,
} from '../file-metadata.js';
import { type IngestExternalFileArg, type IngestExternalFileOptions, ingest } from '../ingest.js';
import * as live from '../live-files.js';
import { getDBOptions } from '../maintenance.js';
import type { DbPtr } from '../native/exports.gen.js';
import { expected, objectOf } from '../option-errors.js';
import { fieldsOf } from '../option-values.js';
import { databasePath } from '../paths.js';
import { DatabaseWideColumns } from './wide-columns.js';

interface OfFamily {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
}

/** Flush, compaction, and the files they make; checkpoints, ingestion, export. */
export abstract class DatabaseFiles<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseWideColumns<KE, VE> {
  /** How often data came or went in a way that no sequence number tells. */
  protected filesChanged = 0;

  /** Writes the memtables of column families (all of them by default) to files. */
  flush(options: compaction.FlushOptions = {}): void {
    const names = ['columnFamily', 'columnFamilies', 'wait', 'allowWriteStall'] as const;
    this.useFamily(fieldsOf('flush', options, names));
    this.assertWritable();
    if (options.wait !== false) this.assertBackgroundRuns('flush');
    else assertLogUnlocked(this.holds, 'flush');
    // RocksDB would first wait until it stalls no writes, which nothing ends while work is paused.
    const allowWriteStall = options.allowWriteStall === true || this.holds.backgroundPause > 0;
    const families = this.#flushed(options);
    compaction.flush(this.engine, this.pointer, families, { ...options, allowWriteStall });
    this.engine.settle();
  }

  /** Compacts the keys from `begin` to `end`, both included; all by default. */
  compactRange(options: compaction.CompactRangeOptions = {}): void {
    const target = this.#writable(options);
    this.assertBackgroundRuns('compactRange');
    compaction.compactRange(target, options);
    this.engine.settle();
  }

  /**
   * Compacts these table files into level `outputLevel`, in this call. `files` are names or paths as
   * getLiveFilesMetaData() has them; RocksDB adds files of the levels between that overlap them.
   */
  compactFiles(
    files: readonly string[],
    options: compaction.CompactFilesOptions,
  ): compaction.CompactFilesResult {
    const result = compaction.compactFiles(this.#writable(options), files, options);
    this.engine.settle();
    return result;
  }

  /** Tells RocksDB to compact a range before others; level compaction only. It compacts when it would. */
  suggestCompactRange(range: live.KeyRange & OfFamily = {}): void {
    compaction.suggestCompactRange(this.#writable(range), range);
    this.engine.settle();
  }

  /**
   * Moves all files of level 0 to `targetLevel` (default: 1) without compaction. InvalidArgumentError unless
   * their ranges are disjoint and the levels up to there empty.
   */
  promoteL0(targetLevel = 1, options: OfFamily = {}): void {
    compaction.promoteL0(this.#writable(options), targetLevel);
    this.engine.settle();
  }

  /** Runs flushes and compactions until none is left to do; BusyError on a timeout or when paused. */
  waitForCompact(options: compaction.WaitForCompactOptions = {}): void {
    this.useFamily();
    this.assertBackgroundRuns('waitForCompact');
    compaction.waitForCompact(this.engine, this.pointer, options);
    if (options.closeDb === true) this.free();
    else this.engine.settle();
  }

  /**
   * Makes a copy of the database in the folder `path`, which must not be there yet; its parent must. Tables and
   * blob files are linked where the file system can. It can be opened as any database, by native RocksDB too.
   * On disk when it returns. Returns a sequence number that it surely contains.
   *
   * IOError and so on leave nothing at `path`. NotSupportedError with `dbPaths` or `cfPaths`, and when it is open
   * for reading and has a log.
   */
  checkpoint(path: string, options: CheckpointOptions = {}): bigint {
    const pointer = this.pointerForCopy('checkpoint');
    const sequence = checkpoint(this.engine, pointer, databasePath(path), options);
    this.engine.settle();
    return sequence;
  }

  /**
   * Takes table files into a column family: those of an SstFileWriter, whose keys are ordered as the family's are.
   * They win over what is there already. All files or none, and on disk when it returns.
   */
  ingestExternalFile(files: readonly string[], options: IngestExternalFileOptions = {}): void {
    this.ingestExternalFiles([{ ...options, externalFiles: files }]);
  }

  /** The same for several column families, all at once or not at all. */
  ingestExternalFiles(groups: readonly IngestExternalFileArg[]): void {
    this.useFamily();
    this.assertWritable();
    if (!Array.isArray(groups) || groups.length === 0) {
      throw expected('an array of { externalFiles, ... }', 'ingestExternalFiles', groups);
    }
    const families = groups.map((group) => this.#familyOf(group));
    for (const family of families) family.assertWritable();
    // What a memtable has of the files' keys is flushed first.
    this.assertBackgroundRuns('ingestExternalFile');
    ingest(this.engine, this.pointer, groups, families);
    const told = ({ ingestBehind, snapshotConsistency }: IngestExternalFileOptions) =>
      ingestBehind !== true && snapshotConsistency !== false;
    if (!groups.every(told)) this.filesChanged++;
    this.engine.settle();
  }

  /**
   * Makes table files of a column family in the folder `path`, which must not be there yet; its parent must. To be
   * taken up by `createColumnFamilyWithImport`, of any database. Free the result; the files are the caller's.
   * NotSupportedError when the family has blob files.
   */
  exportColumnFamily(path: string, options: OfFamily = {}): ExportedFiles {
    const { engine, db, family } = this.#writable(options);
    this.assertBackgroundRuns('exportColumnFamily');
    const exported = exportColumnFamily(engine, db, family, databasePath(path));
    engine.settle();
    return exported;
  }

  /** Deletes what is outside [begin, end), for good: files, then a range, then a compaction. */
  clipColumnFamily(begin: unknown, end: unknown, options: OfFamily = {}): void {
    const { engine, db, family } = this.#writable(options);
    family.assertWritable();
    this.assertBackgroundRuns('clipColumnFamily');
    this.filesChanged++;
    clipColumnFamily(engine, db, family, begin, end);
    engine.settle();
  }

  /** Levels, tables and blob files of a column family. */
  getColumnFamilyMetaData(options: OfFamily = {}): ColumnFamilyMetaData {
    return live.columnFamilyMetaData(this.target(options));
  }

  /** The same of all column families. */
  getAllColumnFamilyMetaData(): ColumnFamilyMetaData[] {
    this.useFamily();
    return this.openFamilies().map((columnFamily) =>
      live.columnFamilyMetaData(this.target({ columnFamily })),
    );
  }

  /** The tables of all column families. */
  getLiveFilesMetaData(): LiveFileMetaData[] {
    this.useFamily();
    return live.liveFilesMetaData(this.engine, this.pointer);
  }

  /** Names of the files that make up the database, the log aside; flushes first unless told not to. */
  getLiveFiles(options: { flushMemtable?: boolean } = {}): live.LiveFiles {
    this.useFamily();
    const { flushMemtable } = fieldsOf('getLiveFiles', options, ['flushMemtable']);
    const flush = flushMemtable !== false && !this.readOnly;
    if (flush) this.assertBackgroundRuns('getLiveFiles');
    const files = live.liveFiles(this.engine, this.pointer, flush);
    this.engine.settle();
    return files;
  }

  /**
   * All that a copy of the database consists of, the log included. Call it between disableFileDeletions()
   * and enableFileDeletions(), or files may be gone before they are copied.
   */
  getLiveFilesStorageInfo(options: live.LiveFilesStorageInfoOptions = {}): LiveFileStorageInfo[] {
    this.useFamily();
    const { walSizeForFlush } = objectOf(options);
    this.#assertFlushes('getLiveFilesStorageInfo', walSizeForFlush);
    const files = live.liveFilesStorageInfo(this.engine, this.pointer, options);
    this.engine.settle();
    return files;
  }

  /** Checksums of whole files, where the database makes them (`fileChecksumGenFactory`). */
  getLiveFilesChecksumInfo(): live.FileChecksum[] {
    this.useFamily();
    return live.liveFilesChecksumInfo(this.engine, this.pointer);
  }

  /**
   * No file is deleted until enableFileDeletions() was called as often, or the holds that this returns are
   * freed. Closing the database ends them.
   */
  disableFileDeletions(): DatabaseHold {
    this.useFamily();
    return new DatabaseHold(this, this.holds, 'fileDeletions');
  }

  /** Makes up for one disableFileDeletions(), the newest. Without one it does nothing. */
  enableFileDeletions(): void {
    this.useFamily();
    DatabaseHold.endNewest(this.core, 'fileDeletions');
  }

  /**
   * Deletes a table file of the last level, or the oldest of level 0, with all that is in it; or a log that is
   * not needed. RocksDB has deprecated it: use deleteFilesInRanges().
   */
  deleteFile(name: string): void {
    this.useFamily();
    this.assertWritable();
    this.filesChanged++;
    live.deleteFile(this.engine, this.pointer, name);
    this.engine.settle();
  }

  /**
   * Deletes the tables that lie in one of these ranges entirely, level 0 aside: the quickest way to give disk
   * space back. What is left in the ranges stays; snapshots lose what was deleted.
   */
  deleteFilesInRanges(
    ranges: readonly live.KeyRange[],
    options: live.DeleteFilesInRangesOptions = {},
  ): void {
    fieldsOf('deleteFilesInRanges', options, ['columnFamily', 'includeEnd']);
    this.filesChanged++;
    live.deleteFilesInRanges(this.#writable(options), ranges, options);
    this.engine.settle();
  }

  /** Reads all tables and compares the checksums of their blocks. CorruptionError names the file. */
  verifyChecksum(options: live.VerifyChecksumOptions = {}): void {
    this.useFamily();
    live.verifyChecksum(this.engine, this.pointer, 'blocks', options);
  }

  /**
   * Compares the checksums of whole files with those in the MANIFEST. InvalidArgumentError when the database
   * was not opened with `fileChecksumGenFactory`.
   */
  verifyFileChecksums(options: live.VerifyChecksumOptions = {}): void {
    this.useFamily();
    live.verifyChecksum(this.engine, this.pointer, 'files', options);
  }

  /**
   * @internal The pointer, for `call`, which copies the database and flushes it first when its log has at least
   * `logSizeForFlush` bytes (0: whatever it has). Throws when the copy would be incomplete, or wait for ever.
   */
  pointerForCopy(call: string, logSizeForFlush = 0): DbPtr {
    this.useFamily();
    this.#assertFlushes(call, logSizeForFlush);
    if (this.readOnly) assertNothingInLog(this.engine, this.pointer, this.openFamilies());
    return this.pointer;
  }

  /** Databases that commit in two phases are flushed whatever the size of the log is. */
  #assertFlushes(call: string, logSizeForFlush = 0): void {
    if (this.readOnly || this.holds.backgroundPause === 0) return;
    const { engine, pointer } = this;
    const never = logSizeForFlush === Number.POSITIVE_INFINITY;
    if (never && getDBOptions(engine, pointer).allow2pc !== true) return;
    // RocksDB itself leaves the flush out while the log is locked.
    assertBackgroundRuns({ ...this.holds, walLock: 0 }, call);
  }

  #writable(options: OfFamily) {
    const target = this.target(options);
    this.assertWritable();
    return target;
  }

  #familyOf(options: OfFamily): AnyColumnFamily {
    const { columnFamily } = objectOf(options);
    return columnFamily === undefined
      ? this.defaultFamily
      : ColumnFamily.handleOf(columnFamily, this);
  }

  #flushed({ columnFamily, columnFamilies }: compaction.FlushOptions): readonly AnyColumnFamily[] {
    if (columnFamilies === undefined) {
      return columnFamily === undefined ? this.openFamilies() : [columnFamily];
    }
    if (columnFamily !== undefined || !Array.isArray(columnFamilies)) {
      throw expected('an array of handles, without columnFamily', 'columnFamilies', columnFamilies);
    }
    return columnFamilies.map((each) => ColumnFamily.handleOf(each, this));
  }
}
