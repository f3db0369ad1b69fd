/** Databases that are opened in other ways than plainly; OPTIONS files; several folders. */
import {
  DBWithTTL,
  type FileSystem,
  InvalidArgumentError,
  InvalidOptionError,
  ManualClock,
  MemoryFileSystem,
  NodeFileSystem,
  NotSupportedError,
  type OpenOptions,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TEXT } from './core/host.js';
import { errorOf, tempFolder, wasmModule } from './support/open.js';

interface Place {
  readonly fileSystem: FileSystem;
  readonly folder: string;
}

const PLACES: readonly [string, () => Place][] = [
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '/databases' })],
];

/** Closes it after the test; nothing may be left unreleased. */
function kept<D extends RocksDB<'utf8', 'utf8'>>(db: D): D {
  onTestFinished(() => {
    expect(db.close()).toEqual([]);
  });
  return db;
}

describe.each(PLACES)('%s', (_, makePlace) => {
  const start = async () => {
    const { fileSystem, folder } = makePlace();
    const base = { fileSystem, wasm: await wasmModule(), ...TEXT };
    const open = async (name: string, options: OpenOptions<'utf8', 'utf8'> = {}) =>
      kept(await RocksDB.open(`${folder}/${name}`, { ...base, createIfMissing: true, ...options }));
    const names = (name: string) =>
      fileSystem.readDirectory(`${folder}/${name}`).map((entry) => entry.name);
    return { folder, fileSystem, base, open, names };
  };

  describe('a database with timestamps', () => {
    it('is opened as it was at a time, and what came after is dropped', async () => {
      const { folder, base, open } = await start();
      const comparator = 'leveldb.BytewiseComparator.u64ts';
      const db = await open('db', { comparator });
      for (const time of [10n, 20n, 30n]) db.put('a', `at ${time}`, { timestamp: time });
      db.put('b', 'late', { timestamp: 30n });
      db.close();
      const until = new Uint8Array(8);
      new DataView(until.buffer).setBigUint64(0, 20n, true);
      const path = `${folder}/db`;
      const trimmed = kept(await RocksDB.openAndTrimHistory(path, until, { ...base, comparator }));
      expect(trimmed.get('a', { timestamp: 40n })).toBe('at 20');
      expect(trimmed.get('a', { timestamp: 10n })).toBe('at 10');
      expect(trimmed.get('b', { timestamp: 40n })).toBeUndefined();
      trimmed.close();
      // For good.
      const again = kept(await RocksDB.open(path, { ...base, comparator }));
      expect(again.get('a', { timestamp: 40n })).toBe('at 20');
    });
  });

  describe('a secondary', () => {
    it('reads while the primary writes, and takes its writes up when told to', async () => {
      const { folder, base, open, names } = await start();
      const primary = await open('db', {
        columnFamilies: { users: {} },
        createMissingColumnFamilies: true,
      });
      const users = primary.columnFamily('users');
      primary.put('a', '1');
      const path = `${folder}/db`;
      const secondary = kept(await RocksDB.openAsSecondary(path, `${folder}/second`, base));
      expect(secondary.columnFamilyNames).toEqual(['default', 'users']);
      expect(secondary.get('a')).toBe('1');
      primary.put('a', '2');
      primary.put('u', 'user', { columnFamily: users });
      primary.flush();
      primary.put('b', 'in the log');
      expect(secondary.getMany(['a', 'b'])).toEqual(['1', undefined]);
      secondary.tryCatchUpWithPrimary();
      expect(secondary.getMany(['a', 'b'])).toEqual(['2', 'in the log']);
      expect(secondary.get('u', { columnFamily: secondary.columnFamily('users') })).toBe('user');
      const it = secondary.iterator();
      expect([...it]).toEqual([
        ['a', '2'],
        ['b', 'in the log'],
      ]);
      it.free();
      primary.compactRange();
      secondary.tryCatchUpWithPrimary();
      expect(secondary.get('a')).toBe('2');
      expect(names('second')).toContain('LOG');
    });

    it('can neither be written nor made', async () => {
      const { folder, base, open } = await start();
      const missing = await errorOf(() =>
        RocksDB.openAsSecondary(`${folder}/none`, `${folder}/second`, {
          ...base,
          createIfMissing: true,
        }),
      );
      expect(missing.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
      await open('db');
      const secondary = kept(
        await RocksDB.openAsSecondary(`${folder}/db`, `${folder}/second`, base),
      );
      expect(secondary.readOnly).toBe(true);
      const error = await errorOf(() => secondary.put('a', '1'));
      expect(error).toBeInstanceOf(NotSupportedError);
      expect(error.message).toContain('for reading only');
    });

    it('is what tryCatchUpWithPrimary is for', async () => {
      const { open } = await start();
      const db = await open('db');
      expect(await errorOf(() => db.tryCatchUpWithPrimary())).toBeInstanceOf(NotSupportedError);
    });
  });

  describe('a follower', () => {
    it('has links to the files of its leader, and takes up new ones', async () => {
      const { folder, base, open, names } = await start();
      const leader = await open('leader');
      leader.put('a', '1');
      leader.flush();
      const clock = new ManualClock();
      const follower = kept(
        await RocksDB.openAsFollower(`${folder}/follower`, `${folder}/leader`, {
          ...base,
          clock,
          createIfMissing: true, // its own folder
          followerRefreshCatchupPeriodMs: 1000n,
        }),
      );
      expect(follower.get('a')).toBe('1');
      leader.put('a', '2');
      leader.flush();
      leader.compactRange();
      expect(follower.get('a')).toBe('1');
      clock.advance(1_500_000_000n);
      follower.engine.pump();
      expect(follower.get('a')).toBe('2');
      const linked = names('follower').filter((name) => name.endsWith('.sst'));
      expect(names('leader')).toEqual(expect.arrayContaining(linked));
      leader.compactRange({ bottommostLevelCompaction: 'force' });
      // What the leader has deleted, the follower still has.
      expect(linked.filter((name) => names('leader').includes(name))).toEqual([]);
      expect(names('follower')).toEqual(expect.arrayContaining(linked));
      expect(follower.get('a', { fillCache: false })).toBe('2');
      for (const value of ['3', '4', '5']) {
        leader.put('a', value);
        leader.flush();
        clock.advance(400_000_000n);
        follower.engine.pump();
        clock.advance(700_000_000n); // a period in all, each time
        follower.engine.pump();
        expect(follower.get('a')).toBe(value);
      }
      leader.put('a', '6');
      leader.flush();
      follower.tryCatchUpWithPrimary();
      expect(follower.get('a')).toBe('6');
      expect(await errorOf(() => follower.put('b', '1'))).toBeInstanceOf(NotSupportedError);
    });
  });

  describe('a time to live', () => {
    it('ends in a compaction, for each column family by its own', async () => {
      const { folder, base, fileSystem } = await start();
      const clock = new ManualClock();
      const options = { ...base, clock, createIfMissing: true, createMissingColumnFamilies: true };
      const open = (timeToLive: number) =>
        DBWithTTL.open(`${folder}/ttl`, {
          ...options,
          timeToLive,
          columnFamilies: { long: { timeToLive: 1000, ...TEXT }, ever: TEXT },
        });
      const db = kept(await open(10));
      const families = ['default', 'long', 'ever'].map((name) => db.columnFamily(name));
      for (const columnFamily of families) db.put('k', 'v', { columnFamily });
      const made = db.createColumnFamily('made', { timeToLive: 10 });
      db.put('k', 'v', { columnFamily: made });
      const present = () =>
        [...families, made].map((columnFamily) => db.get('k', { columnFamily }));
      const compact = () => {
        for (const columnFamily of [...families, made]) {
          db.compactRange({ columnFamily, bottommostLevelCompaction: 'force' });
        }
      };
      compact();
      expect(present()).toEqual(['v', 'v', 'v', 'v']);
      clock.advance(20_000_000_000n);
      expect(present()).toEqual(['v', 'v', 'v', 'v']); // until a compaction
      compact();
      expect(present()).toEqual([undefined, 'v', 'v', undefined]);
      const it = db.iterator({ columnFamily: families[1] as never });
      expect([...it]).toEqual([['k', 'v']]);
      db.put('l', 'w', { columnFamily: families[1] as never });
      it.refresh();
      expect([...it]).toEqual([
        ['k', 'v'],
        ['l', 'w'],
      ]);
      const pins = db.heap.pins(it);
      expect(pins?.sstFiles.shared.length).toBe(1);
      expect(pins?.memtables.shared.length).toBe(1);
      it.free();
      db.setTtl(5, { columnFamily: families[1] as never });
      clock.advance(6_000_000_000n);
      compact();
      expect(present()).toEqual([undefined, undefined, 'v', undefined]);
      expect(fileSystem.stat(`${folder}/ttl/CURRENT`).type).toBe('file');
    });

    it('holds over several opens, with a merge operator that sees values without it', async () => {
      const { folder, base } = await start();
      const options = { ...base, createIfMissing: true, mergeOperator: 'stringappend' } as const;
      for (let round = 0; round < 4; round++) {
        // From the second open on, the stored options are what RocksDB made of these.
        const db = await DBWithTTL.open(`${folder}/ttl`, round === 0 ? options : base);
        db.merge('k', String(round));
        const batch = db.batch().put(`b${round}`, 'x');
        db.write(batch);
        batch.free();
        db.flush();
        db.compactRange({ bottommostLevelCompaction: 'force' });
        expect(db.get('k')).toBe(['0', '0,1', '0,1,2', '0,1,2,3'][round]);
        expect(db.getMany(['b0', 'k'])[0]).toBe('x');
        expect(db.close()).toEqual([]);
      }
    });

    it('is not lost to, nor put upon, a database that is opened otherwise', async () => {
      const { folder, base, open } = await start();
      const db = await DBWithTTL.open(`${folder}/ttl`, { ...base, createIfMissing: true });
      db.put('k', 'v');
      db.close();
      const plain = await errorOf(() => RocksDB.open(`${folder}/ttl`, base));
      expect(plain).toBeInstanceOf(InvalidArgumentError);
      expect(plain.message).toContain('DBWithTTL.open');
      const readOnly = kept(await DBWithTTL.open(`${folder}/ttl`, { ...base, readOnly: true }));
      expect(readOnly.get('k')).toBe('v');
      expect(await errorOf(() => readOnly.put('k', 'w'))).toBeInstanceOf(NotSupportedError);
      (await open('plain')).close();
      const other = await errorOf(() => DBWithTTL.open(`${folder}/plain`, base));
      expect(other).toBeInstanceOf(InvalidArgumentError);
      expect(other.message).toContain('RocksDB.open');
      for (const options of [
        { timeToLive: 5 },
        { columnFamilies: { a: { timeToLive: 5 } }, createMissingColumnFamilies: true },
      ]) {
        const error = await errorOf(() => RocksDB.open(`${folder}/plain`, { ...base, ...options }));
        expect(error).toBeInstanceOf(InvalidOptionError);
      }
      for (const timeToLive of [0, -1, 1.5, 2 ** 31, '5' as never]) {
        const error = await errorOf(() => DBWithTTL.open(`${folder}/ttl`, { ...base, timeToLive }));
        expect(error).toBeInstanceOf(InvalidOptionError);
      }
    });
  });

  it('a time to live is not for column families that are not named', async () => {
    const { folder, base } = await start();
    const clock = new ManualClock();
    const open = async () =>
      kept(
        await DBWithTTL.open(`${folder}/ttl`, {
          ...base,
          clock,
          createIfMissing: true,
          timeToLive: 10,
        }),
      );
    const first = await open();
    first.createColumnFamily('ever');
    first.close();
    const db = await open();
    const columnFamily = db.columnFamily('ever');
    db.put('k', 'v');
    db.put('k', 'v', { columnFamily });
    clock.advance(20_000_000_000n);
    const bottommostLevelCompaction = 'force';
    db.compactRange({ bottommostLevelCompaction });
    db.compactRange({ columnFamily, bottommostLevelCompaction });
    expect([db.get('k'), db.get('k', { columnFamily })]).toEqual([undefined, 'v']);
  });

  describe('reading only', () => {
    it('refuses a log that holds more than the files, when told to', async () => {
      const { folder, base, open } = await start();
      const db = await open('db');
      db.put('a', '1');
      db.close();
      const options = { ...base, readOnly: true };
      const strict = { ...options, errorIfWalFileExists: true };
      expect((await errorOf(() => RocksDB.open(`${folder}/db`, strict))).code).toBe(
        'ERR_ROCKSDB_CORRUPTION',
      );
      expect(kept(await RocksDB.open(`${folder}/db`, options)).get('a')).toBe('1');
    });
  });

  describe('OPTIONS files', () => {
    it('are read as options, of a database open or not', async () => {
      const { folder, base, open } = await start();
      const db = await open('db', {
        maxOpenFiles: 77,
        writeBufferSize: 1048576,
        createMissingColumnFamilies: true,
        columnFamilies: {
          users: { ...TEXT, compression: 'lz4', blockBasedTable: { blockSize: 8192 } },
        },
      });
      const stored = await RocksDB.loadLatestOptions(db.path, base);
      expect(stored.file).toMatch(new RegExp(`^${db.path}/OPTIONS-\\d+$`));
      expect(stored.db.maxOpenFiles).toBe(77);
      expect(Object.keys(stored.columnFamilies)).toEqual(['default', 'users']);
      expect(stored.columnFamilies.default?.writeBufferSize).toBe(1048576);
      expect(stored.columnFamilies.users).toMatchObject({
        compression: 'lz4',
        blockBasedTable: { blockSize: 8192 },
      });
      db.saveOptions(`${folder}/copy.ini`);
      const copy = await RocksDB.loadOptionsFromFile(`${folder}/copy.ini`, base);
      expect(copy).toEqual({ ...stored, file: `${folder}/copy.ini` });
      const again = kept(
        await RocksDB.open(`${folder}/again`, {
          ...base,
          ...stored.columnFamilies.default,
          ...stored.db,
          createIfMissing: true,
        }),
      );
      expect(again.getOptions().writeBufferSize).toBe(1048576);
      expect(again.getDBOptions().maxOpenFiles).toBe(77);
      const none = await errorOf(() => RocksDB.loadLatestOptions(`${folder}/none`, base));
      expect(none.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
      expect(none.message).toContain(`${folder}/none`);
    });

    it('say whether options fit', async () => {
      const { open, base } = await start();
      const db = await open('db', { comparator: 'reverseBytewise' });
      db.close();
      await RocksDB.checkOptionsCompatibility(db.path, { ...base, comparator: 'reverseBytewise' });
      const error = await errorOf(() => RocksDB.checkOptionsCompatibility(db.path, base));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toMatch(/comparator/i);
    });
  });

  describe('several folders', () => {
    it('take table files by size and column family, and go with the database', async () => {
      const { folder, base, open, names, fileSystem } = await start();
      const dbPaths = [
        { path: `${folder}/fast`, targetSize: 20_000 },
        { path: `${folder}/large`, targetSize: 1e12 },
      ];
      const columnFamilies = {
        own: { ...TEXT, cfPaths: [{ path: `${folder}/own`, targetSize: 1e12 }] },
      };
      const options = {
        dbPaths,
        columnFamilies,
        walDir: `${folder}/wal`,
        dbLogDir: `${folder}/logs`,
        createMissingColumnFamilies: true,
        writeBufferSize: 65536,
        compression: 'none',
        level0FileNumCompactionTrigger: 2,
        maxBytesForLevelBase: 65536n,
        targetFileSizeBase: 32768n,
      } as const;
      const db = await open('db', options);
      const own = db.columnFamily('own');
      for (let i = 0; i < 3000; i++) db.put(`k${i}`, 'v'.repeat(100));
      for (let i = 0; i < 100; i++) db.put(`k${i}`, 'own', { columnFamily: own as never });
      db.flush();
      const tables = (name: string) => names(name).filter((file) => file.endsWith('.sst')).length;
      expect(tables('large')).toBeGreaterThan(0);
      expect(tables('own')).toBeGreaterThan(0);
      expect(tables('db')).toBe(0);
      expect(names('wal').some((file) => file.endsWith('.log'))).toBe(true);
      expect(names('logs').length).toBeGreaterThan(0);
      db.close();
      const again = await open('db', options);
      expect(again.get('k2999')).toBe('v'.repeat(100));
      expect(again.get('k7', { columnFamily: again.columnFamily('own') as never })).toBe('own');
      again.close();
      await RocksDB.destroy(again.path, { ...base, ...options });
      for (const name of ['db', 'fast', 'large', 'own', 'wal']) {
        expect(() => fileSystem.stat(`${folder}/${name}`)).toThrow(/ENOENT/);
      }
    });

    it('are refused when they are not folders with sizes', async () => {
      const { folder, base } = await start();
      for (const dbPaths of [
        {},
        [{}],
        [{ path: '/a' }],
        [{ path: '/a', targetSize: -1 }],
        [1, 2, 3, 4, 5].map(() => ({ path: '/a', targetSize: 1 })),
      ]) {
        const error = await errorOf(() =>
          RocksDB.open(`${folder}/db`, {
            ...base,
            createIfMissing: true,
            dbPaths: dbPaths as never,
          }),
        );
        expect(error.code).toMatch(/INVALID/);
      }
    });
  });

  describe('a database as a whole', () => {
    it('has an identity, and another for each opening', async () => {
      const { open } = await start();
      const first = await open('db');
      const identity = first.getDbIdentity();
      const session = first.getDbSessionId();
      expect(identity).toMatch(/^[0-9a-f-]{36}$/);
      first.close();
      const second = await open('db');
      expect(second.getDbIdentity()).toBe(identity);
      expect(second.getDbSessionId()).not.toBe(session);
    });

    it('waits for its background work', async () => {
      const { open } = await start();
      const db = await open('db', { background: 'manual', level0FileNumCompactionTrigger: 2 });
      const filesAt = (level: number) => db.getProperty(`rocksdb.num-files-at-level${level}`);
      for (let i = 0; i < 3; i++) {
        db.put('k', `v${i}`);
        db.flush();
      }
      db.put('k', 'last');
      expect(filesAt(0)).not.toBe('0');
      db.waitForCompact({ flush: true, waitForPurge: true });
      expect(filesAt(0)).toBe('0');
      expect(db.get('k')).toBe('last');
      expect(db.getIntProperty('rocksdb.cur-size-active-mem-table')).toBeLessThan(4096n);
      expect((await errorOf(() => db.waitForCompact({ timeout: -1 }))).code).toMatch(/INVALID/);
    });

    it('makes and drops several column families at once, or none', async () => {
      const { open } = await start();
      const db = await open('db');
      const [a, b] = db.createColumnFamilies({ a: TEXT, b: { compression: 'lz4' } });
      expect([a?.name, b?.name]).toEqual(['a', 'b']);
      const error = await errorOf(() => db.createColumnFamilies({ c: {}, a: {} }));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(db.columnFamilyNames).toEqual(['default', 'a', 'b']);
      db.dropColumnFamilies([a, b] as never);
      expect(db.columnFamilyNames).toEqual(['default']);
    });

    it('migrates to options that cannot be changed otherwise', async () => {
      const { folder, base, open } = await start();
      const from = { numLevels: 7, compactionStyle: 'level' } as const;
      const to = { numLevels: 1, compactionStyle: 'universal' } as const;
      const db = await open('db', from);
      for (let i = 0; i < 500; i++) db.put(`k${i}`, `v${i}`);
      db.compactRange({ bottommostLevelCompaction: 'force' });
      db.close();
      const path = `${folder}/db`;
      expect((await errorOf(() => RocksDB.open(path, { ...base, ...to }))).code).toMatch(/ERR_/);
      await RocksDB.optionChangeMigration(path, { ...base, ...from }, { ...base, ...to });
      const migrated = kept(await RocksDB.open(path, { ...base, ...to }));
      expect(migrated.get('k499')).toBe('v499');
      expect(migrated.getOptions().compactionStyle).toBe('universal');
    });

    it('traces what is asked of it, and does it again', async () => {
      const { folder, open, fileSystem } = await start();
      const db = await open('db');
      const size = (name: string) => fileSystem.stat(`${folder}/${name}`).size;
      fileSystem.createDirectory(`${folder}/traces`);
      db.startTrace(`${folder}/traces/queries`);
      db.startIOTrace(`${folder}/traces/io`);
      db.startBlockCacheTrace(`${folder}/traces/blocks`);
      for (let i = 0; i < 10; i++) db.put(`k${i}`, `v${i}`);
      db.flush();
      db.get('k1');
      db.endTrace();
      db.endIOTrace();
      db.endBlockCacheTrace();
      for (const name of ['queries', 'io', 'blocks']) {
        expect(size(`traces/${name}`), name).toBeGreaterThan(100);
      }
      const other = await open('other');
      const replayed = other.replayTrace(`${folder}/traces/queries`);
      expect(replayed).toEqual({ operations: 11, failed: 0 });
      expect(other.get('k7')).toBe('v7');
      db.startTrace(`${folder}/traces/gets`, { filter: ['writes'] });
      db.put('z', 'not recorded');
      db.endTrace();
      expect(other.replayTrace(`${folder}/traces/gets`)).toEqual({ operations: 0, failed: 0 });
      expect((await errorOf(() => db.endTrace())).code).toMatch(/INVALID/);
      expect((await errorOf(() => db.startTrace(`${folder}/none/t`))).code).toBe(
        'ERR_ROCKSDB_PATH_NOT_FOUND',
      );
      for (const options of [{ samplingFrequency: 0 }, { filter: ['puts'] }]) {
        const wrong = () => db.startTrace(`${folder}/traces/x`, options as never);
        expect((await errorOf(wrong)).code).toMatch(/INVALID/);
      }
    });
  });
});
