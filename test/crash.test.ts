import { type Engine, MemoryFileSystem, RocksDB, type RocksDBError } from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { errorOf, makeEngine, tempFolder, wasmModule } from './support/open.js';

/** Linear memory of an engine, to be corrupted. */
function memoryOf(engine: Engine): Uint8Array {
  return (engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } }).native.heap.HEAPU8;
}

/** What only the debug flavour exports. */
function debugCalls(engine: Engine) {
  interface Calls {
    rdb_debug_wait(): void;
    rdb_debug_use_stack(bytes: number): void;
    rdb_debug_overrun_block(): void;
  }
  return (engine as unknown as { native: { calls: Calls } }).native.calls;
}

/** Overwrites everything above the stack: no call survives that. */
function corrupt(engine: Engine): void {
  memoryOf(engine).fill(0xff, 1024);
}

const options = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** What every use of a crashed engine's handles must throw, at once. */
async function refusesEverything(db: RocksDB<'utf8', 'utf8'>, handles: { free(): void }[]) {
  for (const call of [
    () => db.put('k', 'v'),
    () => db.get('synced'),
    () => db.getPinned('synced'),
    () => db.getMany(['a']),
    () => db.iterator(),
    () => db.snapshot(),
    () => db.batch(),
    () => db.flush(),
    () => db.getProperty('rocksdb.stats'),
    () => db.createColumnFamily('c'),
    () => db.engine.pump(),
  ]) {
    expect((await errorOf(call)).code).toBe('ERR_ROCKSDB_ENGINE_CRASHED');
  }
  expect(db.engine.crashed).toBe(true);
  for (const handle of handles) handle.free();
  expect(db.close()).toEqual([]);
  db.engine.free();
}

describe('a crash of the engine', () => {
  it('from corrupted memory: that engine refuses all calls, reopening recovers what was synced', async () => {
    const path = `${tempFolder()}/db`;
    const wasm = await wasmModule();
    const db = await RocksDB.open(path, { ...options, wasm });
    const other = await RocksDB.open(`${tempFolder()}/other`, { ...options, wasm });
    for (let i = 0; i < 1000; i++) await db.put(`key${i}`, `value${i}`);
    await db.put('synced', 'yes', { sync: true });
    const iterator = await db.iterator();
    await iterator.next();
    const snapshot = await db.snapshot();
    const batch = (await db.batch()).put('never', 'written');
    const pinned = db.getPinned('synced');
    expect(db.heap.pins(iterator)?.memtables.shared.length).toBe(1);
    corrupt(db.engine);
    const crash = await errorOf(() => {
      for (let i = 0; i < 1000; i++) db.put(`more${i}`, 'v');
    });
    expect(crash.code).toMatch(
      /^ERR_ROCKSDB_(ENGINE_CRASHED|HEAP_CORRUPTED|DEADLOCK|OUT_OF_MEMORY)$/,
    );
    await refusesEverything(db, [batch, iterator, snapshot]);
    for (const use of [() => pinned?.view, () => pinned?.copy()]) {
      expect((await errorOf(use)).code).toBe('ERR_ROCKSDB_ENGINE_CRASHED');
    }
    expect(db.engine.heap.pins(iterator)).toBeUndefined();
    expect(db.engine.heap.allPins().size).toBe(0);
    pinned?.free();
    await other.put('still', 'alive', { sync: true });
    expect(await other.get('still')).toBe('alive');
    other.close();
    const again = await RocksDB.open(path, { ...options, wasm });
    expect(await again.get('synced')).toBe('yes');
    expect(await again.get('key999')).toBe('value999');
    expect(await again.get('never')).toBeUndefined();
    again.close();
  });

  it('stops both databases of a shared engine, and both recover', async () => {
    const folder = tempFolder();
    const engine = await makeEngine();
    const one = await RocksDB.open(`${folder}/one`, { ...options, engine });
    const two = await RocksDB.open(`${folder}/two`, { ...options, engine });
    await one.put('synced', '1', { sync: true });
    await two.put('synced', '2', { sync: true });
    corrupt(engine);
    await errorOf(() => {
      for (let i = 0; i < 1000; i++) one.put(`more${i}`, 'v');
    });
    await refusesEverything(one, []);
    await refusesEverything(two, []);
    const wasm = await wasmModule();
    for (const [name, value] of [
      ['one', '1'],
      ['two', '2'],
    ] as const) {
      const again = await RocksDB.open(`${folder}/${name}`, { ...options, wasm });
      expect(await again.get('synced')).toBe(value);
      again.close();
    }
  });

  it('from exhausted memory: ERR_ROCKSDB_OUT_OF_MEMORY, and nothing synced is lost', async () => {
    const path = `${tempFolder()}/db`;
    const wasm = await wasmModule();
    const db = await RocksDB.open(path, { ...options, wasm, maxMemoryBytes: 24 * 1024 * 1024 });
    let synced = -1;
    const crash = await errorOf(() => {
      for (let i = 0; i < 100_000; i++) {
        db.put(`key${i}`, 'x'.repeat(10_000), { sync: i % 100 === 0 });
        if (i % 100 === 0) synced = i;
      }
    });
    expect(crash.code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    expect(synced).toBeGreaterThan(500);
    await refusesEverything(db, []);
    const again = await RocksDB.open(path, { ...options, wasm });
    for (let i = 0; i <= synced; i++) expect((await again.get(`key${i}`))?.length).toBe(10_000);
    again.close();
  });

  it('a value that does not fit is refused, and the engine goes on', async () => {
    const wasm = await wasmModule();
    const db = await RocksDB.open(`${tempFolder()}/db`, {
      ...options,
      wasm,
      maxMemoryBytes: 24 * 1024 * 1024,
    });
    const error = await errorOf(() => db.put('k', 'x'.repeat(60_000_000)));
    expect(error.code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    expect(db.engine.crashed).toBe(false);
    await db.put('k', 'small');
    expect(await db.get('k')).toBe('small');
    db.close();
  });

  it('from a wait that nothing can end: ERR_ROCKSDB_DEADLOCK, never a hang', async () => {
    const path = `${tempFolder()}/db`;
    // Only the debug flavour has an export that waits for nothing.
    const wasm = new URL('../dist/rocksdb.debug.wasm', import.meta.url);
    const db = await RocksDB.open(path, { ...options, wasm, background: 'manual' });
    await db.put('synced', 'yes', { sync: true });
    db.engine.pump();
    const crash = await errorOf(() => debugCalls(db.engine).rdb_debug_wait());
    expect(crash.code).toBe('ERR_ROCKSDB_DEADLOCK');
    expect(crash.message).toContain('no work is left to run');
    await refusesEverything(db, []);
    const again = await RocksDB.open(path, { ...options, wasm: await wasmModule() });
    expect(await again.get('synced')).toBe('yes');
    again.close();
  });

  it('from a stack that overflows: a trap, not silent damage', async () => {
    const wasm = new URL('../dist/rocksdb.debug.wasm', import.meta.url);
    const db = await RocksDB.open(`${tempFolder()}/db`, { ...options, wasm });
    debugCalls(db.engine).rdb_debug_use_stack(1024 * 1024);
    await db.put('k', 'v');
    const crash = await errorOf(() => debugCalls(db.engine).rdb_debug_use_stack(3 * 1024 * 1024));
    expect(crash.code).toBe('ERR_ROCKSDB_ENGINE_CRASHED');
    await refusesEverything(db, []);
  });

  it('from a block written past its end: found when it is freed', async () => {
    const wasm = new URL('../dist/rocksdb.debug.wasm', import.meta.url);
    const db = await RocksDB.open(`${tempFolder()}/db`, { ...options, wasm });
    const crash = await errorOf(() => debugCalls(db.engine).rdb_debug_overrun_block());
    expect(crash.code).toBe('ERR_ROCKSDB_HEAP_CORRUPTED');
    await refusesEverything(db, []);
  });
});

describe('a call from within the engine’s own file system', () => {
  it('is refused, and the engine goes on', async () => {
    const fileSystem = new FaultFileSystem(new MemoryFileSystem());
    const wasm = await wasmModule();
    const db = await RocksDB.open('/db', { ...options, wasm, fileSystem });
    const codes: string[] = [];
    fileSystem.fault = () => {
      try {
        db.put('inner', 'never');
      } catch (error) {
        codes.push((error as RocksDBError).code);
      }
      return undefined;
    };
    await db.put('outer', 'yes');
    fileSystem.fault = undefined;
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(['ERR_ROCKSDB_REENTRANT']));
    expect(await db.get('outer')).toBe('yes');
    expect(await db.get('inner')).toBeUndefined();
    db.close();
  });
});
