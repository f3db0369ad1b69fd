// A table's properties as plain data: TableProperties in src/table-properties.ts.
#pragma once

#include "rocksdb/table_properties.h"
#include "wasm/bindings/plain.h"

namespace rocksdb_wasm {

void WriteTableProperties(const ROCKSDB_NAMESPACE::TableProperties& properties, Plain* out);

}  // namespace rocksdb_wasm
