/** What RocksDB knows of its files (metadata.h), read from what wasm/bindings/file_metadata.cc packs. */
import type { RecordReader, RecordWriter } from './native/records.js';

/** By their numbers. */
export const TEMPERATURES = { 0: 'unknown', 4: 'hot', 8: 'warm', 12: 'cold' } as const;
/** How often a file is read, as far as the program has said. */
export type Temperature = (typeof TEMPERATURES)[keyof typeof TEMPERATURES];
export const TEMPERATURE_NAMES = ['unknown', 'hot', 'warm', 'cold'] as const;

const FILE_TYPES = [
  'wal',
  'lock',
  'table',
  'manifest',
  'current',
  'temp',
  'infoLog',
  'metaDatabase',
  'identity',
  'options',
  'blob',
] as const;
/** RocksDB's FileType. */
export type FileType = (typeof FILE_TYPES)[number];

/** A file of a database. */
export interface FileStorageInfo {
  /** Its name within `directory`. */
  relativeFilename: string;
  directory: string;
  /** Unique within the database; 0 for CURRENT and the like. */
  fileNumber: number;
  fileType: FileType;
  /** Bytes. */
  size: number;
}

/** A file that belongs to a copy of a database (getLiveFilesStorageInfo). */
export interface LiveFileStorageInfo extends FileStorageInfo {
  temperature: Temperature;
  /** Empty when it was not asked for, or is unknown. */
  fileChecksum: Uint8Array;
  /** The function of the checksum, such as `FileChecksumCrc32c`. */
  fileChecksumFuncName: string;
  /** What the copy must contain instead of the file (CURRENT); empty: the file itself. */
  replacementContents: Uint8Array;
  /** The file may have grown beyond `size` meanwhile: copy no more than that, do not link. */
  trimToSize: boolean;
}

/** A table file. */
export interface SstFileMetaData {
  /** Its name within `directory`, such as `000012.sst`. */
  relativeFilename: string;
  directory: string;
  fileNumber: number;
  /** Bytes. */
  size: number;
  temperature: Temperature;
  /** Of the user keys in it. */
  smallestKey: Uint8Array;
  largestKey: Uint8Array;
  smallestSequenceNumber: bigint;
  largestSequenceNumber: bigint;
  /** About how often it was read. */
  numReadsSampled: number;
  beingCompacted: boolean;
  /** Entries in it, deletions among them. */
  numEntries: number;
  numDeletions: number;
  /** The oldest blob file that it refers to; 0: none. */
  oldestBlobFileNumber: number;
  /** Seconds since 1970 of the oldest data in it; 0: unknown. */
  oldestAncestorTime: number;
  /** Seconds since 1970; 0: unknown. */
  fileCreationTime: number;
  /** Orders files of level 0 among themselves. */
  epochNumber: number;
  /** Internal keys: the user key, and sequence number and type in 8 more bytes. */
  smallest: Uint8Array;
  largest: Uint8Array;
  /** Empty: none was made. */
  fileChecksum: Uint8Array;
  fileChecksumFuncName: string;
}

export interface LiveFileMetaData extends SstFileMetaData {
  columnFamilyName: string;
  level: number;
}

export interface BlobMetaData {
  blobFileNumber: number;
  blobFileName: string;
  blobFilePath: string;
  /** Bytes. */
  blobFileSize: number;
  totalBlobCount: number;
  totalBlobBytes: number;
  /** Blobs that no table refers to any more. */
  garbageBlobCount: number;
  garbageBlobBytes: number;
  checksumMethod: string;
  checksumValue: Uint8Array;
}

export interface LevelMetaData {
  level: number;
  /** Bytes. */
  size: number;
  files: SstFileMetaData[];
}

export interface ColumnFamilyMetaData {
  name: string;
  /** Bytes of its tables, those of all levels. */
  size: number;
  /** Of its tables. */
  fileCount: number;
  levels: LevelMetaData[];
  /** Bytes of its blob files. */
  blobFileSize: number;
  blobFiles: BlobMetaData[];
}

/** @internal */
export function readTemperature(reader: RecordReader): Temperature {
  return TEMPERATURES[reader.word() as keyof typeof TEMPERATURES] ?? 'unknown';
}

export function temperatureNumber(temperature: Temperature): number {
  return 4 * TEMPERATURE_NAMES.indexOf(temperature);
}

/** @internal */
export function readFileType(reader: RecordReader): FileType {
  return FILE_TYPES[reader.word()] as FileType;
}

function readSstFile(reader: RecordReader): SstFileMetaData {
  return {
    relativeFilename: reader.text(),
    directory: reader.text(),
    fileNumber: reader.number(),
    size: reader.number(),
    temperature: readTemperature(reader),
    smallestKey: reader.bytes(),
    largestKey: reader.bytes(),
    smallestSequenceNumber: reader.long(),
    largestSequenceNumber: reader.long(),
    numReadsSampled: reader.number(),
    beingCompacted: reader.flag(),
    numEntries: reader.number(),
    numDeletions: reader.number(),
    oldestBlobFileNumber: reader.number(),
    oldestAncestorTime: reader.number(),
    fileCreationTime: reader.number(),
    epochNumber: reader.number(),
    smallest: reader.bytes(),
    largest: reader.bytes(),
    fileChecksum: reader.bytes(),
    fileChecksumFuncName: reader.text(),
  };
}

/** @internal */
export function readLiveFile(reader: RecordReader): LiveFileMetaData {
  const file = readSstFile(reader);
  return { ...file, columnFamilyName: reader.text(), level: reader.word() };
}

/** @internal */
export function writeLiveFile(writer: RecordWriter, file: LiveFileMetaData): void {
  writer.bytes(file.relativeFilename).bytes(file.directory);
  writer.long(file.fileNumber).long(file.size).word(temperatureNumber(file.temperature));
  writer.bytes(file.smallestKey).bytes(file.largestKey);
  writer.long(file.smallestSequenceNumber).long(file.largestSequenceNumber);
  writer.long(file.numReadsSampled).flag(file.beingCompacted);
  writer.long(file.numEntries).long(file.numDeletions).long(file.oldestBlobFileNumber);
  writer.long(file.oldestAncestorTime).long(file.fileCreationTime).long(file.epochNumber);
  writer.bytes(file.smallest).bytes(file.largest);
  writer.bytes(file.fileChecksum).bytes(file.fileChecksumFuncName);
  writer.bytes(file.columnFamilyName).word(file.level);
}

function readBlob(reader: RecordReader): BlobMetaData {
  return {
    blobFileNumber: reader.number(),
    blobFileName: reader.text(),
    blobFilePath: reader.text(),
    blobFileSize: reader.number(),
    totalBlobCount: reader.number(),
    totalBlobBytes: reader.number(),
    garbageBlobCount: reader.number(),
    garbageBlobBytes: reader.number(),
    checksumMethod: reader.text(),
    checksumValue: reader.bytes(),
  };
}

/** @internal */
export function readColumnFamily(reader: RecordReader): ColumnFamilyMetaData {
  return {
    name: reader.text(),
    size: reader.number(),
    fileCount: reader.number(),
    levels: reader.list((level) => ({
      level: level.word(),
      size: level.number(),
      files: level.list(readSstFile),
    })),
    blobFileSize: reader.number(),
    blobFiles: reader.list(readBlob),
  };
}

/** @internal */
export function readStorageInfo(reader: RecordReader): LiveFileStorageInfo {
  return {
    relativeFilename: reader.text(),
    directory: reader.text(),
    fileNumber: reader.number(),
    fileType: readFileType(reader),
    size: reader.number(),
    temperature: readTemperature(reader),
    fileChecksum: reader.bytes(),
    fileChecksumFuncName: reader.text(),
    replacementContents: reader.bytes(),
    trimToSize: reader.flag(),
  };
}
