#include "wasm/bindings/callbacks/key_check.h"

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

uint32_t checked_objects = 0;

// Hands every key of a batch to the check.
class BatchKeys : public WriteBatch::Handler {
 public:
  BatchKeys(KeyCheck* check, DBImpl* db)
      : check_(check), families_(db->GetVersionSet()->GetColumnFamilySet()) {}

  Status PutCF(uint32_t family, const Slice& key, const Slice&) override { return Key(family, key); }
  Status TimedPutCF(uint32_t family, const Slice& key, const Slice&, uint64_t) override {
    return Key(family, key);
  }
  Status PutEntityCF(uint32_t family, const Slice& key, const Slice&) override {
    return Key(family, key);
  }
  Status DeleteCF(uint32_t family, const Slice& key) override { return Key(family, key); }
  Status SingleDeleteCF(uint32_t family, const Slice& key) override { return Key(family, key); }
  Status MergeCF(uint32_t family, const Slice& key, const Slice&) override { return Key(family, key); }
  Status PutBlobIndexCF(uint32_t family, const Slice& key, const Slice&) override {
    return Key(family, key);
  }
  Status DeleteRangeCF(uint32_t family, const Slice& begin, const Slice& end) override {
    const Status status = Key(family, begin);
    return status.ok() ? Key(family, end) : status;
  }
  void LogData(const Slice&) override {}
  Status MarkBeginPrepare(bool) override { return Status::OK(); }
  Status MarkEndPrepare(const Slice&) override { return Status::OK(); }
  Status MarkNoop(bool) override { return Status::OK(); }
  Status MarkCommit(const Slice&) override { return Status::OK(); }
  Status MarkCommitWithTimestamp(const Slice&, const Slice&) override { return Status::OK(); }
  Status MarkRollback(const Slice&) override { return Status::OK(); }

 private:
  Status Key(uint32_t id, const Slice& key) {
    ColumnFamilyData* family = families_->GetColumnFamily(id);
    if (family == nullptr) return Status::OK();  // the write says what that means
    const auto& transform = family->GetCurrentMutableCFOptions()->prefix_extractor;
    if (transform != nullptr &&
        (check_->transforms_.empty() || check_->transforms_.back() != transform)) {
      check_->transforms_.push_back(transform);
    }
    return check_->Check(family->user_comparator(), transform.get(), key);
  }

  KeyCheck* const check_;
  ColumnFamilySet* const families_;
};

KeyCheck::~KeyCheck() {
  for (const auto& transform : transforms_) {
    if (transform != nullptr && transform->IsInstanceOf(kHostTransformClass)) {
      static_cast<const HostTransform*>(transform.get())->Forget();
    }
  }
}

Status KeyCheck::Check(const Comparator* comparator, const SliceTransform* transform,
                       const Slice& key) {
  if (comparator->IsInstanceOf(kHostComparatorClass)) {
    const bool itself = comparator->Compare(key, key) == 0;
    if (callback_state.failing != 0) return CallbackThrew();
    if (!itself) {
      return Status::InvalidArgument(std::string("the comparator ") + comparator->Name() +
                                     " finds a key different from itself: it is no order");
    }
  }
  if (transform != nullptr && transform->IsInstanceOf(kHostTransformClass)) {
    const Slice plain(key.data(), key.size() - comparator->timestamp_size());
    if (!static_cast<const HostTransform*>(transform)->Remember(plain)) return CallbackThrew();
  }
  return Status::OK();
}

Status KeyCheck::Batch(DB* db, WriteBatch* batch) {
  if (checked_objects == 0) return Status::OK();
  BatchKeys keys(this, static_cast<DBImpl*>(db->GetRootDB()));
  return batch->Iterate(&keys);
}

Status KeyCheck::Key(ColumnFamilyHandle* handle, const Slice& key) {
  if (checked_objects == 0) return Status::OK();
  ColumnFamilyData* family = static_cast<ColumnFamilyHandleImpl*>(handle)->cfd();
  const auto& transform = family->GetCurrentMutableCFOptions()->prefix_extractor;
  transforms_.push_back(transform);
  return Check(family->user_comparator(), transform.get(), key);
}

}  // namespace rocksdb_wasm
