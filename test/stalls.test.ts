/** What RocksDB waits for where nothing can end the wait, or only time can. */
import {
  type Background,
  type Engine,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
  SstFileManager,
} from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';

import { errorOf, makeEngine, openAt } from './support/open.js';

const TEXT = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
/** A memtable is full after some 60 writes, and none may wait to be flushed. */
const SMALL = { writeBufferSize: 64 * 1024, maxWriteBufferNumber: 2 } as const;
const SECOND = 1_000_000_000n;
const VALUE = 'v'.repeat(1000);

async function world(background: Background) {
  const clock = new ManualClock();
  const files = new FaultFileSystem(new MemoryFileSystem(clock));
  const engine = await makeEngine({ fileSystem: files, background, clock });
  const fill = (full: boolean) => {
    files.fault = (operation, path) =>
      full && operation === 'write' && path.endsWith('.sst') ? 'ENOSPC' : undefined;
  };
  return { clock, files, engine, fill };
}

function writeMany(db: RocksDB<'utf8', 'utf8'>, count = 1000): Promise<{ at: number }> {
  const progress = { at: -1 };
  return errorOf(() => {
    for (let i = 0; i < count; i++) {
      db.put(`key${i}`, VALUE);
      progress.at = i;
    }
  }).then((error) => {
    expect(error.code).toBe('ERR_ROCKSDB_NO_SPACE');
    expect(error.severity).toBe('hard');
    return progress;
  });
}

const countOf = (engine: Engine, folder: string, ending: string) =>
  engine.fileSystem.readDirectory(folder).filter(({ name }) => name.endsWith(ending)).length;

describe('a write that is stalled while flushes fail for want of space', () => {
  for (const background of ['inline', 'idle', 'manual'] as const) {
    it(`ends with the error of the flush, and the recovery goes on: ${background}`, async () => {
      const { clock, engine, fill } = await world(background);
      const db = await openAt('/db', { engine, ...TEXT, ...SMALL });
      fill(true);
      const { at } = await writeMany(db);
      expect(at).toBeGreaterThan(50);
      // Each later one is refused, too, and none waits for longer than recoveries take.
      const before = clock.monotonicNs();
      for (let i = 0; i < 20; i++) {
        expect((await errorOf(() => db.put('more', VALUE))).code).toBe('ERR_ROCKSDB_NO_SPACE');
      }
      expect(clock.monotonicNs() - before).toBeLessThan(20n * 10n * SECOND);
      fill(false);
      // RocksDB looks again every five seconds, without a word from the program.
      for (let i = 0; i < 10; i++) {
        clock.advance(SECOND);
        engine.pump();
      }
      db.put('after', 'room');
      db.flush();
      expect(db.get(`key${at}`)).toBe(VALUE);
      expect(db.get('after')).toBe('room');
      expect(db.get('more')).toBeUndefined();
    });
  }

  it('and resume() ends the recovery at once', async () => {
    const { engine, fill } = await world('manual');
    const db = await openAt('/db', { engine, ...TEXT, ...SMALL });
    fill(true);
    const { at } = await writeMany(db);
    fill(false);
    db.resume();
    db.put('after', 'room');
    db.flush();
    expect(db.get(`key${at}`)).toBe(VALUE);
  });

  it('and the database can be closed, and opened again', async () => {
    const { engine, fill } = await world('manual');
    const db = await openAt('/db', { engine, ...TEXT, ...SMALL });
    fill(true);
    const { at } = await writeMany(db);
    await errorOf(() => db.close()).catch(() => undefined);
    fill(false);
    const again = await openAt('/db', { engine, ...TEXT, ...SMALL });
    expect(again.get(`key${at}`)).toBe(VALUE);
    again.put('after', 'room');
    again.close();
  });

  it('fails at once when it asks for that: noSlowdown', async () => {
    const { engine, fill } = await world('manual');
    const db = await openAt('/db', { engine, ...TEXT, ...SMALL });
    fill(true);
    await errorOf(() => {
      for (let i = 0; i < 1000; i++) db.put(`key${i}`, VALUE, { noSlowdown: true });
    });
    fill(false);
    db.resume();
    db.put('after', 'room');
  });
});

describe('several databases of an engine whose recoveries wait', () => {
  it('do not wake one another for ever', async () => {
    const { clock, engine, fill } = await world('manual');
    const all: RocksDB<'utf8', 'utf8'>[] = [];
    for (const name of ['/a', '/b', '/c']) {
      all.push(await openAt(name, { engine, ...TEXT, ...SMALL }));
    }
    fill(true);
    for (const db of all) await writeMany(db);
    for (let second = 0; second < 12; second++) {
      clock.advance(SECOND);
      // Each attempt is some pieces of work; without an end, there would be as many as are allowed.
      expect(engine.pump(10_000)).toBeLessThan(100);
    }
    fill(false);
    for (let second = 0; second < 12; second++) {
      clock.advance(SECOND);
      engine.pump();
    }
    for (const db of all) {
      db.put('after', 'room');
      db.flush();
      expect(db.get('after')).toBe('room');
    }
  });

  it('share an SST file manager: one is closed while it waits, then the next has no room', async () => {
    const { engine, clock, fill } = await world('manual');
    using sstFileManager = new SstFileManager(engine);
    const one = await openAt('/one', { engine, sstFileManager, ...TEXT, ...SMALL });
    const two = await openAt('/two', { engine, sstFileManager, ...TEXT, ...SMALL });
    fill(true);
    await writeMany(one);
    engine.pump();
    await errorOf(() => one.close()).catch(() => undefined);
    const { at } = await writeMany(two);
    fill(false);
    for (let second = 0; second < 12; second++) {
      clock.advance(SECOND);
      engine.pump();
    }
    two.put('after', 'room');
    two.flush();
    expect(two.get(`key${at}`)).toBe(VALUE);
  });
});

describe('destroy() of a database whose files are deleted at a rate', () => {
  async function filled(engine: Engine): Promise<number> {
    const db = await openAt('/db', { engine, ...TEXT, disableAutoCompactions: true });
    for (let table = 0; table < 5; table++) {
      for (let i = 0; i < 10; i++) {
        db.put(`key${table}-${i}`, String.fromCharCode(...noise(1000, table * 10 + i)));
      }
      db.flush();
    }
    const bytes = Number(db.getIntProperty('rocksdb.total-sst-files-size'));
    db.close();
    return bytes;
  }

  /** No two bytes alike in a row for long: it does not compress. */
  function noise(length: number, seed: number): number[] {
    let state = seed * 2_654_435_761 + 1;
    return Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return 33 + ((state >>> 16) % 90);
    });
  }

  it('returns once all are gone, when each wait is over before it begins', async () => {
    const { clock, engine } = await world('inline');
    await filled(engine);
    const before = clock.monotonicNs();
    using sstFileManager = new SstFileManager(engine, {
      deleteRateBytesPerSecond: 1_000_000_000_000,
      maxTrashDBRatio: 1000,
    });
    await RocksDB.destroy('/db', { engine, sstFileManager });
    expect(clock.monotonicNs() - before).toBeLessThan(SECOND);
    expect(() => engine.fileSystem.readDirectory('/db')).toThrow();
  });

  it('takes the time that the rate asks for', async () => {
    const { clock, engine } = await world('inline');
    const bytes = await filled(engine);
    const before = clock.monotonicNs();
    using sstFileManager = new SstFileManager(engine, {
      deleteRateBytesPerSecond: 10_000,
      maxTrashDBRatio: 1000,
    });
    await RocksDB.destroy('/db', { engine, sstFileManager });
    // Of the last file it does not wait for the rest that follows.
    const seconds = Number(clock.monotonicNs() - before) / 1e9;
    expect(seconds).toBeGreaterThan((0.7 * bytes) / 10_000);
    expect(seconds).toBeLessThan((1.5 * bytes) / 10_000 + 2);
    expect(() => engine.fileSystem.readDirectory('/db')).toThrow();
    expect(sstFileManager.totalTrashSize).toBe(0);
  });
});

describe('files that are deleted at a rate', () => {
  it('go no faster for what else is done meanwhile', async () => {
    const { clock, engine } = await world('inline');
    using sstFileManager = new SstFileManager(engine, {
      deleteRateBytesPerSecond: 1000,
      maxTrashDBRatio: 1000,
    });
    const options = { engine, ...TEXT, compression: 'none' } as const;
    const db = await openAt('/db', { ...options, sstFileManager, disableAutoCompactions: true });
    const other = await openAt('/other', { ...options, ...SMALL });
    for (let table = 0; table < 5; table++) {
      for (let i = 0; i < 10; i++) db.put(`key${i}`, VALUE);
      db.flush();
    }
    db.compactRange();
    const trash = countOf(engine, '/db', '.trash');
    expect(trash).toBeGreaterThanOrEqual(4);
    for (let i = 0; i < 500; i++) {
      other.put(`key${i}`, VALUE);
      if (i % 100 === 0) other.flush();
    }
    // No time has passed.
    expect(countOf(engine, '/db', '.trash')).toBe(trash);
    let seconds = 0;
    for (; countOf(engine, '/db', '.trash') > 0 && seconds < 1000; seconds++) {
      clock.advance(SECOND);
      other.put('tick', VALUE);
      other.flush();
    }
    // 10,000 bytes a file, 1000 a second; for the first of them nothing had to be waited.
    expect(seconds).toBeGreaterThan(10 * (trash - 1));
    expect(seconds).toBeLessThan(15 * trash);
  });
});
