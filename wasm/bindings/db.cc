// Opening and closing, point reads and writes.
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "rocksdb/utilities/options_util.h"
#include "db/wide/wide_column_serialization.h"
#include "wasm/bindings/attachments.h"
#include "wasm/bindings/contract/reads.h"
#include "wasm/bindings/callbacks/key_check.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/views.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"
#include "wasm/bindings/stalled_writes.h"
#include "wasm/memory/may_fail.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

WriteOptions rocksdb_wasm::ToWriteOptions(const rdb_db* db, uint32_t flags) {
  WriteOptions options = ToWriteOptions(flags);
  if (db->pauses > 0) options.no_slowdown = true;
  return options;
}

WriteOptions rocksdb_wasm::ToWriteOptions(uint32_t flags) {
  WriteOptions options;
  options.sync = (flags & kWriteSync) != 0;
  options.disableWAL = (flags & kWriteDisableWal) != 0;
  options.no_slowdown = (flags & kWriteNoSlowdown) != 0;
  options.low_pri = (flags & kWriteLowPriority) != 0;
  options.ignore_missing_column_families = (flags & kWriteIgnoreMissingColumnFamilies) != 0;
  options.memtable_insert_hint_per_batch = (flags & kWriteMemtableInsertHint) != 0;
  if (flags & kWriteRateLimited) options.rate_limiter_priority = Env::IO_USER;
  if (flags & kWriteProtected) options.protection_bytes_per_key = 8;
  return options;
}

WriteBatch rocksdb_wasm::CopyOf(const rdb_write_batch* batch) {
  WriteBatch copy(batch->rep.substr(0, batch->length));
  // Has it look what is in it now: RocksDB cannot any more once a write policy has put its marks there.
  copy.HasPut();
  return copy;
}

namespace {

// What a single write's key is made of: kWriteTimestamped.
struct TimedKey {
  TimedKey(ColumnFamilyHandle* handle, uint32_t flags, const uint8_t* data, uint32_t length)
      : timed((flags & kWriteTimestamped) != 0), key(ToSlice(data, length)) {
    if (!timed) return;
    const size_t size = handle->GetComparator()->timestamp_size();
    timestamp = Slice(key.data() + key.size() - size, size);
    key.remove_suffix(size);
  }
  const bool timed;
  Slice key, timestamp;
};

// A write of one operation: through the database's own batch, or to what a view collects writes in.
template <typename Fill>
rdb_status WriteOne(rdb_db* db, rdb_column_family* cf, uint32_t flags, const Slice& key,
                    Fill&& fill) {
  OwnerScope owner(db->sink == nullptr ? Owner::kWrite : db->slot());
  return Guarded([&]() -> Status {
    KeyCheck check;
    if (db->sink != nullptr) {
      // Its index compares the key.
      CallFlags call(db, flags);
      db->misplaced = false;
      const Status checked = check.Key(HandleOf(db, cf), key);
      return checked.ok() ? Indexing(db, [&] { return fill(db->sink, HandleOf(db, cf)); }) : checked;
    }
    db->single.Clear();
    Status status = CheckUnlocked(db);
    if (status.ok()) status = fill(&db->single, HandleOf(db, cf));
    if (status.ok()) status = check.Batch(db->db, &db->single);
    if (status.ok()) status = db->db->Write(ToWriteOptions(db, flags), &db->single);
    // A large value would stay allocated until the next large one.
    if (db->single.Data().capacity() > kTransferBytes) db->single = WriteBatch();
    return status;
  });
}

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
             ? DB::OpenForReadOnly(options, path, families, &handles, out,
                                   request->error_if_wal_exists != 0)
             : DB::Open(options, path, families, &handles, out);
}

Status rocksdb_wasm::ToArguments(const rdb_open_request* request, OpenArguments* out) {
  out->request = request;
  out->path = ToString(ToAddress(request->path), request->path_length);
  out->other_path = ToString(ToAddress(request->other_path), request->other_path_length);
  const std::string text = ToString(ToAddress(request->options), request->options_length);
  Status status = ParseDBOptions(text, &out->options);
  if (!status.ok()) return status;
  status = Attach(request->attachments, request->attachment_count, &out->options);
  if (!status.ok()) return status;
  const auto* descriptors =
      reinterpret_cast<const rdb_column_family_descriptor*>(request->families);
  const std::string& stored = request->mode == kOpenFollower ? out->other_path : out->path;
  DBOptions persisted;
  status = ToDescriptors(stored, descriptors, request->family_count, request->mode == kOpenTtl,
                         &out->families, &persisted);
  // Without it the replay of a log ends, without a word, at the first transaction of two phases.
  if (persisted.allow_2pc && text.find("allow_2pc=") == std::string::npos) {
    out->options.allow_2pc = true;
  }
  return status;
}

rdb_status rdb_db_open(rdb_open_request* request, rdb_db** out, rdb_column_family** handles) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments arguments;
    Status status = ToArguments(request, &arguments);
    if (!status.ok()) return status;
    auto& listeners = arguments.options.listeners;
    // The first of them: the host's are to see what it makes of an error.
    listeners.insert(listeners.begin(), std::make_shared<FullDiskListener>());
    listeners.push_back(CallbackGuard());

    auto holder = std::make_unique<rdb_db>();
    const CallbackWatch callbacks;
    switch (request->mode) {
      case kOpenReadWrite:
      case kOpenReadOnly:
        status = OpenPlain(&arguments, &holder->db);
        break;
      case kOpenSecondary:
        status = OpenSecondary(&arguments, &holder->db);
        break;
      case kOpenFollower:
        status = OpenFollower(&arguments, &holder->db);
        break;
      case kOpenTtl:
        status = OpenTtl(&arguments, &holder->db);
        holder->expires = true;
        break;
      case kOpenTrimHistory:
        status = OpenTrimHistory(&arguments, &holder->db);
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
    if (callbacks.Threw()) {
      for (ColumnFamilyHandle* handle : arguments.handles) {
        holder->db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
      }
      if (request->mode == kOpenTransactional) LeavePrepared(holder->db);
      holder->db->Close().PermitUncheckedError();
      delete holder->db;
      return CallbackThrew();
    }
    holder->mode = request->mode;
    holder->stall_relief = RelieveStalledWrites(holder->db, request);
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
    // Closing flushes, and would wait for it.
    for (; holder->wal_locks > 0; --holder->wal_locks) holder->db->UnlockWAL().PermitUncheckedError();
    for (; holder->pauses > 0; --holder->pauses) {
      holder->db->ContinueBackgroundWork().PermitUncheckedError();
    }
    if (holder->mode == kOpenTransactional) LeavePrepared(holder->db);
    holder->stall_relief.reset();
    Status status = holder->db->Close();
    EndIdleRecovery(holder->db);
    delete holder->db;
    return status;
  });
}

rdb_status rdb_db_put(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                      uint32_t key_length, const uint8_t* value, uint32_t value_length) {
  return WriteOne(db, cf, flags, ToSlice(key, key_length), [&](auto* batch, ColumnFamilyHandle* handle) {
    const TimedKey timed(handle, flags, key, key_length);
    const Slice data = ToSlice(value, value_length);
    return timed.timed ? batch->Put(handle, timed.key, timed.timestamp, data)
                       : batch->Put(handle, timed.key, data);
  });
}

rdb_status rdb_db_merge(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                        uint32_t key_length, const uint8_t* operand, uint32_t operand_length) {
  return WriteOne(db, cf, flags, ToSlice(key, key_length), [&](auto* batch, ColumnFamilyHandle* handle) {
    const TimedKey timed(handle, flags, key, key_length);
    const Slice data = ToSlice(operand, operand_length);
    return timed.timed ? batch->Merge(handle, timed.key, timed.timestamp, data)
                       : batch->Merge(handle, timed.key, data);
  });
}

rdb_status rdb_db_delete(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                         uint32_t key_length) {
  return WriteOne(db, cf, flags, ToSlice(key, key_length), [&](auto* batch, ColumnFamilyHandle* handle) {
    const TimedKey timed(handle, flags, key, key_length);
    return timed.timed ? batch->Delete(handle, timed.key, timed.timestamp)
                       : batch->Delete(handle, timed.key);
  });
}

rdb_status rdb_db_single_delete(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                const uint8_t* key, uint32_t key_length) {
  if (db->mode == kOpenTransactional && db->sink == nullptr) {
    // Not as a batch: RocksDB does not lock what batches delete so.
    OwnerScope owner(Owner::kWrite);
    return Guarded([&]() -> Status {
      ColumnFamilyHandle* handle = HandleOf(db, cf);
      const TimedKey timed(handle, flags, key, key_length);
      if (timed.timed) return Status::NotSupported("outside of transactions, this takes no timestamp");
      KeyCheck check;
      Status status = CheckUnlocked(db);
      if (status.ok()) status = check.Key(handle, timed.key);
      if (!status.ok()) return status;
      return db->db->SingleDelete(ToWriteOptions(db, flags), handle, timed.key);
    });
  }
  return WriteOne(db, cf, flags, ToSlice(key, key_length), [&](auto* batch, ColumnFamilyHandle* handle) {
    const TimedKey timed(handle, flags, key, key_length);
    return timed.timed ? batch->SingleDelete(handle, timed.key, timed.timestamp)
                       : batch->SingleDelete(handle, timed.key);
  });
}

rdb_status rdb_db_put_entity(rdb_db* db, rdb_column_family* cf, uint32_t flags, const uint8_t* key,
                             uint32_t key_length, const uint8_t* entity, uint32_t entity_length) {
  return WriteOne(db, cf, flags, ToSlice(key, key_length), [&](auto* batch, ColumnFamilyHandle* handle) {
    WideColumns columns;
    Slice serialized = ToSlice(entity, entity_length);
    const Status status = WideColumnSerialization::Deserialize(serialized, columns);
    return status.ok() ? batch->PutEntity(handle, ToSlice(key, key_length), columns) : status;
  });
}

rdb_status rdb_db_delete_range(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                               const uint8_t* begin, uint32_t begin_length, const uint8_t* end,
                               uint32_t end_length) {
  // Through DB::DeleteRange, which refuses what the column family cannot do (row cache, say).
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    KeyCheck check;
    Status status = CheckUnlocked(db);
    ColumnFamilyHandle* handle = HandleOf(db, cf);
    const TimedKey from(handle, flags, begin, begin_length);
    const TimedKey to(handle, flags, end, end_length);
    if (status.ok()) status = check.Key(handle, ToSlice(begin, begin_length));
    if (status.ok()) status = check.Key(handle, ToSlice(end, end_length));
    if (!status.ok()) return status;
    return from.timed ? db->db->DeleteRange(ToWriteOptions(db, flags), handle, from.key, to.key,
                                            from.timestamp)
                      : db->db->DeleteRange(ToWriteOptions(db, flags), handle, from.key, to.key);
  });
}

rdb_status rdb_db_write(rdb_db* db, uint32_t flags, rdb_write_batch* batch) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    const Status unlocked = CheckUnlocked(db);
    if (!unlocked.ok()) return unlocked;
    // With some policies it appends to the batch, whose bytes would move away from where the host writes.
    if (db->mode == kOpenTransactional) {
      WriteBatch updates = CopyOf(batch);
      KeyCheck check;
      const Status checked = check.Batch(db->db, &updates);
      return checked.ok() ? db->db->Write(ToWriteOptions(db, flags), &updates) : checked;
    }
    const size_t capacity = batch->rep.size();
    batch->rep.resize(batch->length);
    WriteBatch updates(std::move(batch->rep));
    KeyCheck check;
    Status status = check.Batch(db->db, &updates);
    if (status.ok()) status = db->db->Write(ToWriteOptions(db, flags), &updates);
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
    const CallbackWatch callbacks;
    CallFlags call(db, flags);
    const Status status = db->db->Get(ToReadOptions(flags, snapshot), HandleOf(db, cf),
                                      ToSlice(key, key_length), &db->pinned);
    if (callbacks.Threw()) {
      Unpin(db);
      return CallbackThrew();
    }
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
    const CallbackWatch callbacks;
    CallFlags call(db, flags);
    db->db->MultiGet(ToReadOptions(flags, snapshot), HandleOf(db, cf), count, slices.data(),
                     values.data(), statuses.data());
    if (callbacks.Threw()) return CallbackThrew();
    size_t size = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (!statuses[i].ok() && !statuses[i].IsNotFound()) return statuses[i];
      size += sizeof(uint32_t) + (statuses[i].ok() ? Padded(values[i].size()) : 0);
    }
    OwnerScope host(Owner::kHost);
    uint8_t* block = static_cast<uint8_t*>(AllocateIfPossible(size));
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
