import { MemoryFileSystem, NodeFileSystem, RocksDB } from 'rocksdb-wasm';
import { databaseSuite } from './core/database-suite.js';
import type { Host } from './core/host.js';
import {
  openAt,
  openOptimisticAt,
  openTransactionalAt,
  tempFolder,
  wasmModule,
} from './support/open.js';

databaseSuite('on disk', (): Host => {
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

databaseSuite('in memory', (): Host => {
  const fileSystem = new MemoryFileSystem();
  let count = 0;
  const options = async () => ({ fileSystem, wasm: await wasmModule() });
  return {
    fileSystem,
    path: () => `/db${count++}`,
    open: (path, more = {}) => openAt(path, { fileSystem, ...more }),
    engineOptions: options,
    openTransactional: (path, more = {}) => openTransactionalAt(path, { fileSystem, ...more }),
    openOptimistic: (path, more = {}) => openOptimisticAt(path, { fileSystem, ...more }),
    listColumnFamilies: async (path) => RocksDB.listColumnFamilies(path, await options()),
    destroy: async (path, more = {}) => RocksDB.destroy(path, { ...(await options()), ...more }),
    repair: async (path) => RocksDB.repair(path, await options()),
  };
});
