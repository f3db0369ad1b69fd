// runtime: node
/** The command line itself: help, mistakes, exit codes, pipes, signals, progress. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { slicesOf } from '../../src/cli/commands/maintain.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { COMMON, OPTIONS } from '../../src/cli/options.js';
import { Progress } from '../../src/cli/progress.js';
import { INTEGER_PROPERTIES } from '../../src/cli/property-names.js';
import { bytesOfJson, jsonBytes, jsonOf, shown } from '../../src/cli/text.js';
import type { IntegerProperty } from '../../src/statistics.gen.js';
import { openAt, tempFolder } from '../support/open.js';
import { cli, ok, start } from './run.js';

/** Entries of 1,000 bytes. */
async function filled(entries: number): Promise<string> {
  const folder = `${tempFolder()}/db`;
  const db = await openAt(folder, { createIfMissing: true });
  const value = new Uint8Array(1000).fill(97);
  for (let i = 0; i < entries; i++) db.put(String(i).padStart(8, '0'), value);
  db.close();
  return folder;
}

describe('help', () => {
  it('lists all commands, and teaches each', () => {
    const overview = ok([]);
    expect(ok(['help'])).toBe(overview);
    expect(ok(['--help'])).toBe(overview);
    for (const { name, summary, examples } of COMMANDS) {
      expect(overview).toContain(`  ${name} `);
      expect(overview).toContain(summary);
      expect(examples.length, name).toBeGreaterThan(0);
    }
    const text = ok(['help', 'compact']);
    expect(ok(['compact', '--help'])).toBe(text);
    expect(text).toContain('rocksdb-wasm compact DATABASE [OPTIONS]');
    expect(text).toContain('--bottommost=HOW');
    expect(text).toContain('  rocksdb-wasm compact ./data --bottommost=force');
  });

  it('names only options that are there, and every option is of a command', () => {
    const used = new Set<string>([...COMMON, ...COMMANDS.flatMap(({ options }) => options)]);
    expect([...used].filter((name) => !(name in OPTIONS))).toEqual([]);
    expect(Object.keys(OPTIONS).filter((name) => !used.has(name))).toEqual([]);
  });

  it('has examples that the parser takes', async () => {
    const { parse } = await import('../../src/cli/parse.js');
    for (const [line] of COMMANDS.flatMap(({ examples }) => examples)) {
      const command = line.replace(/ [|<>] .*$/, '').replace(/ < .*$/, '');
      expect(() => parse(command.split(' ')), line).not.toThrow();
    }
  });

  it('keeps its lines to 130 columns', () => {
    const long = COMMANDS.flatMap(({ details }) => details.split('\n'));
    expect(long.filter((line) => line.length > 130)).toEqual([]);
  });

  it('prints versions', () => {
    expect(ok(['--version'])).toMatch(/^rocksdb-wasm \d+\.\d+\.\d+, RocksDB 9\.10\.0\n$/);
  });
});

describe('mistakes', () => {
  const problems: readonly (readonly [args: string[], code: number, text: RegExp])[] = [
    [['scna', './x'], 2, /there is no command 'scna'; did you mean 'scan'\?/],
    [['frobnicate'], 2, /there is no command 'frobnicate'; 'rocksdb-wasm help' lists them/],
    [['scan', './x', '--limmit=2'], 2, /no option --limmit; did you mean --limit\?/],
    [['scan', './x', '--value-size=2'], 2, /--value-size is not for this command/],
    [['scan', './x', '--limit'], 2, /--limit: give a value/],
    [['scan', './x', '--limit=ten'], 2, /--limit: expected a whole number .* got 'ten'/],
    [['scan', './x', '--limit=1', '--limit=2'], 2, /--limit: it is given twice/],
    [['scan', './x', '--reverse=yes'], 2, /--reverse: it takes no value/],
    [['scan', './x', '--prefix=a', '--from=b'], 2, /--prefix stands for both/],
    [['scan'], 2, /give the database: rocksdb-wasm scan DATABASE/],
    [['get', './x'], 2, /something is missing: rocksdb-wasm get DATABASE KEY/],
    [['get', './x', 'a', 'b'], 2, /'b' is too much/],
    [['get', './x', 'xyz', '--hex'], 2, /KEY: expected hexadecimal digits, two a byte, got 'xyz'/],
    [['get', './none', 'a'], 3, /there is no database at/],
    [['get', './x', 'a', '--key-file=./none'], 2, /--key-file: ENOENT/],
    [['compact', './x', '--bottommost=all'], 2, /--bottommost: expected one of skip/],
    [['scan', './x', '--secondary=./y', '--ttl=1'], 2, /a DBWithTTL has none/],
  ];
  for (const [args, code, text] of problems) {
    it(`${args.join(' ')}`, () => {
      const cwd = tempFolder();
      const ended = cli(args, { cwd });
      expect(ended.stderr).toMatch(text);
      expect(ended.code).toBe(code);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).not.toMatch(/\n\s+at /);
      const asJson = cli([...args, '--json'], { cwd });
      expect(asJson.code).toBe(code);
      expect(JSON.parse(asJson.stderr).error.message).toMatch(text);
      expect(fs.readdirSync(cwd)).toEqual([]);
    });
  }
});

describe('text', () => {
  it('comes back from JSON as it was, whatever the bytes', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const samples = ['', 'text', '\ufeffmark', '\u2028', '\0', '😀', '"\\'].map((text) =>
      new TextEncoder().encode(text),
    );
    for (const bytes of [...samples, all, Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xff)]) {
      const json = JSON.parse(jsonOf(bytes));
      expect(Buffer.from(bytesOfJson(json, 'it'))).toEqual(Buffer.from(bytes));
    }
    expect(jsonBytes(Uint8Array.of(0xff))).toEqual({ hex: 'ff' });
  });

  it('is hexadecimal for people where it would not stay on its line', () => {
    expect(shown(new TextEncoder().encode('a b'))).toBe('a b');
    for (const text of ['a\nb', '\u001b[31m', 'a\u2028', '\u0085']) {
      expect(shown(new TextEncoder().encode(text))).toMatch(/^0x[0-9A-F]+$/);
    }
  });

  it('has all digits of large numbers, and maps as objects', () => {
    const value = { a: 2n ** 60n, b: new Map([['x', [1, undefined]]]), c: undefined };
    expect(jsonOf(value)).toBe('{"a":1152921504606846976,"b":{"x":[1,null]}}');
    expect(jsonOf({ a: [], b: { c: 1 } }, 2)).toBe('{\n  "a": [],\n  "b": {\n    "c": 1\n  }\n}');
  });
});

describe('progress', () => {
  const place = (terminal: boolean) => {
    const written: string[] = [];
    const clock = { now: 0 };
    const write = (text: string) => void written.push(text);
    return { written, clock, place: { write, terminal, now: () => clock.now } };
  };

  it('is a bar with the time that is left on a terminal, and goes away', () => {
    const { written, clock, place: on } = place(true);
    const progress = new Progress(on, 'tables', 'bytes', 1000);
    progress.at(1); // too soon
    clock.now = 1000;
    progress.at(250);
    progress.end();
    expect(written).toEqual([
      `\rtables [${'#'.repeat(6)}${'.'.repeat(18)}] 25 %, 250 B/s, 3 s left`,
      expect.stringMatching(/^\r +\r$/),
    ]);
  });

  it('is a line now and then elsewhere', () => {
    const { written, clock, place: on } = place(false);
    const progress = new Progress(on, 'dump', 'entries');
    for (clock.now = 500; clock.now <= 4000; clock.now += 500) progress.at(clock.now);
    progress.end();
    expect(written).toEqual([
      'dump: 2,000 entries, 1,000 entries/s\n',
      'dump: 4,000 entries, 1,000 entries/s\n',
    ]);
  });

  it('is not written where nobody looks, unless it is asked for', async () => {
    const folder = await filled(10);
    expect(cli(['scan', folder, '--limit=1']).stderr).toBe('');
    expect(cli(['dump', folder, `${folder}.jsonl`]).stderr).toBe(
      `10 entries dumped to ${folder}.jsonl\n`,
    );
    expect(cli(['dump', folder, `${folder}.jsonl`, '--quiet']).stderr).toBe('');
  });
});

describe('streams', () => {
  it('a reader that goes away ends it, with 0', async () => {
    const folder = await filled(3000);
    const child = start(['scan', folder]);
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.stdout?.destroy();
    expect(await ended).toBe(0);
    expect(stderr).toBe('');
  });

  it('what is not read is not read from the database either', async () => {
    const folder = await filled(20_000);
    const child = start(['scan', folder, '--json']);
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout?.once('readable', resolve));
    let bytes = 0;
    child.stdout?.on('data', (data: Uint8Array) => {
      bytes += data.length;
    });
    expect(await ended).toBe(0);
    expect(bytes).toBeGreaterThan(20_000 * 1000);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} leaves a closed database, and ends with ${code}`, async () => {
      const folder = `${tempFolder()}/db`;
      const child = start(['load', folder, '--create-if-missing', '--batch-size=1'], 'pipe');
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin?.write('{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n');
      // Its lock says that it is open, its log that the first entry is written.
      const written = () =>
        fs.existsSync(folder) &&
        fs
          .readdirSync(folder)
          .some((name) => name.endsWith('.log') && fs.statSync(`${folder}/${name}`).size > 40);
      while (!written()) await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill(signal);
      expect(await ended).toBe(code);
      expect(fs.readdirSync(folder).filter((name) => name.startsWith('LOCK.'))).toEqual([]);
      expect(ok(['scan', folder])).toBe('a ==> 1\nb ==> 2\n');
    });
  }

  it('interrupting what reads ends it at once', async () => {
    const folder = await filled(20_000);
    const child = start(['scan', folder]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout?.once('readable', resolve));
    child.kill('SIGINT');
    child.stdout?.resume();
    expect(await ended).toBe(130);
  });
});

it('compacts range by range what one compaction would', async () => {
  const folder = `${tempFolder()}/db`;
  const db = await openAt(folder, {
    createIfMissing: true,
    compression: 'none',
    targetFileSizeBase: 100_000n,
  });
  const value = new Uint8Array(1000);
  for (let i = 0; i < 2000; i++) {
    for (let at = 0; at < value.length; at++) value[at] = (i * at * 31) & 255;
    db.put(String(i).padStart(8, '0'), value);
  }
  db.compactRange({ bottommostLevelCompaction: 'force' });
  for (let i = 0; i < 2000; i += 2) db.delete(String(i).padStart(8, '0'));
  db.flush();
  const slices = slicesOf(db.getColumnFamilyMetaData(), 250_000);
  expect(slices.length).toBeGreaterThan(3);
  expect([slices[0]?.[0], slices.at(-1)?.[1]]).toEqual([undefined, undefined]);
  for (const [index, [begin]] of slices.slice(1).entries()) {
    expect(begin).toEqual(slices[index]?.[1]);
  }
  for (const [begin, end] of slices) db.compactRange({ begin, end });
  const files = db.getColumnFamilyMetaData().levels.flatMap((level) => level.files);
  const count = (name: 'numEntries' | 'numDeletions') =>
    files.reduce((sum, each) => sum + each[name], 0);
  expect([count('numEntries'), count('numDeletions')]).toEqual([1000, 0]);
});

it('is what npm links into node_modules/.bin', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { bin, files } = JSON.parse(fs.readFileSync(`${root}/package.json`, 'utf8'));
  expect(bin).toEqual({ 'rocksdb-wasm': 'dist/cli.js' });
  expect(files).toContain('dist/*.js');
  expect(fs.readFileSync(`${root}/dist/cli.js`, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const link = `${tempFolder()}/rocksdb-wasm`;
  fs.symlinkSync(`${root}/dist/cli.js`, link);
  const version = spawnSync(process.execPath, [link, '--version'], { encoding: 'utf8' });
  expect(version.stdout).toContain('RocksDB 9.10.0');
});

it('has a guide with every code of the doctor, and no other', () => {
  const read = (file: string) => fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const [, declared = ''] =
    /export type FindingCode =([^;]*);/.exec(read('src/doctor/findings.ts')) ?? [];
  const codes = [...declared.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const [, table = ''] = read('docs/command-line.md').split('| Code | What it is');
  const told = [...table.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+|ENCRYPTED)`/g)].map(
    ([, code]) => code,
  );
  expect(told.filter((code) => !code?.startsWith('ROCKSDB_')).sort()).toEqual(codes.sort());
  const tests = read('test/cli/doctor.test.ts');
  const untested = codes.filter((code) => !tests.includes(`'${code}'`));
  // The last resort, which nothing known leads to; damage of an encrypted file is tested by its prefix.
  expect(untested).toEqual(['DOES_NOT_OPEN', 'ENCRYPTION_DAMAGED']);
});

it('knows all properties that are numbers', async () => {
  const folder = await filled(1);
  const db = await openAt(folder, { readOnly: true });
  const all: readonly IntegerProperty[] = INTEGER_PROPERTIES;
  const generated = fs.readFileSync(
    new URL('../../src/statistics.gen.ts', import.meta.url),
    'utf8',
  );
  const [, declared = ''] = /export type IntegerProperty =([^;]*);/.exec(generated) ?? [];
  expect([...declared.matchAll(/'([^']+)'/g)].map(([, name]) => name)).toEqual([...all]);
  const none = all.filter((name) => db.getIntProperty(name) === undefined);
  // Of FIFO compaction, and of a blob cache.
  expect(none.filter((name) => !/oldest-key-time|blob-cache/.test(name))).toEqual([]);
});
