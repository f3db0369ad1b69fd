// What an iterator is made of, for those who look at what it pins.
#pragma once

#include "rocksdb/iterator.h"
#include "wasm/bindings/bindings.h"

namespace ROCKSDB_NAMESPACE {
struct SuperVersion;
}

namespace rocksdb_wasm {

struct IteratorParts {
  ROCKSDB_NAMESPACE::Iterator* iterator;
  // What it was made with or refreshed to, and has a reference on. A tailing iterator has another one each
  // time it catches up: ask it.
  ROCKSDB_NAMESPACE::SuperVersion* super_version;
  bool tailing;
};

IteratorParts PartsOf(const rdb_iterator* iterator);

// RocksDB's own iterator that one of a DBWithTTL is around.
ROCKSDB_NAMESPACE::Iterator* InnerOfTtl(ROCKSDB_NAMESPACE::Iterator* iterator);

}  // namespace rocksdb_wasm
