/** What runs in the worker: started by RocksDBWorker.start(), and not to be imported. */
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type WorkerStart } from './serve.js';

if (parentPort !== null) {
  const connect = await serve(workerData as WorkerStart);
  // Not by the client's own port: Deno tells of the end of ports only when they have come this way.
  parentPort.on('message', connect);
}
