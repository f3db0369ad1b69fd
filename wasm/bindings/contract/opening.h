// Secondary, follower, TTL; OPTIONS files. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// A secondary or follower takes up what the primary has written since.
RDB_EXPORT(rdb_status, rdb_db_try_catch_up)(rdb_db* db);
// The database was opened with kOpenTtl.
RDB_EXPORT(rdb_status, rdb_ttl_set)(rdb_db* db, rdb_column_family* cf, int32_t ttl);

// Reads an OPTIONS file. `path`: the file, or, with `latest` 1, the folder whose newest one is read. Out: a block for
// rdb_memory_free of `count` texts in the form of rdb_db_multi_get's output: the file's name, the database's
// options, then name and options of each column family.
RDB_EXPORT(rdb_status, rdb_options_load)(const uint8_t* path, uint32_t path_length,
                                         uint32_t latest, rdb_slice* out, uint32_t* count);
// Writes the options in force to a file, in the form of RocksDB's OPTIONS files.
RDB_EXPORT(rdb_status, rdb_options_save)(rdb_db* db, rdb_column_family** families, uint32_t count,
                                         const uint8_t* path, uint32_t path_length);
// Whether a database with such options can be opened by those of the request: RocksDB's reason when not.
RDB_EXPORT(rdb_status, rdb_options_check_compatibility)(rdb_open_request* request);
