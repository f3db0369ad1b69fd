// runtime: node
// The whole database over encrypted files; on the other runtimes the file system's own tests run, and recovery.
import process from 'node:process';
import { EncryptedFileSystem, MemoryFileSystem, NodeFileSystem, RocksDB } from 'rocksdb-wasm';
import { databaseSuite } from '../core/database-suite.js';
import type { Host } from '../core/host.js';
import {
  openAt,
  openOptimisticAt,
  openTransactionalAt,
  tempFolder,
  wasmModule,
} from '../support/open.js';
import { KEYS } from './fixtures.js';

function hostOn(fileSystem: EncryptedFileSystem, root: () => string): Host {
  let count = 0;
  const options = async () => ({ fileSystem, wasm: await wasmModule() });
  return {
    fileSystem,
    path: () => `${root()}/db${count++}`,
    open: (path, more = {}) => openAt(path, { fileSystem, ...more }),
    openTransactional: (path, more = {}) => openTransactionalAt(path, { fileSystem, ...more }),
    openOptimistic: (path, more = {}) => openOptimisticAt(path, { fileSystem, ...more }),
    engineOptions: options,
    listColumnFamilies: async (path) => RocksDB.listColumnFamilies(path, await options()),
    destroy: async (path, more = {}) => RocksDB.destroy(path, { ...(await options()), ...more }),
    repair: async (path) => RocksDB.repair(path, await options()),
  };
}

databaseSuite('encrypted on disk', () => {
  let folder: string | undefined;
  return hostOn(new EncryptedFileSystem(new NodeFileSystem(), KEYS), () => {
    folder ??= tempFolder();
    return folder;
  });
});

// What differs between a disk and memory is below the encryption.
if (process.env.ROCKSDB_WASM_LONG === '1') {
  databaseSuite('encrypted in memory', () =>
    hostOn(new EncryptedFileSystem(new MemoryFileSystem(), KEYS), () => ''),
  );
}
