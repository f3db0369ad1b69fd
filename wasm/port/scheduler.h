// The cooperative scheduler: everything RocksDB would do in another thread, on one thread.
//
// Background jobs (flush, compaction, purge), thread functions and timer tasks are queued here and run
// only inside RunOne(), in a defined order: jobs by priority (HIGH, USER, LOW, BOTTOM) and then age,
// threads by age, timers by due time. Whoever would block (a condition variable, a sleep, a join) calls
// RunOne() instead; with nothing to run, an untimed wait is a deadlock and stops the engine loudly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>

#include "wasm/port/timed_tasks.h"

namespace rocksdb_wasm {

// Thrown through a thread function that waits with nothing left to run: the function unwinds to the
// scheduler and is called again from its start when there is a reason to. RocksDB's service threads are
// loops over shared state, so a new start continues where the old one stopped.
struct ThreadParked {
  uint64_t wake_micros;  // kNever: only a signal wakes it
  static constexpr uint64_t kNever = TimedTasks::kNever;
};

// One port::Thread: a function that has not run yet, is parked, or is done.
struct ThreadRecord {
  enum State { kReady, kRunning, kParked, kDone };
  std::function<void()> function;
  State state = kReady;
  bool detached = false;
  uint64_t wake_micros = 0;    // when parked: due at this time,
  bool signalled = false;      // or when what it waits for was signalled
  // The condition variable that it is parked at; null: no one in particular, any signal may be meant.
  const void* parked_at = nullptr;
  uint64_t id = 0;
  // Its loop begins with a wait for its time, so a new start would wait anew: see ThreadsWaitFirst.
  bool waits_first = false;
  bool time_has_come = false;  // of that wait: it is over at once
};

// Threads that are started while one lives begin with a timed wait.
class ThreadsWaitFirst {
 public:
  ThreadsWaitFirst() { active_ = true; }
  ~ThreadsWaitFirst() { active_ = false; }
  static bool active() { return active_; }

 private:
  static inline bool active_ = false;
};

// Who has some databases' jobs wait for a time (a rate limiter).
class JobHold {
 public:
  virtual ~JobHold() = default;
  // Microseconds for which queued jobs with that tag are not started; 0: none.
  virtual uint64_t DelayMicros(void* tag, int priority) const = 0;
};

// Who can end a wait that work cannot end. False: it has nothing to do with what is waited for.
class StallRelief {
 public:
  virtual ~StallRelief() = default;
  // Asked before any work runs: there is some, and it would go on for ever, since it waits for the waiting call.
  virtual bool RelieveAtOnce() { return false; }
  // Asked when no work is left.
  virtual bool Relieve() { return false; }
  // Asked last: nothing will end the wait, neither work nor time.
  virtual bool GiveUp() { return false; }
};

class Scheduler {
 public:
  enum Priority { kBottom, kLow, kHigh, kUser, kPriorities };  // rocksdb::Env::Priority's values

  static Scheduler& Get();

  void Schedule(void (*function)(void*), void* arg, int priority, void* tag,
                void (*unschedule)(void*));
  // Drops the queued jobs of a tag, calling their unschedule functions. Returns how many.
  int Unschedule(void* tag, int priority);
  size_t QueueLength(int priority) const { return jobs_[priority].size(); }

  std::shared_ptr<ThreadRecord> StartThread(std::function<void()> function);
  // Runs other work, and the thread itself, until the thread's function has returned.
  void JoinThread(const std::shared_ptr<ThreadRecord>& thread);

  void AddHold(JobHold* hold) { holds_.push_back(hold); }
  void RemoveHold(JobHold* hold) { holds_.remove(hold); }
  void AddRelief(StallRelief* relief) { reliefs_.push_back(relief); }
  void RemoveRelief(StallRelief* relief) { reliefs_.remove(relief); }
  // A job is what runs now, and no thread or timer task within it.
  bool InJob() const { return in_job_; }
  void* job_tag() const { return job_tag_; }

  void AddTimedTasks(TimedTasks* tasks);
  void RemoveTimedTasks(TimedTasks* tasks);

  // Runs one job that is not held, one ready thread, or one due timer task. False: there was nothing to run.
  bool RunOne();
  // For who waits for work that is held: runs a job that is, once its time has come. A job that waits does not
  // hold up the host for that: it has the other one run at once. False: none is held.
  bool RunHeld();
  // The same, for who waits for nothing: leaves work alone while a job has asked for a pause.
  bool RunOneUnlessPaused();

  // A pause. Before anything else queued work runs; with none, time passes. A background job that pauses
  // (RocksDB does so before it tries a failed flush again) does not hold up the host: it goes on at once,
  // and no further background work starts by itself until the time has come.
  void Sleep(uint64_t micros);

  // For a wait that only other work can end: runs one piece of it. Nothing to run: parks the current
  // thread at `condition` until that is signalled, or stops the engine with a deadlock.
  void WaitForWork(const char* what, const void* condition = nullptr);
  // For a wait that time ends too. True: `deadline_micros` has passed with nothing to run.
  bool WaitUntil(uint64_t deadline_micros, const void* condition = nullptr);
  // Threads that are parked there look again. Others do not: two that signal in each round would wake each other for ever.
  void Signal(const void* condition);

  // What the host reads after each call: the number of pieces of work that could run now, leaving out
  // what waits for the clock.
  uint32_t* pending_word() { return &pending_; }
  // The time at which something that waits for the clock is due; kNever when there is nothing.
  uint64_t NextDueMicros();

 private:
  struct Job {
    void (*function)(void*);
    void* arg;
    void* tag;
    void (*unschedule)(void*);
  };
  class Frame;
  bool RunJob();
  void Start(int priority, std::list<Job>::iterator job);
  uint64_t DelayMicros(const Job& job, int priority) const;
  // The queued job that is held for the shortest time, and that time; kNever: none is held.
  uint64_t LeastHeld(int* priority, std::list<Job>::iterator* job);
  bool RunThread();
  bool RunTimer();
  uint64_t NextWakeMicros() const;  // of parked threads
  bool Ready(const ThreadRecord& thread, uint64_t now) const;
  // Whether it is a local variable of the piece of work that runs (in RocksDB's rate limiter). Its wait is in the midst of
  // work: a thread that parked would begin that anew. And what else ran meanwhile may wait for this one: nothing does.
  bool InWork(const void* condition) const;
  [[noreturn]] void Park(uint64_t wake_micros, const void* condition);
  void Execute(const std::shared_ptr<ThreadRecord>& thread);
  void UpdatePending();

  // Lists: a deque keeps spare blocks, more or fewer depending on what ran before.
  std::list<Job> jobs_[kPriorities];
  std::list<std::shared_ptr<ThreadRecord>> threads_;
  std::list<TimedTasks*> timed_;
  std::list<JobHold*> holds_;
  std::list<StallRelief*> reliefs_;
  ThreadRecord* current_ = nullptr;  // the thread whose frame is innermost, if no job's is
  Frame* frame_ = nullptr;  // the innermost
  uint64_t next_thread_id_ = 1;
  bool in_job_ = false;
  void* job_tag_ = nullptr;
  uint32_t depth_ = 0;
  uint64_t paused_until_micros_ = 0;
  uint32_t pending_ = 0;
};

// Nested pieces of work deeper than this are not started: the stack is finite.
constexpr uint32_t kMaxDepth = 12;

enum class FatalReason : uint32_t { kDeadlock = 1, kOutOfMemory = 2, kAbort = 3, kCorruptHeap = 4 };
// Tells the host why, and traps. The engine is unusable afterwards.
[[noreturn]] void Fatal(FatalReason reason, const char* message);

}  // namespace rocksdb_wasm
