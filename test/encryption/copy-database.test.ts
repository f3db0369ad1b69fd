import {
  copyDatabase,
  EncryptedFileSystem,
  type FileSystem,
  LockHeldError,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { FaultFileSystem, PowerCutFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { errorOf, openAt, tempFolder, wasmModule } from '../support/open.js';
import {
  differenceOf,
  draws,
  encrypted,
  keyOf,
  pathsBelow,
  readAll,
  writeAll,
} from './fixtures.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

async function makeDatabase(fileSystem: FileSystem, path: string): Promise<void> {
  const db = await RocksDB.open(path, {
    ...TEXT,
    createIfMissing: true,
    fileSystem,
    wasm: await wasmModule(),
    avoidFlushDuringShutdown: true,
    walTtlSeconds: 1000, // so that there is a folder of archived logs
  });
  const family = db.createColumnFamily('family');
  for (let i = 0; i < 2000; i++) db.put(`key${i}`, `value${i}`);
  db.flush();
  db.put('in the log', 'yes', { sync: true });
  db.put('k', 'of the family', { columnFamily: family });
  db.close();
}

/** Files that are data, relative to the folder. */
function filesOf(fileSystem: FileSystem, folder: string): string[] {
  return pathsBelow(fileSystem, folder)
    .map((path) => path.slice(folder.length + 1))
    .filter((name) => !name.startsWith('LOCK'))
    .sort();
}

async function expectData(fileSystem: FileSystem, path: string): Promise<void> {
  const db = await openAt(path, { ...TEXT, fileSystem });
  expect(db.getMany(['key1999', 'in the log'])).toEqual(['value1999', 'yes']);
  expect(db.get('k', { columnFamily: db.columnFamily('family') })).toBe('of the family');
  db.close();
}

describe.each<[string, () => readonly [FileSystem, string]]>([
  ['on disk', () => [new NodeFileSystem(), tempFolder()]],
  ['in memory', () => [new MemoryFileSystem(), '']],
])('copyDatabase() %s', (_, place) => {
  it('encrypts a database, and decrypts it again to the same bytes', async () => {
    const [inner, root] = place();
    const fileSystem = encrypted(inner);
    await makeDatabase(inner, `${root}/plain`);
    const names = filesOf(inner, `${root}/plain`);
    expect(names.some((name) => name.startsWith('archive/'))).toBe(true);
    const report = copyDatabase(
      { fileSystem: inner, path: `${root}/plain` },
      { fileSystem, path: `${root}/a/new/encrypted` },
    );
    const sizes = names.map((name) => inner.stat(`${root}/plain/${name}`).size);
    expect(report).toEqual({ files: names.length, bytes: sizes.reduce((a, b) => a + b) });
    expect(filesOf(inner, `${root}/a/new/encrypted`)).toEqual(names);
    copyDatabase(
      { fileSystem, path: `${root}/a/new/encrypted` },
      { fileSystem: inner, path: `${root}/decrypted` },
    );
    expect(filesOf(inner, `${root}/decrypted`)).toEqual(names);
    for (const name of names) {
      const [before, after] = ['plain', 'decrypted'].map((folder) =>
        readAll(inner, `${root}/${folder}/${name}`),
      ) as [Uint8Array, Uint8Array];
      expect([name, differenceOf(before, after)]).toEqual([name, -1]);
    }
    await expectData(fileSystem, `${root}/a/new/encrypted`);
    await expectData(inner, `${root}/decrypted`);
    await expectData(inner, `${root}/plain`);
  });

  it('gives all data new keys, and a new master key', async () => {
    const [inner, root] = place();
    await makeDatabase(encrypted(inner), `${root}/db`);
    const fileSystem = new EncryptedFileSystem(inner, { keys: { other: keyOf(5) } });
    copyDatabase(
      { fileSystem: encrypted(inner), path: `${root}/db` },
      { fileSystem, path: `${root}/copy` },
    );
    await expectData(fileSystem, `${root}/copy`);
  });

  it('refuses what is no database, what is open, and where something is', async () => {
    const [inner, root] = place();
    const from = { fileSystem: inner, path: `${root}/db` };
    const to = { fileSystem: encrypted(inner), path: `${root}/copy` };
    inner.createDirectory(`${root}/db`);
    expect((await errorOf(() => copyDatabase(from, to))).code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
    const db = await openAt(`${root}/db`, { createIfMissing: true, fileSystem: inner });
    expect(() => copyDatabase(from, to)).toThrow(LockHeldError);
    db.close();
    inner.createDirectory(`${root}/copy`);
    writeAll(inner, `${root}/copy/notes.txt`, Uint8Array.of(1));
    const error = await errorOf(() => copyDatabase(from, to));
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(error.message).toContain('notes.txt');
    expect(inner.readDirectory(`${root}/copy`).length).toBe(1);
  });
});

describe('copyDatabase() that fails', () => {
  it('wherever that is, leaves the source as it was, no database, and no file', async () => {
    const source = new MemoryFileSystem();
    await makeDatabase(source, '/db');
    let failures = 0;
    for (let fails = 0; ; fails++) {
      const inner = new MemoryFileSystem();
      const faulty = new FaultFileSystem(inner);
      let operations = 0;
      faulty.fault = (operation) => {
        if (operation === 'removeFile' || operation === 'removeDirectory') return undefined;
        return operations++ === fails ? 'ENOSPC' : undefined;
      };
      let failed = false;
      try {
        copyDatabase(
          { fileSystem: source, path: '/db' },
          { fileSystem: encrypted(faulty), path: '/deep/copy' },
        );
      } catch (error) {
        expect((error as { code?: string }).code).toBe('ENOSPC');
        failed = true;
        failures++;
      }
      if (!failed) {
        await expectData(encrypted(inner), '/deep/copy');
        break;
      }
      expect([fails, inner.readDirectory('/')]).toEqual([fails, []]);
    }
    expect(failures).toBeGreaterThan(60);
    await expectData(source, '/db');
  });

  it('to read back what it wrote is an error', async () => {
    const source = new MemoryFileSystem();
    await makeDatabase(source, '/db');
    const inner = new MemoryFileSystem();
    // A disk that changes a byte of a table on its way.
    const bad: FileSystem = new FaultFileSystem(inner);
    const { open } = bad;
    bad.open = (path, flags) => {
      const file = open.call(bad, path, flags);
      const { write } = file;
      if (!path.endsWith('.sst')) return file;
      return {
        ...file,
        write: (from, position) => {
          const changed = from.slice();
          changed[5] = (changed[5] as number) ^ 1;
          return write(changed, position);
        },
      };
    };
    const error = await errorOf(() =>
      copyDatabase({ fileSystem: source, path: '/db' }, { fileSystem: bad, path: '/copy' }),
    );
    expect(error.message).toContain('does not read back as /db/');
    expect(inner.readDirectory('/')).toEqual([]);
  });

  it('by a power cut leaves no database, or all of it', async () => {
    const source = new MemoryFileSystem();
    await makeDatabase(source, '/db');
    const disk = new PowerCutFileSystem({ appends: 'any' });
    const draw = draws(1);
    const look = () => {
      const left = disk.afterPowerCut({ seed: draw(2 ** 31) });
      if (!left.readDirectory('/').some(({ name }) => name === 'copy')) return 'nothing';
      const names = filesOf(left, '/copy');
      if (!names.includes('CURRENT')) return 'no database';
      const current = readAll(encrypted(left), '/copy/CURRENT');
      if (current.length === 0) return 'no database';
      for (const name of filesOf(source, '/db')) {
        const [a, b] = [readAll(source, `/db/${name}`), readAll(encrypted(left), `/copy/${name}`)];
        expect([name, differenceOf(a, b)]).toEqual([name, -1]);
      }
      return 'all';
    };
    const outcomes = new Set<string>();
    disk.onOperation = () => {
      for (let cut = 0; cut < 3; cut++) outcomes.add(look());
    };
    copyDatabase(
      { fileSystem: source, path: '/db' },
      { fileSystem: encrypted(disk), path: '/copy' },
    );
    disk.onOperation = undefined;
    for (let cut = 0; cut < 5; cut++) expect(look()).toBe('all');
    expect(outcomes).toContain('no database');
  });
});
