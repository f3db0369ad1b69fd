// Stands before RocksDB's util/channel.h: the same queue, waiting through port::CondVar, so that a
// thread that reads from an empty channel can be parked (std::condition_variable::wait is noexcept).
#pragma once

#include <queue>
#include <utility>

#include "port/port.h"
#include "util/mutexlock.h"

namespace ROCKSDB_NAMESPACE {

template <class T>
class channel {
 public:
  channel() : cv_(&lock_) {}
  channel(const channel&) = delete;
  void operator=(const channel&) = delete;

  void sendEof() {
    MutexLock guard(&lock_);
    eof_ = true;
    cv_.SignalAll();
  }

  bool eof() {
    MutexLock guard(&lock_);
    return eof_ && items_.empty();
  }

  size_t size() const {
    MutexLock guard(&lock_);
    return items_.size();
  }

  void write(T&& item) {
    MutexLock guard(&lock_);
    items_.push(std::move(item));
    cv_.Signal();
  }

  // False: the channel is at its end.
  bool read(T& item) {
    MutexLock guard(&lock_);
    while (items_.empty() && !eof_) cv_.Wait();
    if (items_.empty()) return false;
    item = std::move(items_.front());
    items_.pop();
    cv_.Signal();
    return true;
  }

 private:
  mutable port::Mutex lock_;
  port::CondVar cv_;
  std::queue<T> items_;
  bool eof_ = false;
};

}  // namespace ROCKSDB_NAMESPACE
