import { at } from '../api-table/rows.mjs';

export default {
  area: 'write-ahead log',
  c: {
    rocksdb_flush_wal: 'RocksDB#flushWAL',
    rocksdb_get_updates_since: 'RocksDB#getUpdatesSince',
    rocksdb_get_latest_sequence_number: 'RocksDB#latestSequenceNumber',
    rocksdb_wal_iter_next: at('WalIterator#next', 'also by `for of`'),
    rocksdb_wal_iter_valid: at('WalIterator#next', 'undefined at the end'),
    rocksdb_wal_iter_status: at('RocksDBError', 'thrown by the call that met it'),
    rocksdb_wal_iter_get_batch: 'WalIterator#next',
    rocksdb_wal_iter_destroy: 'WalIterator#free',
  },
  cRules: [],
};
