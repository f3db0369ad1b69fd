// Plain data for the host: objects, arrays, numbers, text, in a form that says itself what it is.
// src/native/plain-data.ts reads it. A value is a letter and what follows it, numbers little-endian:
//   n              nothing            t, f           true, false
//   d double       a number           q uint64       a bigint
//   s uint32 text  UTF-8              b uint32 bytes
//   x uint32 uint32 text              a Status: its word (see rdb_status), its message; never OK
//   o (uint8 name, value)* \0         an object      a value* e      an array
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "rocksdb/status.h"

namespace rocksdb_wasm {

class Plain {
 public:
  const std::string& bytes() const { return out_; }

  // `fill` writes the fields, or the elements.
  template <typename Fill>
  void Object(Fill&& fill) {
    out_.push_back('o');
    fill();
    out_.push_back('\0');
  }
  template <typename Fill>
  void Array(Fill&& fill) {
    out_.push_back('a');
    fill();
    out_.push_back('e');
  }
  // Before the value of each field of an object. At most 255 bytes.
  Plain& Name(const char* name) { return Name(name, strlen(name)); }
  Plain& Name(const char* name, size_t length) {
    out_.push_back(static_cast<char>(length));
    out_.append(name, length);
    return *this;
  }

  void Number(double value) {
    out_.push_back('d');
    Raw(value);
  }
  void Big(uint64_t value) {
    out_.push_back('q');
    Raw(value);
  }
  void Bool(bool value) { out_.push_back(value ? 't' : 'f'); }
  void Text(const std::string& text) { Counted('s', text); }
  void Bytes(const std::string& bytes) { Counted('b', bytes); }
  // Nothing when it is OK.
  void Status(const ROCKSDB_NAMESPACE::Status& status);

  void Number(const char* name, double value) { Name(name).Number(value); }
  void Big(const char* name, uint64_t value) { Name(name).Big(value); }
  void Bool(const char* name, bool value) { Name(name).Bool(value); }
  void Text(const char* name, const std::string& text) { Name(name).Text(text); }
  void Bytes(const char* name, const std::string& bytes) { Name(name).Bytes(bytes); }
  void Status(const char* name, const ROCKSDB_NAMESPACE::Status& status) { Name(name).Status(status); }

 private:
  template <typename T>
  void Raw(T value) {
    char bytes[sizeof(T)];
    memcpy(bytes, &value, sizeof(T));
    out_.append(bytes, sizeof(T));
  }
  void Counted(char letter, const std::string& text) {
    out_.push_back(letter);
    Raw(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }

  std::string out_;
};

}  // namespace rocksdb_wasm
