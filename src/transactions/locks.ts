/** What a TransactionDB tells about its locks. */
import type { AnyColumnFamily } from '../column-family.js';
import type { Heap } from '../native/heap.js';
import { RecordReader } from '../native/records.js';

/** RocksDB's KeyLockInfo: a key that is locked. */
export interface KeyLock {
  /** RocksDB's id of the column family. */
  readonly familyId: number;
  /** Its name; undefined when it is not open. */
  readonly columnFamily: string | undefined;
  /** As the column family's key encoding has it; a Uint8Array when that is not open. */
  readonly key: unknown;
  /** `transactionId` of those who hold it: several, when it is shared. */
  readonly transactionIds: readonly bigint[];
  readonly exclusive: boolean;
}

/** RocksDB's DeadlockInfo: a transaction of the circle, and the key that it waits for. */
export interface DeadlockStep {
  readonly transactionId: bigint;
  readonly familyId: number;
  readonly columnFamily: string | undefined;
  readonly exclusive: boolean;
  readonly waitingKey: unknown;
}

/** RocksDB's DeadlockPath. */
export interface DeadlockPath {
  readonly path: readonly DeadlockStep[];
  /** The search was given up at `deadlockDetectDepth`. */
  readonly limitExceeded: boolean;
  /** Seconds since 1970. */
  readonly deadlockTime: number;
}

type Families = ReadonlyMap<number, AnyColumnFamily>;

const readKey = (words: RecordReader, length: number, family: AnyColumnFamily | undefined) =>
  words.data(
    length,
    (heap, at): unknown => family?.keys.decode(heap, at, length) ?? heap.copyOut(at, length),
  );

/** @internal */
export function readLocks(heap: Heap, at: number, count: number, families: Families): KeyLock[] {
  const words = new RecordReader(heap, at);
  return Array.from({ length: count }, () => {
    const familyId = words.word();
    const exclusive = words.word() === 1;
    const holders = words.word();
    const length = words.word();
    const family = families.get(familyId);
    const transactionIds = Array.from({ length: holders }, () => words.long());
    const key = readKey(words, length, family);
    return { familyId, columnFamily: family?.name, key, transactionIds, exclusive };
  });
}

/** @internal */
export function readDeadlocks(
  heap: Heap,
  at: number,
  count: number,
  families: Families,
): DeadlockPath[] {
  const words = new RecordReader(heap, at);
  return Array.from({ length: count }, () => {
    const limitExceeded = words.word() === 1;
    const deadlockTime = Number(words.long());
    const path = Array.from({ length: words.word() }, () => {
      const transactionId = words.long();
      const familyId = words.word();
      const exclusive = words.word() === 1;
      const length = words.word();
      const family = families.get(familyId);
      const waitingKey = readKey(words, length, family);
      return { transactionId, familyId, columnFamily: family?.name, exclusive, waitingKey };
    });
    return { path, limitExceeded, deadlockTime };
  });
}
