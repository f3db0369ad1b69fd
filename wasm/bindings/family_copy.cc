// A column family copied into another one with other options, while both are used.
//
// The first pass copies what a snapshot shows. Each round after it takes a new snapshot and copies the keys that have an
// entry between the two: they are in the memtables, and in tables whose largest sequence number says so. As long as the
// older snapshot is held, compaction keeps the deletion of whatever that snapshot shows.
//
// Compiled so that private members can be read (scripts/compile.mjs): the list of immutable memtables.
#include <optional>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/range_tombstone_fragmenter.h"
#include "db/version_set.h"
#include "memory/arena.h"
#include "rocksdb/wide_columns.h"
#include "table/sst_file_writer_collectors.h"
#include "wasm/bindings/contract/files.h"
#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

struct DeletedRange {
  std::string begin, end;
  Slice begin_slice, end_slice;
};

}  // namespace

struct rdb_family_copy : OwnedObject {
  using OwnedObject::OwnedObject;
  ~rdb_family_copy() {
    EndScans();
    if (from != nullptr) db->ReleaseSnapshot(from);
    if (to != nullptr) db->ReleaseSnapshot(to);
  }

  Status Start() {
    to = db->GetSnapshot();
    if (to == nullptr) return Status::NotSupported("the database cannot take snapshots");
    shown.reset(db->NewIterator(Reading(to), source));
    shown->SeekToFirst();
    return Status::OK();
  }

  Status BeginRound() {
    if (!idle()) return Status::InvalidArgument("a pass is not complete");
    if (from != nullptr) db->ReleaseSnapshot(from);
    from = to;
    to = db->GetSnapshot();
    changes = 0;
    last_key.reset();
    auto* family = static_cast<ColumnFamilyHandleImpl*>(source)->cfd();
    Status status = FindDeletedRanges(family);
    if (!status.ok()) return status;
    changed_options = Reading(nullptr);
    changed_options.ignore_range_deletions = true;
    const SequenceNumber known = from->GetSequenceNumber();
    changed_options.table_filter = [known](const TableProperties& table) {
      // An ingested table has the sequence number that the MANIFEST gives it, not one of its own.
      return table.key_largest_seqno > known ||
             table.user_collected_properties.count(ExternalSstFilePropertyNames::kVersion) > 0;
    };
    arena = std::make_unique<Arena>();
    changed = db->NewInternalIterator(changed_options, arena.get(), kMaxSequenceNumber, source,
                                      /*allow_unprepared_value=*/false);
    changed->SeekToFirst();
    return Status::OK();
  }

  bool idle() const { return shown == nullptr && changed == nullptr && range_at == ranges.size(); }

  Status Step(double max_bytes) {
    WriteBatch batch;
    Status status;
    for (double before = read_bytes; status.ok() && !idle() && read_bytes - before < max_bytes;) {
      status = Advance(&batch);
      // A step without end writes in pieces all the same.
      if (status.ok() && batch.GetDataSize() >= kBatchBytes) status = WriteOut(&batch);
    }
    return status.ok() ? WriteOut(&batch) : status;
  }

  DBImpl* db = nullptr;
  ColumnFamilyHandle* source = nullptr;
  ColumnFamilyHandle* target = nullptr;
  WriteOptions write;
  double entries = 0, bytes = 0, changes = 0;

 private:
  static constexpr size_t kBatchBytes = 1 << 20;

  ReadOptions Reading(const Snapshot* snapshot) const {
    ReadOptions options;
    options.snapshot = snapshot;
    options.total_order_seek = true;
    options.fill_cache = false;
    return options;
  }

  void EndScans() {
    shown.reset();
    if (changed != nullptr) changed->~InternalIteratorBase();
    changed = nullptr;
    arena.reset();
  }

  Status WriteOut(WriteBatch* batch) {
    if (batch->Count() == 0) return Status::OK();
    Status status = db->Write(write, batch);
    batch->Clear();
    return status;
  }

  // One entry further, of whatever is being scanned.
  Status Advance(WriteBatch* batch) {
    if (changed != nullptr) return AdvanceChanged(batch);
    if (shown == nullptr) {
      const DeletedRange& range = ranges[range_at];
      ReadOptions options = Reading(from);
      options.iterate_upper_bound = &range.end_slice;
      shown.reset(db->NewIterator(options, source));
      shown->Seek(range.begin_slice);
    }
    if (!shown->Valid()) {
      Status status = shown->status();
      shown.reset();
      if (from != nullptr) ++range_at;
      return status;
    }
    read_bytes += static_cast<double>(shown->key().size() + shown->value().size());
    Status status = from == nullptr ? Put(batch, shown->key(), shown->columns())
                                    : Renew(batch, shown->key());
    shown->Next();
    return status;
  }

  Status AdvanceChanged(WriteBatch* batch) {
    if (!changed->Valid()) {
      Status status = changed->status();
      EndScans();
      return status;
    }
    ParsedInternalKey key;
    Status status = ParseInternalKey(changed->key(), &key, /*log_err_key=*/false);
    if (!status.ok()) return status;
    read_bytes += static_cast<double>(changed->key().size() + changed->value().size());
    const bool within = key.sequence > from->GetSequenceNumber() &&
                        key.sequence <= to->GetSequenceNumber();
    if (within && (!last_key.has_value() || key.user_key != Slice(*last_key))) {
      last_key = key.user_key.ToString();
      status = Renew(batch, key.user_key);
    }
    changed->Next();
    return status;
  }

  // Makes the target's entry what the newer snapshot shows.
  Status Renew(WriteBatch* batch, const Slice& key) {
    ++changes;
    PinnableWideColumns columns;
    Status status = db->GetEntity(Reading(to), source, key, &columns);
    if (status.ok()) return Put(batch, key, columns.columns());
    return status.IsNotFound() ? batch->Delete(target, key) : status;
  }

  Status Put(WriteBatch* batch, const Slice& key, const WideColumns& columns) {
    ++entries;
    bytes += static_cast<double>(key.size());
    for (const WideColumn& column : columns) {
      bytes += static_cast<double>(column.name().size() + column.value().size());
    }
    const bool plain = columns.size() == 1 && columns.front().name() == kDefaultWideColumnName;
    return plain ? batch->Put(target, key, columns.front().value())
                 : batch->PutEntity(target, key, columns);
  }

  Status FindDeletedRanges(ColumnFamilyData* family) {
    ranges.clear();
    range_at = 0;
    const SuperVersion* state = family->GetSuperVersion();
    const ReadOptions options = Reading(nullptr);
    AddRanges(std::unique_ptr<FragmentedRangeTombstoneIterator>(
        state->mem->NewRangeTombstoneIterator(options, kMaxSequenceNumber, false)));
    for (ReadOnlyMemTable* memtable : state->imm->memlist_) {
      AddRanges(std::unique_ptr<FragmentedRangeTombstoneIterator>(
          memtable->NewRangeTombstoneIterator(options, kMaxSequenceNumber, true)));
    }
    const VersionStorageInfo& storage = *state->current->storage_info();
    Status status;
    for (int level = 0; level < storage.num_levels() && status.ok(); ++level) {
      for (const FileMetaData* file : storage.LevelFiles(level)) {
        if (file->fd.largest_seqno <= from->GetSequenceNumber()) continue;
        std::unique_ptr<FragmentedRangeTombstoneIterator> found;
        status = family->table_cache()->GetRangeTombstoneIterator(
            options, family->internal_comparator(), *file, state->mutable_cf_options, &found);
        if (!status.ok()) break;
        AddRanges(std::move(found));
      }
    }
    // Their slices must not move any more.
    for (DeletedRange& range : ranges) {
      range.begin_slice = range.begin;
      range.end_slice = range.end;
    }
    return status;
  }

  void AddRanges(std::unique_ptr<FragmentedRangeTombstoneIterator> tombstones) {
    if (tombstones == nullptr) return;
    for (tombstones->SeekToFirst(); tombstones->Valid(); tombstones->Next()) {
      const SequenceNumber number = tombstones->seq();
      if (number <= from->GetSequenceNumber() || number > to->GetSequenceNumber()) continue;
      ranges.push_back({tombstones->start_key().ToString(), tombstones->end_key().ToString(), {}, {}});
    }
  }

  const Snapshot* from = nullptr;
  const Snapshot* to = nullptr;
  // In the first pass, and for each deleted range.
  std::unique_ptr<Iterator> shown;
  std::unique_ptr<Arena> arena;
  ReadOptions changed_options;  // RocksDB's iterator refers to them
  InternalIterator* changed = nullptr;
  std::optional<std::string> last_key;
  std::vector<DeletedRange> ranges;
  size_t range_at = 0;
  double read_bytes = 0;
};

rdb_status rdb_family_copy_create(rdb_db* db, rdb_column_family* source, rdb_column_family* target,
                                  uint32_t write_flags, rdb_family_copy** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_family_copy, OwnedDeleter<rdb_family_copy>> copy(
        NewOwned<rdb_family_copy>(Owner::kIterator));
    OwnerScope owner(copy->slot());
    // A database with TTL has times in its values, which are copied as they are.
    copy->db = static_cast<DBImpl*>(db->db->GetRootDB());
    copy->source = HandleOf(db, source);
    copy->target = HandleOf(db, target);
    copy->write.disableWAL = (write_flags & kWriteDisableWal) != 0;
    if (copy->source->GetComparator()->timestamp_size() > 0 ||
        copy->target->GetComparator()->timestamp_size() > 0) {
      return Status::NotSupported("a column family with user-defined timestamps cannot be copied");
    }
    Status status = copy->Start();
    if (status.ok()) *out = copy.release();
    return status;
  });
}

void rdb_family_copy_free(rdb_family_copy* copy) { DeleteOwned(copy); }

rdb_status rdb_family_copy_step(rdb_family_copy* copy, double max_bytes, rdb_copy_progress* out) {
  OwnerScope owner(copy->slot());
  return Guarded([&]() -> Status {
    Status status = copy->Step(max_bytes);
    if (!status.ok()) return status;
    *out = {copy->entries, copy->bytes, copy->changes, copy->idle() ? 1u : 0u};
    return status;
  });
}

rdb_status rdb_family_copy_begin_round(rdb_family_copy* copy) {
  OwnerScope owner(copy->slot());
  return Guarded([&]() -> Status { return copy->BeginRound(); });
}
