import { MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';

const inMemory = () => ({ createIfMissing: true, fileSystem: new MemoryFileSystem() });

describe('the built package', () => {
  it('finds its own wasm', async () => {
    using db = await RocksDB.open('/db', inMemory());
    db.put('key', 'value');
    expect(db.get('key', { valueEncoding: 'utf8' })).toBe('value');
    expect(db.engine.rocksdbVersion).toBe('9.10.0');
  });

  it('compiles it once for all engines', async () => {
    (await RocksDB.open('/db', inMemory())).close();
    const { compile } = WebAssembly;
    let times = 0;
    WebAssembly.compile = ((bytes: BufferSource) => {
      times++;
      return compile(bytes);
    }) as typeof compile;
    try {
      (await RocksDB.open('/db', inMemory())).close();
    } finally {
      WebAssembly.compile = compile;
    }
    expect(times).toBe(0);
  });
});
