// Files that are deleted at a rate.
#pragma once

#include "rocksdb/sst_file_manager.h"

namespace rocksdb_wasm {

// To be called once the manager may have made the thread that deletes files at a rate. That thread rests amid its loop, and
// a thread that waits is begun anew (wasm/port/scheduler.h): without this it would go on before the rest is over,
// and never do what comes after it.
void PaceDeletion(ROCKSDB_NAMESPACE::SstFileManager* manager);

}  // namespace rocksdb_wasm
