/** Entities, and histories of user-defined timestamps: written on one side, read on the other, both ways. */
import * as fs from 'node:fs';
import type { AnyColumnFamily, RocksDB } from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { openAt, tempFolder } from '../support/open.js';
import { native, skipWithoutNative } from './programs.js';
import { openingOf, type Setup } from './script.js';

beforeEach(skipWithoutNative);

const SETUP: Setup = {
  families: {
    default: { mergeOperator: 'stringappend' },
    columns: { compression: 'zstd', enableBlobFiles: true, minBlobSize: 4000n },
    timed: { comparator: 'leveldb.BytewiseComparator.u64ts' },
    reverse: { comparator: 'rocksdb.ReverseBytewiseComparator.u64ts' },
  },
};

type Columns = readonly (readonly [name: string, value: string])[];

type Step =
  | readonly [operation: 'entity', family: string, key: string, columns: Columns]
  | readonly [operation: 'put' | 'merge', family: string, key: string, value: string]
  | readonly [operation: 'timedput', family: string, key: string, time: bigint, value: string]
  | readonly [operation: 'timeddelete', family: string, key: string, time: bigint]
  | readonly [operation: 'timedrange', family: string, key: string, time: bigint, end: string]
  | readonly [operation: 'flush' | 'compact', family: string];

/** What is in files, and then what is in the log only. */
function steps(): Step[] {
  const all: Step[] = [];
  for (let i = 0; i < 300; i++) {
    const key = `k${String(i).padStart(4, '0')}`;
    const columns: [string, string][] = [['', `default ${i}`]];
    for (let c = 0; c < i % 7; c++) columns.push([`column ${c}`, 'v'.repeat((i * 37) % 500)]);
    all.push(['entity', 'columns', key, i % 3 === 0 ? columns.slice(1) : columns]);
    if (i % 50 === 0) all.push(['put', 'columns', `${key} large`, 'x'.repeat(5000)]);
    for (const family of ['timed', 'reverse']) {
      all.push(['timedput', family, key, BigInt(i), `first ${i}`]);
      all.push(['timedput', family, key, BigInt(i) + 2n ** 40n, `second ${i}`]);
      if (i % 5 === 0) all.push(['timeddelete', family, key, 2n ** 50n]);
    }
    if (i === 200) {
      for (const family of ['default', 'columns', 'timed', 'reverse']) all.push(['flush', family]);
      all.push(['compact', 'columns']);
    }
  }
  all.push(['timedrange', 'timed', 'k0010', 2n ** 60n, 'k0020']);
  all.push(['timedrange', 'reverse', 'k0020', 2n ** 60n, 'k0010']);
  all.push([
    'entity',
    'default',
    'merged',
    [
      ['', 'base'],
      ['other', 'kept'],
    ],
  ]);
  all.push(['merge', 'default', 'merged', 'operand'], ['entity', 'default', 'empty', []]);
  return all;
}

const hex = (data: string | Uint8Array) => Buffer.from(data as string).toString('hex') || '-';

function timestampOf(time: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, time, true);
  return hex(bytes);
}

function lineOf(step: Step): string {
  const [operation, family, key] = step;
  const head = key === undefined ? [operation, family] : [operation, family, hex(key)];
  if (step[0] === 'entity') head.push(...step[3].flat().map(hex));
  else if (step[0] === 'put' || step[0] === 'merge') head.push(hex(step[3]));
  else if (step[0] === 'timeddelete') head.push(timestampOf(step[3]));
  else if (step[0] === 'timedput' || step[0] === 'timedrange') {
    head.push(timestampOf(step[3]), hex(step[4]));
  }
  return head.join(' ');
}

function apply(db: RocksDB, all: readonly Step[]): void {
  for (const step of all) {
    const columnFamily = db.columnFamily(step[1]) as AnyColumnFamily;
    const timestamp = typeof step[3] === 'bigint' ? step[3] : undefined;
    const options = timestamp === undefined ? { columnFamily } : { columnFamily, timestamp };
    if (step[0] === 'entity') db.putEntity(step[2], step[3], options);
    else if (step[0] === 'put') db.put(step[2], step[3], options);
    else if (step[0] === 'merge') db.merge(step[2], step[3], options);
    else if (step[0] === 'timedput') db.put(step[2], step[4], options);
    else if (step[0] === 'timeddelete') db.delete(step[2], options);
    else if (step[0] === 'timedrange') db.deleteRange(step[2], step[4], options);
    else if (step[0] === 'flush') db.flush(options);
    else db.compactRange(options);
  }
}

/** As the driver prints it; every entity is read by its key, too. */
function versionsOf(db: RocksDB): string[] {
  const lines: string[] = [];
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name) as AnyColumnFamily;
    lines.push(`family ${name}`);
    const timed = columnFamily.timestampSize > 0;
    const history = { timestamp: 2n ** 64n - 1n, iterStartTimestamp: 0n };
    const iterator = db.iterator({
      columnFamily,
      columns: true,
      columnNames: 'view',
      ...(timed ? history : {}),
    });
    try {
      for (const [key] of iterator) {
        const words = [hex(key), timed ? timestampOf(iterator.timestamp as bigint) : '-'];
        if (iterator.deleted) words.push('deleted');
        else {
          const columns = [...iterator.columns] as unknown as [Uint8Array, Uint8Array][];
          words.push(...columns.flat().map(hex));
          if (!timed) {
            const entity = db.getEntity(key, { columnFamily, columnNames: 'view' });
            expect(entity?.flat().map(hex)).toEqual(columns.flat().map(hex));
          }
        }
        lines.push(words.join(' '));
      }
    } finally {
      iterator.free();
    }
  }
  return lines;
}

async function create(folder: string): Promise<RocksDB> {
  const { default: first, ...columnFamilies } = SETUP.families;
  const made = { createIfMissing: true, createMissingColumnFamilies: true };
  return openAt(folder, { ...first, columnFamilies, ...made });
}

describe('entities and histories', () => {
  it('are read here as native wrote them, before and after recovery', async () => {
    const folder = `${tempFolder()}/db`;
    native.write(folder, [...openingOf(SETUP), ...steps().map(lineOf), 'abandon']);
    const expected = native.versions(folder);
    expect(expected.length).toBeGreaterThan(1500);
    expect(expected.some((line) => line.endsWith(' deleted'))).toBe(true);
    const readOnly = await openAt(folder, { ...SETUP.families.default, readOnly: true });
    expect(versionsOf(readOnly)).toEqual(expected);
    readOnly.close();
    const db = await openAt(folder, { ...SETUP.families.default });
    expect(versionsOf(db)).toEqual(expected);
    db.flush();
    db.close();
    expect(native.versions(folder)).toEqual(expected);
  });

  it('are read by native as they were written here, from the log and from files', async () => {
    const truth = `${tempFolder()}/db`;
    native.write(truth, [...openingOf(SETUP), ...steps().map(lineOf)]);
    const expected = native.versions(truth);
    const folder = `${tempFolder()}/db`;
    const db = await create(folder);
    apply(db, steps());
    expect(versionsOf(db)).toEqual(expected);
    const copy = `${tempFolder()}/db`;
    fs.cpSync(folder, copy, { recursive: true });
    expect(native.versions(copy)).toEqual(expected);
    db.flush();
    for (const name of db.columnFamilyNames) {
      db.compactRange({ columnFamily: db.columnFamily(name) as AnyColumnFamily });
    }
    db.close();
    expect(native.versions(folder)).toEqual(expected);
  });

  it('are collapsed by native below a low mark that was set here', async () => {
    const line = (folder: string) => native.versions(folder).filter((each) => /^6b /.test(each));
    const folder = `${tempFolder()}/db`;
    const db = await create(folder);
    const columnFamily = db.columnFamily('timed') as AnyColumnFamily;
    for (const time of [1n, 2n, 3n]) {
      db.put('k', `at ${time}`, { columnFamily, timestamp: time });
      // Keys with timestamps do not overlap, so files of one key would be moved as they are.
      db.put('l', `at ${time}`, { columnFamily, timestamp: time });
      db.flush({ columnFamily });
    }
    db.increaseFullHistoryTsLow(3n, { columnFamily });
    db.close();
    native.write(folder, [...openingOf(), 'compact timed']);
    // What is older than the mark is one version, of no time.
    expect(line(folder)).toEqual([
      `6b ${timestampOf(3n)} - ${hex('at 3')}`,
      `6b ${timestampOf(0n)} - ${hex('at 2')}`,
    ]);
    const again = await openAt(folder, { ...SETUP.families.default });
    const timed = again.columnFamily('timed') as AnyColumnFamily;
    expect(again.getFullHistoryTsLow({ columnFamily: timed })).toBe(3n);
    again.close();
  });
});
