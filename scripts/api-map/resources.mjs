import { at, camel, no } from '../api-table/rows.mjs';

export default {
  area: 'resources',
  c: {
    rocksdb_options_set_write_buffer_manager: 'OpenOptions.writeBufferManager',
    rocksdb_options_set_ratelimiter: 'OpenOptions.rateLimiter',
    rocksdb_options_set_blob_cache: 'ColumnFamilyOptions.blobCache',
    rocksdb_ratelimiter_create: 'RateLimiter',
    rocksdb_ratelimiter_create_auto_tuned: 'RateLimiterOptions.autoTuned',
    rocksdb_ratelimiter_create_with_mode: 'RateLimiterOptions.mode',
    rocksdb_ratelimiter_destroy: 'RateLimiter#free',
    rocksdb_jemalloc_nodump_allocator_create: no(
      'wasm',
      'the allocator is the one that the heap monitor counts',
    ),
    rocksdb_memory_allocator_destroy: no(
      'wasm',
      'the allocator is the one that the heap monitor counts',
    ),
    rocksdb_lru_cache_options_create: ['CacheOptions', "CacheOptions.type='lru'"],
    rocksdb_lru_cache_options_destroy: at('CacheOptions', 'a plain object'),
    rocksdb_lru_cache_options_set_capacity: 'CacheOptions.capacity',
    rocksdb_lru_cache_options_set_num_shard_bits: 'CacheOptions.shardBits',
    rocksdb_lru_cache_options_set_memory_allocator: no(
      'wasm',
      'the allocator is the one that the heap monitor counts',
    ),
    rocksdb_hyper_clock_cache_options_create: ['CacheOptions', "CacheOptions.type='hyperClock'"],
    rocksdb_hyper_clock_cache_options_destroy: at('CacheOptions', 'a plain object'),
    rocksdb_hyper_clock_cache_options_set_capacity: 'CacheOptions.capacity',
    rocksdb_hyper_clock_cache_options_set_num_shard_bits: 'CacheOptions.shardBits',
    rocksdb_hyper_clock_cache_options_set_estimated_entry_charge:
      'CacheOptions.estimatedEntryCharge',
    rocksdb_hyper_clock_cache_options_set_memory_allocator: no(
      'wasm',
      'the allocator is the one that the heap monitor counts',
    ),
    rocksdb_cache_create_lru: ['Cache', "CacheOptions.type='lru'"],
    rocksdb_cache_create_lru_with_strict_capacity_limit: [
      'Cache',
      'CacheOptions.strictCapacityLimit',
    ],
    rocksdb_cache_create_lru_opts: ['Cache', 'CacheOptions'],
    rocksdb_cache_create_hyper_clock: ['Cache', "CacheOptions.type='hyperClock'"],
    rocksdb_cache_create_hyper_clock_opts: ['Cache', 'CacheOptions'],
    rocksdb_cache_destroy: 'Cache#free',
    rocksdb_cache_disown_data: no(
      'memory',
      'it leaks the blocks so that a process ends sooner; an engine is dropped as a whole',
    ),
    rocksdb_cache_set_capacity: 'Cache#setCapacity',
    rocksdb_cache_get_capacity: 'Cache#capacity',
    rocksdb_cache_get_usage: 'Cache#usage',
    rocksdb_cache_get_pinned_usage: 'Cache#pinnedUsage',
    rocksdb_cache_get_table_address_count: 'Cache#tableAddressCount',
    rocksdb_cache_get_occupancy_count: 'Cache#occupancyCount',
    rocksdb_write_buffer_manager_create: 'WriteBufferManager',
    rocksdb_write_buffer_manager_create_with_cache: 'WriteBufferManagerOptions.cache',
    rocksdb_write_buffer_manager_destroy: 'WriteBufferManager#free',
    rocksdb_write_buffer_manager_cost_to_cache: 'WriteBufferManager#costToCache',
    rocksdb_env_join_all_threads: at('Engine#pump', 'runs all that is queued'),
  },
  cRules: [
    [
      /^rocksdb_write_buffer_manager_(set_buffer_size|set_allow_stall|\w+)$/,
      ([, name]) => `WriteBufferManager#${camel(name)}`,
    ],
    [
      /^rocksdb_env_([sg]et)_(?:(?:high|low|bottom)_priority_)?background_threads$/,
      ([, verb]) => `Engine#env.${verb}BackgroundThreads`,
    ],
    [/^rocksdb_env_lower_\w+$/, () => no('oneThread', 'there are no threads to give a priority')],
  ],
};
