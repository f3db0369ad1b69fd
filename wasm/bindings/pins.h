// What an iterator is made of, for those who look at what it pins.
#pragma once

#include "rocksdb/iterator.h"
#include "wasm/bindings/bindings.h"

namespace ROCKSDB_NAMESPACE {
struct SuperVersion;
}

namespace rocksdb_wasm {

// What stands below an iterator.
enum class IteratorFooting : uint32_t {
  kDatabase,  // the database's own iterator
  kOverlaid,  // that, with a transaction's or a batch's changes on top
  kNothing,   // the entries of a batch alone
};

struct IteratorParts {
  ROCKSDB_NAMESPACE::Iterator* iterator;
  // What it was made with or refreshed to, and has a reference on. A tailing iterator has another one each
  // time it catches up: ask it.
  ROCKSDB_NAMESPACE::SuperVersion* super_version;
  bool tailing;
  IteratorFooting footing;
};

IteratorParts PartsOf(const rdb_iterator* iterator);

}  // namespace rocksdb_wasm
