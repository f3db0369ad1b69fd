/** dump and load: entries as JSON lines. */
import { createReadStream, createWriteStream } from 'node:fs';
import process from 'node:process';
import type { Readable } from 'node:stream';
import type { AnyColumnFamily } from '../../column-family.js';
import type { RocksDB } from '../../rocksdb.js';
import type { WriteBatch } from '../../write-batch.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { familyOf, reading, writing } from '../opening.js';
import { Output } from '../output.js';
import { bytesOfJson, jsonOf } from '../text.js';
import { turns } from '../turns.js';
import { eachEntry, jsonLine, rangeOf } from './read.js';

const DEFAULT_BATCH_BYTES = 1024 * 1024;
/** What a string of V8 can hold; no value of RocksDB's makes a longer line. */
const LINE_BYTES_MAX = 512 * 1024 * 1024;

export function dump(context: Context): Promise<number> {
  const { given } = context;
  const options = rangeOf(given);
  return reading(context, async ({ db }) => {
    const [file] = given.arguments;
    const stream = file === undefined ? undefined : createWriteStream(file);
    const out = stream === undefined ? context.out : new Output(stream);
    const one = given.text('column-family');
    const names = one === undefined ? db.columnFamilyNames : [familyOf(db, one).name];
    const total = names.reduce((sum, name) => sum + estimate(db, familyOf(db, name)), 0);
    const progress = context.progress('dump', 'entries', total);
    let count = 0;
    for (const name of names) {
      const columnFamily = familyOf(db, name);
      const label = name === 'default' ? undefined : name;
      if (label !== undefined) out.write(`${jsonOf({ columnFamily: label })}\n`);
      await eachEntry({ ...context, out }, { db, columnFamily }, options, (entry) => {
        progress.at(++count);
        return out.write(jsonLine(entry, false, label));
      });
    }
    progress.end();
    await out.drain();
    if (stream !== undefined) {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      context.note(`${count} entries dumped to ${file}`);
    }
    return EXIT.ok;
  });
}

function estimate(db: RocksDB, columnFamily: AnyColumnFamily): number {
  return Number(db.getIntProperty('rocksdb.estimate-num-keys', { columnFamily }) ?? 0);
}

export function load(context: Context): Promise<number> {
  const { given, out } = context;
  const [file] = given.arguments;
  const most = given.integer('batch-size', 1, 256 * 1024 * 1024) ?? DEFAULT_BATCH_BYTES;
  const input: Readable = file === undefined ? process.stdin : createReadStream(file);
  const opened = writing(context, async (work) => {
    const loader = new Loader(work.db, work.columnFamily, most, given.flag('create-if-missing'));
    const progress = context.progress('load', 'entries');
    const turn = turns(context.signal);
    try {
      let number = 0;
      for await (const line of linesOf(input, context.signal)) {
        number++;
        if (line.trim() !== '') loader.add(line, number);
        progress.at(loader.entries);
        await turn();
      }
      loader.flush();
      if (given.flag('sync')) work.db.syncWAL();
    } finally {
      progress.end();
      loader.free();
    }
    if (given.json) out.write(`${jsonOf({ entries: loader.entries })}\n`);
    else context.note(`${loader.entries} entries loaded`);
    return EXIT.ok;
  });
  // Input that nobody reads any more would keep the process alive.
  return opened.finally(() => input.destroy());
}

/** Collects entries into batches, and writes those. */
class Loader {
  readonly #db: RocksDB;
  readonly #default: AnyColumnFamily;
  readonly #most: number;
  readonly #create: boolean;
  #batch: WriteBatch;
  #collected = 0;
  entries = 0;

  constructor(db: RocksDB, family: AnyColumnFamily, most: number, create: boolean) {
    this.#db = db;
    this.#default = family;
    this.#most = most;
    this.#create = create;
    this.#batch = db.batch();
  }

  /** Throws UsageError for a line that cannot be understood, once those before it are written. */
  add(line: string, number: number): void {
    try {
      this.#add(line, `line ${number}`);
    } catch (error) {
      if (error instanceof UsageError) this.flush();
      throw error;
    }
    if (this.#batch.byteLength >= this.#most) this.flush();
  }

  #add(line: string, where: string): void {
    const parsed = parseLine(line, where);
    const name = parsed.columnFamily;
    const columnFamily = name === undefined ? this.#default : this.#family(name, where);
    if (parsed.key === undefined && name !== undefined) return; // the head of a column family
    const key = bytesOfJson(parsed.key, `${where}: key`);
    if (Array.isArray(parsed.columns)) {
      const columns = parsed.columns.map(
        ([column, value]: [unknown, unknown]) =>
          [bytesOfJson(column, `${where}: name`), bytesOfJson(value, `${where}: column`)] as const,
      );
      this.#batch.putEntity(key, columns, { columnFamily });
    } else {
      this.#batch.put(key, bytesOfJson(parsed.value, `${where}: value`), { columnFamily });
    }
    this.#collected++;
  }

  #family(name: unknown, where: string): AnyColumnFamily {
    if (typeof name !== 'string') {
      throw new UsageError(`${where}: columnFamily: expected a name, got ${JSON.stringify(name)}`);
    }
    const family = this.#db.columnFamily(name);
    if (family !== undefined) return family;
    if (this.#create) return this.#db.createColumnFamily(name);
    throw new UsageError(
      `${where}: there is no column family '${name}': pass --create-if-missing to make it`,
    );
  }

  flush(): void {
    if (this.#collected === 0) return;
    this.#db.write(this.#batch);
    this.entries += this.#collected;
    this.#collected = 0;
    this.#batch.clear();
  }

  free(): void {
    this.#batch.free();
  }
}

interface Line {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly columns?: unknown;
  readonly columnFamily?: unknown;
}

const FIELDS = ['key', 'value', 'columns', 'columnFamily'];

function parseLine(text: string, where: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where}: it is no JSON: ${(error as Error).message}`);
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    throw new UsageError(`${where}: expected {"key": ..., "value": ...}, got ${text.slice(0, 60)}`);
  }
  const unknown = Object.keys(line).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${where}: unknown field '${unknown}'; there are ${FIELDS.join(', ')}`);
  }
  return line;
}

/** Lines end with \n alone: text in JSON may have whatever else ends lines elsewhere. */
async function* linesOf(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  const finish = () => {
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    parts = [];
    length = 0;
    try {
      return decoder.decode(bytes);
    } catch {
      throw new UsageError('the input is not UTF-8');
    }
  };
  const stop = () => input.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      let at = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, at)) {
        parts.push(chunk.subarray(at, end));
        at = end + 1;
        yield finish();
      }
      parts.push(chunk.subarray(at));
      length += chunk.length - at;
      if (length > LINE_BYTES_MAX) throw new UsageError('a line is longer than 512 MiB');
    }
    if (length > 0) yield finish();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
