// runtime: node
/** Every command on databases that native RocksDB wrote, and native RocksDB on what the commands wrote. */
import * as fs from 'node:fs';
import { copyDatabase, EncryptedFileSystem, NodeFileSystem } from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { native, skipWithoutNative } from '../native/programs.js';
import { linesOf, openingOf, type Setup, type Step } from '../native/script.js';
import { tempFolder } from '../support/open.js';
import { FLUSH, fileOf, filesOf, flipByte, keyAt, puts, stateOf } from './databases.js';
import { cli, json, jsonLines, ok } from './run.js';
import { whileNative } from './while-native.js';

beforeEach(skipWithoutNative);

const SETUP: Setup = { families: { default: {}, people: { mergeOperator: 'uint64add' } } };
const ODD = Buffer.from([0xff, 0x00, 0xfe]);
const hex = (data: string | Uint8Array) => Buffer.from(data as string).toString('hex');

/** 300 entries in tables, one of them deleted, others in the log; bytes that are no text, an entity, a counter. */
const STEPS: Step[] = [
  ...puts(0, 300, 'value'),
  FLUSH,
  ['delete', 'default', keyAt(7)],
  ['put', 'default', ODD, Uint8Array.of(0, 1, 2)],
  ['put', 'people', 'ada', '1815'],
  ['put', 'people', 'line\u2028break', 'tab\tand "quotes"'],
  ['merge', 'people', 'count', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)],
  ['flush', 'people'],
  ['merge', 'people', 'count', Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0)],
];
const ENTITY = `entity default ${hex('wide')} - ${hex('plain part')} ${hex('name')} ${hex('Ada')}`;

function database(): string {
  const folder = `${tempFolder()}/db`;
  native.write(folder, [...openingOf(SETUP), ...linesOf(STEPS), ENTITY]);
  return folder;
}

/** What native RocksDB reads, without the sequence number. */
const contentOf = (folder: string) => native.read(folder).slice(1);

/** Reads it by a command, and holds that nothing in the folder has changed. */
function unchanged<T>(folder: string, work: () => T): T {
  const before = stateOf(folder);
  const result = work();
  expect(stateOf(folder)).toEqual(before);
  return result;
}

/** Commands whose tests are in a file of their own, on native databases as well. */
const ELSEWHERE = ['doctor'];
const tested = new Set<string>(ELSEWHERE);
function command(name: string, work: () => void | Promise<void>): void {
  tested.add(name);
  it(name, work);
}

describe('commands', () => {
  command('get', () => {
    const folder = database();
    unchanged(folder, () => {
      expect(ok(['get', folder, keyAt(3)])).toBe('value3\n');
      expect(ok(['get', folder, hex(ODD), '--hex'])).toBe('0x000102\n');
      expect(ok(['get', folder, `0x${hex(ODD)}`, '--key-hex', '--json'])).toBe(
        '{"key":{"hex":"ff00fe"},"found":true,"value":"\\u0000\\u0001\\u0002"}\n',
      );
      expect(ok(['get', folder, 'ada', '--column-family=people', '--raw'])).toBe('1815');
      expect(ok(['get', folder, 'wide'])).toBe(':plain part name:Ada\n');
      expect(json(['get', folder, 'wide']).columns).toEqual([
        ['', 'plain part'],
        ['name', 'Ada'],
      ]);
      expect(json(['get', folder, 'count', '--column_family=people']).value).toBe(
        '\u0005\0\0\0\0\0\0\0',
      );
      const none = cli(['get', folder, keyAt(7)]);
      expect(none).toEqual({ code: 1, stdout: '', stderr: `the key ${keyAt(7)} is not there\n` });
      expect(json(['get', folder, keyAt(7)])).toEqual({ key: keyAt(7), found: false });
    });
  });

  command('scan', () => {
    const folder = database();
    unchanged(folder, () => {
      const all = ok(['scan', folder]).trimEnd().split('\n');
      expect(all).toHaveLength(301);
      expect(all.slice(0, 2)).toEqual(['key00000 ==> value0', 'key00001 ==> value1']);
      expect(all.slice(-2)).toEqual(['wide ==> :plain part name:Ada', '0xFF00FE ==> 0x000102']);
      expect(ok(['scan', folder, '--from=key00005', '--to=key00009', '--keys-only'])).toBe(
        'key00005\nkey00006\nkey00008\n',
      );
      expect(ok(['scan', folder, '--prefix=key0029', '--reverse', '--limit=2'])).toBe(
        'key00299 ==> value299\nkey00298 ==> value298\n',
      );
      expect(ok(['scan', folder, '--max_keys=1', '--hex'])).toBe(
        `0x${hex(keyAt(0)).toUpperCase()} ==> 0x${hex('value0').toUpperCase()}\n`,
      );
      expect(ok(['scan', folder, '--count-only', '--prefix=key'])).toBe('299\n');
      expect(ok(['scan', folder, '--limit=0'])).toBe('');
      expect(jsonLines(['scan', folder, '--column-family=people'])).toEqual([
        { key: 'ada', value: '1815' },
        { key: 'count', value: '\u0005\0\0\0\0\0\0\0' },
        { key: 'line\u2028break', value: 'tab\tand "quotes"' },
      ]);
    });
  });

  command('count', () => {
    const folder = database();
    unchanged(folder, () => {
      expect(ok(['count', folder])).toBe('301\n');
      expect(json(['count', folder, '--prefix=key0001'])).toEqual({ count: 10 });
      expect(ok(['count', folder, '--from=ff', '--key-hex'])).toBe('1\n');
    });
  });

  command('put', () => {
    const folder = database();
    ok(['put', folder, 'new', 'value', '--sync']);
    ok(['put', folder, '0xcafe', '00ff', '--hex', '--column-family=people']);
    ok(['put', folder, '--', '-dash', '-value']);
    const content = contentOf(folder);
    for (const line of [
      `${hex('new')} ${hex('value')}`,
      'cafe 00ff',
      `${hex('-dash')} ${hex('-value')}`,
    ]) {
      expect(content).toContain(line);
    }
    expect(json(['put', folder, 'again', '1'])).toMatchObject({ written: 1 });
    const made = `${tempFolder()}/made`;
    ok(['put', made, 'k', 'v', '--create-if-missing', '--column-family=mine']);
    expect(contentOf(made)).toEqual(['family default', 'family mine', `${hex('k')} ${hex('v')}`]);
  });

  command('delete', () => {
    const folder = database();
    ok(['delete', folder, keyAt(3)]);
    ok(['delete', folder, hex(ODD), '--hex', '--sync']);
    expect(json(['delete', folder, 'ada', '--column-family=people']).deleted).toBe(1);
    const keys = contentOf(folder).map((line) => line.split(' ')[0]);
    for (const key of [keyAt(3), ODD, 'ada']) expect(keys).not.toContain(hex(key));
    expect(keys).toContain(hex(keyAt(4)));
  });

  command('batchput', () => {
    const folder = database();
    const before = contentOf(folder);
    const odd = cli(['batchput', folder, 'a', '1', 'b']);
    expect(odd.code).toBe(2);
    expect(odd.stderr).toContain("the key 'b' has no value");
    expect(contentOf(folder)).toEqual(before);
    expect(json(['batchput', folder, 'a', '1', 'b', '2'])).toMatchObject({ written: 2 });
    expect(contentOf(folder)).toEqual(expect.arrayContaining(['61 31', '62 32']));
  });

  command('dump', () => {
    const folder = database();
    const lines = unchanged(folder, () => ok(['dump', folder]));
    const entries = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toHaveLength(301 + 1 + 3);
    expect(entries).toContainEqual({ key: { hex: 'ff00fe' }, value: '\u0000\u0001\u0002' });
    expect(entries).toContainEqual({ columnFamily: 'people' });
    expect(entries).toContainEqual({ key: 'ada', value: '1815', columnFamily: 'people' });
    const file = `${folder}.jsonl`;
    expect(ok(['dump', folder, file])).toBe('');
    expect(fs.readFileSync(file, 'utf8')).toBe(lines);
    expect(ok(['dump', folder, '--column-family=people', '--limit=1'])).toBe(
      '{"columnFamily":"people"}\n{"key":"ada","value":"1815","columnFamily":"people"}\n',
    );
  });

  command('load', () => {
    const folder = database();
    const copy = `${tempFolder()}/copy`;
    const dumped = ok(['dump', folder]);
    ok(['load', copy, '--create-if-missing', '--sync', '--batch-size=1K'], { input: dumped });
    // The counter is a plain value there, so its family needs no merge operator.
    expect(native.versions(copy)).toEqual(native.versions(folder));
    expect(ok(['dump', copy])).toBe(dumped);
    const missing = cli(['load', copy], { input: '{"key":"a","value":"1","columnFamily":"no"}\n' });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("line 1: there is no column family 'no'");
    const input = '{"key":"good","value":"1"}\n\n{"key":"bad"}\n{"key":"never","value":"1"}\n';
    const broken = cli(['load', copy], { input });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('line 3: value: expected text or {"hex": "..."}');
    expect(ok(['get', copy, 'good'])).toBe('1\n');
    expect(cli(['get', copy, 'never']).code).toBe(1);
    const noJson = cli(['load', copy, '--json'], { input: 'nonsense' });
    expect(noJson.code).toBe(2);
    expect(JSON.parse(noJson.stderr).error.message).toContain('line 1: it is no JSON');
  });

  command('list-column-families', () => {
    const folder = database();
    unchanged(folder, () => {
      expect(ok(['list-column-families', folder])).toBe('default\npeople\n');
      expect(ok(['list_column_families', `--db=${folder}`])).toBe('default\npeople\n');
      expect(json(['list-column-families', folder])).toEqual({
        columnFamilies: ['default', 'people'],
      });
    });
  });

  command('flush', () => {
    const folder = database();
    const tables = filesOf(folder, /\.sst$/).length;
    expect(json(['flush', folder])).toEqual({ columnFamilies: ['default', 'people'] });
    expect(filesOf(folder, /\.sst$/).length).toBeGreaterThan(tables);
    expect(filesOf(folder, /\.log$/).map((file) => fs.statSync(file).size)).toEqual([0]);
    expect(contentOf(folder)).toHaveLength(301 + 3 + 2);
  });

  command('compact', () => {
    const folder = database();
    const content = contentOf(folder);
    const [first, second] = json(['compact', folder, '--bottommost=force']).columnFamilies;
    expect(first).toMatchObject({ columnFamily: 'default', filesAfter: 1 });
    expect(second).toMatchObject({ columnFamily: 'people', filesAfter: 1 });
    expect(contentOf(folder)).toEqual(content);
    expect(native.sstProperties(filesOf(folder, /\.sst$/)[0] as string)).toContain(
      '# deletions: 0',
    );
    expect(ok(['compact', folder, '--column-family=people', '--from=a', '--to=b'])).toMatch(
      /^people: 1 files of .* -> 1 files of /,
    );
  });

  command('checkpoint', () => {
    const folder = database();
    const copy = `${tempFolder()}/checkpoint`;
    expect(json(['checkpoint', folder, copy])).toMatchObject({ folder: copy });
    expect(contentOf(copy)).toEqual(contentOf(folder));
    const again = cli(['checkpoint', folder, copy]);
    expect(again.code).toBe(3);
    expect(fs.existsSync(`${copy}/CURRENT`)).toBe(true);
  });

  command('repair', () => {
    const folder = database();
    // A log that has what is flushed already would be applied again.
    ok(['flush', folder]);
    native.write(folder, ['open', `merge people ${hex('count')} 0400000000000000`]);
    const content = contentOf(folder);
    expect(content).toContain(`${hex('count')} 0900000000000000`);
    for (const file of filesOf(folder, /^(CURRENT|MANIFEST.*)$/)) fs.rmSync(file);
    expect(cli(['count', folder]).code).toBe(3);
    expect(json(['repair', folder]).lost).toEqual(expect.any(Array));
    const families = ok(['list-column-families', folder]).trimEnd().split('\n');
    expect(families).toEqual(['default', 'people']);
    expect(contentOf(folder)).toEqual(content);
  });

  command('properties', () => {
    const folder = database();
    unchanged(folder, () => {
      expect(ok(['properties', folder])).toContain('rocksdb.estimate-num-keys: ');
      expect(json(['properties', folder])['rocksdb.num-entries-active-mem-table']).toBe(3);
      expect(ok(['properties', folder, '--value=rocksdb.levelstats'])).toContain('Level Files');
      expect(cli(['properties', folder, '--value=rocksdb.nonsense']).code).toBe(1);
    });
  });

  command('options', () => {
    const folder = database();
    unchanged(folder, () => {
      const file = filesOf(folder, /^OPTIONS/).at(-1) as string;
      expect(ok(['options', folder])).toBe(fs.readFileSync(file, 'utf8'));
      const people = ok(['options', folder, '--column-family=people']);
      expect(people).toMatch(/^\[CFOptions "people"\]\n/);
      expect(people).toMatch(/merge_operator=.*uint64add/i);
      expect(people).toContain('[TableOptions/BlockBasedTable "people"]');
      expect(people).not.toContain('"default"');
      const { db, columnFamilies } = json(['options', folder, '--column-family=people']);
      expect(db).toHaveProperty('maxOpenFiles');
      expect(Object.keys(columnFamilies)).toEqual(['people']);
      expect(columnFamilies.people.mergeOperator).toMatch(/uint64add/i);
      const unknown = cli(['options', folder, '--column-family=no']);
      expect(unknown.code).toBe(2);
    });
  });

  command('stats', () => {
    const folder = database();
    unchanged(folder, () => {
      expect(ok(['stats', folder])).toContain('** Compaction Stats [default] **');
      const { columnFamilies, database: whole } = json(['stats', folder]);
      expect(columnFamilies.default.sum.numFiles).toBe(filesOf(folder, /\.sst$/).length - 1);
      expect(whole.userBytesWritten).toBe(0);
    });
  });

  command('heap', () => {
    const folder = database();
    const page = `${folder}-heap.html`;
    unchanged(folder, () => {
      expect(ok(['heap', folder])).toMatch(/^in use: .*\n/);
      const { owners, usage, openFiles, inUseBytes } = json(['heap', folder, '--scan']);
      expect(owners.memtable.bytes ?? owners.memtable.inUseBytes).toBeGreaterThan(0);
      expect(usage.memTableTotal).toBeGreaterThan(0);
      expect(openFiles.join()).toContain('.sst');
      expect(inUseBytes).toBeGreaterThan(0);
    });
    ok(['heap', folder, `--output=${page}`]);
    expect(fs.readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
    ok(['heap', folder, `--output=${folder}.pb.gz`]);
    expect(fs.readFileSync(`${folder}.pb.gz`).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(cli(['heap', folder, '--output=heap.txt']).code).toBe(2);
  });

  command('sst', () => {
    const folder = database();
    const [first = '', second = ''] = filesOf(folder, /\.sst$/);
    unchanged(folder, () => {
      const { tables } = json(['sst', folder, '--verify']);
      expect(tables).toMatchObject([
        { columnFamily: 'default', entries: 300, smallestKey: keyAt(0), damage: null },
        { columnFamily: 'people', entries: 3, smallestKey: 'ada', damage: null },
      ]);
      expect(tables[0].file).toBe(first);
      expect(ok(['sst', folder])).toMatch(/^\d+\.sst default level 0 .* key00000 \.\. key00299\n/);
      expect(json(['sst', folder, first.slice(folder.length + 1)])).toMatchObject({
        numEntries: 300,
        columnFamilyName: 'default',
      });
      const entries = jsonLines(['sst', folder, second, '--entries']);
      expect(entries.map(({ key, type }) => [key, type])).toEqual([
        ['ada', 'put'],
        ['count', 'merge'],
        ['line\u2028break', 'put'],
      ]);
      expect(ok(['sst', first, '--entries', '--limit=1'])).toMatch(
        /^key00000 @ \d+ put ==> value0\n$/,
      );
    });
    flipByte(first, 100);
    const damaged = cli(['sst', folder, '--verify']);
    expect(damaged.code).toBe(5);
    expect(damaged.stdout).toContain('DAMAGED: ');
    expect(cli(['sst', first, '--verify']).code).toBe(5);
  });

  command('wal', () => {
    const folder = database();
    const logs = filesOf(folder, /\.log$/);
    unchanged(folder, () => {
      const listed = json(['wal', folder]).logs;
      expect(listed.map(({ file }: { file: string }) => file)).toEqual(logs);
      expect(listed.at(-1)).toMatchObject({
        batches: expect.any(Number),
        lastSequence: expect.any(Number),
      });
      const operations = jsonLines(['wal', folder, '--entries']);
      expect(operations.map(({ type }) => type)).toContain('merge');
      expect(operations).toContainEqual(
        expect.objectContaining({ type: 'put', key: { hex: 'ff00fe' }, columnFamilyId: 0 }),
      );
      const last = ok(['wal', folder, logs.at(-1)?.slice(folder.length + 1) as string]);
      expect(last).toMatch(/\d+ merge column family 1 count ==> 0x03/);
      expect(last).toMatch(/putEntity column family 0 wide ==> :plain part name:Ada/);
    });
    const log = logs.find((file) => fs.statSync(file).size > 40) as string;
    flipByte(log, 20);
    expect(cli(['wal', folder, log]).code).toBe(5);
  });

  command('manifest', () => {
    const folder = database();
    unchanged(folder, () => {
      const edits = jsonLines(['manifest', folder]);
      expect(edits).toContainEqual(expect.objectContaining({ ColumnFamilyAdd: 'people' }));
      expect(ok(['manifest', folder])).toMatch(/AddedFiles=\[\d+@0\]/);
      const name = fileOf(folder, /^MANIFEST/).slice(folder.length + 1);
      expect(jsonLines(['manifest', folder, name])).toEqual(edits);
    });
    fs.rmSync(`${folder}/CURRENT`);
    expect(cli(['manifest', folder]).code).toBe(2);
  });

  command('bench', () => {
    const folder = tempFolder();
    const args = ['bench', 'fillrandom', 'readrandom', 'seekrandom', 'readmissing', 'readreverse'];
    const how = ['--num=500', '--batch-entries=7', `--db=${folder}`, '--keep', '--seed=5'];
    const { results, num, seed } = json([...args, ...how]);
    expect([num, seed]).toEqual([500, 5]);
    expect(results.map(({ benchmark }: { benchmark: string }) => benchmark)).toEqual(args.slice(1));
    for (const { operations, opsPerSecond, micros } of results.slice(0, 4)) {
      expect(operations).toBe(500);
      expect(opsPerSecond).toBeGreaterThan(0);
      expect(micros.max).toBeGreaterThanOrEqual(micros.p50);
    }
    const kept = contentOf(folder).length - 1;
    expect(results[4].operations).toBe(kept);
    // The same seed: the same keys and values.
    const other = tempFolder();
    json([...args.slice(0, 2), ...how, `--db=${other}`].filter((arg) => arg !== `--db=${folder}`));
    expect(contentOf(other)).toEqual(contentOf(folder));
    const full = cli(['bench', `--db=${folder}`]);
    expect(full.code).toBe(2);
    expect(full.stderr).toContain('is not empty');
    expect(cli(['bench', 'fillsq']).stderr).toContain("did you mean 'fillseq'?");
  });
});

it('there is a test for every command', () => {
  expect(COMMANDS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

describe('databases of other kinds', () => {
  it('with a time to live', () => {
    const folder = `${tempFolder()}/ttl`;
    ok(['put', folder, 'a', '1', '--ttl=3600', '--create-if-missing']);
    expect(ok(['get', folder, 'a', '--ttl=0'])).toBe('1\n');
    expect(ok(['scan', folder, '--ttl=3600'])).toBe('a ==> 1\n');
    ok(['put', folder, 'b', '2', '--ttl=3600']);
    expect(ok(['dump', folder, '--ttl=0'])).toContain('{"key":"b","value":"2"}');
    expect(cli(['doctor', folder]).stdout).toContain('nothing is wrong');
  });

  it('that are encrypted', () => {
    const plain = database();
    const folder = `${plain}-encrypted`;
    const disk = new NodeFileSystem();
    const key = Buffer.alloc(32, 5);
    const fileSystem = new EncryptedFileSystem(disk, { keys: { 'key 1': key } });
    copyDatabase({ fileSystem: disk, path: plain }, { fileSystem, path: folder });
    const file = `${plain}.key`;
    fs.writeFileSync(file, `${key.toString('hex')}\n`);
    const dumped = ok(['dump', plain]);
    expect(ok(['dump', folder, `--key-file=key 1=${file}`])).toBe(dumped);
    fs.writeFileSync(file, key.toString('base64'));
    expect(ok(['dump', folder], { env: { ROCKSDB_WASM_KEY_FILE: file } })).toBe(dumped);
    for (const args of [
      ['wal', '--entries'],
      ['manifest'],
      ['sst'],
      ['options'],
      ['list-column-families'],
    ]) {
      const [name = '', ...rest] = args;
      ok([name, folder, ...rest, `--key-file=${file}`]);
    }
    ok(['put', folder, 'new', 'secret', `--key-file=${file}`, '--sync']);
    expect(ok(['get', folder, 'new', `--key-file=${file}`])).toBe('secret\n');
    for (const name of fs.readdirSync(folder)) {
      expect(fs.readFileSync(`${folder}/${name}`).includes('secret')).toBe(false);
    }
    const without = cli(['get', folder, 'new']);
    expect(without.code).toBe(5);
    fs.writeFileSync(file, 'too short');
    const short = cli(['get', folder, 'new', `--key-file=${file}`]);
    expect(short.code).toBe(2);
    expect(short.stderr).toContain('has 9 bytes: expected 32');
    expect(short.stderr).not.toContain('too short');
  });

  it('that native RocksDB has open: reading works, writing ends with 4', async () => {
    const folder = database();
    await whileNative(folder, async ({ pid }) => {
      expect(ok(['get', folder, keyAt(3)])).toBe('value3\n');
      const locked = cli(['put', folder, 'a', '1']);
      expect(locked.code).toBe(4);
      expect(locked.stderr).toContain(`process ${pid}`);
      const second = `${tempFolder()}/secondary`;
      expect(ok(['get', folder, keyAt(3), `--secondary=${second}`])).toBe('value3\n');
      expect(fs.readdirSync(second)).toContain('LOG');
    });
  });

  it('with other options than those that are stored', () => {
    const folder = database();
    ok(['compact', folder, '--options=compression=kNoCompression', '--bottommost=force']);
    const table = filesOf(folder, /\.sst$/)[0] as string;
    expect(native.sstProperties(table)).toContain('SST file compression algo: NoCompression');
    const wrong = cli(['scan', folder, '--options=write_bufer_size=1M']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('writeBufferSize');
  });
});
