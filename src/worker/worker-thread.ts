/** What runs in the worker: started by RocksDBWorker.start(), and not to be imported. */
import { isMainThread, workerData } from 'node:worker_threads';
import { serve, type WorkerStart } from './serve.js';

if (!isMainThread) await serve(workerData as WorkerStart);
