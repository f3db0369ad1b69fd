// What the module asks of its host beside wasi_snapshot_preview1. None of these may throw.
#pragma once

#include <cstddef>
#include <cstdint>

#define RDB_HOST_IMPORT(name) __attribute__((import_module("rocksdb_host"), import_name(name)))

extern "C" {
// Why the trap that follows happens (rocksdb_wasm::FatalReason); the text is UTF-8.
RDB_HOST_IMPORT("fatal") void rocksdb_host_fatal(uint32_t reason, const char* text, size_t length);
// Linear memory has grown: views of it are stale.
RDB_HOST_IMPORT("memory_grown") void rocksdb_host_memory_grown();
// Takes the database lock that a LOCK file stands for. Returns a WASI errno; 0: held now.
RDB_HOST_IMPORT("lock_file") uint32_t rocksdb_host_lock_file(const char* path, size_t length);
RDB_HOST_IMPORT("unlock_file") uint32_t rocksdb_host_unlock_file(const char* path, size_t length);
// Each allocation and free, while MemoryState.trace is not 0. The block is not written yet, or not freed yet.
RDB_HOST_IMPORT("trace_allocation") void rocksdb_host_trace_allocation(const void* block, uint32_t size,
                                                                       uint32_t owner);
RDB_HOST_IMPORT("trace_free") void rocksdb_host_trace_free(const void* block, uint32_t size,
                                                           uint32_t owner);
// Calls a method of a host object that the host was given the number of, with a struct of bindings.h. 0: it threw;
// the call that is under way ends with that error, whatever its status says.
RDB_HOST_IMPORT("call") uint32_t rocksdb_host_call(uint32_t callback, uint32_t method,
                                                   void* arguments);
// The module holds a host object from retain to release.
RDB_HOST_IMPORT("retain") void rocksdb_host_retain(uint32_t callback);
RDB_HOST_IMPORT("release") void rocksdb_host_release(uint32_t callback);
}

namespace rocksdb_wasm {

// What has become of callbacks. Laid out as rdb_callback_state.
struct CallbackState {
  // Not 0 from the moment that a callback threw on whose result the order or the contents of files depend (a
  // comparator, above all), until the call or the job that it happened in is over. Meanwhile the callback is not
  // called again, nothing is written to tables or to the MANIFEST, and so the job fails and leaves no trace.
  uint32_t failing = 0;
  uint32_t in_background = 0;
  // How many calls threw, whatever for.
  uint32_t failures = 0;
};
extern CallbackState callback_state;

// Tells whether a callback has thrown since it was made. What a call that would give out an object, a block or a pin
// does then is to keep it and to fail: its caller gets an error, and nothing else.
class CallbackWatch {
 public:
  CallbackWatch() : failures_(callback_state.failures) {}
  bool Threw() const { return callback_state.failures != failures_; }

 private:
  const uint32_t failures_;
};

// Around a piece of background work: what fails in there does not fail what it runs amid.
class BackgroundScope {
 public:
  BackgroundScope() : failing_(callback_state.failing) { ++callback_state.in_background; }
  ~BackgroundScope() {
    callback_state.failing = failing_;
    --callback_state.in_background;
  }
  BackgroundScope(const BackgroundScope&) = delete;
  void operator=(const BackgroundScope&) = delete;

 private:
  uint32_t failing_;
};

// A hold on a host object.
class HostObject {
 public:
  explicit HostObject(uint32_t callback) : callback_(callback) { rocksdb_host_retain(callback); }
  // Takes over the hold of whoever made it.
  enum Adopt { kAdopt };
  HostObject(uint32_t callback, Adopt) : callback_(callback) {}
  ~HostObject() { rocksdb_host_release(callback_); }
  HostObject(const HostObject&) = delete;
  void operator=(const HostObject&) = delete;

  // False: the method threw.
  template <typename Arguments>
  bool Call(uint32_t method, Arguments* arguments) const {
    if (rocksdb_host_call(callback_, method, arguments) != 0) return true;
    ++callback_state.failures;
    return false;
  }

  // For methods whose result is needed to be right: once it threw, it is not called until the job is over.
  template <typename Arguments>
  bool CallOrFail(uint32_t method, Arguments* arguments) const {
    if (callback_state.failing != 0) return false;
    if (Call(method, arguments)) return true;
    callback_state.failing = 1;
    return false;
  }

 private:
  uint32_t callback_;
};

// Fills with randomness of the host. False: the host refused.
bool FillRandom(void* buffer, size_t length);
// Sleeps by the host's clock (an injected clock moves on instead).
void SleepMicros(uint64_t micros);

}  // namespace rocksdb_wasm
