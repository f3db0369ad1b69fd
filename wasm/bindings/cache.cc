// Block caches, with a compressed tier below them or without.
#include "rocksdb/cache.h"

#include "wasm/bindings/resources.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

LRUCacheOptions ToLruOptions(const rdb_cache_options& given) {
  LRUCacheOptions options;
  options.capacity = static_cast<size_t>(given.capacity);
  options.num_shard_bits = given.shard_bits;
  options.strict_capacity_limit = given.strict != 0;
  options.high_pri_pool_ratio = given.high_priority_pool_ratio;
  options.low_pri_pool_ratio = given.low_priority_pool_ratio;
  options.metadata_charge_policy =
      given.charge_metadata != 0 ? kFullChargeCacheMetadata : kDontChargeCacheMetadata;
  return options;
}

HyperClockCacheOptions ToHyperClockOptions(const rdb_cache_options& given) {
  HyperClockCacheOptions options(
      static_cast<size_t>(given.capacity), static_cast<size_t>(given.estimated_entry_charge),
      given.shard_bits, given.strict != 0, nullptr,
      given.charge_metadata != 0 ? kFullChargeCacheMetadata : kDontChargeCacheMetadata);
  options.min_avg_entry_charge = static_cast<size_t>(given.min_average_entry_charge);
  options.eviction_effort_cap = static_cast<int>(given.eviction_effort_cap);
  return options;
}

CompressedSecondaryCacheOptions ToCompressedOptions(const rdb_cache_options& given) {
  CompressedSecondaryCacheOptions options;
  static_cast<LRUCacheOptions&>(options) = ToLruOptions(given);
  options.compression_type = static_cast<CompressionType>(given.compression);
  options.compress_format_version = given.compress_format_version;
  options.do_not_compress_roles = CacheEntryRoleSet();
  for (uint32_t role = 0; role < kNumCacheEntryRoles; ++role) {
    if (given.do_not_compress & (1u << role)) {
      options.do_not_compress_roles.Add(static_cast<CacheEntryRole>(role));
    }
  }
  return options;
}

std::shared_ptr<SecondaryCache> SecondaryOf(const rdb_cache_options& given) {
  const auto* secondary = reinterpret_cast<const rdb_secondary_cache*>(given.secondary);
  return secondary == nullptr ? nullptr : secondary->cache;
}

std::shared_ptr<Cache> MakeCache(const rdb_cache_options& given) {
  LRUCacheOptions lru = ToLruOptions(given);
  HyperClockCacheOptions clock = ToHyperClockOptions(given);
  if (given.compressed_ratio > 0) {
    TieredCacheOptions tiered;
    tiered.cache_type = given.type == kCacheHyperClock ? PrimaryCacheType::kCacheTypeHCC
                                                       : PrimaryCacheType::kCacheTypeLRU;
    tiered.cache_opts = given.type == kCacheHyperClock
                            ? static_cast<ShardedCacheOptions*>(&clock)
                            : static_cast<ShardedCacheOptions*>(&lru);
    tiered.adm_policy = static_cast<TieredAdmissionPolicy>(given.admission);
    tiered.comp_cache_opts = ToCompressedOptions(given);
    tiered.total_capacity = static_cast<size_t>(given.capacity);
    tiered.compressed_secondary_ratio = given.compressed_ratio;
    return NewTieredCache(tiered);
  }
  if (given.type == kCacheHyperClock) {
    clock.secondary_cache = SecondaryOf(given);
    return clock.MakeSharedCache();
  }
  lru.secondary_cache = SecondaryOf(given);
  return lru.MakeSharedCache();
}

}  // namespace

rdb_status rdb_cache_create(rdb_cache_options* options, rdb_cache** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_cache, OwnedDeleter<rdb_cache>> holder(NewOwned<rdb_cache>(Owner::kCache));
    OwnerScope owner(holder->slot());
    holder->cache = MakeCache(*options);
    if (holder->cache == nullptr) return Status::InvalidArgument("RocksDB refused the cache");
    *out = holder.release();
    return Status::OK();
  });
}

void rdb_cache_free(rdb_cache* cache) { DeleteOwned(cache); }

void rdb_cache_read(rdb_cache* cache, rdb_cache_figures* out) {
  const Cache& of = *cache->cache;
  *out = {static_cast<double>(of.GetCapacity()),       static_cast<double>(of.GetUsage()),
          static_cast<double>(of.GetPinnedUsage()),    static_cast<double>(of.GetOccupancyCount()),
          static_cast<double>(of.GetTableAddressCount()), of.HasStrictCapacityLimit() ? 1u : 0u};
}

void rdb_cache_set_capacity(rdb_cache* cache, double capacity) {
  OwnerScope owner(cache->slot());
  cache->cache->SetCapacity(static_cast<size_t>(capacity));
}

void rdb_cache_set_strict(rdb_cache* cache, uint32_t strict) {
  OwnerScope owner(cache->slot());
  cache->cache->SetStrictCapacityLimit(strict != 0);
}

void rdb_cache_erase_unused(rdb_cache* cache) { cache->cache->EraseUnRefEntries(); }

rdb_status rdb_cache_update_tiered(rdb_cache* cache, double capacity, double compressed_ratio,
                                   uint32_t admission) {
  OwnerScope owner(cache->slot());
  return Guarded([&]() -> Status {
    return UpdateTieredCache(cache->cache, static_cast<int64_t>(capacity),
                             compressed_ratio < 0 ? std::numeric_limits<double>::max()
                                                  : compressed_ratio,
                             static_cast<TieredAdmissionPolicy>(admission));
  });
}

rdb_status rdb_secondary_cache_create(rdb_cache_options* options, rdb_secondary_cache** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_secondary_cache, OwnedDeleter<rdb_secondary_cache>> holder(
        NewOwned<rdb_secondary_cache>(Owner::kCache));
    OwnerScope owner(holder->slot());
    holder->cache = ToCompressedOptions(*options).MakeSharedSecondaryCache();
    if (holder->cache == nullptr) return Status::InvalidArgument("RocksDB refused the cache");
    *out = holder.release();
    return Status::OK();
  });
}

void rdb_secondary_cache_free(rdb_secondary_cache* cache) { DeleteOwned(cache); }

double rdb_secondary_cache_capacity(rdb_secondary_cache* cache) {
  size_t capacity = 0;
  cache->cache->GetCapacity(capacity).PermitUncheckedError();
  return static_cast<double>(capacity);
}

rdb_status rdb_secondary_cache_set_capacity(rdb_secondary_cache* cache, double capacity) {
  OwnerScope owner(cache->slot());
  return Guarded(
      [&]() -> Status { return cache->cache->SetCapacity(static_cast<size_t>(capacity)); });
}
