export { LevelError } from './errors.js';
export type { RocksDBOptions, RocksLevelOpenOptions, RocksLevelOptions } from './options.js';
export { RocksLevel } from './rocks-level.js';
export { RocksSnapshot } from './snapshot.js';
export type {
  BatchOptions,
  ChainedBatch,
  ChainedBatchWriteOptions,
  DelOptions,
  GetManyOptions,
  GetOptions,
  HasManyOptions,
  HasOptions,
  IteratorOptions,
  KeyIteratorOptions,
  PutOptions,
  ScanOptions,
  StartEndOptions,
  ValueIteratorOptions,
} from './typed-level.js';
