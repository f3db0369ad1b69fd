// Ingestion and import, where a failed write to the MANIFEST must not lose the database.
#pragma once

#include "db/db_impl/db_impl.h"
#include "wasm/bindings/objects.h"
#include "wasm/env/wasi_file_system.h"

namespace rocksdb_wasm {

// Runs `work`, which adds files to the database. When the MANIFEST could not be written or synced, RocksDB deletes
// them, though the MANIFEST may name them: the database could not be opened any more. They are left then; the next
// opening deletes what is not named. Needs access to private members (scripts/compile.mjs).
template <typename Work>
ROCKSDB_NAMESPACE::Status TakeUpFiles(rdb_db* db, Work&& work) {
  auto* impl = static_cast<ROCKSDB_NAMESPACE::DBImpl*>(db->db->GetRootDB());
  DeferredDeletions deletions;
  ROCKSDB_NAMESPACE::Status status = work();
  if (!status.ok() && impl->error_handler_.IsDBStopped()) deletions.Keep();
  return status;
}

}  // namespace rocksdb_wasm
