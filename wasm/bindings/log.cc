// The write-ahead log: reading it, its files, locking it; and what runs in the background.
#include <algorithm>

#include "db/dbformat.h"
#include "db/write_batch_internal.h"
#include "rocksdb/convenience.h"
#include "rocksdb/transaction_log.h"
#include "wasm/bindings/contract/log.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/plain.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

struct rdb_transaction_log_iterator : OwnedObject {
  using OwnedObject::OwnedObject;
  SequenceNumber next;
  bool verify_checksums;
  bool allow_gaps;
  // Null: to be made at `next`. RocksDB's ends where the files that it found when it was made do.
  std::unique_ptr<TransactionLogIterator> log;
  // It stands at a batch that was not given yet.
  bool fresh = false;
  // What was read last; the host looks at its bytes.
  BatchResult current;
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
  if (!db->GetDBOptions().manual_wal_flush) return Status::OK();
  const Status status = db->FlushWAL(/*sync=*/false);
  return status.IsNotSupported() ? Status::OK() : status;  // not the writer's database
}

// Has RocksDB's iterator stand at the first batch from `next` on, or none when there is nothing.
Status Seek(DB* db, rdb_transaction_log_iterator* iterator) {
  {
    // RocksDB keeps what a file's first record says for whoever asks next: that is not the iterator's.
    OwnerScope owner(Owner::kWal);
    VectorWalPtr files;
    const Status listed = db->GetSortedWalFiles(files);
    if (!listed.ok()) return listed;
  }
  std::unique_ptr<TransactionLogIterator> log;
  const TransactionLogIterator::ReadOptions options(iterator->verify_checksums);
  const Status status = db->GetUpdatesSince(iterator->next, &log, options);
  // Not written yet; or written, and not in the files of the log.
  if (status.IsNotFound() || status.IsTryAgain()) return Status::OK();
  if (status.ok() && log->Valid()) {
    iterator->log = std::move(log);
    iterator->fresh = true;
  }
  return status;
}

// RocksDB's words for what looks like a gap to an iterator, or is one: the next iterator may see the file that this
// one did not, or does without the one that was deleted.
bool MayBeOver(const Status& status) {
  return status.IsTryAgain() || status.IsNotFound() || status.IsPathNotFound() ||
         (status.IsCorruption() && status.ToString().find("Gap in sequence") != std::string::npos);
}

// The mark comes first. (HasBeginPrepare() does not know the one that stands there in transactions of one phase.)
bool BeginsPrepare(const WriteBatch& batch) {
  if (batch.Data().size() <= WriteBatchInternal::kHeader) return false;
  switch (static_cast<ValueType>(batch.Data()[WriteBatchInternal::kHeader])) {
    case kTypeBeginPrepareXID:
    case kTypeBeginPersistedPrepareXID:
    case kTypeBeginUnprepareXID:
      return true;
    default:
      return false;
  }
}

// To the next batch. There is none when `log` is null or not valid then.
Status Advance(DB* db, rdb_transaction_log_iterator* iterator) {
  if (iterator->log == nullptr) return Seek(db, iterator);
  if (iterator->fresh) return Status::OK();
  // At the end, too: it looks again for what was written since.
  iterator->log->Next();
  if (iterator->log->Valid()) return Status::OK();
  const Status status = iterator->log->status();
  if (status.ok()) return status;
  iterator->log.reset();
  return MayBeOver(status) ? Seek(db, iterator) : status;
}

}  // namespace

rdb_status rdb_transaction_log_iterator_create(rdb_db* db, double sequence,
                                               uint32_t verify_checksums, uint32_t allow_gaps,
                                               rdb_transaction_log_iterator** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_transaction_log_iterator, OwnedDeleter<rdb_transaction_log_iterator>>
        holder(NewOwned<rdb_transaction_log_iterator>(Owner::kTransactionLogIterator));
    OwnerScope owner(holder->slot());
    // The first write has 1.
    holder->next = std::max<SequenceNumber>(static_cast<SequenceNumber>(sequence), 1);
    holder->verify_checksums = verify_checksums != 0;
    holder->allow_gaps = allow_gaps != 0;
    Status status = ShowBuffered(db->db);
    if (status.ok()) status = Seek(db->db, holder.get());
    if (status.ok()) *out = holder.release();
    return status;
  });
}

rdb_status rdb_transaction_log_iterator_read(rdb_db* db, rdb_transaction_log_iterator* iterator,
                                             rdb_log_update* out) {
  OwnerScope owner(iterator->slot());
  return Guarded([&]() -> Status {
    iterator->current = BatchResult();
    Status status = ShowBuffered(db->db);
    if (status.ok()) status = Advance(db->db, iterator);
    if (!status.ok()) return status;

    const bool valid = iterator->log != nullptr && iterator->log->Valid();
    // Where the log goes on: all up to there must have been in it.
    SequenceNumber found = db->db->GetLatestSequenceNumber() + 1;
    if (valid) {
      iterator->current = iterator->log->GetBatch();
      iterator->fresh = false;
      found = iterator->current.sequence;
    }
    *out = {static_cast<double>(found), static_cast<double>(iterator->next), 0, 0, kLogEnd};
    if (found > iterator->next && !iterator->allow_gaps) {
      iterator->log.reset();
      out->found = kLogGap;
      return Status::OK();
    }
    if (!valid) {
      if (found > iterator->next) iterator->log.reset();
      iterator->next = std::max(iterator->next, found);
      return Status::OK();
    }
    const WriteBatch& batch = *iterator->current.writeBatchPtr;
    // Its operations take their sequence numbers when it is committed; RocksDB's iterator believes that they
    // did here, and passes over what others wrote in between.
    if (BeginsPrepare(batch)) {
      iterator->log.reset();
      return Status::NotSupported("the log cannot be followed past a transaction that was prepared");
    }
    iterator->next = found + batch.Count();
    out->next = static_cast<double>(iterator->next);
    out->data = ToWord(batch.Data().data());
    out->length = static_cast<uint32_t>(batch.Data().size());
    out->found = kLogBatch;
    return Status::OK();
  });
}

void rdb_transaction_log_iterator_free(rdb_transaction_log_iterator* iterator) {
  DeleteOwned(iterator);
}

rdb_status rdb_db_get_wal_files(rdb_db* db, uint32_t current, rdb_slice* out) {
  OwnerScope owner(Owner::kWal);
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

rdb_status rdb_db_creation_time_of_oldest_file(rdb_db* db, rdb_seconds* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    uint64_t seconds = 0;
    const Status status = db->db->GetCreationTimeOfOldestFile(&seconds);
    if (status.ok()) out->seconds = static_cast<double>(seconds);
    return status;
  });
}
