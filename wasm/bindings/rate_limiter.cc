#include "wasm/bindings/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "monitoring/statistics_impl.h"
#include "rocksdb/system_clock.h"
#include "wasm/bindings/host.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

// As the documentation of NewGenericRateLimiter says.
constexpr int64_t kDefaultRefillMicros = 100 * 1000;
constexpr int kRefillsPerTune = 100;
constexpr int64_t kAllowedRangeFactor = 20;
constexpr int64_t kMicrosPerSecond = 1000000;

uint64_t NowMicros() { return SystemClock::Default()->NowNanos() / 1000; }

bool IsHigh(Env::IOPriority priority) { return priority >= Env::IO_HIGH; }

template <typename Count>
int64_t Sum(const Count (&counts)[Env::IO_TOTAL], Env::IOPriority priority) {
  if (priority != Env::IO_TOTAL) return counts[priority];
  int64_t sum = 0;
  for (Count count : counts) sum += count;
  return sum;
}

}  // namespace

CreditRateLimiter::CreditRateLimiter(int64_t bytes_per_second, int64_t refill_period_micros,
                                     Mode mode, bool auto_tuned, int64_t single_burst_bytes)
    : RateLimiter(mode),
      refill_period_micros_(refill_period_micros),
      max_bytes_per_second_(bytes_per_second),
      auto_tuned_(auto_tuned),
      bytes_per_second_(auto_tuned ? std::max<int64_t>(bytes_per_second / 2, 1) : bytes_per_second),
      single_burst_bytes_(single_burst_bytes),
      tuned_micros_(static_cast<double>(NowMicros())) {
  // It begins with one refill in hand.
  paid_micros_ = paid_high_micros_ = tuned_micros_ - refill_period_micros_;
  Scheduler::Get().AddHold(this);
}

CreditRateLimiter::~CreditRateLimiter() { Scheduler::Get().RemoveHold(this); }

void CreditRateLimiter::SetBytesPerSecond(int64_t bytes_per_second) {
  // What is owed is bytes, not time.
  const double now = static_cast<double>(NowMicros());
  const double factor =
      static_cast<double>(bytes_per_second_) / static_cast<double>(bytes_per_second);
  for (double* paid : {&paid_micros_, &paid_high_micros_}) {
    if (*paid > now) *paid = now + (*paid - now) * factor;
  }
  bytes_per_second_ = bytes_per_second;
}

Status CreditRateLimiter::SetSingleBurstBytes(int64_t bytes) {
  if (bytes < 0) return Status::InvalidArgument("singleBurstBytes must not be negative");
  single_burst_bytes_ = bytes;
  return Status::OK();
}

int64_t CreditRateLimiter::GetSingleBurstBytes() const {
  if (single_burst_bytes_ != 0) return single_burst_bytes_;
  const double refill = static_cast<double>(bytes_per_second_) *
                        static_cast<double>(refill_period_micros_) / kMicrosPerSecond;
  return static_cast<int64_t>(std::max(1.0, std::min(refill, 4294967295.0)));
}

void CreditRateLimiter::Request(int64_t bytes, Env::IOPriority priority, Statistics* statistics) {
  const uint64_t now = NowMicros();
  if (auto_tuned_) Tune(now);
  ++requests_[priority];
  bytes = std::max<int64_t>(bytes, 0);
  bytes_[priority] += bytes;
  const double cost = static_cast<double>(bytes) * kMicrosPerSecond / bytes_per_second_;
  // Of the time in which nothing was asked for, one refill is kept.
  const double least = static_cast<double>(now) - static_cast<double>(refill_period_micros_);
  const double owed_before = std::max(paid_micros_, static_cast<double>(now));
  paid_micros_ = std::max(paid_micros_, least) + cost;
  if (IsHigh(priority)) paid_high_micros_ = std::max(paid_high_micros_, least) + cost;
  if (paid_micros_ > owed_before) {
    drained_micros_ += paid_micros_ - owed_before;
    if (owed_before == static_cast<double>(now)) RecordTick(statistics, NUMBER_RATE_LIMITER_DRAINS);
  }
  Scheduler& scheduler = Scheduler::Get();
  if (scheduler.InJob()) {
    if (scheduler.job_tag() != nullptr) databases_.insert(scheduler.job_tag());
  } else if (const uint64_t delay = DelayMicros(IsHigh(priority)); delay > 0) {
    SleepMicros(delay);
  }
}

int64_t CreditRateLimiter::GetTotalBytesThrough(Env::IOPriority priority) const {
  return Sum(bytes_, priority);
}

int64_t CreditRateLimiter::GetTotalRequests(Env::IOPriority priority) const {
  return Sum(requests_, priority);
}

Status CreditRateLimiter::GetTotalPendingRequests(int64_t* requests, Env::IOPriority) const {
  *requests = 0;  // each has its bytes at once
  return Status::OK();
}

uint64_t CreditRateLimiter::DelayMicros(bool high) const {
  const double due = (high ? paid_high_micros_ : paid_micros_) - static_cast<double>(NowMicros());
  return due > 0 ? static_cast<uint64_t>(std::ceil(due)) : 0;
}

uint64_t CreditRateLimiter::DelayMicros(void* tag, int priority) const {
  if (databases_.count(tag) == 0) return 0;
  return DelayMicros(priority == Scheduler::kHigh || priority == Scheduler::kUser);
}

void CreditRateLimiter::Tune(uint64_t now) {
  const double elapsed = static_cast<double>(now) - tuned_micros_;
  if (elapsed < kRefillsPerTune * static_cast<double>(refill_period_micros_)) return;
  const double drained = std::min(drained_micros_ / elapsed, 1.0);
  tuned_micros_ = static_cast<double>(now);
  drained_micros_ = 0;
  const int64_t least = std::max<int64_t>(max_bytes_per_second_ / kAllowedRangeFactor, 1);
  int64_t rate = bytes_per_second_;
  if (drained == 0) {
    rate = least;
  } else if (drained < 0.5) {
    rate = std::max(least, static_cast<int64_t>(static_cast<double>(rate) / 1.05));
  } else if (drained > 0.9) {
    rate = std::min(max_bytes_per_second_,
                    static_cast<int64_t>(std::ceil(static_cast<double>(rate) * 1.05)));
  }
  if (rate != bytes_per_second_) SetBytesPerSecond(rate);
}

std::shared_ptr<RateLimiter> MakeRateLimiter(int64_t bytes_per_second) {
  return std::make_shared<CreditRateLimiter>(bytes_per_second, kDefaultRefillMicros,
                                             RateLimiter::Mode::kWritesOnly,
                                             /*auto_tuned=*/false, /*single_burst_bytes=*/0);
}

}  // namespace rocksdb_wasm

using namespace rocksdb_wasm;

rdb_rate_limiter* rdb_rate_limiter_create(rdb_rate_limiter_options* options) {
  auto* limiter = NewOwned<rdb_rate_limiter>(Owner::kRateLimiter);
  OwnerScope owner(limiter->slot());
  limiter->limiter = std::make_shared<CreditRateLimiter>(
      static_cast<int64_t>(options->bytes_per_second),
      static_cast<int64_t>(options->refill_period_micros),
      static_cast<RateLimiter::Mode>(options->mode), options->auto_tuned != 0,
      static_cast<int64_t>(options->single_burst_bytes));
  return limiter;
}

void rdb_rate_limiter_free(rdb_rate_limiter* limiter) { DeleteOwned(limiter); }

void rdb_rate_limiter_set_bytes_per_second(rdb_rate_limiter* limiter, double bytes) {
  limiter->limiter->SetBytesPerSecond(static_cast<int64_t>(bytes));
}

double rdb_rate_limiter_bytes_per_second(rdb_rate_limiter* limiter) {
  return static_cast<double>(limiter->limiter->GetBytesPerSecond());
}

rdb_status rdb_rate_limiter_set_single_burst_bytes(rdb_rate_limiter* limiter, double bytes) {
  return Guarded([&]() -> Status {
    return limiter->limiter->SetSingleBurstBytes(static_cast<int64_t>(bytes));
  });
}

double rdb_rate_limiter_single_burst_bytes(rdb_rate_limiter* limiter) {
  return static_cast<double>(limiter->limiter->GetSingleBurstBytes());
}

void rdb_rate_limiter_read(rdb_rate_limiter* limiter, uint32_t priority,
                           rdb_rate_limiter_figures* out) {
  const auto of = static_cast<Env::IOPriority>(priority);
  const bool high = of == Env::IO_HIGH || of == Env::IO_USER;
  *out = {static_cast<double>(limiter->limiter->GetTotalBytesThrough(of)),
          static_cast<double>(limiter->limiter->GetTotalRequests(of)),
          static_cast<double>(limiter->limiter->DelayMicros(high))};
}

void rdb_rate_limiter_request(rdb_rate_limiter* limiter, double bytes, uint32_t priority) {
  OwnerScope owner(limiter->slot());
  limiter->limiter->Request(static_cast<int64_t>(bytes), static_cast<Env::IOPriority>(priority),
                            nullptr);
}
