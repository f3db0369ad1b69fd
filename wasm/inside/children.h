// Inside RocksDB: the children of iterators whose classes only one of its sources knows. Each function is
// defined at the end of that source (scripts/library.mjs appends the header of that name), where
// the class is complete; who walks a tree of iterators asks all of them.
#pragma once

#include <vector>

#include "table/internal_iterator.h"

namespace rocksdb_wasm {

using Iterators = std::vector<ROCKSDB_NAMESPACE::InternalIterator*>;

// Without run-time type information, an object is known by the address of its class's virtual table.
inline const void* ClassOf(const void* object) { return *static_cast<const void* const*>(object); }

// Each returns false, and does nothing, when the iterator is not of its class. Children may be null.
bool MergingIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator, Iterators* children);
bool LevelIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator, Iterators* children);
bool ForwardLevelIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator,
                                  Iterators* children);

}  // namespace rocksdb_wasm
