import { RocksDBError } from '../errors.js';

/**
 * The worker, or the way to it, is gone: it was ended, has crashed, or could not be started; `cause` says why, if that is
 * known. What a call that was under way has done is open; what was acknowledged before is in the database.
 */
export class WorkerGoneError extends RocksDBError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('ERR_ROCKSDB_WORKER_GONE', message, options);
  }
}
