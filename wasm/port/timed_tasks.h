// Work that is due at a time, as the scheduler sees it. Apart from scheduler.h, because RocksDB's own
// sources include it through the Timer overlay: what they include decides what must be compiled again.
#pragma once

#include <cstdint>

namespace rocksdb_wasm {

class TimedTasks {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;
  virtual ~TimedTasks() = default;
  virtual uint64_t NextDueMicros() = 0;  // kNever when there is none
  virtual void RunDue() = 0;             // runs the first due task
};

void AddTimedTasks(TimedTasks* tasks);
void RemoveTimedTasks(TimedTasks* tasks);

}  // namespace rocksdb_wasm
