// Transactions: reads through a view of the database, writes through what takes them in its place.
#include "rocksdb/utilities/transaction.h"

#include "rocksdb/utilities/optimistic_transaction_db.h"
#include "rocksdb/utilities/transaction_db.h"
#include "utilities/transactions/pessimistic_transaction_db.h"
#include "wasm/bindings/callbacks/key_check.h"
#include "wasm/bindings/transactions.h"
#include "wasm/bindings/views.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

class TransactionView : public View {
 public:
  TransactionView(rdb_transaction* owner, DB* db) : View(owner, db), owner_(*owner) {}

  using DB::Get;
  Status Get(const ReadOptions& options, ColumnFamilyHandle* family, const Slice& key,
             PinnableSlice* value, std::string* timestamp) override {
    if (timestamp != nullptr) timestamp->clear();
    if (!Asked(kReadForUpdate)) return transaction()->Get(options, family, key, value);
    return transaction()->GetForUpdate(options, family, key, value, Exclusive(), Validated());
  }

  using DB::MultiGet;
  void MultiGet(const ReadOptions& options, const size_t count, ColumnFamilyHandle** families,
                const Slice* keys, PinnableSlice* values, std::string* timestamps, Status* statuses,
                const bool sorted) override {
    if (Asked(kReadForUpdate)) {
      EachOrNone(count, statuses, [&](size_t i) {
        return transaction()->GetForUpdate(options, families[i], keys[i], &values[i], Exclusive(),
                                           Validated());
      });
      return;
    }
    if (timestamps != nullptr) {
      for (size_t i = 0; i < count; ++i) timestamps[i].clear();
    }
    // A run of keys of one column family at a time.
    for (size_t begin = 0, end; begin < count; begin = end) {
      end = begin + 1;
      while (end < count && families[end] == families[begin]) ++end;
      transaction()->MultiGet(options, families[begin], end - begin, keys + begin, values + begin,
                              statuses + begin, sorted);
    }
  }

  using DB::GetEntity;
  Status GetEntity(const ReadOptions& options, ColumnFamilyHandle* family, const Slice& key,
                   PinnableWideColumns* columns) override {
    if (!Asked(kReadForUpdate)) return transaction()->GetEntity(options, family, key, columns);
    return transaction()->GetEntityForUpdate(options, family, key, columns, Exclusive(), Validated());
  }

  using DB::MultiGetEntity;
  void MultiGetEntity(const ReadOptions& options, size_t count, ColumnFamilyHandle** families,
                      const Slice* keys, PinnableWideColumns* results, Status* statuses,
                      bool /*sorted*/) override {
    if (Asked(kReadForUpdate)) {
      EachOrNone(count, statuses, [&](size_t i) {
        return transaction()->GetEntityForUpdate(options, families[i], keys[i], &results[i],
                                                 Exclusive(), Validated());
      });
      return;
    }
    for (size_t i = 0; i < count; ++i) {
      statuses[i] = transaction()->GetEntity(options, families[i], keys[i], &results[i]);
    }
  }

  using DB::PutEntity;
  Status PutEntity(const WriteOptions&, ColumnFamilyHandle* family, const Slice& key,
                   const WideColumns& columns) override {
    return owner_.sink->PutEntity(family, key, columns);
  }

  using DB::NewIterator;
  Iterator* NewIterator(const ReadOptions& options, ColumnFamilyHandle* family) override {
    return transaction()->GetIterator(options, family);
  }

  std::unique_ptr<Iterator> NewCoalescingIterator(
      const ReadOptions& options, const std::vector<ColumnFamilyHandle*>& families) override {
    return transaction()->GetCoalescingIterator(options, families);
  }

  std::unique_ptr<AttributeGroupIterator> NewAttributeGroupIterator(
      const ReadOptions& options, const std::vector<ColumnFamilyHandle*>& families) override {
    return transaction()->GetAttributeGroupIterator(options, families);
  }

 private:
  Transaction* transaction() const { return owner_.transaction.get(); }
  bool Exclusive() const { return !Asked(kReadShared); }
  bool Validated() const { return !Asked(kReadUnvalidated); }

  // Reads for update: nothing is written between the first and the last, and none counts when one cannot be locked.
  template <typename Read>
  static void EachOrNone(size_t count, Status* statuses, Read&& read) {
    for (size_t i = 0; i < count; ++i) {
      statuses[i] = read(i);
      if (statuses[i].ok() || statuses[i].IsNotFound()) continue;
      std::fill(statuses, statuses + count, Status(statuses[i]));
      return;
    }
  }

  const rdb_transaction& owner_;
};

// For the time in which a transaction may write to the log: what it would wait for then, nobody would end.
class WriteTerms {
 public:
  explicit WriteTerms(const rdb_transaction& owner)
      : status_(CheckUnlocked(owner.database)),
        options_(*owner.transaction->GetWriteOptions()),
        no_slowdown_(options_.no_slowdown) {
    if (owner.database->pauses > 0) options_.no_slowdown = true;
  }
  ~WriteTerms() { options_.no_slowdown = no_slowdown_; }
  WriteTerms(const WriteTerms&) = delete;
  void operator=(const WriteTerms&) = delete;
  const Status& status() const { return status_; }

 private:
  const Status status_;
  WriteOptions& options_;
  const bool no_slowdown_;
};

// Takes the single writes to a transaction.
class Operations : public WriteBatchBase {
 public:
  explicit Operations(rdb_transaction* owner) : owner_(*owner) {}

  Status Put(ColumnFamilyHandle* family, const Slice& key, const Slice& value) override {
    return Do([&] {
      return Untracked() ? transaction()->PutUntracked(family, key, value)
                         : transaction()->Put(family, key, value, Tracked());
    });
  }
  Status PutEntity(ColumnFamilyHandle* family, const Slice& key,
                   const WideColumns& columns) override {
    return Do([&] {
      return Untracked() ? transaction()->PutEntityUntracked(family, key, columns)
                         : transaction()->PutEntity(family, key, columns, Tracked());
    });
  }
  Status Merge(ColumnFamilyHandle* family, const Slice& key, const Slice& operand) override {
    return Do([&] {
      return Untracked() ? transaction()->MergeUntracked(family, key, operand)
                         : transaction()->Merge(family, key, operand, Tracked());
    });
  }
  Status Delete(ColumnFamilyHandle* family, const Slice& key) override {
    return Do([&] {
      return Untracked() ? transaction()->DeleteUntracked(family, key)
                         : transaction()->Delete(family, key, Tracked());
    });
  }
  Status SingleDelete(ColumnFamilyHandle* family, const Slice& key) override {
    return Do([&] {
      return Untracked() ? transaction()->SingleDeleteUntracked(family, key)
                         : transaction()->SingleDelete(family, key, Tracked());
    });
  }
  Status PutLogData(const Slice& data) override {
    transaction()->PutLogData(data);
    return Status::OK();
  }

  Status Put(const Slice& key, const Slice& value) override { return Put(nullptr, key, value); }
  Status Merge(const Slice& key, const Slice& value) override { return Merge(nullptr, key, value); }
  Status Delete(const Slice& key) override { return Delete(nullptr, key); }
  Status SingleDelete(const Slice& key) override { return SingleDelete(nullptr, key); }

  Status Put(ColumnFamilyHandle*, const Slice&, const Slice&, const Slice&) override {
    return Timed();
  }
  Status Merge(ColumnFamilyHandle*, const Slice&, const Slice&, const Slice&) override {
    return Timed();
  }
  Status Delete(ColumnFamilyHandle*, const Slice&, const Slice&) override { return Timed(); }
  Status SingleDelete(ColumnFamilyHandle*, const Slice&, const Slice&) override { return Timed(); }
  Status TimedPut(ColumnFamilyHandle*, const Slice&, const Slice&, uint64_t) override {
    return Status::NotSupported("a transaction takes no write times");
  }
  Status PutEntity(const Slice&, const AttributeGroups&) override {
    return Status::NotSupported("a transaction takes no attribute groups");
  }
  Status DeleteRange(ColumnFamilyHandle*, const Slice&, const Slice&) override { return Range(); }
  Status DeleteRange(const Slice&, const Slice&) override { return Range(); }
  Status DeleteRange(ColumnFamilyHandle*, const Slice&, const Slice&, const Slice&) override {
    return Range();
  }

  // Not of single writes: the exports call the transaction's own.
  void Clear() override {}
  WriteBatch* GetWriteBatch() override { return transaction()->GetWriteBatch()->GetWriteBatch(); }
  void SetSavePoint() override { transaction()->SetSavePoint(); }
  Status RollbackToSavePoint() override { return transaction()->RollbackToSavePoint(); }
  Status PopSavePoint() override { return transaction()->PopSavePoint(); }
  void SetMaxBytes(size_t bytes) override { transaction()->GetWriteBatch()->SetMaxBytes(bytes); }

 private:
  template <typename Write>
  Status Do(Write&& write) {
    if (!owner_.eager) return write();
    const WriteTerms terms(owner_);
    return terms.status().ok() ? write() : terms.status();
  }
  static Status Timed() {
    return Status::NotSupported("the keys of a transaction get its commit timestamp");
  }
  static Status Range() { return Status::NotSupported("a transaction has no range deletions"); }
  Transaction* transaction() const { return owner_.transaction.get(); }
  bool Untracked() const { return (owner_.flags & kWriteUntracked) != 0; }
  bool Tracked() const { return (owner_.flags & kWriteAssumeTracked) != 0; }

  const rdb_transaction& owner_;
};

TransactionOptions ToTransactionOptions(const rdb_transaction_options& options) {
  const auto flag = [&](uint32_t bit) { return (options.flags & bit) != 0; };
  TransactionOptions out;
  out.set_snapshot = flag(kTransactionSetSnapshot);
  out.deadlock_detect = flag(kTransactionDeadlockDetect);
  out.use_only_the_last_commit_time_batch_for_recovery = flag(kTransactionOnlyLastCommitTimeBatch);
  out.skip_concurrency_control = flag(kTransactionSkipConcurrencyControl);
  out.skip_prepare = flag(kTransactionSkipPrepare);
  out.commit_bypass_memtable = flag(kTransactionCommitBypassMemtable);
  out.lock_timeout = static_cast<int64_t>(options.lock_timeout_ms);
  out.expiration = static_cast<int64_t>(options.expiration_ms);
  out.deadlock_detect_depth = static_cast<int64_t>(options.deadlock_detect_depth);
  out.write_batch_flush_threshold = static_cast<int64_t>(options.write_batch_flush_threshold);
  out.max_write_batch_size = options.max_write_batch_size;
  return out;
}

Transaction* Begin(rdb_db* db, const rdb_transaction_options& options, Transaction* old) {
  const WriteOptions write = ToWriteOptions(options.write_flags);
  if (db->mode == kOpenTransactional) {
    return static_cast<TransactionDB*>(db->db)->BeginTransaction(
        write, ToTransactionOptions(options), old);
  }
  OptimisticTransactionOptions optimistic;
  optimistic.set_snapshot = (options.flags & kTransactionSetSnapshot) != 0;
  return static_cast<OptimisticTransactionDB*>(db->db)->BeginTransaction(write, optimistic, old);
}

// Work on a transaction: what it allocates is the transaction's.
template <typename Work>
rdb_status On(rdb_transaction* transaction, Work&& work) {
  OwnerScope owner(transaction->slot());
  return Guarded([&]() -> Status { return work(transaction->transaction.get()); });
}

// Work that writes: the keys that it has not written yet were not seen by all that compares them.
template <typename Work>
rdb_status Write(rdb_transaction* transaction, Work&& work) {
  return On(transaction, [&](Transaction* it) -> Status {
    const WriteTerms terms(*transaction);
    KeyCheck check;
    DB* db = transaction->database->db;
    Status status = terms.status();
    if (status.ok()) status = check.Batch(db, it->GetWriteBatch()->GetWriteBatch());
    if (status.ok()) status = check.Batch(db, it->GetCommitTimeWriteBatch());
    return status.ok() ? work(it) : status;
  });
}

// Undoing writes to the log only what is there already.
template <typename Work>
rdb_status Undo(rdb_transaction* transaction, Work&& work) {
  return On(transaction, [&](Transaction* it) -> Status {
    if (!transaction->eager && it->GetState() != Transaction::PREPARED) return work(it);
    const WriteTerms terms(*transaction);
    return terms.status().ok() ? work(it) : terms.status();
  });
}

// What the commit-time batch is made of, or what is done again, comes from the host.
Status Replace(WriteBatch* batch, const WriteBatch& with) {
  batch->Clear();
  return WriteBatchInternal::Append(batch, &with);
}

Status Rebuild(rdb_transaction* transaction, WriteBatch* updates) {
  KeyCheck check;
  transaction->misplaced = false;
  const Status status = check.Batch(transaction->database->db, updates);
  if (!status.ok()) return status;
  return Indexing(transaction,
                  [&] { return transaction->transaction->RebuildFromWriteBatch(updates); });
}

}  // namespace

rdb_transaction* rocksdb_wasm::NewTransaction(rdb_db* db) {
  rdb_transaction* holder = NewOwned<rdb_transaction>(Owner::kTransaction);
  OwnerScope owner(holder->slot());
  holder->database = db;
  holder->mode = db->mode;
  if (db->mode == kOpenTransactional) {
    const auto* pessimistic = static_cast<PessimisticTransactionDB*>(db->db);
    holder->eager = pessimistic->GetTxnDBOptions().write_policy == WRITE_UNPREPARED;
  }
  holder->view = std::make_unique<TransactionView>(holder, db->db);
  holder->db = holder->view.get();
  holder->operations = std::make_unique<Operations>(holder);
  holder->sink = holder->operations.get();
  return holder;
}

rdb_status rdb_transaction_begin(rdb_db* db, rdb_transaction_options* options, rdb_transaction* old,
                                 rdb_transaction** out) {
  return Guarded([&]() -> Status {
    rdb_transaction* holder = old != nullptr ? old : NewTransaction(db);
    OwnerScope owner(holder->slot());
    Transaction* begun = Begin(db, *options, holder->transaction.get());
    if (old == nullptr) holder->transaction.reset(begun);
    *out = holder;
    return Status::OK();
  });
}

void rdb_transaction_free(rdb_transaction* transaction) {
  rdb_db* db = transaction->database;
  const bool writes = transaction->eager && transaction->transaction != nullptr;
  // It takes back what it has written, and cannot be refused: a lock of the log lets that through.
  const uint32_t locks = writes ? db->wal_locks : 0;
  for (uint32_t i = 0; i < locks; ++i) db->db->UnlockWAL().PermitUncheckedError();
  if (writes && db->pauses > 0) transaction->transaction->GetWriteOptions()->no_slowdown = true;
  DeleteOwned(transaction);
  for (uint32_t i = 0; i < locks; ++i) db->db->LockWAL().PermitUncheckedError();
}

rdb_status rdb_transaction_prepare(rdb_transaction* transaction) {
  return Write(transaction, [](Transaction* it) { return it->Prepare(); });
}

rdb_status rdb_transaction_commit(rdb_transaction* transaction) {
  return Write(transaction, [](Transaction* it) { return it->Commit(); });
}

rdb_status rdb_transaction_rollback(rdb_transaction* transaction) {
  return Undo(transaction, [](Transaction* it) { return it->Rollback(); });
}

rdb_status rdb_transaction_commit_with_snapshot(rdb_transaction* transaction, uint32_t low,
                                                uint32_t high, rdb_snapshot** out) {
  return Write(transaction, [&](Transaction* it) {
    std::shared_ptr<const Snapshot> snapshot;
    const Status status =
        it->CommitAndTryCreateSnapshot(nullptr, ToTimestamp(low, high), &snapshot);
    if (status.ok()) *out = NewSharedSnapshot(std::move(snapshot));
    return status;
  });
}

void rdb_transaction_set_savepoint(rdb_transaction* transaction) {
  OwnerScope owner(transaction->slot());
  transaction->transaction->SetSavePoint();
}

rdb_status rdb_transaction_rollback_to_savepoint(rdb_transaction* transaction) {
  return Undo(transaction, [&](Transaction* it) {
    return Indexing(transaction, [&] { return it->RollbackToSavePoint(); });
  });
}

rdb_status rdb_transaction_pop_savepoint(rdb_transaction* transaction) {
  return On(transaction, [](Transaction* it) { return it->PopSavePoint(); });
}

void rdb_transaction_set_snapshot(rdb_transaction* transaction, uint32_t on_next_operation) {
  OwnerScope owner(transaction->slot());
  if (on_next_operation != 0) {
    transaction->transaction->SetSnapshotOnNextOperation();
  } else {
    transaction->transaction->SetSnapshot();
  }
}

void rdb_transaction_clear_snapshot(rdb_transaction* transaction) {
  OwnerScope owner(transaction->slot());
  transaction->transaction->ClearSnapshot();
}

rdb_snapshot* rdb_transaction_get_snapshot(rdb_transaction* transaction) {
  OwnerScope owner(transaction->slot());
  // It gives whatever snapshot the transaction has, with a timestamp or without.
  std::shared_ptr<const Snapshot> snapshot = transaction->transaction->GetTimestampedSnapshot();
  return NewSharedSnapshot(std::move(snapshot));
}

double rdb_transaction_snapshot_number(rdb_transaction* transaction) {
  const Snapshot* snapshot = transaction->transaction->GetSnapshot();
  return snapshot == nullptr ? -1 : static_cast<double>(snapshot->GetSequenceNumber());
}

rdb_status rdb_transaction_set_name(rdb_transaction* transaction, const uint8_t* name,
                                    uint32_t name_length) {
  return On(transaction, [&](Transaction* it) { return it->SetName(ToString(name, name_length)); });
}

void rdb_transaction_put_log_data(rdb_transaction* transaction, const uint8_t* data,
                                  uint32_t length) {
  OwnerScope owner(transaction->slot());
  transaction->transaction->PutLogData(ToSlice(data, length));
}

void rdb_transaction_undo_get_for_update(rdb_transaction* transaction, rdb_column_family* cf,
                                         const uint8_t* key, uint32_t key_length) {
  OwnerScope owner(transaction->slot());
  transaction->transaction->UndoGetForUpdate(HandleOf(transaction, cf), ToSlice(key, key_length));
}

rdb_status rdb_transaction_collapse_key(rdb_transaction* transaction, rdb_column_family* cf,
                                        uint32_t flags, rdb_snapshot* snapshot, const uint8_t* key,
                                        uint32_t key_length) {
  return On(transaction, [&](Transaction* it) {
    return Indexing(transaction, [&] {
      return it->CollapseKey(ToReadOptions(flags, snapshot), ToSlice(key, key_length),
                             HandleOf(transaction, cf));
    });
  });
}

void rdb_transaction_set_indexing(rdb_transaction* transaction, uint32_t enabled) {
  if (enabled != 0) {
    transaction->transaction->EnableIndexing();
  } else {
    transaction->transaction->DisableIndexing();
  }
}

void rdb_transaction_set_lock_timeout(rdb_transaction* transaction, double ms) {
  transaction->transaction->SetLockTimeout(static_cast<int64_t>(ms));
}

void rdb_transaction_set_write_flags(rdb_transaction* transaction, uint32_t flags) {
  transaction->transaction->SetWriteOptions(ToWriteOptions(flags));
}

rdb_status rdb_transaction_rebuild(rdb_transaction* transaction, rdb_write_batch* batch) {
  return On(transaction, [&](Transaction*) {
    WriteBatch updates = CopyOf(batch);
    return Rebuild(transaction, &updates);
  });
}

rdb_status rdb_transaction_rebuild_from_index(rdb_transaction* transaction,
                                              rdb_batch_with_index* batch) {
  return On(transaction, [&](Transaction*) {
    WriteBatch updates = *batch->batch->GetWriteBatch();
    return Rebuild(transaction, &updates);
  });
}

rdb_status rdb_transaction_set_commit_time_batch(rdb_transaction* transaction,
                                                 rdb_write_batch* batch) {
  return On(transaction, [&](Transaction* it) {
    return Replace(it->GetCommitTimeWriteBatch(), CopyOf(batch));
  });
}

rdb_status rdb_transaction_set_read_timestamp(rdb_transaction* transaction, uint32_t low,
                                              uint32_t high) {
  return On(transaction, [&](Transaction* it) {
    return it->SetReadTimestampForValidation(ToTimestamp(low, high));
  });
}

rdb_status rdb_transaction_set_commit_timestamp(rdb_transaction* transaction, uint32_t low,
                                                uint32_t high) {
  return On(transaction,
            [&](Transaction* it) { return it->SetCommitTimestamp(ToTimestamp(low, high)); });
}

void rdb_transaction_get_info(rdb_transaction* transaction, rdb_transaction_info* out) {
  OwnerScope owner(transaction->slot());
  Transaction* it = transaction->transaction.get();
  transaction->name = it->GetName();
  const TxnTimestamp commit = it->GetCommitTimestamp();
  *out = {};
  out->id = static_cast<double>(it->GetID());
  out->keys = static_cast<double>(it->GetNumKeys());
  out->puts = static_cast<double>(it->GetNumPuts());
  out->put_entities = static_cast<double>(it->GetNumPutEntities());
  out->deletes = static_cast<double>(it->GetNumDeletes());
  out->merges = static_cast<double>(it->GetNumMerges());
  out->elapsed_ms = static_cast<double>(it->GetElapsedTime());
  out->log_number = static_cast<double>(it->GetLogNumber());
  out->commit_timestamp = static_cast<uint32_t>(commit);
  out->commit_timestamp_high = static_cast<uint32_t>(commit >> 32);
  out->state = static_cast<uint32_t>(it->GetState());
  out->deadlock_detect = it->IsDeadlockDetect() ? 1 : 0;
  out->batch_bytes = static_cast<uint32_t>(it->GetWriteBatch()->GetDataSize());
  out->name = ToWord(transaction->name.data());
  out->name_length = static_cast<uint32_t>(transaction->name.size());
}
