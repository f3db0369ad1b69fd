/** Objects of the program's, column families, table and memtable formats. */
import {
  type ColumnFamily,
  type CompactionFilter,
  type MergeOperator,
  type OpenOptions,
  RocksDB,
  type StoredOptions,
} from 'rocksdb-wasm';
import { expect } from 'vitest';
import { errorOf } from '../support/open.js';
import {
  bytes,
  expectNext,
  expectValues,
  FOO,
  type Phases,
  TEXT,
  type Text,
  type TextOptions,
  text,
  using,
  type World,
} from './world.js';

const CREATE = { createIfMissing: true };

const padded = (prefix: string, index: number) => `${prefix}${String(index).padStart(20, '0')}`;

/** Drops `bar` and changes `baz`. */
const FILTER: CompactionFilter = {
  name: 'foo',
  filter: (key) => {
    if (text(key) === 'bar') return 'remove';
    return text(key) === 'baz' ? { value: 'newbazvalue' } : 'keep';
  },
};

const FAKE_MERGE: MergeOperator = {
  name: 'TestMergeOperator',
  fullMerge: () => 'fake',
  partialMergeMulti: () => 'fake',
};

/** Writes what `FILTER` changes, and has it compacted. */
function checkCompaction(db: Text): void {
  const written = { foo: 'foovalue', bar: 'barvalue', baz: 'bazvalue' };
  for (const [key, value] of Object.entries(written)) {
    db.put(key, value);
    expect(db.get(key)).toBe(value);
  }
  db.disableManualCompaction();
  expect(() => db.compactRange()).toThrow();
  expectValues(db, written);
  db.enableManualCompaction();
  db.compactRange();
  db.waitForCompact();
  expectValues(db, { foo: 'foovalue', bar: undefined, baz: 'newbazvalue' });
  db.suggestCompactRange({ begin: 'bar', end: 'foo' });
  checkMetaData(db, 'default');
}

/** The figures of a column family's files add up. */
function checkMetaData(db: Text, name: string): void {
  const columnFamily = familyOf(db, name);
  const family = db.getColumnFamilyMetaData({ columnFamily });
  expect(family.name).toBe(name);
  expect(family.size).toBeGreaterThan(0);
  expect(family.fileCount).toBeGreaterThan(0);
  const files = family.levels.flatMap((level, index) => {
    expect(level.level).toBe(index);
    expect(level.size).toBe(level.files.reduce((sum, { size }) => sum + size, 0));
    return level.files;
  });
  expect(files).toHaveLength(family.fileCount);
  expect(family.size).toBe(files.reduce((sum, { size }) => sum + size, 0));
  for (const file of files) {
    expect(file.size).toBeGreaterThan(0);
    expect(file.relativeFilename).toMatch(/^\d+\.sst$/);
    expect(file.smallestKey.length).toBeGreaterThan(0);
    expect(file.largestKey.length).toBeGreaterThan(0);
  }
}

function familyOf(db: Text, name: string): ColumnFamily<'utf8', 'utf8'> {
  const family = db.columnFamily(name);
  if (family === undefined) throw new Error(`there is no column family ${name}`);
  return family;
}

/** Opens the database with its newest OPTIONS file, and `more`, as any program can. */
async function loadLatestOptions(
  { engine, path, open }: World,
  names: readonly string[],
  more: TextOptions = {},
): Promise<void> {
  const stored: StoredOptions = await RocksDB.loadLatestOptions(path(), { engine });
  expect(Object.keys(stored.columnFamilies)).toEqual(names);
  const { default: byDefault, ...columnFamilies } = stored.columnFamilies;
  const loaded = { ...stored.db, ...byDefault, columnFamilies } as OpenOptions<'utf8', 'utf8'>;
  const db = await open({ ...loaded, errorIfExists: false, ...more });
  expect(db.columnFamilyNames).toEqual(names);
  db.close();
}

/** Hits and misses of the filters, of 10,000 keys that are not there. */
function missesOf(db: Text) {
  const { perf } = db.withPerfContext('enableCount', () => {
    for (let i = 0; i < 10_000; i++) expect(db.get(padded('no', i))).toBeUndefined();
  });
  return { hits: perf.bloomSstHitCount, misses: perf.bloomSstMissCount };
}

export const BEHAVIOUR: Phases = {
  async filter({ open, options, cache }) {
    // The hits are the fingerprints of RocksDB's filter formats (format_version 5).
    const policies = [
      [{ type: 'bloom', bitsPerKey: 8 }, 188],
      ['bloom:8', 188],
      [{ type: 'ribbon', bitsPerKey: 8, bloomBeforeLevel: -1 }, 226],
      [{ type: 'ribbon', bitsPerKey: 8, bloomBeforeLevel: 1 }, 188],
    ] as const;
    for (const [run, [filterPolicy, hits]] of policies.entries()) {
      const blockBasedTable = {
        ...options.blockBasedTable,
        blockCache: cache,
        filterPolicy,
        optimizeFiltersForMemory: false,
      };
      const db = await open({ ...options, ...CREATE, blockBasedTable }, `filter${run}`);
      db.put('foo', 'foovalue');
      db.put('bar', 'barvalue');
      for (let i = 0; i < 1500; i++) db.put(padded('yes', i), 'val');
      db.compactRange();
      expectValues(db, { foo: 'foovalue', bar: 'barvalue' });
      expect(missesOf(db), `run ${run}`).toEqual({ hits, misses: 10_000 - hits });
      db.close();
    }
  },

  async compaction_filter({ open }) {
    checkCompaction(await open({ ...CREATE, compactionFilter: FILTER }));
  },

  async compaction_filter_factory({ open }) {
    let filters = 0;
    const db = await open({
      ...CREATE,
      compactionFilterFactory: {
        name: 'foo',
        createFilter: ({ isManualCompaction }) => {
          expect(isManualCompaction).toBe(true);
          filters++;
          return FILTER;
        },
      },
    });
    checkCompaction(db);
    expect(filters).toBeGreaterThan(0);
  },

  async merge_operator({ open, options }) {
    const db = await open({ ...options, ...CREATE, mergeOperator: FAKE_MERGE });
    db.put('foo', 'foovalue');
    expectValues(db, { foo: 'foovalue' });
    db.merge('foo', 'barvalue');
    expectValues(db, { foo: 'fake' });
    db.merge('bar', 'barvalue');
    expectValues(db, { bar: 'fake' });
  },

  async columnfamilies(world) {
    const { engine, open, path } = world;
    (await open(CREATE)).close();
    await loadLatestOptions(world, ['default']);
    const plain = await open();
    plain.createColumnFamily('cf1', { mergeOperator: 'stringappend' });
    plain.close();
    expect(await RocksDB.listColumnFamilies(path(), { engine })).toEqual(['default', 'cf1']);
    await loadLatestOptions(world, ['default', 'cf1']);

    const cfPaths = [{ path: path('dbpath2'), targetSize: 1024 * 1024 }];
    const db = await open({ mergeOperator: 'stringappend', columnFamilies: { cf1: { cfPaths } } });
    const cf1 = { columnFamily: familyOf(db, 'cf1') };
    db.put('foo', 'hello', cf1);
    for (let i = 1; i <= 4; i++) db.put(`foobar${i}`, `hello${i}`, cf1);
    db.suggestCompactRange({ begin: 'foo', end: 'foobar9', ...cf1 });
    db.flush(cf1);
    const files = db.getColumnFamilyMetaData(cf1).levels.flatMap((level) => level.files);
    expect(files.map(({ directory }) => directory)).toEqual([path('dbpath2')]);

    writesInFamily(db);
    readsInFamily(db);
    db.compactRange(cf1);
    checkMetaData(db, 'cf1');
    db.dropColumnFamily(cf1.columnFamily);
    db.close();
    await loadLatestOptions(world, ['default']);
  },

  async prefix(world) {
    const { open, options } = world;
    // Ordered by RocksDB: functions of the program's order skip lists only.
    const byRocksDB = { ...options, ...PLAIN_TABLES, comparator: 'bytewise' } as const;
    const refused = await errorOf(() => open({ ...byRocksDB, ...CREATE, comparator: FOO }, 'foo'));
    expect(refused.message).toMatch(/skipList/);
    const db = await open({ ...byRocksDB, ...CREATE });
    for (let i = 1; i <= 3; i++) db.put(`foo${i}`, 'foo');
    for (let i = 1; i <= 3; i++) db.put(`bar${i}`, 'bar');
    const check = () =>
      using(db.iterator({ totalOrderSeek: false }), (iterator) => {
        iterator.seek('bar');
        for (let i = 1; i <= 3; i++) expectNext(iterator, `bar${i}`, 'bar');
      });
    check();
    using(db.iterator({ totalOrderSeek: true }), (iterator) => {
      iterator.seek('ba');
      expectNext(iterator, 'bar1', 'bar');
    });
    db.flush();
    check();
    db.close();
    const other = { ...byRocksDB, memtableFactory: 'skipList', comparator: FOO } as const;
    const error = await errorOf(() => loadLatestOptions(world, ['default'], other));
    expect(error.message).toMatch(/foo.* does not match existing comparator leveldb\.Bytewise/);
    await loadLatestOptions(world, ['default']);

    (await open({ ...options, ...CREATE }, 'foo')).close();
    const missing = await errorOf(() => open({ ...options, comparator: 'bytewise' }, 'foo'));
    expect(missing.message).toMatch(/was last opened with the comparator 'foo'/);
    await open(options, 'foo');
  },

  async approximate_memory_usage({ open, options, cache }) {
    const db = await open({ ...options, ...CREATE });
    const before = db.memoryUsageByType({ caches: [cache] });
    for (let i = 0; i < 100; i++) db.put(padded('memory', i), 'test'.repeat(20));
    expect(db.get(padded('memory', 0))).toBe('test'.repeat(20));
    const after = db.memoryUsageByType({ caches: [cache] });
    expect(after.memTableTotal).toBeGreaterThan(before.memTableTotal);
    expect(after.memTableUnFlushed).toBeGreaterThan(before.memTableUnFlushed);
    expect(after.cacheTotal).toBe(cache.usage);
  },

  async cuckoo_options({ open, options }) {
    const cuckooTable = {
      hashTableRatio: 0.5,
      maxSearchDepth: 200,
      cuckooBlockSize: 10,
      identityAsFirstHash: true,
      useModuleHash: false,
    };
    const cuckoo = { blockBasedTable: undefined, cuckooTable, allowMmapReads: true };
    const db = await open({ ...options, ...CREATE, comparator: 'bytewise', ...cuckoo });
    expect(db.getOptions()).toMatchObject({ cuckooTable });
    db.put('foo', 'hello');
    db.flush();
    expect(db.getLiveFilesMetaData()).toHaveLength(1);
    expect(db.get('foo')).toBe('hello');
  },
};

const PLAIN_TABLES = {
  blockBasedTable: undefined,
  allowMmapReads: true,
  prefixExtractor: 'fixed:3',
  memtableFactory: 'prefixHash:5000',
  plainTable: { userKeyLen: 4, bloomBitsPerKey: 10, hashTableRatio: 0.75, indexSparseness: 16 },
  allowConcurrentMemtableWrite: false,
} as const;

/** What the phase `columnfamilies` writes to cf1. */
function writesInFamily(db: Text): void {
  const cf1 = { columnFamily: familyOf(db, 'cf1') };
  const inFamily = (key: string) => {
    const pinned = db.getPinned(key, cf1);
    const copy = pinned && using(pinned, ({ view }) => text(view));
    expect(db.get(key, cf1), key).toBe(copy);
    return copy;
  };
  expect(inFamily('foo')).toBe('hello');
  db.delete('foo', cf1);
  db.deleteRange('foobar2', 'foobar4', cf1);
  expect(inFamily('foo')).toBeUndefined();
  expect(inFamily('foobar3')).toBeUndefined();

  using(db.batch(), (batch) => {
    batch.put('baz', 'a', cf1).clear();
    batch.put('bar', 'b', cf1).put('box', 'c', cf1).put('buff', 'rocksdb', cf1);
    db.write(batch.delete('bar', cf1));
    expect(['baz', 'bar', 'box', 'buff'].map(inFamily)).toEqual([
      undefined,
      undefined,
      'c',
      'rocksdb',
    ]);

    batch.clear();
    batch.put('bar', 'b', cf1).put('box', 'c', cf1).delete('bar', cf1).merge('box', 'cc', cf1);
    batch.put('foo', 'f').delete('foo').put('baz', 'a').merge('baz', 'aa');
    const of = (columnFamilyId: number, key: string) => ({ columnFamilyId, key: bytes(key) });
    expect(batch.operations()).toEqual([
      { type: 'put', ...of(1, 'bar'), value: bytes('b') },
      { type: 'put', ...of(1, 'box'), value: bytes('c') },
      { type: 'delete', ...of(1, 'bar') },
      { type: 'merge', ...of(1, 'box'), operand: bytes('cc') },
      { type: 'put', ...of(0, 'foo'), value: bytes('f') },
      { type: 'delete', ...of(0, 'foo') },
      { type: 'put', ...of(0, 'baz'), value: bytes('a') },
      { type: 'merge', ...of(0, 'baz'), operand: bytes('aa') },
    ]);
  });
  db.flushWAL(true);
}

/** What it reads there then. */
function readsInFamily(db: Text): void {
  const family = familyOf(db, 'cf1');
  const columnFamilies = [db.defaultColumnFamily, family, family];
  expect(db.getMany(['box', 'box', 'barfooxx'], { columnFamilies })).toEqual([
    undefined,
    'c',
    undefined,
  ]);
  expect(db.getMany(['box', 'buff', 'barfooxx', 'box'], { columnFamily: family })).toEqual([
    'c',
    'rocksdb',
    undefined,
    'c',
  ]);
  expect(db.keyMayExist('invalid_key')).toBe(false);
  expect(db.keyMayExistWithValue('invalid_key')).toEqual({ mayExist: false, value: undefined });
  expect(db.keyMayExist('invalid_key', { columnFamily: family })).toBe(false);

  const expected = ['box', 'buff', 'foobar1', 'foobar4'];
  using(db.iterator({ columnFamily: family, ...TEXT }), (iterator) => {
    expect([...iterator.keys()]).toEqual(expected);
  });
  const iterators = db.iterators([db.defaultColumnFamily, family] as const);
  const keys = iterators.map((each) => using(each, (iterator) => [...iterator.keys()]));
  expect(keys).toEqual([[], expected]);
}
