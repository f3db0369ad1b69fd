// A rate limiter for one thread.
//
// RocksDB's own blocks who asks for bytes until they are there. Here that would stop the host, and a job that waits
// for bytes cannot be overtaken by one below it on the stack. So background jobs never wait: they take what they
// need on credit, and no further job of the same databases starts before the debt is paid. In the long run as
// many bytes a second are written as the limit says; the unit in which it is held is a job, not a refill.
// Flushes wait for the debt of flushes, compactions for all of it: that is RocksDB's order of priorities.
//
// Who asks outside a job (a write with a rate limiter's priority, compactFiles, a backup) has the host's thread to
// itself, and waits by the host's clock, as in RocksDB.
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "rocksdb/rate_limiter.h"
#include "wasm/bindings/contract/resources.h"
#include "wasm/bindings/objects.h"
#include "wasm/port/scheduler.h"

namespace rocksdb_wasm {

class CreditRateLimiter : public ROCKSDB_NAMESPACE::RateLimiter, public JobHold {
 public:
  using RateLimiter::Request;

  CreditRateLimiter(int64_t bytes_per_second, int64_t refill_period_micros, Mode mode,
                    bool auto_tuned, int64_t single_burst_bytes);
  ~CreditRateLimiter() override;

  void SetBytesPerSecond(int64_t bytes_per_second) override;
  ROCKSDB_NAMESPACE::Status SetSingleBurstBytes(int64_t bytes) override;
  void Request(int64_t bytes, ROCKSDB_NAMESPACE::Env::IOPriority priority,
               ROCKSDB_NAMESPACE::Statistics* statistics) override;
  int64_t GetSingleBurstBytes() const override;
  int64_t GetTotalBytesThrough(ROCKSDB_NAMESPACE::Env::IOPriority priority) const override;
  int64_t GetTotalRequests(ROCKSDB_NAMESPACE::Env::IOPriority priority) const override;
  ROCKSDB_NAMESPACE::Status GetTotalPendingRequests(
      int64_t* requests, ROCKSDB_NAMESPACE::Env::IOPriority priority) const override;
  int64_t GetBytesPerSecond() const override { return bytes_per_second_; }

  // Microseconds until work of that priority goes on.
  uint64_t DelayMicros(bool high) const;
  uint64_t DelayMicros(void* tag, int priority) const override;

 private:
  void Tune(uint64_t now);

  const int64_t refill_period_micros_;
  const int64_t max_bytes_per_second_;
  const bool auto_tuned_;
  int64_t bytes_per_second_;
  int64_t single_burst_bytes_;  // 0: those of one refill
  // When all that was asked for is paid, and what flushes and users asked for; monotonic microseconds.
  double paid_micros_ = 0;
  double paid_high_micros_ = 0;
  // Since the last tuning: the time for which the limiter was in debt.
  double tuned_micros_;
  double drained_micros_ = 0;
  int64_t bytes_[ROCKSDB_NAMESPACE::Env::IO_TOTAL] = {};
  int64_t requests_[ROCKSDB_NAMESPACE::Env::IO_TOTAL] = {};
  std::set<void*> databases_;  // whose jobs write through it: their tags in the scheduler
};

// What RocksDB's parser makes of rate_limiter_bytes_per_sec waits in the wrong way: this is put in its place.
std::shared_ptr<ROCKSDB_NAMESPACE::RateLimiter> MakeRateLimiter(int64_t bytes_per_second);

}  // namespace rocksdb_wasm

struct rdb_rate_limiter : rocksdb_wasm::OwnedObject {
  using OwnedObject::OwnedObject;
  std::shared_ptr<rocksdb_wasm::CreditRateLimiter> limiter;
};
