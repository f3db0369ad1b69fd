// Who owns bytes on the wasm heap. The host reads the names through rdb_memory_owner_name, so this is
// the one list. The owner is set before work begins (OwnerScope) and stays with the block until free().
#pragma once

#include <cstdint>

#define RDB_OWNERS(X)                                                       \
  X(kEngine, "engine")             /* static set-up, registries          */ \
  X(kHost, "host")                 /* buffers the TypeScript side asks for */ \
  X(kDb, "db")                     /* open, close, options               */ \
  X(kColumnFamily, "columnFamily") /* create and drop                    */ \
  X(kIterator, "iterator")                                                  \
  X(kSnapshot, "snapshot")                                                  \
  X(kWriteBatch, "writeBatch")                                              \
  X(kCache, "cache")               /* cache structures (not the blocks)  */ \
  X(kRead, "read")                 /* gets: blocks and table readers they load */ \
  X(kWrite, "write")               /* puts: memtables, WAL buffers       */ \
  X(kBackground, "background")     /* flush, compaction, purge, timers   */

namespace rocksdb_wasm {

enum class Owner : uint16_t {
#define RDB_OWNER_ENUM(id, name) id,
  RDB_OWNERS(RDB_OWNER_ENUM)
#undef RDB_OWNER_ENUM
      kCount
};

}  // namespace rocksdb_wasm
