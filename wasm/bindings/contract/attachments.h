// Options that are objects. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// `object`: an rdb_ object, or the number of a host object (src/native/host-callbacks.ts).
struct rdb_attachment {
  uint32_t kind;
  uint32_t object;
};

enum rdb_attachment_kind : uint32_t {
  kAttachBlockCache = 1,     // rdb_cache
  kAttachRowCache = 2,       // rdb_cache
  kAttachStatistics = 3,     // rdb_statistics
  kAttachRateLimiter = 4,    // rdb_rate_limiter
  kAttachSstFileManager = 5,     // rdb_sst_file_manager
  kAttachWriteBufferManager = 6, // rdb_write_buffer_manager
  kAttachBlobCache = 19,     // rdb_cache
  // No object: rocksdb::CacheEntryRoleOptions::Decision + 1, or 0 for none, in two bits each, for compression
  // dictionaries, filter construction, table readers, file metadata and the blob cache.
  kAttachCacheUsage = 40,
  kAttachListeners = 7,      // a host object: contract/events.h
  kAttachLogger = 8,         // a host object
  kAttachWalFilter = 9,      // a host object
  kAttachDbPaths = 21,       // rdb_path_list
  kAttachCfPaths = 22,       // rdb_path_list
};

struct rdb_path_list {
  uint32_t paths;            // rdb_path[]
  uint32_t count;
};
struct rdb_path {
  double target_size;        // bytes
  uint32_t path;
  uint32_t path_length;
};
