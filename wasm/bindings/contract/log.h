// The write-ahead log. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Reads the log from a sequence number on (RocksDB's TransactionLogIterator).
struct rdb_transaction_log_iterator;

enum rdb_log_found : uint32_t {
  kLogEnd = 0,               // there is nothing more for now
  kLogBatch = 1,
  kLogGap = 2,               // the log has nothing from the sequence number sought up to `sequence`, which it
                             // may have. The iterator stays where it is
};

struct rdb_log_update {
  double sequence;           // of the batch's first operation
  double next;               // of the operation that is sought: after the batch, or at the gap
  uint32_t data;             // the batch's representation, valid until the iterator's next call
  uint32_t length;
  uint32_t found;            // rdb_log_found
};

// `allow_gaps`: passes over what the log does not have. `sequence` may be one that is not written yet.
RDB_EXPORT(rdb_status, rdb_transaction_log_iterator_create)(rdb_db* db, double sequence,
                                                            uint32_t verify_checksums,
                                                            uint32_t allow_gaps,
                                                            rdb_transaction_log_iterator** out);
// The next batch. Buffered parts of the log (manual_wal_flush) are given to the file system first.
RDB_EXPORT(rdb_status, rdb_transaction_log_iterator_read)(rdb_db* db,
                                                          rdb_transaction_log_iterator* iterator,
                                                          rdb_log_update* out);
RDB_EXPORT(void, rdb_transaction_log_iterator_free)(rdb_transaction_log_iterator* iterator);

// Out: plain data (wasm/bindings/plain.h), a block for rdb_memory_free. `current` 1: the one that is written.
RDB_EXPORT(rdb_status, rdb_db_get_wal_files)(rdb_db* db, uint32_t current, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_flush_wal)(rdb_db* db, uint32_t sync);
// Both nest. While the log is locked, what writes or flushes would wait for ever: writes through rdb_db fail
// (Incomplete), the host refuses the rest. While background work is paused, writes that would be stalled fail likewise.
RDB_EXPORT(rdb_status, rdb_db_lock_wal)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_unlock_wal)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_pause_background_work)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_continue_background_work)(rdb_db* db);
RDB_EXPORT(void, rdb_db_disable_manual_compaction)(rdb_db* db);
RDB_EXPORT(void, rdb_db_enable_manual_compaction)(rdb_db* db);
// Nothing runs in the background from here on; the database can only be read and closed.
RDB_EXPORT(void, rdb_db_cancel_all_background_work)(rdb_db* db);
struct rdb_seconds {
  double seconds;            // since 1970
};

// Of the oldest SST file. NotSupported unless max_open_files is -1.
RDB_EXPORT(rdb_status, rdb_db_creation_time_of_oldest_file)(rdb_db* db, rdb_seconds* out);
