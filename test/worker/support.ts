import { RocksDBWorker, type WorkerOptions } from 'rocksdb-wasm/worker';
import { onTestFinished } from 'vitest';

/** Under vitest the client is of the sources, and has no compiled code of the worker's beside it. */
const WORKER = new URL('../../dist/worker-thread.js', import.meta.url);

export const SETUP = new URL('./operators.mjs', import.meta.url);

/** A worker, closed after the test. */
export async function startWorker(options: WorkerOptions = {}): Promise<RocksDBWorker> {
  const rocks = await RocksDBWorker.start({ worker: WORKER, ...options });
  onTestFinished(() => rocks.close());
  return rocks;
}
