// Prefixes of keys, as a function of the host's cuts them.
#include "rocksdb/slice_transform.h"

#include "wasm/bindings/callbacks/host_transform.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

int32_t HostTransform::LengthFor(const Slice& key) const {
  // RocksDB asks whether a key is in the domain, and then for its prefix.
  if (last_length_ != kUnknown && key == Slice(last_key_)) return last_length_;
  if (!known_.empty()) {
    const auto found = known_.find(key.ToString());
    if (found != known_.end()) return found->second;
  }
  rdb_compare_call call = {ToWord(key.data()), static_cast<uint32_t>(key.size()), 0, 0, kNone};
  if (!host_.CallOrFail(kTransform, &call)) {
    last_length_ = kUnknown;
    return kNone;
  }
  OwnerScope owner(Owner::kCallback);
  last_key_.assign(key.data(), key.size());
  last_length_ = call.result;
  return last_length_;
}

bool HostTransform::Remember(const Slice& key) const {
  const int32_t length = LengthFor(key);
  if (callback_state.failing != 0) return false;
  OwnerScope owner(Owner::kCallback);
  known_[key.ToString()] = length;
  return true;
}

void HostTransform::Forget() const {
  known_.clear();
  // A long key would stay allocated.
  if (last_key_.capacity() > 1024) {
    last_length_ = kUnknown;
    std::string().swap(last_key_);
  }
}

std::shared_ptr<const SliceTransform> MakeSliceTransform(const rdb_host_object& object) {
  return std::make_shared<HostTransform>(object);
}

}  // namespace rocksdb_wasm
