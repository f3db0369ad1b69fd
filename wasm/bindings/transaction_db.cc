// Databases with transactions, pessimistic and optimistic.
#include "rocksdb/utilities/transaction_db.h"

#include "rocksdb/utilities/optimistic_transaction_db.h"
#include "rocksdb/utilities/transaction_db_mutex.h"
#include "utilities/transactions/pessimistic_transaction_db.h"
#include "wasm/bindings/callbacks/key_check.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/transactions.h"
#include "wasm/bindings/views.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// On one thread nobody gives a lock up while another waits for it: every wait has timed out.
class NoMutex : public TransactionDBMutex {
 public:
  Status Lock() override { return Status::OK(); }
  Status TryLockFor(int64_t /*micros*/) override { return Status::OK(); }
  void UnLock() override {}
};

class NoWait : public TransactionDBCondVar {
 public:
  Status Wait(std::shared_ptr<TransactionDBMutex>) override { return TimedOut(); }
  Status WaitFor(std::shared_ptr<TransactionDBMutex>, int64_t /*micros*/) override {
    return TimedOut();
  }
  void Notify() override {}
  void NotifyAll() override {}

 private:
  static Status TimedOut() { return Status::TimedOut(Status::SubCode::kMutexTimeout); }
};

class OneThreadFactory : public TransactionDBMutexFactory {
 public:
  std::shared_ptr<TransactionDBMutex> AllocateMutex() override {
    return std::make_shared<NoMutex>();
  }
  std::shared_ptr<TransactionDBCondVar> AllocateCondVar() override {
    return std::make_shared<NoWait>();
  }
};

TransactionDB* TransactionDBOf(rdb_db* db) { return static_cast<TransactionDB*>(db->db); }

// Words and bytes, one after another.
class Words {
 public:
  void Put(uint32_t word) { bytes_.append(reinterpret_cast<const char*>(&word), sizeof(word)); }
  void PutLong(uint64_t value) {
    Put(static_cast<uint32_t>(value));
    Put(static_cast<uint32_t>(value >> 32));
  }
  void PutBytes(const Slice& bytes) {
    bytes_.append(bytes.data(), bytes.size());
    bytes_.resize(Padded(bytes_.size()));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

Status rocksdb_wasm::OpenTransactional(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  const auto& given =
      *reinterpret_cast<const rdb_transaction_db_options*>(ToAddress(request->mode_options));
  TransactionDBOptions transactional;
  transactional.max_num_locks = static_cast<int64_t>(given.max_num_locks);
  transactional.max_num_deadlocks = given.max_num_deadlocks;
  transactional.num_stripes = given.num_stripes;
  transactional.transaction_lock_timeout = static_cast<int64_t>(given.transaction_lock_timeout_ms);
  transactional.default_lock_timeout = static_cast<int64_t>(given.default_lock_timeout_ms);
  transactional.custom_mutex_factory = std::make_shared<OneThreadFactory>();
  transactional.write_policy = static_cast<TxnDBWritePolicy>(given.write_policy);
  transactional.rollback_merge_operands = given.rollback_merge_operands != 0;
  transactional.skip_concurrency_control = given.skip_concurrency_control != 0;
  transactional.default_write_batch_flush_threshold =
      static_cast<int64_t>(given.default_write_batch_flush_threshold);
  transactional.enable_udt_validation = given.enable_udt_validation != 0;
  TransactionDB* db = nullptr;
  const Status status = TransactionDB::Open(options, transactional, path, families, &handles, &db);
  if (status.ok()) *out = db;
  return status;
}

Status rocksdb_wasm::OpenOptimistic(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  const auto& given =
      *reinterpret_cast<const rdb_optimistic_db_options*>(ToAddress(request->mode_options));
  OptimisticTransactionDBOptions optimistic;
  optimistic.validate_policy = given.validate_parallel != 0 ? OccValidationPolicy::kValidateParallel
                                                            : OccValidationPolicy::kValidateSerial;
  optimistic.occ_lock_buckets = given.occ_lock_buckets;
  OptimisticTransactionDB* db = nullptr;
  const Status status =
      OptimisticTransactionDB::Open(options, optimistic, path, families, &handles, &db);
  if (status.ok()) *out = db;
  return status;
}

void rocksdb_wasm::LeavePrepared(DB* db) {
#ifndef NDEBUG
  // RocksDB's debug builds insist that nothing is prepared, unless they are told of a crash.
  static_cast<PessimisticTransactionDB*>(db)->TEST_Crash();
#endif
}

rdb_status rdb_transaction_db_prepared(rdb_db* db, rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kTransaction);
  return Guarded([&]() -> Status {
    std::vector<Transaction*> prepared;
    TransactionDBOf(db)->GetAllPreparedTransactions(&prepared);
    Words names;
    for (const Transaction* each : prepared) {
      const TransactionName name = each->GetName();
      names.Put(static_cast<uint32_t>(name.size()));
      names.PutBytes(name);
    }
    *count = static_cast<uint32_t>(prepared.size());
    return GiveBytes(names.bytes(), out);
  });
}

rdb_status rdb_transaction_db_take(rdb_db* db, const uint8_t* name, uint32_t name_length,
                                   rdb_transaction** out) {
  return Guarded([&]() -> Status {
    Transaction* found = TransactionDBOf(db)->GetTransactionByName(ToString(name, name_length));
    *out = nullptr;
    if (found == nullptr) return Status::OK();
    rdb_transaction* holder = NewTransaction(db);
    holder->transaction.reset(found);
    *out = holder;
    return Status::OK();
  });
}

rdb_status rdb_transaction_db_locks(rdb_db* db, rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kTransaction);
  return Guarded([&]() -> Status {
    const auto locks = TransactionDBOf(db)->GetLockStatusData();
    Words words;
    for (const auto& [family, lock] : locks) {
      words.Put(family);
      words.Put(lock.exclusive ? 1 : 0);
      words.Put(static_cast<uint32_t>(lock.ids.size()));
      words.Put(static_cast<uint32_t>(lock.key.size()));
      for (const TransactionID id : lock.ids) words.PutLong(id);
      words.PutBytes(lock.key);
    }
    *count = static_cast<uint32_t>(locks.size());
    return GiveBytes(words.bytes(), out);
  });
}

rdb_status rdb_transaction_db_deadlocks(rdb_db* db, rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kTransaction);
  return Guarded([&]() -> Status {
    const std::vector<DeadlockPath> deadlocks = TransactionDBOf(db)->GetDeadlockInfoBuffer();
    Words words;
    for (const DeadlockPath& deadlock : deadlocks) {
      words.Put(deadlock.limit_exceeded ? 1 : 0);
      words.PutLong(static_cast<uint64_t>(deadlock.deadlock_time));
      words.Put(static_cast<uint32_t>(deadlock.path.size()));
      for (const DeadlockInfo& step : deadlock.path) {
        words.PutLong(step.m_txn_id);
        words.Put(step.m_cf_id);
        words.Put(step.m_exclusive ? 1 : 0);
        words.Put(static_cast<uint32_t>(step.m_waiting_key.size()));
        words.PutBytes(step.m_waiting_key);
      }
    }
    *count = static_cast<uint32_t>(deadlocks.size());
    return GiveBytes(words.bytes(), out);
  });
}

void rdb_transaction_db_set_deadlock_buffer_size(rdb_db* db, uint32_t count) {
  OwnerScope owner(Owner::kDb);
  TransactionDBOf(db)->SetDeadlockInfoBufferSize(count);
}

rdb_status rdb_transaction_db_write(rdb_db* db, uint32_t flags, uint32_t skip_concurrency_control,
                                    uint32_t skip_duplicate_key_check, rdb_write_batch* batch) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    TransactionDBWriteOptimizations optimizations;
    optimizations.skip_concurrency_control = skip_concurrency_control != 0;
    optimizations.skip_duplicate_key_check = skip_duplicate_key_check != 0;
    WriteBatch updates = CopyOf(batch);
    KeyCheck check;
    Status status = CheckUnlocked(db);
    if (status.ok()) status = check.Batch(db->db, &updates);
    if (!status.ok()) return status;
    return TransactionDBOf(db)->Write(ToWriteOptions(db, flags), optimizations, &updates);
  });
}

rdb_status rdb_timestamped_snapshot_create(rdb_db* db, uint32_t low, uint32_t high,
                                           rdb_snapshot** out) {
  OwnerScope owner(Owner::kSnapshot);
  return Guarded([&]() -> Status {
    auto [status, snapshot] =
        TransactionDBOf(db)->CreateTimestampedSnapshot(ToTimestamp(low, high));
    if (status.ok()) *out = NewSharedSnapshot(std::move(snapshot));
    return status;
  });
}

rdb_snapshot* rdb_timestamped_snapshot_get(rdb_db* db, uint32_t low, uint32_t high) {
  return NewSharedSnapshot(TransactionDBOf(db)->GetTimestampedSnapshot(ToTimestamp(low, high)));
}

rdb_status rdb_timestamped_snapshot_list(rdb_db* db, uint32_t lower_low, uint32_t lower_high,
                                         uint32_t upper_low, uint32_t upper_high, rdb_slice* out,
                                         uint32_t* count) {
  OwnerScope owner(Owner::kSnapshot);
  return Guarded([&]() -> Status {
    std::vector<std::shared_ptr<const Snapshot>> snapshots;
    const Status status = TransactionDBOf(db)->GetTimestampedSnapshots(
        ToTimestamp(lower_low, lower_high), ToTimestamp(upper_low, upper_high), snapshots);
    if (!status.ok()) return status;
    Words timestamps;
    for (const auto& each : snapshots) timestamps.PutLong(each->GetTimestamp());
    *count = static_cast<uint32_t>(snapshots.size());
    return GiveBytes(timestamps.bytes(), out);
  });
}

void rdb_timestamped_snapshot_release(rdb_db* db, uint32_t low, uint32_t high) {
  OwnerScope owner(Owner::kSnapshot);
  TransactionDBOf(db)->ReleaseTimestampedSnapshotsOlderThan(ToTimestamp(low, high));
}
