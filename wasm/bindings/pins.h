// What an iterator is made of, for those who look at what it pins.
#pragma once

#include <vector>

#include "rocksdb/iterator.h"
#include "wasm/bindings/bindings.h"

namespace ROCKSDB_NAMESPACE {
struct SuperVersion;
}

namespace rocksdb_wasm {

enum class IteratorType { kPlain, kCoalescing, kAttributeGroups };

// What stands below an iterator.
enum class IteratorFooting : uint32_t {
  kDatabase,  // the database's own iterator
  kOverlaid,  // that, with a transaction's or a batch's changes on top
  kNothing,   // the entries of a batch alone
};

struct IteratorParts {
  const ROCKSDB_NAMESPACE::IteratorBase* iterator;
  // Whether it is RocksDB's iterator over one column family, or which one over several.
  IteratorType type;
  // What it was made with or refreshed to, and has references on, one a column family. A tailing iterator has
  // another one each time it catches up: ask it.
  const std::vector<ROCKSDB_NAMESPACE::SuperVersion*>& super_versions;
  bool tailing;
  IteratorFooting footing;
  bool expiring;  // of a DBWithTTL: the database's own is within another one
};

IteratorParts PartsOf(const rdb_iterator* iterator);

// RocksDB's own iterator that one of a DBWithTTL is around.
ROCKSDB_NAMESPACE::Iterator* InnerOfTtl(ROCKSDB_NAMESPACE::Iterator* iterator);

}  // namespace rocksdb_wasm
