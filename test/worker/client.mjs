/** Another thread with a client of its own: does what it is told, and ends when it is told that. */
import { parentPort, workerData } from 'node:worker_threads';
import { RocksDBWorker } from '../../dist/worker.js';

const rocks = await RocksDBWorker.attach(workerData.port);
const lease = await rocks.RocksDB.shared(workerData.path, {
  tracking: 'track',
  ...workerData.options,
});
const db = await lease.db;
await db.put('from', 'the other thread');
globalThis.iterator = await db.iterator();
const seen = await db.get('first', { valueEncoding: 'utf8' });
parentPort.postMessage({ seen });
parentPort.once('message', () => process.exit(0));
