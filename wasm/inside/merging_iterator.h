// At the end of table/merging_iterator.cc: see children.h.
#include "rocksdb/comparator.h"
#include "wasm/inside/children.h"

bool rocksdb_wasm::MergingIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator,
                                           Iterators* children) {
  using namespace ROCKSDB_NAMESPACE;
  static const void* const known = [] {
    const InternalKeyComparator comparator(BytewiseComparator());
    const MergingIterator sample(&comparator, nullptr, 0, /*is_arena_mode=*/false,
                                 /*prefix_seek_mode=*/false);
    return ClassOf(&sample);
  }();
  if (ClassOf(iterator) != known) return false;
  for (const auto& child : static_cast<MergingIterator*>(iterator)->children_) {
    children->push_back(child.iter.iter());
  }
  return true;
}
