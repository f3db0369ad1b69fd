// How many comparators and prefix extractors of the host's there are: only with some, writes are looked at first.
#pragma once

#include <cstdint>

namespace rocksdb_wasm {

constexpr char kHostComparatorClass[] = "HostComparator";
constexpr char kHostTransformClass[] = "HostSliceTransform";

extern uint32_t checked_objects;

struct CheckedObject {
  CheckedObject() { ++checked_objects; }
  ~CheckedObject() { --checked_objects; }
  CheckedObject(const CheckedObject&) = delete;
  void operator=(const CheckedObject&) = delete;
};

}  // namespace rocksdb_wasm
