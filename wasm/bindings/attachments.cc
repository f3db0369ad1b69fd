#include "wasm/bindings/attachments.h"

#include "rocksdb/table.h"
#include "wasm/bindings/contract/attachments.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

const std::shared_ptr<Cache>& CacheOf(const rdb_attachment& attachment) {
  return reinterpret_cast<const rdb_cache*>(attachment.object)->cache;
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
  return AttachAll(attachments, count, options);
}

}  // namespace rocksdb_wasm
