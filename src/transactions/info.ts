/** What a transaction tells about itself. */
import type { Engine } from '../engine.js';
import { TransactionInfoLayout as Layout, type TransactionPtr } from '../native/exports.gen.js';
import { Timestamp } from './timestamp.js';

/** RocksDB's Transaction::TransactionState. `locksStolen`: it has expired, and others took its locks. */
export type TransactionState =
  | 'started'
  | 'awaitingPrepare'
  | 'prepared'
  | 'awaitingCommit'
  | 'committed'
  | 'awaitingRollback'
  | 'rolledBack'
  | 'locksStolen';

const STATES: readonly TransactionState[] = [
  'started',
  'awaitingPrepare',
  'prepared',
  'awaitingCommit',
  'committed',
  'awaitingRollback',
  'rolledBack',
  'locksStolen',
];

export interface TransactionInfo {
  readonly id: bigint;
  readonly state: TransactionState;
  readonly name: string;
  readonly keys: number;
  readonly puts: number;
  readonly putEntities: number;
  readonly deletes: number;
  readonly merges: number;
  readonly elapsed: number;
  readonly logNumber: bigint;
  readonly commitTimestamp: bigint | undefined;
  readonly deadlockDetect: boolean;
  readonly batchBytes: number;
}

export function readTransactionInfo(engine: Engine, pointer: TransactionPtr): TransactionInfo {
  const { staging, native } = engine;
  staging.begin();
  try {
    const at = staging.reserve(Layout.byteLength);
    native.calls.rdb_transaction_get_info(pointer, at);
    const { heap } = native;
    const commit = Timestamp.of(
      heap.getWord(at + Layout.commitTimestamp),
      heap.getWord(at + Layout.commitTimestampHigh),
    );
    return {
      id: BigInt(heap.getDouble(at + Layout.id)),
      state: STATES[heap.getWord(at + Layout.state)] as TransactionState,
      name: heap.readText(heap.getWord(at + Layout.name), heap.getWord(at + Layout.nameLength)),
      keys: heap.getDouble(at + Layout.keys),
      puts: heap.getDouble(at + Layout.puts),
      putEntities: heap.getDouble(at + Layout.putEntities),
      deletes: heap.getDouble(at + Layout.deletes),
      merges: heap.getDouble(at + Layout.merges),
      elapsed: heap.getDouble(at + Layout.elapsedMs),
      logNumber: BigInt(heap.getDouble(at + Layout.logNumber)),
      commitTimestamp: commit === Timestamp.none ? undefined : commit,
      deadlockDetect: heap.getWord(at + Layout.deadlockDetect) === 1,
      batchBytes: heap.getWord(at + Layout.batchBytes),
    };
  } finally {
    staging.end();
  }
}
