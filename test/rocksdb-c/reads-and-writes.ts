/** Batches, iterators, point reads, snapshots, repair. */
import { RocksDB } from 'rocksdb-wasm';
import { expect } from 'vitest';
import {
  bytes,
  expectNext,
  expectValues,
  type Phases,
  text,
  using,
  withBox,
  withHello,
} from './world.js';

const padded = (prefix: string, index: number) => `${prefix}${String(index).padStart(20, '0')}`;

export const READS_AND_WRITES: Phases = {
  async writebatch(world) {
    const db = await withHello(world);
    using(db.batch(), (batch) => {
      batch.put('foo', 'a').clear();
      batch.put('bar', 'b').put('box', 'c').delete('bar');
      db.write(batch);
      expectValues(db, { foo: 'hello', bar: undefined, box: 'c' });
      expect(batch.operations()).toEqual([
        { type: 'put', columnFamilyId: 0, key: bytes('bar'), value: bytes('b') },
        { type: 'put', columnFamilyId: 0, key: bytes('box'), value: bytes('c') },
        { type: 'delete', columnFamilyId: 0, key: bytes('bar') },
      ]);

      batch.clear().put('bar', 'b').put('bay', 'd').deleteRange('bar', 'bay');
      db.write(batch);
      expectValues(db, { bar: undefined, bay: 'd' });

      batch.clear().deleteRange('bay', 'baz');
      db.write(batch);
      expectValues(db, { bay: undefined });
    });
  },

  async writebatch_vectors(world) {
    const db = await withHello(world);
    // Keys and values in parts: joined by the program.
    const key = ['z', 'ap'].join('');
    using(db.batch(), (batch) => {
      db.write(batch.put(key, ['x', 'y', 'z'].join('')));
      expectValues(db, { zap: 'xyz' });
      db.write(batch.delete(key));
      expectValues(db, { zap: undefined });
    });
  },

  async writebatch_savepoint(world) {
    const db = await withHello(world);
    using(db.batch(), (batch) => {
      batch.setSavePoint().setSavePoint().popSavePoint();
      batch.put('zap', 'xyz').rollbackToSavePoint();
      expect(batch.count).toBe(0);
      db.write(batch);
      expectValues(db, { zap: undefined });
      expect(() => batch.rollbackToSavePoint()).toThrow();
    });
  },

  async writebatch_rep(world) {
    const db = await withHello(world);
    using(db.batch(), (batch) => {
      batch.put('baz', 'd').put('quux', 'e').delete('quux');
      using(db.batchFrom(batch.data), (copy) => {
        expect(copy.count).toBe(3);
        expect(copy.data).toEqual(batch.data);
        db.write(copy);
        expectValues(db, { baz: 'd', quux: undefined });
      });
    });
  },

  async iter(world) {
    const db = await withBox(world);
    using(db.iterator(), (iterator) => {
      expectNext(iterator, 'box', 'c');
      expectNext(iterator, 'foo', 'hello');
      expect(iterator.next()).toBeUndefined();
      iterator.seek('b');
      expectNext(iterator, 'box', 'c');
      iterator.seekForPrev('g');
      expectNext(iterator, 'foo', 'hello');
      iterator.seekForPrev('box');
      expectNext(iterator, 'box', 'c');
      iterator.seekToStart();
      expectNext(iterator, 'box', 'c');
    });
    // What seek_to_last and prev do there.
    using(db.iterator({ reverse: true }), (iterator) => {
      expectNext(iterator, 'foo', 'hello');
      expectNext(iterator, 'box', 'c');
      expect(iterator.next()).toBeUndefined();
    });
  },

  async multiget(world) {
    const db = await withBox(world);
    expect(db.getMany(['box', 'foo', 'notfound'])).toEqual(['c', 'hello', undefined]);
  },

  async pin_get(world) {
    const db = await withBox(world);
    for (const [key, value] of [
      ['box', 'c'],
      ['foo', 'hello'],
    ] as const) {
      const pinned = db.getPinned(key);
      if (pinned === undefined) throw new Error(`${key} is missing`);
      using(pinned, ({ view }) => expect(text(view)).toBe(value));
    }
    expect(db.getPinned('notfound')).toBeUndefined();
  },

  async approximate_sizes(world) {
    const db = await withBox(world);
    for (let i = 0; i < 20_000; i++) db.put(padded('k', i), padded('v', i), { sync: false });
    const middle = padded('k', 10_000);
    const sizes = db.approximateSizes([
      { begin: 'a', end: middle },
      { begin: middle, end: 'z' },
    ]);
    expect(sizes).toHaveLength(2);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
  },

  async property(world) {
    const db = await withBox(world);
    expect(db.getProperty('nosuchprop')).toBeUndefined();
    expect(db.getProperty('rocksdb.stats')).toMatch(/Compaction Stats/);
  },

  async snapshot(world) {
    const db = await withBox(world);
    using(db.snapshot(), (snapshot) => {
      db.delete('foo');
      expect(db.get('foo', { snapshot })).toBe('hello');
      expect(db.get('foo')).toBeUndefined();
    });
  },

  async snapshot_with_memtable_inplace_update(world) {
    const db = await withBox(world, {
      allowConcurrentMemtableWrite: false,
      inplaceUpdateSupport: true,
    });
    db.put('foo_snap', 'hello_s1');
    // RocksDB's C API gives out a snapshot that holds nothing, since values are overwritten where they are.
    expect(() => db.snapshot()).toThrow('cannot take snapshots');
    db.put('foo_snap', 'hello_s2');
    expectValues(db, { foo: 'hello', foo_snap: 'hello_s2' });
    db.delete('foo_snap');
    expectValues(db, { foo_snap: undefined });
  },

  async repair(world) {
    const { engine, fileSystem, options, path } = world;
    const db = await withBox(world);
    db.delete('foo');
    // Or the repair would find files that are not deleted yet, and take them back.
    db.compactRange();
    db.close();
    // Without it, nothing but a repair can tell which files there are.
    fileSystem.removeFile(`${path()}/CURRENT`);
    const repairing = { ...options, walRecoveryMode: 'pointInTimeRecovery' } as const;
    await RocksDB.repair(path(), { engine, ...repairing });
    const repaired = await world.open({ ...repairing, createIfMissing: false });
    expectValues(repaired, { foo: undefined, bar: undefined, box: 'c' });
  },
};
