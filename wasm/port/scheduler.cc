#include "wasm/port/scheduler.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <algorithm>

#include "wasm/bindings/host.h"
#include "wasm/memory/allocator.h"
#include "rocksdb/system_clock.h"

namespace rocksdb_wasm {

namespace {
uint64_t NowMicros() { return ROCKSDB_NAMESPACE::SystemClock::Default()->NowMicros(); }
}  // namespace

void Fatal(FatalReason reason, const char* message) {
  rocksdb_host_fatal(static_cast<uint32_t>(reason), message, strlen(message));
  __builtin_trap();
}

Scheduler& Scheduler::Get() {
  static Scheduler* scheduler = new Scheduler();  // never destroyed: static destructors may wait
  return *scheduler;
}

void Scheduler::UpdatePending() {
  size_t count = 0;
  for (const auto& queue : jobs_) count += queue.size();
  for (const auto& thread : threads_) {
    if (thread->state == ThreadRecord::kReady ||
        (thread->state == ThreadRecord::kParked && thread->parked_epoch != signal_epoch_)) {
      ++count;
    }
  }
  pending_ = static_cast<uint32_t>(count);
}

void Scheduler::Schedule(void (*function)(void*), void* arg, int priority, void* tag,
                         void (*unschedule)(void*)) {
  OwnerScope owner(Owner::kBackground);
  jobs_[priority].push_back(Job{function, arg, tag, unschedule});
  UpdatePending();
}

int Scheduler::Unschedule(void* tag, int priority) {
  auto& queue = jobs_[priority];
  std::list<Job> dropped;
  for (auto next = queue.begin(); next != queue.end();) {
    const auto job = next++;
    if (job->tag == tag) dropped.splice(dropped.end(), queue, job);
  }
  UpdatePending();
  for (const Job& job : dropped) {
    if (job.unschedule != nullptr) job.unschedule(job.arg);
  }
  return static_cast<int>(dropped.size());
}

std::shared_ptr<ThreadRecord> Scheduler::StartThread(std::function<void()> function) {
  OwnerScope owner(Owner::kBackground);
  auto thread = std::make_shared<ThreadRecord>();
  thread->function = std::move(function);
  thread->id = next_thread_id_++;
  thread->waits_first = ThreadsWaitFirst::active();
  threads_.push_back(thread);
  UpdatePending();
  return thread;
}

void Scheduler::Execute(const std::shared_ptr<ThreadRecord>& thread) {
  OwnerScope owner(Owner::kBackground);
  ThreadRecord* outer = current_;
  current_ = thread.get();
  thread->time_has_come = thread->waits_first && thread->state == ThreadRecord::kParked &&
                          thread->wake_micros <= NowMicros();
  if (thread->time_has_come) thread->wake_micros = ThreadParked::kNever;
  thread->state = ThreadRecord::kRunning;
  ++depth_;
  try {
    thread->function();
    thread->state = ThreadRecord::kDone;
  } catch (const ThreadParked& parked) {
    thread->state = ThreadRecord::kParked;
    thread->wake_micros = parked.wake_micros;
    thread->parked_epoch = signal_epoch_;
  }
  --depth_;
  current_ = outer;
  if (thread->state == ThreadRecord::kDone) {
    thread->function = nullptr;
    threads_.remove(thread);
  }
  UpdatePending();
}

void Scheduler::JoinThread(const std::shared_ptr<ThreadRecord>& thread) {
  while (thread->state != ThreadRecord::kDone) {
    switch (thread->state) {
      case ThreadRecord::kReady:
        Execute(thread);
        break;
      case ThreadRecord::kParked: {
        // Whoever joins has just told the thread to end; let it look, and then whatever it waits for run.
        const uint64_t epoch = thread->parked_epoch;
        Execute(thread);
        if (thread->state == ThreadRecord::kParked && thread->parked_epoch == epoch && !RunOne() &&
            WaitUntil(thread->wake_micros) && thread->wake_micros == ThreadParked::kNever) {
          Fatal(FatalReason::kDeadlock, "a joined thread waits for work that nothing will do");
        }
        break;
      }
      case ThreadRecord::kRunning:
        Fatal(FatalReason::kDeadlock, "a thread joins a thread that is running below it");
      case ThreadRecord::kDone:
        break;
    }
  }
}

void Scheduler::AddTimedTasks(TimedTasks* tasks) { timed_.push_back(tasks); }
void Scheduler::RemoveTimedTasks(TimedTasks* tasks) { timed_.remove(tasks); }

bool Scheduler::RunJob() {
  static constexpr int kOrder[] = {kHigh, kUser, kLow, kBottom};
  for (int priority : kOrder) {
    if (jobs_[priority].empty()) continue;
    Job job = jobs_[priority].front();
    jobs_[priority].pop_front();
    UpdatePending();
    OwnerScope owner(Owner::kBackground);
    ThreadRecord* outer = current_;
    current_ = nullptr;
    ++depth_;
    job.function(job.arg);
    --depth_;
    current_ = outer;
    UpdatePending();
    return true;
  }
  return false;
}

bool Scheduler::Ready(const ThreadRecord& thread, uint64_t now) const {
  if (thread.state == ThreadRecord::kReady) return true;
  return thread.state == ThreadRecord::kParked &&
         (thread.parked_epoch != signal_epoch_ || thread.wake_micros <= now);
}

bool Scheduler::RunThread() {
  if (threads_.empty()) return false;
  const uint64_t now = NowMicros();
  for (const auto& thread : threads_) {
    if (Ready(*thread, now)) {
      Execute(std::shared_ptr<ThreadRecord>(thread));
      return true;
    }
  }
  return false;
}

bool Scheduler::RunTimer() {
  if (timed_.empty()) return false;
  const uint64_t now = NowMicros();
  for (TimedTasks* tasks : timed_) {
    if (tasks->NextDueMicros() <= now) {
      OwnerScope owner(Owner::kBackground);
      ThreadRecord* outer = current_;
      current_ = nullptr;
      ++depth_;
      tasks->RunDue();
      --depth_;
      current_ = outer;
      return true;
    }
  }
  return false;
}

bool Scheduler::RunOne() {
  if (depth_ >= kMaxDepth) return false;
  return RunJob() || RunThread() || RunTimer();
}

bool Scheduler::RunOneUnlessPaused() {
  if (paused_until_micros_ != 0) {
    if (NowMicros() < paused_until_micros_) return false;
    paused_until_micros_ = 0;
  }
  return RunOne();
}

void Scheduler::Sleep(uint64_t micros) {
  if (depth_ > 0) {
    paused_until_micros_ = std::max(paused_until_micros_, NowMicros() + micros);
    return;
  }
  // The work takes time itself, and who sleeps looks at the clock again.
  if (!RunOne()) SleepMicros(micros);
}

uint64_t Scheduler::NextDueMicros() {
  uint64_t due = paused_until_micros_ != 0 ? paused_until_micros_ : ThreadParked::kNever;
  for (TimedTasks* tasks : timed_) due = std::min(due, tasks->NextDueMicros());
  return std::min(due, NextWakeMicros());
}

uint64_t Scheduler::NextWakeMicros() const {
  uint64_t wake = ThreadParked::kNever;
  for (const auto& thread : threads_) {
    if (thread->state == ThreadRecord::kParked) wake = std::min(wake, thread->wake_micros);
  }
  return wake;
}

void Scheduler::WaitForWork(const char* what) {
  // A job that failed has asked for a pause before the next attempt: who waits for it waits as long.
  if (depth_ == 0 && paused_until_micros_ != 0) {
    const uint64_t now = NowMicros();
    if (now < paused_until_micros_) SleepMicros(paused_until_micros_ - now);
    paused_until_micros_ = 0;
  }
  if (RunOne()) return;
  if (current_ != nullptr) throw ThreadParked{ThreadParked::kNever};
  // A thread that waits for its time (to try a failed flush again) may be what ends this wait. Periodic
  // tasks are not: they come for ever.
  const uint64_t wake = depth_ < kMaxDepth ? NextWakeMicros() : ThreadParked::kNever;
  if (wake == ThreadParked::kNever) Fatal(FatalReason::kDeadlock, what);
  const uint64_t now = NowMicros();
  if (now < wake) SleepMicros(wake - now);
}

bool Scheduler::WaitUntil(uint64_t deadline_micros) {
  if (current_ != nullptr && current_->waits_first) {
    if (current_->time_has_come) {
      current_->time_has_come = false;
      return true;
    }
    // Started again by a signal: the time that it waits for stays.
    if (current_->wake_micros != 0) deadline_micros = std::min(deadline_micros, current_->wake_micros);
  }
  if (RunOne()) return NowMicros() >= deadline_micros;
  if (current_ != nullptr) throw ThreadParked{deadline_micros};
  if (deadline_micros == ThreadParked::kNever) return true;
  const uint64_t now = NowMicros();
  if (now < deadline_micros) SleepMicros(deadline_micros - now);
  return true;
}

void AddTimedTasks(TimedTasks* tasks) { Scheduler::Get().AddTimedTasks(tasks); }
void RemoveTimedTasks(TimedTasks* tasks) { Scheduler::Get().RemoveTimedTasks(tasks); }
}  // namespace rocksdb_wasm

// libc++'s condition variables and futures wait through these. They stand below a noexcept function, so
// nothing may be thrown here: a thread cannot be parked in them.
extern "C" int __wrap_pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*) {
  using rocksdb_wasm::Scheduler;
  if (!Scheduler::Get().RunOne()) {
    rocksdb_wasm::Fatal(rocksdb_wasm::FatalReason::kDeadlock,
                        "a condition variable waits and no background work is left to run");
  }
  return 0;
}

// With nothing to run, nobody can signal before the time is up: time out at once.
extern "C" int __wrap_pthread_cond_timedwait(pthread_cond_t*, pthread_mutex_t*,
                                             const struct timespec*) {
  return rocksdb_wasm::Scheduler::Get().RunOne() ? 0 : ETIMEDOUT;
}
