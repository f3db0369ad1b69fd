import * as rocksdb from 'rocksdb-wasm';
import { openOptimisticAt, wasmModule } from '../support/open.js';
import type { Context } from './programs/base.js';

/** A database in memory, which is closed with what was forgotten in it. */
export async function makeContext(): Promise<Context> {
  const db = await openOptimisticAt('/db', {
    createIfMissing: true,
    fileSystem: new rocksdb.MemoryFileSystem(),
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    onUnreleased() {},
  });
  db.put('key', 'old');
  const pool = db.iteratorPool({ max: 100 });
  return { db, snapshot: db.snapshot(), pool, rocksdb, wasm: await wasmModule() };
}
