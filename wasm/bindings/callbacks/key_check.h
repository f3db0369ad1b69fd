// Shows the keys of a write to the comparators and prefix extractors of the host's before it is in the log. One that
// throws for a key refuses the write: afterwards it would be too late.
#pragma once

#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "wasm/bindings/callbacks/host_transform.h"

namespace rocksdb_wasm {

// Lives as long as the write. Costs nothing when the engine has no such objects.
class KeyCheck {
 public:
  KeyCheck() = default;
  ~KeyCheck();
  KeyCheck(const KeyCheck&) = delete;
  void operator=(const KeyCheck&) = delete;

  ROCKSDB_NAMESPACE::Status Batch(ROCKSDB_NAMESPACE::DB* db, ROCKSDB_NAMESPACE::WriteBatch* batch);
  ROCKSDB_NAMESPACE::Status Key(ROCKSDB_NAMESPACE::ColumnFamilyHandle* family,
                                const ROCKSDB_NAMESPACE::Slice& key);

 private:
  friend class BatchKeys;
  ROCKSDB_NAMESPACE::Status Check(const ROCKSDB_NAMESPACE::Comparator* comparator,
                                  const ROCKSDB_NAMESPACE::SliceTransform* transform,
                                  const ROCKSDB_NAMESPACE::Slice& key);

  std::vector<std::shared_ptr<const ROCKSDB_NAMESPACE::SliceTransform>> transforms_;
};

}  // namespace rocksdb_wasm
