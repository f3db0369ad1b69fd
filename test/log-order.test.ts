/** RocksDB begins a new log without syncing the one before: its end could be lost, and the new one be there. */

import { PowerCutFileSystem } from 'rocksdb-wasm/faults';
import { expect, it } from 'vitest';
import { makeEngine, openAt } from './support/open.js';

it.each([
  ['as it is', {}],
  ['with logs that are recycled', { recycleLogFileNum: 2 }],
  ['with logs that are flushed by hand', { manualWalFlush: true }],
])('a log is synced before the next one has a record: %s', async (_, options) => {
  const disk = new PowerCutFileSystem();
  const engine = await makeEngine({ fileSystem: disk });
  const db = await openAt('/db', {
    engine,
    createIfMissing: true,
    writeBufferSize: 64 << 10,
    ...options,
  });
  const unsynced: string[] = [];
  const wrong: string[] = [];
  const logs = new Set<string>();
  disk.onOperation = (operation, path) => {
    if (!path.endsWith('.log')) return;
    const at = unsynced.indexOf(path);
    // One that is removed, or renamed to be written anew, is needed no more.
    if (operation !== 'open' && operation !== 'write' && at >= 0) unsynced.splice(at, 1);
    if (operation !== 'write') return;
    logs.add(path);
    if (at < 0) unsynced.push(path);
    if (unsynced.some((log) => log < path)) wrong.push(`${path} while ${unsynced} are unsynced`);
  };
  for (let i = 0; i < 400; i++) db.put(`k${i}`, 'v'.repeat(1000));
  if ('manualWalFlush' in options) db.flushWAL();
  disk.onOperation = undefined;
  expect(wrong).toEqual([]);
  expect(logs.size).toBeGreaterThan(4);
});
