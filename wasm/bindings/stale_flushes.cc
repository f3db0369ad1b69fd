// Compiled so that private members can be read (scripts/compile.mjs): the queue of flushes.
#include "wasm/bindings/stale_flushes.h"

#include "db/db_impl/db_impl.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

void DropStaleFlushRequests(DB* db) {
  auto* impl = static_cast<DBImpl*>(db->GetRootDB());
  InstrumentedMutexLock lock(impl->mutex());
  ErrorHandler& handler = impl->error_handler_;
  if (!handler.IsBGWorkStopped() || handler.IsRecoveryInProgress()) return;
  while (!impl->flush_queue_.empty()) {
    const DBImpl::FlushRequest stale = impl->PopFirstFromFlushQueue();
    for (const auto& [family, last] : stale.cfd_to_max_mem_id_to_persist) family->UnrefAndTryDelete();
  }
  impl->unscheduled_flushes_ = 0;
}

}  // namespace rocksdb_wasm
