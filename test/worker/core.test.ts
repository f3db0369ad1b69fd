// runtime: node, in the long run all
/**
 * The core suites, as they are, with every call through a worker: in this file's imports from test/, `rocksdb-wasm` is
 * mounted/index.ts (vitest.config.ts and scripts/runtimes.mjs see to that).
 */
import { NodeFileSystem, RocksDB } from 'rocksdb-wasm';
import { expect, it } from 'vitest';
import { databaseSuite } from '../core/database-suite.js';
import type { Host } from '../core/host.js';
import {
  openAt,
  openOptimisticAt,
  openTransactionalAt,
  tempFolder,
  wasmModule,
} from '../support/open.js';
import { leftOutInVain } from './mounted/vitest.js';

databaseSuite('through a worker', (): Host => {
  let count = 0;
  let folder: string | undefined;
  return {
    fileSystem: new NodeFileSystem(),
    path: () => {
      folder ??= tempFolder();
      return `${folder}/db${count++}`;
    },
    open: openAt,
    engineOptions: async () => ({ wasm: await wasmModule() }),
    openTransactional: openTransactionalAt,
    openOptimistic: openOptimisticAt,
    listColumnFamilies: async (path) =>
      RocksDB.listColumnFamilies(path, { wasm: await wasmModule() }),
    destroy: async (path, more = {}) =>
      RocksDB.destroy(path, { wasm: await wasmModule(), ...more }),
    repair: async (path) => RocksDB.repair(path, { wasm: await wasmModule() }),
  };
});

it('leaves no test out that is not there', () => {
  expect(leftOutInVain()).toEqual([]);
});
