// RocksDB's ThreadPoolImpl (used by the trace replayer) on the cooperative scheduler: jobs go into the
// common queue, tagged by their pool.
#include "util/threadpool_imp.h"

#include "port/port.h"
#include "wasm/port/scheduler.h"

namespace ROCKSDB_NAMESPACE {

using rocksdb_wasm::Fatal;
using rocksdb_wasm::FatalReason;
using rocksdb_wasm::Scheduler;

struct ThreadPoolImpl::Impl {
  struct Job {
    Impl* pool;
    void* tag;
    std::function<void()> run;
    std::function<void()> unschedule;
  };

  void Add(Job job) {
    ++queued;
    auto* held = new Job(std::move(job));
    Scheduler::Get().Schedule(
        [](void* arg) {
          std::unique_ptr<Job> job(static_cast<Job*>(arg));
          job->run();
          --job->pool->queued;
        },
        held, priority, held->tag != nullptr ? held->tag : this,
        [](void* arg) {
          std::unique_ptr<Job> job(static_cast<Job*>(arg));
          if (job->unschedule) job->unschedule();
          --job->pool->queued;
        });
  }

  Env* env = nullptr;
  Env::Priority priority = Env::Priority::LOW;
  int threads = 1;
  unsigned int queued = 0;
};

ThreadPoolImpl::ThreadPoolImpl() : impl_(new Impl()) {}
ThreadPoolImpl::~ThreadPoolImpl() { JoinAllThreads(); }

void ThreadPoolImpl::JoinAllThreads() {
  Scheduler::Get().Unschedule(impl_.get(), impl_->priority);
  WaitForJobsAndJoinAllThreads();
}
void ThreadPoolImpl::WaitForJobsAndJoinAllThreads() {
  while (impl_->queued > 0) {
    if (!Scheduler::Get().RunOne() && !Scheduler::Get().RunHeld()) {
      Fatal(FatalReason::kDeadlock, "a thread pool waits for jobs that nothing will run");
    }
  }
}
void ThreadPoolImpl::SetBackgroundThreads(int num) { impl_->threads = num; }
int ThreadPoolImpl::GetBackgroundThreads() { return impl_->threads; }
unsigned int ThreadPoolImpl::GetQueueLen() const { return impl_->queued; }
void ThreadPoolImpl::LowerIOPriority() {}
void ThreadPoolImpl::LowerCPUPriority(CpuPriority) {}
void ThreadPoolImpl::IncBackgroundThreadsIfNeeded(int num) {
  if (impl_->threads < num) impl_->threads = num;
}
void ThreadPoolImpl::SubmitJob(const std::function<void()>& job) {
  impl_->Add({impl_.get(), nullptr, job, nullptr});
}
void ThreadPoolImpl::SubmitJob(std::function<void()>&& job) {
  impl_->Add({impl_.get(), nullptr, std::move(job), nullptr});
}
void ThreadPoolImpl::Schedule(void (*function)(void*), void* arg, void* tag,
                              void (*unschedule)(void*)) {
  std::function<void()> undo;
  if (unschedule != nullptr) undo = [unschedule, arg] { unschedule(arg); };
  impl_->Add({impl_.get(), tag, [function, arg] { function(arg); }, std::move(undo)});
}
int ThreadPoolImpl::UnSchedule(void* tag) {
  return Scheduler::Get().Unschedule(tag, impl_->priority);
}
void ThreadPoolImpl::SetHostEnv(Env* env) { impl_->env = env; }
Env* ThreadPoolImpl::GetHostEnv() const { return impl_->env; }
Env::Priority ThreadPoolImpl::GetThreadPriority() const { return impl_->priority; }
void ThreadPoolImpl::SetThreadPriority(Env::Priority priority) { impl_->priority = priority; }
int ThreadPoolImpl::ReserveThreads(int number) { return number; }
int ThreadPoolImpl::ReleaseThreads(int number) { return number; }

ThreadPool* NewThreadPool(int threads) {
  auto* pool = new ThreadPoolImpl();
  pool->SetBackgroundThreads(threads);
  return pool;
}

}  // namespace ROCKSDB_NAMESPACE
