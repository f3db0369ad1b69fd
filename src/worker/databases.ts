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
    await parts(entries, (part) => link.call('write', [part]));
  },
  get writable(): WritableStream<unknown> {
    return streamInto(this as unknown as Remote);
  },
};

/** One stream a writer. */
const streams = new WeakMap<Remote, WritableStream<unknown>>();

/** Tells the stream of the writer in the worker what it is told itself. */
function streamInto(writer: Remote): WritableStream<unknown> {
  const known = streams.get(writer);
  if (known !== undefined) return known;
  const link = writer[LINK];
  const stream = new WritableStream<unknown>({
    write: (chunk) => parts(entriesOf(chunk), (entries) => link.call('@write', [{ entries }])),
    close: async () => void (await link.call('@end', [])),
    abort: async (reason) => void (await link.call('@abort', [reason])),
  });
  streams.set(writer, stream);
  return stream;
}

/** Gives `write` what there is, a part at a time. */
async function parts(
  entries: Entries,
  write: (part: readonly unknown[]) => Promise<unknown>,
): Promise<void> {
  let part: unknown[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    part.push(entry);
    bytes += bytesIn(entry);
    if (part.length < PART_ENTRIES && bytes < PART_BYTES) continue;
    await write(part);
    part = [];
    bytes = 0;
  }
  if (part.length > 0) await write(part);
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
