/** get, scan and count. */
import type { DBIterator } from '../../iterator.js';
import type { IteratorOptions } from '../../iterator-options.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import type { Given } from '../given.js';
import { reading, type Work } from '../opening.js';
import { jsonOf, shown } from '../text.js';
import { turns } from '../turns.js';

/** Entries between two looks at the clock. */
const LOOK_ENTRIES = 64;

/** An entry as it is shown: columns instead of the value where there are others than the default one. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly columns: readonly [name: Uint8Array, value: Uint8Array][] | undefined;
}

export function timestampOf(given: Given): { timestamp?: bigint } {
  const text = given.text('timestamp');
  if (text === undefined) return {};
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw new UsageError(`--timestamp: expected a whole number below 2^64, got '${text}'`);
  }
  return { timestamp: BigInt(text) };
}

/** A plain value is the default column alone. */
function columnsOf(columns: readonly [name: Uint8Array, value: Uint8Array][]) {
  const plain = columns.length === 1 && columns[0]?.[0].length === 0;
  return plain ? undefined : columns;
}

export function get(context: Context): Promise<number> {
  const { given, out } = context;
  const key = given.key(given.arguments[0] as string);
  return reading(context, async ({ db, columnFamily }) => {
    const options = { columnFamily, ...timestampOf(given) };
    const value = db.get(key, options);
    if (value === undefined) {
      if (given.json) out.write(`${jsonOf({ key, found: false })}\n`);
      else context.note(`the key ${shown(key, given.keyHex)} is not there`);
      return EXIT.finding;
    }
    // RocksDB has no wide columns in a DBWithTTL.
    const wide = given.flag('ttl')
      ? undefined
      : db.getEntity(key, { ...options, columnNames: 'view' as const });
    const columns = wide && columnsOf(wide);
    if (given.json) {
      const what = columns === undefined ? { value } : { columns };
      out.write(`${jsonOf({ key, found: true, ...what })}\n`);
    } else if (given.flag('raw')) out.write(value);
    else out.write(`${shownValue({ key, value, columns }, given)}\n`);
    return EXIT.ok;
  });
}

/** Bounds and direction. Throws UsageError for what contradicts itself. */
export function rangeOf(given: Given): IteratorOptions {
  const from = given.keyOption('from');
  const to = given.keyOption('to');
  const prefix = given.keyOption('prefix');
  if (prefix !== undefined && (from !== undefined || to !== undefined)) {
    throw new UsageError('--prefix stands for both --from and --to: leave them out');
  }
  const limit = given.integer('limit', 0);
  return {
    ...(from === undefined ? {} : { gte: from }),
    ...(to === undefined ? {} : { lt: to }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(limit === undefined ? {} : { limit }),
    reverse: given.flag('reverse'),
    // What is read once is not worth a place in the cache.
    fillCache: false,
  };
}

/**
 * Reads entry by entry, with a turn for signals now and then; frees the iterator whatever happens. `take` returns true when
 * the output wants to be drained.
 */
export async function eachEntry(
  context: Context,
  { db, columnFamily }: Work,
  options: IteratorOptions & { values?: boolean },
  take: (entry: Entry) => unknown,
): Promise<number> {
  // RocksDB has no wide columns in a DBWithTTL.
  const wide = options.values !== false && !context.given.flag('ttl');
  const iterator = db.iterator({
    ...options,
    columnFamily,
    ...(wide ? { columns: true, columnNames: 'view' as const } : {}),
  }) as DBIterator<Uint8Array, Uint8Array>;
  const turn = turns(context.signal);
  let count = 0;
  try {
    for (let entry = iterator.next(); entry !== undefined; entry = iterator.next()) {
      const [key, value] = entry;
      const columns = wide
        ? columnsOf(iterator.columns as unknown as [Uint8Array, Uint8Array][])
        : undefined;
      count++;
      if (take({ key, value, columns }) === true) await context.out.drain();
      if (count % LOOK_ENTRIES === 0) await turn();
    }
  } finally {
    iterator.free();
  }
  return count;
}

export function scan(context: Context): Promise<number> {
  const { given, out } = context;
  if (given.flag('count-only')) return count(context);
  const keysOnly = given.flag('keys-only');
  const options = { ...rangeOf(given), ...timestampOf(given), values: !keysOnly };
  return reading(context, async (work) => {
    const progress = context.progress('scan', 'entries');
    let seen = 0;
    await eachEntry(context, work, options, (entry) => {
      progress.at(++seen);
      return out.write(given.json ? jsonLine(entry, keysOnly) : textLine(entry, given, keysOnly));
    });
    progress.end();
    return EXIT.ok;
  });
}

export function count(context: Context): Promise<number> {
  const { given, out } = context;
  const options = { ...rangeOf(given), ...timestampOf(given), values: false };
  return reading(context, async (work) => {
    const total = Number(
      work.db.getIntProperty('rocksdb.estimate-num-keys', { columnFamily: work.columnFamily }) ?? 0,
    );
    const bounded = ['from', 'to', 'prefix', 'limit'].some((name) => given.flag(name));
    const progress = context.progress('count', 'entries', bounded ? undefined : total);
    let seen = 0;
    await eachEntry(context, work, options, () => progress.at(++seen));
    progress.end();
    out.write(given.json ? `${jsonOf({ count: seen })}\n` : `${seen}\n`);
    return EXIT.ok;
  });
}

export function jsonLine({ key, value, columns }: Entry, keysOnly = false, columnFamily?: string) {
  const what = keysOnly ? {} : columns === undefined ? { value } : { columns };
  return `${jsonOf({ key, ...what, columnFamily })}\n`;
}

function textLine(entry: Entry, given: Given, keysOnly: boolean): string {
  const key = shown(entry.key, given.keyHex);
  return keysOnly ? `${key}\n` : `${key} ==> ${shownValue(entry, given)}\n`;
}

/** Of an entity `name:value name:value`, as ldb has it. */
function shownValue({ value, columns }: Entry, { valueHex }: Given): string {
  if (columns === undefined) return shown(value, valueHex);
  return columns
    .map(([name, column]) => `${shown(name, valueHex)}:${shown(column, valueHex)}`)
    .join(' ');
}
