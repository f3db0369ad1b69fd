#include "wasm/bindings/attachments.h"

#include "rocksdb/table.h"
#include "wasm/bindings/contract/attachments.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/rate_limiter.h"
#include "wasm/bindings/resources.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

template <typename Object>
const Object& ObjectOf(const rdb_attachment& attachment) {
  return *reinterpret_cast<const Object*>(attachment.object);
}

const std::shared_ptr<Cache>& CacheOf(const rdb_attachment& attachment) {
  return ObjectOf<rdb_cache>(attachment).cache;
}

CacheUsageOptions ToCacheUsage(uint32_t bits) {
  static constexpr CacheEntryRole kRoles[] = {
      CacheEntryRole::kCompressionDictionaryBuildingBuffer, CacheEntryRole::kFilterConstruction,
      CacheEntryRole::kBlockBasedTableReader, CacheEntryRole::kFileMetadata,
      CacheEntryRole::kBlobCache};
  CacheUsageOptions usage;
  for (CacheEntryRole role : kRoles) {
    const uint32_t choice = bits & 3;
    bits >>= 2;
    if (choice == 0) continue;
    usage.options_overrides[role].charged =
        static_cast<CacheEntryRoleOptions::Decision>(choice - 1);
  }
  return usage;
}

std::vector<DbPath> PathsOf(const rdb_attachment& attachment) {
  const auto* list = reinterpret_cast<const rdb_path_list*>(attachment.object);
  const auto* paths = reinterpret_cast<const rdb_path*>(list->paths);
  std::vector<DbPath> result;
  for (uint32_t i = 0; i < list->count; ++i) {
    result.emplace_back(ToString(ToAddress(paths[i].path), paths[i].path_length),
                        static_cast<uint64_t>(paths[i].target_size));
  }
  return result;
}

Status AttachOne(const rdb_attachment& attachment, DBOptions* options) {
  switch (attachment.kind) {
    case kAttachDbPaths:
      options->db_paths = PathsOf(attachment);
      return Status::OK();
    case kAttachRowCache:
      options->row_cache = CacheOf(attachment);
      return Status::OK();
    case kAttachListeners:
      options->listeners.push_back(MakeHostListener(attachment.object));
      return Status::OK();
    case kAttachLogger:
      options->info_log = MakeHostLogger(attachment.object, options->info_log_level);
      return Status::OK();
    case kAttachWalFilter:
      AddHostWalFilter(attachment.object, options);
      return Status::OK();
    case kAttachStatistics:
      options->statistics = ObjectOf<rdb_statistics>(attachment).statistics;
      return Status::OK();
    case kAttachRateLimiter:
      options->rate_limiter = ObjectOf<rdb_rate_limiter>(attachment).limiter;
      return Status::OK();
    case kAttachSstFileManager:
      options->sst_file_manager = ObjectOf<rdb_sst_file_manager>(attachment).manager;
      return Status::OK();
    case kAttachWriteBufferManager:
      options->write_buffer_manager = ObjectOf<rdb_write_buffer_manager>(attachment).manager;
      return Status::OK();
  }
  return Status::InvalidArgument("no such object among the database's options");
}

Status AttachOne(const rdb_attachment& attachment, ColumnFamilyOptions* options) {
  switch (attachment.kind) {
    case kAttachCfPaths:
      options->cf_paths = PathsOf(attachment);
      return Status::OK();
    case kAttachBlockCache: {
      auto* table = options->table_factory->GetOptions<BlockBasedTableOptions>();
      if (table == nullptr) {
        return Status::InvalidArgument("blockCache needs the block-based table format");
      }
      table->block_cache = CacheOf(attachment);
      return Status::OK();
    }
    case kAttachBlobCache:
      options->blob_cache = CacheOf(attachment);
      return Status::OK();
    case kAttachCacheUsage: {
      auto* table = options->table_factory->GetOptions<BlockBasedTableOptions>();
      if (table == nullptr) {
        return Status::InvalidArgument("cacheUsageOptions needs the block-based table format");
      }
      table->cache_usage_options = ToCacheUsage(attachment.object);
      return Status::OK();
    }
  }
  return Status::InvalidArgument("no such object among the column family's options");
}

template <typename Options>
Status AttachAll(uint32_t attachments, uint32_t count, Options* options) {
  const auto* array = reinterpret_cast<const rdb_attachment*>(attachments);
  Status status;
  for (uint32_t i = 0; i < count && status.ok(); ++i) status = AttachOne(array[i], options);
  return status;
}

}  // namespace

Status Attach(uint32_t attachments, uint32_t count, DBOptions* options) {
  return AttachAll(attachments, count, options);
}

Status Attach(uint32_t attachments, uint32_t count, ColumnFamilyOptions* options) {
  Status status = AttachAll(attachments, count, options);
  // The factory decides by its options, when it is made, what it charges to the block cache.
  const auto* table = count > 0 && status.ok()
                          ? options->table_factory->GetOptions<BlockBasedTableOptions>()
                          : nullptr;
  if (table != nullptr) {
    options->table_factory.reset(NewBlockBasedTableFactory(BlockBasedTableOptions(*table)));
  }
  return status;
}

}  // namespace rocksdb_wasm
