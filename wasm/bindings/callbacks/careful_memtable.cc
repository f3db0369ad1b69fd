// A memtable whose order is that of a comparator that may throw. RocksDB's own skip list would put an entry in the
// wrong place then, or leave out one that is in the log. Here a place is looked for first, with all comparisons that
// takes; without one the entry waits, and whoever comes next looks for it again before anything is read.
#include <vector>

#include "db/lookup_key.h"
#include "rocksdb/memtablerep.h"
#include "memory/allocator.h"
#include "memory/arena.h"
#include "util/random.h"
#include "wasm/bindings/callbacks/host_objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

constexpr int kMaxHeight = 12;
constexpr int kBranching = 4;

// An entry. `next` has as many elements as it is high; its bytes come after that.
struct Node {
  Node* previous;
  uint32_t height;
  Node* next[1];

  static size_t HeaderBytes(int height) { return sizeof(Node) + (height - 1) * sizeof(Node*); }
  char* key() { return reinterpret_cast<char*>(this) + HeaderBytes(height); }
};

class CarefulSkipList : public MemTableRep {
 public:
  CarefulSkipList(const KeyComparator& compare, Allocator* allocator)
      : MemTableRep(allocator), compare_(compare), random_(0xdeadbeef) {
    head_ = NewNode(kMaxHeight, 0);
    for (int i = 0; i < kMaxHeight; ++i) head_->next[i] = nullptr;
    head_->previous = nullptr;
  }

  KeyHandle Allocate(size_t length, char** buffer) override {
    int height = 1;
    while (height < kMaxHeight && random_.OneIn(kBranching)) ++height;
    Node* node = NewNode(height, length);
    *buffer = node->key();
    return node;
  }

  void Insert(KeyHandle handle) override { InsertKey(handle); }
  void InsertConcurrently(KeyHandle handle) override { InsertKey(handle); }
  bool InsertKey(KeyHandle handle) override {
    Node* node = static_cast<Node*>(handle);
    if (PlaceWaiting()) {
      switch (Place(node)) {
        case kPlaced:
          return true;
        case kDuplicate:
          return false;
        case kNoPlace:
          break;
      }
    }
    waiting_.push_back(node);
    return true;
  }
  bool InsertKeyWithHint(KeyHandle handle, void**) override { return InsertKey(handle); }
  bool InsertKeyWithHintConcurrently(KeyHandle handle, void**) override { return InsertKey(handle); }
  bool InsertKeyConcurrently(KeyHandle handle) override { return InsertKey(handle); }

  bool Contains(const char* key) const override {
    Node* node = First([&](Node* at) { return compare_(at->key(), key); });
    return node != nullptr && compare_(node->key(), key) == 0;
  }

  void Get(const LookupKey& key, void* arguments,
           bool (*take)(void* arguments, const char* entry)) override {
    const Slice target = key.internal_key();
    for (Node* node = FirstAtOrAfter(target); node != nullptr; node = node->next[0]) {
      if (!take(arguments, node->key())) return;
    }
  }
  Status GetAndValidate(const LookupKey& key, void* arguments,
                        bool (*take)(void* arguments, const char* entry), bool) override {
    Get(key, arguments, take);
    return Status::OK();
  }

  uint64_t ApproximateNumEntries(const Slice& begin, const Slice& end) override {
    const uint64_t to = CountBefore(end);
    const uint64_t from = CountBefore(begin);
    return to > from ? to - from : 0;
  }

  void UniqueRandomSample(uint64_t entry_count, uint64_t sample_size,
                          std::unordered_set<const char*>* entries) override {
    PlaceWaiting();
    const uint64_t step = sample_size == 0 ? 1 : std::max<uint64_t>(entry_count / sample_size, 1);
    uint64_t left = random_.Uniform(static_cast<int>(std::min<uint64_t>(step, 1u << 30)));
    for (Node* node = head_->next[0]; node != nullptr && entries->size() < sample_size;
         node = node->next[0]) {
      if (left-- > 0) continue;
      entries->insert(node->key());
      left = step - 1;
    }
  }

  size_t ApproximateMemoryUsage() override { return 0; }  // all but the list of those that wait is the arena's

  Iterator* GetIterator(Arena* arena) override {
    PlaceWaiting();
    if (arena == nullptr) return new ListIterator(this);
    return new (arena->AllocateAligned(sizeof(ListIterator))) ListIterator(this);
  }

 private:
  class ListIterator : public Iterator {
   public:
    explicit ListIterator(CarefulSkipList* list) : list_(list) {}
    bool Valid() const override { return at_ != nullptr; }
    const char* key() const override { return at_->key(); }
    void Next() override { at_ = at_->next[0]; }
    void Prev() override { at_ = list_->Before(at_); }
    Status NextAndValidate(bool) override {
      Next();
      return Status::OK();
    }
    Status PrevAndValidate(bool) override {
      Prev();
      return Status::OK();
    }
    void Seek(const Slice& key, const char* entry) override {
      at_ = entry == nullptr ? list_->FirstAtOrAfter(key) : list_->FirstAtOrAfter(entry);
    }
    Status SeekAndValidate(const Slice& key, const char* entry, bool) override {
      Seek(key, entry);
      return Status::OK();
    }
    void SeekForPrev(const Slice& key, const char* entry) override {
      Seek(key, entry);
      if (at_ == nullptr) {
        SeekToLast();
      } else if (entry == nullptr ? list_->compare_(at_->key(), key) != 0
                                  : list_->compare_(at_->key(), entry) != 0) {
        Prev();
      }
    }
    void RandomSeek() override {
      // Every entry is as likely as the way to it: good enough for what samples.
      list_->PlaceWaiting();
      at_ = list_->head_->next[0];
      for (int steps = list_->random_.Uniform(64); steps > 0 && at_ != nullptr; --steps) {
        if (at_->next[0] != nullptr) at_ = at_->next[0];
      }
    }
    void SeekToFirst() override {
      list_->PlaceWaiting();
      at_ = list_->head_->next[0];
    }
    void SeekToLast() override {
      list_->PlaceWaiting();
      at_ = list_->Last();
    }

   private:
    CarefulSkipList* const list_;
    Node* at_ = nullptr;
  };

  enum Outcome { kPlaced, kDuplicate, kNoPlace };

  Node* NewNode(int height, size_t key_bytes) {
    void* block = allocator_->AllocateAligned(Node::HeaderBytes(height) + key_bytes);
    Node* node = static_cast<Node*>(block);
    node->height = height;
    return node;
  }

  Node* Before(Node* node) const { return node->previous == head_ ? nullptr : node->previous; }

  Node* Last() const {
    Node* at = head_;
    for (int level = kMaxHeight - 1; level >= 0; --level) {
      while (at->next[level] != nullptr) at = at->next[level];
    }
    return at == head_ ? nullptr : at;
  }

  // The first node that `compare` does not find less than 0; on the way `path` gets the last ones before it.
  template <typename Compare>
  Node* Find(Compare&& compare, Node** path) const {
    Node* at = head_;
    Node* known = nullptr;  // one that was found not to come before
    for (int level = kMaxHeight - 1; level >= 0; --level) {
      for (Node* next = at->next[level]; next != nullptr && next != known; next = at->next[level]) {
        if (compare(next) >= 0) {
          known = next;
          break;
        }
        at = next;
      }
      if (path != nullptr) path[level] = at;
    }
    return at->next[0];
  }
  template <typename Compare>
  Node* First(Compare&& compare) const {
    const_cast<CarefulSkipList*>(this)->PlaceWaiting();
    return Find(compare, nullptr);
  }
  Node* FirstAtOrAfter(const Slice& key) const {
    return First([&](Node* node) { return compare_(node->key(), key); });
  }
  Node* FirstAtOrAfter(const char* entry) const {
    return First([&](Node* node) { return compare_(node->key(), entry); });
  }

  // How many come before, guessed from where the search goes down a level.
  uint64_t CountBefore(const Slice& key) {
    PlaceWaiting();
    uint64_t count = 0;
    Node* at = head_;
    for (int level = kMaxHeight - 1; level >= 0; --level) {
      count *= kBranching;
      for (Node* next = at->next[level]; next != nullptr; next = at->next[level]) {
        if (compare_(next->key(), key) >= 0) break;
        at = next;
        ++count;
      }
    }
    return count;
  }

  // Nothing is changed before all comparisons are done.
  Outcome Place(Node* node) {
    if (callback_state.failing != 0) return kNoPlace;
    Node* path[kMaxHeight];
    const char* entry = node->key();
    Node* after = Find([&](Node* at) { return compare_(at->key(), entry); }, path);
    const bool equal = after != nullptr && compare_(after->key(), entry) == 0;
    if (callback_state.failing != 0) return kNoPlace;
    if (equal) return kDuplicate;
    for (uint32_t level = 0; level < node->height; ++level) {
      node->next[level] = path[level]->next[level];
      path[level]->next[level] = node;
    }
    node->previous = path[0];
    if (after != nullptr) after->previous = node;
    return kPlaced;
  }

  // False: some still have no place, since the comparator threw again; the call or the job fails for it.
  bool PlaceWaiting() {
    while (!waiting_.empty()) {
      if (Place(waiting_.back()) == kNoPlace) return false;
      waiting_.pop_back();
    }
    return true;
  }

  const KeyComparator& compare_;
  Random random_;
  Node* head_;
  std::vector<Node*> waiting_;
};

// Known to RocksDB, and in OPTIONS files, as what it stands in for.
class CarefulSkipListFactory : public SkipListFactory {
 public:
  explicit CarefulSkipListFactory(std::shared_ptr<const Comparator> comparator)
      : comparator_(std::move(comparator)) {}

  using SkipListFactory::CreateMemTableRep;
  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator& compare, Allocator* allocator,
                                 const SliceTransform*, Logger*) override {
    return new CarefulSkipList(compare, allocator);
  }

 private:
  const std::shared_ptr<const Comparator> comparator_;
};

}  // namespace

std::shared_ptr<MemTableRepFactory> MakeCarefulSkipList(
    std::shared_ptr<const Comparator> keeps_alive) {
  return std::make_shared<CarefulSkipListFactory>(std::move(keeps_alive));
}

}  // namespace rocksdb_wasm
