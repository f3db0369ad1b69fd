// RocksDB's Env over the WASI file system, the WASI clock and the cooperative scheduler; and the default
// objects that RocksDB's POSIX sources would define.
#include "rocksdb/env.h"

#include <string.h>

#include "wasm/bindings/host.h"
#include "wasm/env/clock.h"
#include "env/composite_env_wrapper.h"
#include "wasm/env/wasi_file_system.h"
#include "port/port.h"
#include "wasm/port/scheduler.h"

namespace rocksdb_wasm {

using ROCKSDB_NAMESPACE::CompositeEnv;
using ROCKSDB_NAMESPACE::Env;
using ROCKSDB_NAMESPACE::FileSystem;
using ROCKSDB_NAMESPACE::Status;
using ROCKSDB_NAMESPACE::SystemClock;
using ROCKSDB_NAMESPACE::ThreadStatus;

class WasmEnv : public CompositeEnv {
 public:
  WasmEnv() : CompositeEnv(FileSystem::Default(), SystemClock::Default()) {}

  static const char* kClassName() { return "WasmEnv"; }
  const char* Name() const override { return kClassName(); }
  const char* NickName() const override { return kDefaultName(); }

  void Schedule(void (*function)(void*), void* arg, Priority priority, void* tag,
                void (*unschedule)(void*)) override {
    Scheduler::Get().Schedule(function, arg, priority, tag, unschedule);
  }
  int UnSchedule(void* tag, Priority priority) override {
    return Scheduler::Get().Unschedule(tag, priority);
  }
  void StartThread(void (*function)(void*), void* arg) override {
    started_.emplace_back([function, arg] { function(arg); });
  }
  void WaitForJoin() override {
    for (auto& thread : started_) thread.join();
    started_.clear();
  }
  unsigned int GetThreadPoolQueueLen(Priority priority) const override {
    return static_cast<unsigned int>(Scheduler::Get().QueueLength(priority));
  }
  // One job at a time, of every priority; the number is kept to be told again. As in RocksDB, nobody has threads of
  // the lowest priority unless he asks for them: without, such compactions are jobs like the others.
  void SetBackgroundThreads(int number, Priority priority) override { threads_[priority] = number; }
  int GetBackgroundThreads(Priority priority) override { return threads_[priority]; }
  void IncBackgroundThreadsIfNeeded(int number, Priority priority) override {
    if (threads_[priority] < number) threads_[priority] = number;
  }
  int ReserveThreads(int number, Priority) override { return number; }
  int ReleaseThreads(int number, Priority) override { return number; }
  Status GetThreadList(std::vector<ThreadStatus>* list) override {
    list->clear();
    return Status::OK();
  }
  uint64_t GetThreadID() const override { return 1; }
  // The guest does not know its host, and files must not differ by it. Set dbHostId to name the host.
  Status GetHostName(char* name, uint64_t length) override {
    strncpy(name, "rocksdb-wasm", length);
    if (length > 0) name[length - 1] = '\0';
    return Status::OK();
  }

 private:
  std::vector<ROCKSDB_NAMESPACE::port::Thread> started_;
  int threads_[TOTAL] = {0, 1, 1, 1};
};

}  // namespace rocksdb_wasm

namespace ROCKSDB_NAMESPACE {

// Never destroyed: static destructors of RocksDB may still use them.
std::shared_ptr<FileSystem> FileSystem::Default() {
  static auto* instance =
      new std::shared_ptr<FileSystem>(std::make_shared<rocksdb_wasm::WasiFileSystem>());
  return *instance;
}

const std::shared_ptr<SystemClock>& SystemClock::Default() {
  static auto* instance =
      new std::shared_ptr<SystemClock>(std::make_shared<rocksdb_wasm::WasiClock>());
  return *instance;
}

Env* Env::Default() {
  static Env* instance = new rocksdb_wasm::WasmEnv();
  return instance;
}

}  // namespace ROCKSDB_NAMESPACE

// What Emscripten's stand-alone libc leaves open.
extern "C" {
int getentropy(void* buffer, size_t length) {
  return rocksdb_wasm::FillRandom(buffer, length) ? 0 : -1;
}
// The guest has no environment, and libc's way to find that out allocates past our allocator.
char** __environ = nullptr;
extern __attribute__((alias("__environ"))) char** ___environ;
extern __attribute__((alias("__environ"))) char** _environ;
extern __attribute__((alias("__environ"))) char** environ;
void emscripten_notify_memory_growth(size_t) { rocksdb_host_memory_grown(); }
int __syscall_getcwd(intptr_t buffer, size_t size) {
  if (size < 2) return -68;  // ERANGE
  memcpy(reinterpret_cast<char*>(buffer), "/", 2);
  return 2;
}
int __syscall_readlinkat(int, intptr_t, intptr_t, size_t) { return -52; }  // ENOSYS
}
