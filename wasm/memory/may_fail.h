// Memory for what can do without.
#pragma once

#include <cstddef>

namespace rocksdb_wasm {

// A block for free(), or null when the heap is exhausted; the engine goes on. All other ways to allocate stop it then, malloc()
// too: RocksDB and the compression libraries that it calls do not look whether they have got anything.
void* AllocateIfPossible(size_t size);

}  // namespace rocksdb_wasm
