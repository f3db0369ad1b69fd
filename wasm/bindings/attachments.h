// Options that are objects, put in place after the option string was parsed.
#pragma once

#include "rocksdb/options.h"
#include "wasm/bindings/bindings.h"

namespace rocksdb_wasm {

// `attachments`: the address of `count` rdb_attachment.
ROCKSDB_NAMESPACE::Status Attach(uint32_t attachments, uint32_t count,
                                 ROCKSDB_NAMESPACE::DBOptions* options);
ROCKSDB_NAMESPACE::Status Attach(uint32_t attachments, uint32_t count,
                                 ROCKSDB_NAMESPACE::ColumnFamilyOptions* options);

}  // namespace rocksdb_wasm
