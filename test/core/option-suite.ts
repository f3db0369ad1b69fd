import {
  getColumnFamilyOptionsFromString,
  getDBOptionsFromString,
  getOptionsFromString,
  getStringFromColumnFamilyOptions,
  getStringFromDBOptions,
  optimizeForPointLookup,
  optimizeForSmallDb,
  optimizeLevelStyleCompaction,
  optimizeUniversalStyleCompaction,
  prepareForBulkLoad,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { createText, keyOf, type MakeHost, TEXT } from './host.js';

const MIB = 1 << 20;

export function optionSuite(makeHost: MakeHost): void {
  describe('ready-made options', () => {
    it('for point lookups are in force, and find every key', async () => {
      const db = await createText(makeHost(), optimizeForPointLookup(3));
      const options = await db.getOptions();
      expect(options).toMatchObject({
        memtablePrefixBloomSizeRatio: 0.02,
        memtableWholeKeyFiltering: true,
        blockBasedTable: {
          dataBlockIndexType: 'binaryAndHash',
          dataBlockHashTableUtilRatio: 0.75,
          filterPolicy: { type: 'bloom', bitsPerKey: 10 },
        },
      });
      expect(await db.getIntProperty('rocksdb.block-cache-capacity')).toBe(BigInt(3 * MIB));
      for (let i = 0; i < 500; i++) await db.put(keyOf(i), `v${i}`);
      await db.flush();
      for (let i = 0; i < 500; i += 37) expect(await db.get(keyOf(i))).toBe(`v${i}`);
      expect(await db.get('nothing')).toBeUndefined();
    });

    it('for level compaction leave the first two levels without compression', async () => {
      const db = await createText(makeHost(), optimizeLevelStyleCompaction(8 * MIB));
      expect(await db.getOptions()).toMatchObject({
        writeBufferSize: 2 * MIB,
        minWriteBufferNumberToMerge: 2,
        maxWriteBufferNumber: 6,
        level0FileNumCompactionTrigger: 2,
        targetFileSizeBase: BigInt(MIB),
        maxBytesForLevelBase: BigInt(8 * MIB),
        compactionStyle: 'level',
        compressionPerLevel: ['none', 'none', 'lz4', 'lz4', 'lz4', 'lz4', 'lz4'],
      });
    });

    it('for universal compaction keep all data readable over compactions', async () => {
      const db = await createText(makeHost(), optimizeUniversalStyleCompaction(4 * MIB));
      expect(await db.getOptions()).toMatchObject({
        writeBufferSize: MIB,
        minWriteBufferNumberToMerge: 2,
        maxWriteBufferNumber: 6,
        compactionStyle: 'universal',
        compactionOptionsUniversal: { compressionSizePercent: 80 },
      });
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 50; i++) await db.put(keyOf(i), `${round}`);
        await db.flush();
      }
      expect(await db.get(keyOf(7))).toBe('5');
    });

    it('for small databases make memtables, files and the cache small', async () => {
      const db = await createText(makeHost(), optimizeForSmallDb());
      expect(await db.getOptions()).toMatchObject({
        writeBufferSize: 2 * MIB,
        targetFileSizeBase: BigInt(2 * MIB),
        maxBytesForLevelBase: BigInt(10 * MIB),
        softPendingCompactionBytesLimit: BigInt(256 * MIB),
        hardPendingCompactionBytesLimit: BigInt(1024 * MIB),
        blockBasedTable: { cacheIndexAndFilterBlocks: true, indexType: 'twoLevelIndexSearch' },
      });
      expect(await db.getDBOptions()).toMatchObject({ maxOpenFiles: 5000 });
      expect(await db.getIntProperty('rocksdb.block-cache-capacity')).toBe(BigInt(16 * MIB));
    });

    it('for bulk loads compact nothing until they are asked to', async () => {
      const load = async (options: object) => {
        const db = await createText(makeHost(), options);
        for (let round = 0; round < 12; round++) {
          await db.put(keyOf(round), 'v');
          await db.flush();
        }
        const files = await db.getProperty('rocksdb.num-files-at-level0');
        await db.compactRange();
        expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
        expect(await db.get(keyOf(11))).toBe('v');
        return Number(files);
      };
      expect(await load(prepareForBulkLoad())).toBe(12);
      expect(await load({})).toBeLessThan(12);
    });

    it('refuse sizes that are none', async () => {
      for (const wrong of [-1, 1.5, Number.NaN, 4096, '64']) {
        expect(() => optimizeForPointLookup(wrong as number)).toThrow(
          /^blockCacheSizeMb: expected MiB/,
        );
      }
      for (const wrong of [0, 7, 2 ** 34 + 4, 1n, null]) {
        const make = [optimizeLevelStyleCompaction, optimizeUniversalStyleCompaction];
        for (const each of make) {
          expect(() => each(wrong as number)).toThrow(/^memtableMemoryBudget: expected bytes/);
        }
      }
    });
  });

  describe('options as text', () => {
    it('open a database as the objects do', async () => {
      const text =
        'create_if_missing=true;write_buffer_size=1M;max_open_files=77;' +
        'compression_opts={level=3;max_dict_bytes=4K};block_based_table_factory={block_size=8192}';
      const db = await createText(makeHost(), getOptionsFromString(text));
      expect(await db.getOptions()).toMatchObject({
        writeBufferSize: MIB,
        compressionOpts: { level: 3, maxDictBytes: 4096 },
        blockBasedTable: { blockSize: 8192 },
      });
      expect(await db.getDBOptions()).toMatchObject({ maxOpenFiles: 77 });
    });

    it('are those of the objects, both ways', async () => {
      const db = { maxOpenFiles: 5, walTtlSeconds: 7n, walDir: 'a;b{c}' };
      const family = {
        numLevels: 4,
        compression: 'zstd',
        prefixExtractor: 'fixed:3',
        mergeOperator: { type: 'stringappend', delimiter: '|' },
      } as const;
      expect(getDBOptionsFromString(getStringFromDBOptions(db))).toEqual(db);
      expect(getColumnFamilyOptionsFromString(getStringFromColumnFamilyOptions(family))).toEqual(
        family,
      );
    });

    it('come from a database, and another is opened with them', async () => {
      const first = await createText(makeHost(), { numLevels: 3, compression: 'lz4', ...TEXT });
      const text = getStringFromColumnFamilyOptions(await first.getOptions());
      const second = await createText(makeHost(), getColumnFamilyOptionsFromString(text));
      expect(await second.getOptions()).toEqual(await first.getOptions());
    });

    it('fail on names, values and groups that are wrong', () => {
      expect(() => getOptionsFromString('nonsense=1')).toThrow("unknown option 'nonsense'");
      expect(() => getDBOptionsFromString('write_buffer_size=1')).toThrow(
        'writeBufferSize is a column-family option',
      );
      expect(() => getDBOptionsFromString('max_open_files=many')).toThrow('expected an integer');
      expect(() => getOptionsFromString('max_open_files')).toThrow('expected name=value');
      expect(() => getOptionsFromString('compression_opts={level=3')).toThrow('braces in pairs');
      expect(() => getOptionsFromString(undefined as unknown as string)).toThrow(
        "expected RocksDB's option text, got undefined",
      );
    });
  });
}
