// Transactions, pessimistic and optimistic; write batches with an index. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Views of a database: a pointer to either of these may stand where an rdb_db* is asked for to read (get, has,
// multi_get, pinned slices, iterators) or to write one operation. Reads see the view's changes over the database's.
struct rdb_transaction;
struct rdb_batch_with_index;

// --- databases with transactions --------------------------------------------------------------------

enum rdb_write_policy : uint32_t { kWriteCommitted = 0, kWritePrepared = 1, kWriteUnprepared = 2 };

// rdb_open_request.mode_options of kOpenTransactional: TransactionDBOptions. Nothing ever waits for a lock.
struct rdb_transaction_db_options {
  double max_num_locks;
  double transaction_lock_timeout_ms;
  double default_lock_timeout_ms;
  double default_write_batch_flush_threshold;
  uint32_t max_num_deadlocks;
  uint32_t num_stripes;
  uint32_t write_policy;
  uint32_t rollback_merge_operands;
  uint32_t skip_concurrency_control;
  uint32_t enable_udt_validation;
};

// Likewise of kOpenOptimistic: OptimisticTransactionDBOptions.
struct rdb_optimistic_db_options {
  uint32_t validate_parallel;
  uint32_t occ_lock_buckets;
};

// Names of the prepared transactions, in the form of rdb_db_multi_get's output.
RDB_EXPORT(rdb_status, rdb_transaction_db_prepared)(rdb_db* db, rdb_slice* out, uint32_t* count);
// Takes a transaction that the recovery made, by its name. `out` receives null when there is none; each can be taken
// once.
RDB_EXPORT(rdb_status, rdb_transaction_db_take)(rdb_db* db, const uint8_t* name,
                                                uint32_t name_length, rdb_transaction** out);
// Packed words, for rdb_memory_free. Of each lock: column family id, 1 if exclusive, count of transactions, length
// of the key; their ids (low word, high word); the key, padded to 4.
RDB_EXPORT(rdb_status, rdb_transaction_db_locks)(rdb_db* db, rdb_slice* out, uint32_t* count);
// Likewise. Of each deadlock: 1 if the search was given up, seconds since 1970 (low word, high word), count of steps;
// of each step: id of the transaction (two words), column family id, 1 if exclusive, length of the key; the key.
RDB_EXPORT(rdb_status, rdb_transaction_db_deadlocks)(rdb_db* db, rdb_slice* out, uint32_t* count);
RDB_EXPORT(void, rdb_transaction_db_set_deadlock_buffer_size)(rdb_db* db, uint32_t count);
// rdb_db_write with TransactionDBWriteOptimizations.
RDB_EXPORT(rdb_status, rdb_transaction_db_write)(rdb_db* db, uint32_t flags,
                                                 uint32_t skip_concurrency_control,
                                                 uint32_t skip_duplicate_key_check,
                                                 rdb_write_batch* batch);

// Snapshots that the database keeps under a timestamp (64 bits as low and high word), until they are released.
RDB_EXPORT(rdb_status, rdb_timestamped_snapshot_create)(rdb_db* db, uint32_t low, uint32_t high,
                                                        rdb_snapshot** out);
// Null: there is none of that timestamp (all bits set: none at all, otherwise the latest).
RDB_EXPORT(rdb_snapshot*, rdb_timestamped_snapshot_get)(rdb_db* db, uint32_t low, uint32_t high);
// Timestamps of those from the first (`lower`) up to, not with, the second, as pairs of words, for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_timestamped_snapshot_list)(rdb_db* db, uint32_t lower_low,
                                                      uint32_t lower_high, uint32_t upper_low,
                                                      uint32_t upper_high, rdb_slice* out,
                                                      uint32_t* count);
RDB_EXPORT(void, rdb_timestamped_snapshot_release)(rdb_db* db, uint32_t low, uint32_t high);

// --- transactions -----------------------------------------------------------------------------------

enum rdb_transaction_flags : uint32_t {
  kTransactionSetSnapshot = 1,
  kTransactionDeadlockDetect = 2,
  kTransactionOnlyLastCommitTimeBatch = 4,
  kTransactionSkipConcurrencyControl = 8,
  kTransactionSkipPrepare = 16,
  kTransactionCommitBypassMemtable = 32,
};

// TransactionOptions; of an optimistic one only kTransactionSetSnapshot counts.
struct rdb_transaction_options {
  double lock_timeout_ms;
  double expiration_ms;
  double deadlock_detect_depth;
  double write_batch_flush_threshold;
  uint32_t write_flags;
  uint32_t flags;
  uint32_t max_write_batch_size;
};

// `old` is begun anew in place and given back, when it is not null.
RDB_EXPORT(rdb_status, rdb_transaction_begin)(rdb_db* db, rdb_transaction_options* options,
                                              rdb_transaction* old, rdb_transaction** out);
// Drops what was not committed and gives the locks up. One that is prepared stays in the log, prepared. Iterators over
// it are freed before.
RDB_EXPORT(void, rdb_transaction_free)(rdb_transaction* transaction);
RDB_EXPORT(rdb_status, rdb_transaction_prepare)(rdb_transaction* transaction);
// These two end iterators over it: free them before. So does rolling back to a savepoint.
RDB_EXPORT(rdb_status, rdb_transaction_commit)(rdb_transaction* transaction);
RDB_EXPORT(rdb_status, rdb_transaction_rollback)(rdb_transaction* transaction);
// Commits at a timestamp, and keeps a snapshot under it. `out` receives null when there is one of a later one.
RDB_EXPORT(rdb_status, rdb_transaction_commit_with_snapshot)(rdb_transaction* transaction,
                                                             uint32_t low, uint32_t high,
                                                             rdb_snapshot** out);
RDB_EXPORT(void, rdb_transaction_set_savepoint)(rdb_transaction* transaction);
RDB_EXPORT(rdb_status, rdb_transaction_rollback_to_savepoint)(rdb_transaction* transaction);
RDB_EXPORT(rdb_status, rdb_transaction_pop_savepoint)(rdb_transaction* transaction);
RDB_EXPORT(void, rdb_transaction_set_snapshot)(rdb_transaction* transaction,
                                               uint32_t on_next_operation);
RDB_EXPORT(void, rdb_transaction_clear_snapshot)(rdb_transaction* transaction);
// A hold on its snapshot; null when it has none. Free it before the transaction.
RDB_EXPORT(rdb_snapshot*, rdb_transaction_get_snapshot)(rdb_transaction* transaction);
// The sequence number of its snapshot; -1: none.
RDB_EXPORT(double, rdb_transaction_snapshot_number)(rdb_transaction* transaction);
RDB_EXPORT(rdb_status, rdb_transaction_set_name)(rdb_transaction* transaction, const uint8_t* name,
                                                 uint32_t name_length);
RDB_EXPORT(void, rdb_transaction_put_log_data)(rdb_transaction* transaction, const uint8_t* data,
                                               uint32_t length);
RDB_EXPORT(void, rdb_transaction_undo_get_for_update)(rdb_transaction* transaction,
                                                      rdb_column_family* cf, const uint8_t* key,
                                                      uint32_t key_length);
// Makes one value of a key and its merge operands.
RDB_EXPORT(rdb_status, rdb_transaction_collapse_key)(rdb_transaction* transaction,
                                                     rdb_column_family* cf, uint32_t flags,
                                                     rdb_snapshot* snapshot, const uint8_t* key,
                                                     uint32_t key_length);
RDB_EXPORT(void, rdb_transaction_set_indexing)(rdb_transaction* transaction, uint32_t enabled);
RDB_EXPORT(void, rdb_transaction_set_lock_timeout)(rdb_transaction* transaction, double ms);
RDB_EXPORT(void, rdb_transaction_set_write_flags)(rdb_transaction* transaction, uint32_t flags);
// Does again what a batch says.
RDB_EXPORT(rdb_status, rdb_transaction_rebuild)(rdb_transaction* transaction,
                                                rdb_write_batch* batch);
RDB_EXPORT(rdb_status, rdb_transaction_rebuild_from_index)(rdb_transaction* transaction,
                                                           rdb_batch_with_index* batch);
// Replaces what is written along with the commit of a prepared transaction, without locks.
RDB_EXPORT(rdb_status, rdb_transaction_set_commit_time_batch)(rdb_transaction* transaction,
                                                              rdb_write_batch* batch);
// 64 bits as low and high word.
RDB_EXPORT(rdb_status, rdb_transaction_set_read_timestamp)(rdb_transaction* transaction,
                                                           uint32_t low, uint32_t high);
RDB_EXPORT(rdb_status, rdb_transaction_set_commit_timestamp)(rdb_transaction* transaction,
                                                             uint32_t low, uint32_t high);

struct rdb_transaction_info {
  double id;
  double keys;                // locked, or tracked
  double puts;
  double put_entities;
  double deletes;
  double merges;
  double elapsed_ms;
  double log_number;          // of the log that its preparation is in; 0: none
  uint32_t commit_timestamp;  // low word, then high word; all bits set: none
  uint32_t commit_timestamp_high;
  uint32_t state;             // Transaction::TransactionState
  uint32_t deadlock_detect;
  uint32_t batch_bytes;       // of its changes, as they go into the log
  uint32_t name;              // valid until the next call
  uint32_t name_length;
};

RDB_EXPORT(void, rdb_transaction_get_info)(rdb_transaction* transaction, rdb_transaction_info* out);

// --- write batches with an index --------------------------------------------------------------------

RDB_EXPORT(rdb_status, rdb_batch_with_index_create)(rdb_db* db, uint32_t overwrite_key,
                                                    uint32_t reserved_bytes, uint32_t max_bytes,
                                                    uint32_t protection_bytes_per_key,
                                                    rdb_batch_with_index** out);
// 1: a comparator threw in the last change of the view's index. It gives what it should not until it is made anew, by
// clearing or rolling back.
RDB_EXPORT(uint32_t, rdb_view_misplaced)(rdb_db* view);
// That of a transaction, which it is freed before.
RDB_EXPORT(rdb_batch_with_index*, rdb_batch_with_index_of)(rdb_transaction* transaction);
RDB_EXPORT(void, rdb_batch_with_index_free)(rdb_batch_with_index* batch);
RDB_EXPORT(rdb_status, rdb_batch_with_index_put_log_data)(rdb_batch_with_index* batch,
                                                          const uint8_t* data, uint32_t length);
// Gives all keys in column families with user-defined timestamps this one, in place; it has to be of their size.
RDB_EXPORT(rdb_status, rdb_batch_with_index_update_timestamps)(rdb_batch_with_index* batch,
                                                               const uint8_t* timestamp,
                                                               uint32_t length);
// This and rolling back to a savepoint end iterators over it: free them before.
RDB_EXPORT(void, rdb_batch_with_index_clear)(rdb_batch_with_index* batch);
RDB_EXPORT(void, rdb_batch_with_index_set_savepoint)(rdb_batch_with_index* batch);
RDB_EXPORT(rdb_status, rdb_batch_with_index_rollback_to_savepoint)(rdb_batch_with_index* batch);
RDB_EXPORT(rdb_status, rdb_batch_with_index_pop_savepoint)(rdb_batch_with_index* batch);
RDB_EXPORT(void, rdb_batch_with_index_set_max_bytes)(rdb_batch_with_index* batch, uint32_t bytes);
RDB_EXPORT(rdb_status, rdb_batch_with_index_write)(rdb_db* db, uint32_t flags,
                                                   rdb_batch_with_index* batch);

struct rdb_batch_with_index_info {
  uint32_t count;
  uint32_t data;         // RocksDB's WriteBatch representation; valid until the next call on the batch
  uint32_t length;
  uint32_t overwrite_key;
};

RDB_EXPORT(void, rdb_batch_with_index_get_info)(rdb_batch_with_index* batch,
                                                rdb_batch_with_index_info* out);
