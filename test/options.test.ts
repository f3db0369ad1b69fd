import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError, RocksDBError } from '../src/errors.js';
import { quote } from '../src/option-formats.js';
import { GROUPS, NAMES, optionSamples } from '../src/options.gen.js';
import {
  type ColumnFamilyOptions,
  type DBOptions,
  formatColumnFamilyOptions,
  formatDBOptions,
  formatMutable,
  splitOpenOptions,
} from '../src/options.js';
import { parseOptions } from '../src/options-text.js';

/** What a caller without types, or with a mistake, hands in. */
const db = (options: unknown) => formatDBOptions(options as DBOptions).text;
const family = (options: unknown) => formatColumnFamilyOptions(options as ColumnFamilyOptions).text;
const table = (options: unknown) => family({ blockBasedTable: options });

function errorOf(action: () => unknown): InvalidOptionError {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidOptionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const messageOf = (action: () => unknown) => errorOf(action).message;

describe('numbers', () => {
  it('takes an int within 32 bits only', () => {
    expect(db({ maxOpenFiles: -1 })).toBe('max_open_files=-1');
    expect(db({ maxOpenFiles: 2147483647 })).toBe('max_open_files=2147483647');
    expect(messageOf(() => db({ maxOpenFiles: 2147483648 }))).toBe(
      'maxOpenFiles: 2147483648 is not within -2147483648 to 2147483647',
    );
    expect(messageOf(() => db({ maxOpenFiles: 'many' }))).toBe(
      "maxOpenFiles: expected an integer, got 'many' (string)",
    );
    for (const wrong of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 5n, true, null, [], {}]) {
      expect(() => db({ maxOpenFiles: wrong })).toThrow(/^maxOpenFiles: expected an integer, got /);
    }
  });

  it('refuses a size that 32 bits cannot hold, which the parser would cut to 0', () => {
    expect(family({ writeBufferSize: 4294967295 })).toBe('write_buffer_size=4294967295');
    const error = errorOf(() => family({ writeBufferSize: 4294967296 }));
    expect(error.message).toBe(
      'writeBufferSize: 4294967296 does not fit: ' +
        'sizes are limited to 4294967295 (32 bits) in WebAssembly',
    );
    expect(error).toBeInstanceOf(RocksDBError);
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
    expect(error.option).toBe('writeBufferSize');
    expect(error.value).toBe(4294967296);
    expect(messageOf(() => family({ writeBufferSize: -1 }))).toMatch(/not within 0 to 4294967295$/);
    expect(messageOf(() => table({ blockCache: 2 ** 32 }))).toMatch(
      /^blockBasedTable.blockCache: 4/,
    );
    expect(messageOf(() => family({ prefixExtractor: 'fixed:4294967296' }))).toMatch(/32 bits/);
  });

  it('takes a uint64 as bigint or as a number that is exact', () => {
    expect(family({ ttl: 2n ** 64n - 1n })).toBe('ttl=18446744073709551615');
    expect(family({ ttl: Number.MAX_SAFE_INTEGER })).toBe('ttl=9007199254740991');
    expect(messageOf(() => family({ ttl: 2 ** 53 }))).toMatch(/is not exact .*: give a bigint$/);
    expect(messageOf(() => family({ ttl: 2n ** 64n }))).toMatch(/not within 0 to 1844674407370955/);
    expect(messageOf(() => family({ ttl: -1n }))).toMatch(/-1 is not within 0 to /);
    expect(messageOf(() => family({ ttl: 0.5 }))).toMatch(/an integer \(number or bigint\)/);
  });

  it('takes a signed 64-bit number, and smaller ones by their range', () => {
    expect(family({ maxWriteBufferSizeToMaintain: -1n })).toMatch(/=-1$/);
    expect(() => family({ maxWriteBufferSizeToMaintain: 2n ** 63n })).toThrow(InvalidOptionError);
    expect(family({ blockProtectionBytesPerKey: 8 })).toBe('block_protection_bytes_per_key=8');
    expect(messageOf(() => family({ blockProtectionBytesPerKey: 256 }))).toMatch(/0 to 255$/);
    expect(() => db({ statsDumpPeriodSec: 2 ** 32 })).toThrow(/not within 0 to 4294967295/);
  });

  it('takes finite doubles that strtod reads back', () => {
    const options = { maxBytesForLevelMultiplier: 1e-7 };
    expect(parseOptions(family(options), 'columnFamily')).toEqual(options);
    for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, '10', 10n]) {
      expect(() => family({ maxBytesForLevelMultiplier: wrong })).toThrow(/a finite number/);
    }
  });
});

describe('other values', () => {
  it('takes true and false, and no stand-in for them', () => {
    expect(db({ createIfMissing: true, errorIfExists: false })).toBe(
      'create_if_missing=true;error_if_exists=false',
    );
    for (const wrong of [1, 'true', null]) {
      expect(() => db({ createIfMissing: wrong })).toThrow(/expected true or false/);
    }
  });

  it('passes over undefined and refuses null', () => {
    expect(db({ createIfMissing: undefined, nonsense: undefined })).toBe('');
    expect(messageOf(() => db({ walDir: null }))).toBe('walDir: expected a string, got null');
    for (const wrong of [null, 'a', [], new Map([['createIfMissing', true]])]) {
      expect(() => db(wrong)).toThrow(/^options: expected an object/);
    }
  });

  it('takes enumerations in the friendly form and in that of RocksDB', () => {
    expect(family({ compression: 'lz4' })).toBe('compression=kLZ4Compression');
    expect(family({ compression: 'kLZ4Compression' })).toBe('compression=kLZ4Compression');
    expect(family({ compactionStyle: 'fifo' })).toBe('compaction_style=kCompactionStyleFIFO');
    expect(table({ checksum: 'crc32c', indexType: 'hashSearch' })).toBe(
      'block_based_table_factory={checksum=kCRC32c;index_type=kHashSearch}',
    );
    expect(db({ infoLogLevel: 'warn' })).toBe('info_log_level=WARN_LEVEL');
    expect(messageOf(() => family({ compression: 'zstdd' }))).toMatch(/did you mean 'zstd'\?$/);
    for (const wrong of ['constructor', '__proto__', '', 1, null]) {
      expect(() => family({ compression: wrong })).toThrow(/^compression: expected one of none, /);
    }
  });

  it('names the compressions that are compiled in', () => {
    expect(messageOf(() => family({ compression: 'bzip2' }))).toBe(
      "compression: 'bzip2' is not compiled in: " +
        'use one of none, snappy, zlib, lz4, lz4hc, zstd, zstdNotFinal',
    );
    expect(() => family({ compressionPerLevel: ['none', 'kXpressCompression'] })).toThrow(
      /^compressionPerLevel\[1\]: 'xpress' is not compiled in/,
    );
    expect(() => family({ compression: 'disableCompressionOption' })).toThrow(InvalidOptionError);
    expect(family({ bottommostCompression: 'disableCompressionOption' })).toMatch(/=kDisable/);
  });

  it('writes arrays and nested structs', () => {
    expect(family({ compressionPerLevel: ['none', 'lz4', 'zstd'] })).toBe(
      'compression_per_level=kNoCompression:kLZ4Compression:kZSTD',
    );
    expect(family({ maxBytesForLevelMultiplierAdditional: [] })).toMatch(/additional=$/);
    expect(family({ compressionOpts: { level: 3, maxDictBytes: 4096 }, numLevels: 4 })).toBe(
      'compression_opts={level=3;max_dict_bytes=4096};num_levels=4',
    );
    const ages = [{ temperature: 'warm', age: 60 }, { temperature: 'cold' }];
    expect(family({ compactionOptionsFifo: { fileTemperatureAgeThresholds: ages } })).toBe(
      'compaction_options_fifo={file_temperature_age_thresholds=' +
        '{{temperature=kWarm;age=60}:{temperature=kCold}}}',
    );
    // An empty struct would be read as the old form without names, and refused.
    expect(family({ compressionOpts: {}, blockBasedTable: { metadataCacheOptions: {} } })).toBe('');
    expect(messageOf(() => family({ compressionOpts: { level: '3' } }))).toMatch(
      /^compressionOpts.level: expected an integer/,
    );
    expect(() => family({ compressionPerLevel: 'lz4' })).toThrow(/expected an array/);
    expect(() => family({ compressionPerLevel: new Array(1) })).toThrow(/\[0\]: expected one of/);
  });
});

describe('built-in objects', () => {
  it('takes comparators and merge operators by name', () => {
    expect(family({ comparator: 'reverseBytewise' })).toBe(
      'comparator=rocksdb.ReverseBytewiseComparator',
    );
    expect(family({ comparator: 'leveldb.BytewiseComparator' })).toMatch(/=leveldb\./);
    expect(family({ mergeOperator: 'uint64add' })).toBe('merge_operator=UInt64AddOperator');
    expect(family({ mergeOperator: 'put_v1' })).toBe('merge_operator=put_v1');
    expect(family({ mergeOperator: { type: 'stringappend', delimiter: '|' } })).toBe(
      'merge_operator={id=StringAppendOperator;delimiter=|}',
    );
    expect(() => family({ mergeOperator: { type: 'max', delimiter: '|' } })).toThrow(/stringapp/);
    expect(() => family({ mergeOperator: 'stringapend' })).toThrow(/did you mean 'stringappend'/);
  });

  it('takes prefix extractors, filters and memtables in short', () => {
    expect(family({ prefixExtractor: 'fixed:8' })).toBe('prefix_extractor=rocksdb.FixedPrefix.8');
    expect(family({ prefixExtractor: 'rocksdb.CappedPrefix.4' })).toMatch(/CappedPrefix.4$/);
    expect(family({ prefixExtractor: 'noop' })).toBe('prefix_extractor=rocksdb.Noop');
    expect(family({ prefixExtractor: 'none' })).toBe('prefix_extractor=nullptr');
    expect(family({ memtableFactory: 'skipList:16' })).toBe('memtable_factory=SkipListFactory:16');
    expect(family({ memtableFactory: 'prefix_hash' })).toMatch(/=HashSkipListRepFactory$/);
    for (const wrong of ['fixed', 'fixed:x', 'fixed:-1', 8, null]) {
      expect(() => family({ prefixExtractor: wrong })).toThrow(/expected 'fixed:N', 'capped:N'/);
    }
    expect(() => family({ memtableFactory: 'cuckoo' })).toThrow(InvalidOptionError);
  });

  it('takes filter policies as text and as objects', () => {
    const policy = (filterPolicy: unknown) =>
      /{filter_policy=(.*)}/.exec(table({ filterPolicy }))?.[1];
    expect(policy('bloom:10')).toBe('bloomfilter:10:false');
    expect(policy('bloomfilter:9.9:true')).toBe('bloomfilter:9.9:false');
    expect(policy({ type: 'bloom', bitsPerKey: 9.99949 })).toBe('bloomfilter:9.999:false');
    expect(policy('ribbon:10')).toBe('ribbonfilter:10:0');
    expect(policy({ type: 'ribbon', bitsPerKey: 10, bloomBeforeLevel: -1 })).toMatch(/:10:-1$/);
    expect(policy('none')).toBe('nullptr');
    for (const wrong of [
      'bloom',
      'bloom:x',
      'bloom:1.2.3',
      { type: 'bloom', bitsPerKey: Number.NaN },
      { type: 'bloom', bitsPerKey: 101 },
      { type: 'bloom', bitsPerKey: 10, bloomBeforeLevel: 1 },
      { type: 'bloom', bitPerKey: 10 },
      { type: 'cuckoo', bitsPerKey: 10 },
      null,
    ]) {
      expect(() => policy(wrong)).toThrow(InvalidOptionError);
    }
  });

  it('takes a block cache as bytes, as false, and hands a Cache back', () => {
    class Cache {}
    const cache = new Cache();
    expect(table({ blockCache: 1048576 })).toBe('block_based_table_factory={block_cache=1048576}');
    expect(table({ blockCache: false })).toBe('block_based_table_factory={no_block_cache=true}');
    expect(formatColumnFamilyOptions({ blockBasedTable: { blockCache: cache } })).toEqual({
      text: '',
      attachments: [{ option: 'blockCache', value: cache, path: 'blockBasedTable.blockCache' }],
    });
    expect(family({ blobCache: 1048576 })).toBe('blob_cache=1048576');
    for (const wrong of [true, null, {}, [], '1M', { capacity: 1 }]) {
      expect(() => table({ blockCache: wrong })).toThrow(/a number of bytes, false or a Cache/);
    }
    expect(() => table({ blockCache: cache, noBlockCache: true })).toThrow(/contradicts/);
    expect(() => table({ blockCache: false, noBlockCache: false })).toThrow(/contradicts/);
    expect(() => formatMutable('columnFamily', { blockBasedTable: { blockCache: cache } })).toThrow(
      /can be set at open only/,
    );
  });
});

describe('names', () => {
  it('names the nearest option', () => {
    expect(messageOf(() => family({ writeBuferSize: 1 }))).toBe(
      "unknown option 'writeBuferSize'; did you mean 'writeBufferSize'?",
    );
    expect(messageOf(() => family({ write_buffer_size: 1 }))).toMatch(/mean 'writeBufferSize'\?$/);
    expect(messageOf(() => db({ walTTLSeconds: 1 }))).toMatch(/mean 'walTtlSeconds'\?$/);
    expect(messageOf(() => db({ WAL_ttl_seconds: 1 }))).toMatch(/mean 'walTtlSeconds'\?$/);
    expect(messageOf(() => family({ block_based_table_factory: {} }))).toMatch(/'blockBasedTable'/);
    expect(messageOf(() => table({ blokcSize: 1 }))).toBe(
      "unknown option 'blockBasedTable.blokcSize'; did you mean 'blockSize'?",
    );
    expect(messageOf(() => db({ zzzzzz: 1 }))).toMatch(/no option has a name like it/);
  });

  it('says where an option of another group belongs', () => {
    expect(messageOf(() => db({ compression: 'lz4' }))).toBe(
      "unknown option 'compression'; compression is a column-family option",
    );
    expect(messageOf(() => family({ max_open_files: 1 }))).toMatch(
      /maxOpenFiles is a database opt/,
    );
    expect(messageOf(() => family({ blockSize: 1 }))).toMatch(/given in blockBasedTable$/);
  });

  it('says why an option of RocksDB is left out', () => {
    expect(messageOf(() => db({ env: {} }))).toMatch(/env is left out .*its own Env/);
    expect(messageOf(() => family({ hardRateLimit: 1 }))).toMatch(/ignores it$/);
    expect(messageOf(() => family({ tableFactory: {} }))).toMatch(/use blockBasedTable$/);
  });

  it('has no option by the names that every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(() => db({ [name]: 1 })).toThrow(`unknown option '${name}'`);
      expect(() => splitOpenOptions({ [name]: 1 }, [])).toThrow(`unknown option '${name}'`);
    }
    expect(() => db(JSON.parse('{"__proto__":{"a":1}}'))).toThrow("unknown option '__proto__'");
  });

  it('refuses what WebAssembly cannot do, and only that', () => {
    expect(messageOf(() => db({ useDirectReads: true }))).toBe(
      'useDirectReads: true (boolean) is refused: WASI has no direct I/O: leave it out',
    );
    expect(() => db({ maxFileOpeningThreads: 16 })).toThrow(/one thread/);
    expect(() => db({ walCompression: 'lz4' })).toThrow(/'none' or 'zstd'/);
    expect(() => db({ rateLimiterBytesPerSec: 0 })).toThrow(/for no limit/);
    expect(() => family({ compressionOpts: { parallelThreads: 4 } })).toThrow(/one thread/);
    expect(db({ useDirectReads: false, maxSubcompactions: 1 })).toMatch(/=false;.*=1$/);
  });
});

describe('splitOpenOptions', () => {
  it('sorts one object into three', () => {
    const given = {
      createIfMissing: true,
      compression: 'lz4',
      background: 'inline',
      ttl: undefined,
    };
    expect(splitOpenOptions(given, ['background'])).toEqual({
      db: { createIfMissing: true },
      columnFamily: { compression: 'lz4', ttl: undefined },
      own: { background: 'inline' },
    });
  });

  it('holds unknown names against all groups', () => {
    const split = (name: string) =>
      messageOf(() => splitOpenOptions({ [name]: 1 }, ['background']));
    expect(split('createIfMising')).toMatch(/did you mean 'createIfMissing'\?$/);
    expect(split('writeBuferSize')).toMatch(/did you mean 'writeBufferSize'\?$/);
    expect(split('backgruond')).toMatch(/did you mean 'background'\?$/);
    expect(split('filterPolicy')).toMatch(
      /filterPolicy is a table option, given in blockBasedTable/,
    );
    expect(() => splitOpenOptions(null as never, [])).toThrow(/expected an object/);
  });
});

describe('formatMutable', () => {
  it('takes what can change while open, and refuses the rest by name', () => {
    expect(formatMutable('db', { maxOpenFiles: 100 })).toBe('max_open_files=100');
    expect(formatMutable('columnFamily', { blockBasedTable: { blockSize: 8192 } })).toBe(
      'block_based_table_factory={block_size=8192}',
    );
    expect(messageOf(() => formatMutable('db', { walDir: '/a' }))).toMatch(
      /^walDir is fixed at open/,
    );
    expect(() => formatMutable('columnFamily', { numLevels: 3 })).toThrow(/fixed at open/);
  });
});

describe('text', () => {
  it('survives the parser, or is refused', () => {
    for (const text of [
      '',
      '/a/b',
      'C:\\data\\log',
      'a;b',
      '{a;b}',
      '{',
      '}',
      '{a',
      'a=b',
      ' leading',
      'é 日本',
      'a\nb\r',
      '\n',
      '\\',
      '\\;',
      '{a};{b}',
      'a#b:c',
      'nullptr',
    ]) {
      const options = { walDir: text, createIfMissing: true, dbLogDir: text };
      expect(parseOptions(formatDBOptions(options).text, 'db')).toEqual(options);
    }
    for (const text of ['trailing ', ';{', '};{', 'a;}', '\0', '\ud800', ' ']) {
      expect(() => quote(text), JSON.stringify(text)).toThrow(InvalidOptionError);
    }
  });

  it('refuses a delimiter that RocksDB would not read back from its own OPTIONS file', () => {
    for (const delimiter of ['|', ', and', ':', '#', '=', 'é']) {
      const mergeOperator = { type: 'stringappendtest', delimiter };
      expect(parseOptions(family({ mergeOperator }), 'columnFamily')).toEqual({ mergeOperator });
    }
    for (const delimiter of ['', ' ', ', ', ';', '\\', '\n', '{', '\0', '\ud800', 1, null]) {
      const mergeOperator = { type: 'stringappend', delimiter };
      expect(() => family({ mergeOperator }), String(delimiter)).toThrow(InvalidOptionError);
    }
  });
});

describe('parseOptions', () => {
  it('reads what RocksDB writes', () => {
    const written =
      'ttl=2592000;prefix_extractor=nullptr;' +
      'merge_operator={id=StringAppendOperator;delimiter=,;};' +
      'comparator=leveldb.BytewiseComparator;compression_per_level=;compaction_filter=nullptr;' +
      'memtable_factory={id=SkipListFactory;lookahead=0;};' +
      'max_bytes_for_level_multiplier=10.000000;' +
      'compression_opts={level=32767;enabled=false;};write_buffer_size=64M;' +
      'table_factory={id=BlockBasedTable;block_size=4096;flush_block_policy_factory=nullptr;' +
      'filter_policy={id=ribbonfilter:10:2;bloom_before_level=2;};checksum=kXXH3;};';
    const expected = {
      ttl: 2592000n,
      prefixExtractor: 'none',
      mergeOperator: { type: 'stringappend', delimiter: ',' },
      comparator: 'bytewise',
      compressionPerLevel: [],
      memtableFactory: 'skipList',
      maxBytesForLevelMultiplier: 10,
      compressionOpts: { level: 32767, enabled: false },
      writeBufferSize: 67108864,
      blockBasedTable: {
        blockSize: 4096,
        filterPolicy: { type: 'ribbon', bitsPerKey: 10, bloomBeforeLevel: 2 },
        checksum: 'xxh3',
      },
    };
    expect(parseOptions(written, 'columnFamily')).toEqual(expected);
    for (const [factory, memtableFactory] of [
      ['SkipListFactory;lookahead=16;', 'skipList:16'],
      ['VectorRepFactory;count=64;', 'vector:64'],
      ['HashSkipListRepFactory;skiplist_height=4;bucket_count=5000;', 'prefixHash:5000'],
      ['HashLinkListRepFactory;threshold=4096;bucket_count=50000;', 'hashLinkedlist'],
    ]) {
      const text = `memtable_factory={id=${factory}}`;
      expect(parseOptions(text, 'columnFamily')).toEqual({ memtableFactory });
    }
    expect(parseOptions(new Map([['block_size', '8192']]), 'blockBasedTable')).toEqual({
      blockSize: 8192,
    });
    expect(parseOptions('table_factory=BlockBasedTable;num_levels=7', 'columnFamily')).toEqual({
      numLevels: 7,
    });
  });

  it('refuses text that is not an option string', () => {
    for (const wrong of [
      'ttl',
      'ttl=x',
      'ttl=-1',
      '=1',
      'a=1',
      '{ttl=1',
      'write_buffer_size=4G',
      'num_levels={1',
      'num_levels={1}2;ttl=1',
      'compression=kNone',
      'max_bytes_for_level_multiplier=',
    ]) {
      expect(() => parseOptions(wrong, 'columnFamily'), wrong).toThrow(InvalidOptionError);
    }
  });
});

describe('the tables', () => {
  it('format a value for every option there is', () => {
    const samples = optionSamples();
    const count = Object.values(GROUPS).reduce(
      (sum, { options }) => sum + Object.keys(options).length,
      0,
    );
    expect(samples.length).toBeGreaterThan(count - 10);
    for (const { group, path, options } of samples) {
      const text = group === 'db' ? db(options) : family(options);
      expect(text, path).toMatch(/^\w+=./);
      const back = parseOptions(text, group);
      expect((group === 'db' ? db : family)(back), path).toBe(text);
    }
  });

  it('never use one name for a database and a column-family option', () => {
    const names = Object.keys(GROUPS.db.options);
    expect(names.filter((name) => Object.hasOwn(GROUPS.columnFamily.options, name))).toEqual([]);
  });

  it('have the names for every enumeration and struct', () => {
    for (const { options } of Object.values(GROUPS)) {
      for (const [name, { of, type }] of Object.entries(options)) {
        if (of !== undefined)
          expect(Object.hasOwn(type === 'struct' ? GROUPS : NAMES, of), name).toBe(true);
      }
    }
  });

  const foreign = 'Deno' in globalThis || 'Bun' in globalThis;
  const missing =
    !existsSync('rocksdb-src/rocksdb/options') || !existsSync('scripts/gen-options.mjs');
  const why = foreign ? ' (needs Node)' : missing ? ' (needs the unpacked RocksDB sources)' : '';
  it.skipIf(foreign || missing)(`are what the generator writes${why}`, () => {
    const run = spawnSync(process.execPath, ['scripts/gen-options.mjs', '--check']);
    expect(run.stderr.toString()).toBe('');
    expect(run.status).toBe(0);
  });
});
