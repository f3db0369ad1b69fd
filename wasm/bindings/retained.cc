// What a snapshot keeps alive: versions of keys that compaction would drop if it were released.
//
// Compiled so that private members can be read (scripts/compile.mjs): RocksDB's list of snapshots.
#include <cmath>

#include "db/blob/blob_index.h"
#include "db/column_family.h"
#include "db/compaction/compaction_iterator.h"
#include "db/db_impl/db_impl.h"
#include "db/merge_helper.h"
#include "db/range_del_aggregator.h"
#include "db/range_tombstone_fragmenter.h"
#include "db/version_set.h"
#include "memory/arena.h"
#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// A compaction of all levels into the last one.
class FullCompaction : public CompactionIterator::CompactionProxy {
 public:
  FullCompaction(const ImmutableOptions& options, const Version* version)
      : options_(options), version_(version) {}

  int level() const override { return 0; }
  bool KeyNotExistsBeyondOutputLevel(const Slice&, std::vector<size_t>*) const override {
    return true;
  }
  bool bottommost_level() const override { return true; }
  int number_levels() const override { return options_.num_levels; }
  Slice GetLargestUserKey() const override { return Slice(); }
  bool allow_ingest_behind() const override { return options_.allow_ingest_behind; }
  bool allow_mmap_reads() const override { return options_.allow_mmap_reads; }
  bool enable_blob_garbage_collection() const override { return false; }
  double blob_garbage_collection_age_cutoff() const override { return 0; }
  uint64_t blob_compaction_readahead_size() const override { return 0; }
  const Version* input_version() const override { return version_; }
  bool DoesInputReferenceBlobFiles() const override { return false; }
  const Compaction* real_compaction() const override { return nullptr; }
  bool SupportsPerKeyPlacement() const override { return false; }
  bool WithinPenultimateLevelOutputRange(const ParsedInternalKey&) const override { return false; }

 private:
  const ImmutableOptions& options_;
  const Version* version_;
};

struct Output {
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t blob_bytes = 0;
  uint64_t tombstones = 0;
};

using Snapshots = std::vector<SequenceNumber>;

// One column family as it is now.
class Family {
 public:
  Family(DBImpl* db, ColumnFamilyData* data)
      : db_(db), data_(data), state_(data->GetSuperVersion()) {
    // Files of a FIFO family are never rewritten: only a flush drops anything.
    rewritten_ = data->ioptions()->compaction_style != kCompactionStyleFIFO;
    read_.verify_checksums = true;
    read_.fill_cache = false;
    read_.total_order_seek = true;
    if (!rewritten_) read_.read_tier = kMemtableTier;
  }

  // Adds what a full compaction would write while these snapshots live.
  Status Compact(Snapshots snapshots, Output* out) {
    const InternalKeyComparator& comparator = data_->internal_comparator();
    // Tombstones go into the aggregator: the iterator is to show the keys that they cover.
    ReadOptions keys = read_;
    keys.ignore_range_deletions = true;
    Arena arena;
    ScopedArenaPtr<InternalIterator> input(db_->NewInternalIterator(
        keys, data_, state_->Ref(), &arena, kMaxSequenceNumber, /*allow_unprepared_value=*/false));
    CompactionRangeDelAggregator tombstones(&comparator, snapshots);
    Status status = AddTombstones(&tombstones);
    if (!status.ok()) return status;
    const SequenceNumber earliest = snapshots.empty() ? kMaxSequenceNumber : snapshots.front();
    const ImmutableOptions& options = *data_->ioptions();
    MergeHelper merge(options.env, data_->user_comparator(), options.merge_operator.get(),
                      options.compaction_filter, /*logger=*/nullptr,
                      /*assert_valid_internal_key=*/false,
                      snapshots.empty() ? 0 : snapshots.back());
    const std::atomic<bool> canceled{false};
    std::unique_ptr<CompactionIterator::CompactionProxy> compaction;
    if (rewritten_) compaction = std::make_unique<FullCompaction>(options, state_->current);
    input->SeekToFirst();
    CompactionIterator output(
        input.get(), data_->user_comparator(), &merge, db_->GetLatestSequenceNumber(), &snapshots,
        earliest, /*earliest_write_conflict_snapshot=*/kMaxSequenceNumber,
        /*job_snapshot=*/kMaxSequenceNumber, /*snapshot_checker=*/nullptr, options.env,
        /*report_detailed_time=*/false, /*expect_valid_internal_key=*/true, &tombstones,
        /*blob_file_builder=*/nullptr, /*allow_data_in_errors=*/false,
        db_->immutable_db_options().enforce_single_del_contracts, canceled, std::move(compaction),
        /*must_count_input_entries=*/false, options.compaction_filter);
    for (output.SeekToFirst(); output.Valid(); output.Next()) {
      out->entries += 1;
      out->bytes += output.key().size() + output.value().size();
      if (output.ikey().type == kTypeBlobIndex) {
        BlobIndex blob;
        status = blob.DecodeFrom(output.value());
        if (!status.ok()) return status;
        if (!blob.IsInlined()) out->blob_bytes += blob.size();
      }
    }
    status = output.status();
    if (status.ok()) status = input->status();
    if (status.ok()) CountTombstones(&tombstones, earliest, out);
    return status;
  }

 private:
  Status AddTombstones(CompactionRangeDelAggregator* tombstones) {
    const auto add = [&](ReadOnlyMemTable* memtable, bool immutable) {
      tombstones->AddTombstones(std::unique_ptr<FragmentedRangeTombstoneIterator>(
          memtable->NewRangeTombstoneIterator(read_, kMaxSequenceNumber, immutable)));
    };
    add(state_->mem, false);
    for (ReadOnlyMemTable* memtable : state_->imm->memlist_) add(memtable, true);
    if (!rewritten_) return Status::OK();
    const VersionStorageInfo& storage = *state_->current->storage_info();
    for (int level = 0; level < storage.num_levels(); ++level) {
      for (const FileMetaData* file : storage.LevelFiles(level)) {
        std::unique_ptr<FragmentedRangeTombstoneIterator> found;
        const Status status = data_->table_cache()->GetRangeTombstoneIterator(
            read_, data_->internal_comparator(), *file, state_->mutable_cf_options, &found);
        if (!status.ok()) return status;
        tombstones->AddTombstones(std::move(found), &file->smallest, &file->largest);
      }
    }
    return Status::OK();
  }

  void CountTombstones(CompactionRangeDelAggregator* tombstones, SequenceNumber earliest,
                       Output* out) {
    if (tombstones->IsEmpty()) return;
    const bool bottommost = rewritten_ && !data_->ioptions()->allow_ingest_behind;
    const auto each = tombstones->NewIterator();
    for (each->SeekToFirst(); each->Valid(); each->Next()) {
      const RangeTombstone tombstone = each->Tombstone();
      if (bottommost && tombstone.seq_ <= earliest) continue;
      out->tombstones += 1;
      out->bytes += tombstone.start_key_.size() + kNumInternalBytes + tombstone.end_key_.size();
    }
  }

  DBImpl* const db_;
  ColumnFamilyData* const data_;
  SuperVersion* const state_;
  ReadOptions read_;
  bool rewritten_;
};

double Less(uint64_t with, uint64_t without) {
  return with > without ? static_cast<double>(with - without) : 0;
}

// All families that compaction still works on.
template <typename Work>
Status ForEachFamily(DBImpl* db, Work&& work) {
  for (ColumnFamilyData* family : *db->versions_->GetColumnFamilySet()) {
    if (!family->initialized() || family->IsDropped()) continue;
    const Status status = work(family);
    if (!status.ok()) return status;
  }
  return Status::OK();
}

Status Count(DBImpl* db, const Snapshots& with, const Snapshots& without, rdb_retained* out) {
  Output before, after;
  const Status status = ForEachFamily(db, [&](ColumnFamilyData* data) {
    Family family(db, data);
    Status status = family.Compact(with, &before);
    return status.ok() ? family.Compact(without, &after) : status;
  });
  if (!status.ok()) return status;
  out->versions = Less(before.entries, after.entries);
  out->bytes = Less(before.bytes, after.bytes);
  out->blob_bytes = Less(before.blob_bytes, after.blob_bytes);
  out->tombstones = Less(before.tombstones, after.tombstones);
  return status;
}

// At most: a version that only this snapshot keeps was written after the one before, and something took its
// place after this snapshot, by the time of the next. A write takes the place of one, a range deletion of many.
Status Estimate(DBImpl* db, SequenceNumber number, const Snapshots& without, rdb_retained* out) {
  SequenceNumber previous = 0, next = db->GetLatestSequenceNumber();
  for (const SequenceNumber each : without) {
    if (each < number) previous = each;
    if (each > number) {
      next = each;
      break;
    }
  }
  uint64_t entries = 0, bytes = 0;
  bool range_deletions = false;
  const Status status = ForEachFamily(db, [&](ColumnFamilyData* data) {
    const SuperVersion* state = data->GetSuperVersion();
    const VersionStorageInfo& storage = *state->current->storage_info();
    entries += storage.accumulated_num_non_deletions_;
    bytes += storage.accumulated_raw_key_size_ + storage.accumulated_raw_value_size_;
    for (int level = 0; level < storage.num_levels(); ++level) {
      for (const FileMetaData* file : storage.LevelFiles(level)) {
        range_deletions = range_deletions || file->num_range_deletions > 0;
      }
    }
    const auto add = [&](ReadOnlyMemTable* memtable) {
      entries += memtable->NumEntries();
      bytes += memtable->GetDataSize();
      range_deletions = range_deletions || memtable->NumRangeDeletion() > 0;
    };
    add(state->mem);
    for (ReadOnlyMemTable* memtable : state->imm->memlist_) add(memtable);
    return Status::OK();
  });
  uint64_t versions = std::min(number - previous, entries);
  if (!range_deletions) versions = std::min<uint64_t>(versions, next - number);
  const double most = static_cast<double>(versions);
  out->versions = most;
  if (entries > 0) {
    out->bytes = std::round(most * static_cast<double>(bytes) / static_cast<double>(entries));
  }
  return status;
}

}  // namespace

rdb_status rdb_snapshot_get_retained(rdb_db* db, rdb_snapshot* snapshot, uint32_t count,
                                     rdb_retained* out) {
  OwnerScope owner(Owner::kSnapshot);
  return Guarded([&]() -> Status {
    DBImpl* impl = static_cast<DBImpl*>(db->db->GetRootDB());
    const Snapshot* released = ToSnapshot(snapshot);
    const SequenceNumber number = released->GetSequenceNumber();
    rdb_retained result = {};
    const SnapshotList& all = impl->snapshots();
    for (const SnapshotImpl* each = all.list_.next_; each != &all.list_; each = each->next_) {
      if (each != released && each->number_ == number) ++result.same;
    }
    Snapshots with = all.GetAll(), without = with;
    if (result.same == 0) {
      without.erase(std::remove(without.begin(), without.end(), number), without.end());
    }
    Status status;
    // Without a write since, all that it sees is the present.
    if (result.same == 0 && number != impl->GetLatestSequenceNumber()) {
      status = count != 0 ? Count(impl, with, without, &result)
                          : Estimate(impl, number, without, &result);
    }
    if (status.ok()) *out = result;
    return status;
  });
}
