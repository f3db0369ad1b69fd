// The order of keys, as a function of the host's says it.
#include "rocksdb/comparator.h"

#include <string.h>

#include "rocksdb/memtablerep.h"
#include "wasm/bindings/callbacks/checked.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

// What a comparison gives when there is no answer: all keys are the same. With it every loop over keys ends
// (one of an iterator's by rdb_comparator_failed()), std::sort stays
// within its range (as it does not with an order that says yes to everything), and whatever is picked by overlap has at
// least what it was picked for. Nothing that comes of it is used or stays.
constexpr int kNoAnswer = 0;

class HostComparator : public Comparator {
 public:
  explicit HostComparator(const rdb_host_object& described)
      : Comparator(described.timestamp_size),
        host_(described),
        least_(described.timestamp_size, '\0'),
        greatest_(described.timestamp_size, '\xff') {}

  static const char* kClassName() { return kHostComparatorClass; }
  const char* Name() const override { return host_.name().c_str(); }
  bool IsInstanceOf(const std::string& name) const override {
    return name == kClassName() || Comparator::IsInstanceOf(name);
  }

  int Compare(const Slice& a, const Slice& b) const override {
    if (timestamp_size() == 0) return Ask(kCompare, a, b);
    const int keys = CompareWithoutTimestamp(a, true, b, true);
    return keys != 0 ? keys : -CompareTimestamp(TimestampOf(a), TimestampOf(b));
  }

  bool Equal(const Slice& a, const Slice& b) const override {
    return host_.Is(kHostBytewiseEqual) ? a == b : Compare(a, b) == 0;
  }

  using Comparator::CompareWithoutTimestamp;
  int CompareWithoutTimestamp(const Slice& a, bool a_has_timestamp, const Slice& b,
                              bool b_has_timestamp) const override {
    return Ask(kCompare, a_has_timestamp ? WithoutTimestamp(a) : a,
               b_has_timestamp ? WithoutTimestamp(b) : b);
  }

  int CompareTimestamp(const Slice& a, const Slice& b) const override {
    if (host_.Has(kCompareTimestamp)) return Ask(kCompareTimestamp, a, b);
    // As RocksDB's own comparators have them: unsigned integers, the least byte first.
    for (size_t i = timestamp_size(); i-- > 0;) {
      if (a[i] != b[i]) {
        return static_cast<uint8_t>(a[i]) < static_cast<uint8_t>(b[i]) ? -1 : 1;
      }
    }
    return 0;
  }

  bool CanKeysWithDifferentByteContentsBeEqual() const override {
    return !host_.Is(kHostBytewiseEqual);
  }
  Slice GetMinTimestamp() const override { return least_; }
  Slice GetMaxTimestamp() const override { return greatest_; }

  // Shorter keys save room in the index. What does not lie where it should would lose entries, and is not taken.
  void FindShortestSeparator(std::string* start, const Slice& limit) const override {
    std::string shorter;
    if (!Shorten(kShortestSeparator, *start, limit, &shorter)) return;
    if (Compare(*start, shorter) <= 0 && Compare(shorter, limit) < 0) *start = std::move(shorter);
  }
  void FindShortSuccessor(std::string* key) const override {
    std::string shorter;
    if (!Shorten(kShortSuccessor, *key, Slice(), &shorter)) return;
    if (Compare(*key, shorter) <= 0) *key = std::move(shorter);
  }

 private:
  int Ask(uint32_t method, const Slice& a, const Slice& b) const {
    rdb_compare_call call = {ToWord(a.data()), static_cast<uint32_t>(a.size()), ToWord(b.data()),
                             static_cast<uint32_t>(b.size()), 0};
    return host_.CallOrFail(method, &call) ? call.result : kNoAnswer;
  }

  bool Shorten(uint32_t method, const std::string& from, const Slice& limit,
               std::string* shorter) const {
    if (timestamp_size() != 0 || !host_.Has(method) || callback_state.failing != 0) return false;
    rdb_bytes_call call = {};
    SetKey(&call, from);
    SetValue(&call, limit);
    return host_.CallForBytes(method, &call, shorter) && call.answer != 0 &&
           shorter->size() < from.size();
  }

  Slice WithoutTimestamp(const Slice& key) const {
    return Slice(key.data(), key.size() - timestamp_size());
  }
  Slice TimestampOf(const Slice& key) const {
    return Slice(key.data() + key.size() - timestamp_size(), timestamp_size());
  }

  const NamedHostObject host_;
  const CheckedObject checked_;
  const std::string least_, greatest_;
};

}  // namespace

Status UseComparator(const rdb_host_object& object, ColumnFamilyOptions* options) {
  if (!options->memtable_factory->IsInstanceOf(SkipListFactory::kClassName())) {
    return Status::InvalidArgument(
        "a comparator that is a function needs memtableFactory 'skipList': others misplace entries when it throws");
  }
  auto comparator = std::make_shared<HostComparator>(object);
  options->comparator = comparator.get();
  options->memtable_factory = MakeCarefulSkipList(comparator);
  return Status::OK();
}

}  // namespace rocksdb_wasm

namespace ROCKSDB_NAMESPACE {

// Called from within RocksDB: see scripts/scopes.mjs.
bool rdb_comparator_failed();
bool rdb_comparator_failed() { return rocksdb_wasm::callback_state.failing != 0; }

}  // namespace ROCKSDB_NAMESPACE
