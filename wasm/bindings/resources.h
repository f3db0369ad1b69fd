// The objects that databases share, behind the opaque pointers of contract/statistics.h and contract/resources.h.
#pragma once

#include <memory>

#include "rocksdb/rate_limiter.h"
#include "rocksdb/secondary_cache.h"
#include "rocksdb/sst_file_manager.h"
#include "rocksdb/statistics.h"
#include "rocksdb/write_buffer_manager.h"
#include "wasm/bindings/contract/resources.h"
#include "wasm/bindings/contract/statistics.h"
#include "wasm/bindings/objects.h"

struct rdb_statistics : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<ROCKSDB_NAMESPACE::Statistics> statistics;
};

struct rdb_secondary_cache : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<ROCKSDB_NAMESPACE::SecondaryCache> cache;
};

struct rdb_write_buffer_manager : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<ROCKSDB_NAMESPACE::WriteBufferManager> manager;
};

struct rdb_sst_file_manager : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<ROCKSDB_NAMESPACE::SstFileManager> manager;
};
