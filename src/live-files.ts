/** Which files a database consists of, and what is done to them one by one. */
import type { Target } from './access.js';
import type { AnyColumnFamily } from './column-family.js';
import { encodeKey } from './compaction.js';
import type { Engine } from './engine.js';
import {
  type ColumnFamilyMetaData,
  type LiveFileMetaData,
  type LiveFileStorageInfo,
  readColumnFamily,
  readLiveFile,
  readStorageInfo,
} from './file-metadata.js';
import type { DbPtr } from './native/exports.gen.js';
import { RecordWriter, takeRecord } from './native/records.js';
import { expected } from './option-errors.js';
import { bytesCount, fieldsOf, flag, integer } from './option-values.js';

export interface LiveFiles {
  /** Names relative to the database's folder, as RocksDB gives them: with a slash before. */
  files: string[];
  /** Bytes of the MANIFEST that belong to this state; it may have grown meanwhile. */
  manifestFileSize: number;
}

export interface LiveFilesStorageInfoOptions {
  /** With the checksums of whole files, as far as they were made. Default: false. */
  includeChecksumInfo?: boolean;
  /**
   * Flush first when the live write-ahead log has at least so many bytes. Default: 0, always; `Infinity`:
   * never.
   */
  walSizeForFlush?: number;
}

/** The checksum of a file, as it is in the MANIFEST. */
export interface FileChecksum {
  fileNumber: number;
  checksum: Uint8Array;
  checksumFuncName: string;
}

export interface KeyRange {
  /** Default: from the first key. */
  begin?: unknown;
  /** Default: to the last key. */
  end?: unknown;
}

export interface DeleteFilesInRangesOptions {
  columnFamily?: AnyColumnFamily;
  /** Whether `end` belongs to the range. Default: true. */
  includeEnd?: boolean;
}

export interface VerifyChecksumOptions {
  /** Bytes to read ahead. Default: 0, as RocksDB chooses. */
  readaheadSize?: number;
}

export function columnFamilyMetaData({ engine, db, family }: Target): ColumnFamilyMetaData {
  const { native, out } = engine;
  native.check(native.calls.rdb_db_get_column_family_metadata(db, family.pointer, out));
  return takeRecord(native, out, readColumnFamily);
}

export function liveFilesMetaData(engine: Engine, db: DbPtr): LiveFileMetaData[] {
  const { native, out } = engine;
  native.check(native.calls.rdb_db_get_live_files_metadata(db, out));
  return takeRecord(native, out, (reader) => reader.list(readLiveFile));
}

export function liveFiles(engine: Engine, db: DbPtr, flush: boolean): LiveFiles {
  const { native, out } = engine;
  native.check(native.calls.rdb_db_get_live_files(db, flush ? 1 : 0, out));
  return takeRecord(native, out, (reader) => {
    const manifestFileSize = reader.number();
    return { files: reader.list((each) => each.text()), manifestFileSize };
  });
}

export function liveFilesStorageInfo(
  engine: Engine,
  db: DbPtr,
  options: LiveFilesStorageInfoOptions,
): LiveFileStorageInfo[] {
  const { native, out } = engine;
  const names = ['includeChecksumInfo', 'walSizeForFlush'] as const;
  fieldsOf('getLiveFilesStorageInfo', options, names);
  const checksums = flag('includeChecksumInfo', options.includeChecksumInfo, false);
  const { walSizeForFlush } = options;
  const never = walSizeForFlush === Number.POSITIVE_INFINITY;
  const wal = never ? -1 : bytesCount('walSizeForFlush', walSizeForFlush, 0);
  const { calls } = native;
  native.check(calls.rdb_db_get_live_files_storage_info(db, checksums ? 1 : 0, wal, out));
  return takeRecord(native, out, (reader) => reader.list(readStorageInfo));
}

export function liveFilesChecksumInfo(engine: Engine, db: DbPtr): FileChecksum[] {
  const { native, out } = engine;
  native.check(native.calls.rdb_db_get_live_files_checksum_info(db, out));
  const checksums = takeRecord(native, out, (reader) =>
    reader.list((each) => ({
      fileNumber: each.number(),
      checksum: each.bytes(),
      checksumFuncName: each.text(),
    })),
  );
  return checksums.sort((a, b) => a.fileNumber - b.fileNumber);
}

export function deleteFile(engine: Engine, db: DbPtr, name: string): void {
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(name, 'file name', 0xffff);
    native.check(native.calls.rdb_db_delete_file(db, staging.address, staging.length));
  } finally {
    staging.end();
  }
}

export function deleteFilesInRanges(
  { engine, db, family }: Target,
  ranges: readonly KeyRange[],
  options: DeleteFilesInRangesOptions,
): void {
  const includeEnd = flag('includeEnd', options.includeEnd, true);
  if (!Array.isArray(ranges)) throw expected('an array of { begin, end }', 'ranges', ranges);
  const request = new RecordWriter();
  ranges.forEach((range: KeyRange, index) => {
    const { begin, end } = fieldsOf(`ranges[${index}]`, range, ['begin', 'end']);
    for (const [name, key] of Object.entries({ begin, end })) {
      const data = encodeKey(family, key);
      if (data !== undefined && typeof data !== 'string' && !(data instanceof Uint8Array)) {
        throw expected('a string or a Uint8Array', `ranges[${index}].${name}`, data);
      }
      request.flag(data !== undefined).bytes(data ?? '');
    }
  });
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(request.finish(), 'ranges', 0xffffffff);
    const { calls } = native;
    native.check(
      calls.rdb_db_delete_files_in_ranges(
        db,
        family.pointer,
        staging.address,
        ranges.length,
        includeEnd ? 1 : 0,
      ),
    );
  } finally {
    staging.end();
  }
}

export function verifyChecksum(
  engine: Engine,
  db: DbPtr,
  what: 'blocks' | 'files',
  options: VerifyChecksumOptions,
): void {
  const { native } = engine;
  fieldsOf('options', options, ['readaheadSize']);
  const readahead = integer('readaheadSize', options.readaheadSize, 0, 0xffffffff, 0);
  native.check(native.calls.rdb_db_verify_checksum(db, what === 'files' ? 1 : 0, readahead));
}
