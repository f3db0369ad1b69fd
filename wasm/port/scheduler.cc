#include "wasm/port/scheduler.h"

#include <emscripten/stack.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <algorithm>

#include "rocksdb/env.h"
#include "rocksdb/iostats_context.h"
#include "rocksdb/perf_level.h"
#include "rocksdb/system_clock.h"
#include "test_util/sync_point.h"
#include "wasm/bindings/host.h"
#include "wasm/memory/allocator.h"

namespace rocksdb_wasm {

namespace {
uint64_t NowMicros() { return ROCKSDB_NAMESPACE::SystemClock::Default()->NowMicros(); }
}  // namespace

// One piece of background work. It has the counters of a thread of its own, as in RocksDB: what a call measures is
// the call, not the work that happened to run within it.
class Scheduler::Frame {
 public:
  Frame(Scheduler* scheduler, ThreadRecord* thread, const Job* job)
      : scheduler_(scheduler),
        current_(scheduler->current_),
        in_job_(scheduler->in_job_),
        job_tag_(scheduler->job_tag_),
        frame_(scheduler->frame_),
        io_(*ROCKSDB_NAMESPACE::get_iostats_context()),
        level_(ROCKSDB_NAMESPACE::GetPerfLevel()) {
    scheduler->current_ = thread;
    scheduler->in_job_ = job != nullptr;
    scheduler->job_tag_ = job == nullptr ? nullptr : job->tag;
    scheduler->frame_ = this;
    ++scheduler->depth_;
    ROCKSDB_NAMESPACE::get_iostats_context()->Reset();
    ROCKSDB_NAMESPACE::SetPerfLevel(ROCKSDB_NAMESPACE::PerfLevel::kDisable);
  }
  ~Frame() {
    ROCKSDB_NAMESPACE::SetPerfLevel(level_);
    *ROCKSDB_NAMESPACE::get_iostats_context() = io_;
    --scheduler_->depth_;
    scheduler_->frame_ = frame_;
    scheduler_->job_tag_ = job_tag_;
    scheduler_->in_job_ = in_job_;
    scheduler_->current_ = current_;
  }
  Frame(const Frame&) = delete;
  void operator=(const Frame&) = delete;

 private:
  Scheduler* scheduler_;
  ThreadRecord* current_;
  bool in_job_;
  void* job_tag_;
  Frame* frame_;
  ROCKSDB_NAMESPACE::IOStatsContext io_;
  ROCKSDB_NAMESPACE::PerfLevel level_;
};

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
        (thread->state == ThreadRecord::kParked && thread->signalled)) {
      ++count;
    }
  }
  pending_ = static_cast<uint32_t>(count);
}

void Scheduler::Signal(const void* condition) {
  if (threads_.empty()) return;
  for (const auto& thread : threads_) {
    if (thread->parked_at == condition || thread->parked_at == nullptr) thread->signalled = true;
  }
  UpdatePending();
}

bool Scheduler::InWork(const void* condition) const {
  const auto at = reinterpret_cast<uintptr_t>(condition);
  return frame_ != nullptr && at >= emscripten_stack_get_current() &&
         at < reinterpret_cast<uintptr_t>(frame_);
}

// What the thread waits for is noted before it unwinds, which may run what signals.
void Scheduler::Park(uint64_t wake_micros, const void* condition) {
  current_->parked_at = condition;
  current_->signalled = false;
  throw ThreadParked{wake_micros};
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
  thread->time_has_come = thread->waits_first && thread->state == ThreadRecord::kParked &&
                          thread->wake_micros <= NowMicros();
  if (thread->time_has_come) thread->wake_micros = ThreadParked::kNever;
  thread->state = ThreadRecord::kRunning;
  thread->parked_at = nullptr;
  try {
    Frame frame(this, thread.get(), nullptr);
    thread->function();
    thread->state = ThreadRecord::kDone;
  } catch (const ThreadParked& parked) {
    thread->state = ThreadRecord::kParked;
    thread->wake_micros = parked.wake_micros;
  }
  if (thread->state == ThreadRecord::kDone) {
    thread->function = nullptr;
    threads_.remove(thread);
    Signal(thread.get());
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
        Execute(thread);
        if (thread->state == ThreadRecord::kParked && !thread->signalled && !RunOne() &&
            !RunHeld() && WaitUntil(thread->wake_micros, thread.get()) &&
            thread->wake_micros == ThreadParked::kNever) {
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

namespace {
constexpr int kOrder[] = {Scheduler::kHigh, Scheduler::kUser, Scheduler::kLow, Scheduler::kBottom};
}  // namespace

bool Scheduler::RunJob() {
  for (int priority : kOrder) {
    auto& queue = jobs_[priority];
    for (auto job = queue.begin(); job != queue.end(); ++job) {
      if (DelayMicros(*job, priority) > 0) continue;
      Start(priority, job);
      return true;
    }
  }
  return false;
}

void Scheduler::Start(int priority, std::list<Job>::iterator queued) {
  const Job job = *queued;
  jobs_[priority].erase(queued);
  UpdatePending();
  OwnerScope owner(Owner::kBackground);
  {
    Frame frame(this, nullptr, &job);
#ifndef NDEBUG
    auto of = static_cast<ROCKSDB_NAMESPACE::Env::Priority>(priority);
    TEST_SYNC_POINT_CALLBACK("ThreadPoolImpl::Impl::BGThread:BeforeRun", &of);
#endif
    job.function(job.arg);
  }
  UpdatePending();
}

uint64_t Scheduler::DelayMicros(const Job& job, int priority) const {
  uint64_t delay = 0;
  for (const JobHold* hold : holds_) delay = std::max(delay, hold->DelayMicros(job.tag, priority));
  return delay;
}

uint64_t Scheduler::LeastHeld(int* priority, std::list<Job>::iterator* job) {
  uint64_t least = ThreadParked::kNever;
  if (holds_.empty()) return least;
  for (int each : kOrder) {
    for (auto queued = jobs_[each].begin(); queued != jobs_[each].end(); ++queued) {
      const uint64_t delay = DelayMicros(*queued, each);
      if (delay == 0 || delay >= least) continue;
      least = delay;
      *priority = each;
      *job = queued;
    }
  }
  return least;
}

bool Scheduler::RunHeld() {
  if (depth_ >= kMaxDepth) return false;
  int priority = 0;
  std::list<Job>::iterator job;
  const uint64_t delay = LeastHeld(&priority, &job);
  if (delay == ThreadParked::kNever) return false;
  if (depth_ == 0) SleepMicros(delay);
  Start(priority, job);
  return true;
}

bool Scheduler::Ready(const ThreadRecord& thread, uint64_t now) const {
  if (thread.state == ThreadRecord::kReady) return true;
  return thread.state == ThreadRecord::kParked &&
         (thread.signalled || thread.wake_micros <= now);
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
      Frame frame(this, nullptr, nullptr);
      tasks->RunDue();
      return true;
    }
  }
  return false;
}

bool Scheduler::RunOne() {
  if (depth_ >= kMaxDepth) return false;
  BackgroundScope scope;
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
  int priority = 0;
  std::list<Job>::iterator job;
  const uint64_t delay = LeastHeld(&priority, &job);
  if (delay != ThreadParked::kNever) due = std::min(due, NowMicros() + delay);
  return std::min(due, NextWakeMicros());
}

uint64_t Scheduler::NextWakeMicros() const {
  uint64_t wake = ThreadParked::kNever;
  for (const auto& thread : threads_) {
    if (thread->state == ThreadRecord::kParked) wake = std::min(wake, thread->wake_micros);
  }
  return wake;
}

void Scheduler::WaitForWork(const char* what, const void* condition) {
  if (depth_ == 0) {
    for (StallRelief* relief : reliefs_) {
      if (relief->RelieveAtOnce()) return;
    }
  }
  // A job that failed has asked for a pause before the next attempt: who waits for it waits as long.
  if (depth_ == 0 && paused_until_micros_ != 0) {
    const uint64_t now = NowMicros();
    if (now < paused_until_micros_) SleepMicros(paused_until_micros_ - now);
    paused_until_micros_ = 0;
  }
  if (RunOne()) return;
  if (current_ != nullptr && !InWork(condition)) Park(ThreadParked::kNever, condition);
  if (RunHeld()) return;
  for (StallRelief* relief : reliefs_) {
    if (relief->Relieve()) return;
  }
  // A thread that waits for its time (to try a failed flush again) may be what ends this wait. Periodic
  // tasks are not: they come for ever.
  const uint64_t wake = depth_ < kMaxDepth ? NextWakeMicros() : ThreadParked::kNever;
  if (wake == ThreadParked::kNever) {
    for (StallRelief* relief : reliefs_) {
      if (relief->GiveUp()) return;
    }
    Fatal(FatalReason::kDeadlock, what);
  }
  const uint64_t now = NowMicros();
  if (now < wake) SleepMicros(wake - now);
}

bool Scheduler::WaitUntil(uint64_t deadline_micros, const void* condition) {
  if (InWork(condition)) {
    const uint64_t now = NowMicros();
    if (now < deadline_micros) SleepMicros(deadline_micros - now);
    return true;
  }
  if (current_ != nullptr && current_->waits_first) {
    if (current_->time_has_come) {
      current_->time_has_come = false;
      return true;
    }
    // Started again by a signal: the time that it waits for stays.
    if (current_->wake_micros != 0) deadline_micros = std::min(deadline_micros, current_->wake_micros);
  }
  if (RunOne()) return NowMicros() >= deadline_micros;
  const uint64_t now = NowMicros();
  if (now >= deadline_micros) return true;
  if (current_ != nullptr) Park(deadline_micros, condition);
  if (deadline_micros == ThreadParked::kNever) return true;
  int priority = 0;
  std::list<Job>::iterator job;
  const uint64_t held = LeastHeld(&priority, &job);  // what is waited for may be the work of a job that is held
  SleepMicros(std::min(deadline_micros - now, held));
  return held >= deadline_micros - now;
}

void AddTimedTasks(TimedTasks* tasks) { Scheduler::Get().AddTimedTasks(tasks); }
void RemoveTimedTasks(TimedTasks* tasks) { Scheduler::Get().RemoveTimedTasks(tasks); }
}  // namespace rocksdb_wasm

// libc++'s condition variables and futures wait through these. They stand below a noexcept function, so
// nothing may be thrown here: a thread cannot be parked in them.
extern "C" int __wrap_pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*) {
  using rocksdb_wasm::Scheduler;
  if (!Scheduler::Get().RunOne() && !Scheduler::Get().RunHeld()) {
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
