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

void rdb_snapshot_free(rdb_db* db, rdb_snapshot* snapshot) {
  {
    OwnerScope owner(snapshot->slot());
    db->db->ReleaseSnapshot(snapshot->snapshot);
  }
  DeleteOwned(snapshot);
}

double rdb_snapshot_sequence_number(rdb_snapshot* snapshot) {
  return static_cast<double>(snapshot->snapshot->GetSequenceNumber());
}

double rdb_snapshot_unix_time(rdb_snapshot* snapshot) {
  return static_cast<double>(snapshot->snapshot->GetUnixTime());
}
