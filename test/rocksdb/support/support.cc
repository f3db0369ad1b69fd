// What RocksDB's test programs need of us beside the library: an entry that the host can call, and the few
// functions of POSIX sources that the port leaves out.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sstream>
#include <string>
#include <vector>

#include "file/file_util.h"
#include "port/stack_trace.h"
#include "rocksdb/env.h"

// The test program's own main().
extern "C" int __main_argc_argv(int argc, char** argv);

namespace {
// Never freed: gtest keeps pointers into its arguments.
std::vector<std::string>* words = new std::vector<std::string>();
}  // namespace

#define RDB_TEST_EXPORT(name) extern "C" __attribute__((export_name(name)))

// Adds a word to the program's arguments, or, when it has the form NAME=VALUE and `environment` is not 0, to its
// environment. The bytes are the host's, from rdb_test_room.
RDB_TEST_EXPORT("rdb_test_word")
void rdb_test_word(const char* text, uint32_t length, uint32_t environment) {
  const std::string word(text, length);
  if (environment == 0) {
    words->push_back(word);
    return;
  }
  const size_t equals = word.find('=');
  setenv(word.substr(0, equals).c_str(), word.substr(equals + 1).c_str(), 1);
}

// Room for the host to write a word to; never freed.
RDB_TEST_EXPORT("rdb_test_room") char* rdb_test_room(uint32_t length) {
  return static_cast<char*>(malloc(length));
}

// Runs main() with the words given so far. Returns its result.
RDB_TEST_EXPORT("rdb_test_main") int rdb_test_main() {
  std::vector<char*> argv;
  for (std::string& word : *words) argv.push_back(&word[0]);
  argv.push_back(nullptr);
  return __main_argc_argv(static_cast<int>(words->size()), argv.data());
}

// libc's calls that change files: a few tests make them past RocksDB.
using ROCKSDB_NAMESPACE::Env;

extern "C" {
int __syscall_unlinkat(int, intptr_t path, int) {
  return Env::Default()->DeleteFile(reinterpret_cast<const char*>(path)).ok() ? 0 : -ENOENT;
}
int __syscall_rmdir(intptr_t path) {
  return Env::Default()->DeleteDir(reinterpret_cast<const char*>(path)).ok() ? 0 : -ENOENT;
}
// The only command that tests give: rm -rf PATH ...
int system(const char* command) {
  std::istringstream words(command);
  std::string program, flags, path;
  words >> program >> flags;
  if (program != "rm" || flags != "-rf") return 127;
  Env* env = Env::Default();
  while (words >> path) {
    if (env->FileExists(path).IsNotFound()) continue;
    if (!env->DeleteFile(path).ok() && !ROCKSDB_NAMESPACE::DestroyDir(env, path).ok()) return 1;
  }
  return 0;
}
}

namespace ROCKSDB_NAMESPACE::port {
// A trap has a stack of its own.
void InstallStackTraceHandler() {}
void PrintStack(int) {}
void PrintAndFreeStack(void*, int) {}
void* SaveStack(int* frames, int) {
  *frames = 0;
  return nullptr;
}
}  // namespace ROCKSDB_NAMESPACE::port
