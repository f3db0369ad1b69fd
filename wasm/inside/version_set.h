// At the end of db/version_set.cc: see children.h.
#include "wasm/inside/children.h"

bool rocksdb_wasm::LevelIteratorChildren(ROCKSDB_NAMESPACE::InternalIterator* iterator,
                                         Iterators* children) {
  using namespace ROCKSDB_NAMESPACE;
  static const void* const known = [] {
    const InternalKeyComparator comparator(BytewiseComparator());
    const ReadOptions read_options;
    const FileOptions file_options;
    const MutableCFOptions cf_options;
    LevelFilesBrief files;
    files.num_files = 1;  // which it never looks at
    const LevelIterator sample(/*table_cache=*/nullptr, read_options, file_options, comparator,
                               &files, cf_options, /*should_sample=*/false,
                               /*file_read_hist=*/nullptr, TableReaderCaller::kUserIterator,
                               /*skip_filters=*/false, /*level=*/1, /*range_del_agg=*/nullptr);
    return ClassOf(&sample);
  }();
  if (ClassOf(iterator) != known) return false;
  children->push_back(static_cast<LevelIterator*>(iterator)->file_iter_.iter());
  return true;
}
