// What the sources about transactions share.
#pragma once

#include "db/write_batch_internal.h"
#include "rocksdb/utilities/transaction.h"
#include "wasm/bindings/contract/transactions.h"
#include "wasm/bindings/objects.h"

namespace rocksdb_wasm {

// A handle without its transaction, which the caller puts there.
rdb_transaction* NewTransaction(rdb_db* db);

inline ROCKSDB_NAMESPACE::TxnTimestamp ToTimestamp(uint32_t low, uint32_t high) {
  return static_cast<ROCKSDB_NAMESPACE::TxnTimestamp>(high) << 32 | low;
}

}  // namespace rocksdb_wasm
