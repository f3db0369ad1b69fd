/** The WAL filter: what recovery is to do with each record of the log. */
import type { Engine } from '../engine.js';
import { EventLayout, WalFilterNameLayout, WalFilterRecordLayout } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import { decodePlain, type Plain } from '../native/plain-data.js';
import { expected } from '../option-errors.js';

/** A record of the log: one batch. */
export interface WalRecord {
  readonly logNumber: number;
  /** Path of the log file. */
  readonly fileName: string;
  /** RocksDB's representation, a copy; `decodeWriteBatch` reads it. */
  readonly batch: Uint8Array;
}

/**
 * What becomes of a record (rocksdb::WalFilter::WalProcessingOption).
 * - `continue`, or nothing: it is applied.
 * - `ignore`: it is not.
 * - `stop`: neither is it, nor what follows. The rest of the log is discarded for good.
 * - `corrupted`: it counts as damaged; `walRecoveryMode` says what then.
 * - `{ batch }`: that is applied in its place. It may have fewer operations than the record, not more.
 */
export type WalDecision =
  | 'continue'
  | 'ignore'
  | 'stop'
  | 'corrupted'
  | { readonly batch: Uint8Array }
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
  | void;

/** The order of rocksdb::WalFilter::WalProcessingOption. */
const DECISIONS: readonly unknown[] = ['continue', 'ignore', 'stop', 'corrupted'];

/**
 * Decides about each record of the log while `RocksDB.open(path, { walFilter })` recovers. It is called in
 * the middle of the engine's work, which refuses to be used in it (ERR_ROCKSDB_REENTRANT). When it throws,
 * open fails with CallbackError and the database stays as it was.
 */
export interface WalFilter {
  /** For RocksDB's own log and errors. */
  readonly name: string;
  /**
   * Before the first record. By a column family's id: the number of the oldest log that it needs, all before is
   * in its files already. And ids by name.
   */
  columnFamilyLogNumberMap?(
    logNumbers: ReadonlyMap<number, number>,
    ids: ReadonlyMap<string, number>,
  ): void;
  /** Decides what becomes of a record of the log while a database is being opened. */
  logRecordFound(record: WalRecord): WalDecision;
}

/** What C++ calls for a filter. */
export function hostWalFilter(value: object, engine: Engine, path: string): HostObject {
  const filter = checkFilter(value as WalFilter, path);
  const { heap } = engine.native;
  const name = new TextEncoder().encode(filter.name);
  let replacement: Uint8Array | undefined;
  return {
    methods: [
      (at) => heap.setWord(at + WalFilterNameLayout.length, name.length),
      (at) => heap.copyIn(name, heap.getWord(at + WalFilterNameLayout.data)),
      (at) => {
        const data = heap.getWord(at + EventLayout.data);
        const length = heap.getWord(at + EventLayout.length);
        const plain = decodePlain(heap.bytes(data, length)) as Record<string, Plain[]>;
        filter.columnFamilyLogNumberMap?.(
          mapOf<number, number>(plain.logNumbers),
          mapOf<string, number>(plain.ids),
        );
      },
      (at) => {
        const layout = WalFilterRecordLayout;
        const word = (offset: number) => heap.getWord(at + offset);
        const decision = filter.logRecordFound({
          logNumber: heap.getDouble(at + layout.logNumber),
          fileName: heap.readText(word(layout.fileName), word(layout.fileNameLength)),
          batch: heap.copyOut(word(layout.batch), word(layout.batchLength)),
        });
        replacement = replacementOf(decision);
        const option = DECISIONS.indexOf(replacement === undefined ? decision : 'continue');
        heap.setWord(at + layout.decision, Math.max(option, 0));
        heap.setWord(at + layout.newBatchLength, replacement?.length ?? 0);
      },
      (at) => {
        const to = heap.getWord(at + WalFilterRecordLayout.newBatch);
        if (replacement !== undefined) heap.copyIn(replacement, to);
        replacement = undefined;
      },
    ],
  };
}

/** Sequence number and count. */
const BATCH_HEADER_BYTES = 12;

function replacementOf(decision: WalDecision): Uint8Array | undefined {
  if (decision === undefined || DECISIONS.includes(decision)) return undefined;
  const batch = typeof decision === 'object' ? decision?.batch : undefined;
  if (!(batch instanceof Uint8Array) || batch.length < BATCH_HEADER_BYTES) {
    throw expected(
      "'continue', 'ignore', 'stop', 'corrupted' or { batch: the bytes of a WriteBatch }",
      'walFilter.logRecordFound()',
      decision,
    );
  }
  return batch;
}

function checkFilter(filter: WalFilter, path: string): WalFilter {
  if (typeof filter.name !== 'string' || filter.name === '' || filter.name.includes('\0')) {
    throw expected('a name without NUL', `${path}.name`, filter.name);
  }
  if (typeof filter.logRecordFound !== 'function') {
    throw expected('a function', `${path}.logRecordFound`, filter.logRecordFound);
  }
  const { columnFamilyLogNumberMap: map } = filter;
  if (map !== undefined && typeof map !== 'function') {
    throw expected('a function', `${path}.columnFamilyLogNumberMap`, map);
  }
  return filter;
}

/** Of keys and values in turn. */
function mapOf<K, V>(pairs: readonly Plain[] = []): Map<K, V> {
  const map = new Map<K, V>();
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i] as K, pairs[i + 1] as V);
  return map;
}
