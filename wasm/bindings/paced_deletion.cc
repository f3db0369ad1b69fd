// Compiled so that private members can be read (scripts/compile.mjs): the queue of files to delete, and its thread.
#include "wasm/bindings/paced_deletion.h"

#include "file/sst_file_manager_impl.h"
#include "port/port.h"
#include "rocksdb/system_clock.h"
#include "wasm/port/scheduler.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

// No file is being deleted: what is pending is what is queued.
void CountPending(DeleteScheduler* deletion) {
  deletion->pending_files_ = static_cast<int32_t>(deletion->queue_.size());
  for (auto& [bucket, pending] : deletion->pending_files_in_buckets_) pending = 0;
  for (const auto& file : deletion->queue_.c) {
    if (!file.bucket.has_value()) continue;
    const auto bucket = deletion->pending_files_in_buckets_.find(*file.bucket);
    if (bucket != deletion->pending_files_in_buckets_.end()) ++bucket->second;
  }
  deletion->cv_.SignalAll();
}

// What the thread begins with each time.
void Resume(DeleteScheduler* deletion, uint64_t rest_until_micros) {
  InstrumentedMutexLock lock(&deletion->mu_);
  CountPending(deletion);
  if (rest_until_micros == ThreadParked::kNever) return;
  while (!deletion->closing_ && deletion->clock_->NowMicros() < rest_until_micros &&
         !deletion->cv_.TimedWait(rest_until_micros)) {
  }
}

}  // namespace

void PaceDeletion(SstFileManager* manager) {
  DeleteScheduler* deletion = &static_cast<SstFileManagerImpl*>(manager)->delete_scheduler_;
  if (deletion->bg_thread_ == nullptr) return;
  ThreadRecord* thread = deletion->bg_thread_->record_.get();
  if (thread->state != ThreadRecord::kReady) return;  // it is paced, and has begun
  thread->function = [deletion, thread, loop = std::move(thread->function)] {
    Resume(deletion, thread->wake_micros);
    loop();
  };
}

}  // namespace rocksdb_wasm
