// runtime: node
/** docs/native.md: what is compared when a database goes from this package to native RocksDB, and what may read beside. */
import * as fs from 'node:fs';
import { tools } from 'rocksdb-wasm';
import { beforeEach, expect, it } from 'vitest';
import { openAt, tempFolder } from '../support/open.js';
import { native, skipWithoutNative } from './programs.js';

beforeEach(skipWithoutNative);

/** Names, sizes and times of all files. */
const filesOf = (folder: string) =>
  fs.readdirSync(folder).map((name) => {
    const { size, mtimeMs } = fs.statSync(`${folder}/${name}`);
    return [name, size, mtimeMs];
  });

it('ldb prints the same entries here and natively, and changes no file', async () => {
  const folder = `${tempFolder()}/db`;
  const db = await openAt(folder, { createIfMissing: true, compression: 'zstd' });
  const users = db.createColumnFamily('users', { mergeOperator: 'uint64add' });
  for (let i = 0; i < 500; i++) db.put(`key ${i}`, `value ${i}`);
  for (let i = 0; i < 100; i++) db.merge(`n${i % 10}`, 'xxxxxxxx', { columnFamily: users });
  db.flush();
  db.put('later', 'in the log');
  db.close();
  const before = filesOf(folder);
  for (const columnFamily of ['default', 'users']) {
    const args = ['scan', '--hex', `--column_family=${columnFamily}`];
    const { stdout } = await tools.ldb([`--db=${folder}`, ...args]);
    expect(stdout.trim().split('\n').length).toBe(columnFamily === 'users' ? 10 : 501);
    expect(native.ldb(folder, ...args)).toBe(stdout);
  }
  expect(filesOf(folder)).toEqual(before);
});

it('native RocksDB reads a database that is open here', async () => {
  const folder = `${tempFolder()}/db`;
  const db = await openAt(folder, { createIfMissing: true });
  db.put('flushed', '1');
  db.flush();
  db.put('logged', '2');
  expect(native.ldb(folder, 'scan').trim().split('\n')).toEqual(['flushed ==> 1', 'logged ==> 2']);
  db.put('more', '3');
  expect(native.ldb(folder, 'scan').trim().split('\n').length).toBe(3);
});
