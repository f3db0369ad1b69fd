/** What of a database is not one call: batches of the client's, and writers that are fed from here. */
import type { BatchOptions } from '../write-batch.js';
import { AsyncWriteBatch, fill } from './batch.js';
import { LINK, type Remote } from './remote.js';

interface Database extends Remote {
  readonly defaultColumnFamily: object;
}

const databases = {
  batch(this: Database, options?: BatchOptions) {
    return new AsyncWriteBatch(this[LINK], this.defaultColumnFamily, options);
  },
  async batchFrom(this: Database, data: Uint8Array, options?: BatchOptions) {
    const looked = (await this[LINK].call('@batchFrom', [data, options])) as {
      data: Uint8Array;
      families: readonly unknown[];
    };
    const batch = new AsyncWriteBatch<never, never>(this[LINK], this.defaultColumnFamily, options);
    fill(batch, looked.data, looked.families);
    return batch;
  },
};

/** Of what a writer is given, so much goes at once. */
const PART_ENTRIES = 1000;
const PART_BYTES = 256 * 1024;

type Entries = Iterable<unknown> | AsyncIterable<unknown>;

const writers = {
  async write(this: Remote, entries: Entries): Promise<void> {
    const link = this[LINK];
    const iterable = Object(entries) as object;
    if (!(Symbol.iterator in iterable) && !(Symbol.asyncIterator in iterable)) {
      await link.call('write', [entries]); // which says what is wrong of it
      return;
    }
    let part: unknown[] = [];
    let bytes = 0;
    for await (const entry of entries) {
      part.push(entry);
      bytes += bytesIn(entry);
      if (part.length < PART_ENTRIES && bytes < PART_BYTES) continue;
      await link.call('write', [part]);
      part = [];
      bytes = 0;
    }
    if (part.length > 0) await link.call('write', [part]);
  },
  get writable(): WritableStream<unknown> {
    return streamInto(this as unknown as Writer);
  },
};

interface Writer {
  write(entries: Iterable<unknown>): Promise<void>;
  close(): Promise<unknown>;
  abort(): Promise<unknown>;
}

/** One stream a writer. */
const streams = new WeakMap<Writer, WritableStream<unknown>>();

function streamInto(writer: Writer): WritableStream<unknown> {
  const known = streams.get(writer);
  if (known !== undefined) return known;
  const stream = new WritableStream<unknown>({
    write: (chunk) => writer.write(entriesOf(chunk)),
    close: async () => void (await writer.close()),
    abort: async () => void (await writer.abort()),
  });
  streams.set(writer, stream);
  return stream;
}

/** A chunk is an entry, or an object with many. */
function entriesOf(chunk: unknown): Iterable<unknown> {
  const many =
    typeof chunk === 'object' && chunk !== null && 'entries' in chunk && !Array.isArray(chunk);
  return many ? (chunk as { entries: Iterable<unknown> }).entries : [chunk];
}

function bytesIn(entry: unknown): number {
  if (typeof entry === 'string' || entry instanceof Uint8Array) return entry.length;
  if (Array.isArray(entry)) return entry.reduce((sum, each) => sum + bytesIn(each), 0);
  if (typeof entry !== 'object' || entry === null) return 8;
  const { key, value, operand } = entry as Record<string, unknown>;
  return 16 + bytesIn(key) + bytesIn(value ?? operand ?? '');
}

/** @internal What is written by hand of these classes. */
export const DATABASES = { RocksDB: databases, BulkWriter: writers };
