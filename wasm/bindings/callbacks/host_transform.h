#pragma once

#include <string>
#include <unordered_map>

#include "rocksdb/slice_transform.h"
#include "wasm/bindings/callbacks/checked.h"
#include "wasm/bindings/callbacks/host_objects.h"

namespace rocksdb_wasm {

// The host gives the length of a prefix, so that it is bytes of the key whose life is the key's.
class HostTransform : public ROCKSDB_NAMESPACE::SliceTransform {
 public:
  explicit HostTransform(const rdb_host_object& described) : host_(described) {}

  static const char* kClassName() { return kHostTransformClass; }
  const char* Name() const override { return host_.name().c_str(); }
  bool IsInstanceOf(const std::string& name) const override {
    return name == kClassName() || SliceTransform::IsInstanceOf(name);
  }

  bool InDomain(const ROCKSDB_NAMESPACE::Slice& key) const override { return LengthFor(key) >= 0; }
  ROCKSDB_NAMESPACE::Slice Transform(const ROCKSDB_NAMESPACE::Slice& key) const override {
    const int32_t length = LengthFor(key);
    return length < 0 ? key : ROCKSDB_NAMESPACE::Slice(key.data(), length);
  }
  bool SameResultWhenAppended(const ROCKSDB_NAMESPACE::Slice&) const override {
    return host_.Is(kHostAppendable);
  }

  // Before a write: asks for the key's prefix and knows it until Forget(), so that a memtable that is ordered or filtered
  // by prefixes can take the key whatever the host does meanwhile. False: the host threw.
  bool Remember(const ROCKSDB_NAMESPACE::Slice& key) const;
  void Forget() const;

 private:
  static constexpr int32_t kNone = -1;
  static constexpr int32_t kUnknown = -2;
  int32_t LengthFor(const ROCKSDB_NAMESPACE::Slice& key) const;

  const NamedHostObject host_;
  const CheckedObject checked_;
  mutable std::string last_key_;
  mutable int32_t last_length_ = kUnknown;
  mutable std::unordered_map<std::string, int32_t> known_;
};

}  // namespace rocksdb_wasm
