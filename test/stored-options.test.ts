/** What RocksDB has derived from other options, and stored. */
import { MemoryFileSystem } from 'rocksdb-wasm';
import { expect, it } from 'vitest';
import { makeEngine, openAt } from './support/open.js';

it('arena blocks follow another write buffer, unless they were chosen', async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const blocks = async (path: string, options: object) => {
    const db = await openAt(path, { engine, createIfMissing: true, ...options });
    const { arenaBlockSize } = db.getOptions();
    db.close();
    return arenaBlockSize;
  };
  expect(await blocks('/db', {})).toBe(1 << 20);
  expect(await blocks('/db', { writeBufferSize: 128 << 10 })).toBe(16 << 10);
  expect(await blocks('/db', {})).toBe(16 << 10);
  expect(await blocks('/db', { writeBufferSize: 1 << 20 })).toBe(128 << 10);
  expect(await blocks('/db', { writeBufferSize: 2 << 20, arenaBlockSize: 8192 })).toBe(8192);
  expect(await blocks('/db', { writeBufferSize: 4 << 20 })).toBe(8192);
});

it('a smaller write buffer than it was made with is not full at once', async () => {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  (await openAt('/db', { engine, createIfMissing: true })).close();
  const db = await openAt('/db', { engine, writeBufferSize: 128 << 10 });
  for (let i = 0; i < 50; i++) db.put(`k${i}`, 'small');
  expect(db.getLiveFilesMetaData()).toEqual([]);
});
