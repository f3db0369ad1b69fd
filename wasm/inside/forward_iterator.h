// At the end of db/forward_iterator.cc: see children.h.
#include "wasm/inside/children.h"

bool rocksdb_wasm::ForwardLevelIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator,
                                                Iterators* children) {
  using namespace ROCKSDB_NAMESPACE;
  static const void* const known = [] {
    const ReadOptions read_options;
    const std::vector<FileMetaData*> files;
    const MutableCFOptions cf_options;
    const ForwardLevelIterator sample(/*cfd=*/nullptr, read_options, files, cf_options,
                                      /*allow_unprepared_value=*/false);
    return ClassOf(&sample);
  }();
  if (ClassOf(iterator) != known) return false;
  children->push_back(static_cast<ForwardLevelIterator*>(iterator)->file_iter_);
  return true;
}
