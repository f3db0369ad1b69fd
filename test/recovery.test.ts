import { ManualClock, MemoryFileSystem, RocksDB, type RocksDBError } from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { errorOf, makeEngine, openTemp, wasmModule } from './support/open.js';

/** Time moves with every look at the clock, so that pauses pass without waiting. */
async function faulty(stepNs = 1_000_000n) {
  const fileSystem = new FaultFileSystem(new MemoryFileSystem());
  const engine = await makeEngine({ fileSystem, clock: new ManualClock({ stepNs }) });
  return { engine, fileSystem };
}

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

describe('a disk that was full and has room again', () => {
  for (const file of ['.log', '.sst', 'MANIFEST']) {
    it(`is written again, without a word from the program: ${file}`, async () => {
      const { engine, fileSystem } = await faulty();
      const db = await openTemp({ engine, ...TEXT });
      await db.put('before', '1');
      let full = true;
      fileSystem.fault = (operation, path) =>
        full && operation === 'write' && path.includes(file) ? 'ENOSPC' : undefined;
      const error = await errorOf(async () => {
        await db.put('during', '2');
        await db.flush();
      });
      expect(error.code).toBe('ERR_ROCKSDB_NO_SPACE');
      full = false;
      let attempts = 0;
      for (; attempts < 10_000; attempts++) {
        try {
          await db.put('after', '3');
          break;
        } catch (again) {
          expect((again as RocksDBError).severity ?? 'hard').not.toBe('unrecoverable');
        }
      }
      expect(attempts).toBeLessThan(10_000);
      await db.flush();
      expect(await db.getMany(['before', 'after'])).toEqual(['1', '3']);
    });
  }

  it('is written again after resume()', async () => {
    const { engine, fileSystem } = await faulty();
    const db = await openTemp({ engine, ...TEXT });
    await db.put('before', '1');
    fileSystem.fault = (operation, path) =>
      operation === 'write' && path.endsWith('.sst') ? 'ENOSPC' : undefined;
    expect((await errorOf(() => db.flush())).code).toBe('ERR_ROCKSDB_NO_SPACE');
    fileSystem.fault = undefined;
    await db.resume();
    await db.put('after', '2');
    await db.flush();
    expect(await db.getMany(['before', 'after'])).toEqual(['1', '2']);
  });
});

describe('a compaction that meets a full disk', () => {
  it('makes writes fail with ENOSPC: no put waits for room that nobody can make', async () => {
    const { engine, fileSystem } = await faulty();
    const db = await openTemp({
      engine,
      ...TEXT,
      compression: 'none',
      writableFileMaxBufferSize: 16 * 1024,
      writeBufferSize: 64 * 1024,
      level0FileNumCompactionTrigger: 4,
      level0SlowdownWritesTrigger: 6,
      level0StopWritesTrigger: 8,
    });
    const written = new Map<string, number>();
    fileSystem.fault = (operation, path) => {
      if (operation !== 'write' || !path.endsWith('.sst')) return undefined;
      const count = (written.get(path) ?? 0) + 1;
      written.set(path, count);
      return count > 10 ? 'ENOSPC' : undefined; // a flush makes fewer writes than a compaction
    };
    let acknowledged = 0;
    const error = await errorOf(async () => {
      for (let i = 0; i < 5000; i++) {
        await db.put(`key${i}`, 'x'.repeat(1000));
        acknowledged = i;
      }
    });
    expect(error.code).toBe('ERR_ROCKSDB_NO_SPACE');
    fileSystem.fault = undefined;
    expect((await db.get(`key${acknowledged}`))?.length).toBe(1000);
  });
});

describe('a crash in an idle turn', () => {
  it('does not end the process: the next call reports it', async () => {
    const db = await RocksDB.open('/db', {
      ...TEXT,
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      createIfMissing: true,
      background: 'idle',
      writeBufferSize: 64 * 1024,
    });
    for (let i = 0; db.engine.pendingJobs === 0; i++) db.put(`key${i}`, 'x'.repeat(1000));
    const { native } = db.engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
    native.heap.HEAPU8.fill(0xff, 1024);
    // Whatever the turn does now, it traps.
    for (let turn = 0; turn < 20 && !db.engine.crashed; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const error = await errorOf(() => db.get('key0'));
    expect(error.code).toMatch(
      /ERR_ROCKSDB_(ENGINE_CRASHED|HEAP_CORRUPTED|OUT_OF_MEMORY|DEADLOCK)/,
    );
    db.close();
  });
});

describe('a value whose toJSON uses the database', () => {
  it('is stored under its own key', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, keyEncoding: 'utf8', valueEncoding: 'json' });
    await db.put('other', 1);
    await db.put('user:1', { toJSON: () => ({ other: db.get('other') }) });
    expect(await db.get('user:1')).toEqual({ other: 1 });
    expect([...(await collect(db))]).toEqual(['other', 'user:1']);
  });

  it('does not tear a batch apart', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, keyEncoding: 'utf8', valueEncoding: 'json' });
    const batch = db.batch();
    batch.put('outer', {
      toJSON: () => {
        batch.put('inner', 1);
        return 2;
      },
    });
    await db.write(batch);
    batch.free();
    expect(await db.getMany(['outer', 'inner'])).toEqual([2, 1]);
  });
});

async function collect(db: RocksDB<'utf8', 'json'>): Promise<string[]> {
  const iterator = await db.iterator();
  const keys = [...iterator.keys()];
  iterator.free();
  return keys;
}

describe('seekForPrev at bounds', () => {
  it('never gives a key after the one sought, and clamps to the nearest bound', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    for (const comparator of ['bytewise', 'reverseBytewise'] as const) {
      const db = await RocksDB.open(`/${comparator}`, {
        engine,
        ...TEXT,
        createIfMissing: true,
        comparator,
      });
      for (const key of 'abcdefg') await db.put(key, key);
      const [low, high] = comparator === 'bytewise' ? ['b', 'f'] : ['f', 'b'];
      const [below, above] = comparator === 'bytewise' ? ['a', 'g'] : ['g', 'a'];
      for (const bounds of [
        { gt: low, lt: high },
        { gte: low, lte: high },
        { gt: low, lte: high },
      ]) {
        const iterator = await db.iterator(bounds);
        iterator.seekForPrev(below);
        expect(iterator.next()).toBeUndefined();
        iterator.seekForPrev(low);
        expect(iterator.next()?.[0]).toBe('gte' in bounds ? low : undefined);
        iterator.seekForPrev(above);
        const last = comparator === 'bytewise' ? 'e' : 'c';
        expect(iterator.next()?.[0]).toBe('lte' in bounds ? high : last);
        iterator.free();
      }
      db.close();
    }
  });

  it('a seek that is refused leaves the iterator where it was', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, ...TEXT });
    for (const key of 'abc') await db.put(key, key);
    const iterator = await db.iterator({ limit: 2 });
    expect(iterator.nextMany(5).map(([key]) => key)).toEqual(['a', 'b']);
    await errorOf(() => iterator.seek(undefined));
    expect(iterator.next()).toBeUndefined();
    iterator.free();
  });
});

describe('an error of the disk that is not a full one', () => {
  it.each([0, 2, 2 ** 31 - 1])(
    'is not tried again by itself, whatever maxBgerrorResumeCount says: %s',
    async (maxBgerrorResumeCount) => {
      const fileSystem = new FaultFileSystem(new MemoryFileSystem());
      const clock = new ManualClock({ stepNs: 1000n });
      const engine = await makeEngine({ fileSystem, clock });
      const db = await openTemp({ engine, ...TEXT, maxBgerrorResumeCount });
      await db.put('k', 'v');
      let attempts = 0;
      fileSystem.fault = (operation, path) => {
        if (operation !== 'write' || !path.endsWith('.sst')) return undefined;
        attempts++;
        return 'EIO';
      };
      expect((await errorOf(() => db.flush())).code).toBe('ERR_ROCKSDB_IO_ERROR');
      for (let i = 0; i < 5; i++) {
        clock.advance(3_600_000_000_000n);
        engine.pump();
      }
      expect(attempts).toBe(1);
      fileSystem.fault = undefined;
      await db.close();
      const again = await openTemp({ engine, ...TEXT });
      expect(await again.get('k')).toBe('v');
    },
  );
});
