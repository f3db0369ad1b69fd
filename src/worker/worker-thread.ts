/** What runs in the worker: started by RocksDBWorker.start(), and not to be imported. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Port } from './messages.js';
import { serve, type WorkerStart } from './serve.js';

if (parentPort !== null) await serve(parentPort as unknown as Port, workerData as WorkerStart);
