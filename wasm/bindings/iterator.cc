// Iterators: moved and read in one crossing, many entries at a time.
#include <string.h>

#include "db/column_family.h"
#include "db/dbformat.h"
#include "db/wide/wide_column_serialization.h"
#include "rocksdb/attribute_groups.h"
#include "rocksdb/comparator.h"
#include "rocksdb/iterator.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/pins.h"
#include "wasm/bindings/reads.h"
#include "wasm/bindings/views.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

// RocksDB keeps pointers to the bounds, so the iterator owns them, and with them its ReadOptions.
struct rdb_iterator : OwnedObject {
  using OwnedObject::OwnedObject;
  std::unique_ptr<IteratorBase> iterator;
  Iterator* plain = nullptr;                  // it, unless it is of attribute groups
  bool expiring = false;                      // of a DBWithTTL, around RocksDB's own
  AttributeGroupIterator* groups = nullptr;
  const Comparator* comparator = nullptr;
  std::vector<ColumnFamilyHandle*> handles;
  std::vector<SuperVersion*> super_versions;  // one a handle; see IteratorParts
  IteratorType type = IteratorType::kPlain;
  bool tailing = false;
  IteratorFooting footing = IteratorFooting::kDatabase;
  std::string lower, upper, timestamp, iter_start_timestamp;
  Slice lower_slice, upper_slice, timestamp_slice, iter_start_slice;
  bool keys_only = false;
  bool columns = false;
  bool unprepared = false;
  bool history = false;      // with iter_start_ts: keys are internal ones
  bool lower_exclusive = false;
  bool upper_checked = false;  // inclusive, and RocksDB's bounds are not: compared here
  bool lost = false;           // a comparator threw while it moved
  std::string buffer;
  std::string prepared;
};

namespace {

// The iterator has just been given the families' present states: nothing came between, on one thread.
void RememberSuperVersions(rdb_iterator* it) {
  it->super_versions.clear();
  for (ColumnFamilyHandle* handle : it->handles) {
    it->super_versions.push_back(static_cast<ColumnFamilyHandleImpl*>(handle)->cfd()->GetSuperVersion());
  }
}

// The key without timestamp, and what came with it.
struct Key {
  explicit Key(const rdb_iterator& it) : user_key(it.iterator->key()) {
    const size_t size = it.comparator->timestamp_size();
    if (size == 0) return;
    timestamp = it.plain->timestamp();
    if (!it.history) return;
    deleted = ExtractValueType(user_key) == kTypeDeletionWithTimestamp ||
              ExtractValueType(user_key) == kTypeSingleDeletion;
    user_key = StripTimestampFromUserKey(ExtractUserKey(user_key), size);
  }
  Slice user_key;
  Slice timestamp;
  bool deleted = false;
};

int Compare(const rdb_iterator& it, const Slice& a, const Slice& b) {
  return it.comparator->CompareWithoutTimestamp(a, /*a_has_ts=*/false, b, /*b_has_ts=*/false);
}

Status AppendGroups(const rdb_iterator& it, std::string* out) {
  for (const IteratorAttributeGroup& group : it.groups->attribute_groups()) {
    uint32_t index = 0;
    while (it.handles[index] != group.column_family()) ++index;
    const size_t head = out->size();
    out->append(2 * sizeof(uint32_t), '\0');
    const Status status = WideColumnSerialization::Serialize(group.columns(), *out);
    if (!status.ok()) return status;
    const uint32_t words[2] = {index, static_cast<uint32_t>(out->size() - head - sizeof(words))};
    memcpy(&(*out)[head], words, sizeof(words));
    out->append((0 - out->size() + head) & 3, '\0');
  }
  return Status::OK();
}

// The value as the host asked for it.
Status AppendValue(const rdb_iterator& it, std::string* out) {
  if (it.groups != nullptr) return AppendGroups(it, out);
  if (it.columns) return WideColumnSerialization::Serialize(it.plain->columns(), *out);
  const Slice value = it.plain->value();
  out->append(value.data(), value.size());
  return Status::OK();
}

Status AppendEntry(rdb_iterator* it) {
  std::string* buffer = &it->buffer;
  const Key key(*it);
  const size_t head = buffer->size();
  const bool has_value = !it->keys_only && !it->unprepared;
  if (head == 0) {
    const size_t value = has_value && it->groups == nullptr ? it->plain->value().size() : 0;
    buffer->reserve(std::max<size_t>(Padded(8 + key.user_key.size() + value), 64));
  }
  buffer->append(2 * sizeof(uint32_t), '\0');
  buffer->append(key.user_key.data(), key.user_key.size());
  const size_t begin = buffer->size();
  if (has_value) {
    const Status status = AppendValue(*it, buffer);
    if (!status.ok()) return status;
  }
  const uint32_t lengths[2] = {static_cast<uint32_t>(key.user_key.size()),
                               static_cast<uint32_t>(buffer->size() - begin)};
  memcpy(&(*buffer)[head], lengths, sizeof(lengths));
  if (const size_t size = it->comparator->timestamp_size(); size > 0) {
    // What is not committed has none yet.
    buffer->append(key.timestamp.data(), key.timestamp.size());
    buffer->append(size - key.timestamp.size(), '\0');
    buffer->push_back(key.deleted ? 1 : 0);
  }
  buffer->resize(Padded(buffer->size()));
  return Status::OK();
}

bool BeforeLower(const rdb_iterator& it) {
  return it.lower_exclusive && Compare(it, Key(it).user_key, it.lower_slice) <= 0;
}

bool AfterUpper(const rdb_iterator& it) {
  return it.upper_checked && Compare(it, Key(it).user_key, it.upper) > 0;
}

// Past the ends that RocksDB does not know of, in the direction of the read.
void SkipOutside(rdb_iterator* it, bool reverse) {
  IteratorBase* iterator = it->iterator.get();
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
  IteratorBase* iterator = it->iterator.get();
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
      const bool beyond = it->upper_checked && Compare(*it, key, it->upper) > 0;
      iterator->SeekForPrev(beyond ? Slice(it->upper) : key);
      return;
    }
  }
  SkipOutside(it, reverse);
}

using OwnedIterator = std::unique_ptr<rdb_iterator, OwnedDeleter<rdb_iterator>>;

// ReadOptions that live as long as `it`. It has its handles.
ReadOptions Prepare(const rdb_iterator_options& options, rdb_iterator* it) {
  const uint32_t flags = options.flags;
  ReadOptions read = ToReadOptions(flags, reinterpret_cast<rdb_snapshot*>(options.snapshot));
  read.readahead_size = options.readahead_bytes;
  read.max_skippable_internal_keys = options.max_skippable_internal_keys;
  it->comparator = it->handles.front()->GetComparator();
  it->keys_only = (flags & kReadKeysOnly) != 0;
  it->columns = (flags & kReadColumns) != 0;
  it->unprepared = read.allow_unprepared_value;
  it->tailing = read.tailing;
  if (options.lower != 0) {
    it->lower = ToString(ToAddress(options.lower), options.lower_length);
    it->lower_exclusive = (flags & kReadLowerExclusive) != 0;
    it->lower_slice = it->lower;
    read.iterate_lower_bound = &it->lower_slice;
  }
  if (options.upper != 0) {
    it->upper = ToString(ToAddress(options.upper), options.upper_length);
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
  if (options.more == 0) return read;
  const auto& more = *reinterpret_cast<const rdb_read_options*>(options.more);
  SetMore(more, &read);
  if (more.timestamp != 0) {
    it->timestamp = ToString(ToAddress(more.timestamp), more.timestamp_length);
    it->timestamp_slice = it->timestamp;
    read.timestamp = &it->timestamp_slice;
  }
  if (more.iter_start_timestamp != 0) {
    it->iter_start_timestamp =
        ToString(ToAddress(more.iter_start_timestamp), more.iter_start_timestamp_length);
    it->iter_start_slice = it->iter_start_timestamp;
    read.iter_start_ts = &it->iter_start_slice;
    it->history = true;
  }
  return read;
}

Status Give(OwnedIterator it, rdb_iterator** out) {
  const Status status = it->iterator->status();
  if (!status.ok()) return status;
  RememberSuperVersions(it.get());
  *out = it.release();
  return status;
}

}  // namespace

rdb_status rdb_iterator_create(rdb_db* db, rdb_column_family* cf, rdb_iterator_options* options,
                               rdb_iterator** out) {
  return Guarded([&]() -> Status {
    OwnedIterator it(NewOwned<rdb_iterator>(Owner::kIterator));
    OwnerScope owner(it->slot());
    it->handles = {HandleOf(db, cf)};
    const ReadOptions read = Prepare(*options, it.get());
    const CallbackWatch callbacks;
    CallFlags call(db, options->flags);
    it->plain = db->db->NewIterator(read, it->handles.front());
    it->iterator.reset(it->plain);
    it->footing = FootingOf(db);
    it->expiring = db->expires;
    if (callbacks.Threw()) return CallbackThrew();
    return Give(std::move(it), out);
  });
}

rdb_status rdb_iterator_create_multi(rdb_db* db, rdb_column_family** families, uint32_t count,
                                     uint32_t type, rdb_iterator_options* options,
                                     rdb_iterator** out) {
  return Guarded([&]() -> Status {
    OwnedIterator it(NewOwned<rdb_iterator>(Owner::kIterator));
    OwnerScope owner(it->slot());
    for (uint32_t i = 0; i < count; ++i) it->handles.push_back(families[i]->handle);
    const ReadOptions read = Prepare(*options, it.get());
    CallFlags call(db, options->flags);
    it->footing = FootingOf(db);
    if (type == kMultiAttributeGroups) {
      it->type = IteratorType::kAttributeGroups;
      auto iterator = db->db->NewAttributeGroupIterator(read, it->handles);
      it->groups = iterator.get();
      it->iterator = std::move(iterator);
    } else {
      it->type = IteratorType::kCoalescing;
      auto iterator = db->db->NewCoalescingIterator(read, it->handles);
      it->plain = iterator.get();
      it->iterator = std::move(iterator);
    }
    return Give(std::move(it), out);
  });
}

void rdb_iterator_free(rdb_iterator* iterator) { DeleteOwned(iterator); }

rdb_status rdb_iterator_read(rdb_iterator* it, uint32_t move, uint32_t reverse,
                             const uint8_t* key, uint32_t key_length, uint32_t max_entries,
                             uint32_t max_bytes, rdb_entries* out) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    const IteratorBase* iterator = it->iterator.get();
    it->buffer.clear();
    uint32_t count = 0;
    bool inside;
    if (move == kMoveOn && it->lost) {
      return Status::Aborted("the comparator threw, and the iterator's place is lost: seek anew");
    }
    it->lost = false;
    Move(it, move, reverse != 0, ToSlice(key, key_length));
    while ((inside = Inside(*it)) && callback_state.failing == 0) {
      const Status status = AppendEntry(it);
      if (!status.ok()) return status;
      // The iterator stays on the last entry read; kMoveOn goes on from there.
      if (++count >= max_entries || it->buffer.size() >= max_bytes) break;
      Move(it, kMoveOn, reverse != 0, Slice());
    }
    if (callback_state.failing != 0) {
      it->lost = true;
      return CallbackThrew();
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

rdb_status rdb_iterator_prepare_value(rdb_iterator* it, rdb_slice* out) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    if (!it->iterator->Valid()) return Status::InvalidArgument("the iterator is at no entry");
    if (!it->iterator->PrepareValue()) return it->iterator->status();
    it->prepared.clear();
    const Status status = AppendValue(*it, &it->prepared);
    if (!status.ok()) return status;
    *out = {ToWord(it->prepared.data()), static_cast<uint32_t>(it->prepared.size())};
    return Status::OK();
  });
}

rdb_status rdb_iterator_get_property(rdb_iterator* it, const uint8_t* name, uint32_t name_length,
                                     rdb_slice* out) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    if (it->plain == nullptr) return Status::NotSupported("attribute groups have no properties");
    std::string value;
    const Status status = it->plain->GetProperty(ToString(name, name_length), &value);
    return status.ok() ? GiveBytes(value, out) : status;
  });
}

rdb_status rdb_iterator_refresh(rdb_iterator* it, rdb_snapshot* snapshot) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    IteratorBase* iterator = it->iterator.get();
    if (it->expiring) iterator = InnerOfTtl(it->plain);
    const Status status = iterator->Refresh(ToSnapshot(snapshot));
    if (status.ok()) RememberSuperVersions(it);
    return status;
  });
}

rocksdb_wasm::IteratorParts rocksdb_wasm::PartsOf(const rdb_iterator* it) {
  return {it->iterator.get(), it->type, it->super_versions, it->tailing, it->footing, it->expiring};
}
