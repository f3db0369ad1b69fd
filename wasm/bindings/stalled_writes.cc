// Compiled so that private members can be read (scripts/compile.mjs): the queues of writers, and the recovery's state.
#include "wasm/bindings/stalled_writes.h"

#include "db/db_impl/db_impl.h"
#include "file/sst_file_manager_impl.h"
#include "wasm/port/scheduler.h"

using namespace ROCKSDB_NAMESPACE;

namespace ROCKSDB_NAMESPACE {
// The database whose flush waits until it would not stall writes: set where RocksDB waits (scripts/scopes.mjs).
const void* rdb_stalled_flush = nullptr;
}  // namespace ROCKSDB_NAMESPACE

namespace rocksdb_wasm {

namespace {

class StalledWrites;
StalledWrites* relieved = nullptr;  // whose write has been told that no recovery is under way

class StalledWrites : public StallRelief {
 public:
  explicit StalledWrites(DBImpl* db) : db_(db) { Scheduler::Get().AddRelief(this); }
  ~StalledWrites() override {
    End();
    Scheduler::Get().RemoveRelief(this);
  }

  bool RelieveAtOnce() override {
    ErrorHandler& handler = db_->error_handler_;
    if (!handler.IsDBStopped() || !handler.recovery_in_prog_ || !IsWriteWaiting()) return false;
    handler.recovery_in_prog_ = false;
    relieved = this;
    return true;
  }

  // What waits is refused with what stands in for a background error while it leaves.
  bool GiveUp() override {
    ErrorHandler& handler = db_->error_handler_;
    if (relieved != nullptr || !handler.bg_error_.ok()) return false;
    if (rdb_stalled_flush == db_) {
      const Status stalled = Status::Incomplete(
          "a flush would stall writes, and no flush or compaction is left that would let it go on");
      handler.bg_error_ = Status(stalled, Status::Severity::kHardError);
    } else if (IsWriteWaiting()) {
      handler.bg_error_ = Status::Incomplete(
          "writes are stopped, and no flush or compaction is left that would let them go on");
    } else {
      return false;
    }
    gave_up_ = true;
    relieved = this;
    return true;
  }

  void End() {
    if (relieved != this) return;
    relieved = nullptr;
    if (gave_up_) {
      db_->error_handler_.bg_error_ = Status::OK();
    } else {
      db_->error_handler_.recovery_in_prog_ = true;
    }
    gave_up_ = false;
  }

 private:
  bool IsWriteWaiting() const {
    if (!db_->write_controller_.IsStopped()) return false;
    for (const WriteThread* queue : {&db_->write_thread_, &db_->nonmem_write_thread_}) {
      if (queue->newest_writer_.load() == &queue->write_stall_dummy_) return true;
    }
    return false;
  }

  DBImpl* const db_;
  bool gave_up_ = false;
};

}  // namespace

std::shared_ptr<void> RelieveStalledWrites(DB* db, const rdb_open_request* request) {
  switch (request->mode) {
    case kOpenReadOnly:
    case kOpenSecondary:
    case kOpenFollower:
      return nullptr;
  }
  if (request->read_only != 0) return nullptr;
  return std::make_shared<StalledWrites>(static_cast<DBImpl*>(db->GetRootDB()));
}

void EndIdleRecovery(DB* db) {
  const auto* impl = static_cast<DBImpl*>(db->GetRootDB());
  auto* manager =
      static_cast<SstFileManagerImpl*>(impl->immutable_db_options_.sst_file_manager.get());
  if (manager == nullptr || !manager->error_handler_list_.empty()) return;
  // A manager of the database's own is closed by now, and has joined it.
  std::unique_ptr<port::Thread> thread = std::move(manager->bg_thread_);
  if (thread != nullptr && thread->joinable()) thread->join();
}

void EndRelief() {
  if (relieved != nullptr) relieved->End();
}

}  // namespace rocksdb_wasm
