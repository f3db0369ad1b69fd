// Who owns bytes on the wasm heap, and the scope that says so. The owner is set before work begins and stays
// with the block until free(). The host reads the names through rdb_memory_owner_name, so this is the one list.
//
// Owners are parts of the engine, below, and, from Owner::kCount on, slots of single handles (owner_slots.h). The
// parts from kMemtable on are shared: scripts/scopes.mjs puts their scopes into RocksDB, so that whoever
// triggers the work is not blamed for what stays.
#pragma once

#include <cstdint>

#define RDB_OWNERS(X)                                                                     \
  X(kEngine, "engine")             /* static set-up, registries                        */ \
  X(kHost, "host")                 /* buffers the TypeScript side asks for             */ \
  X(kDb, "db")                     /* open, close, options                             */ \
  X(kColumnFamily, "columnFamily") /* create and drop                                  */ \
  X(kIterator, "iterator")         /* handles that got no slot of their own            */ \
  X(kSnapshot, "snapshot")                                                                \
  X(kWriteBatch, "writeBatch")                                                            \
  X(kCache, "cache")                                                                      \
  X(kPinnedSlice, "pinnedSlice")                                                          \
  X(kTransaction, "transaction")                                                          \
  X(kTransactionLogIterator, "transactionLogIterator")                                    \
  X(kSstFileWriter, "sstFileWriter")                                                      \
  X(kSstFileReader, "sstFileReader")                                                      \
  X(kBackupEngine, "backupEngine")                                                        \
  X(kRateLimiter, "rateLimiter")                                                          \
  X(kSstFileManager, "sstFileManager")                                                    \
  X(kWriteBufferManager, "writeBufferManager")                                            \
  X(kExportedFiles, "exportedFiles") /* what an export lists                           */ \
  X(kCallback, "callback")         /* functions of the host's in RocksDB's hands       */ \
  X(kRead, "read")                 /* gets, beside what the shared parts hold          */ \
  X(kWrite, "write")               /* puts, likewise                                   */ \
  X(kBackground, "background")     /* purge, timers, threads                           */ \
  X(kFile, "file")                 /* open files                                       */ \
  X(kMemtable, "memtable")         /* with the arenas of their entries                 */ \
  X(kBlockCache, "blockCache")     /* cached blocks                                    */ \
  X(kTableReader, "tableReader")   /* open SST files, with index and filter if uncached */ \
  X(kReadahead, "readahead")       /* prefetch buffers                                 */ \
  X(kVersion, "version")           /* versions, file metadata, the MANIFEST            */ \
  X(kWal, "wal")                                                                          \
  X(kFlush, "flush")                                                                      \
  X(kCompaction, "compaction")                                                            \
  X(kStatistics, "statistics")

namespace rocksdb_wasm {

enum class Owner : uint16_t {
#define RDB_OWNER_ENUM(id, name) id,
  RDB_OWNERS(RDB_OWNER_ENUM)
#undef RDB_OWNER_ENUM
      kCount
};

// Volatile: the compiler takes it that malloc reads no variable, and would drop stores around it.
extern volatile Owner current_owner;

// Blocks allocated while a scope lives belong to its owner.
class OwnerScope {
 public:
  explicit OwnerScope(Owner owner) : outer_(current_owner) { current_owner = owner; }
  ~OwnerScope() { current_owner = outer_; }
  OwnerScope(const OwnerScope&) = delete;
  void operator=(const OwnerScope&) = delete;

 private:
  Owner outer_;
};

}  // namespace rocksdb_wasm
