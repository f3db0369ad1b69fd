/**
 * RocksDB's representation of write batches, as the log holds them: a sequence number (8 bytes), a count (4),
 * then records of a tag, a column family's id unless it is the default one, and length-prefixed bytes.
 */
import { CorruptionError } from './errors.js';
import { type Timestamp, timestampOf } from './timestamps.js';
import { readVarint } from './varint.js';
import { splitColumns } from './wide-columns.js';

/** Which key of which column family an operation is for. */
export interface KeyedOperation {
  /** 0: the default column family. */
  columnFamilyId: number;
  /** Without its timestamp, when that is known to be there: see `timestampSize`. */
  key: Uint8Array;
  /** Of a column family with user-defined timestamps. */
  timestamp?: Timestamp;
}

/** One operation of a batch. All bytes are copies. */
export type WriteBatchOperation =
  | ({ type: 'put'; value: Uint8Array } & KeyedOperation)
  /** A put with a time of its own, seconds since 1970 (RocksDB's TimedPut). */
  | ({ type: 'timedPut'; value: Uint8Array; writeUnixTime: bigint } & KeyedOperation)
  | ({ type: 'putEntity'; columns: [name: Uint8Array, value: Uint8Array][] } & KeyedOperation)
  /** The value is in a blob file; only RocksDB's old BlobDB writes it. */
  | ({ type: 'putBlobIndex'; value: Uint8Array } & KeyedOperation)
  | ({ type: 'merge'; operand: Uint8Array } & KeyedOperation)
  | ({ type: 'delete' } & KeyedOperation)
  | ({ type: 'singleDelete' } & KeyedOperation)
  /** Of the keys in [key, endKey). */
  | ({ type: 'deleteRange'; endKey: Uint8Array } & KeyedOperation)
  /** What `putLogData` wrote: it is in the log only. */
  | { type: 'logData'; data: Uint8Array }
  /** Marks of two-phase commit, as RocksDB's transactions write them. */
  | { type: 'beginPrepare'; policy: 'writeCommitted' | 'writePrepared' | 'writeUnprepared' }
  | { type: 'endPrepare' | 'commit' | 'rollback'; transactionName: Uint8Array }
  | { type: 'commitWithTimestamp'; transactionName: Uint8Array; commitTimestamp: Uint8Array }
  | { type: 'noop' };

export interface DecodeOptions {
  /**
   * Bytes of the timestamps that end the keys of a column family, by its id; 0 where it has none. Default:
   * none are told from their keys.
   */
  timestampSize?: (columnFamilyId: number) => number;
}

/** Sequence number and count. */
export const BATCH_HEADER_BYTES = 12;
const COUNT_OFFSET = 8;
/** A timed put's value ends with its time. */
const TIME_BYTES = 8;

/** RocksDB's record tags (db/dbformat.h): what comes after them, and with a column family's id or without. */
const RECORDS: Readonly<Record<number, { type: RecordType; family?: true }>> = {
  0: { type: 'delete' },
  1: { type: 'put' },
  2: { type: 'merge' },
  3: { type: 'logData' },
  4: { type: 'delete', family: true },
  5: { type: 'put', family: true },
  6: { type: 'merge', family: true },
  7: { type: 'singleDelete' },
  8: { type: 'singleDelete', family: true },
  9: { type: 'beginPrepare' },
  10: { type: 'endPrepare' },
  11: { type: 'commit' },
  12: { type: 'rollback' },
  13: { type: 'noop' },
  14: { type: 'deleteRange', family: true },
  15: { type: 'deleteRange' },
  16: { type: 'putBlobIndex', family: true },
  17: { type: 'putBlobIndex' },
  18: { type: 'beginPersistedPrepare' },
  19: { type: 'beginUnprepare' },
  21: { type: 'commitWithTimestamp' },
  22: { type: 'putEntity' },
  23: { type: 'putEntity', family: true },
  24: { type: 'timedPut' },
  25: { type: 'timedPut', family: true },
};

type RecordType = WriteBatchOperation['type'] | 'beginPersistedPrepare' | 'beginUnprepare';

/** How many length-prefixed slices follow. */
const SLICES: Readonly<Record<RecordType, 0 | 1 | 2>> = {
  put: 2,
  timedPut: 2,
  putEntity: 2,
  putBlobIndex: 2,
  merge: 2,
  delete: 1,
  singleDelete: 1,
  deleteRange: 2,
  logData: 1,
  beginPrepare: 0,
  beginPersistedPrepare: 0,
  beginUnprepare: 0,
  endPrepare: 1,
  commit: 1,
  rollback: 1,
  commitWithTimestamp: 2,
  noop: 0,
};

/** Those that the header does not count. */
const UNCOUNTED: ReadonlySet<RecordType> = new Set([
  'logData',
  'noop',
  'beginPrepare',
  'beginPersistedPrepare',
  'beginUnprepare',
  'endPrepare',
  'commit',
  'rollback',
  'commitWithTimestamp',
]);

/** @internal A record, and where its slices are: views into the batch. */
export interface BatchRecord {
  readonly type: RecordType;
  readonly columnFamilyId: number;
  /** Whether it counts as an operation, and is for a key. */
  readonly counted: boolean;
  /** The key; what it holds of those that have none. */
  readonly first: Uint8Array;
  /** A value, an operand, or the end of a range. */
  readonly second: Uint8Array;
}

/** The sequence number of a batch's first operation (0 before it is written), and how many there are. */
export function writeBatchHeader(bytes: Uint8Array): { sequenceNumber: bigint; count: number } {
  if (!(bytes instanceof Uint8Array) || bytes.length < BATCH_HEADER_BYTES) {
    throw corrupt(`expected a Uint8Array of ${BATCH_HEADER_BYTES} bytes or more`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sequenceNumber: view.getBigUint64(0, true),
    count: view.getUint32(COUNT_OFFSET, true),
  };
}

/** @internal The records of a batch, in order. Throws CorruptionError for what is no batch. */
export function readBatchRecords(bytes: Uint8Array): BatchRecord[] {
  const { count } = writeBatchHeader(bytes);
  const records: BatchRecord[] = [];
  let counted = 0;
  let at = BATCH_HEADER_BYTES;
  const varint = (begin: number) => {
    const read = readVarint(bytes, at);
    if (read === undefined) throw corrupt(`the record at byte ${begin} is cut off`);
    at = read.next;
    return read.value;
  };
  const slice = (begin: number) => {
    const length = varint(begin);
    if (length > bytes.length - at) throw corrupt(`the record at byte ${begin} is cut off`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const begin = at;
    const tag = bytes[at++] as number;
    const record = RECORDS[tag];
    if (record === undefined) throw corrupt(`unknown tag ${tag} at byte ${begin}`);
    const { type, family } = record;
    const columnFamilyId = family === true ? varint(begin) : 0;
    const first = SLICES[type] > 0 ? slice(begin) : bytes.subarray(at, at);
    const second = SLICES[type] > 1 ? slice(begin) : bytes.subarray(at, at);
    records.push({ type, columnFamilyId, counted: !UNCOUNTED.has(type), first, second });
    if (!UNCOUNTED.has(type)) counted++;
  }
  if (counted !== count) throw corrupt(`it says ${count} operations and has ${counted}`);
  return records;
}

/**
 * @internal The batch without the marks that say nothing: transactions begin theirs with one, and RocksDB does not
 * see what comes after such a mark when it looks what a batch that is new to it has.
 */
export function withoutNoops(bytes: Uint8Array): Uint8Array {
  const marks = new Set<number>();
  for (const { type, first } of readBatchRecords(bytes)) {
    if (type === 'noop') marks.add(first.byteOffset - bytes.byteOffset - 1);
  }
  return marks.size === 0 ? bytes : bytes.filter((_, index) => !marks.has(index));
}

/**
 * The operations of a batch in RocksDB's representation (`batch.data`, a transaction log's), in order.
 * Throws CorruptionError for what is no batch.
 */
export function decodeWriteBatch(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): WriteBatchOperation[] {
  const { timestampSize = () => 0 } = options;
  return readBatchRecords(bytes).map((record) => operationOf(record, timestampSize));
}

function operationOf(
  { type, columnFamilyId, first, second }: BatchRecord,
  timestampSize: (columnFamilyId: number) => number,
): WriteBatchOperation {
  switch (type) {
    case 'logData':
      return { type, data: first.slice() };
    case 'noop':
      return { type };
    case 'beginPrepare':
      return { type, policy: 'writeCommitted' };
    case 'beginPersistedPrepare':
      return { type: 'beginPrepare', policy: 'writePrepared' };
    case 'beginUnprepare':
      return { type: 'beginPrepare', policy: 'writeUnprepared' };
    case 'endPrepare':
    case 'commit':
    case 'rollback':
      return { type, transactionName: first.slice() };
    case 'commitWithTimestamp':
      return { type, commitTimestamp: first.slice(), transactionName: second.slice() };
    default:
  }
  const size = timestampSize(columnFamilyId);
  const keyed = { columnFamilyId, ...keyOf(first, size) };
  switch (type) {
    case 'delete':
    case 'singleDelete':
      return { type, ...keyed };
    case 'deleteRange':
      return { type, ...keyed, endKey: keyOf(second, size).key };
    case 'merge':
      return { type, ...keyed, operand: second.slice() };
    case 'putEntity':
      return { type, ...keyed, columns: splitColumns(second) };
    case 'timedPut':
      return { type, ...keyed, ...timedValue(second) };
    default:
      return { type, ...keyed, value: second.slice() };
  }
}

function keyOf(bytes: Uint8Array, size: number): { key: Uint8Array; timestamp?: Timestamp } {
  if (size === 0) return { key: bytes.slice() };
  if (bytes.length < size) throw corrupt(`a key of ${bytes.length} bytes has no timestamp`);
  const end = bytes.length - size;
  return { key: bytes.slice(0, end), timestamp: timestampOf(bytes.subarray(end)) };
}

function timedValue(bytes: Uint8Array): { value: Uint8Array; writeUnixTime: bigint } {
  if (bytes.length < TIME_BYTES) throw corrupt('a timed put has no time');
  const end = bytes.length - TIME_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset + end, TIME_BYTES);
  return { value: bytes.slice(0, end), writeUnixTime: view.getBigUint64(0, true) };
}

function corrupt(what: string): CorruptionError {
  return new CorruptionError('ERR_ROCKSDB_CORRUPTION', `not a write batch: ${what}`);
}
