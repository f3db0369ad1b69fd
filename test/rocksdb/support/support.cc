// What RocksDB's test programs need of us beside the library: an entry that the host can call, and the few
// functions of POSIX sources that the port leaves out.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

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

// Adds a word to the program's arguments; the bytes are the host's, from rdb_test_room.
RDB_TEST_EXPORT("rdb_test_word") void rdb_test_word(const char* text, uint32_t length) {
  words->emplace_back(text, length);
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

// libc's own calls for files: a few tests make them past RocksDB. All are in the one folder that there is, the root.
using ROCKSDB_NAMESPACE::Env;

namespace {
constexpr __wasi_fd_t kRoot = 3;

const char* InRoot(const char* path) {
  while (*path == '/') ++path;
  return *path == '\0' ? "." : path;
}
}  // namespace

extern "C" {
int __syscall_openat(int, intptr_t path, int flags, ...) {
  const char* name = InRoot(reinterpret_cast<const char*>(path));
  __wasi_oflags_t how = 0;
  if (flags & O_CREAT) how |= __WASI_OFLAGS_CREAT;
  if (flags & O_EXCL) how |= __WASI_OFLAGS_EXCL;
  if (flags & O_TRUNC) how |= __WASI_OFLAGS_TRUNC;
  constexpr __wasi_rights_t kAllRights = ~__wasi_rights_t{0} >> 35;
  __wasi_rights_t rights = kAllRights;
  if ((flags & O_ACCMODE) == O_RDONLY) {
    rights &= ~(__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE);
  }
  __wasi_fd_t fd;
  const __wasi_fdflags_t append = flags & O_APPEND ? __WASI_FDFLAGS_APPEND : 0;
  const __wasi_errno_t error =
      __wasi_path_open(kRoot, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, name, strlen(name), how, rights,
                       rights, append, &fd);
  return error == __WASI_ERRNO_SUCCESS ? static_cast<int>(fd) : -ENOENT;
}
int __syscall_unlinkat(int, intptr_t path, int) {
  return Env::Default()->DeleteFile(reinterpret_cast<const char*>(path)).ok() ? 0 : -ENOENT;
}
int __syscall_rmdir(intptr_t path) {
  return Env::Default()->DeleteDir(reinterpret_cast<const char*>(path)).ok() ? 0 : -ENOENT;
}
// There are no links; what is not there has no path.
char* realpath(const char* path, char* resolved) {
  if (!Env::Default()->FileExists(path).ok()) {
    errno = ENOENT;
    return nullptr;
  }
  return resolved == nullptr ? strdup(path) : strcpy(resolved, path);
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
