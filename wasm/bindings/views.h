// Views: what reads a database with changes of its own on top. The bindings treat them as databases.
#pragma once

#include <memory>

#include "rocksdb/utilities/stackable_db.h"
#include "rocksdb/utilities/transaction.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/contract/transactions.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/pins.h"

namespace rocksdb_wasm {

// All that is not overridden is the database's.
class View : public ROCKSDB_NAMESPACE::StackableDB {
 public:
  // `owner` has the flags of the call that is under way.
  View(const rdb_db* owner, ROCKSDB_NAMESPACE::DB* db)
      : StackableDB(std::shared_ptr<DB>(std::shared_ptr<DB>(), db)), owner_(*owner) {}

  using Status = ROCKSDB_NAMESPACE::Status;
  using Slice = ROCKSDB_NAMESPACE::Slice;
  using StackableDB::DeleteRange;
  Status DeleteRange(const ROCKSDB_NAMESPACE::WriteOptions&, ROCKSDB_NAMESPACE::ColumnFamilyHandle*,
                     const Slice&, const Slice&) override {
    return Status::NotSupported("transactions and batches with an index have no range deletions");
  }

 protected:
  bool Asked(uint32_t flag) const { return (owner_.flags & flag) != 0; }

 private:
  const rdb_db& owner_;
};

// Runs a change of a view's index, and notes whether the order came out right.
template <typename Change>
ROCKSDB_NAMESPACE::Status Indexing(rdb_db* view, Change&& change) {
  const ROCKSDB_NAMESPACE::Status status = change();
  view->misplaced = callback_state.failing != 0;
  return view->misplaced ? CallbackThrew() : status;
}

// What an iterator that was just made of it stands on.
inline IteratorFooting FootingOf(const rdb_db* db) {
  if (db->sink == nullptr) return IteratorFooting::kDatabase;
  return (db->flags & kReadBatchOnly) != 0 ? IteratorFooting::kNothing : IteratorFooting::kOverlaid;
}

}  // namespace rocksdb_wasm

struct rdb_transaction : rdb_db {
  explicit rdb_transaction(rocksdb_wasm::Owner slot) : rdb_db(slot) {}
  rdb_db* database = nullptr;
  std::unique_ptr<ROCKSDB_NAMESPACE::Transaction> transaction;
  std::unique_ptr<rocksdb_wasm::View> view;
  std::unique_ptr<ROCKSDB_NAMESPACE::WriteBatchBase> operations;
  bool eager = false;  // its writes may reach the log before the commit: policy writeUnprepared
  std::string name;    // as it was last asked for
};

struct rdb_batch_with_index : rdb_db {
  explicit rdb_batch_with_index(rocksdb_wasm::Owner slot) : rdb_db(slot) {}
  std::unique_ptr<ROCKSDB_NAMESPACE::WriteBatchWithIndex> own;  // null: it is a transaction's
  ROCKSDB_NAMESPACE::WriteBatchWithIndex* batch = nullptr;
  std::unique_ptr<rocksdb_wasm::View> view;
};
