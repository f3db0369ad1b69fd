// The native side of bench/run.mjs: the same workloads on RocksDB compiled for this machine.
//
//   bench DIR ENTRIES
//
// Reads a workload's name (put, batch, get, scan) from standard input, runs it once, and answers
// with a line: microseconds an operation. DIR is a folder of its own.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"

namespace {

constexpr size_t kValueBytes = 100;
constexpr size_t kValues = 1000;
constexpr uint32_t kBatchEntries = 1000;
constexpr size_t kBlockCacheBytes = 256 << 20;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status.ToString() << std::endl;
  std::exit(1);
}

// Marsaglia's xorshift32, as in run.mjs.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  uint32_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  uint32_t state_;
};

struct Data {
  explicit Data(uint32_t entries) {
    char text[17];
    for (uint32_t i = 0; i < entries; i++) {
      // Odd, so that no two are the same; and in no order.
      std::snprintf(text, sizeof(text), "%016u", i * 2654435761u);
      keys.emplace_back(text);
    }
    Random random(1);
    for (size_t i = 0; i < kValues; i++) {
      std::string value;
      for (size_t j = 0; j < kValueBytes; j++) value.push_back(random.Next() & 0xff);
      values.push_back(value);
    }
  }

  std::vector<std::string> keys;
  std::vector<std::string> values;
};

class Bench {
 public:
  Bench(const std::string& dir, uint32_t entries) : dir_(dir), data_(entries) {}

  double Run(const std::string& workload) {
    if (workload == "put" || workload == "batch") {
      const std::string path = dir_ + "/written";
      std::filesystem::remove_all(path);
      std::unique_ptr<rocksdb::DB> db = Open(path);
      return Timed([&] { workload == "put" ? Put(db.get()) : PutBatches(db.get()); });
    }
    if (loaded_ == nullptr) Load();
    if (workload == "get") return Timed([&] { Get(); });
    if (workload == "scan") return Timed([&] { Scan(); });
    std::cerr << "bench: no such workload: " << workload << std::endl;
    std::exit(1);
  }

 private:
  template <typename Function>
  double Timed(Function function) {
    const auto begin = std::chrono::steady_clock::now();
    function();
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - begin;
    return took.count() / data_.keys.size();
  }

  static std::unique_ptr<rocksdb::DB> Open(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* db;
    Check(rocksdb::DB::Open(options, path, &db));
    return std::unique_ptr<rocksdb::DB>(db);
  }

  const std::string& value(size_t index) const { return data_.values[index % kValues]; }

  void Put(rocksdb::DB* db) {
    for (size_t i = 0; i < data_.keys.size(); i++) Check(db->Put({}, data_.keys[i], value(i)));
  }

  void PutBatches(rocksdb::DB* db) {
    rocksdb::WriteBatch batch;
    for (size_t i = 0; i < data_.keys.size();) {
      batch.Clear();
      for (uint32_t j = 0; j < kBatchEntries && i < data_.keys.size(); i++, j++) {
        Check(batch.Put(data_.keys[i], value(i)));
      }
      Check(db->Write({}, &batch));
    }
  }

  void Load() {
    const std::string path = dir_ + "/loaded";
    std::filesystem::remove_all(path);
    loaded_ = Open(path);
    PutBatches(loaded_.get());
    Check(loaded_->Flush({}));
    Check(loaded_->CompactRange({}, nullptr, nullptr));
  }

  void Get() {
    Random random(2);
    rocksdb::ColumnFamilyHandle* const family = loaded_->DefaultColumnFamily();
    size_t bytes = 0;
    for (size_t i = 0; i < data_.keys.size(); i++) {
      rocksdb::PinnableSlice found;
      const std::string& key = data_.keys[random.Next() % data_.keys.size()];
      Check(loaded_->Get({}, family, key, &found));
      bytes += found.size();
    }
    Expect(bytes, kValueBytes);
  }

  void Scan() {
    std::unique_ptr<rocksdb::Iterator> iterator(loaded_->NewIterator({}));
    size_t bytes = 0;
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      bytes += iterator->key().size() + iterator->value().size();
    }
    Check(iterator->status());
    Expect(bytes, 16 + kValueBytes);
  }

  void Expect(size_t bytes, size_t each) const {
    if (bytes == each * data_.keys.size()) return;
    std::cerr << "bench: read " << bytes << " bytes" << std::endl;
    std::exit(1);
  }

  const std::string dir_;
  const Data data_;
  std::unique_ptr<rocksdb::DB> loaded_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench DIR ENTRIES" << std::endl;
    return 1;
  }
  Bench bench(argv[1], static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)));
  for (std::string workload; std::getline(std::cin, workload);) {
    std::cout << bench.Run(workload) << std::endl;
  }
  return 0;
}
