// How each kind of database is opened: one function a mode, called by rdb_db_open.
#pragma once

#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "wasm/bindings/bindings.h"

namespace rocksdb_wasm {

struct OpenArguments {
  const rdb_open_request* request;
  std::string path;
  std::string other_path;
  ROCKSDB_NAMESPACE::DBOptions options;
  std::vector<ROCKSDB_NAMESPACE::ColumnFamilyDescriptor> families;
  std::vector<ROCKSDB_NAMESPACE::ColumnFamilyHandle*> handles;  // out
};

// Path, options and families of a request.
ROCKSDB_NAMESPACE::Status ToArguments(const rdb_open_request* request, OpenArguments* out);

ROCKSDB_NAMESPACE::Status OpenPlain(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
ROCKSDB_NAMESPACE::Status OpenSecondary(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
ROCKSDB_NAMESPACE::Status OpenFollower(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
ROCKSDB_NAMESPACE::Status OpenTtl(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
ROCKSDB_NAMESPACE::Status OpenTrimHistory(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
ROCKSDB_NAMESPACE::Status OpenTransactional(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);
// Before a database with transactions is closed: what is prepared stays so.
void LeavePrepared(ROCKSDB_NAMESPACE::DB* db);
ROCKSDB_NAMESPACE::Status OpenOptimistic(OpenArguments* arguments, ROCKSDB_NAMESPACE::DB** out);

// Refuses what a column family of a DBWithTTL cannot have.
ROCKSDB_NAMESPACE::Status CheckExpiring(const ROCKSDB_NAMESPACE::ColumnFamilyOptions& options);

}  // namespace rocksdb_wasm
