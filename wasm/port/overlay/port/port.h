// Stands in the include path before RocksDB's own port/port.h: the platform layer for one thread.
// What would block runs queued work instead (see port/scheduler.h).
#pragma once

#include <endian.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "rocksdb/port_defs.h"
#include "rocksdb/rocksdb_namespace.h"

#define ROCKSDB_PRIszt "zu"
#define ROCKSDB_THREAD_YIELD_CHECK_ABORT() (false)

namespace rocksdb_wasm {
struct ThreadRecord;
}

namespace ROCKSDB_NAMESPACE {

extern const bool kDefaultToAdaptiveMutex;

namespace port {

constexpr bool kLittleEndian = true;

// One thread: locking is bookkeeping, kept in debug builds to catch a lock taken twice or not held.
class Mutex {
 public:
  static const char* kName() { return "single-thread mutex"; }

  explicit Mutex(bool /*adaptive*/ = false) {}
  Mutex(const Mutex&) = delete;
  void operator=(const Mutex&) = delete;

#ifdef NDEBUG
  void Lock() {}
  void Unlock() {}
  bool TryLock() { return true; }
  void AssertHeld() const {}
#else
  void Lock();
  void Unlock();
  bool TryLock();
  void AssertHeld() const;
#endif

  void lock() { Lock(); }
  void unlock() { Unlock(); }
  bool try_lock() { return TryLock(); }

 private:
#ifndef NDEBUG
  bool locked_ = false;
#endif
};

class RWMutex {
 public:
  RWMutex() = default;
  RWMutex(const RWMutex&) = delete;
  void operator=(const RWMutex&) = delete;

  void ReadLock() {}
  void WriteLock() {}
  void ReadUnlock() {}
  void WriteUnlock() {}
  void AssertHeld() const {}
};

// Wait() runs one piece of queued work and returns: every caller waits in a loop around its condition.
class CondVar {
 public:
  explicit CondVar(Mutex* mu) : mu_(mu) {}

  Mutex* GetMutex() const { return mu_; }
  void Wait();
  // True: the time has passed (by the injected clock).
  bool TimedWait(uint64_t abs_time_us);
  void Signal();
  void SignalAll();

 private:
  Mutex* mu_;
};

// The surface of std::thread. The function runs when the scheduler is pumped, or at join().
class Thread {
 public:
  using id = uint64_t;
  using native_handle_type = uint64_t;

  Thread() = default;
  template <typename F, typename... Args,
            typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Thread>>>
  explicit Thread(F&& function, Args&&... args)
      : record_(Start(std::bind(std::forward<F>(function), std::forward<Args>(args)...))) {}
  Thread(Thread&& other) noexcept = default;
  Thread& operator=(Thread&& other) noexcept = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  bool joinable() const { return record_ != nullptr; }
  void join();
  void detach() { record_.reset(); }
  void swap(Thread& other) noexcept { record_.swap(other.record_); }
  id get_id() const;
  native_handle_type native_handle() const { return get_id(); }
  static unsigned int hardware_concurrency() { return 1; }

 private:
  static std::shared_ptr<rocksdb_wasm::ThreadRecord> Start(std::function<void()> function);
  std::shared_ptr<rocksdb_wasm::ThreadRecord> record_;
};

inline void AsmVolatilePause() {}
inline int PhysicalCoreID() { return 0; }

using OnceType = bool;
#define LEVELDB_ONCE_INIT false
inline void InitOnce(OnceType* once, void (*initializer)()) {
  if (!*once) {
    *once = true;
    initializer();
  }
}

#define CACHE_LINE_SIZE 64U
#define ALIGN_AS(n) alignas(n)
void* cacheline_aligned_alloc(size_t size);
void cacheline_aligned_free(void* memblock);
#define PREFETCH(addr, rw, locality) __builtin_prefetch(addr, rw, locality)

[[noreturn]] void Crash(const std::string& srcfile, int srcline);
inline int GetMaxOpenFiles() { return -1; }
extern const size_t kPageSize;

using ThreadId = pid_t;
inline void SetCpuPriority(ThreadId, CpuPriority) {}
// Always 1: the guest has no process of its own, and files must not differ by it.
inline int64_t GetProcessID() { return 1; }
// A random (version 4) UUID from the host's randomness.
bool GenerateRfcUuid(std::string* output);

}  // namespace port
}  // namespace ROCKSDB_NAMESPACE
