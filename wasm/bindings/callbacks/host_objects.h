// RocksDB's objects that call functions of the host, and what keeps a database whole when those throw.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "wasm/bindings/contract/callbacks.h"
#include "wasm/bindings/host.h"
#include "wasm/memory/owners.h"

namespace rocksdb_wasm {

// A host object as the host described it.
class NamedHostObject : public HostObject {
 public:
  explicit NamedHostObject(const rdb_host_object& described)
      : HostObject(described.callback),
        name_(reinterpret_cast<const char*>(described.name), described.name_length),
        methods_(described.methods),
        traits_(described.traits) {}
  // One that a factory of this name has made.
  NamedHostObject(const std::string& name, const rdb_create_call& created)
      : HostObject(created.callback, kAdopt), name_(name), methods_(created.methods) {}

  const std::string& name() const { return name_; }
  bool Has(uint32_t method) const { return (methods_ >> method & 1) != 0; }
  bool Is(uint32_t trait) const { return (traits_ & trait) != 0; }

  // Calls a method that gives bytes. False: it threw.
  bool CallForBytes(uint32_t method, rdb_bytes_call* call, std::string* result) const;

 private:
  const std::string name_;
  const uint32_t methods_;
  const uint32_t traits_ = 0;
};

inline void SetKey(rdb_bytes_call* call, const ROCKSDB_NAMESPACE::Slice& key) {
  call->key = reinterpret_cast<uintptr_t>(key.data());
  call->key_length = key.size();
}
inline void SetValue(rdb_bytes_call* call, const ROCKSDB_NAMESPACE::Slice& value) {
  call->value = reinterpret_cast<uintptr_t>(value.data());
  call->value_length = value.size();
  call->present = 1;
}

// Reads {uint32 length, bytes} pairs, as the host packs columns and properties.
std::vector<std::pair<std::string, std::string>> ToPairs(const std::string& packed);

// The column family's comparator lives as long as its memtable factory, which holds it.
ROCKSDB_NAMESPACE::Status UseComparator(const rdb_host_object& object,
                                        ROCKSDB_NAMESPACE::ColumnFamilyOptions* options);
// A skip list for memtables that loses and misplaces nothing when `keeps_alive`, a comparator, throws.
std::shared_ptr<ROCKSDB_NAMESPACE::MemTableRepFactory> MakeCarefulSkipList(
    std::shared_ptr<const ROCKSDB_NAMESPACE::Comparator> keeps_alive);

std::shared_ptr<ROCKSDB_NAMESPACE::MergeOperator> MakeMergeOperator(const rdb_host_object& object);
// For a single filter, too: a factory of filters that are all the same.
std::shared_ptr<ROCKSDB_NAMESPACE::CompactionFilterFactory> MakeCompactionFilter(
    const rdb_host_object& object);
std::shared_ptr<ROCKSDB_NAMESPACE::CompactionFilterFactory> MakeCompactionFilterFactory(
    const rdb_host_object& object);
std::shared_ptr<const ROCKSDB_NAMESPACE::SliceTransform> MakeSliceTransform(
    const rdb_host_object& object);
std::shared_ptr<ROCKSDB_NAMESPACE::TablePropertiesCollectorFactory> MakeCollectorFactory(
    const rdb_host_object& object);
std::shared_ptr<ROCKSDB_NAMESPACE::SstPartitionerFactory> MakePartitionerFactory(
    const rdb_host_object& object);
std::shared_ptr<ROCKSDB_NAMESPACE::FileChecksumGenFactory> MakeChecksumFactory(
    const rdb_host_object& object);

// Of a database with callbacks: an error of background work that a callback caused stops writes until resume().
std::shared_ptr<ROCKSDB_NAMESPACE::EventListener> CallbackGuard();

// What a call ends with that gives nothing out because a callback threw in it: see CallbackWatch.
ROCKSDB_NAMESPACE::Status CallbackThrew();

}  // namespace rocksdb_wasm
