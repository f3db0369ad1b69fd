// Stands before RocksDB's util/work_queue.h: the same bounded queue (used by parallel compression),
// waiting through port::CondVar, so that its threads can be parked.
#pragma once

#include <cstddef>
#include <queue>
#include <utility>

#include "port/port.h"
#include "rocksdb/rocksdb_namespace.h"
#include "util/mutexlock.h"

namespace ROCKSDB_NAMESPACE {

template <typename T>
class WorkQueue {
 public:
  // 0: unbounded
  explicit WorkQueue(std::size_t max_size = 0) : cv_(&mutex_), max_size_(max_size) {}

  // False: finish() was called; the item was not taken.
  template <typename U>
  bool push(U&& item) {
    MutexLock guard(&mutex_);
    while (max_size_ != 0 && items_.size() >= max_size_ && !done_) cv_.Wait();
    if (done_) return false;
    items_.push(std::forward<U>(item));
    cv_.SignalAll();
    return true;
  }

  // False: the queue is empty and finish() was called.
  bool pop(T& item) {
    MutexLock guard(&mutex_);
    while (items_.empty() && !done_) cv_.Wait();
    if (items_.empty()) return false;
    item = std::move(items_.front());
    items_.pop();
    cv_.SignalAll();
    return true;
  }

  void setMaxSize(std::size_t max_size) {
    MutexLock guard(&mutex_);
    max_size_ = max_size;
    cv_.SignalAll();
  }

  void finish() {
    MutexLock guard(&mutex_);
    done_ = true;
    cv_.SignalAll();
  }

  void waitUntilFinished() {
    MutexLock guard(&mutex_);
    while (!done_) cv_.Wait();
  }

 private:
  port::Mutex mutex_;
  port::CondVar cv_;
  std::queue<T> items_;
  bool done_ = false;
  std::size_t max_size_;
};

}  // namespace ROCKSDB_NAMESPACE
