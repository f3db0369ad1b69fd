/** Writes to a database as data: applied by this package, or printed for the native driver. */
import type { ColumnFamilyOptions, DBOptions, RocksDB } from 'rocksdb-wasm';
import { formatColumnFamilyOptions, formatDBOptions } from '../../src/options.js';

/** Text stands for its UTF-8. */
export type Bytes = string | Uint8Array;

export type Step =
  | readonly [operation: 'put', family: string, key: Bytes, value: Bytes]
  | readonly [operation: 'merge', family: string, key: Bytes, operand: Bytes]
  | readonly [operation: 'delete' | 'single', family: string, key: Bytes]
  | readonly [operation: 'range', family: string, begin: Bytes, end: Bytes]
  | readonly [operation: 'flush' | 'compact', family: string]
  /** What is between the two is written at once. */
  | readonly [operation: 'batch']
  | readonly [operation: 'commit'];

export interface Setup {
  readonly db?: DBOptions;
  /** By name, `default` among them. */
  readonly families: Readonly<Record<string, ColumnFamilyOptions>>;
}

const hex = (data: Bytes) => Buffer.from(data as string).toString('hex') || '-';

/** What makes the driver open a database: a new one by its setup, or one as it is stored. */
export function openingOf(setup?: Setup): string[] {
  if (setup === undefined) return ['open'];
  const db = { ...setup.db, createIfMissing: true, createMissingColumnFamilies: true };
  const families = Object.entries(setup.families).map(
    ([name, options]) => `family ${name} ${formatColumnFamilyOptions(options).text}`,
  );
  return [`db ${formatDBOptions(db).text}`, ...families, 'open'];
}

export function linesOf(steps: readonly Step[]): string[] {
  return steps.map(([operation, family, ...data]) =>
    [operation, ...(family === undefined ? [] : [family]), ...data.map(hex)].join(' '),
  );
}

/** Does the same to an open database here. */
export function apply(db: RocksDB, steps: readonly Step[]): void {
  let batch: ReturnType<RocksDB['batch']> | undefined;
  try {
    for (const step of steps) {
      if (step[0] === 'batch') batch = db.batch();
      else if (step[0] === 'commit') {
        if (batch !== undefined) db.write(batch);
        batch?.free();
        batch = undefined;
      } else applyOne(db, batch ?? db, step);
    }
  } finally {
    batch?.free();
  }
}

function applyOne(
  db: RocksDB,
  target: RocksDB | ReturnType<RocksDB['batch']>,
  step: Exclude<Step, readonly ['batch'] | readonly ['commit']>,
): void {
  const columnFamily = db.columnFamily(step[1]);
  if (columnFamily === undefined) throw new Error(`there is no column family ${step[1]}`);
  const options = { columnFamily };
  if (step[0] === 'put') target.put(step[2], step[3], options);
  else if (step[0] === 'merge') target.merge(step[2], step[3], options);
  else if (step[0] === 'delete') target.delete(step[2], options);
  else if (step[0] === 'single') target.singleDelete(step[2], options);
  else if (step[0] === 'range') target.deleteRange(step[2], step[3], options);
  else if (step[0] === 'flush') db.flush(options);
  else db.compactRange(options);
}

/** What puts and deletes in the default column family leave, by a map: `KEY VALUE` lines. */
export function modelOf(steps: readonly Step[]): string[] {
  const model = new Map<string, string>();
  for (const [operation, , key = '', value = ''] of steps) {
    if (operation === 'put') model.set(hex(key), hex(value));
    else if (operation === 'delete') model.delete(hex(key));
  }
  return [...model].map(([key, value]) => `${key} ${value}`).sort();
}

/**
 * All that a database holds, as the driver prints it. Every entry is read forwards, backwards, by
 * key and in bulk, and must be the same each time.
 */
export function dumpOf(db: RocksDB): string[] {
  const lines = [`sequence ${db.latestSequenceNumber}`];
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name);
    const forwards = scan(db, { columnFamily });
    lines.push(`family ${name}`, ...forwards.map(([key, value]) => `${hex(key)} ${hex(value)}`));
    const keys = forwards.map(([key]) => key);
    const values = forwards.map(([, value]) => value);
    const gets = keys.map((key) => db.get(key, { columnFamily }));
    agree(`${name} by key`, values, gets);
    agree(`${name} in bulk`, values, db.getMany(keys, { columnFamily }));
    const backwards = scan(db, { columnFamily, reverse: true }).reverse();
    agree(`${name} backwards`, forwards.flat(), backwards.flat());
  }
  return lines;
}

function scan(db: RocksDB, options: object): [Uint8Array, Uint8Array][] {
  const iterator = db.iterator(options);
  try {
    return [...iterator];
  } finally {
    iterator.free();
  }
}

type Found = readonly (Uint8Array | undefined)[];

function agree(what: string, expected: Found, actual: Found): void {
  if (expected.length !== actual.length) {
    throw new Error(`${what}: ${actual.length} instead of ${expected.length}`);
  }
  expected.forEach((bytes, index) => {
    const other = actual[index];
    if (other === undefined || Buffer.compare(bytes as Uint8Array, other) !== 0) {
      throw new Error(`${what}: entry ${index} is ${other && hex(other)}`);
    }
  });
}
