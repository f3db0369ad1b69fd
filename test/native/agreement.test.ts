/**
 * Native RocksDB 9.10 (Debian's) and this package read each other's databases, to the last key.
 * Where it cannot be had the tests are skipped with the reason, except in CI, where that fails
 * them.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import {
  copyDatabase,
  EncryptedFileSystem,
  NodeFileSystem,
  parseStats,
  type RocksDB,
} from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { openAt, tempFolder } from '../support/open.js';
import { native, skipWithoutNative } from './programs.js';
import { MANY, SCENARIOS, type Scenario, TURNS } from './scenarios.js';
import { apply, dumpOf, linesOf, modelOf, openingOf, type Setup } from './script.js';

beforeEach(skipWithoutNative);

/** Here column families other than the default one are opened with the options that are stored. */
async function open(folder: string, setup: Setup, readOnly: boolean): Promise<RocksDB> {
  return openAt(folder, { ...setup.db, ...setup.families.default, readOnly });
}

async function create(folder: string, setup: Setup): Promise<RocksDB> {
  const { default: first, ...columnFamilies } = setup.families;
  return openAt(folder, {
    ...setup.db,
    ...first,
    columnFamilies,
    createIfMissing: true,
    createMissingColumnFamilies: true,
  });
}

async function read(folder: string, setup: Setup): Promise<string[]> {
  const db = await open(folder, setup, true);
  try {
    return dumpOf(db);
  } finally {
    db.close();
  }
}

/** Compares dumps line by line: a difference of two texts of megabytes would say nothing. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((line, index) => actual[index] !== line);
  const line = at < 0 && actual.length > expected.length ? expected.length : at;
  if (line >= 0) {
    const shown = (lines: readonly string[]) =>
      lines.slice(line, line + 3).map((l) => l.slice(0, 200));
    expect({ line, lines: shown(actual) }).toEqual({ line, lines: shown(expected) });
  }
  expect(actual.length).toBe(expected.length);
}

/** What ldb makes of it, on a copy: ldb may write. */
function expectLdbSame(folder: string, expected: readonly string[]): void {
  const copy = `${tempFolder()}/db`;
  fs.cpSync(folder, copy, { recursive: true });
  const families = new Map<string, string[]>();
  for (const line of expected.slice(1)) {
    const [key = '', value = ''] = line.split(' ');
    if (key === 'family') families.set(value, []);
    else {
      const [shownKey, shownValue] = [key, value].map((text) =>
        text === '-' ? '0x' : `0x${text.toUpperCase()}`,
      );
      [...families.values()].at(-1)?.push(`${shownKey} ==> ${shownValue}`);
    }
  }
  expect(native.ldb(copy, 'list_column_families')).toContain(
    `{${[...families.keys()].join(', ')}}`,
  );
  expect(native.ldb(copy, 'checkconsistency')).toContain('OK');
  for (const [name, entries] of families) {
    const scanned = native.ldb(
      copy,
      `--column_family=${name}`,
      '--try_load_options',
      '--hex',
      'scan',
    );
    expectSame(
      scanned.split('\n').filter((line) => line !== ''),
      entries,
    );
  }
}

/** The truth: written and read by native RocksDB. */
function writeNatively(folder: string, scenario: Scenario): string[] {
  const end = scenario.abandoned ? ['abandon'] : [];
  native.write(folder, [...openingOf(scenario), ...linesOf(scenario.steps()), ...end]);
  expect(scenario.files?.(folder, native.sstProperties)).toBeUndefined();
  return native.read(folder);
}

const TELLING = [
  'comparator',
  'compactionStyle',
  'compression',
  'mergeOperator',
  'numLevels',
  'prefixExtractor',
] as const;

/** Native's OPTIONS file was understood here. */
function expectStoredOptions(db: RocksDB, { families }: Setup): void {
  for (const [name, given] of Object.entries(families)) {
    const columnFamily = db.columnFamily(name);
    expect(columnFamily).toBeDefined();
    const inForce = db.getOptions({ columnFamily });
    for (const option of TELLING.filter((each) => given[each] !== undefined)) {
      expect({ name, [option]: inForce[option] }).toEqual({ name, [option]: given[option] });
    }
    const { checksum, formatVersion } = given.blockBasedTable ?? {};
    if (checksum !== undefined) {
      expect(inForce.blockBasedTable).toMatchObject({ checksum, formatVersion });
    }
  }
}

describe.each(SCENARIOS)('$name', (scenario) => {
  it('is read here as native wrote it', async () => {
    const folder = `${tempFolder()}/db`;
    const expected = writeNatively(folder, scenario);
    expectSame(await read(folder, scenario), expected);
    // Recovery writes: with a log it makes files, and native reads those too.
    const db = await open(folder, scenario, false);
    expectSame(dumpOf(db), expected);
    expectStoredOptions(db, scenario);
    db.close();
    expectSame(native.read(folder), expected);
  });

  it('is read by native as it was written here', async () => {
    const folder = `${tempFolder()}/db`;
    const expected = writeNatively(`${tempFolder()}/db`, scenario);
    const db = await create(folder, scenario);
    apply(db, scenario.steps());
    expectSame(dumpOf(db), expected);
    const copy = `${tempFolder()}/db`;
    if (scenario.abandoned) fs.cpSync(folder, copy, { recursive: true });
    db.close();
    const written = scenario.abandoned ? copy : folder;
    expect(scenario.files?.(written, native.sstProperties)).toBeUndefined();
    expectSame(native.read(written), expected);
    expectLdbSame(written, expected);
    native.write(written, openingOf());
    expectSame(await read(written, scenario), expected);
  });
});

it('tells figures that are read here', async () => {
  const folder = `${tempFolder()}/db`;
  native.write(folder, [...openingOf(TURNS), ...linesOf(TURNS.turns()[0] ?? [])]);
  const { columnFamilies, database } = parseStats(
    native.ldb(folder, 'get_property', 'rocksdb.stats'),
  );
  // ldb has just opened it: the files are there, and nothing was done yet.
  const db = await openAt(folder, { readOnly: true });
  const { sum } = db.stats().columnFamilies.default ?? {};
  expect(columnFamilies.default?.levels.Sum?.numFiles).toBe(sum?.numFiles);
  expect(columnFamilies.default?.levels.Sum?.sizeBytes).toBeCloseTo(sum?.sizeBytes ?? 0, -2);
  expect(columnFamilies.default?.writeStalls.totalStops).toBe(0);
  expect(database?.cumulativeWrites).toMatchObject({ writes: 0, keys: 0, ingest: 0 });
  expect(database?.uptimeSeconds?.total).toBeGreaterThanOrEqual(0);
});

describe('a database that is encrypted here', () => {
  const disk = new NodeFileSystem();
  const fileSystem = new EncryptedFileSystem(disk, { keys: { main: new Uint8Array(32).fill(3) } });

  it('is what native wrote, and native reads what is decrypted of it', async () => {
    const root = tempFolder();
    const expected = writeNatively(`${root}/native`, MANY);
    const encrypted = { fileSystem, path: `${root}/encrypted` };
    copyDatabase({ fileSystem: disk, path: `${root}/native` }, encrypted);
    expect(() => native.read(`${root}/encrypted`)).toThrow(/driver/);
    const db = await openAt(`${root}/encrypted`, {
      ...MANY.db,
      ...MANY.families.default,
      fileSystem,
    });
    expectSame(dumpOf(db), expected);
    db.put('written', 'while encrypted', { sync: true });
    const changed = dumpOf(db);
    db.close();
    copyDatabase(encrypted, { fileSystem: disk, path: `${root}/decrypted` });
    expectSame(native.read(`${root}/decrypted`), changed);
    expect(changed.length).toBe(expected.length + 1);
  });
});

it('holds what a map of the same steps holds', () => {
  const dump = writeNatively(`${tempFolder()}/db`, MANY).slice(2);
  const digest = (lines: readonly string[]) =>
    createHash('sha256').update(lines.join('\n')).digest('hex');
  const model = modelOf(MANY.steps());
  expect(model.length).toBeGreaterThan(20_000);
  expect(dump.length).toBe(model.length);
  expect(digest(dump)).toBe(digest(model));
});

it('goes on where the other one stopped, in turns', async () => {
  const truth = `${tempFolder()}/db`;
  const shared = `${tempFolder()}/db`;
  for (const [turn, steps] of TURNS.turns().entries()) {
    native.write(truth, [...openingOf(turn === 0 ? TURNS : undefined), ...linesOf(steps)]);
    const expected = native.read(truth);
    if (turn % 2 === 0) {
      const db = await (turn === 0 ? create(shared, TURNS) : open(shared, TURNS, false));
      apply(db, steps);
      expectSame(dumpOf(db), expected);
      db.close();
    } else {
      native.write(shared, [...openingOf(), ...linesOf(steps)]);
    }
    expectSame(native.read(shared), expected);
    expectSame(await read(shared, TURNS), expected);
  }
  expectLdbSame(shared, native.read(shared));
});
