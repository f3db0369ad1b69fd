/** That what is to be compressed is, where it is to be, and is read again. */
import type { ColumnFamilyOptions, RocksDB, TableProperties } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { openAt } from './support/open.js';
import { PLACES } from './support/places.js';

const TEXT = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

const keyOf = (i: number) => `key ${String(i).padStart(6, '0')}`;
/** Alike from value to value rather than within one: what a dictionary is for. */
const recordOf = (i: number) =>
  JSON.stringify({ identifier: i * 7919, name: `user-${i % 97}`, roles: ['reader', 'writer'] });

function fill(db: RocksDB<'utf8', 'utf8'>, count: number): void {
  for (let i = 0; i < count; i++) db.put(keyOf(i), recordOf(i));
  db.flush();
}

function expectAll(db: RocksDB<'utf8', 'utf8'>, count: number): void {
  for (let i = 0; i < count; i += 7) expect(db.get(keyOf(i))).toBe(recordOf(i));
}

function theTable(db: RocksDB<'utf8', 'utf8'>): TableProperties {
  const tables = [...db.getPropertiesOfAllTables().values()];
  expect(tables.length).toBe(1);
  return tables[0] as TableProperties;
}

const ALGORITHMS = {
  snappy: 'Snappy',
  zlib: 'Zlib',
  lz4: 'LZ4',
  lz4hc: 'LZ4HC',
  zstd: 'ZSTD',
} as const;
type Algorithm = keyof typeof ALGORITHMS;
const NAMES = Object.keys(ALGORITHMS) as Algorithm[];

describe.each(PLACES)('compression $name', ({ make }) => {
  it.each(NAMES)('%s makes tables smaller and is read again', async (compression) => {
    const { engine, path } = await make();
    const plain = await openAt(path('plain'), { engine, compression: 'none', ...TEXT });
    fill(plain, 3000);
    const { dataSize } = theTable(plain);
    expect(theTable(plain).compressionName).toBe('NoCompression');
    const db = await openAt(path(), { engine, compression, ...TEXT });
    fill(db, 3000);
    expect(theTable(db).compressionName).toBe(ALGORITHMS[compression]);
    expect(theTable(db).dataSize).toBeLessThan(dataSize * 0.6);
    expect(theTable(db).rawValueSize).toBe(theTable(plain).rawValueSize);
    db.close();
    expectAll(await openAt(path(), { engine, ...TEXT }), 3000);
  });

  it.each(['zlib', 'lz4', 'lz4hc', 'zstd'] as const)(
    '%s uses a dictionary',
    async (compression) => {
      const { engine, path } = await make();
      const withOptions = async (name: string, options: ColumnFamilyOptions) => {
        const blockBasedTable = { blockSize: 1024 };
        const all = { engine, compression, blockBasedTable, ...options, ...TEXT };
        const db = await openAt(path(name), all);
        fill(db, 3000);
        // A table of level 0 has no dictionary.
        db.compactRange({ bottommostLevelCompaction: 'force' });
        return db;
      };
      const without = await withOptions('without', {});
      const compressionOpts = { maxDictBytes: 8192, zstdMaxTrainBytes: 65_536 };
      const db = await withOptions('with', { compressionOpts });
      expect(theTable(db).dataSize).toBeLessThan(theTable(without).dataSize * 0.9);
      expect(theTable(db).compressionOptions).toMatch(/max_dict_bytes=8192/);
      db.close();
      // Through the cache, where it is counted: without it is read when the table is opened.
      const blockBasedTable = { cacheIndexAndFilterBlocks: true };
      const again = await openAt(path('with'), { engine, blockBasedTable, ...TEXT });
      const { perf } = again.withPerfContext('enableCount', () => expectAll(again, 3000));
      expect(perf.compressionDictBlockReadCount).toBeGreaterThan(0);
    },
  );

  it('is chosen by level, and for the last one', async () => {
    const { engine, path } = await make();
    const usedBy = async (name: string, options: ColumnFamilyOptions) => {
      const db = await openAt(path(name), {
        engine,
        levelCompactionDynamicLevelBytes: false,
        disableAutoCompactions: true,
        ...options,
        ...TEXT,
      });
      fill(db, 1000);
      const flushed = theTable(db).compressionName;
      db.compactRange({ bottommostLevelCompaction: 'force' });
      const compacted = theTable(db).compressionName;
      db.compactRange({ changeLevel: true, targetLevel: 2 });
      db.compactRange({ bottommostLevelCompaction: 'force' });
      const deep = theTable(db).compressionName;
      expectAll(db, 1000);
      return [flushed, compacted, deep];
    };
    const compressionPerLevel = ['none', 'lz4', 'zstd'] as const;
    const levels = { compressionPerLevel: [...compressionPerLevel] };
    expect(await usedBy('levels', levels)).toEqual(['NoCompression', 'LZ4', 'ZSTD']);
    const last = { compression: 'lz4', bottommostCompression: 'zlib' } as const;
    expect(await usedBy('last', last)).toEqual(['LZ4', 'Zlib', 'Zlib']);
  });

  it.each(NAMES)('of blobs: %s', async (blobCompressionType) => {
    const { engine, path } = await make();
    const db = await openAt(path(), {
      engine,
      enableBlobFiles: true,
      blobCompressionType,
      ...TEXT,
    });
    const value = 'the same again and '.repeat(5000);
    db.put('k', value);
    db.flush();
    expect(Number(db.getIntProperty('rocksdb.total-blob-file-size'))).toBeLessThan(20_000);
    expect(db.get('k')).toBe(value);
  });

  it('is harder with a higher level', async () => {
    const { engine, path } = await make();
    const sizeAt = async (level: number) => {
      const compressionOpts = { level };
      const options = { compression: 'zstd', compressionOpts, ...TEXT } as const;
      const db = await openAt(path(`level${level}`), { engine, ...options });
      fill(db, 3000);
      expectAll(db, 3000);
      return theTable(db).dataSize;
    };
    expect(await sizeAt(15)).toBeLessThan(await sizeAt(1));
  });
});
