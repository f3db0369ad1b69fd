// What iterators and pinned slices keep alive, as plain data; who alone holds what is worked out by the host.
//
// Compiled so that private members can be read (scripts/compile.mjs): RocksDB has no accessors for its
// lists of memtables, or for the blocks that its iterators stand on.
#include "wasm/bindings/pins.h"

#include <map>
#include <vector>

#include "cache/clock_cache.h"
#include "cache/lru_cache.h"
#include "db/arena_wrapped_db_iter.h"
#include "db/attribute_group_iterator_impl.h"
#include "db/blob/blob_source.h"
#include "db/coalescing_iterator.h"
#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/db_iter.h"
#include "db/forward_iterator.h"
#include "db/version_set.h"
#include "file/filename.h"
#include "table/block_based/block_based_table_iterator.h"
#include "table/block_based/partitioned_index_iterator.h"
#include "utilities/ttl/db_ttl_impl.h"
#include "utilities/write_batch_with_index/write_batch_with_index_internal.h"
#include "wasm/bindings/objects.h"
#include "wasm/inside/children.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

// Their virtual tables; an object's first word is the address of the third entry.
extern "C" const void* const _ZTVN7rocksdb23BlockBasedTableIteratorE[];
extern "C" const void* const _ZTVN7rocksdb24PartitionedIndexIteratorE[];

Iterator* rocksdb_wasm::InnerOfTtl(Iterator* iterator) {
  return static_cast<TtlIterator*>(iterator)->iter_;
}

namespace {

bool IsOf(const void* object, const void* const* virtual_table) {
  return ClassOf(object) == virtual_table + 2;
}

// One column family's part of an iterator.
struct Part {
  const Iterator* iterator;
  SuperVersion* super_version;
  bool tailing;
};

// The database's own iterator, which one is or stands on.
const Iterator* OwnOf(const Iterator* iterator, const IteratorParts& parts) {
  if (parts.footing == IteratorFooting::kOverlaid) {
    iterator = static_cast<const BaseDeltaIterator*>(iterator)->base_iterator_.get();
  }
  return parts.expiring ? static_cast<const TtlIterator*>(iterator)->iter_ : iterator;
}

template <typename MultiIterator>
void AddChildren(const IteratorBase* iterator, const IteratorParts& parts,
                 std::vector<Part>* out) {
  const auto& children = static_cast<const MultiIterator*>(iterator)->impl_.cfh_iter_pairs_;
  for (size_t i = 0; i < children.size(); ++i) {
    out->push_back({OwnOf(children[i].second.get(), parts), parts.super_versions[i], parts.tailing});
  }
}

std::vector<Part> SplitParts(const IteratorParts& parts) {
  std::vector<Part> split;
  if (parts.footing == IteratorFooting::kNothing) return split;
  switch (parts.type) {
    case IteratorType::kPlain:
      split.push_back({OwnOf(static_cast<const Iterator*>(parts.iterator), parts),
                       parts.super_versions.front(), parts.tailing});
      break;
    case IteratorType::kCoalescing:
      AddChildren<CoalescingIterator>(parts.iterator, parts, &split);
      break;
    case IteratorType::kAttributeGroups:
      AddChildren<AttributeGroupIteratorImpl>(parts.iterator, parts, &split);
      break;
  }
  return split;
}

const DBIter* DbIterOf(const Part& part) {
  return part.tailing ? static_cast<const DBIter*>(part.iterator)
                      : static_cast<const ArenaWrappedDBIter*>(part.iterator)->db_iter_;
}

SuperVersion* SuperVersionOf(const Part& part) {
  if (!part.tailing) return part.super_version;
  return static_cast<ForwardIterator*>(DbIterOf(part)->iter_.iter())->sv_;
}

void AddCache(Cache* cache, std::vector<Cache*>* caches) {
  if (cache == nullptr) return;
  for (Cache* known : *caches) {
    if (known == cache) return;
  }
  caches->push_back(cache);
}

// With the cache's own metadata, where that is charged, too: as the cache's usage counts it.
size_t TotalCharge(Cache* cache, Cache::Handle* handle) {
  const Slice name = cache->Name();
  if (name == "LRUCache") return reinterpret_cast<lru_cache::LRUHandle*>(handle)->total_charge;
  if (name.ends_with("HyperClockCache")) {
    return reinterpret_cast<clock_cache::ClockHandleBasicData*>(handle)->total_charge;
  }
  return cache->GetCharge(handle);
}

// The cache handles that an iterator's tree or a slice would release. Most are found as the clean-ups that release
// them: a function, the cache, the handle.
class PinnedBlocks {
 public:
  // `caches`: those in use; one that a table has from earlier options is added.
  explicit PinnedBlocks(std::vector<Cache*>* caches) : caches_(*caches) {}

  void AddCleanups(const Cleanable& owner) {
    if (owner.cleanup_.function == nullptr) return;
    for (const Cleanable::Cleanup* each = &owner.cleanup_; each != nullptr; each = each->next) {
      for (Cache* cache : caches_) {
        if (each->arg1 == cache) Add(cache, static_cast<Cache::Handle*>(each->arg2));
      }
    }
  }

  void AddTree(InternalIterator* root) {
    Iterators left = {root};
    while (!left.empty()) {
      InternalIterator* iterator = left.back();
      left.pop_back();
      if (iterator == nullptr) continue;
      AddCleanups(*iterator);
      if (MergingIteratorChildren(iterator, &left) || LevelIteratorChildren(iterator, &left) ||
          ForwardLevelIteratorChildren(iterator, &left)) {
        continue;
      }
      if (IsOf(iterator, _ZTVN7rocksdb23BlockBasedTableIteratorE)) {
        AddTableIterator(*static_cast<BlockBasedTableIterator*>(iterator));
      }
    }
  }

  void AddIterator(const Part& part) {
    const DBIter* db_iter = DbIterOf(part);
    InternalIterator* root = db_iter->iter_.iter();
    if (part.tailing) {
      const auto* forward = static_cast<ForwardIterator*>(root);
      for (InternalIterator* each : forward->l0_iters_) AddTree(each);
      for (ForwardLevelIterator* each : forward->level_iters_) {
        AddTree(reinterpret_cast<InternalIterator*>(each));
      }
    } else {
      AddTree(root);
    }
    AddCleanups(db_iter->blob_reader_.blob_value_);
    const PinnedIteratorsManager& pinned = db_iter->pinned_iters_mgr_;
    AddCleanups(pinned);
    for (const auto& [iterator, release] : pinned.pinned_ptrs_) {
      if (release == &PinnedIteratorsManager::ReleaseInternalIterator ||
          release == &PinnedIteratorsManager::ReleaseArenaInternalIterator) {
        AddTree(static_cast<InternalIterator*>(iterator));
      }
    }
  }

  const std::map<Cache::Handle*, uint32_t>& blocks() const { return blocks_; }

 private:
  void Add(Cache* cache, Cache::Handle* handle) {
    blocks_[handle] = static_cast<uint32_t>(TotalCharge(cache, handle));
  }

  void AddTableIterator(const BlockBasedTableIterator& iterator) {
    AddCache(iterator.table_->rep_->table_options.block_cache.get(), &caches_);
    AddCleanups(iterator.block_iter_);
    if (const auto* index = iterator.index_iter_.get()) {
      AddCleanups(*index);
      if (IsOf(index, _ZTVN7rocksdb24PartitionedIndexIteratorE)) {
        const auto* partitioned = static_cast<const PartitionedIndexIterator*>(index);
        AddCleanups(partitioned->block_iter_);
        if (partitioned->index_iter_ != nullptr) AddCleanups(*partitioned->index_iter_);
      }
    }
    if (iterator.block_handles_ == nullptr) return;
    for (const auto& ahead : *iterator.block_handles_) {
      const auto& entry = ahead.cachable_entry_;
      if (entry.cache_handle_ != nullptr) Add(entry.cache_, entry.cache_handle_);
    }
  }

  std::vector<Cache*>& caches_;
  std::map<Cache::Handle*, uint32_t> blocks_;
};

// Elements in the order in which they were first met.
template <typename Key, typename Element>
struct Table {
  std::map<Key, uint32_t> indexes;
  std::vector<Element> elements;

  // The index of `key`, and whether it is new: then the element is there, all 0.
  std::pair<uint32_t, bool> Find(const Key& key) {
    const auto [at, added] = indexes.emplace(key, static_cast<uint32_t>(elements.size()));
    if (added) elements.push_back(Element{});
    return {at->second, added};
  }
};

// What the arrays of rdb_pins refer to, and where in the block it begins.
class RecordWriter {
 public:
  RecordWriter() : bytes_(sizeof(rdb_pins), '\0') {}

  uint32_t Put(const void* data, size_t size) {
    bytes_.resize((bytes_.size() + 7) & ~size_t{7});
    const uint32_t at = static_cast<uint32_t>(bytes_.size());
    bytes_.append(static_cast<const char*>(data), size);
    return at;
  }
  template <typename T>
  uint32_t Put(const std::vector<T>& elements) {
    return Put(elements.data(), elements.size() * sizeof(T));
  }
  template <typename T>
  void Array(const std::vector<T>& elements, uint32_t* offset, uint32_t* count) {
    *offset = Put(elements);
    *count = static_cast<uint32_t>(elements.size());
  }
  const std::string& Finish(const rdb_pins& head) {
    bytes_.replace(0, sizeof(head), reinterpret_cast<const char*>(&head), sizeof(head));
    return bytes_;
  }

 private:
  std::string bytes_;
};

uint32_t Others(int references, uint32_t known) {
  return references > static_cast<int>(known) ? static_cast<uint32_t>(references) - known : 0;
}

class Reader {
 public:
  explicit Reader(rdb_db* db) : db_(static_cast<DBImpl*>(db->db->GetRootDB())) {
    for (ColumnFamilyData* family : *db_->versions_->GetColumnFamilySet()) {
      if (family->initialized()) AddFamily(family);
    }
  }

  void AddIterator(const rdb_iterator* iterator) {
    std::vector<uint32_t> states;
    PinnedBlocks blocks(&caches_);
    for (const Part& part : SplitParts(PartsOf(iterator))) {
      const uint32_t state = AddState(SuperVersionOf(part));
      ++holders_of_[state];
      states.push_back(state);
      blocks.AddIterator(part);
    }
    AddHolder(states, blocks);
  }

  void AddSlice(const rdb_pinned_slice* slice) {
    PinnedBlocks blocks(&caches_);
    blocks.AddCleanups(slice->value);
    AddHolder({}, blocks);
  }

  const std::string& Finish() {
    CountOthers();
    rdb_pins head;
    packer_.Array(families_.elements, &head.families, &head.family_count);
    packer_.Array(memtables_.elements, &head.memtables, &head.memtable_count);
    packer_.Array(files_.elements, &head.files, &head.file_count);
    packer_.Array(versions_.elements, &head.versions, &head.version_count);
    packer_.Array(states_.elements, &head.states, &head.state_count);
    packer_.Array(holders_, &head.holders, &head.holder_count);
    return packer_.Finish(head);
  }

 private:
  void AddFamily(ColumnFamilyData* family) {
    const uint32_t index = families_.Find(family).first;
    const std::string& name = family->GetName();
    families_.elements[index] = {family->GetID(), packer_.Put(name.data(), name.size()),
                                 static_cast<uint32_t>(name.size()), family->IsDropped()};
    const auto* table = family->GetLatestMutableCFOptions()
                            ->table_factory->GetOptions<BlockBasedTableOptions>();
    if (table != nullptr) AddCache(table->block_cache.get(), &caches_);
    AddCache(family->blob_source()->GetBlobCache(), &caches_);

    Version* const end = family->dummy_versions();
    for (Version* version = end->next_; version != end; version = version->next_) {
      AddVersion(version, index);
    }
    std::vector<uint32_t> present = AddMemtables(family->imm()->current(), index);
    present.push_back(AddMemtable(family->mem(), index));
    for (const uint32_t each : present) memtables_.elements[each].current = 1;
    ++memtable_references_[family->mem()];
    AddState(family->GetSuperVersion());
  }

  uint32_t AddMemtable(ReadOnlyMemTable* memtable, uint32_t family) {
    const auto [index, added] = memtables_.Find(memtable);
    if (added) {
      rdb_pins_memtable& out = memtables_.elements[index];
      out.id = static_cast<double>(memtable->GetID());
      out.family = family;
      out.bytes = static_cast<uint32_t>(memtable->MemoryAllocatedBytes());
      out.used_bytes = static_cast<uint32_t>(memtable->ApproximateMemoryUsage());
      out.entries = static_cast<uint32_t>(memtable->NumEntries());
    }
    return index;
  }

  // The immutable ones of a list, and those kept as history.
  std::vector<uint32_t> AddMemtables(MemTableListVersion* list, uint32_t family) {
    std::vector<uint32_t> indexes;
    const bool counted = !lists_.emplace(list, true).second;
    for (const auto* each : {&list->memlist_, &list->memlist_history_}) {
      for (ReadOnlyMemTable* memtable : *each) {
        indexes.push_back(AddMemtable(memtable, family));
        if (!counted) ++memtable_references_[memtable];
      }
    }
    return indexes;
  }

  uint32_t AddFile(double number, double bytes, uint32_t family, bool blob,
                   const std::string& path) {
    const auto [index, added] = files_.Find({number, blob});
    if (added) {
      files_.elements[index] = {number, bytes, family, blob, packer_.Put(path.data(), path.size()),
                                static_cast<uint32_t>(path.size())};
    }
    return index;
  }

  uint32_t AddVersion(Version* version, uint32_t family) {
    const auto [index, added] = versions_.Find(version);
    if (!added) return index;
    const VersionStorageInfo& storage = *version->storage_info();
    const auto& paths = version->cfd()->ioptions()->cf_paths;
    std::vector<uint32_t> files;
    for (int level = 0; level < storage.num_levels(); ++level) {
      for (const FileMetaData* file : storage.LevelFiles(level)) {
        const FileDescriptor& fd = file->fd;
        files.push_back(AddFile(static_cast<double>(fd.GetNumber()),
                                static_cast<double>(fd.GetFileSize()), family, false,
                                TableFileName(paths, fd.GetNumber(), fd.GetPathId())));
      }
    }
    for (const auto& blob : storage.GetBlobFiles()) {
      const uint64_t number = blob->GetBlobFileNumber();
      files.push_back(AddFile(static_cast<double>(number),
                              static_cast<double>(blob->GetBlobFileSize()), family, true,
                              BlobFileName(paths.front().path, number)));
    }
    rdb_pins_version& out = versions_.elements[index];
    out.number = static_cast<double>(version->GetVersionNumber());
    out.family = family;
    out.files = packer_.Put(files);
    out.file_count = static_cast<uint32_t>(files.size());
    out.current = version == version->cfd()->current();
    return index;
  }

  uint32_t AddState(SuperVersion* state) {
    const auto [index, added] = states_.Find(state);
    if (!added) return index;
    const uint32_t family = families_.Find(state->cfd).first;
    std::vector<uint32_t> memtables = AddMemtables(state->imm, family);
    memtables.push_back(AddMemtable(state->mem, family));
    ++memtable_references_[state->mem];
    const uint32_t version = AddVersion(state->current, family);
    ++states_of_[version];
    rdb_pins_state& out = states_.elements[index];
    out.number = static_cast<double>(state->version_number);
    out.family = family;
    out.version = version;
    out.memtables = packer_.Put(memtables);
    out.memtable_count = static_cast<uint32_t>(memtables.size());
    out.current = state == state->cfd->GetSuperVersion();
    return index;
  }

  void AddHolder(const std::vector<uint32_t>& states, const PinnedBlocks& pinned) {
    std::vector<rdb_pins_block> blocks;
    for (const auto& [handle, charge] : pinned.blocks()) blocks.push_back({ToWord(handle), charge});
    rdb_pins_holder holder;
    packer_.Array(states, &holder.states, &holder.state_count);
    packer_.Array(blocks, &holder.blocks, &holder.block_count);
    holders_.push_back(holder);
  }

  void CountOthers() {
    for (const auto& [memtable, index] : memtables_.indexes) {
      memtables_.elements[index].others = Others(memtable->refs_, memtable_references_[memtable]);
    }
    for (const auto& [version, index] : versions_.indexes) {
      rdb_pins_version& out = versions_.elements[index];
      out.others = Others(version->refs_, states_of_[index] + out.current);
    }
    // A current one is also kept by the thread that last read.
    for (const auto& [state, index] : states_.indexes) {
      rdb_pins_state& out = states_.elements[index];
      if (out.current == 0) {
        out.others = Others(static_cast<int>(state->refs.load()), holders_of_[index]);
      }
    }
  }

  DBImpl* const db_;
  RecordWriter packer_;
  std::vector<Cache*> caches_;
  Table<ColumnFamilyData*, rdb_pins_family> families_;
  Table<ReadOnlyMemTable*, rdb_pins_memtable> memtables_;
  Table<std::pair<double, bool>, rdb_pins_file> files_;
  Table<Version*, rdb_pins_version> versions_;
  Table<SuperVersion*, rdb_pins_state> states_;
  std::vector<rdb_pins_holder> holders_;
  // References that are explained by what is listed.
  std::map<MemTableListVersion*, bool> lists_;
  std::map<ReadOnlyMemTable*, uint32_t> memtable_references_;
  std::map<uint32_t, uint32_t> states_of_;   // by version
  std::map<uint32_t, uint32_t> holders_of_;  // by state
};

}  // namespace

rdb_status rdb_pins_read(rdb_db* db, rdb_iterator** iterators, uint32_t iterator_count,
                         rdb_pinned_slice** slices, uint32_t slice_count, rdb_slice* out) {
  OwnerScope owner(Owner::kHost);
  return Guarded([&]() -> Status {
    Reader reader(db);
    for (uint32_t i = 0; i < iterator_count; ++i) reader.AddIterator(iterators[i]);
    for (uint32_t i = 0; i < slice_count; ++i) reader.AddSlice(slices[i]);
    return GiveBytes(reader.Finish(), out);
  });
}
