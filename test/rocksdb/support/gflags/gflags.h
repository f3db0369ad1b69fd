// As much of gflags as RocksDB's tests ask for: variables with defaults, and -name=value, --name=value, -name and
// -noname among the arguments.
#pragma once

#include <stdint.h>

#include <functional>
#include <map>
#include <sstream>
#include <string>

#define GFLAGS_NAMESPACE rdb_gflags

namespace rdb_gflags {

struct Flag {
  bool is_bool;
  std::function<void(const std::string&)> set;
};

inline std::map<std::string, Flag>& Flags() {
  static auto* flags = new std::map<std::string, Flag>();
  return *flags;
}

inline void Assign(bool* flag, const std::string& text) { *flag = text != "false" && text != "0"; }
inline void Assign(std::string* flag, const std::string& text) { *flag = text; }
template <typename Number>
void Assign(Number* flag, const std::string& text) {
  std::istringstream(text) >> *flag;
}

template <typename T>
struct Registered {
  Registered(const char* name, T* flag) {
    Flags()[name] = {std::is_same_v<T, bool>,
                     [flag](const std::string& text) { Assign(flag, text); }};
  }
};

inline void SetUsageMessage(const std::string&) {}

// Takes the flags that it knows out of the arguments; what it does not know stays.
inline uint32_t ParseCommandLineFlags(int* argc, char*** argv, bool /*remove*/) {
  int kept = *argc > 0 ? 1 : 0;
  for (int i = kept; i < *argc; ++i) {
    const std::string word = (*argv)[i];
    const size_t begin = word.find_first_not_of('-');
    const size_t equals = word.find('=');
    bool taken = false;
    if (begin == 1 || begin == 2) {
      const bool bare = equals == std::string::npos;
      std::string name = word.substr(begin, bare ? std::string::npos : equals - begin);
      std::string value = bare ? "true" : word.substr(equals + 1);
      if (Flags().count(name) == 0 && bare && name.rfind("no", 0) == 0) {
        name = name.substr(2);
        value = "false";
      }
      const auto flag = Flags().find(name);
      taken = flag != Flags().end() && (!bare || flag->second.is_bool);
      if (taken) flag->second.set(value);
    }
    if (!taken) (*argv)[kept++] = (*argv)[i];
  }
  *argc = kept;
  return 1;
}

}  // namespace rdb_gflags

#define RDB_DEFINE_FLAG(type, name, value) \
  type FLAGS_##name = value;               \
  static const rdb_gflags::Registered<type> rdb_flag_##name(#name, &FLAGS_##name)

#define DEFINE_bool(name, value, help) RDB_DEFINE_FLAG(bool, name, value)
#define DEFINE_int32(name, value, help) RDB_DEFINE_FLAG(int32_t, name, value)
#define DEFINE_uint32(name, value, help) RDB_DEFINE_FLAG(uint32_t, name, value)
#define DEFINE_int64(name, value, help) RDB_DEFINE_FLAG(int64_t, name, value)
#define DEFINE_uint64(name, value, help) RDB_DEFINE_FLAG(uint64_t, name, value)
#define DEFINE_double(name, value, help) RDB_DEFINE_FLAG(double, name, value)
#define DEFINE_string(name, value, help) RDB_DEFINE_FLAG(std::string, name, value)
#define DECLARE_bool(name) extern bool FLAGS_##name
#define DECLARE_uint32(name) extern uint32_t FLAGS_##name
