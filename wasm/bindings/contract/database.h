// A database as a whole: who it is, waiting for its background work, traces, migration. Part of the contract: bindings.h
// says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Out: a block for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_db_identity)(rdb_db* db, uint32_t session, rdb_slice* out);

struct rdb_wait_options {
  double timeout_micros;     // 0: as long as there is work
  uint32_t flush;
  uint32_t wait_for_purge;
};
// Runs background work until none is left. Aborted when that is paused: nobody could let it go on.
RDB_EXPORT(rdb_status, rdb_db_wait_for_compact)(rdb_db* db, rdb_wait_options* options);

enum rdb_trace_kind : uint32_t { kTraceQueries = 0, kTraceIo = 1, kTraceBlockCache = 2 };
enum rdb_trace_filter : uint32_t {
  kTraceFilterGets = 1,
  kTraceFilterWrites = 2,
  kTraceFilterSeeks = 4,
  kTraceFilterSeeksForPrev = 8,
  kTraceFilterMultiGets = 16,
};
struct rdb_trace_options {
  double max_trace_file_size;   // bytes
  double sampling_frequency;    // one of so many
  uint32_t filter;              // rdb_trace_filter: what is left out
  uint32_t preserve_write_order;
};
RDB_EXPORT(rdb_status, rdb_trace_start)(rdb_db* db, uint32_t kind, rdb_trace_options* options,
                                        const uint8_t* path, uint32_t path_length);
RDB_EXPORT(rdb_status, rdb_trace_end)(rdb_db* db, uint32_t kind);
// Does again what a trace of queries has, at once and in order. Out: how many operations, and how many failed.
struct rdb_replayed {
  double operations;
  double failed;
};
RDB_EXPORT(rdb_status, rdb_trace_replay)(rdb_db* db, rdb_column_family** families, uint32_t count,
                                         const uint8_t* path, uint32_t path_length,
                                         rdb_replayed* out);

// Brings a database with the default column family only from the options of one request to those of another.
RDB_EXPORT(rdb_status, rdb_options_migrate)(rdb_open_request* from, rdb_open_request* to);
