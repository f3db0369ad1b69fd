// Ingestion and import, where a failed write to the MANIFEST must not lose the database.
#pragma once

#include <string>
#include <vector>

#include "db/db_impl/db_impl.h"
#include "rocksdb/sst_file_reader.h"
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
  // Of an import that fails RocksDB does not tell its error handler.
  const bool unsure = impl->error_handler_.IsDBStopped() || !impl->versions_->io_status().ok();
  if (!status.ok() && unsure) deletions.Keep();
  return status;
}

// RocksDB takes merge operands into a column family without a merge operator, and its iterators then call the one that
// is not there. A file that cannot be read is left to RocksDB, which says what is wrong with it.
inline ROCKSDB_NAMESPACE::Status CheckOperands(const ROCKSDB_NAMESPACE::Options& options,
                                               const std::vector<std::string>& files) {
  using ROCKSDB_NAMESPACE::Status;
  if (options.merge_operator != nullptr) return Status::OK();
  for (const std::string& file : files) {
    ROCKSDB_NAMESPACE::SstFileReader reader(options);
    if (!reader.Open(file).ok()) continue;
    if (reader.GetTableProperties()->num_merge_operands == 0) continue;
    return Status::InvalidArgument(file + " has merge operands",
                                   "open the column family with the option mergeOperator");
  }
  return Status::OK();
}

}  // namespace rocksdb_wasm
