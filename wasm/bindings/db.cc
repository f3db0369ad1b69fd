// Opening and closing, point reads and writes.
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "rocksdb/utilities/options_util.h"
#include "wasm/bindings/attachments.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

WriteOptions rocksdb_wasm::ToWriteOptions(uint32_t flags) {
  WriteOptions options;
  options.sync = (flags & kWriteSync) != 0;
  options.disableWAL = (flags & kWriteDisableWal) != 0;
  options.no_slowdown = (flags & kWriteNoSlowdown) != 0;
  options.low_pri = (flags & kWriteLowPriority) != 0;
  options.ignore_missing_column_families = (flags & kWriteIgnoreMissingColumnFamilies) != 0;
  return options;
}

WriteBatch rocksdb_wasm::CopyOf(const rdb_write_batch* batch) {
  WriteBatch copy(batch->rep.substr(0, batch->length));
  // Has it look what is in it now: RocksDB cannot any more once a write policy has put its marks there.
  copy.HasPut();
  return copy;
}

namespace {

// A write of one operation: through the database's own batch, or to what a view collects writes in.
template <typename Fill>
rdb_status WriteOne(rdb_db* db, rdb_column_family* cf, uint32_t flags, Fill&& fill) {
  OwnerScope owner(db->sink == nullptr ? Owner::kWrite : db->slot());
  return Guarded([&]() -> Status {
    if (db->sink != nullptr) {
      CallFlags call(db, flags);
      return fill(db->sink, HandleOf(db, cf));
    }
    db->single.Clear();
    Status status = fill(&db->single, HandleOf(db, cf));
    if (status.ok()) status = db->db->Write(ToWriteOptions(flags), &db->single);
    // A large value would stay allocated until the next large one.
    if (db->single.Data().capacity() > kTransferBytes) db->single = WriteBatch();
    return status;
  });
}

// What reads allocate is the view's own where it keeps some of it: the locks of a transaction.
Owner ReaderOf(const rdb_db* db) { return db->sink == nullptr ? Owner::kRead : db->slot(); }

void Unpin(rdb_db* db) {
  db->pinned.Reset();
  if (db->pinned.GetSelf()->capacity() > kTransferBytes) db->pinned = PinnableSlice();
}

// RocksDB goes on taking writes when a compaction meets a full disk, until it must stop them and wait for
// space. Here nobody else could make any meanwhile, so writes are refused from the start (ENOSPC), and
// taken again when a compaction succeeds.
class FullDiskListener : public EventListener {
 public:
  void OnBackgroundError(BackgroundErrorReason reason, Status* error) override {
    if (reason == BackgroundErrorReason::kCompaction && error->IsNoSpace() &&
        error->severity() < Status::Severity::kHardError) {
      *error = Status(*error, Status::Severity::kHardError);
    }
  }
};

}  // namespace

Status rocksdb_wasm::OpenPlain(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  return request->mode == kOpenReadOnly
             ? DB::OpenForReadOnly(options, path, families, &handles, out)
             : DB::Open(options, path, families, &handles, out);
}

rdb_status rdb_db_open(rdb_open_request* request, rdb_db** out, rdb_column_family** handles) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments arguments;
    arguments.request = request;
    arguments.path = ToString(ToAddress(request->path), request->path_length);
    arguments.other_path = ToString(ToAddress(request->other_path), request->other_path_length);
    const std::string text = ToString(ToAddress(request->options), request->options_length);
    Status status = ParseDBOptions(text, &arguments.options);
    if (!status.ok()) return status;
    status = Attach(request->attachments, request->attachment_count, &arguments.options);
    if (!status.ok()) return status;
    arguments.options.listeners.push_back(std::make_shared<FullDiskListener>());
    const auto* descriptors =
        reinterpret_cast<const rdb_column_family_descriptor*>(request->families);
    const std::string& stored = request->mode == kOpenFollower ? arguments.other_path : arguments.path;
    DBOptions persisted;
    status =
        ToDescriptors(stored, descriptors, request->family_count, &arguments.families, &persisted);
    if (!status.ok()) return status;
    // Without it the replay of a log ends, without a word, at the first transaction of two phases.
    if (persisted.allow_2pc && text.find("allow_2pc=") == std::string::npos) {
      arguments.options.allow_2pc = true;
    }

    auto holder = std::make_unique<rdb_db>();
    switch (request->mode) {
      case kOpenReadWrite:
      case kOpenReadOnly:
        status = OpenPlain(&arguments, &holder->db);
        break;
      case kOpenTransactional:
        status = OpenTransactional(&arguments, &holder->db);
        break;
      case kOpenOptimistic:
        status = OpenOptimistic(&arguments, &holder->db);
        break;
      default:
        return Status::NotSupported("no such way to open a database");
    }
    if (!status.ok()) return status;
    holder->mode = request->mode;
    for (uint32_t i = 0; i < request->family_count; ++i) {
      auto* family = new rdb_column_family();
      family->handle = arguments.handles[i];
      handles[i] = family;
    }
    *out = holder.release();
    return Status::OK();
  });
}

rdb_status rdb_db_close(rdb_db* db) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_db> holder(db);
    holder->pinned.Reset();
    if (db->mode == kOpenTransactional) LeavePrepared(holder->db);
    Status status = holder->db->Close();
    delete holder->db;
    return status;
  });
}

rdb_status rdb_db_put(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                      uint32_t key_length, const uint8_t* value, uint32_t value_length) {
  return WriteOne(db, cf, flags, [&](auto* batch, ColumnFamilyHandle* handle) {
    return batch->Put(handle, ToSlice(key, key_length), ToSlice(value, value_length));
  });
}

rdb_status rdb_db_merge(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                        uint32_t key_length, const uint8_t* operand, uint32_t operand_length) {
  return WriteOne(db, cf, flags, [&](auto* batch, ColumnFamilyHandle* handle) {
    return batch->Merge(handle, ToSlice(key, key_length), ToSlice(operand, operand_length));
  });
}

rdb_status rdb_db_delete(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                         uint32_t key_length) {
  return WriteOne(db, cf, flags, [&](auto* batch, ColumnFamilyHandle* handle) {
    return batch->Delete(handle, ToSlice(key, key_length));
  });
}

rdb_status rdb_db_single_delete(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                const uint8_t* key, uint32_t key_length) {
  if (db->mode == kOpenTransactional && db->sink == nullptr) {
    // Not as a batch: RocksDB does not lock what batches delete so.
    OwnerScope owner(Owner::kWrite);
    return Guarded([&]() -> Status {
      return db->db->SingleDelete(ToWriteOptions(flags), HandleOf(db, cf), ToSlice(key, key_length));
    });
  }
  return WriteOne(db, cf, flags, [&](auto* batch, ColumnFamilyHandle* handle) {
    return batch->SingleDelete(handle, ToSlice(key, key_length));
  });
}

rdb_status rdb_db_delete_range(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                               const uint8_t* begin, uint32_t begin_length, const uint8_t* end,
                               uint32_t end_length) {
  // Through DB::DeleteRange, which refuses what the column family cannot do (row cache, say).
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    return db->db->DeleteRange(ToWriteOptions(flags), HandleOf(db, cf),
                               ToSlice(begin, begin_length), ToSlice(end, end_length));
  });
}

rdb_status rdb_db_write(rdb_db* db, uint32_t flags, rdb_write_batch* batch) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    // With some policies it appends to the batch, whose bytes would move away from where the host writes.
    if (db->mode == kOpenTransactional) {
      WriteBatch updates = CopyOf(batch);
      return db->db->Write(ToWriteOptions(flags), &updates);
    }
    const size_t capacity = batch->rep.size();
    batch->rep.resize(batch->length);
    WriteBatch updates(std::move(batch->rep));
    Status status = db->db->Write(ToWriteOptions(flags), &updates);
    batch->rep = updates.Release();
    // Write() stamps the sequence number into the header; the host's bytes are otherwise as they were.
    batch->rep.resize(capacity);
    return status;
  });
}

rdb_status rdb_db_get(rdb_db* db, rdb_column_family* cf, uint32_t flags, rdb_snapshot* snapshot,
                      const uint8_t* key, uint32_t key_length, rdb_value* out) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    CallFlags call(db, flags);
    const Status status = db->db->Get(ToReadOptions(flags, snapshot), HandleOf(db, cf),
                                      ToSlice(key, key_length), &db->pinned);
    if (status.IsNotFound()) {
      Unpin(db);
      out->found = 0;
      return Status::OK();
    }
    if (!status.ok()) {
      Unpin(db);
      return status;
    }
    out->found = 1;
    out->length = static_cast<uint32_t>(db->pinned.size());
    if (db->pinned.size() <= kTransferBytes) {
      memcpy(transfer_out, db->pinned.data(), db->pinned.size());
      out->data = ToWord(transfer_out);
      out->pinned = 0;
      db->pinned.Reset();
    } else {
      out->data = ToWord(db->pinned.data());
      out->pinned = 1;
    }
    return Status::OK();
  });
}

void rdb_db_release(rdb_db* db) { Unpin(db); }

rdb_status rdb_db_has(rdb_db* db, rdb_column_family* cf, uint32_t flags, rdb_snapshot* snapshot,
                      const uint8_t* key, uint32_t key_length, rdb_value* out) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    CallFlags call(db, flags);
    const Status status = db->db->Get(ToReadOptions(flags, snapshot), HandleOf(db, cf),
                                      ToSlice(key, key_length), &db->pinned);
    Unpin(db);
    if (!status.ok() && !status.IsNotFound()) return status;
    out->found = status.ok() ? 1 : 0;
    return Status::OK();
  });
}

rdb_status rdb_db_multi_get(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                            rdb_snapshot* snapshot, const uint8_t* keys, uint32_t count,
                            rdb_slice* out) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    std::vector<Slice> slices;
    slices.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t length;
      memcpy(&length, keys, sizeof(length));
      slices.push_back(ToSlice(keys + sizeof(length), length));
      keys += sizeof(length) + Padded(length);
    }
    std::vector<PinnableSlice> values(count);
    std::vector<Status> statuses(count);
    CallFlags call(db, flags);
    db->db->MultiGet(ToReadOptions(flags, snapshot), HandleOf(db, cf), count, slices.data(),
                     values.data(), statuses.data());
    size_t size = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (!statuses[i].ok() && !statuses[i].IsNotFound()) return statuses[i];
      size += sizeof(uint32_t) + (statuses[i].ok() ? Padded(values[i].size()) : 0);
    }
    OwnerScope host(Owner::kHost);
    uint8_t* block = static_cast<uint8_t*>(malloc(size));
    if (block == nullptr) return Status::MemoryLimit("no memory for the result");
    uint8_t* at = block;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t length =
          statuses[i].ok() ? static_cast<uint32_t>(values[i].size()) : 0xffffffffu;
      memcpy(at, &length, sizeof(length));
      at += sizeof(length);
      if (!statuses[i].ok()) continue;
      memcpy(at, values[i].data(), length);
      at += Padded(length);
    }
    *out = {ToWord(block), static_cast<uint32_t>(size)};
    return Status::OK();
  });
}
