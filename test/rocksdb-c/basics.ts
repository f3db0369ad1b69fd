/** From the first objects to an ingested file. */
import { BackupEngine, Cache, RateLimiter, SstFileWriter } from 'rocksdb-wasm';
import { expect } from 'vitest';
import { errorOf } from '../support/open.js';
import { expectValues, type Phases, TEXT, type Text, using, withHello } from './world.js';

const CREATE = { createIfMissing: true };

/** The identity of a database, which all have. */
function identityOf(db: Text): string {
  const identity = db.getDbIdentity();
  expect(identity).toHaveLength(36);
  return identity;
}

export const BASICS: Phases = {
  async create_objects({ engine, keep, open, options }) {
    const limit = { bytesPerSecond: 1000 * 1024 * 1024, refillPeriodMicros: 100_000 };
    keep(new RateLimiter(engine, limit));
    keep(new RateLimiter(engine, { ...limit, autoTuned: true }));
    keep(new Cache(engine, { capacity: 100_000 }));
    const db = await open({ ...options, ...CREATE, errorIfExists: true });
    expect(db.getOptions()).toMatchObject({
      writeBufferSize: 100_000,
      compression: 'none',
      compressionOpts: { windowBits: -14, level: -1, strategy: 0, maxDictBytes: 0 },
      compressionPerLevel: ['none', 'none', 'none', 'none'],
      blockBasedTable: {
        dataBlockIndexType: 'binaryAndHash',
        dataBlockHashTableUtilRatio: 0.75,
        metadataCacheOptions: {
          topLevelIndexPinning: 'none',
          partitionPinning: 'flushedAndSimilar',
          unpartitionedPinning: 'all',
        },
      },
    });
    expect(db.getDBOptions()).toMatchObject({
      errorIfExists: true,
      paranoidChecks: true,
      writeDbidToManifest: false,
    });
  },

  async destroy(world) {
    const db = await withHello(world);
    db.close();
    await world.destroy('db', world.options);
    expect(world.exists(world.path())).toBe(false);
  },

  async open_error({ open, options }) {
    const error = await errorOf(() => open(options));
    expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
  },

  async open({ open, options }) {
    const db = await open({ ...options, ...CREATE });
    expect(db.get('foo')).toBeUndefined();
  },

  async put({ open, options }) {
    const db = await open({ ...options, ...CREATE });
    db.put('foo', 'hello', { sync: true });
    expect(db.get('foo', { verifyChecksums: true, fillCache: true })).toBe('hello');
  },

  async backup_and_restore(world) {
    const { engine, open, options, path } = world;
    const db = await withHello(world);
    const backups = world.keep(await BackupEngine.open(path('backup'), { engine }));
    backups.createNewBackup(db);
    // Only a change makes the next backup another one.
    db.delete('does-not-exist');
    backups.createNewBackup(db);
    expect(backups.getBackupInfo().map(({ backupId }) => backupId)).toEqual([1, 2]);
    backups.purgeOldBackups(1);
    expect(backups.getBackupInfo().map(({ backupId }) => backupId)).toEqual([2]);
    db.delete('foo');
    const before = identityOf(db);
    db.close();
    await world.destroy('db', options);

    backups.restoreDBFromLatestBackup(path(), { keepLogFiles: false });
    const restored = await open({ ...options, errorIfExists: false });
    expect(restored.get('foo')).toBe('hello');
    expect(identityOf(restored)).not.toBe(before);
  },

  async checkpoint(world) {
    const { open, options, path } = world;
    const db = await withHello(world);
    db.checkpoint(path('checkpoint'));
    const before = identityOf(db);
    db.close();
    const copy = await open(options, 'checkpoint');
    expect(copy.get('foo')).toBe('hello');
    expect(identityOf(copy)).not.toBe(before);
    copy.close();
    await world.destroy('checkpoint', options);
    expect((await open(options)).get('foo')).toBe('hello');
  },

  async checkpoint_db_id_in_manifest({ open, path }) {
    const none = await open({ ...CREATE, writeDbidToManifest: false }, 'none');
    expect(none.getDBOptions()).toMatchObject({
      writeDbidToManifest: false,
      writeIdentityFile: true,
    });
    const inManifest = { writeDbidToManifest: true, writeIdentityFile: false };
    const db = await open({ ...CREATE, ...inManifest });
    expect(db.getDBOptions()).toMatchObject(inManifest);
    db.checkpoint(path('checkpoint'));
    const before = identityOf(db);
    db.close();
    const copy = await open(inManifest, 'checkpoint');
    expect(identityOf(copy)).toBe(before);
  },

  async compactall(world) {
    const db = await withHello(world);
    db.compactRange();
    expect(db.getColumnFamilyMetaData().fileCount).toBe(1);
    expect(db.get('foo')).toBe('hello');
  },

  async compactrange(world) {
    const db = await withHello(world);
    db.put('zz', 'outside');
    db.compactRange({ begin: 'a', end: 'z' });
    expect(db.getColumnFamilyMetaData().fileCount).toBe(1);
    expectValues(db, { foo: 'hello', zz: 'outside' });
  },

  async compactallopt(world) {
    const db = await withHello(world);
    db.compactRange({ exclusiveManualCompaction: true });
    expect(db.getColumnFamilyMetaData().fileCount).toBe(1);
    expect(db.get('foo')).toBe('hello');
  },

  async compactrangeopt(world) {
    const db = await withHello(world);
    db.compactRange({ exclusiveManualCompaction: true, begin: 'a', end: 'z' });
    expect(db.getColumnFamilyMetaData().fileCount).toBe(1);
    expect(db.get('foo')).toBe('hello');
  },

  async cache_usage(world) {
    const db = await withHello(world);
    db.compactRange();
    using(db.iterator({ pinData: true }), (iterator) => {
      iterator.seek('foo');
      expect(iterator.next()).toEqual(['foo', 'hello']);
      expect(world.cache.usage).toBeGreaterThan(0);
      expect(world.cache.pinnedUsage).toBeGreaterThan(0);
      expect(iterator.next()).toBeUndefined();
    });
  },

  async addfile(world) {
    const { engine, exists, path, fileSystem } = world;
    const db = await withHello(world);
    const file = path('file.sst');
    const write = (work: (writer: SstFileWriter<'utf8', 'utf8'>) => void) => {
      if (exists(file)) fileSystem.removeFile(file);
      using(new SstFileWriter(engine, { ...TEXT, columnFamily: db.defaultColumnFamily }), (one) => {
        one.open(file);
        work(one);
        one.finish();
      });
    };
    write((writer) => {
      writer.put('sstk1', 'v1');
      writer.put('sstk2', 'v2');
      writer.put('sstk3', 'v3');
    });
    db.ingestExternalFile([file]);
    expectValues(db, { sstk1: 'v1', sstk2: 'v2', sstk3: 'v3' });

    write((writer) => {
      writer.put('sstk2', 'v4');
      writer.put('sstk22', 'v5');
      writer.put('sstk3', 'v6');
    });
    db.ingestExternalFile([file]);
    expectValues(db, { sstk1: 'v1', sstk2: 'v4', sstk22: 'v5', sstk3: 'v6' });

    write((writer) => {
      for (let i = 1; i <= 4; i++) writer.put(`abc${i}`, `v${6 + i}`);
      writer.deleteRange('abc1', 'abc4');
    });
    db.put('abc2', 'older');
    db.ingestExternalFile([file]);
    // Its range deletion is for what is older than the file, not for the file's own keys.
    expectValues(db, { abc1: 'v7', abc2: 'v8', abc4: 'v10' });

    for (const key of ['sstk1', 'sstk2', 'sstk22', 'sstk3']) db.delete(key);
    expectValues(db, { sstk1: undefined, sstk22: undefined, foo: 'hello' });
  },
};
