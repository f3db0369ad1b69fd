import * as fs from 'node:fs';
import {
  type AllocationEvent,
  DamagedHeap,
  type Engine,
  EngineCrashedError,
  MemoryFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { MemoryStateLayout } from '../src/native/exports.gen.js';
import type { Native } from '../src/native/module.js';
import { errorOf, makeEngine, openTemp, tempFolder, wasmModule } from './support/open.js';

/** What the engine keeps to itself. */
function nativeOf(engine: Engine): Native {
  return (engine as unknown as { native: Native }).native;
}

/** Linear memory as words, and the address of its first block that is in use and `bytes` long at least. */
function someBlock(engine: Engine, bytes = 16): { words: Uint32Array; header: number } {
  const words = nativeOf(engine).heap.HEAPU32;
  const { heapBegin, heapEnd } = heapBounds(engine);
  for (let chunk = heapBegin; chunk < heapEnd; ) {
    const head = words[(chunk + 4) >>> 2] as number;
    const header = chunk + 8;
    const live = (words[(header + 4) >>> 2] as number) >>> 26 === 0xa400 >>> 10;
    if ((head & 2) !== 0 && live && (words[header >>> 2] as number) >= bytes)
      return { words, header };
    chunk += head & ~7;
  }
  throw new Error('no such block');
}

/** As the allocator's state in linear memory says. */
function heapBounds(engine: Engine): { heapBegin: number; heapEnd: number } {
  const state = nativeOf(engine).info.memory >>> 2;
  const words = nativeOf(engine).heap.HEAPU32;
  return { heapBegin: words[state + 5] as number, heapEnd: words[state + 6] as number };
}

async function usedEngine(): Promise<{ engine: Engine; db: RocksDB }> {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const db = await openTemp({ engine, writeBufferSize: 64 * 1024 });
  for (let i = 0; i < 3000; i++) db.put(`key${i % 500}`, 'v'.repeat(i % 100));
  return { engine, db };
}

describe('the heap is accounted for to the byte', () => {
  it('by a walk and by the allocator alike', async () => {
    const { engine } = await usedEngine();
    const { heap } = engine;
    const identity = heap.verify();
    expect(identity.problems).toEqual([]);
    expect(identity.unexplainedBytes).toBe(0);
    expect(identity.ownerBytes + identity.headerBytes + identity.overheadBytes).toBe(
      identity.allocatorInUseBytes,
    );
    const map = heap.walk();
    expect(map.owners).toEqual(heap.owners());
    const { heapBegin, heapEnd } = heapBounds(engine);
    const TOP_FOOT_BYTES = 40;
    expect(map.inUseBytes + map.freeBytes + TOP_FOOT_BYTES).toBe(heapEnd - heapBegin);
    expect(map.largestFreeBytes).toBeGreaterThanOrEqual(map.topBytes);
    expect(map.externalFragmentation).toBeGreaterThanOrEqual(0);
    expect(map.externalFragmentation).toBeLessThan(1);
  });

  /** Words before, at and after a header, and what is put in their place. */
  const tampers: [string, number, (word: number) => number][] = [
    ['a size', 0, (word) => word - 8],
    ['an owner', 4, (word) => word ^ 1],
    ['the mark of a live block', 4, () => 0],
    ['the size of a chunk', -4, (word) => word + 8],
  ];
  for (const [what, offset, tamper] of tampers) {
    it(`finds that ${what} was overwritten`, async () => {
      const { engine } = await usedEngine();
      const { words, header } = someBlock(engine);
      const at = (header + offset) >>> 2;
      const before = words[at] as number;
      words[at] = tamper(before);
      const { problems } = engine.heap.verify();
      expect(problems.length).toBeGreaterThan(0);
      words[at] = before;
      expect(engine.heap.verify().problems).toEqual([]);
    });
  }

  it('finds bytes that one owner is counted with and another has', async () => {
    const { engine } = await usedEngine();
    const totals = (nativeOf(engine).info.memory + MemoryStateLayout.byteLength) >>> 2;
    const words = nativeOf(engine).heap.HEAPU32;
    words[totals] = (words[totals] as number) + 8;
    const { problems, unexplainedBytes } = engine.heap.verify();
    expect(unexplainedBytes).toBe(-8);
    expect(problems.join()).toMatch(/engine \(owner 0\) is counted with \d+ bytes/);
    words[totals] = (words[totals] as number) - 8;
  });

  it('throws DamagedHeap from a walk that finds no way on', async () => {
    const { engine } = await usedEngine();
    const { words, header } = someBlock(engine);
    const at = (header - 4) >>> 2;
    const before = words[at] as number;
    words[at] = 3;
    expect(() => engine.heap.walk()).toThrow(DamagedHeap);
    words[at] = before;
  });
});

describe('bytes belong to who keeps them', () => {
  it('entries to the memtable, not to the writer, and blocks to the block cache, not to the reader', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, compression: 'none' });
    const before = engine.heap.owners();
    for (let i = 0; i < 5000; i++) db.put(`key${i}`, 'v'.repeat(200));
    const written = engine.heap.owners();
    const grown = (name: string, from: typeof before, to: typeof before) =>
      (to[name]?.bytes ?? 0) - (from[name]?.bytes ?? 0);
    expect(grown('memtable', before, written)).toBeGreaterThan(1_000_000);
    expect(grown('write', before, written)).toBeLessThan(10_000);
    db.flush();
    const flushed = engine.heap.owners();
    expect(grown('memtable', written, flushed)).toBeLessThan(-1_000_000);
    for (let i = 0; i < 5000; i++) db.get(`key${i}`);
    const read = engine.heap.owners();
    expect(grown('blockCache', flushed, read)).toBeGreaterThan(1_000_000);
    expect(grown('read', flushed, read)).toBeLessThan(10_000);
    expect(read.tableReader?.bytes).toBeGreaterThan(0);
  });

  it('an iterator’s and a batch’s to its kind, all of them back when it is freed', async () => {
    const { engine, db } = await usedEngine();
    const warm = db.iterator();
    warm.nextMany(10);
    warm.free();
    const before = engine.heap.owners();
    const iterator = db.iterator();
    iterator.nextMany(10);
    const batch = db.batch();
    batch.put('k', 'v'.repeat(100_000));
    const during = engine.heap.owners();
    expect(during.iterator?.bytes).toBeGreaterThan(1000);
    expect(during.writeBatch?.bytes).toBeGreaterThanOrEqual(100_000);
    iterator.free();
    batch.free();
    expect(engine.heap.owners()).toEqual(before);
  });

  it('readers of blob files to the table readers, and cached blobs to the cache, not to the reader', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({
      engine,
      enableBlobFiles: true,
      minBlobSize: 100,
      blobCache: 1024 * 1024,
      disableAutoCompactions: true,
    });
    for (let file = 0; file < 5; file++) {
      for (let i = 0; i < 50; i++) db.put(`key${file}${i}`, `${i}`.repeat(400));
      db.flush();
    }
    const before = engine.heap.owners();
    const keys = Array.from({ length: 50 }, (_, i) => `key0${i}`);
    db.getMany(keys);
    const read = engine.heap.owners();
    expect(read.read?.bytes).toBeLessThan((before.read?.bytes ?? 0) + 5000);
    const iterator = db.iterator();
    for (const _ of iterator);
    iterator.free();
    const after = engine.heap.owners();
    expect(after.iterator).toEqual(before.iterator);
    expect(after.blockCache?.bytes).toBeGreaterThan((before.blockCache?.bytes ?? 0) + 250 * 400);
    expect(after.tableReader?.bytes).toBeGreaterThan(before.tableReader?.bytes ?? 0);
  });

  it('the queue of compactions to them, not to the snapshot whose release fills it', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine });
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 200; i++) db.put(`key${i}`, `${round}`.repeat(200));
      const snapshot = db.snapshot();
      for (let i = 0; i < 200; i++) db.delete(`key${i}`);
      db.flush();
      db.compactRange();
      snapshot.free();
      const { snapshot: left } = engine.heap.owners();
      expect(left).toEqual({ bytes: 0, blocks: 0 });
    }
  });
});

describe('the stack', () => {
  it('knows how deep it has been used', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine });
    db.flush();
    const before = engine.heap.stack;
    expect(before.bytes).toBe(2 * 1024 * 1024);
    expect(before.highWaterBytes).toBeGreaterThan(1000);
    expect(before.highWaterBytes).toBeLessThan(before.bytes / 2);
    // What a deep call leaves behind.
    const native = nativeOf(engine);
    const at = (native.info.stackHigh - 1_500_000) >>> 2;
    native.heap.HEAPU32[at] = 1;
    expect(engine.heap.stack.highWaterBytes).toBe(1_500_000);
    native.heap.HEAPU32[at] = 0;
    expect(engine.heap.stack).toEqual(before);
  });
});

describe('after the engine has stopped', () => {
  it('the heap is still walked, verified and reported when memory has run out', async () => {
    const engine = await makeEngine({
      fileSystem: new MemoryFileSystem(),
      maxMemoryBytes: 24 * 1024 * 1024,
      tracking: 'track',
    });
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true });
    const iterator = db.iterator();
    const error = await errorOf(() => {
      for (let i = 0; ; i++) db.put(`key${i}`, 'v'.repeat(10_000));
    });
    expect(error).toBeInstanceOf(EngineCrashedError);
    const { heap } = engine;
    expect(heap.verify().problems).toEqual([]);
    expect(heap.walk().owners).toEqual(heap.owners());
    const report = heap.report();
    expect(report.inUseBytes).toBeGreaterThan(5_000_000);
    expect(report.owners.memtable?.bytes).toBeGreaterThan(5_000_000);
    expect(heap.top()).toContain(`${report.inUseBytes.toLocaleString('en')} bytes in use`);
    expect(heap.stack.highWaterBytes).toBeGreaterThan(0);
    expect(iterator.freed).toBe(true);
  });

  it('a batch that finds no memory to grow says so, and the engine goes on', async () => {
    const engine = await makeEngine({
      fileSystem: new MemoryFileSystem(),
      maxMemoryBytes: 64 * 1024 * 1024,
    });
    const db = await openTemp({ engine });
    const batch = db.batch();
    const value = 'v'.repeat(900_000);
    const error = await errorOf(() => {
      for (let i = 0; i < 100; i++) batch.put(`key${i}`, value);
    });
    expect(error.code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    expect(engine.crashed).toBe(false);
    expect(batch.count).toBeGreaterThan(5);
    batch.free();
    db.put('a', 'b');
    expect(db.get('a')).toBeDefined();
  });

  it('and when a trap has left a damaged heap', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = RocksDB.openSync('/db', { engine, createIfMissing: true });
    const batch = db.batch();
    batch.put('a', 'b');
    const words = nativeOf(engine).heap.HEAPU32;
    // The batch's own block loses its mark: freeing it stops the engine.
    const { pointer } = (batch as unknown as { core: { pointer: number } }).core;
    words[(pointer - 4) >>> 2] = 0;
    const error = await errorOf(() => batch.free());
    expect(error.code).toBe('ERR_ROCKSDB_HEAP_CORRUPTED');
    const { problems } = engine.heap.verify();
    expect(problems.join()).toContain('is in use by nobody');
    expect(engine.heap.report().inUseBytes).toBeGreaterThan(0);
    expect(engine.heap.walk().chunks).toBeGreaterThan(100);
  });
});

describe('level exact', () => {
  it('tells a function of every allocation and free, so that what is left over is what has grown', async () => {
    const { engine, db } = await usedEngine();
    const events: AllocationEvent[] = [];
    const before = engine.heap.owners();
    const trace = engine.heap.trace({ to: (block) => void events.push(...block), stacks: false });
    for (let i = 0; i < 500; i++) db.put(`key${i}`, 'v'.repeat(50));
    const iterator = db.iterator();
    iterator.nextMany(20);
    trace.stop();
    const grown = new Map<string, number>();
    for (const { type, owner, bytes } of events) {
      grown.set(owner, (grown.get(owner) ?? 0) + (type === 'allocate' ? bytes : -bytes));
    }
    const after = engine.heap.owners();
    for (const [owner, { bytes }] of Object.entries(after)) {
      expect([owner, grown.get(owner) ?? 0]).toEqual([owner, bytes - (before[owner]?.bytes ?? 0)]);
    }
    expect(events.every(({ stack }) => stack === undefined)).toBe(true);
    const numbers = events.map(({ operation }) => operation);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const { operations } = engine.heap.report();
    expect(numbers.at(-1)).toBeGreaterThan(operations - 25);
    expect(numbers.at(-1)).toBeLessThanOrEqual(operations);
    const count = events.length;
    iterator.free();
    expect(events.length).toBe(count);
  });

  it('takes stacks of JavaScript and wasm frames, and knows which code holds what', async () => {
    const { engine, db } = await usedEngine();
    engine.heap.tracking = 'exact';
    const iterator = db.iterator();
    iterator.next();
    const sites = engine.heap.allocations?.sites() ?? [];
    const site = sites.find(({ owner }) => owner === 'iterator');
    expect(site?.stack).toMatch(/wasm-function|wasm\+0x/);
    expect(site?.stack).toContain('heap.test');
    engine.heap.tracking = 'count';
    expect(engine.heap.allocations?.running).toBe(false);
    iterator.free();
  });

  it('writes to a file as JSON lines, each stack once', async () => {
    const { engine, db } = await usedEngine();
    const file = `${tempFolder()}/trace.jsonl`;
    const trace = engine.heap.trace({ to: file });
    for (let i = 0; i < 50; i++) db.put(`key${i}`, 'v'.repeat(5000));
    trace.stop();
    const lines = fs
      .readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const stacks = lines.filter(({ frames }) => frames !== undefined);
    const events = lines.filter(({ type }) => type !== undefined);
    expect(stacks.map(({ stack }) => stack)).toEqual(stacks.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThan(50);
    expect(events.every(({ stack }) => stack >= 1 && stack <= stacks.length)).toBe(true);
  });

  it('ends when its function throws, which stop() tells, and the engine goes on', async () => {
    const { engine, db } = await usedEngine();
    const trace = engine.heap.trace({
      stacks: false,
      to: () => {
        throw new Error('the disk of the trace is full');
      },
    });
    for (let i = 0; i < 2000; i++) db.put(`key${i}`, 'v');
    expect(trace.running).toBe(false);
    expect(() => trace.stop()).toThrow('the disk of the trace is full');
    expect(db.get('key7')).toBeDefined();
  });

  it('refuses calls into the engine from within', async () => {
    const { engine, db } = await usedEngine();
    const trace = engine.heap.trace({ stacks: false, to: () => void db.get('key1') });
    for (let i = 0; i < 2000; i++) db.put(`key${i}`, 'v');
    expect(() => trace.stop()).toThrow(/allocation trace/);
    expect(db.get('key7')).toBeDefined();
  });

  it('leaves the call that is under way its arguments, when its function calls the engine', async () => {
    const { engine, db } = await usedEngine();
    const codes = new Set<string>();
    const iterator = db.iterator();
    const before = engine.heap.owners();
    const buffers = engine.heap.handles('buffer').length;
    const trace = engine.heap.trace({
      stacks: false,
      to: () => {
        for (const use of [
          () => db.get('another key'),
          () => iterator.seek('k'),
          () => db.iterator({ gte: 'k' }).free(), // stop() tells the last ones when the engine is idle
          () => engine.heap.pins(iterator),
        ]) {
          try {
            use();
          } catch (error) {
            codes.add((error as { code: string }).code);
          }
        }
      },
    });
    for (let i = 0; i < 1000; i++) db.put(`long${i % 10}`, 'v'.repeat(100_000));
    trace.stop();
    expect([...codes]).toEqual(['ERR_ROCKSDB_REENTRANT']);
    expect(engine.heap.owners().host).toEqual(before.host);
    expect(engine.heap.handles('buffer').length).toBe(buffers);
    expect(db.get('another key')).toBeUndefined();
    iterator.free();
  });

  it('takes stacks also where the program has its own prepared as frames', async () => {
    const { engine, db } = await usedEngine();
    const before = Error.prepareStackTrace;
    const frames = (_: Error, list: NodeJS.CallSite[]) => list;
    Error.prepareStackTrace = frames;
    try {
      const trace = engine.heap.trace();
      const batch = db.batch();
      expect(Error.prepareStackTrace).toBe(frames);
      expect(trace.sites()[0]?.stack).toContain('heap.test');
      batch.free();
      trace.stop();
    } finally {
      Error.prepareStackTrace = before;
    }
    expect(engine.crashed).toBe(false);
  });

  it('ends when the clock throws, which stop() tells, and the engine goes on', async () => {
    let broken = false;
    const clock = {
      realtimeNs: () => 1_000_000_000n,
      realtimeMs: () => {
        if (broken) throw new Error('no time');
        return 1000;
      },
      monotonicNs: () => 1n,
      cpuNs: () => 0n,
      sleep: () => {},
    };
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), clock });
    const db = await openTemp({ engine });
    const trace = engine.heap.trace({ stacks: false });
    broken = true;
    db.put('k', 'v'.repeat(10_000));
    broken = false;
    expect(trace.running).toBe(false);
    expect(() => trace.stop()).toThrow('no time');
    expect(engine.crashed).toBe(false);
    expect(db.get('k')?.length).toBe(10_000);
  });

  it('is known to the monitor of a database, too, and leaves another trace running when it ends', async () => {
    const { engine, db } = await usedEngine();
    db.heap.tracking = 'exact';
    expect(db.heap.allocations?.running).toBe(true);
    expect(db.heap.allocations).toBe(engine.heap.allocations);
    const own = db.heap.trace({ stacks: false });
    expect(engine.heap.allocations).toBe(own);
    db.heap.tracking = 'track';
    expect(own.running).toBe(true);
    db.heap.tracking = 'count';
    expect(own.running).toBe(true);
    own.stop();
  });

  it('does not begin once the engine is gone', async () => {
    const db = await RocksDB.open('/db', {
      createIfMissing: true,
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
    });
    db.close();
    expect(db.heap.trace().running).toBe(false);
  });

  it('can be asked for when the engine is made, and ends with the engine', async () => {
    const db = await RocksDB.open('/db', {
      createIfMissing: true,
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      tracking: 'exact',
    });
    const { heap } = db.engine;
    db.put('a', 'b');
    const trace = heap.allocations;
    expect(trace?.live().length).toBeGreaterThan(10);
    db.close();
    expect(trace?.running).toBe(false);
  });
});
