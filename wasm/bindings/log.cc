// The write-ahead log: reading it, its files, locking it; and what runs in the background.
#include "rocksdb/convenience.h"
#include "rocksdb/transaction_log.h"
#include "wasm/bindings/contract/log.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/plain.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

struct rdb_transaction_log_iterator : OwnedObject {
  using OwnedObject::OwnedObject;
  std::unique_ptr<TransactionLogIterator> iterator;
  // What was read last; the host looks at its bytes.
  BatchResult current;
  // It stands at a batch that was not given yet.
  bool fresh = true;
};

namespace {

void WriteWalFile(const WalFile& file, Plain* out) {
  out->Object([&] {
    out->Text("pathName", file.PathName());
    out->Number("logNumber", file.LogNumber());
    out->Bool("archived", file.Type() == kArchivedLogFile);
    out->Big("startSequence", file.StartSequence());
    out->Number("sizeFileBytes", file.SizeFileBytes());
  });
}

// What manual_wal_flush keeps back would look like a gap.
Status ShowBuffered(DB* db) {
  return db->GetDBOptions().manual_wal_flush ? db->FlushWAL(/*sync=*/false) : Status::OK();
}

}  // namespace

rdb_status rdb_transaction_log_iterator_create(rdb_db* db, double sequence,
                                               uint32_t verify_checksums,
                                               rdb_transaction_log_iterator** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_transaction_log_iterator, OwnedDeleter<rdb_transaction_log_iterator>>
        holder(NewOwned<rdb_transaction_log_iterator>(Owner::kTransactionLogIterator));
    OwnerScope owner(holder->slot());
    *out = nullptr;
    Status status = ShowBuffered(db->db);
    if (!status.ok()) return status;
    const TransactionLogIterator::ReadOptions options(verify_checksums != 0);
    status = db->db->GetUpdatesSince(static_cast<SequenceNumber>(sequence), &holder->iterator,
                                     options);
    if (status.IsNotFound()) return Status::OK();
    if (status.ok()) *out = holder.release();
    return status;
  });
}

rdb_status rdb_transaction_log_iterator_read(rdb_db* db, rdb_transaction_log_iterator* iterator,
                                             rdb_log_update* out) {
  OwnerScope owner(iterator->slot());
  return Guarded([&]() -> Status {
    TransactionLogIterator* log = iterator->iterator.get();
    iterator->current = BatchResult();
    if (!iterator->fresh) {
      Status status = ShowBuffered(db->db);
      if (!status.ok()) return status;
      // After the end, too: it looks again for what was written since.
      log->Next();
    }
    iterator->fresh = false;
    out->found = 0;
    if (!log->Valid()) return log->status();
    iterator->current = log->GetBatch();
    const std::string& rep = iterator->current.writeBatchPtr->Data();
    out->sequence = static_cast<double>(iterator->current.sequence);
    out->data = ToWord(rep.data());
    out->length = static_cast<uint32_t>(rep.size());
    out->found = 1;
    return Status::OK();
  });
}

void rdb_transaction_log_iterator_free(rdb_transaction_log_iterator* iterator) {
  DeleteOwned(iterator);
}

rdb_status rdb_db_get_wal_files(rdb_db* db, uint32_t current, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    Plain plain;
    Status status;
    if (current != 0) {
      std::unique_ptr<WalFile> file;
      status = db->db->GetCurrentWalFile(&file);
      if (status.ok()) WriteWalFile(*file, &plain);
    } else {
      VectorWalPtr files;
      status = db->db->GetSortedWalFiles(files);
      plain.Array([&] {
        for (const auto& file : files) WriteWalFile(*file, &plain);
      });
    }
    return status.ok() ? GiveBytes(plain.bytes(), out) : status;
  });
}

rdb_status rdb_db_flush_wal(rdb_db* db, uint32_t sync) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status { return db->db->FlushWAL(sync != 0); });
}

rdb_status rdb_db_lock_wal(rdb_db* db) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    const Status status = db->db->LockWAL();
    if (status.ok()) ++db->wal_locks;
    return status;
  });
}

rdb_status rdb_db_unlock_wal(rdb_db* db) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    const Status status = db->db->UnlockWAL();
    if (status.ok()) --db->wal_locks;
    return status;
  });
}

rdb_status rdb_db_pause_background_work(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    const Status status = db->db->PauseBackgroundWork();
    if (status.ok()) ++db->pauses;
    return status;
  });
}

rdb_status rdb_db_continue_background_work(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    const Status status = db->db->ContinueBackgroundWork();
    if (status.ok()) --db->pauses;
    return status;
  });
}

void rdb_db_disable_manual_compaction(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  db->db->DisableManualCompaction();
}

void rdb_db_enable_manual_compaction(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  db->db->EnableManualCompaction();
}

void rdb_db_cancel_all_background_work(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  CancelAllBackgroundWork(db->db, /*wait=*/true);
}

rdb_status rdb_db_creation_time_of_oldest_file(rdb_db* db, rdb_log_update* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    uint64_t seconds = 0;
    const Status status = db->db->GetCreationTimeOfOldestFile(&seconds);
    if (!status.ok()) return status;
    out->sequence = static_cast<double>(seconds);
    out->found = 1;
    return Status::OK();
  });
}
