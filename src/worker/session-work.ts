/** What a session does with things of the worker's, beside calling them. */
import type { BulkWriter } from '../bulk-writer.js';
import type { ColumnFamily } from '../column-family.js';
import type { Ledger } from '../monitor/ledger.js';
import { NativeObject } from '../native/native-object.js';
import type { RocksDB } from '../rocksdb.js';
import type { WriteBatch } from '../write-batch.js';
import { BATCH_HEADER_BYTES, readBatchRecords } from '../write-batch-decoder.js';
import { packBytes } from './blocks.js';

type Members = Record<string, unknown>;
type AnyDatabase = RocksDB<never, never>;

/** A loop of the client's over something here. */
export class Loop {
  constructor(readonly of: AsyncIterator<unknown>) {}
}

export interface Source {
  next(): unknown;
}

interface Read {
  entries: unknown[];
  done: boolean;
  error?: unknown;
}

/** Numbers of engines, by their ledgers. */
const engines = new WeakMap<Ledger, number>();
let enginesSeen = 0;

/** Tells databases apart, and what is made by them: of a database and its column families. */
export function databaseOf({ core }: NativeObject): string | undefined {
  const { ledger } = core.context;
  const { id, kind, owner } = core.record;
  if (kind !== 'db' && kind !== 'columnFamily') return undefined;
  const engine = engines.get(ledger) ?? ++enginesSeen;
  engines.set(ledger, engine);
  return `${engine}:${kind === 'db' ? id : owner}`;
}

/** Entries of a cursor, up to so many and so many bytes. */
export function readBlock(source: Source, entriesMax: number, bytesMax: number): Read {
  const entries: unknown[] = [];
  let bytes = 0;
  try {
    while (entries.length < entriesMax && bytes < bytesMax) {
      const entry = source.next();
      if (entry === undefined) return { entries, done: true };
      entries.push(entry);
      bytes += sizeOf(entry);
    }
  } catch (error) {
    if (entries.length === 0) throw error;
    return { entries, done: false, error };
  }
  return { entries, done: false };
}

function sizeOf(entry: unknown): number {
  if (!Array.isArray(entry)) return 256;
  let size = 0;
  for (const part of entry) size += (part as { length?: number } | null)?.length ?? 64;
  return size;
}

/** A block that has not been packed yet. */
export class PendingBlock {
  constructor(readonly read: Read) {}

  pack(transfer: ArrayBufferLike[], packed: (value: unknown) => unknown) {
    const { entries, done } = this.read;
    const error = this.read.error === undefined ? undefined : packed(this.read.error);
    const bytes = packBytes(entries);
    if (bytes === undefined)
      return { kind: 'entries', value: { entries: packed(entries), done, error } };
    transfer.push(bytes.bytes.buffer, bytes.lengths.buffer);
    return { kind: 'block', value: { ...bytes, done, error } };
  }
}

/** Bytes that nobody here keeps change hands, when they are many. */
export function handOver(name: string, value: unknown, transfer: ArrayBufferLike[]): void {
  if (name !== 'get' && name !== 'getMany' && name !== 'copy' && name !== 'getForUpdate') return;
  for (const each of Array.isArray(value) ? value : [value]) {
    if (!(each instanceof Uint8Array) || each.length < TRANSFERRED_BYTES) continue;
    if (each.length === each.buffer.byteLength) transfer.push(each.buffer);
  }
}
const TRANSFERRED_BYTES = 16 * 1024;

/** Whether what an iterator says of its entry is asked for: with these options it is read one by one. */
export function exactly(values: readonly unknown[]): boolean {
  return values.some((value) => {
    // Handles have getters of these names.
    if (typeof value !== 'object' || value === null || value instanceof NativeObject) return false;
    const options = value as Members;
    return (
      options.columns === true ||
      options.allowUnpreparedValue === true ||
      options.tailing === true ||
      options.timestamp !== undefined ||
      options.iterStartTimestamp !== undefined
    );
  });
}

/** What fills the stream of a bulk writer, as long as that is used. */
const streams = new WeakMap<object, WritableStreamDefaultWriter<never>>();

/** What the client's stream is told, this one is. */
export function stream(
  writer: BulkWriter<never, never>,
  name: string,
  value: unknown,
): Promise<void> {
  const into = streams.get(writer) ?? writer.writable.getWriter();
  streams.set(writer, into as WritableStreamDefaultWriter<never>);
  if (name === '@write') return into.write(value as never);
  return name === '@end' ? into.close() : into.abort(value);
}

/** A batch that the client is to make of bytes: what is wrong of them is found now. */
export function lookThrough(db: AnyDatabase, values: unknown[]) {
  const batch: WriteBatch<never, never> = db.batchFrom(...(values as [Uint8Array]));
  try {
    return {
      data: batch.data,
      families: db.columnFamilyNames.map((name) => db.columnFamily(name)),
    };
  } finally {
    batch.free();
  }
}

/** A batch without the operations on column families that were dropped. */
export function withoutDropped(data: Uint8Array, families: readonly ColumnFamily[]): Uint8Array {
  const dropped = new Set(families.filter((each) => each.dropped).map((each) => each.familyId));
  if (dropped.size === 0) return data;
  const parts: Uint8Array[] = [data.slice(0, BATCH_HEADER_BYTES)];
  let count = 0;
  let begin = BATCH_HEADER_BYTES;
  for (const { columnFamilyId, counted, second } of readBatchRecords(data)) {
    const end = second.byteOffset + second.length - data.byteOffset;
    if (!dropped.has(columnFamilyId)) {
      parts.push(data.subarray(begin, end));
      if (counted) count++;
    }
    begin = end;
  }
  const kept = new Uint8Array(parts.reduce((size, each) => size + each.length, 0));
  let at = 0;
  for (const each of parts) {
    kept.set(each, at);
    at += each.length;
  }
  new DataView(kept.buffer).setUint32(COUNT_OFFSET, count, true);
  return kept;
}
const COUNT_OFFSET = 8;
