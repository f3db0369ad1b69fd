#include "wasm/bindings/plain.h"

#include <map>
#include <memory>

#include "wasm/bindings/objects.h"
#include "wasm/bindings/table_properties.h"

namespace rocksdb_wasm {

void Plain::Status(const ROCKSDB_NAMESPACE::Status& status) {
  if (status.ok()) {
    out_.push_back('n');
    return;
  }
  out_.push_back('x');
  Raw(StatusWord(status));
  const std::string text = status.ToString();
  Raw(static_cast<uint32_t>(text.size()));
  out_.append(text);
}

void WriteTableProperties(const ROCKSDB_NAMESPACE::TableProperties& from, Plain* out) {
  out->Object([&] {
    out->Number("origFileNumber", from.orig_file_number);
    out->Number("dataSize", from.data_size);
    out->Number("indexSize", from.index_size);
    out->Number("indexPartitions", from.index_partitions);
    out->Number("topLevelIndexSize", from.top_level_index_size);
    out->Bool("indexKeyIsUserKey", from.index_key_is_user_key != 0);
    out->Bool("indexValueIsDeltaEncoded", from.index_value_is_delta_encoded != 0);
    out->Number("filterSize", from.filter_size);
    out->Number("rawKeySize", from.raw_key_size);
    out->Number("rawValueSize", from.raw_value_size);
    out->Number("numDataBlocks", from.num_data_blocks);
    out->Number("numEntries", from.num_entries);
    out->Number("numFilterEntries", from.num_filter_entries);
    out->Number("numDeletions", from.num_deletions);
    out->Number("numMergeOperands", from.num_merge_operands);
    out->Number("numRangeDeletions", from.num_range_deletions);
    out->Number("formatVersion", from.format_version);
    out->Number("fixedKeyLen", from.fixed_key_len);
    out->Number("columnFamilyId", from.column_family_id);
    out->Number("creationTime", from.creation_time);
    out->Number("oldestKeyTime", from.oldest_key_time);
    out->Number("newestKeyTime", from.newest_key_time);
    out->Number("fileCreationTime", from.file_creation_time);
    out->Number("slowCompressionEstimatedDataSize", from.slow_compression_estimated_data_size);
    out->Number("fastCompressionEstimatedDataSize", from.fast_compression_estimated_data_size);
    out->Number("externalSstFileGlobalSeqnoOffset", from.external_sst_file_global_seqno_offset);
    out->Number("tailStartOffset", from.tail_start_offset);
    out->Bool("userDefinedTimestampsPersisted", from.user_defined_timestamps_persisted != 0);
    out->Big("keyLargestSeqno", from.key_largest_seqno);
    out->Text("dbId", from.db_id);
    out->Text("dbSessionId", from.db_session_id);
    out->Text("dbHostId", from.db_host_id);
    out->Text("columnFamilyName", from.column_family_name);
    out->Text("filterPolicyName", from.filter_policy_name);
    out->Text("comparatorName", from.comparator_name);
    out->Text("mergeOperatorName", from.merge_operator_name);
    out->Text("prefixExtractorName", from.prefix_extractor_name);
    out->Text("propertyCollectorsNames", from.property_collectors_names);
    out->Text("compressionName", from.compression_name);
    out->Text("compressionOptions", from.compression_options);
    out->Bytes("seqnoToTimeMapping", from.seqno_to_time_mapping);
    // Their names may be of any length: pairs, which the host makes records of.
    out->Name("userCollectedProperties").Array([&] {
      for (const auto& [name, value] : from.user_collected_properties) {
        out->Text(name);
        out->Bytes(value);
      }
    });
    out->Name("readableProperties").Array([&] {
      for (const auto& [name, value] : from.readable_properties) {
        out->Text(name);
        out->Text(value);
      }
    });
  });
}

void WriteTableCollection(const ROCKSDB_NAMESPACE::TablePropertiesCollection& tables, Plain* out) {
  const std::map<std::string, std::shared_ptr<const ROCKSDB_NAMESPACE::TableProperties>> sorted(
      tables.begin(), tables.end());
  out->Array([&] {
    for (const auto& [path, table] : sorted) {
      if (table == nullptr) continue;  // the file's own cannot be read, which RocksDB only logs
      out->Text(path);
      WriteTableProperties(*table, out);
    }
  });
}

}  // namespace rocksdb_wasm
