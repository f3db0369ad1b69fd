// runtime: node
/** What fuzzing found in files: the smallest damage that did it. */
import { MemoryFileSystem, type OpenOptions, RocksDB, SstFileReader } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine } from '../../support/open.js';
import { crc32c, masked } from '../crc32c.js';

const LOG_TYPE_AT = 6;
const RECYCLABLE_FULL = 5;
const READ_ALL = { read: true, write: true, create: false, exclusive: false, truncate: false };

/** Changes a file's bytes in place, or gives it others. */
function change(
  files: MemoryFileSystem,
  path: string,
  edit: (bytes: Uint8Array) => Uint8Array | undefined,
): void {
  const file = files.open(path, READ_ALL);
  const bytes = new Uint8Array(file.stat().size);
  file.read(bytes, 0);
  const edited = edit(bytes) ?? bytes;
  file.truncate(edited.length);
  file.write(edited, 0);
  file.close();
}

const pathOf = (files: MemoryFileSystem, name: RegExp) => {
  const found = files.readDirectory('/db').find((entry) => name.test(entry.name));
  return `/db/${found?.name}`;
};

/** A closed database of a few entries, in memory. */
async function makeDatabase(options: OpenOptions = {}, flush = true) {
  const files = new MemoryFileSystem();
  const engine = await makeEngine({ fileSystem: files, maxMemoryBytes: 256 * 2 ** 20 });
  const db = RocksDB.openSync('/db', { engine, createIfMissing: true, ...options });
  for (let n = 0; n < 20; n++) db.put(`key${n}`, 'value');
  if (flush) db.flush();
  db.put('last', 'value');
  db.close();
  return { files, engine, path: (name: RegExp) => pathOf(files, name) };
}

/** Where the second record of a log begins. */
function secondRecord(log: Uint8Array): number {
  return 7 + new DataView(log.buffer).getUint16(4, true);
}

describe('a record of a recycled log in one that is not', () => {
  it('is corruption, and no endless loop: one flipped bit in a log', async () => {
    const { files, engine, path } = await makeDatabase({}, false);
    change(files, path(/\.log$/), (bytes) => {
      bytes[secondRecord(bytes) + LOG_TYPE_AT] = RECYCLABLE_FULL;
      return undefined;
    });
    const opening = { engine, walRecoveryMode: 'kAbsoluteConsistency' } as const;
    const error = await errorOf(() => RocksDB.openSync('/db', opening));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    ledgerIsClean(engine);
    // The default takes what comes before.
    using db = RocksDB.openSync('/db', { engine });
    expect(db.get('key0')).toBeDefined();
    expect(db.get('last')).toBeUndefined();
  });

  it('and the same in the MANIFEST', async () => {
    const { files, engine, path } = await makeDatabase();
    change(files, path(/^MANIFEST/), (bytes) => {
      bytes[secondRecord(bytes) + LOG_TYPE_AT] = RECYCLABLE_FULL;
      return undefined;
    });
    const error = await errorOf(() => RocksDB.listColumnFamilies('/db', { engine }));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    ledgerIsClean(engine);
  });
});

describe('an OPTIONS file with an object that RocksDB needs set to null', () => {
  for (const name of ['comparator', 'memtable_factory', 'table_factory']) {
    it(`${name}: no trap`, async () => {
      const { files, engine, path } = await makeDatabase();
      change(files, path(/^OPTIONS/), (bytes) => {
        const text = new TextDecoder().decode(bytes);
        return new TextEncoder().encode(
          text.replace(new RegExp(`  ${name}=.*`), `  ${name}=nullptr`),
        );
      });
      const error = await errorOf(() => RocksDB.openSync('/db', { engine }));
      expect(error.code).toMatch(/^ERR_ROCKSDB_(INVALID_ARGUMENT|CORRUPTION|NOT_SUPPORTED)$/);
      expect(engine.crashed).toBe(false);
      ledgerIsClean(engine);
    });
  }
});

describe('a table without checksums', () => {
  const table = {
    blockBasedTable: { checksum: 'kNoChecksum', formatVersion: 5 },
    compression: 'none',
  } as const satisfies OpenOptions;
  const PROPERTIES = 'rocksdb.properties';

  it('has blocks as large as its file at most: nothing is allocated for more', async () => {
    const { files, engine, path } = await makeDatabase(table);
    const name = path(/\.sst$/);
    // The footer: a byte, then offset and size of the meta-index block as varints.
    change(files, name, (bytes) => {
      bytes.set([1, 0xff, 0xff, 0xff, 0xff, 0x0e], bytes.length - 52);
      return undefined;
    });
    const error = await errorOf(() => new SstFileReader(engine, name, table));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    expect(engine.heap.linearMemoryBytes).toBeLessThan(64 * 2 ** 20);
    ledgerIsClean(engine);
  });

  it('whose properties cannot be found has none, which is said', async () => {
    const { files, engine, path } = await makeDatabase(table);
    const name = path(/\.sst$/);
    change(files, name, (bytes) => {
      const text = new TextDecoder('latin1').decode(bytes);
      const at = text.lastIndexOf(PROPERTIES);
      bytes[at + PROPERTIES.length - 1] = 'z'.charCodeAt(0);
      return undefined;
    });
    const reader = new SstFileReader(engine, name, table);
    const error = await errorOf(() => reader.properties);
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    reader.free();
    ledgerIsClean(engine);
  });

  it('whose entries are longer than their block is corrupt', async () => {
    const { files, engine, path } = await makeDatabase(table);
    const name = path(/\.sst$/);
    // The first data block begins with the file: shared, not shared and value bytes of its first entry.
    change(files, name, (bytes) => {
      bytes[1] = 0x7f;
      return undefined;
    });
    using db = RocksDB.openSync('/db', { engine });
    const error = await errorOf(() => db.get('key0'));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
  });
});

it('masks checksums as RocksDB does', async () => {
  const { files, path } = await makeDatabase();
  change(files, path(/^MANIFEST/), (bytes) => {
    const view = new DataView(bytes.buffer);
    const end = 7 + view.getUint16(4, true);
    expect(view.getUint32(0, true)).toBe(masked(crc32c(bytes.subarray(6, end))));
    return undefined;
  });
});
