// What overlay/port/port.h declares.
#include "port/port.h"

#include <stdio.h>
#include <stdlib.h>

#include <exception>

#include "wasm/bindings/host.h"
#include "wasm/port/scheduler.h"

namespace ROCKSDB_NAMESPACE {

const bool kDefaultToAdaptiveMutex = false;

namespace port {

using rocksdb_wasm::Fatal;
using rocksdb_wasm::FatalReason;
using rocksdb_wasm::Scheduler;

const size_t kPageSize = 4096;

#ifndef NDEBUG
void Mutex::Lock() {
  if (locked_) Fatal(FatalReason::kDeadlock, "a mutex is locked twice");
  locked_ = true;
}
void Mutex::Unlock() {
  // A thread that is parked leaves by an exception, from where its lock guards think that they hold the mutex.
  if (!locked_ && std::uncaught_exceptions() == 0) {
    Fatal(FatalReason::kAbort, "a mutex that is not locked is unlocked");
  }
  locked_ = false;
}
bool Mutex::TryLock() {
  if (locked_) return false;
  return locked_ = true;
}
void Mutex::AssertHeld() const {
  if (!locked_) Fatal(FatalReason::kAbort, "a mutex should be held and is not");
}
#endif

namespace {
// Waiting gives the mutex up. RAII, because a parked thread leaves by an exception: its own lock guards
// unlock the mutex once more, so it is taken again first.
class Released {
 public:
  explicit Released(Mutex* mu) : mu_(mu) { mu_->Unlock(); }
  ~Released() { mu_->Lock(); }

 private:
  Mutex* mu_;
};
}  // namespace

void CondVar::Wait() {
  Released released(mu_);
  Scheduler::Get().WaitForWork("a condition variable waits and no background work is left to run",
                               this);
}

bool CondVar::TimedWait(uint64_t abs_time_us) {
  Released released(mu_);
  return Scheduler::Get().WaitUntil(abs_time_us, this);
}

void CondVar::Signal() { Scheduler::Get().Signal(this); }
void CondVar::SignalAll() { Scheduler::Get().Signal(this); }

std::shared_ptr<rocksdb_wasm::ThreadRecord> Thread::Start(std::function<void()> function) {
  return Scheduler::Get().StartThread(std::move(function));
}

void Thread::join() {
  Scheduler::Get().JoinThread(record_);
  record_.reset();
}

Thread::id Thread::get_id() const { return record_ == nullptr ? 0 : record_->id; }

void* cacheline_aligned_alloc(size_t size) {
  return aligned_alloc(CACHE_LINE_SIZE, (size + CACHE_LINE_SIZE - 1) & ~(CACHE_LINE_SIZE - 1));
}
void cacheline_aligned_free(void* memblock) { free(memblock); }

void Crash(const std::string& srcfile, int srcline) {
  char message[256];
  snprintf(message, sizeof(message), "%s:%d asked for a crash", srcfile.c_str(), srcline);
  Fatal(FatalReason::kAbort, message);
}

bool GenerateRfcUuid(std::string* output) {
  unsigned char b[16];
  if (!rocksdb_wasm::FillRandom(b, sizeof(b))) return false;
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  char text[37];
  snprintf(text, sizeof(text),
           "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
           b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  output->assign(text, 36);
  return true;
}

}  // namespace port
}  // namespace ROCKSDB_NAMESPACE
