#include "wasm/env/clock.h"

#include <stdio.h>
#include <time.h>
#include <wasi/api.h>

#include "wasm/bindings/host.h"
#include "wasm/port/scheduler.h"

namespace rocksdb_wasm {

namespace {
uint64_t Read(__wasi_clockid_t id) {
  __wasi_timestamp_t nanos = 0;
  (void)__wasi_clock_time_get(id, 1, &nanos);
  return nanos;
}
}  // namespace

bool FillRandom(void* buffer, size_t length) {
  return __wasi_random_get(static_cast<uint8_t*>(buffer), length) == __WASI_ERRNO_SUCCESS;
}

void SleepMicros(uint64_t micros) {
  __wasi_subscription_t subscription = {};
  subscription.type = __WASI_EVENTTYPE_CLOCK;
  subscription.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  subscription.u.clock.timeout = micros * 1000;
  __wasi_event_t event;
  __wasi_size_t count = 0;
  (void)__wasi_poll_oneoff(&subscription, &event, 1, &count);
}

uint64_t WasiClock::NowMicros() { return Read(__WASI_CLOCKID_REALTIME) / 1000; }
uint64_t WasiClock::NowNanos() { return Read(__WASI_CLOCKID_MONOTONIC); }
uint64_t WasiClock::CPUMicros() { return CPUNanos() / 1000; }
uint64_t WasiClock::CPUNanos() { return Read(__WASI_CLOCKID_PROCESS_CPUTIME_ID); }

void WasiClock::SleepForMicroseconds(int micros) {
  if (micros > 0) Scheduler::Get().Sleep(static_cast<uint64_t>(micros));
}

ROCKSDB_NAMESPACE::Status WasiClock::GetCurrentTime(int64_t* unix_time) {
  *unix_time = static_cast<int64_t>(Read(__WASI_CLOCKID_REALTIME) / 1000000000u);
  return ROCKSDB_NAMESPACE::Status::OK();
}

std::string WasiClock::TimeToString(uint64_t seconds) {
  const time_t time = static_cast<time_t>(seconds);
  struct tm parts;
  char text[32];
  gmtime_r(&time, &parts);
  snprintf(text, sizeof(text), "%04d/%02d/%02d-%02d:%02d:%02d ", parts.tm_year + 1900,
           parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

}  // namespace rocksdb_wasm
