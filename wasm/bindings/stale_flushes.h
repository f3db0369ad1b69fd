// Flush requests that RocksDB would wait for in vain.
#pragma once

#include "rocksdb/db.h"

namespace rocksdb_wasm {

// A flush that is asked for while background work is stopped stays queued under its column family. A recovery queues none
// of its own for that family then, drops the one that there is, since it is not a recovery's, and waits for ever
// (DBImpl::BackgroundFlush, EnqueuePendingFlush). So it goes before the recovery begins, which flushes everything
// anyway. Does nothing when background work is not stopped, or a recovery has begun.
void DropStaleFlushRequests(ROCKSDB_NAMESPACE::DB* db);

}  // namespace rocksdb_wasm
