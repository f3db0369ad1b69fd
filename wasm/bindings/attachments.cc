#include "wasm/bindings/attachments.h"

#include <string.h>

#include "rocksdb/table.h"
#include "rocksdb/utilities/table_properties_collectors.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/contract/attachments.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

const std::shared_ptr<Cache>& CacheOf(const rdb_attachment& attachment) {
  return reinterpret_cast<const rdb_cache*>(attachment.object)->cache;
}

const rdb_host_object& HostObjectOf(const rdb_attachment& attachment) {
  return *reinterpret_cast<const rdb_host_object*>(attachment.object);
}

// The options may have it from the OPTIONS file, as it was when they were stored.
void AddCollector(std::shared_ptr<TablePropertiesCollectorFactory> factory,
                  ColumnFamilyOptions* options) {
  auto& factories = options->table_properties_collector_factories;
  for (auto& known : factories) {
    if (strcmp(known->Name(), factory->Name()) != 0) continue;
    known = std::move(factory);
    return;
  }
  factories.push_back(std::move(factory));
}

Status AttachOne(const rdb_attachment& attachment, DBOptions* options) {
  switch (attachment.kind) {
    case kAttachChecksumFactory:
      options->file_checksum_gen_factory = MakeChecksumFactory(HostObjectOf(attachment));
      return Status::OK();
    case kAttachRowCache:
      options->row_cache = CacheOf(attachment);
      return Status::OK();
  }
  return Status::InvalidArgument("no such object among the database's options");
}

Status AttachOne(const rdb_attachment& attachment, ColumnFamilyOptions* options) {
  switch (attachment.kind) {
    case kAttachBlockCache: {
      auto* table = options->table_factory->GetOptions<BlockBasedTableOptions>();
      if (table == nullptr) {
        return Status::InvalidArgument("blockCache needs the block-based table format");
      }
      table->block_cache = CacheOf(attachment);
      return Status::OK();
    }
    case kAttachComparator:
      return UseComparator(HostObjectOf(attachment), options);
    case kAttachMergeOperator:
      options->merge_operator = MakeMergeOperator(HostObjectOf(attachment));
      return Status::OK();
    case kAttachCompactionFilter:
      options->compaction_filter_factory = MakeCompactionFilter(HostObjectOf(attachment));
      return Status::OK();
    case kAttachCompactionFilterFactory:
      options->compaction_filter_factory = MakeCompactionFilterFactory(HostObjectOf(attachment));
      return Status::OK();
    case kAttachPrefixExtractor:
      options->prefix_extractor = MakeSliceTransform(HostObjectOf(attachment));
      return Status::OK();
    case kAttachHintPrefixExtractor:
      options->memtable_insert_with_hint_prefix_extractor =
          MakeSliceTransform(HostObjectOf(attachment));
      return Status::OK();
    case kAttachCollectorFactory:
      AddCollector(MakeCollectorFactory(HostObjectOf(attachment)), options);
      return Status::OK();
    case kAttachCompactForTiering:
      AddCollector(NewCompactForTieringCollectorFactory(
                       *reinterpret_cast<const double*>(attachment.object)),
                   options);
      return Status::OK();
    case kAttachPartitionerFactory:
      options->sst_partitioner_factory = MakePartitionerFactory(HostObjectOf(attachment));
      return Status::OK();
  }
  return Status::InvalidArgument("no such object among the column family's options");
}

template <typename Options>
Status AttachAll(uint32_t attachments, uint32_t count, Options* options) {
  const auto* array = reinterpret_cast<const rdb_attachment*>(attachments);
  OwnerScope owner(Owner::kCallback);
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
