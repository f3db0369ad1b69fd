/** `rocksdb-wasm/worker`: databases in a worker thread, the same classes with a promise for each answer. */
export type * from './api.gen.js';
export { AsyncWriteBatch } from './batch.js';
export { type AsyncPart, type Chain, type FromSetup, fromSetup } from './handles.js';
export {
  type ClientOptions,
  type LostHandles,
  RocksDBWorker,
  type WorkerOptions,
} from './rocksdb-worker.js';
export { WorkerGoneError } from './worker-errors.js';
