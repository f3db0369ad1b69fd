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

  it('traces allocations with the names of the functions of C++, whatever the runtime writes of wasm', async () => {
    using db = await RocksDB.open('/db', inMemory());
    const trace = db.heap.trace();
    db.put('key', 'v'.repeat(10_000));
    db.flush();
    trace.stop();
    const site = trace.sites().find(({ owner }) => owner === 'memtable');
    const frames = site?.stack?.split('\n') ?? [];
    const wasm = frames.filter((frame) => /wasm-function|wasm\+0x/.test(frame));
    // What the allocator has that is neither inlined nor left by a tail call, as operator new is on
    // some runtimes.
    expect(frames[0]).toMatch(/(operator new|Allocate)\(unsigned long\)|Watched\(void\*/);
    expect(wasm.join('\n')).toContain('rocksdb::DBImpl::SwitchMemtable(');
    expect(wasm.at(-1)).toContain('rdb_db_flush');
    expect(frames.some((frame) => frame.includes('package.test'))).toBe(true);
  });
});
