// runtime: node
/** What fuzzing found in files: the smallest damage that did it. */
import process from 'node:process';
import {
  MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  SstFileReader,
  TransactionDB,
  tools,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine, wasmModule } from '../../support/open.js';
import { crc32c, masked } from '../crc32c.js';

/** RocksDB asserts what these damage: with assertions it stops there. */
const unasserted = it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug');

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

describe('an OPTIONS file', () => {
  const edited = async (edit: (text: string) => string) => {
    const made = await makeDatabase();
    change(made.files, made.path(/^OPTIONS/), (bytes) =>
      new TextEncoder().encode(edit(new TextDecoder().decode(bytes))),
    );
    return made.engine;
  };

  for (const name of ['nullptr', 'none']) {
    for (const readOnly of [false, true]) {
      it(`with the table factory ${name}, ${readOnly ? 'read only' : 'to write'}: no trap`, async () => {
        const engine = await edited((text) =>
          text
            .replace(/\[TableOptions[\s\S]*/, '')
            .replace(/ {2}table_factory=.*/, `  table_factory=${name}`),
        );
        const error = await errorOf(() => RocksDB.openSync('/db', { engine, readOnly }));
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
        expect(error.message).toContain('table_factory');
        expect(engine.crashed).toBe(false);
        ledgerIsClean(engine);
      });
    }
  }

  it('with a rate limit of nothing: no division by it', async () => {
    const engine = await edited((text) =>
      text.replace('[DBOptions]', '[DBOptions]\n  rate_limiter_bytes_per_sec=0'),
    );
    const error = await errorOf(() => RocksDB.openSync('/db', { engine }));
    expect(error.message).toContain('rate_limiter_bytes_per_sec');
    expect(engine.crashed).toBe(false);
  });

  const UNFIT = {
    'millions of levels': (text: string) => text.replace(/ {2}num_levels=.*/, '  num_levels=64M'),
    'no table factory': (text: string) =>
      text
        .replace(/\[TableOptions[\s\S]*/, '')
        .replace(/ {2}table_factory=.*/, '  table_factory=nullptr'),
  };
  for (const [what, edit] of Object.entries(UNFIT)) {
    it(`with ${what}: is refused by whoever reads it`, async () => {
      const { files, engine, path } = await makeDatabase();
      const name = path(/^OPTIONS/);
      change(files, name, (bytes) =>
        new TextEncoder().encode(edit(new TextDecoder().decode(bytes))),
      );
      const read = await errorOf(() => RocksDB.loadOptionsFromFile(name, { engine }));
      expect(read.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      const opened = await errorOf(() => RocksDB.openSync('/db', { engine }));
      expect(opened.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      ledgerIsClean(engine);
      const wasm = await wasmModule('tools');
      await errorOf(() => tools.checkConsistency('/db', { fileSystem: files, wasm }));
    });
  }

  for (const name of ['comparator', 'memtable_factory']) {
    it(`with no ${name}: RocksDB's own is taken`, async () => {
      const engine = await edited((text) =>
        text.replace(new RegExp(`  ${name}=.*`), `  ${name}=nullptr`),
      );
      using db = RocksDB.openSync('/db', { engine, valueEncoding: 'utf8' });
      expect(db.get('key0')).toBe('value');
    });
  }
});

const table = {
  blockBasedTable: { checksum: 'kNoChecksum', formatVersion: 5 },
  compression: 'none',
} as const satisfies OpenOptions;
const PROPERTIES = 'rocksdb.properties';
const FOOTER_BYTES = 53;

function varint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** The block of this handle has more restart points than bytes. */
function overrun(bytes: Uint8Array, handle: number): void {
  const [offset, next] = varint(bytes, handle);
  const [size] = varint(bytes, next);
  new DataView(bytes.buffer).setUint32(offset + size - 4, 0x00ffffff, true);
}

const latin = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

describe('a table without checksums', () => {
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
      const at = latin(bytes).lastIndexOf(PROPERTIES);
      bytes[at + PROPERTIES.length - 1] = 'z'.charCodeAt(0);
      return undefined;
    });
    const reader = new SstFileReader(engine, name, table);
    const error = await errorOf(() => reader.properties);
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    reader.free();
    ledgerIsClean(engine);
    // Ingested it would be with what stands at address 0.
    using other = RocksDB.openSync('/other', { engine, createIfMissing: true });
    const refused = await errorOf(() => other.ingestExternalFile([name]));
    expect(refused.code).toBe('ERR_ROCKSDB_CORRUPTION');
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

  it('whose meta-index is larger than it is cannot be opened', async () => {
    const { files, engine, path } = await makeDatabase(table);
    const name = path(/\.sst$/);
    change(files, name, (bytes) => {
      overrun(bytes, bytes.length - FOOTER_BYTES + 1);
      return undefined;
    });
    const error = await errorOf(() => new SstFileReader(engine, name, table).verifyChecksum());
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    ledgerIsClean(engine);
  });

  unasserted(
    'with keys out of order below a deleted range is corrupt, and is not read for ever (RocksDB asserts it)',
    async () => {
      const files = new MemoryFileSystem();
      const engine = await makeEngine({ fileSystem: files, maxMemoryBytes: 256 * 2 ** 20 });
      const blocks = { ...table, blockBasedTable: { ...table.blockBasedTable, blockSize: 1 } };
      const options = { engine, createIfMissing: true, disableAutoCompactions: true, ...blocks };
      const made = RocksDB.openSync('/db', options);
      for (let n = 0; n < 10; n++) made.put(`a${n}`, 'value');
      made.flush();
      const name = pathOf(files, /\.sst$/);
      made.deleteRange('a2', 'a9');
      made.put('b', 'value');
      made.flush();
      made.close();
      // What is sought from the deleted range's begin leads into it again.
      change(files, name, (bytes) => {
        bytes[latin(bytes).indexOf('a1') + 1] = '5'.charCodeAt(0);
        return undefined;
      });
      using db = RocksDB.openSync('/db', options);
      const error = await errorOf(() => {
        using iterator = db.iterator({ reverse: true });
        for (const _ of iterator);
      });
      expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    },
  );
});

it('a table with keys out of order is corrupt where it is read backwards, and is not read for ever', async () => {
  const files = new MemoryFileSystem();
  const engine = await makeEngine({ fileSystem: files });
  const blocks = { ...table, blockBasedTable: { ...table.blockBasedTable, blockSize: 1 } };
  const options = { engine, createIfMissing: true, disableAutoCompactions: true, ...blocks };
  const made = RocksDB.openSync('/db', options);
  for (let n = 10; n < 40; n++) made.put(`k${n}`, 'value');
  made.flush();
  made.close();
  // The index leads from 'k30' to its block, before which there is nothing that is less.
  change(files, pathOf(files, /\.sst$/), (bytes) => {
    const text = latin(bytes);
    for (let n = 15; n < 30; n++) bytes[text.indexOf(`k${n}`)] = 'z'.charCodeAt(0);
    return undefined;
  });
  using db = RocksDB.openSync('/db', options);
  const error = await errorOf(() => {
    using iterator = db.iterator({ reverse: true });
    for (const _ of iterator);
  });
  expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
  expect(error.message).toContain('not in order');
});

describe('a table whose properties have one wrong byte', () => {
  // RocksDB parses them before it looks at their checksum.
  it('is corrupt: nothing is read beyond them', async () => {
    const { files, engine, path } = await makeDatabase();
    const name = path(/\.sst$/);
    change(files, name, (bytes) => {
      overrun(bytes, latin(bytes).lastIndexOf(PROPERTIES) + PROPERTIES.length);
      return undefined;
    });
    const error = await errorOf(() => new SstFileReader(engine, name));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    ledgerIsClean(engine);
  });
});

/** A record of a log, whole, with its checksum. */
function logRecord(data: readonly number[]): Uint8Array {
  const record = new Uint8Array(7 + data.length);
  record.set([data.length, 0, 1, ...data], 4);
  new DataView(record.buffer).setUint32(0, masked(crc32c(record.subarray(6))), true);
  return record;
}

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

it('a MANIFEST that names a log beyond the next file is corrupt: the log in use stays', async () => {
  const { files, engine, path } = await makeDatabase();
  const LOG_NUMBER = 2;
  change(files, path(/^MANIFEST/), (bytes) => joined(bytes, logRecord([LOG_NUMBER, 0xff, 0x7f])));
  const error = await errorOf(() => RocksDB.openSync('/db', { engine }));
  expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
  ledgerIsClean(engine);
});

unasserted(
  'a log with a prepared transaction twice leaves nothing behind (RocksDB asserts it)',
  async () => {
    const files = new MemoryFileSystem();
    const engine = await makeEngine({ fileSystem: files });
    const db = TransactionDB.openSync('/db', { engine, createIfMissing: true });
    const transaction = db.beginTransaction();
    transaction.setName('prepared');
    transaction.put('key', 'value');
    transaction.prepare();
    transaction.free();
    db.close();
    change(files, pathOf(files, /\.log$/), (bytes) => joined(bytes, bytes));
    const opening = { engine, walRecoveryMode: 'kAbsoluteConsistency' } as const;
    const opened = () => errorOf(() => TransactionDB.openSync('/db', opening));
    const error = await opened();
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    const bytes = engine.heap.inUseBytes;
    await opened();
    expect(engine.heap.inUseBytes).toBe(bytes);
    ledgerIsClean(engine);
  },
);

it('masks checksums as RocksDB does', async () => {
  const { files, path } = await makeDatabase();
  change(files, path(/^MANIFEST/), (bytes) => {
    const view = new DataView(bytes.buffer);
    const end = 7 + view.getUint16(4, true);
    expect(view.getUint32(0, true)).toBe(masked(crc32c(bytes.subarray(6, end))));
    return undefined;
  });
});

describe('a plain table', () => {
  const plain = {
    plainTable: { storeIndexInFile: true, indexSparseness: 4 },
    prefixExtractor: 'fixed:3',
    compression: 'none',
  } as const satisfies OpenOptions;

  const broken = async (options: OpenOptions, edit: (bytes: Uint8Array) => undefined) => {
    const { files, engine, path } = await makeDatabase(options);
    change(files, path(/\.sst$/), edit);
    const opening = { engine, maxOpenFiles: 20, ...options };
    const wrong: string[] = [];
    const attempt = async (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        wrong.push((error as { code: string }).code);
      }
    };
    await attempt(() => {
      using db = RocksDB.openSync('/db', opening);
      attempt(() => db.get('key0'));
      attempt(() => {
        using iterator = db.iterator();
        for (const _ of iterator);
      });
    });
    expect(engine.crashed).toBe(false);
    expect([...new Set(wrong)]).toEqual(['ERR_ROCKSDB_CORRUPTION']);
    ledgerIsClean(engine);
  };

  for (const allowMmapReads of [false, true]) {
    for (const encodingType of ['plain', 'prefix'] as const) {
      const options = {
        ...plain,
        allowMmapReads,
        plainTable: { ...plain.plainTable, encodingType },
      };
      const how = `${encodingType}, ${allowMmapReads ? 'mapped' : 'read'}`;

      it(`with a key longer than its file is corrupt, and not read beyond its end: ${how}`, () =>
        broken(options, (bytes) => {
          bytes.set(encodingType === 'plain' ? [0xff, 0xff, 0x7f] : [0x3f, 0xff, 0xff, 0x7f]);
        }));

      it(`with more data than bytes: ${how}`, () =>
        broken(options, (bytes) => {
          // Shared, not shared and value bytes come before the name, and the value behind it.
          const at = latin(bytes).indexOf('data.size') + 'data.size'.length;
          bytes.set([0xff, 0x7f], at);
        }));
    }
  }

  it('with an index that leads out of itself is corrupt', () =>
    broken({ ...plain, allowMmapReads: true }, (bytes) => {
      const name = 'PlainTableIndexBlock';
      const handle = latin(bytes).lastIndexOf(name) + name.length;
      const [offset] = varint(bytes, handle);
      const [, prefixes] = varint(bytes, offset);
      const [, buckets] = varint(bytes, prefixes);
      new DataView(bytes.buffer).setUint32(buckets, 0xfffffff0, true);
    }));
});

it('a compaction that a lost blob file fails leaves the next change of the database its turn', async () => {
  const files = new MemoryFileSystem();
  const engine = await makeEngine({ fileSystem: files });
  const options = { engine, enableBlobFiles: true, minBlobSize: 1 } as const;
  const made = RocksDB.openSync('/db', { ...options, createIfMissing: true });
  for (let n = 0; n < 5; n++) made.put(`key${n}`, 'first');
  made.flush();
  for (let n = 0; n < 2; n++) made.put(`key${n}`, 'second');
  made.flush();
  made.compactRange();
  made.close();
  const blobs = files.readDirectory('/db').filter(({ name }) => name.endsWith('.blob'));
  change(files, `/db/${blobs.at(-1)?.name}`, (bytes) => joined(bytes, new Uint8Array(1)));
  const db = RocksDB.openSync('/db', { ...options, bestEffortsRecovery: true });
  db.put('key0', 'third');
  db.flush();
  const error = await errorOf(() => db.compactRange());
  expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
  expect(error.message).toContain('Blob file');
  // The entry that was left led into freed memory: what comes to lie there decided what became of the next one.
  for (let n = 0; n < 8; n++) {
    const name = 'family '.repeat(20 * n + 1);
    expect(db.createColumnFamily(name).name).toBe(name);
  }
  db.close();
  expect(engine.crashed).toBe(false);
});

describe('dumpManifest', () => {
  const NAME = 'quote " slash \\ line\n{ bell\u0007 ä';

  it('takes names and keys of all bytes', async () => {
    const files = new MemoryFileSystem();
    const engine = await makeEngine({ fileSystem: files });
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true });
    const family = db.createColumnFamily(NAME);
    db.put('"\\\n\u0000', 'value', { columnFamily: family });
    db.flush({ columnFamily: family });
    db.close();
    const options = { fileSystem: files, wasm: await wasmModule('tools') };
    const edits = await tools.dumpManifest(pathOf(files, /^MANIFEST/), options);
    expect(edits.map((edit) => edit.ColumnFamilyAdd).filter(Boolean)).toEqual([NAME]);
    const [file] = edits.flatMap((edit) => (edit.AddedFiles ?? []) as { SmallestIKey: string }[]);
    expect(file?.SmallestIKey).toContain("'225C0A00'");
  });
});
