// Backups. Part of the contract: bindings.h says the grammar; `packed`: see contract/files.h.
#pragma once

#include "wasm/bindings/bindings.h"

struct rdb_backup_engine;

// Options packed. `read_only` 1: nothing in the folder is changed. `logger`: the number of a host object, which is held
// until the engine is freed; 0: none.
RDB_EXPORT(rdb_status, rdb_backup_engine_open)(const uint8_t* options, uint32_t read_only,
                                               uint32_t logger, rdb_backup_engine** out);
RDB_EXPORT(void, rdb_backup_engine_free)(rdb_backup_engine* engine);

struct rdb_backup_id {
  uint32_t id;
};

// Methods of the host object that a backup reports to.
enum rdb_backup_method : uint32_t { kBackupProgress = 0, kBackupExclude = 1 };

struct rdb_backup_progress {
  uint32_t stop;             // out: 1 stops the backup
};

struct rdb_backup_exclude {
  uint32_t file;             // relative to the backups' folder
  uint32_t file_length;
  uint32_t exclude;          // out
};

struct rdb_backup_request {
  uint32_t flush;
  uint32_t metadata;
  uint32_t metadata_length;
  uint32_t callback;         // the number of a host object; 0: none
  uint32_t progress;         // 1: it wants to know of the progress
  uint32_t exclude;          // 1: it says which files to leave out
};

RDB_EXPORT(rdb_status, rdb_backup_engine_create)(rdb_backup_engine* engine, rdb_db* db,
                                                 rdb_backup_request* request, rdb_backup_id* out);
RDB_EXPORT(rdb_status, rdb_backup_engine_purge)(rdb_backup_engine* engine, uint32_t keep);
RDB_EXPORT(rdb_status, rdb_backup_engine_delete)(rdb_backup_engine* engine, uint32_t id);
RDB_EXPORT(rdb_status, rdb_backup_engine_collect_garbage)(rdb_backup_engine* engine);
// Packed. `id` 0: all that are not corrupt.
RDB_EXPORT(rdb_status, rdb_backup_engine_get_info)(rdb_backup_engine* engine, uint32_t id,
                                                   uint32_t details, rdb_slice* out);
// Packed ids.
RDB_EXPORT(rdb_status, rdb_backup_engine_get_corrupted)(rdb_backup_engine* engine, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_backup_engine_verify)(rdb_backup_engine* engine, uint32_t id,
                                                 uint32_t checksums);
// `id` 0: the latest that is not corrupt. `others`: engines that have files left out of this one's backups.
RDB_EXPORT(rdb_status, rdb_backup_engine_restore)(rdb_backup_engine* engine, uint32_t id,
                                                  const uint8_t* path, uint32_t path_length,
                                                  const uint8_t* wal_path, uint32_t wal_path_length,
                                                  uint32_t keep_log_files,
                                                  rdb_backup_engine** others,
                                                  uint32_t other_count);

enum rdb_backup_difference : uint32_t {
  kBackupSame = 0,
  kBackupOtherDatabase = 1,  // another identity
  kBackupOtherFamilies = 2,
  kBackupOtherContents = 3,
};

struct rdb_backup_comparison {
  uint32_t difference;
  uint32_t entries;          // compared
};

// Opens both the backup and the database at request->path for reading, and compares: the identity and, unless
// `identity_only`, all entries. The request's families are all of the database's.
RDB_EXPORT(rdb_status, rdb_backup_engine_compare)(rdb_backup_engine* engine, uint32_t id,
                                                  rdb_open_request* request,
                                                  uint32_t identity_only,
                                                  rdb_backup_comparison* out);
