// Reads beyond get: wide columns, several column families, sizes, key versions. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// What is rarely said of a read, beside rdb_read_flags and the snapshot. Times are microseconds.
struct rdb_read_options {
  double deadline_micros;               // since 1970; 0: none
  double io_timeout_micros;             // 0: none
  double value_size_soft_limit;         // bytes; Infinity: none
  uint32_t timestamp;                   // null: none
  uint32_t timestamp_length;
  uint32_t iter_start_timestamp;        // null: none
  uint32_t iter_start_timestamp_length;
  uint32_t rate_limiter_priority;       // Env::IOPriority
  uint32_t merge_operand_count_threshold;  // 0xffffffff: none
};

// Like rdb_db_get. `timestamp`: room for the timestamp of what was found, or null. `found` is 2 when there were
// more merge operands than the threshold.
RDB_EXPORT(rdb_status, rdb_db_get_with)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                        rdb_snapshot* snapshot, rdb_read_options* more,
                                        const uint8_t* key, uint32_t key_length, rdb_value* out,
                                        uint8_t* timestamp);
// Like rdb_db_multi_get, with a column family for each key; consistent over them. Each value is followed by a
// word, 1: there were more merge operands than the threshold; and, with `timestamps` 1, by its timestamp in the
// form of values.
RDB_EXPORT(rdb_status, rdb_db_multi_get_with)(rdb_db* db, rdb_column_family** families,
                                              uint32_t flags, rdb_snapshot* snapshot,
                                              rdb_read_options* more, const uint8_t* keys,
                                              uint32_t count, uint32_t timestamps, rdb_slice* out);
// Like rdb_pinned_slice_create.
RDB_EXPORT(rdb_status, rdb_pinned_slice_create_with)(rdb_db* db, rdb_column_family* cf,
                                                     uint32_t flags, rdb_snapshot* snapshot,
                                                     rdb_read_options* more, const uint8_t* key,
                                                     uint32_t key_length,
                                                     rdb_pinned_slice** handle, rdb_slice* out);

// --- wide columns ---------------------------------------------------------------------------------

// Entities go in and out in RocksDB's serialization (db/wide/wide_column_serialization.h).
RDB_EXPORT(rdb_status, rdb_db_put_entity)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                          const uint8_t* key, uint32_t key_length,
                                          const uint8_t* entity, uint32_t entity_length);
// Like rdb_db_multi_get_with; a plain value is an entity with the default column alone.
RDB_EXPORT(rdb_status, rdb_db_multi_get_entity)(rdb_db* db, rdb_column_family** families,
                                                uint32_t flags, rdb_snapshot* snapshot,
                                                rdb_read_options* more, const uint8_t* keys,
                                                uint32_t count, rdb_slice* out);

// --- what is there --------------------------------------------------------------------------------

struct rdb_may_exist {
  uint32_t may_exist;
  uint32_t value_found;      // 1: `value` is the value
  uint32_t value;            // a block for rdb_memory_free
  uint32_t value_length;
};

// Without reading files. Gives the value when `value` is 1 and it is at hand.
RDB_EXPORT(rdb_status, rdb_db_key_may_exist)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                             rdb_snapshot* snapshot, rdb_read_options* more,
                                             const uint8_t* key, uint32_t key_length,
                                             uint32_t value, rdb_may_exist* out);
// The operands that a get would merge, the oldest first, in the form of rdb_db_multi_get's output. `limit`: more
// than these are Incomplete; 0: all.
RDB_EXPORT(rdb_status, rdb_db_get_merge_operands)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                                  rdb_snapshot* snapshot, rdb_read_options* more,
                                                  const uint8_t* key, uint32_t key_length,
                                                  uint32_t limit, rdb_slice* out, uint32_t* count);

enum rdb_size_flags : uint32_t { kSizeFiles = 1, kSizeMemtables = 2 };

// `ranges`: 2 * `count` keys as rdb_db_multi_get takes them, begin and end of each, in order. `sizes` receives
// `count` doubles. A negative `error_margin`: as exact as can be.
RDB_EXPORT(rdb_status, rdb_db_approximate_sizes)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                                 double error_margin, const uint8_t* ranges,
                                                 uint32_t count, uint8_t* sizes);

struct rdb_memtable_stats {
  double count;
  double bytes;
};

RDB_EXPORT(rdb_status, rdb_db_approximate_memtable_stats)(rdb_db* db, rdb_column_family* cf,
                                                          const uint8_t* begin,
                                                          uint32_t begin_length,
                                                          const uint8_t* end, uint32_t end_length,
                                                          rdb_memtable_stats* out);

// The key, which ends with its timestamp if there is one, and the value follow, padded to 8.
struct rdb_key_version {
  double sequence_number;
  uint32_t type;             // ValueType, of the record
  uint32_t key_length;
  uint32_t value_length;
  uint32_t reserved;
};

// Versions of the keys in [begin, end], at most `limit`. null: no bound. Out: a block for rdb_memory_free with
// `count` times rdb_key_version.
RDB_EXPORT(rdb_status, rdb_db_get_key_versions)(rdb_db* db, rdb_column_family* cf,
                                                const uint8_t* begin, uint32_t begin_length,
                                                const uint8_t* end, uint32_t end_length,
                                                uint32_t limit, rdb_slice* out, uint32_t* count);

// --- user-defined timestamps ----------------------------------------------------------------------

// Bytes of a timestamp; 0: the column family's comparator knows none.
RDB_EXPORT(uint32_t, rdb_column_family_timestamp_size)(rdb_column_family* cf);
RDB_EXPORT(rdb_status, rdb_db_increase_full_history_ts_low)(rdb_db* db, rdb_column_family* cf,
                                                            const uint8_t* timestamp,
                                                            uint32_t length);
// Out: a block for rdb_memory_free; of length 0 when none was set.
RDB_EXPORT(rdb_status, rdb_db_get_full_history_ts_low)(rdb_db* db, rdb_column_family* cf,
                                                       rdb_slice* out);

// --- iterators over several column families -------------------------------------------------------

enum rdb_multi_iterator : uint32_t {
  kMultiCoalescing = 0,
  kMultiAttributeGroups = 1,  // values: for each group its index in `families`, its length, the entity, padded to 4
};

// `families`: handles, not null, with one comparator.
RDB_EXPORT(rdb_status, rdb_iterator_create_multi)(rdb_db* db, rdb_column_family** families,
                                                  uint32_t count, uint32_t type,
                                                  rdb_iterator_options* options,
                                                  rdb_iterator** out);
// With kReadUnprepared: loads the value of the entry that was read last. `out`: it, until the next call.
RDB_EXPORT(rdb_status, rdb_iterator_prepare_value)(rdb_iterator* iterator, rdb_slice* out);
// Out: a block for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_iterator_get_property)(rdb_iterator* iterator, const uint8_t* name,
                                                  uint32_t name_length, rdb_slice* out);
