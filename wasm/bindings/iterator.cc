// Iterators: moved and read in one crossing, many entries at a time.
#include "rocksdb/comparator.h"
#include "rocksdb/iterator.h"

#include <string.h>

#include "db/column_family.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/pins.h"
#include "wasm/bindings/views.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

// RocksDB keeps pointers to the bounds, so the iterator owns them, and with them its ReadOptions.
struct rdb_iterator : OwnedObject {
  using OwnedObject::OwnedObject;
  std::unique_ptr<Iterator> iterator;
  const Comparator* comparator = nullptr;
  ColumnFamilyData* family = nullptr;
  SuperVersion* super_version = nullptr;  // see IteratorParts
  bool tailing = false;
  IteratorFooting footing = IteratorFooting::kDatabase;
  std::string lower, upper;
  Slice lower_slice, upper_slice;
  bool keys_only = false;
  bool lower_exclusive = false;
  bool upper_checked = false;  // inclusive, and RocksDB's bounds are not: compared here
  std::string buffer;
};

namespace {

// The iterator has just been given the family's present state: nothing came between, on one thread.
void RememberSuperVersion(rdb_iterator* it) { it->super_version = it->family->GetSuperVersion(); }

void Append(std::string* buffer, const Slice& key, const Slice& value) {
  const uint32_t lengths[2] = {static_cast<uint32_t>(key.size()),
                               static_cast<uint32_t>(value.size())};
  buffer->append(reinterpret_cast<const char*>(lengths), sizeof(lengths));
  buffer->append(key.data(), key.size());
  buffer->append(value.data(), value.size());
  buffer->resize(Padded(buffer->size()));
}

bool BeforeLower(const rdb_iterator& it) {
  return it.lower_exclusive && it.comparator->Compare(it.iterator->key(), it.lower_slice) <= 0;
}

bool AfterUpper(const rdb_iterator& it) {
  return it.upper_checked && it.comparator->Compare(it.iterator->key(), it.upper) > 0;
}

// Past the ends that RocksDB does not know of, in the direction of the read.
void SkipOutside(rdb_iterator* it, bool reverse) {
  Iterator* iterator = it->iterator.get();
  if (reverse) {
    while (iterator->Valid() && AfterUpper(*it)) iterator->Prev();
  } else {
    while (iterator->Valid() && BeforeLower(*it)) iterator->Next();
  }
}

bool Inside(const rdb_iterator& it) {
  return it.iterator->Valid() && !BeforeLower(it) && !AfterUpper(it);
}

void Move(rdb_iterator* it, uint32_t move, bool reverse, const Slice& key) {
  Iterator* iterator = it->iterator.get();
  switch (move) {
    case kMoveOn:
      if (!iterator->Valid()) return;
      reverse ? iterator->Prev() : iterator->Next();
      return;
    case kMoveFirst:
      iterator->SeekToFirst();
      break;
    case kMoveLast:
      if (it->upper_checked) {
        iterator->SeekForPrev(it->upper);
      } else {
        iterator->SeekToLast();
      }
      break;
    case kMoveSeek:
      iterator->Seek(key);
      break;
    case kMoveSeekForPrev: {
      // Never forward: at or before the key, or nothing.
      const bool beyond = it->upper_checked && it->comparator->Compare(key, it->upper) > 0;
      iterator->SeekForPrev(beyond ? Slice(it->upper) : key);
      return;
    }
  }
  SkipOutside(it, reverse);
}

}  // namespace

rdb_status rdb_iterator_create(rdb_db* db, rdb_column_family* cf, rdb_iterator_options* options,
                               rdb_iterator** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_iterator, OwnedDeleter<rdb_iterator>> it(
        NewOwned<rdb_iterator>(Owner::kIterator));
    OwnerScope owner(it->slot());
    ColumnFamilyHandle* handle = HandleOf(db, cf);
    it->comparator = handle->GetComparator();
    it->family = static_cast<ColumnFamilyHandleImpl*>(handle)->cfd();
    const uint32_t flags = options->flags;
    ReadOptions read = ToReadOptions(flags, reinterpret_cast<rdb_snapshot*>(options->snapshot));
    read.total_order_seek = (flags & kReadTotalOrderSeek) != 0;
    read.prefix_same_as_start = (flags & kReadPrefixSameAsStart) != 0;
    read.tailing = (flags & kReadTailing) != 0;
    read.ignore_range_deletions = (flags & kReadIgnoreRangeDeletions) != 0;
    read.auto_prefix_mode = (flags & kReadAutoPrefixMode) != 0;
    read.pin_data = (flags & kReadPinData) != 0;
    read.adaptive_readahead = (flags & kReadAdaptiveReadahead) != 0;
    read.readahead_size = options->readahead_bytes;
    read.max_skippable_internal_keys = options->max_skippable_internal_keys;
    it->keys_only = (flags & kReadKeysOnly) != 0;
    it->tailing = read.tailing;
    if (options->lower != 0) {
      it->lower = ToString(ToAddress(options->lower), options->lower_length);
      it->lower_exclusive = (flags & kReadLowerExclusive) != 0;
      it->lower_slice = it->lower;
      read.iterate_lower_bound = &it->lower_slice;
    }
    if (options->upper != 0) {
      it->upper = ToString(ToAddress(options->upper), options->upper_length);
      if ((flags & kReadUpperInclusive) == 0) {
        it->upper_slice = it->upper;
        read.iterate_upper_bound = &it->upper_slice;
      } else if (it->comparator == BytewiseComparator()) {
        it->upper.push_back('\0');  // the next key there can be
        it->upper_slice = it->upper;
        read.iterate_upper_bound = &it->upper_slice;
      } else {
        it->upper_checked = true;
      }
    }
    CallFlags call(db, flags);
    it->iterator.reset(db->db->NewIterator(read, handle));
    it->footing = FootingOf(db);
    Status status = it->iterator->status();
    if (!status.ok()) return status;
    RememberSuperVersion(it.get());
    *out = it.release();
    return status;
  });
}

void rdb_iterator_free(rdb_iterator* iterator) { DeleteOwned(iterator); }

rdb_status rdb_iterator_read(rdb_iterator* it, uint32_t move, uint32_t reverse,
                             const uint8_t* key, uint32_t key_length, uint32_t max_entries,
                             uint32_t max_bytes, rdb_entries* out) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    Iterator* iterator = it->iterator.get();
    it->buffer.clear();
    uint32_t count = 0;
    bool inside;
    Move(it, move, reverse != 0, ToSlice(key, key_length));
    while ((inside = Inside(*it))) {
      const Slice value = it->keys_only ? Slice() : iterator->value();
      if (count == 0) {
        it->buffer.reserve(std::max<size_t>(Padded(8 + iterator->key().size() + value.size()), 64));
      }
      Append(&it->buffer, iterator->key(), value);
      // The iterator stays on the last entry read; kMoveOn goes on from there.
      if (++count >= max_entries || it->buffer.size() >= max_bytes) break;
      Move(it, kMoveOn, reverse != 0, Slice());
    }
    const Status status = inside ? Status::OK() : iterator->status();
    // Entries before an error are delivered; the next read meets the error again.
    if (!status.ok() && count == 0) return status;
    inside = inside || !status.ok();
    *out = {ToWord(it->buffer.data()), static_cast<uint32_t>(it->buffer.size()), count,
            inside ? 0u : 1u};
    return Status::OK();
  });
}

rdb_status rdb_iterator_refresh(rdb_iterator* it, rdb_snapshot* snapshot) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    const Status status = it->iterator->Refresh(ToSnapshot(snapshot));
    if (status.ok()) RememberSuperVersion(it);
    return status;
  });
}

rocksdb_wasm::IteratorParts rocksdb_wasm::PartsOf(const rdb_iterator* it) {
  return {it->iterator.get(), it->super_version, it->tailing, it->footing};
}
