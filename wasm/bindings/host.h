// What the module asks of its host beside wasi_snapshot_preview1. None of these may throw.
#pragma once

#include <cstddef>
#include <cstdint>

#define RDB_HOST_IMPORT(name) __attribute__((import_module("rocksdb_host"), import_name(name)))

extern "C" {
// Why the trap that follows happens (rocksdb_wasm::FatalReason); the text is UTF-8.
RDB_HOST_IMPORT("fatal") void rocksdb_host_fatal(uint32_t reason, const char* text, size_t length);
// Linear memory has grown: views of it are stale.
RDB_HOST_IMPORT("memory_grown") void rocksdb_host_memory_grown();
// Takes the database lock that a LOCK file stands for. Returns a WASI errno; 0: held now.
RDB_HOST_IMPORT("lock_file") uint32_t rocksdb_host_lock_file(const char* path, size_t length);
RDB_HOST_IMPORT("unlock_file") uint32_t rocksdb_host_unlock_file(const char* path, size_t length);
// Each allocation and free, while MemoryState.trace is not 0. The block is not written yet, or not freed yet.
RDB_HOST_IMPORT("trace_allocation") void rocksdb_host_trace_allocation(const void* block, uint32_t size,
                                                                       uint32_t owner);
RDB_HOST_IMPORT("trace_free") void rocksdb_host_trace_free(const void* block, uint32_t size,
                                                           uint32_t owner);
}

namespace rocksdb_wasm {

// Fills with randomness of the host. False: the host refused.
bool FillRandom(void* buffer, size_t length);
// Sleeps by the host's clock (an injected clock moves on instead).
void SleepMicros(uint64_t micros);

}  // namespace rocksdb_wasm
