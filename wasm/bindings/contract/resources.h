// What databases share: caches, rate limiter, write-buffer manager, SST file manager. Part of the contract:
// bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Databases that use one of these keep it; `_free` gives up the handle's own hold. Bytes are doubles.

struct rdb_secondary_cache;
struct rdb_rate_limiter;
struct rdb_write_buffer_manager;
struct rdb_sst_file_manager;

// --- caches ---------------------------------------------------------------------------------------

enum rdb_cache_type : uint32_t { kCacheLru = 0, kCacheHyperClock = 1 };

struct rdb_cache_options {
  double capacity;                  // for a tiered cache, of both tiers
  double high_priority_pool_ratio;  // LRU, and the compressed tier
  double low_priority_pool_ratio;
  double estimated_entry_charge;    // hyper clock; 0: found out as it goes
  double min_average_entry_charge;
  double compressed_ratio;          // share of the compressed tier; 0: there is none
  uint32_t type;                    // rdb_cache_type
  int32_t shard_bits;
  uint32_t strict;
  uint32_t charge_metadata;
  uint32_t eviction_effort_cap;     // hyper clock
  uint32_t secondary;               // rdb_secondary_cache*, or null
  uint32_t admission;               // rocksdb::TieredAdmissionPolicy
  uint32_t compression;             // of the compressed tier, rocksdb::CompressionType
  uint32_t compress_format_version;
  uint32_t do_not_compress;         // bits of rocksdb::CacheEntryRole
};

RDB_EXPORT(rdb_status, rdb_cache_create)(rdb_cache_options* options, rdb_cache** out);
RDB_EXPORT(void, rdb_cache_free)(rdb_cache* cache);

struct rdb_cache_figures {
  double capacity;
  double usage;
  double pinned_usage;
  double occupancy_count;
  double table_address_count;
  uint32_t strict;
};

RDB_EXPORT(void, rdb_cache_read)(rdb_cache* cache, rdb_cache_figures* out);
RDB_EXPORT(void, rdb_cache_set_capacity)(rdb_cache* cache, double capacity);
RDB_EXPORT(void, rdb_cache_set_strict)(rdb_cache* cache, uint32_t strict);
// Drops every block that nothing uses at the moment.
RDB_EXPORT(void, rdb_cache_erase_unused)(rdb_cache* cache);
// A tiered cache's; negative numbers, and kAdmPolicyMax (5), leave things as they are.
RDB_EXPORT(rdb_status, rdb_cache_update_tiered)(rdb_cache* cache, double capacity, double compressed_ratio,
                                                uint32_t admission);

// Of the options those of the compressed tier are used.
RDB_EXPORT(rdb_status, rdb_secondary_cache_create)(rdb_cache_options* options, rdb_secondary_cache** out);
RDB_EXPORT(void, rdb_secondary_cache_free)(rdb_secondary_cache* cache);
RDB_EXPORT(double, rdb_secondary_cache_capacity)(rdb_secondary_cache* cache);
RDB_EXPORT(rdb_status, rdb_secondary_cache_set_capacity)(rdb_secondary_cache* cache, double capacity);

// --- rate limiter ---------------------------------------------------------------------------------

struct rdb_rate_limiter_options {
  double bytes_per_second;
  double refill_period_micros;
  double single_burst_bytes;        // 0: the bytes of one refill
  uint32_t mode;                    // rocksdb::RateLimiter::Mode
  uint32_t auto_tuned;
};

RDB_EXPORT(rdb_rate_limiter*, rdb_rate_limiter_create)(rdb_rate_limiter_options* options);
RDB_EXPORT(void, rdb_rate_limiter_free)(rdb_rate_limiter* limiter);
RDB_EXPORT(void, rdb_rate_limiter_set_bytes_per_second)(rdb_rate_limiter* limiter, double bytes);
RDB_EXPORT(double, rdb_rate_limiter_bytes_per_second)(rdb_rate_limiter* limiter);
RDB_EXPORT(rdb_status, rdb_rate_limiter_set_single_burst_bytes)(rdb_rate_limiter* limiter, double bytes);
RDB_EXPORT(double, rdb_rate_limiter_single_burst_bytes)(rdb_rate_limiter* limiter);

// `priority`, here and below: rocksdb::Env::IOPriority; 4: all.
struct rdb_rate_limiter_figures {
  double total_bytes;
  double total_requests;
  double delay_micros;              // until background work of that priority goes on
};

RDB_EXPORT(void, rdb_rate_limiter_read)(rdb_rate_limiter* limiter, uint32_t priority,
                                        rdb_rate_limiter_figures* out);
// Returns when so many bytes may be written; meanwhile time passes by the host's clock.
RDB_EXPORT(void, rdb_rate_limiter_request)(rdb_rate_limiter* limiter, double bytes, uint32_t priority);

// --- write-buffer manager -------------------------------------------------------------------------

// `cache`: where the memory is charged, or null.
RDB_EXPORT(rdb_write_buffer_manager*, rdb_write_buffer_manager_create)(double buffer_size, rdb_cache* cache,
                                                                       uint32_t allow_stall);
RDB_EXPORT(void, rdb_write_buffer_manager_free)(rdb_write_buffer_manager* manager);

struct rdb_write_buffer_manager_figures {
  double buffer_size;
  double memory_usage;
  double mutable_memory_usage;
  double charged_to_cache;
  uint32_t enabled;
  uint32_t cost_to_cache;
  uint32_t over_limit;
};

RDB_EXPORT(void, rdb_write_buffer_manager_read)(rdb_write_buffer_manager* manager,
                                                rdb_write_buffer_manager_figures* out);
RDB_EXPORT(void, rdb_write_buffer_manager_set_buffer_size)(rdb_write_buffer_manager* manager, double bytes);
RDB_EXPORT(void, rdb_write_buffer_manager_set_allow_stall)(rdb_write_buffer_manager* manager, uint32_t allow);

// --- SST file manager -----------------------------------------------------------------------------

struct rdb_sst_file_manager_options {
  double delete_rate;               // bytes a second; 0: files are deleted at once
  double max_trash_db_ratio;
  double max_delete_chunk;
  double max_allowed_space;         // 0: no limit
  double compaction_buffer;
};

RDB_EXPORT(rdb_status, rdb_sst_file_manager_create)(rdb_sst_file_manager_options* options,
                                                    rdb_sst_file_manager** out);
RDB_EXPORT(void, rdb_sst_file_manager_free)(rdb_sst_file_manager* manager);

struct rdb_sst_file_manager_figures {
  double total_size;
  double trash_size;
  double delete_rate;
  double max_trash_db_ratio;
  uint32_t space_reached;
  uint32_t space_reached_with_compactions;
};

RDB_EXPORT(void, rdb_sst_file_manager_read)(rdb_sst_file_manager* manager,
                                            rdb_sst_file_manager_figures* out);
RDB_EXPORT(void, rdb_sst_file_manager_set_max_space)(rdb_sst_file_manager* manager, double bytes);
RDB_EXPORT(void, rdb_sst_file_manager_set_compaction_buffer)(rdb_sst_file_manager* manager, double bytes);
RDB_EXPORT(void, rdb_sst_file_manager_set_delete_rate)(rdb_sst_file_manager* manager, double bytes);
RDB_EXPORT(void, rdb_sst_file_manager_set_max_trash_ratio)(rdb_sst_file_manager* manager, double ratio);
// Where it counts what it deletes; null: nowhere.
RDB_EXPORT(void, rdb_sst_file_manager_set_statistics)(rdb_sst_file_manager* manager,
                                                      uint32_t statistics);
// Out: a block for rdb_memory_free: a uint32 count; paths, and sizes in decimal, by turns as packed text.
RDB_EXPORT(rdb_status, rdb_sst_file_manager_tracked_files)(rdb_sst_file_manager* manager, rdb_slice* out);

// --- env ------------------------------------------------------------------------------------------

// `priority`: rocksdb::Env::Priority.
RDB_EXPORT(uint32_t, rdb_env_queue_length)(uint32_t priority);
RDB_EXPORT(int32_t, rdb_env_get_background_threads)(uint32_t priority);
RDB_EXPORT(void, rdb_env_set_background_threads)(uint32_t priority, int32_t number);
