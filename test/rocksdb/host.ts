/** What RocksDB's test programs run on: bundled for scripts/rocksdb-tests/worker.mjs. */
export { type Clock, systemClock } from '../../src/wasi/clock.js';
export { createWasi, GuestExit } from '../../src/wasi/imports.js';
export { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
export { NodeFileSystem } from '../../src/wasi/node-fs.js';
export { SeededRandom } from '../../src/wasi/random.js';
