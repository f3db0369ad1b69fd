// RocksDB's own tools. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

enum rdb_tool : uint32_t { kToolLdb = 0, kToolSstDump = 1 };

// Runs a tool; what it prints goes to standard output and error. `texts`: `count` arguments in the form of
// rdb_db_multi_get's keys, the program's name first. `request`: options of the database, or null. Some errors end
// in proc_exit, and the engine with it.
RDB_TOOLS_EXPORT(rdb_status, rdb_tools_run)(uint32_t tool, const uint8_t* texts, uint32_t count,
                                      rdb_open_request* request, uint32_t* exit_code);

// Reads a write-ahead log. Out: a block for rdb_memory_free of `count` records, each the offset in the file
// (a double), the length, 4 bytes of nothing, and a WriteBatch's bytes, padded to 8. What is torn at the end is left
// out; damage before that is the status.
RDB_TOOLS_EXPORT(rdb_status, rdb_tools_read_wal)(const uint8_t* path, uint32_t path_length,
                                           rdb_slice* out, uint32_t* count);
