#include "rocksdb/snapshot.h"

#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;

rdb_snapshot* rdb_snapshot_create(rdb_db* db) {
  std::unique_ptr<rdb_snapshot, OwnedDeleter<rdb_snapshot>> holder(
      NewOwned<rdb_snapshot>(Owner::kSnapshot));
  OwnerScope owner(holder->slot());
  holder->snapshot = db->db->GetSnapshot();
  return holder->snapshot == nullptr ? nullptr : holder.release();
}

rdb_snapshot* rocksdb_wasm::NewSharedSnapshot(
    std::shared_ptr<const ROCKSDB_NAMESPACE::Snapshot> shared) {
  if (shared == nullptr) return nullptr;
  rdb_snapshot* holder = NewOwned<rdb_snapshot>(Owner::kSnapshot);
  holder->snapshot = shared.get();
  holder->shared = std::move(shared);
  return holder;
}

void rdb_snapshot_free(rdb_db* db, rdb_snapshot* snapshot) {
  {
    OwnerScope owner(snapshot->slot());
    if (snapshot->shared == nullptr) db->db->ReleaseSnapshot(snapshot->snapshot);
    snapshot->shared.reset();
  }
  DeleteOwned(snapshot);
}

double rdb_snapshot_sequence_number(rdb_snapshot* snapshot) {
  return static_cast<double>(snapshot->snapshot->GetSequenceNumber());
}

double rdb_snapshot_unix_time(rdb_snapshot* snapshot) {
  return static_cast<double>(snapshot->snapshot->GetUnixTime());
}

void rdb_snapshot_get_timestamp(rdb_snapshot* snapshot, rdb_snapshot_timestamp* out) {
  const uint64_t timestamp = snapshot->snapshot->GetTimestamp();
  *out = {static_cast<uint32_t>(timestamp), static_cast<uint32_t>(timestamp >> 32)};
}
