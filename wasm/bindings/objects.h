// The objects behind the opaque pointers of bindings.h, and how a Status crosses the boundary.
#pragma once

#include <exception>
#include <memory>
#include <string>

#include "rocksdb/advanced_cache.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "wasm/bindings/bindings.h"
#include "wasm/memory/allocator.h"

// A database, or a view of one: a transaction, a batch with an index. A view reads the database with its own
// changes on top, and takes single writes in its place.
struct rdb_db : rocksdb_wasm::OwnedObject {
  explicit rdb_db(rocksdb_wasm::Owner kind = rocksdb_wasm::Owner::kDb) : OwnedObject(kind) {}
  ROCKSDB_NAMESPACE::DB* db = nullptr;
  bool expires = false;  // it is a DBWithTTL, whose iterators are around RocksDB's own
  uint32_t mode = kOpenReadWrite;  // rdb_open_mode
  // Where single writes to a view go; null in a database.
  ROCKSDB_NAMESPACE::WriteBatchBase* sink = nullptr;
  // What the call that is under way was asked beyond RocksDB's options (rdb_read_flags, rdb_write_flags).
  uint32_t flags = 0;
  // Of a view: a comparator threw in the last change of its index, whose order is not right any more.
  bool misplaced = false;
  // The batch of single writes, reused: its buffer is not allocated anew for each.
  ROCKSDB_NAMESPACE::WriteBatch single;
  ROCKSDB_NAMESPACE::PinnableSlice pinned;
  // Locks of the log and pauses of background work: while there are any, nothing could end a write stall.
  uint32_t wal_locks = 0;
  uint32_t pauses = 0;
  // Ends the write stalls that nothing else could end: see stalled_writes.h. Null where nothing is written.
  std::shared_ptr<void> stall_relief;
};

struct rdb_column_family : rocksdb_wasm::OwnedObject {
  rdb_column_family() : OwnedObject(rocksdb_wasm::Owner::kColumnFamily) {}
  ROCKSDB_NAMESPACE::ColumnFamilyHandle* handle = nullptr;
};

struct rdb_snapshot : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  const ROCKSDB_NAMESPACE::Snapshot* snapshot = nullptr;
  // Set when others hold it, too: a transaction, the list of those with a timestamp.
  std::shared_ptr<const ROCKSDB_NAMESPACE::Snapshot> shared;
};

struct rdb_write_batch : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  // Always as long as the capacity promised to the host; `length` bytes of it are valid.
  std::string rep;
  uint32_t length = 0;
};

struct rdb_pinned_slice : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  ROCKSDB_NAMESPACE::PinnableSlice value;
};

struct rdb_cache : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<ROCKSDB_NAMESPACE::Cache> cache;
};

namespace rocksdb_wasm {

// Tells a view of the flags, for one call.
class CallFlags {
 public:
  CallFlags(rdb_db* db, uint32_t flags) : db_(db) { db_->flags = flags; }
  ~CallFlags() { db_->flags = 0; }
  CallFlags(const CallFlags&) = delete;
  void operator=(const CallFlags&) = delete;

 private:
  rdb_db* const db_;
};

// A handle for a snapshot that others hold, too; null for none.
rdb_snapshot* NewSharedSnapshot(std::shared_ptr<const ROCKSDB_NAMESPACE::Snapshot> shared);

// RocksDB's WriteOptions for rdb_write_flags.
ROCKSDB_NAMESPACE::WriteOptions ToWriteOptions(uint32_t flags);
// The same for a write to `db` that begins now: nothing would end a write stall while its background work is paused.
ROCKSDB_NAMESPACE::WriteOptions ToWriteOptions(const rdb_db* db, uint32_t flags);

// RocksDB's writers wait for the log, and nobody could unlock it meanwhile.
inline ROCKSDB_NAMESPACE::Status CheckUnlocked(const rdb_db* db) {
  using ROCKSDB_NAMESPACE::Status;
  return db->wal_locks == 0 ? Status::OK() : Status::Incomplete("the log is locked");
}

// What reads allocate is the view's own where it keeps some of it: the locks of a transaction.
inline Owner ReaderOf(const rdb_db* db) { return db->sink == nullptr ? Owner::kRead : db->slot(); }

// The host's batch as one of RocksDB's; a copy, for what adds to the batches that it is given.
ROCKSDB_NAMESPACE::WriteBatch CopyOf(const rdb_write_batch* batch);

constexpr uint32_t kTransferBytes = 64 * 1024;
extern uint8_t transfer_in[kTransferBytes];
extern uint8_t transfer_out[kTransferBytes];

// A status as rdb_status; OK is 0.
inline rdb_status StatusWord(const ROCKSDB_NAMESPACE::Status& status) {
  return static_cast<uint32_t>(status.code()) | static_cast<uint32_t>(status.subcode()) << 8 |
         static_cast<uint32_t>(status.severity()) << 16;
}

// Packs a status for the host and keeps its message. OK is 0 and leaves the last message alone.
rdb_status Report(const ROCKSDB_NAMESPACE::Status& status);

// Runs `work`, a callable that returns a Status; an exception becomes one too.
template <typename Work>
rdb_status Guarded(Work&& work) {
  try {
    return Report(work());
  } catch (const std::exception& error) {
    return Report(ROCKSDB_NAMESPACE::Status::Aborted("C++ exception", error.what()));
  }
}

inline ROCKSDB_NAMESPACE::Slice ToSlice(const uint8_t* data, uint32_t length) {
  return ROCKSDB_NAMESPACE::Slice(reinterpret_cast<const char*>(data), length);
}
inline std::string ToString(const uint8_t* data, uint32_t length) {
  return std::string(reinterpret_cast<const char*>(data), length);
}
inline const uint8_t* ToAddress(uint32_t address) {
  return reinterpret_cast<const uint8_t*>(address);
}
inline uint32_t ToWord(const void* address) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(address)); }

inline ROCKSDB_NAMESPACE::ColumnFamilyHandle* HandleOf(rdb_db* db, rdb_column_family* cf) {
  return cf == nullptr ? db->db->DefaultColumnFamily() : cf->handle;
}
inline const ROCKSDB_NAMESPACE::Snapshot* ToSnapshot(rdb_snapshot* snapshot) {
  return snapshot == nullptr ? nullptr : snapshot->snapshot;
}

// A ReadOptions for rdb_read_flags.
ROCKSDB_NAMESPACE::ReadOptions ToReadOptions(uint32_t flags, rdb_snapshot* snapshot);

// Puts bytes into a block of the host's (rdb_memory_free).
ROCKSDB_NAMESPACE::Status GiveBytes(const std::string& bytes, rdb_slice* out);

inline size_t Padded(size_t length) { return (length + 3) & ~size_t{3}; }

}  // namespace rocksdb_wasm
