// Stands before RocksDB's util/timer.h: periodic tasks without a thread. They run when the scheduler is
// pumped and their time has come by the injected clock.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <string>

#include "monitoring/instrumented_mutex.h"
#include "rocksdb/system_clock.h"
#include "util/mutexlock.h"
#include "wasm/port/timed_tasks.h"

namespace ROCKSDB_NAMESPACE {

class Timer : public rocksdb_wasm::TimedTasks {
 public:
  explicit Timer(SystemClock* clock) : clock_(clock) {}
  ~Timer() override { Shutdown(); }

  // False: there is a task of that name.
  bool Add(std::function<void()> function, const std::string& name, uint64_t start_after_us,
           uint64_t repeat_every_us) {
    for (const Task& task : tasks_) {
      if (task.name == name) return false;
    }
    tasks_.push_back(Task{std::move(function), name, clock_->NowMicros() + start_after_us,
                          repeat_every_us, next_number_++});
    return true;
  }

  void Cancel(const std::string& name) {
    tasks_.remove_if([&name](const Task& task) { return task.name == name; });
  }
  void CancelAll() { tasks_.clear(); }

  bool Start() {
    if (running_) return false;
    running_ = true;
    rocksdb_wasm::AddTimedTasks(this);
    return true;
  }

  bool Shutdown() {
    if (!running_) return false;
    running_ = false;
    tasks_.clear();
    rocksdb_wasm::RemoveTimedTasks(this);
    return true;
  }

  bool HasPendingTask() const { return !tasks_.empty(); }

  uint64_t NextDueMicros() override {
    uint64_t due = kNever;
    if (executing_) return due;
    for (const Task& task : tasks_) due = std::min(due, task.due_micros);
    return due;
  }

  void RunDue() override {
    auto first = tasks_.begin();
    for (auto task = tasks_.begin(); task != tasks_.end(); ++task) {
      if (task->due_micros < first->due_micros) first = task;
    }
    if (first == tasks_.end()) return;
    Task task = *first;
    tasks_.erase(first);
    executing_ = true;
    if (task.repeat_micros > 0) {
      // Back in the list before it runs, so that the task may cancel itself.
      task.due_micros = clock_->NowMicros() + task.repeat_micros;
      tasks_.push_back(task);
    }
    task.function();
    executing_ = false;
    // The time until the next run begins when this one has ended.
    for (Task& each : tasks_) {
      if (each.number == task.number) each.due_micros = clock_->NowMicros() + each.repeat_micros;
    }
  }

#ifndef NDEBUG
  void TEST_WaitForRun(const std::function<void()>& callback = nullptr) {
    auto drain = [this] {
      while (NextDueMicros() <= clock_->NowMicros()) RunDue();
    };
    drain();
    if (callback != nullptr) callback();
    drain();
  }
  size_t TEST_GetPendingTaskNum() const { return tasks_.size(); }
  void TEST_OverrideTimer(SystemClock* clock) { clock_ = clock; }
#endif

 private:
  struct Task {
    std::function<void()> function;
    std::string name;
    uint64_t due_micros;
    uint64_t repeat_micros;
    uint64_t number;
  };
  SystemClock* clock_;
  std::list<Task> tasks_;
  uint64_t next_number_ = 0;
  bool running_ = false;
  bool executing_ = false;
};

}  // namespace ROCKSDB_NAMESPACE
