// runtime: node
import * as fs from 'node:fs';
import {
  CorruptionError,
  InvalidArgumentError,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
  tools,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { TEXT } from './core/host.js';
import { errorOf, tempFolder, wasmModule } from './support/open.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each([
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '/databases' })],
] as const)('%s', (_, makePlace) => {
  const start = async () => {
    const { fileSystem, folder } = makePlace();
    const base = { fileSystem, wasm: await wasmModule('tools') };
    const path = `${folder}/db`;
    const db = await RocksDB.open(path, { ...base, ...TEXT, createIfMissing: true });
    const file = (suffix: RegExp) => {
      const names = fileSystem.readDirectory(path).map((entry) => entry.name);
      return `${path}/${names
        .filter((name) => suffix.test(name))
        .sort()
        .at(-1)}`;
    };
    return { fileSystem, base, path, db, file };
  };

  it('runs ldb: reads, writes, its errors and exit codes', async () => {
    const { base, path, db } = await start();
    db.put('a', '1');
    db.put('b', '2');
    db.close();
    const scan = await tools.ldb([`--db=${path}`, 'scan'], base);
    expect(scan).toEqual({ exitCode: 0, stdout: 'a ==> 1\nb ==> 2\n', stderr: '' });
    expect((await tools.ldb([`--db=${path}`, 'put', 'c', '3'], base)).stdout).toBe('OK\n');
    const load = { ...base, stdin: 'd ==> 4\ne ==> 5\n' };
    expect((await tools.ldb([`--db=${path}`, 'load'], load)).exitCode).toBe(0);
    const again = await RocksDB.open(path, { ...base, ...TEXT });
    expect(again.getMany(['a', 'c', 'd', 'e'])).toEqual(['1', '3', '4', '5']);
    again.close();
    const missing = await tools.ldb([`--db=${path}/none`, 'scan'], base);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toMatch(/Failed/);
    expect((await tools.ldb([`--db=${path}`, 'nonsense'], base)).exitCode).toBe(1);
    expect((await tools.ldb(['--help'], base)).stdout).toContain('manifest_dump');
  });

  it('checks the consistency of a database', async () => {
    const { base, path, db, file, fileSystem } = await start();
    db.put('a', '1');
    db.flush();
    db.close();
    await tools.checkConsistency(path, base);
    fileSystem.removeFile(file(/\.sst$/));
    const error = await errorOf(() => tools.checkConsistency(path, base));
    expect(error).toBeInstanceOf(CorruptionError);
    expect(error.message).toMatch(/sst/);
  });

  it('dumps a table', async () => {
    const { base, db, file, fileSystem } = await start();
    db.put('a', '1');
    db.put('b', 'two');
    db.delete('c');
    db.flush();
    const { entries, properties } = await tools.dumpSst(file(/\.sst$/), base);
    expect(
      entries.map(({ key, value, sequence, type }) => [text(key), text(value), sequence, type]),
    ).toEqual([
      ['a', '1', 1n, 1],
      ['b', 'two', 2n, 1],
      ['c', '', 3n, 0],
    ]);
    expect(properties['# entries']).toBe('3');
    db.close();
    const damaged = file(/\.sst$/);
    const handle = fileSystem.open(damaged, {
      read: true,
      write: true,
      create: false,
      exclusive: false,
      truncate: false,
    });
    handle.write(
      Uint8Array.from({ length: 8 }, () => 0xff),
      4,
    );
    handle.close();
    const error = await errorOf(() => tools.dumpSst(damaged, base));
    expect(error).toBeInstanceOf(CorruptionError);
    expect(error.message).toContain('checksum mismatch');
  });

  it('dumps a log', async () => {
    const { base, db, file } = await start();
    db.put('a', '1');
    const batch = db.batch().put('b', '2').delete('c');
    db.write(batch);
    batch.free();
    const records = await tools.dumpWal(file(/\.log$/), base);
    expect(records.map(({ sequence, count }) => [sequence, count])).toEqual([
      [1n, 1],
      [2n, 2],
    ]);
    const [first, second] = records;
    expect(first?.offset).toBe(0);
    expect(second?.operations.map((operation) => operation.type)).toEqual(['put', 'delete']);
    const [put] = second?.operations ?? [];
    expect(put?.type === 'put' && text(put.value)).toBe('2');
    db.close();
  });

  it('dumps a MANIFEST', async () => {
    const { base, db, file } = await start();
    db.createColumnFamily('users');
    db.put('a', '1');
    db.flush();
    const edits = await tools.dumpManifest(file(/^MANIFEST/), base);
    expect(edits.some((edit) => edit.ColumnFamilyAdd === 'users')).toBe(true);
    expect(edits.some((edit) => Array.isArray(edit.AddedFiles))).toBe(true);
    db.close();
  });

  it('dumps a MANIFEST of keys with whatever bytes', async () => {
    const { base, db, file } = await start();
    db.put('a"\n\\b', '1');
    db.put(Uint8Array.of(0xff, 0), '1');
    db.flush();
    const edits = JSON.stringify(await tools.dumpManifest(file(/^MANIFEST/), base));
    expect(edits).toContain("'61220A5C62' seq:1, type:1");
    expect(edits).toContain("'FF00' seq:2, type:1");
    db.close();
  });

  it('says what is wrong with what it is given', async () => {
    const { base, db, path } = await start();
    db.close();
    for (const run of [
      () => tools.ldb('scan' as never, base),
      () => tools.sstDump([1] as never, base),
      () => tools.dumpWal('', base),
    ]) {
      expect((await errorOf(run)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    expect((await tools.sstDump(['--nonsense'], base)).exitCode).toBe(1);
    expect((await tools.sstDump([`--file=${path}/none.sst`], base)).exitCode).not.toBe(0);
    expect((await errorOf(() => tools.dumpWal(`${path}/000099.log`, base))).code).toBe(
      'ERR_ROCKSDB_PATH_NOT_FOUND',
    );
    const manifest = await errorOf(() => tools.dumpManifest(`${path}/MANIFEST-9`, base));
    expect(manifest).toBeInstanceOf(CorruptionError);
  });
});

describe('of a database whose comparator is a function', () => {
  const comparator = {
    name: 'test.numeric',
    compare: (a: Uint8Array, b: Uint8Array) => Number(text(a)) - Number(text(b)),
  };

  it('look into its files when they are given it, and name it when they are not', async () => {
    const folder = `${tempFolder()}/db`;
    const base = { wasm: await wasmModule('tools') };
    const db = await RocksDB.open(folder, { ...base, ...TEXT, comparator, createIfMissing: true });
    for (const key of ['100', '9', '10']) db.put(key, 'v');
    db.flush();
    db.put('11', 'in the log');
    db.close();
    const named = (suffix: string) => {
      const name = fs.readdirSync(folder).find((each) => each.includes(suffix));
      return `${folder}/${name}`;
    };
    const given = { ...base, options: { comparator } };
    const { entries, properties } = await tools.dumpSst(named('.sst'), given);
    expect(entries.map(({ key }) => text(key))).toEqual(['9', '10', '100']);
    expect(properties['comparator name']).toBe('test.numeric');
    await tools.checkConsistency(folder, given);
    const scan = await tools.ldb([`--db=${folder}`, 'scan', '--no_value'], given);
    expect([scan.exitCode, scan.stdout]).toEqual([0, '9\n10\n11\n100\n']);
    expect(await tools.dumpWal(named('.log'), base)).toHaveLength(1);

    for (const run of [
      () => tools.dumpSst(named('.sst'), base),
      () => tools.checkConsistency(folder, base),
      // Which would be the edits up to the one that has the comparator.
      () => tools.dumpManifest(named('MANIFEST'), base),
    ]) {
      const error = await errorOf(run);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toContain("'test.numeric'");
      expect(error.message).toContain('options: { comparator }');
    }
    const edits = await tools.dumpManifest(named('MANIFEST'), given);
    expect(JSON.stringify(edits)).toContain('test.numeric');
  });
});

// The debug build has them.
it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug')(
  'needs the wasm that has the tools',
  async () => {
    const error = await errorOf(async () => tools.ldb(['--help'], { wasm: await wasmModule() }));
    expect(error.code).toBe('ERR_ROCKSDB_WASM_INVALID');
    expect(error.message).toContain('rocksdb.tools.wasm');
  },
);

it('takes paths relative to the folder of the process', async () => {
  const folder = tempFolder();
  const base = { wasm: await wasmModule('tools') };
  const db = await RocksDB.open(`${folder}/db`, { ...base, ...TEXT, createIfMissing: true });
  db.put('a', '1');
  db.close();
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect((await tools.ldb(['--db=db', 'get', 'a'], base)).stdout).toBe('1\n');
    expect(fs.existsSync(`${folder}/db/CURRENT`)).toBe(true);
  } finally {
    process.chdir(before);
  }
});
