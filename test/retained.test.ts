import { MemoryFileSystem } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from './support/open.js';
import { open } from './support/pins.js';
import { compactAll, dropsExactly, inFiles, retained } from './support/retained.js';

describe('what a snapshot retains', () => {
  it('is what one full compaction drops after its release', async () => {
    const db = await open();
    for (let i = 0; i < 100; i++) db.put(`key${i}`, 'old');
    const snapshot = db.snapshot();
    for (let i = 0; i < 40; i++) db.put(`key${i}`, 'new');
    for (let i = 40; i < 50; i++) db.delete(`key${i}`);
    const counted = dropsExactly(db, snapshot);
    // 50 old values, and the 10 deletions that hide some of them.
    expect(counted.versions).toBe(60);
  });

  it('counts range deletions, single deletions, merges, and all column families', async () => {
    const db = await open({ mergeOperator: 'stringappend' });
    const columnFamily = db.createColumnFamily('family', { disableAutoCompactions: true });
    for (let i = 0; i < 30; i++) {
      db.put(`key${i}`, 'old');
      db.put(`key${i}`, 'old', { columnFamily });
      db.merge(`merged${i}`, 'one');
    }
    const snapshot = db.snapshot();
    db.deleteRange('key0', 'key2');
    for (let i = 20; i < 25; i++) db.singleDelete(`key${i}`);
    for (let i = 0; i < 30; i++) db.merge(`merged${i}`, 'two');
    for (let i = 0; i < 7; i++) db.put(`key${i}`, 'new', { columnFamily });
    const counted = dropsExactly(db, snapshot);
    // Keys from key0 up to key2; 5 with their deletions; one of two operands; 7 in the other family.
    expect([counted.versions, counted.tombstones]).toEqual([12 + 10 + 30 + 7, 1]);
    expect([db.get('key0'), db.get('key25'), db.get('merged7')]).toEqual([
      undefined,
      'old',
      'one,two',
    ]);
  });

  it('is the same before it is flushed, in files, and compacted', async () => {
    const db = await open();
    for (let i = 0; i < 50; i++) db.put(`key${i}`, 'old');
    const snapshot = db.snapshot();
    for (let i = 0; i < 50; i++) db.put(`key${i}`, 'new');
    const inMemtable = retained(db, snapshot);
    expect(inMemtable.versions).toBe(50);
    db.flush();
    expect(retained(db, snapshot)).toEqual(inMemtable);
    compactAll(db);
    expect(retained(db, snapshot)).toEqual(inMemtable);
    expect(dropsExactly(db, snapshot)).toEqual(inMemtable);
  });

  it('includes what versions refer to in blob files', async () => {
    const db = await open({ enableBlobFiles: true, minBlobSize: 100 });
    for (let i = 0; i < 10; i++) db.put(`key${i}`, 'o'.repeat(1000));
    db.flush();
    const snapshot = db.snapshot();
    for (let i = 0; i < 10; i++) db.put(`key${i}`, 'n'.repeat(1000));
    const counted = dropsExactly(db, snapshot);
    expect([counted.versions, counted.blobBytes >= 10_000]).toEqual([10, true]);
  });

  it('is nothing right after it was made, and nothing of what an older or newer one sees, too', async () => {
    const db = await open();
    db.put('k', 'one');
    const first = db.snapshot();
    expect(retained(db, first).versions).toBe(0);
    db.put('other', 'x');
    const second = db.snapshot();
    db.put('k', 'two');
    // Both see 'one'.
    expect([retained(db, first).versions, retained(db, second).versions]).toEqual([0, 0]);
    first.free();
    expect(dropsExactly(db, second).versions).toBe(1);
  });

  it('is nothing while another one has the same sequence number, which is said', async () => {
    const db = await open();
    db.put('k', 'old');
    const [one, two] = [db.snapshot(), db.snapshot()];
    db.put('k', 'new');
    for (const snapshot of [one, two]) {
      const { versions, bytes, sameSnapshots } = retained(db, snapshot);
      expect([versions, bytes, sameSnapshots]).toEqual([0, 0, 1]);
      expect(db.heap.why(snapshot)).toContain(
        'alone keeps nothing: 1 other snapshot at the same sequence number',
      );
    }
    one.free();
    expect(dropsExactly(db, two).versions).toBe(1);
  });

  it('leaves out column families that are dropped', async () => {
    const db = await open();
    const columnFamily = db.createColumnFamily('family');
    db.put('k', 'old', { columnFamily });
    using snapshot = db.snapshot();
    db.put('k', 'new', { columnFamily });
    expect(retained(db, snapshot).versions).toBe(1);
    db.dropColumnFamily(columnFamily);
    expect(retained(db, snapshot).versions).toBe(0);
  });

  it('is what flushes drop in a family whose files are never rewritten', async () => {
    const db = await open({ compactionStyle: 'kCompactionStyleFIFO', maxOpenFiles: -1 });
    db.put('k', 'flushed');
    db.flush();
    db.put('k', 'old');
    const snapshot = db.snapshot();
    db.put('k', 'new');
    expect(retained(db, snapshot).versions).toBe(1);
    snapshot.free();
    db.flush();
    expect(inFiles(db).versions).toBe(2);
  });

  it('is counted without a change to the database', async () => {
    const fileSystem = new MemoryFileSystem();
    const db = await open({ fileSystem, mergeOperator: 'stringappend' });
    for (let i = 0; i < 500; i++) db.put(`key${i}`, 'old');
    db.flush();
    using snapshot = db.snapshot();
    for (let i = 0; i < 500; i++) db.merge(`key${i}`, 'new');
    const seen = () => ({
      files: fileSystem
        .readDirectory(db.path)
        .map(({ name }) => [name, fileSystem.stat(`${db.path}/${name}`).size]),
      levels: db.getProperty('rocksdb.levelstats'),
      memtables: db.getIntProperty('rocksdb.size-all-mem-tables'),
      sequence: db.latestSequenceNumber,
      cached: db.getIntProperty('rocksdb.block-cache-usage'),
    });
    retained(db, snapshot); // tables are open from now on
    const before = seen();
    const heap = db.engine.heap.inUseBytes;
    expect(retained(db, snapshot).versions).toBe(500);
    expect(seen()).toEqual(before);
    expect(db.engine.heap.inUseBytes).toBe(heap);
  });

  it('cannot be counted when compaction would fail, and then nothing is left behind', async () => {
    const db = await open();
    db.put('k', 'v');
    db.delete('k');
    using snapshot = db.snapshot();
    db.singleDelete('k'); // after a delete: against the contract
    db.delete('k');
    db.singleDelete('k');
    const run = () => retained(db, snapshot);
    expect((await errorOf(run)).code).toBe('ERR_ROCKSDB_CORRUPTION');
    const heap = db.engine.heap.inUseBytes;
    expect((await errorOf(run)).message).toContain('SingleDelete');
    expect(db.engine.heap.inUseBytes).toBe(heap);
    expect(retained(db, snapshot, false).estimated).toBe(true);
  });

  it('is estimated unless it is to be counted: never less than it is, without range deletions', async () => {
    const db = await open();
    for (let i = 0; i < 100; i++) db.put(`key${i}`, 'old value');
    const snapshot = db.snapshot();
    expect(retained(db, snapshot, false)).toMatchObject({ versions: 0, estimated: true });
    for (let i = 0; i < 30; i++) db.put(`key${i % 20}`, 'new value');
    const guess = retained(db, snapshot, false);
    expect([guess.versions, guess.estimated]).toEqual([30, true]);
    expect(guess.bytes).toBeGreaterThan(30 * 15);
    expect(retained(db, snapshot).versions).toBe(20);
    expect(db.heap.why(snapshot)).toMatch(
      /alone keeps an estimated 30 superseded versions \([\d,]+ bytes\)/,
    );
    snapshot.free();
  });
});
