// RocksDB's SystemClock over the WASI clocks.
#pragma once

#include "rocksdb/system_clock.h"

namespace rocksdb_wasm {

class WasiClock : public ROCKSDB_NAMESPACE::SystemClock {
 public:
  static const char* kClassName() { return "WasiClock"; }
  const char* Name() const override { return kClassName(); }
  const char* NickName() const override { return kDefaultName(); }

  uint64_t NowMicros() override;   // wall clock
  uint64_t NowNanos() override;    // monotonic
  uint64_t CPUMicros() override;
  uint64_t CPUNanos() override;
  void SleepForMicroseconds(int micros) override;
  ROCKSDB_NAMESPACE::Status GetCurrentTime(int64_t* unix_time) override;
  std::string TimeToString(uint64_t seconds) override;
};

}  // namespace rocksdb_wasm
