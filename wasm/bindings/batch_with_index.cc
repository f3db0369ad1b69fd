// Write batches with an index: read alone, or over the database.
#include "rocksdb/utilities/write_batch_with_index.h"

#include "rocksdb/comparator.h"
#include "utilities/write_batch_with_index/write_batch_with_index_internal.h"
#include "wasm/bindings/callbacks/key_check.h"
#include "wasm/bindings/views.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// The entries of a batch alone, as RocksDB's Iterator. Values begin with a byte, their WriteType.
class EntriesIterator : public Iterator {
 public:
  // The bounds of `options` stay where they are.
  EntriesIterator(WBWIIterator* entries, const Comparator* comparator, const ReadOptions& options)
      : entries_(entries),
        comparator_(*comparator),
        lower_(options.iterate_lower_bound),
        upper_(options.iterate_upper_bound) {}

  bool Valid() const override { return entries_->Valid() && !Before() && !After(); }
  void SeekToFirst() override {
    lower_ == nullptr ? entries_->SeekToFirst() : entries_->Seek(*lower_);
  }
  void SeekToLast() override {
    if (upper_ == nullptr) {
      entries_->SeekToLast();
    } else {
      SeekForPrev(*upper_);
    }
  }
  void Seek(const Slice& key) override {
    const bool before = lower_ != nullptr && Compare(key, *lower_) < 0;
    entries_->Seek(before ? *lower_ : key);
  }
  void SeekForPrev(const Slice& key) override {
    const bool after = upper_ != nullptr && Compare(key, *upper_) > 0;
    entries_->SeekForPrev(after ? *upper_ : key);
    while (entries_->Valid() && After()) entries_->Prev();
  }
  void Next() override { entries_->Next(); }
  void Prev() override { entries_->Prev(); }
  Slice key() const override { return entries_->Entry().key; }
  Slice value() const override {
    const WriteEntry entry = entries_->Entry();
    value_.assign(1, static_cast<char>(entry.type));
    value_.append(entry.value.data(), entry.value.size());
    return value_;
  }
  // What the batch has after the key: zeros until it is given timestamps.
  Slice timestamp() const override {
    const Slice key = entries_->Entry().key;
    return Slice(key.data() + key.size(), comparator_.timestamp_size());
  }
  Status status() const override { return entries_->status(); }

 private:
  int Compare(const Slice& a, const Slice& b) const {
    return comparator_.CompareWithoutTimestamp(a, false, b, false);
  }
  bool Before() const {
    return lower_ != nullptr && Compare(entries_->Entry().key, *lower_) < 0;
  }
  bool After() const {
    return upper_ != nullptr && Compare(entries_->Entry().key, *upper_) >= 0;
  }

  std::unique_ptr<WBWIIterator> entries_;
  const Comparator& comparator_;
  const Slice* const lower_;
  const Slice* const upper_;
  mutable std::string value_;
};

class BatchView : public View {
 public:
  BatchView(rdb_batch_with_index* owner, DB* db) : View(owner, db), owner_(*owner) {}

  using DB::Get;
  Status Get(const ReadOptions& options, ColumnFamilyHandle* family, const Slice& key,
             PinnableSlice* value, std::string* timestamp) override {
    if (timestamp != nullptr) timestamp->clear();
    if (Asked(kReadBatchOnly)) {
      const Status status = batch()->GetFromBatch(family, DBOptions(), key, value->GetSelf());
      if (status.ok()) value->PinSelf();
      return status;
    }
    return batch()->GetFromBatchAndDB(GetBaseDB(), options, family, key, value);
  }

  using DB::MultiGet;
  void MultiGet(const ReadOptions& options, const size_t count, ColumnFamilyHandle** families,
                const Slice* keys, PinnableSlice* values, std::string* timestamps, Status* statuses,
                const bool sorted) override {
    for (size_t i = 0; i < count; ++i) {
      std::string* timestamp = timestamps == nullptr ? nullptr : &timestamps[i];
      statuses[i] = Get(options, families[i], keys[i], &values[i], timestamp);
    }
  }

  using DB::GetEntity;
  Status GetEntity(const ReadOptions& options, ColumnFamilyHandle* family, const Slice& key,
                   PinnableWideColumns* columns) override {
    if (Asked(kReadBatchOnly)) return batch()->GetEntityFromBatch(family, key, columns);
    return batch()->GetEntityFromBatchAndDB(GetBaseDB(), options, family, key, columns);
  }

  using DB::MultiGetEntity;
  void MultiGetEntity(const ReadOptions& options, size_t count, ColumnFamilyHandle** families,
                      const Slice* keys, PinnableWideColumns* results, Status* statuses,
                      bool /*sorted*/) override {
    for (size_t i = 0; i < count; ++i) {
      statuses[i] = GetEntity(options, families[i], keys[i], &results[i]);
    }
  }

  using DB::PutEntity;
  Status PutEntity(const WriteOptions&, ColumnFamilyHandle* family, const Slice& key,
                   const WideColumns& columns) override {
    return batch()->PutEntity(family, key, columns);
  }

  using DB::NewIterator;
  Iterator* NewIterator(const ReadOptions& options, ColumnFamilyHandle* family) override {
    if (Asked(kReadBatchOnly)) {
      return new EntriesIterator(batch()->NewIterator(family), family->GetComparator(), options);
    }
    return batch()->NewIteratorWithBase(family, GetBaseDB()->NewIterator(options, family),
                                        &options);
  }

 private:
  WriteBatchWithIndex* batch() const { return owner_.batch; }

  const rdb_batch_with_index& owner_;
};

// Views the batch over the database that `db` is or reads.
rdb_batch_with_index* NewBatch(rdb_db* db) {
  rdb_batch_with_index* holder = NewOwned<rdb_batch_with_index>(Owner::kWriteBatch);
  OwnerScope owner(holder->slot());
  holder->mode = db->mode;
  holder->view = std::make_unique<BatchView>(holder, db->db);
  holder->db = holder->view.get();
  return holder;
}

}  // namespace

rdb_status rdb_batch_with_index_create(rdb_db* db, uint32_t overwrite_key, uint32_t reserved_bytes,
                                       uint32_t max_bytes, uint32_t protection_bytes_per_key,
                                       rdb_batch_with_index** out) {
  return Guarded([&]() -> Status {
    // RocksDB reads below the batch past the DBWithTTL: values would come with their times.
    if (db->expires) {
      return Status::NotSupported("a database with a time to live has no batches with an index: use db.batch()");
    }
    rdb_batch_with_index* holder = NewBatch(db);
    OwnerScope owner(holder->slot());
    // The default column family's comparator stands in for those of families that it does not know.
    holder->own = std::make_unique<WriteBatchWithIndex>(
        db->db->DefaultColumnFamily()->GetComparator(), reserved_bytes, overwrite_key != 0,
        max_bytes, protection_bytes_per_key);
    holder->batch = holder->own.get();
    holder->sink = holder->batch;
    *out = holder;
    return Status::OK();
  });
}

uint32_t rdb_view_misplaced(rdb_db* view) { return view->misplaced ? 1 : 0; }

rdb_batch_with_index* rdb_batch_with_index_of(rdb_transaction* transaction) {
  rdb_batch_with_index* holder = NewBatch(transaction->database);
  holder->batch = transaction->transaction->GetWriteBatch();
  holder->sink = holder->batch;
  return holder;
}

void rdb_batch_with_index_free(rdb_batch_with_index* batch) { DeleteOwned(batch); }

rdb_status rdb_batch_with_index_put_log_data(rdb_batch_with_index* batch, const uint8_t* data,
                                             uint32_t length) {
  OwnerScope owner(batch->slot());
  return Guarded([&]() -> Status { return batch->batch->PutLogData(ToSlice(data, length)); });
}

rdb_status rdb_batch_with_index_update_timestamps(rdb_batch_with_index* batch,
                                                  const uint8_t* timestamp, uint32_t length) {
  OwnerScope owner(batch->slot());
  return Guarded([&]() -> Status {
    // The index knows the comparators of what it has, and looks at keys without their timestamps.
    return batch->batch->GetWriteBatch()->UpdateTimestamps(
        ToSlice(timestamp, length), [&](uint32_t family) {
          return WriteBatchWithIndexInternal::GetUserComparator(*batch->batch, family)
              ->timestamp_size();
        });
  });
}

void rdb_batch_with_index_clear(rdb_batch_with_index* batch) {
  OwnerScope owner(batch->slot());
  batch->batch->Clear();
}

void rdb_batch_with_index_set_savepoint(rdb_batch_with_index* batch) {
  OwnerScope owner(batch->slot());
  batch->batch->SetSavePoint();
}

rdb_status rdb_batch_with_index_rollback_to_savepoint(rdb_batch_with_index* batch) {
  OwnerScope owner(batch->slot());
  return Guarded([&]() -> Status {
    return Indexing(batch, [&] { return batch->batch->RollbackToSavePoint(); });
  });
}

rdb_status rdb_batch_with_index_pop_savepoint(rdb_batch_with_index* batch) {
  OwnerScope owner(batch->slot());
  return Guarded([&]() -> Status { return batch->batch->PopSavePoint(); });
}

void rdb_batch_with_index_set_max_bytes(rdb_batch_with_index* batch, uint32_t bytes) {
  batch->batch->SetMaxBytes(bytes);
}

rdb_status rdb_batch_with_index_write(rdb_db* db, uint32_t flags, rdb_batch_with_index* batch) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    KeyCheck check;
    Status status = CheckUnlocked(db);
    if (status.ok()) status = check.Batch(db->db, batch->batch->GetWriteBatch());
    if (!status.ok()) return status;
    // A copy: some write policies append to the batch, which would go into the next write.
    if (db->mode == kOpenTransactional) {
      WriteBatch updates = *batch->batch->GetWriteBatch();
      return db->db->Write(ToWriteOptions(db, flags), &updates);
    }
    return db->db->Write(ToWriteOptions(db, flags), batch->batch->GetWriteBatch());
  });
}

void rdb_batch_with_index_get_info(rdb_batch_with_index* batch, rdb_batch_with_index_info* out) {
  const WriteBatch& updates = *batch->batch->GetWriteBatch();
  out->count = updates.Count();
  out->data = ToWord(updates.Data().data());
  out->length = static_cast<uint32_t>(updates.Data().size());
  out->overwrite_key = batch->batch->GetOverwriteKey() ? 1 : 0;
}
