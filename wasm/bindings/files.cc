// What is done to a database's files: compaction, checkpoints, ingestion, deletion, verification.
#include "rocksdb/convenience.h"
#include "rocksdb/experimental.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/checkpoint.h"
#include "wasm/bindings/contract/files.h"
#include "wasm/bindings/take_up_files.h"
#include "wasm/bindings/records.h"
#include "wasm/env/wasi_file_system.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// A bound that may be missing.
class OptionalKey {
 public:
  OptionalKey(const uint8_t* data, uint32_t length)
      : slice_(ToSlice(data, length)), given_(data != nullptr) {}
  const Slice* get() const { return given_ ? &slice_ : nullptr; }

 private:
  const Slice slice_;
  const bool given_;
};

std::string TextOf(uint32_t address, uint32_t length) { return ToString(ToAddress(address), length); }

}  // namespace

rdb_status rdb_db_compact_range(rdb_db* db, rdb_column_family* cf, const uint8_t* begin,
                                uint32_t begin_length, const uint8_t* end, uint32_t end_length,
                                rdb_compact_options* options) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    CompactRangeOptions compact;
    compact.target_level = options->target_level;
    compact.change_level = options->change_level != 0;
    compact.exclusive_manual_compaction = options->exclusive != 0;
    compact.bottommost_level_compaction =
        static_cast<BottommostLevelCompaction>(options->bottommost);
    compact.max_subcompactions = options->max_subcompactions;
    compact.target_path_id = options->target_path_id;
    compact.allow_write_stall = options->allow_write_stall != 0;
    compact.blob_garbage_collection_policy =
        static_cast<BlobGarbageCollectionPolicy>(options->blob_policy);
    compact.blob_garbage_collection_age_cutoff = options->blob_age_cutoff;
    const std::string history_low = TextOf(options->history_low, options->history_low_length);
    const Slice history_slice(history_low);
    if (options->history_low != 0) compact.full_history_ts_low = &history_slice;
    const OptionalKey first(begin, begin_length), last(end, end_length);
    return db->db->CompactRange(compact, HandleOf(db, cf), first.get(), last.get());
  });
}

rdb_status rdb_db_suggest_compact_range(rdb_db* db, rdb_column_family* cf, const uint8_t* begin,
                                        uint32_t begin_length, const uint8_t* end,
                                        uint32_t end_length) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    const OptionalKey first(begin, begin_length), last(end, end_length);
    return experimental::SuggestCompactRange(db->db, HandleOf(db, cf), first.get(), last.get());
  });
}

rdb_status rdb_db_promote_l0(rdb_db* db, rdb_column_family* cf, uint32_t target_level) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    return experimental::PromoteL0(db->db, HandleOf(db, cf), static_cast<int>(target_level));
  });
}

rdb_status rdb_db_compact_files(rdb_db* db, rdb_column_family* cf, const uint8_t* request,
                                rdb_slice* out) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    RecordReader in(request);
    const std::vector<std::string> names = in.Texts();
    const int level = static_cast<int>(in.Word());
    const int path_id = static_cast<int>(in.Word());
    CompactionOptions options;
    options.output_file_size_limit = in.Long();
    options.max_subcompactions = in.Word();
    std::vector<std::string> outputs;
    CompactionJobInfo info;
    Status status = db->db->CompactFiles(options, HandleOf(db, cf), names, level, path_id, &outputs,
                                         &info);
    if (!status.ok()) return status;
    RecordWriter record;
    record.Word(static_cast<uint32_t>(outputs.size()));
    for (const std::string& name : outputs) record.Bytes(name);
    record.Long(info.stats.elapsed_micros);
    record.Long(info.stats.num_input_files);
    record.Long(info.stats.num_input_records);
    record.Long(info.stats.total_input_bytes);
    record.Long(info.stats.num_output_records);
    record.Long(info.stats.total_output_bytes);
    record.Long(info.stats.num_records_replaced);
    return record.Give(out);
  });
}

rdb_status rdb_db_wait_for_compact(rdb_db* db, rdb_wait_options* given) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    WaitForCompactOptions options;
    options.abort_on_pause = given->abort_on_pause != 0;
    options.flush = given->flush != 0;
    options.wait_for_purge = given->wait_for_purge != 0;
    options.timeout = std::chrono::microseconds(static_cast<int64_t>(given->timeout_micros));
    return db->db->WaitForCompact(options);
  });
}

rdb_status rdb_db_disable_file_deletions(rdb_db* db) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status { return db->db->DisableFileDeletions(); });
}

rdb_status rdb_db_enable_file_deletions(rdb_db* db) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status { return db->db->EnableFileDeletions(); });
}

rdb_status rdb_db_delete_file(rdb_db* db, const uint8_t* name, uint32_t name_length) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    return db->db->DeleteFile(ToString(name, name_length));
#pragma clang diagnostic pop
  });
}

rdb_status rdb_db_delete_files_in_ranges(rdb_db* db, rdb_column_family* cf, const uint8_t* ranges,
                                         uint32_t count, uint32_t include_end) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    RecordReader in(ranges);
    std::vector<Slice> keys(2 * static_cast<size_t>(count));
    std::vector<RangePtr> pointers;
    pointers.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
      const Slice* bounds[2] = {nullptr, nullptr};
      for (uint32_t side = 0; side < 2; ++side) {
        const bool given = in.Flag();
        keys[2 * i + side] = in.Bytes();
        if (given) bounds[side] = &keys[2 * i + side];
      }
      pointers.emplace_back(bounds[0], bounds[1]);
    }
    return DeleteFilesInRanges(db->db, HandleOf(db, cf), pointers.data(), pointers.size(),
                               include_end != 0);
  });
}

rdb_status rdb_db_verify_checksum(rdb_db* db, uint32_t files, uint32_t readahead_bytes) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    ReadOptions options;
    options.readahead_size = readahead_bytes;
    return files != 0 ? db->db->VerifyFileChecksums(options) : db->db->VerifyChecksum(options);
  });
}

rdb_status rdb_db_checkpoint(rdb_db* db, const uint8_t* path, uint32_t path_length,
                             double log_bytes_for_flush, rdb_sequence* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    Checkpoint* made = nullptr;
    Status status = Checkpoint::Create(db->db, &made);
    if (!status.ok()) return status;
    const std::unique_ptr<Checkpoint> checkpoint(made);
    const std::string folder = ToString(path, path_length);
    NewFolder made_folder(folder);
    uint64_t sequence = 0;
    status = checkpoint->CreateCheckpoint(folder, static_cast<uint64_t>(log_bytes_for_flush),
                                          &sequence);
    if (status.ok()) status = SyncParentOf(folder);
    if (!status.ok()) return status;
    made_folder.Keep();
    out->number = static_cast<double>(sequence);
    return status;
  });
}

rdb_status rdb_db_ingest(rdb_db* db, const uint8_t* request) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    RecordReader in(request);
    std::vector<IngestExternalFileArg> all(in.Word());
    for (IngestExternalFileArg& one : all) {
      one.column_family = HandleOf(db, in.Object<rdb_column_family>());
      one.external_files = in.Texts();
      one.files_checksums = in.Texts();
      one.files_checksum_func_names = in.Texts();
      one.file_temperature = static_cast<Temperature>(in.Word());
      IngestExternalFileOptions& options = one.options;
      options.move_files = in.Flag();
      options.link_files = in.Flag();
      options.failed_move_fall_back_to_copy = in.Flag();
      options.snapshot_consistency = in.Flag();
      options.allow_global_seqno = in.Flag();
      options.allow_blocking_flush = in.Flag();
      options.ingest_behind = in.Flag();
      options.write_global_seqno = in.Flag();
      options.verify_checksums_before_ingest = in.Flag();
      options.verify_checksums_readahead_size = in.Word();
      options.verify_file_checksum = in.Flag();
      options.fail_if_not_bottommost_level = in.Flag();
      options.allow_db_generated_files = in.Flag();
      options.fill_cache = in.Flag();
    }
    for (const IngestExternalFileArg& one : all) {
      Status status = CheckOperands(db->db->GetOptions(one.column_family), one.external_files);
      if (!status.ok()) return status;
    }
    return TakeUpFiles(db, [&]() { return db->db->IngestExternalFiles(all); });
  });
}

rdb_status rdb_db_clip_column_family(rdb_db* db, rdb_column_family* cf, const uint8_t* begin,
                                     uint32_t begin_length, const uint8_t* end,
                                     uint32_t end_length) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    return db->db->ClipColumnFamily(HandleOf(db, cf), ToSlice(begin, begin_length),
                                    ToSlice(end, end_length));
  });
}
