// WASI errno -> IOStatus: the one table.
#pragma once

#include <wasi/api.h>

#include <string>

#include "rocksdb/io_status.h"

namespace rocksdb_wasm {

// `context` says what was tried, `path` on what. The message ends in the errno's name in brackets, which
// is how the host learns it even when RocksDB hands the error on much later.
ROCKSDB_NAMESPACE::IOStatus ToIOStatus(__wasi_errno_t error, const std::string& context,
                                       const std::string& path);

}  // namespace rocksdb_wasm
