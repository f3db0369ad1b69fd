import {
  EncryptedFileSystem,
  EncryptionError,
  type FileSystem,
  LockHeldError,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { FaultFileSystem, PowerCutFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../src/encryption/layout.js';
import { openAt, tempFolder, wasmModule } from '../support/open.js';
import { differenceOf, draws, keyOf, pathsBelow, readAll, writeAll } from './fixtures.js';

const OLD = { keys: { old: keyOf(1) } };
const BOTH = { keys: { old: keyOf(1), new: keyOf(2) }, currentKey: 'new' };
const NEW = { keys: { new: keyOf(2) } };
const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** A database with tables and a log, under the old key. */
async function makeDatabase(inner: FileSystem, path: string): Promise<void> {
  const db = await RocksDB.open(path, {
    ...TEXT,
    createIfMissing: true,
    fileSystem: new EncryptedFileSystem(inner, OLD),
    wasm: await wasmModule(),
    avoidFlushDuringShutdown: true,
  });
  for (let i = 0; i < 300; i++) db.put(`key${i}`, `value${i}`);
  db.flush();
  db.put('in the log', 'yes', { sync: true });
  db.close();
}

/** Files that have a header. */
const filled = (inner: FileSystem, folder: string) =>
  pathsBelow(inner, folder).filter((path) => !path.includes('/LOCK') && inner.stat(path).size > 0);

function keysOf(inner: FileSystem, folder: string): Set<string | undefined> {
  const fileSystem = new EncryptedFileSystem(inner, BOTH);
  return new Set(filled(inner, folder).map((path) => fileSystem.keyOf(path)));
}

describe.each<[string, () => readonly [FileSystem, string]]>([
  ['on disk', () => [new NodeFileSystem(), tempFolder()]],
  ['in memory', () => [new MemoryFileSystem(), '']],
])('rotateKeys() %s', (_, place) => {
  it('makes all files open with the new key alone, and with the old one no longer', async () => {
    const [inner, root] = place();
    const path = `${root}/db`;
    await makeDatabase(inner, path);
    const tableOf = () => filled(inner, path).find((each) => each.endsWith('.sst')) as string;
    const before = readAll(inner, tableOf()).slice(HEADER_BYTES);
    const seen: string[] = [];
    const report = new EncryptedFileSystem(inner, BOTH).rotateKeys(path, {
      onProgress: (done, total) => seen.push(`${done}/${total}`),
    });
    const { length } = filled(inner, path);
    expect(report).toEqual({ files: length, rotated: length });
    expect([seen.length, seen.at(-1)]).toEqual([length, `${length}/${length}`]);
    expect(keysOf(inner, path)).toEqual(new Set(['new']));
    expect(differenceOf(readAll(inner, tableOf()).slice(HEADER_BYTES), before)).toBe(-1);
    expect(() => readAll(new EncryptedFileSystem(inner, OLD), tableOf())).toThrow(/key 'new'/);
    // Not even the old key's name is left.
    for (const file of filled(inner, path)) {
      const header = readAll(inner, file).subarray(0, HEADER_BYTES);
      expect(Buffer.from(header).includes('old')).toBe(false);
    }
    const again = new EncryptedFileSystem(inner, BOTH).rotateKeys(path);
    expect(again).toEqual({ files: length, rotated: 0 });
    const db = await openAt(path, { ...TEXT, fileSystem: new EncryptedFileSystem(inner, NEW) });
    expect(db.getMany(['key7', 'in the log'])).toEqual(['value7', 'yes']);
  });

  it('is not needed to go on with a new key: what is written from then on has it', async () => {
    const [inner, root] = place();
    const path = `${root}/db`;
    await makeDatabase(inner, path);
    const fileSystem = new EncryptedFileSystem(inner, BOTH);
    const db = await openAt(path, { ...TEXT, fileSystem });
    const tables = () => filled(inner, path).filter((each) => each.endsWith('.sst'));
    expect(keysOf(inner, path)).toEqual(new Set(['old', 'new']));
    const before = tables();
    // Compaction writes all data anew, with new keys for each file: nothing of the old ones is left.
    db.flush();
    db.compactRange({ bottommostLevelCompaction: 'force' });
    expect(tables().filter((table) => before.includes(table))).toEqual([]);
    expect(tables().map((table) => fileSystem.keyOf(table))).toEqual(['new']);
    expect(db.get('key7')).toBe('value7');
  });

  it('keeps the links of a file', () => {
    const [inner, root] = place();
    inner.createDirectory(`${root}/db`);
    writeAll(new EncryptedFileSystem(inner, OLD), `${root}/db/f`, Uint8Array.of(1, 2, 3));
    inner.link(`${root}/db/f`, `${root}/checkpoint`);
    new EncryptedFileSystem(inner, BOTH).rotateKeys(`${root}/db`);
    expect(inner.stat(`${root}/checkpoint`).links).toBe(2);
    expect([...readAll(new EncryptedFileSystem(inner, NEW), `${root}/checkpoint`)]).toEqual([
      1, 2, 3,
    ]);
  });

  it('refuses a database that is open', async () => {
    const [inner, root] = place();
    const fileSystem = new EncryptedFileSystem(inner, OLD);
    await openAt(`${root}/db`, { createIfMissing: true, fileSystem });
    expect(() => fileSystem.rotateKeys(`${root}/db`)).toThrow(LockHeldError);
  });

  it('changes nothing when there is a file that it has no key for', async () => {
    const [inner, root] = place();
    const path = `${root}/db`;
    await makeDatabase(inner, path);
    const other = new EncryptedFileSystem(inner, { keys: { third: keyOf(3) } });
    writeAll(other, `${path}/zzz`, Uint8Array.of(1));
    const fileSystem = new EncryptedFileSystem(inner, BOTH);
    expect(() => fileSystem.rotateKeys(path)).toThrow(EncryptionError);
    expect(() => fileSystem.rotateKeys(path)).toThrow(/key 'third'/);
    inner.removeFile(`${path}/zzz`);
    expect(keysOf(inner, path)).toEqual(new Set(['old']));
    fileSystem.rotateKeys(path);
  });
});

describe('rotateKeys() that is interrupted', () => {
  /** All data, opened with both keys. */
  function contentOf(inner: FileSystem): string {
    const fileSystem = new EncryptedFileSystem(inner, BOTH);
    return pathsBelow(inner, '/db')
      .map((path) => `${path} ${Buffer.from(readAll(fileSystem, path)).toString('hex')}`)
      .join('\n');
  }

  it('by a power cut, wherever that is, leaves every file readable, and is finished by the next', async () => {
    const disk = new PowerCutFileSystem({ appends: 'any' });
    await makeDatabase(disk, '/db');
    for (const path of filled(disk, '/db')) {
      const file = disk.open(path, {
        read: true,
        write: true,
        create: false,
        exclusive: false,
        truncate: false,
      });
      file.sync();
      file.close();
    }
    disk.openDirectory('/db').sync();
    const content = contentOf(disk.afterPowerCut({ seed: 0, survival: 'none' }));
    const draw = draws(1);
    let cuts = 0;
    const mixed = new Set<string>();
    disk.onOperation = () => {
      for (let cut = 0; cut < 3; cut++) {
        const left = disk.afterPowerCut({ seed: draw(2 ** 31) });
        expect([cuts, contentOf(left) === content]).toEqual([cuts, true]);
        mixed.add([...keysOf(left, '/db')].sort().join());
        new EncryptedFileSystem(left, BOTH).rotateKeys('/db');
        expect(keysOf(left, '/db')).toEqual(new Set(['new']));
        for (const path of filled(left, '/db')) readAll(new EncryptedFileSystem(left, NEW), path);
        cuts++;
      }
    };
    new EncryptedFileSystem(disk, BOTH).rotateKeys('/db');
    disk.onOperation = undefined;
    expect(cuts).toBeGreaterThan(3 * 4 * 6);
    expect(mixed).toEqual(new Set(['old', 'new,old', 'new']));
  });

  it('by an error, wherever that is, is finished by the next', async () => {
    const source = new MemoryFileSystem();
    await makeDatabase(source, '/db');
    const content = contentOf(source);
    let failures = 0;
    for (let fails = 0; ; fails++) {
      const inner = new MemoryFileSystem();
      inner.createDirectory('/db');
      for (const path of pathsBelow(source, '/db')) writeAll(inner, path, readAll(source, path));
      const faulty = new FaultFileSystem(inner);
      let operations = 0;
      faulty.fault = () => (operations++ === fails ? 'EIO' : undefined);
      try {
        new EncryptedFileSystem(faulty, BOTH).rotateKeys('/db');
      } catch (error) {
        expect((error as { code?: string }).code).toBe('EIO');
        failures++;
      }
      expect([fails, contentOf(inner) === content]).toEqual([fails, true]);
      if (operations <= fails) break;
      // The lock was given back, too.
      new EncryptedFileSystem(inner, BOTH).rotateKeys('/db');
      expect(keysOf(inner, '/db')).toEqual(new Set(['new']));
    }
    expect(failures).toBeGreaterThan(40);
  });
});
