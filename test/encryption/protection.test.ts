/** What encrypted files promise: nothing to read without the keys, and nothing read that was changed. */
import {
  EncryptedFileSystem,
  EncryptionError,
  type FileSystem,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { digest } from '../../src/encryption/cipher.js';
import {
  DESCRIPTOR_BYTES,
  HEADER_BYTES,
  PAGE_BYTES,
  PAGE_STRIDE,
  SECTOR_BYTES,
} from '../../src/encryption/layout.js';
import { errorOf, openAt, tempFolder, wasmModule } from '../support/open.js';
import {
  CREATE,
  differenceOf,
  drawBytes,
  draws,
  encrypted,
  KEYS,
  keyOf,
  pathsBelow,
  readAll,
  WRITE,
  writeAll,
} from './fixtures.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8', createIfMissing: true } as const;
const MARKER = 'a text that nobody else may read';

const PLACES: readonly [string, () => readonly [FileSystem, string]][] = [
  ['on disk', () => [new NodeFileSystem(), tempFolder()]],
  ['in memory', () => [new MemoryFileSystem(), '']],
];

/** Makes a database with the marker in its log, in tables, blobs, options and names; closes it. */
async function makeDatabase(fileSystem: FileSystem, path: string): Promise<void> {
  const db = await RocksDB.open(path, {
    ...TEXT,
    fileSystem,
    wasm: await wasmModule(),
    compression: 'none',
    enableBlobFiles: true,
    minBlobSize: 1000,
    avoidFlushDuringShutdown: true,
  });
  db.createColumnFamily(MARKER);
  for (let i = 0; i < 200; i++) db.put(`${MARKER} ${i}`, `value ${MARKER}`);
  db.put('blob', MARKER.repeat(100));
  db.flush();
  db.put(`log ${MARKER}`, MARKER, { sync: true });
  db.close();
}

/** Names of the files, their numbers aside, that hold a text. */
function filesWith(fileSystem: FileSystem, folder: string, text: string): Set<string> {
  const bytes = Buffer.from(text);
  const found = pathsBelow(fileSystem, folder).filter((path) =>
    Buffer.from(readAll(fileSystem, path)).includes(bytes),
  );
  return new Set(found.map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\d{6}/, 'N')));
}

describe.each(PLACES)('the files of a database %s', (_, place) => {
  it('hold nothing of keys, values and names of column families', async () => {
    const [inner, root] = place();
    await makeDatabase(inner, `${root}/plain`);
    const readable = filesWith(inner, `${root}/plain`, MARKER);
    for (const name of ['N.sst', 'N.blob', 'N.log', 'MANIFEST-N', 'LOG']) {
      expect([name, [...readable].some((each) => each.startsWith(name))]).toEqual([name, true]);
    }
    await makeDatabase(encrypted(inner), `${root}/encrypted`);
    expect(filesWith(inner, `${root}/encrypted`, MARKER)).toEqual(new Set());
    expect(filesWith(inner, `${root}/encrypted`, 'rocksdb')).toEqual(new Set());
    const files = pathsBelow(inner, `${root}/encrypted`).filter(
      (path) => inner.stat(path).size > 0,
    );
    expect(files.length).toBeGreaterThan(6);
    // The name of the key is there, and the magic; the next six bits of entropy a byte are not.
    for (const path of files) {
      const text = Buffer.from(readAll(inner, path)).toString('latin1');
      expect(text.startsWith('rdbw-enc')).toBe(true);
      expect(text.slice(0, SECTOR_BYTES)).toContain('main');
    }
    expect(inner.stat(`${root}/encrypted/LOCK`).size).toBe(0);
  });

  it('have through the wrapper the sizes that RocksDB knows them by', async () => {
    const [inner, root] = place();
    const fileSystem = encrypted(inner);
    const db = await openAt(`${root}/db`, { ...TEXT, fileSystem });
    for (let i = 0; i < 5000; i++) db.put(`key${i}`, `value${i}`);
    db.flush();
    const tables = pathsBelow(fileSystem, `${root}/db`).filter((path) => path.endsWith('.sst'));
    const size = tables.reduce((sum, path) => sum + fileSystem.stat(path).size, 0);
    expect(db.getIntProperty('rocksdb.total-sst-files-size')).toBe(BigInt(size));
    const onDisk = tables.reduce((sum, path) => sum + inner.stat(path).size, 0);
    expect(onDisk).toBeGreaterThan(size);
  });

  it('share nothing, though their content is the same', () => {
    const [inner, root] = place();
    const content = new Uint8Array(3 * PAGE_BYTES);
    for (const name of ['one', 'two']) writeAll(encrypted(inner), `${root}/${name}`, content);
    const blocks = (name: string) => {
      const bytes = Buffer.from(readAll(inner, `${root}/${name}`));
      return [0, 1, 2].flatMap((page) => {
        const at = HEADER_BYTES + page * PAGE_STRIDE + DESCRIPTOR_BYTES;
        return Array.from({ length: PAGE_BYTES / 16 }, (_, block) =>
          bytes.subarray(at + block * 16, at + block * 16 + 16).toString('hex'),
        );
      });
    };
    const all = [...blocks('one'), ...blocks('two')];
    expect(all.length).toBe(3000);
    expect(new Set(all).size).toBe(all.length);
  });
});

/** A file with a sealed page, one with several regions, and one that is not full; closed and synced. */
function sampleFile(inner: FileSystem): Uint8Array {
  const fileSystem = encrypted(inner);
  const content = drawBytes(draws(1), 2 * PAGE_BYTES + 300);
  let file = fileSystem.open('/f', CREATE);
  file.write(content.subarray(0, PAGE_BYTES + 200), 0);
  file.sync();
  file.close();
  file = fileSystem.open('/f', WRITE);
  file.write(content.subarray(PAGE_BYTES + 200), PAGE_BYTES + 200);
  file.sync();
  file.write(content.subarray(PAGE_BYTES + 50, PAGE_BYTES + 60), PAGE_BYTES + 50);
  file.sync();
  file.close();
  // Claims all of it.
  file = fileSystem.open('/f', WRITE);
  file.write(content.subarray(PAGE_BYTES + 60), PAGE_BYTES + 60);
  file.sync();
  file.close();
  expect(differenceOf(readAll(fileSystem, '/f'), content)).toBe(-1);
  return content;
}

/** What a changed file gives: its error's code, or whether it reads as it was written. */
function outcome(inner: FileSystem, content: Uint8Array): string {
  try {
    const read = readAll(encrypted(inner), '/f');
    return differenceOf(read, content) === -1 ? 'unchanged' : `different (${read.length} bytes)`;
  } catch (error) {
    if (error instanceof EncryptionError) return error.code.replace('ERR_ROCKSDB_', '');
    throw error;
  }
}

describe('a file that was changed without the keys', () => {
  it('reads as it was, or not at all, whichever byte it is', () => {
    const inner = new MemoryFileSystem();
    const content = sampleFile(inner);
    const original = readAll(inner, '/f');
    const raw = inner.open('/f', WRITE);
    const outcomes = new Map<string, number>();
    const accepted: string[] = [];
    const inPage = (at: number) =>
      at < HEADER_BYTES ? -1 : ((at - HEADER_BYTES) % PAGE_STRIDE) - DESCRIPTOR_BYTES;
    for (let at = 0; at < original.length; at++) {
      // Of the ciphertext, to save time, the beginning and every 13th byte.
      if (inPage(at) > 64 && at % 13 > 0) continue;
      const flipped = Uint8Array.of((original[at] as number) ^ (1 << (at % 8)));
      raw.write(flipped, at);
      const result = outcome(inner, content);
      raw.write(original.subarray(at, at + 1), at);
      outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
      const wrong =
        result.startsWith('different') ||
        (inPage(at) >= 0 && result !== 'ENCRYPTION_DATA_DAMAGED') ||
        (at < SECTOR_BYTES && result === 'unchanged');
      if (wrong) accepted.push(`${at}: ${result}`);
    }
    raw.close();
    expect(accepted).toEqual([]);
    expect(outcome(inner, content)).toBe('unchanged');
    expect(outcomes.get('ENCRYPTION_HEADER_DAMAGED')).toBeGreaterThan(400);
  });

  it('is not read beyond where it was cut', () => {
    const draw = draws(3);
    const inner = new MemoryFileSystem();
    const content = sampleFile(inner);
    const original = readAll(inner, '/f');
    for (let cut = 0; cut < 200; cut++) {
      const size = HEADER_BYTES + draw(original.length - HEADER_BYTES);
      writeAll(inner, '/f', original.subarray(0, size));
      expect([size, outcome(inner, content)]).toEqual([size, 'ENCRYPTION_DATA_DAMAGED']);
    }
  });

  it('does not take its own pages in another order, nor those of another file', () => {
    const inner = new MemoryFileSystem();
    const fileSystem = encrypted(inner);
    const content = drawBytes(draws(1), 3 * PAGE_BYTES);
    writeAll(fileSystem, '/f', content);
    writeAll(fileSystem, '/other', content);
    const original = readAll(inner, '/f');
    const page = (from: Uint8Array, index: number) =>
      from.slice(HEADER_BYTES + index * PAGE_STRIDE, HEADER_BYTES + (index + 1) * PAGE_STRIDE);
    const put = (bytes: Uint8Array, at: number) => {
      const changed = original.slice();
      changed.set(bytes, at);
      writeAll(inner, '/f', changed);
      return outcome(inner, content);
    };
    const first = HEADER_BYTES;
    expect(put(page(original, 1), first)).toBe('ENCRYPTION_DATA_DAMAGED');
    expect(put(page(readAll(inner, '/other'), 0), first)).toBe('ENCRYPTION_DATA_DAMAGED');
    expect(put(new Uint8Array(PAGE_STRIDE), first)).toBe('ENCRYPTION_DATA_DAMAGED');
    expect(put(page(original, 0), first)).toBe('unchanged');
    // The keys of another file open nothing of this one; the record of a sync does not fit either.
    const header = readAll(inner, '/other').slice(0, SECTOR_BYTES);
    expect(put(header, 0)).not.toBe('unchanged');
  });

  it('is told of by RocksDB, with its name and what to do', async () => {
    const inner = new MemoryFileSystem();
    const fileSystem = encrypted(inner);
    const db = await RocksDB.open('/db', { ...TEXT, fileSystem, wasm: await wasmModule() });
    for (let i = 0; i < 3000; i++) db.put(`key${i}`, `value${i}`);
    db.flush();
    db.close();
    const table = pathsBelow(inner, '/db').find((path) => path.endsWith('.sst')) as string;
    const raw = inner.open(table, WRITE);
    const byte = new Uint8Array(1);
    raw.read(byte, HEADER_BYTES + 5000);
    raw.write(Uint8Array.of((byte[0] as number) ^ 1), HEADER_BYTES + 5000);
    raw.close();
    const again = await openAt('/db', { ...TEXT, fileSystem });
    const error = await errorOf(() => {
      for (let i = 0; i < 3000; i++) again.get(`key${i}`);
    });
    expect(error).toBeInstanceOf(EncryptionError);
    expect(error).toMatchObject({
      code: 'ERR_ROCKSDB_ENCRYPTION_DATA_DAMAGED',
      errno: 'EIO',
      path: table,
    });
    expect(error.message).toContain('restore it from a backup');
  });
});

describe('a file that cannot be opened', () => {
  const inner = () => {
    const fileSystem = new MemoryFileSystem();
    writeAll(encrypted(fileSystem), '/f', drawBytes(draws(1), 100));
    return fileSystem;
  };
  const read = (fileSystem: FileSystem, keys: Record<string, Uint8Array> = KEYS.keys) =>
    errorOf(() =>
      readAll(
        new EncryptedFileSystem(fileSystem, { keys, currentKey: Object.keys(keys)[0] as string }),
        '/f',
      ),
    );
  const change = (fileSystem: FileSystem, edit: (raw: Uint8Array) => Uint8Array) => {
    writeAll(fileSystem, '/f', edit(readAll(fileSystem, '/f')));
    return fileSystem;
  };

  it('for want of its key names the key', async () => {
    const error = await read(inner(), { other: keyOf(2), third: keyOf(3) });
    expect(error.code).toBe('ERR_ROCKSDB_ENCRYPTION_KEY_MISSING');
    expect(error.message).toBe(
      "/f is encrypted with key 'main', which is not among the given ones ('other', 'third'): add it to keys",
    );
  });

  it('for a wrong key says so', async () => {
    const error = await read(inner(), { main: keyOf(2) });
    expect(error.code).toBe('ERR_ROCKSDB_ENCRYPTION_WRONG_KEY');
    expect(error.message).toContain("the key 'main' that was given is not the one that /f");
  });

  it('because it is a plain one says how to encrypt it', async () => {
    for (const size of [1, 7, 100, 600, 10_000]) {
      const plain = new MemoryFileSystem();
      writeAll(plain, '/f', drawBytes(draws(2), size));
      const error = await read(plain);
      expect(error.code).toBe('ERR_ROCKSDB_NOT_ENCRYPTED');
      expect(error.message).toContain('copyDatabase()');
    }
  });

  it('because its header is cut, damaged or newer, says which', async () => {
    const codes = async (edit: (raw: Uint8Array) => Uint8Array) =>
      (await read(change(inner(), edit))).code;
    for (const size of [8, 100, SECTOR_BYTES - 1]) {
      const code = await codes((raw) => raw.slice(0, size));
      expect(code).toBe('ERR_ROCKSDB_ENCRYPTION_HEADER_TRUNCATED');
    }
    expect(await codes((raw) => raw.fill(1, 100, 110))).toBe(
      'ERR_ROCKSDB_ENCRYPTION_HEADER_DAMAGED',
    );
    const newer = await codes((raw) => {
      raw[8] = 2;
      const sum = digest(raw.subarray(0, SECTOR_BYTES - 16));
      raw.set(sum.subarray(0, 16), SECTOR_BYTES - 16);
      return raw;
    });
    expect(newer).toBe('ERR_ROCKSDB_ENCRYPTION_VERSION');
  });

  it('leaves no handle open', async () => {
    const fileSystem = inner();
    const before = fileSystem.bytes;
    await read(fileSystem, { main: keyOf(2) });
    fileSystem.removeFile('/f');
    expect(before).toBeGreaterThan(0);
    expect(fileSystem.bytes).toBe(0);
  });
});

describe('opening a database', () => {
  it('with the wrong key, a missing key, or none fails, and changes nothing', async () => {
    const inner = new MemoryFileSystem();
    await makeDatabase(encrypted(inner), '/db');
    const files = () =>
      new Map(pathsBelow(inner, '/db').map((path) => [path, readAll(inner, path).length]));
    const before = files();
    const open = (fileSystem: FileSystem) => errorOf(() => openAt('/db', { ...TEXT, fileSystem }));
    const wrong = await open(new EncryptedFileSystem(inner, { keys: { main: keyOf(9) } }));
    expect(wrong).toBeInstanceOf(EncryptionError);
    expect(wrong.code).toBe('ERR_ROCKSDB_ENCRYPTION_WRONG_KEY');
    const missing = await open(new EncryptedFileSystem(inner, { keys: { other: keyOf(1) } }));
    expect(missing.code).toBe('ERR_ROCKSDB_ENCRYPTION_KEY_MISSING');
    expect((await open(inner)).code).toBe('ERR_ROCKSDB_CORRUPTION');
    expect(files()).toEqual(before);
    const db = await openAt('/db', { ...TEXT, fileSystem: encrypted(inner) });
    expect(db.get(`log ${MARKER}`)).toBe(MARKER);
    expect(db.get('blob')).toBe(MARKER.repeat(100));
  });

  it('that is not encrypted says how to encrypt it', async () => {
    const inner = new MemoryFileSystem();
    await makeDatabase(inner, '/db');
    const error = await errorOf(() => openAt('/db', { ...TEXT, fileSystem: encrypted(inner) }));
    expect(error).toBeInstanceOf(EncryptionError);
    expect(error.code).toBe('ERR_ROCKSDB_NOT_ENCRYPTED');
  });
});

describe('keys that cannot be used', () => {
  it('are refused, without telling them', async () => {
    const inner = new MemoryFileSystem();
    const make = (options: object) =>
      errorOf(() => new EncryptedFileSystem(inner, options as never));
    for (const [options, option] of [
      [{}, 'keys'],
      [{ keys: {} }, 'keys'],
      [{ keys: { '': keyOf(1) } }, 'keys'],
      [{ keys: { ['n'.repeat(256)]: keyOf(1) } }, 'keys'],
      [{ keys: { a: keyOf(1).subarray(1) } }, 'keys.a'],
      [{ keys: { a: 'secret-secret-secret-secret-1234' } }, 'keys.a'],
      [{ keys: { a: keyOf(1), b: keyOf(2) } }, 'currentKey'],
      [{ keys: { a: keyOf(1) }, currentKey: 'b' }, 'currentKey'],
    ] as const) {
      const error = await make(options);
      expect(error).toMatchObject({ code: 'ERR_ROCKSDB_INVALID_OPTION', option });
      expect(JSON.stringify([error.message, error])).not.toContain('secret');
    }
  });

  it('of the longest name are not', () => {
    const inner = new MemoryFileSystem();
    const name = 'ñ'.repeat(127);
    const fileSystem = new EncryptedFileSystem(inner, { keys: { [name]: keyOf(1) } });
    writeAll(fileSystem, '/f', Uint8Array.of(1, 2, 3));
    expect(fileSystem.keyOf('/f')).toBe(name);
  });

  it('are copied: what happens to the array afterwards does not matter', () => {
    const inner = new MemoryFileSystem();
    const main = keyOf(1);
    const fileSystem = new EncryptedFileSystem(inner, { keys: { main } });
    main.fill(0);
    writeAll(fileSystem, '/f', Uint8Array.of(1, 2, 3));
    expect([...readAll(encrypted(inner), '/f')]).toEqual([1, 2, 3]);
  });
});
