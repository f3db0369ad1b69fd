// ReadOptions with all that a read can say.
#pragma once

#include "rocksdb/options.h"
#include "wasm/bindings/contract/reads.h"
#include "wasm/bindings/objects.h"

namespace rocksdb_wasm {

// Sets what `more` says, timestamps aside: those are pointers, to memory that is the caller's.
void SetMore(const rdb_read_options& more, ROCKSDB_NAMESPACE::ReadOptions* options);

// ReadOptions for the time of one call, and what they point to. `more` may be null.
struct CallReadOptions {
  CallReadOptions(uint32_t flags, rdb_snapshot* snapshot, const rdb_read_options* more);
  CallReadOptions(const CallReadOptions&) = delete;
  void operator=(const CallReadOptions&) = delete;
  ROCKSDB_NAMESPACE::ReadOptions options;
  ROCKSDB_NAMESPACE::Slice timestamp;
};

}  // namespace rocksdb_wasm
