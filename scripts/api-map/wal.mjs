import { at } from '../api-table/rows.mjs';

export default {
  area: 'write-ahead log',
  c: {
    rocksdb_flush_wal: 'RocksDB#flushWAL',
    rocksdb_get_updates_since: 'RocksDB#getUpdatesSince',
    rocksdb_get_latest_sequence_number: 'RocksDB#latestSequenceNumber',
    rocksdb_wal_iter_next: at('TransactionLogIterator#next', 'and by `for` and `for await`'),
    rocksdb_wal_iter_valid: at('TransactionLogIterator#next', 'undefined at the end'),
    rocksdb_wal_iter_status: at('RocksDBError', 'thrown by the call that met it'),
    rocksdb_wal_iter_get_batch: 'TransactionLogIterator#next().batch',
    rocksdb_wal_iter_destroy: 'TransactionLogIterator#free',
  },
  cRules: [],
};
