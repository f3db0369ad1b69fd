#include "rocksdb/snapshot.h"

#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;

rdb_snapshot* rdb_snapshot_create(rdb_db* db) {
  OwnerScope owner(Owner::kSnapshot);
  return reinterpret_cast<rdb_snapshot*>(
      const_cast<ROCKSDB_NAMESPACE::Snapshot*>(db->db->GetSnapshot()));
}

void rdb_snapshot_free(rdb_db* db, rdb_snapshot* snapshot) {
  OwnerScope owner(Owner::kSnapshot);
  db->db->ReleaseSnapshot(ToSnapshot(snapshot));
}

double rdb_snapshot_sequence_number(rdb_snapshot* snapshot) {
  return static_cast<double>(ToSnapshot(snapshot)->GetSequenceNumber());
}
