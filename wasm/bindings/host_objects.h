// RocksDB's objects whose work the host does: listeners, loggers, the WAL filter. Each is made of the number of a
// host object (host.h), and holds it.
#pragma once

#include <memory>

#include "rocksdb/options.h"

namespace rocksdb_wasm {

std::shared_ptr<ROCKSDB_NAMESPACE::EventListener> MakeHostListener(uint32_t callback);
std::shared_ptr<ROCKSDB_NAMESPACE::Logger> MakeHostLogger(uint32_t callback,
                                                          ROCKSDB_NAMESPACE::InfoLogLevel level);
// RocksDB takes the filter as a plain pointer: one of the listeners keeps it alive as long as the options.
void AddHostWalFilter(uint32_t callback, ROCKSDB_NAMESPACE::DBOptions* options);

}  // namespace rocksdb_wasm
