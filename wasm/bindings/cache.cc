#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

rdb_status rdb_cache_create(uint32_t type, double capacity, int32_t shard_bits, uint32_t strict,
                            double high_priority_ratio, rdb_cache** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_cache, OwnedDeleter<rdb_cache>> holder(NewOwned<rdb_cache>(Owner::kCache));
    OwnerScope owner(holder->slot());
    if (type == kCacheHyperClock) {
      HyperClockCacheOptions options(static_cast<size_t>(capacity), /*entry_charge=*/0,
                                     shard_bits, strict != 0);
      holder->cache = options.MakeSharedCache();
    } else {
      LRUCacheOptions options(static_cast<size_t>(capacity), shard_bits, strict != 0,
                              high_priority_ratio);
      holder->cache = options.MakeSharedCache();
    }
    if (holder->cache == nullptr) return Status::InvalidArgument("RocksDB refused the cache");
    *out = holder.release();
    return Status::OK();
  });
}

void rdb_cache_free(rdb_cache* cache) { DeleteOwned(cache); }

void rdb_cache_set_capacity(rdb_cache* cache, double capacity) {
  OwnerScope owner(cache->slot());
  cache->cache->SetCapacity(static_cast<size_t>(capacity));
}

double rdb_cache_usage(rdb_cache* cache) { return static_cast<double>(cache->cache->GetUsage()); }

double rdb_cache_pinned_usage(rdb_cache* cache) {
  return static_cast<double>(cache->cache->GetPinnedUsage());
}

void rdb_cache_erase_unused(rdb_cache* cache) { cache->cache->EraseUnRefEntries(); }
