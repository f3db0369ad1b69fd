// A table's properties as plain data: TableProperties in src/table-properties.ts.
#pragma once

#include "rocksdb/table_properties.h"
#include "wasm/bindings/plain.h"

namespace rocksdb_wasm {

void WriteTableProperties(const ROCKSDB_NAMESPACE::TableProperties& properties, Plain* out);
// Path and properties in turn, by path: the collection has no order of its own.
void WriteTableCollection(const ROCKSDB_NAMESPACE::TablePropertiesCollection& tables, Plain* out);

}  // namespace rocksdb_wasm
