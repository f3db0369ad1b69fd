/** What the core suites get for `rocksdb-wasm`: the package, with its classes over a worker. */
import { mounted } from './facade.js';

export * from 'rocksdb-wasm';
export const BackupEngine = mounted('BackupEngine');
export const BackupEngineReadOnly = mounted('BackupEngineReadOnly');
export const BulkWriter = mounted('BulkWriter');
export const Cache = mounted('Cache');
export const ColumnFamily = mounted('ColumnFamily');
export const CompressedSecondaryCache = mounted('CompressedSecondaryCache');
export const DatabaseLease = mounted('DatabaseLease');
export const DBIterator = mounted('DBIterator');
export const DBWithTTL = mounted('DBWithTTL');
export const Engine = mounted('Engine');
export const ExportedFiles = mounted('ExportedFiles');
export const IteratorLease = mounted('IteratorLease');
export const IteratorPool = mounted('IteratorPool');
export const ManualClock = mounted('ManualClock');
export const OptimisticTransactionDB = mounted('OptimisticTransactionDB');
export const RateLimiter = mounted('RateLimiter');
export const RocksDB = mounted('RocksDB');
export const SstFileManager = mounted('SstFileManager');
export const SstFileReader = mounted('SstFileReader');
export const SstFileWriter = mounted('SstFileWriter');
export const Statistics = mounted('Statistics');
export const TransactionDB = mounted('TransactionDB');
export const WriteBufferManager = mounted('WriteBufferManager');
