// runtime: node
/** Native RocksDB 9.10 and this package read each other's write-ahead logs, archived ones too. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { beforeEach, describe, expect, it } from 'vitest';
import { type NativePrograms, provideNative } from '../../scripts/native.mjs';
import { inWords } from '../core/log-suite.js';
import { openAt, tempFolder } from '../support/open.js';
import { apply, linesOf, openingOf, type Step } from './script.js';

const provided: NativePrograms | Error = await provideNative().catch((error: Error) => error);
if (provided instanceof Error && process.env.CI === 'true') throw provided;

beforeEach((context) => {
  if (provided instanceof Error) context.skip(`no native RocksDB: ${provided.message}`);
});

function run(program: keyof NativePrograms, args: readonly string[], input = ''): string {
  const [command = '', ...first] = (provided as NativePrograms)[program];
  const { status, stdout, stderr } = spawnSync(command, [...first, ...args], {
    input,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stderr}${stdout}`);
}

const SETUP = { db: { walTtlSeconds: 3600 }, families: { default: {}, other: {} } };
const STEPS: readonly Step[] = [
  ['put', 'default', 'a', '1'],
  ['batch'],
  ['put', 'default', 'b', '2'],
  ['put', 'other', 'c', '3'],
  ['delete', 'default', 'a'],
  ['commit'],
  ['flush', 'default'],
  ['flush', 'other'],
  ['put', 'default', 'd', '4'],
  ['single', 'other', 'c'],
  ['flush', 'default'],
  ['flush', 'other'],
  ['range', 'default', 'b', 'c'],
];
const WORDS = [
  '1: put a=1',
  '2: put b=2, put 1:c=3, delete a',
  '5: put d=4',
  '6: singleDelete 1:c',
  '7: deleteRange b',
];

describe('the log', () => {
  it('of native RocksDB is read here, batch by batch', async () => {
    const folder = `${tempFolder()}/db`;
    run('driver', ['write', folder], [...openingOf(SETUP), ...linesOf(STEPS), ''].join('\n'));
    const db = await openAt(folder, { walTtlSeconds: 3600 });
    const archived = db.getSortedWalFiles().filter(({ type }) => type === 'archived');
    expect(archived.length).toBeGreaterThan(0);
    expect([...db.getUpdatesSince(1)].map(inWords)).toEqual(WORDS);
  });

  it('that was written here is read by native RocksDB', async () => {
    const db = await openAt(`${tempFolder()}/db`, {
      walTtlSeconds: 3600,
      createIfMissing: true,
      createMissingColumnFamilies: true,
      columnFamilies: { other: {} },
    });
    apply(db, STEPS);
    expect([...db.getUpdatesSince(1)].map(inWords)).toEqual(WORDS);
    const dumps = db
      .getSortedWalFiles()
      .map(({ pathName }) => run('ldb', ['dump_wal', `--walfile=${db.path}${pathName}`]));
    const batches = dumps
      .join('')
      .split('\n')
      .filter((line) => /^\d+,\d+,/.test(line))
      .map((line) => line.split(',').slice(0, 2).map(Number));
    expect(batches).toEqual([
      [1, 1],
      [2, 3],
      [5, 1],
      [6, 1],
      [7, 1],
    ]);
  });
});
