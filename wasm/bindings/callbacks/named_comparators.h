// Comparators of the host's for those parts of RocksDB that know only a table's properties, and look for its comparator
// by name: the tables of a backup, RocksDB's tools.
#pragma once

#include <vector>

#include "rocksdb/comparator.h"
#include "rocksdb/db.h"

namespace rocksdb_wasm {

// For as long as it lives, RocksDB finds these by name. A name that neither it nor they have is an error that says so:
// by itself RocksDB goes on without a comparator, and follows a null pointer. Not more widely, since what RocksDB finds
// it keeps as a plain pointer: in the options of another database, say, that outlives this one's.
class NamedComparators {
 public:
  explicit NamedComparators(std::vector<const ROCKSDB_NAMESPACE::Comparator*> known);
  // Those of all column families of a database.
  explicit NamedComparators(ROCKSDB_NAMESPACE::DB* db);
  ~NamedComparators();
  NamedComparators(const NamedComparators&) = delete;
  void operator=(const NamedComparators&) = delete;
};

}  // namespace rocksdb_wasm
