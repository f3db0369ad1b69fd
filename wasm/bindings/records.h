// Data of many parts that crosses the boundary as one run of bytes: what one side writes in an order, the other
// reads in the same. src/native/records.ts is the other side. Everything is padded to 4 bytes.
#pragma once

#include <string.h>

#include <string>
#include <vector>

#include "wasm/bindings/objects.h"

namespace rocksdb_wasm {

class RecordWriter {
 public:
  void Word(uint32_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Long(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Double(double value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Bytes(const ROCKSDB_NAMESPACE::Slice& value) {
    Word(static_cast<uint32_t>(value.size()));
    bytes_.append(value.data(), value.size());
    bytes_.resize(Padded(bytes_.size()));
  }
  // Names and values by turns, after their number.
  template <typename Map>
  void TextMap(const Map& map) {
    Word(static_cast<uint32_t>(map.size()));
    for (const auto& [name, value] : map) {
      Bytes(name);
      Bytes(value);
    }
  }
  void Append(const RecordWriter& other) { bytes_ += other.bytes_; }
  // The bytes as a block of the host's.
  ROCKSDB_NAMESPACE::Status Give(rdb_slice* out) const { return GiveBytes(bytes_, out); }

 private:
  std::string bytes_;
};

// Reads what the host packed. The host is trusted to have packed what is read.
class RecordReader {
 public:
  explicit RecordReader(const uint8_t* data) : at_(data) {}

  uint32_t Word() {
    uint32_t value;
    memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
    return value;
  }
  bool Flag() { return Word() != 0; }
  uint64_t Long() {
    uint64_t value;
    memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
    return value;
  }
  // Valid as long as what was packed.
  ROCKSDB_NAMESPACE::Slice Bytes() {
    const uint32_t length = Word();
    const ROCKSDB_NAMESPACE::Slice value = ToSlice(at_, length);
    at_ += Padded(length);
    return value;
  }
  std::string Text() { return Bytes().ToString(); }
  std::vector<std::string> Texts() {
    std::vector<std::string> all(Word());
    for (std::string& text : all) text = Text();
    return all;
  }
  template <typename T>
  T* Object() {
    return reinterpret_cast<T*>(Word());
  }

 private:
  const uint8_t* at_;
};

}  // namespace rocksdb_wasm
