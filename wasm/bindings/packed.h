// Results that are lists, as the host reads them: src/native/packed.ts.
#pragma once

#include <string>

#include "rocksdb/slice.h"

namespace rocksdb_wasm {

class Packer {
 public:
  void Word(uint32_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Double(double value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  // A uint32 length and the bytes, padded to 4.
  void Text(const ROCKSDB_NAMESPACE::Slice& text) {
    Word(static_cast<uint32_t>(text.size()));
    bytes_.append(text.data(), text.size());
    Align(4);
  }
  // A uint32 count, then names and values by turns.
  template <typename Map>
  void TextMap(const Map& map) {
    Word(static_cast<uint32_t>(map.size()));
    for (const auto& [name, value] : map) {
      Text(name);
      Text(value);
    }
  }
  void Align(size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace rocksdb_wasm
