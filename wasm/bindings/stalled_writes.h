// Write stalls that a recovery from a full disk could not end.
#pragma once

#include <memory>

#include "rocksdb/db.h"
#include "wasm/bindings/bindings.h"

namespace rocksdb_wasm {

// A write that RocksDB stalls goes on waiting while a recovery from a background error is under way, and leads the queue of
// writers meanwhile. The recovery begins by flushing everything, for which it has to lead that queue itself: each
// waits for the other (DBImpl::DelayWrite, WriteThread::EnterUnbatched). A write that comes a moment later is refused with
// the background error; as long as the object lives, so is the one that is waiting. The recovery goes on afterwards. Null for
// a database that is opened in a mode without writes.
std::shared_ptr<void> RelieveStalledWrites(ROCKSDB_NAMESPACE::DB* db, const rdb_open_request* request);

// Once a database is closed. Its SST file manager, which others may share, has let go of it, but the thread of its recoveries
// ends only when its time comes; the next recovery would wait for it, and the thread for that one.
void EndIdleRecovery(ROCKSDB_NAMESPACE::DB* db);

// At the end of each call that has failed: what was done to end its wait is taken back.
void EndRelief();

}  // namespace rocksdb_wasm
