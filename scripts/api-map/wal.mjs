import { at } from '../api-table/rows.mjs';

export default {
  area: 'write-ahead log',
  c: {
    rocksdb_flush_wal: 'RocksDB#flushWAL',
    rocksdb_get_updates_since: 'RocksDB#getUpdatesSince',
    rocksdb_get_latest_sequence_number: 'RocksDB#latestSequenceNumber',
    rocksdb_wal_iter_next: at('RocksDB#getUpdatesSince', 'by `for await` or `for`'),
    rocksdb_wal_iter_valid: at('RocksDB#getUpdatesSince', 'the iteration ends'),
    rocksdb_wal_iter_status: at('RocksDBError', 'thrown by the call that met it'),
    rocksdb_wal_iter_get_batch: at('RocksDB#getUpdatesSince', '`batch` of what is iterated'),
    rocksdb_wal_iter_destroy: 'RocksDB#getUpdatesSince().free',
  },
  cRules: [],
};
