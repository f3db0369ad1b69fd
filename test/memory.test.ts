// runtime: node
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Engine, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, wasmModule } from './support/open.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function linearMemoryOf(engine: Engine): WeakRef<ArrayBufferLike> {
  const { native } = engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
  return new WeakRef(native.heap.HEAPU8.buffer);
}

describe('the memory of a private engine', () => {
  it('is collected once its database is closed, even while handles are still held', async () => {
    const db = await RocksDB.open('/db', {
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      createIfMissing: true,
      onUnreleased: () => {},
    });
    db.put('k', 'v');
    const iterator = db.iterator();
    iterator.next();
    const batch = db.batch().put('k', 'w');
    const error = await errorOf(() => RocksDB.open('/missing', { engine: db.engine }));
    const other = await errorOf(() => RocksDB.open('/db', { engine: db.engine }));
    const memory = linearMemoryOf(db.engine);
    db.close();
    for (let i = 0; i < 20 && memory.deref() !== undefined; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5)); // a WeakRef lasts for the turn it was made in
      collect();
    }
    expect(memory.deref()).toBeUndefined();
    expect([error.code, other.code].every(Boolean)).toBe(true); // still held, too
    expect([db.freed, iterator.freed, batch.freed]).toEqual([true, true, true]);
  });

  it('is kept while the database is open', async () => {
    const db = await RocksDB.open('/db', {
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      createIfMissing: true,
    });
    const memory = linearMemoryOf(db.engine);
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    expect(memory.deref()).toBeDefined();
    db.close();
  });
});
