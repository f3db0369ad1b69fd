// RocksDB's own option parser, with the defaults that suit one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "wasm/bindings/bindings.h"

namespace rocksdb_wasm {

ROCKSDB_NAMESPACE::Status ParseDBOptions(const std::string& text,
                                         ROCKSDB_NAMESPACE::DBOptions* options);

// `path` is where persisted options are looked for. Entries written with a time to live carry it in their values, so
// a family that `expires` does not open without, nor the reverse; nullopt: as it is. `stored` receives the options of
// the database, if there are any.
ROCKSDB_NAMESPACE::Status ToDescriptors(
    const std::string& path, const rdb_column_family_descriptor* families, uint32_t count,
    std::optional<bool> expires, std::vector<ROCKSDB_NAMESPACE::ColumnFamilyDescriptor>* out,
    ROCKSDB_NAMESPACE::DBOptions* stored = nullptr);

// InvalidArgument for values that RocksDB accepts and cannot work with.
ROCKSDB_NAMESPACE::Status CheckLimits(const ROCKSDB_NAMESPACE::ColumnFamilyOptions& options);

ROCKSDB_NAMESPACE::Status ParseColumnFamilyOptions(
    const rdb_column_family_descriptor& family,
    const ROCKSDB_NAMESPACE::ColumnFamilyOptions& base,
    ROCKSDB_NAMESPACE::ColumnFamilyOptions* out);

}  // namespace rocksdb_wasm
