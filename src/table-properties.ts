import type { Plain } from './native/plain-data.js';

/** What RocksDB knows of an SST file (rocksdb::TableProperties). Sizes in bytes, times in seconds since 1970; 0: unknown. */
export interface TableProperties {
  readonly origFileNumber: number;
  readonly dataSize: number;
  readonly indexSize: number;
  readonly indexPartitions: number;
  readonly topLevelIndexSize: number;
  readonly indexKeyIsUserKey: boolean;
  readonly indexValueIsDeltaEncoded: boolean;
  readonly filterSize: number;
  /** Of the keys as they were written, without compression. */
  readonly rawKeySize: number;
  readonly rawValueSize: number;
  readonly numDataBlocks: number;
  /** Entries of all kinds, deletions included. */
  readonly numEntries: number;
  readonly numFilterEntries: number;
  readonly numDeletions: number;
  readonly numMergeOperands: number;
  readonly numRangeDeletions: number;
  readonly formatVersion: number;
  /** 0: keys differ in length. */
  readonly fixedKeyLen: number;
  readonly columnFamilyId: number;
  readonly creationTime: number;
  readonly oldestKeyTime: number;
  readonly newestKeyTime: number;
  readonly fileCreationTime: number;
  readonly slowCompressionEstimatedDataSize: number;
  readonly fastCompressionEstimatedDataSize: number;
  readonly externalSstFileGlobalSeqnoOffset: number;
  readonly tailStartOffset: number;
  readonly userDefinedTimestampsPersisted: boolean;
  /** 2^64 - 1: unknown. */
  readonly keyLargestSeqno: bigint;
  readonly dbId: string;
  readonly dbSessionId: string;
  readonly dbHostId: string;
  readonly columnFamilyName: string;
  readonly filterPolicyName: string;
  readonly comparatorName: string;
  readonly mergeOperatorName: string;
  readonly prefixExtractorName: string;
  readonly propertyCollectorsNames: string;
  readonly compressionName: string;
  readonly compressionOptions: string;
  /** RocksDB's own encoding. */
  readonly seqnoToTimeMapping: Uint8Array;
  readonly userCollectedProperties: Readonly<Record<string, Uint8Array>>;
  readonly readableProperties: Readonly<Record<string, string>>;
}

/** Of what WriteTableProperties (wasm/bindings/plain.cc) wrote. */
export function tableProperties(plain: Plain): TableProperties {
  const fields = plain as { [name: string]: Plain };
  fields.userCollectedProperties = recordOf(fields.userCollectedProperties as Plain[]);
  fields.readableProperties = recordOf(fields.readableProperties as Plain[]);
  return fields as unknown as TableProperties;
}

/** Of what WriteTableCollection wrote: path and properties in turn. */
export function tablesByPath(plain: Plain): Map<string, TableProperties> {
  const fields = plain as Plain[];
  const tables = new Map<string, TableProperties>();
  for (let i = 0; i < fields.length; i += 2) {
    tables.set(fields[i] as string, tableProperties(fields[i + 1]));
  }
  return tables;
}

/** Of names and values in turn. */
function recordOf(pairs: readonly Plain[]): { [name: string]: Plain } {
  const record: { [name: string]: Plain } = {};
  for (let i = 0; i < pairs.length; i += 2) record[pairs[i] as string] = pairs[i + 1];
  return record;
}
