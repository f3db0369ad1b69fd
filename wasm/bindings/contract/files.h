// Checkpoints, SST files, ingestion, export and import, compaction of files, live files. Part of the contract: bindings.h
// says the grammar. `packed`: wasm/bindings/records.h and src/native/records.ts, in the order that is written there.
#pragma once

#include "wasm/bindings/bindings.h"

struct rdb_exported_files;
struct rdb_sst_file_writer;
struct rdb_sst_file_reader;
struct rdb_sst_iterator;

// --- compaction -----------------------------------------------------------------------------------

struct rdb_compact_options {
  double blob_age_cutoff;            // outside 0 to 1: the column family's
  int32_t target_level;              // -1: as RocksDB chooses
  uint32_t change_level;
  uint32_t exclusive;                // exclusive_manual_compaction
  uint32_t bottommost;               // 0 skip, 1 if there is a filter, 2 force, 3 force optimized
  uint32_t max_subcompactions;
  uint32_t target_path_id;
  uint32_t allow_write_stall;
  uint32_t blob_policy;              // 0 force, 1 disable, 2 the column family's
  uint32_t history_low;              // full_history_ts_low; null: none
  uint32_t history_low_length;
};

// `begin` or `end` null: from the first, to the last key.
RDB_EXPORT(rdb_status, rdb_db_compact_range)(rdb_db* db, rdb_column_family* cf,
                                             const uint8_t* begin, uint32_t begin_length,
                                             const uint8_t* end, uint32_t end_length,
                                             rdb_compact_options* options);
RDB_EXPORT(rdb_status, rdb_db_suggest_compact_range)(rdb_db* db, rdb_column_family* cf,
                                                     const uint8_t* begin, uint32_t begin_length,
                                                     const uint8_t* end, uint32_t end_length);
RDB_EXPORT(rdb_status, rdb_db_promote_l0)(rdb_db* db, rdb_column_family* cf, uint32_t target_level);
// Request and result packed; the result is a block for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_db_compact_files)(rdb_db* db, rdb_column_family* cf,
                                             const uint8_t* request, rdb_slice* out);

struct rdb_wait_options {
  double timeout_micros;             // 0: none
  uint32_t abort_on_pause;
  uint32_t flush;
  uint32_t wait_for_purge;
};

RDB_EXPORT(rdb_status, rdb_db_wait_for_compact)(rdb_db* db, rdb_wait_options* options);

// --- live files -----------------------------------------------------------------------------------

// Results packed, blocks for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_db_get_column_family_metadata)(rdb_db* db, rdb_column_family* cf,
                                                          rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_get_live_files_metadata)(rdb_db* db, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_get_live_files)(rdb_db* db, uint32_t flush, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_get_live_files_storage_info)(rdb_db* db, uint32_t checksums,
                                                           double wal_bytes_for_flush,
                                                           rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_get_live_files_checksum_info)(rdb_db* db, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_db_disable_file_deletions)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_enable_file_deletions)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_delete_file)(rdb_db* db, const uint8_t* name, uint32_t name_length);
// `ranges`: packed, `count` pairs of flag and bytes for begin and end; flag 0: open.
RDB_EXPORT(rdb_status, rdb_db_delete_files_in_ranges)(rdb_db* db, rdb_column_family* cf,
                                                      const uint8_t* ranges, uint32_t count,
                                                      uint32_t include_end);
// `files` 0: the checksums of all blocks; 1: those of whole files.
RDB_EXPORT(rdb_status, rdb_db_verify_checksum)(rdb_db* db, uint32_t files, uint32_t readahead_bytes);

// --- checkpoint, ingestion ------------------------------------------------------------------------

struct rdb_sequence {
  double number;
};

// Makes the folder `path`, which must not be there yet.
RDB_EXPORT(rdb_status, rdb_db_checkpoint)(rdb_db* db, const uint8_t* path, uint32_t path_length,
                                          double log_bytes_for_flush, rdb_sequence* out);
// Request packed: all of it is ingested, or nothing.
RDB_EXPORT(rdb_status, rdb_db_ingest)(rdb_db* db, const uint8_t* request);

// --- export, import, clip -------------------------------------------------------------------------

// Makes the folder `path`, which must not be there yet.
RDB_EXPORT(rdb_status, rdb_exported_files_export)(rdb_db* db, rdb_column_family* cf,
                                                  const uint8_t* path, uint32_t path_length,
                                                  rdb_exported_files** out);
// From what rdb_exported_files_read gave, packed.
RDB_EXPORT(rdb_status, rdb_exported_files_create)(const uint8_t* packed, rdb_exported_files** out);
RDB_EXPORT(rdb_status, rdb_exported_files_read)(rdb_exported_files* files, rdb_slice* out);
RDB_EXPORT(void, rdb_exported_files_free)(rdb_exported_files* files);
// A new column family of the files of `count` exports.
RDB_EXPORT(rdb_status, rdb_exported_files_import)(rdb_db* db,
                                                  rdb_column_family_descriptor* descriptor,
                                                  rdb_exported_files** exports, uint32_t count,
                                                  uint32_t move_files, rdb_column_family** out);
// Deletes what is not in [begin, end).
RDB_EXPORT(rdb_status, rdb_db_clip_column_family)(rdb_db* db, rdb_column_family* cf,
                                                  const uint8_t* begin, uint32_t begin_length,
                                                  const uint8_t* end, uint32_t end_length);

// --- SST files ------------------------------------------------------------------------------------

// Either `db` and `cf` are given, and their options hold, or `options` and `family` say all of them.
struct rdb_sst_options {
  uint32_t db;
  uint32_t cf;
  uint32_t options;          // a RocksDB option string of DB options
  uint32_t options_length;
  uint32_t family;           // rdb_column_family_descriptor
};

RDB_EXPORT(rdb_status, rdb_sst_file_writer_create)(rdb_sst_options* options,
                                                   rdb_sst_file_writer** out);
RDB_EXPORT(void, rdb_sst_file_writer_free)(rdb_sst_file_writer* writer);
RDB_EXPORT(rdb_status, rdb_sst_file_writer_open)(rdb_sst_file_writer* writer, const uint8_t* path,
                                                 uint32_t path_length);

enum rdb_sst_operation : uint32_t {
  kSstPut = 0,
  kSstMerge = 1,
  kSstDelete = 2,
  kSstDeleteRange = 3,       // `value` is the end of the range
  kSstPutEntity = 4,         // `value` is packed: count, then name and value of each column
};

// `timestamp` null: none.
RDB_EXPORT(rdb_status, rdb_sst_file_writer_add)(rdb_sst_file_writer* writer, uint32_t operation,
                                                const uint8_t* key, uint32_t key_length,
                                                const uint8_t* value, uint32_t value_length,
                                                const uint8_t* timestamp,
                                                uint32_t timestamp_length);
// What the file has, packed.
RDB_EXPORT(rdb_status, rdb_sst_file_writer_finish)(rdb_sst_file_writer* writer, rdb_slice* out);
RDB_EXPORT(double, rdb_sst_file_writer_file_size)(rdb_sst_file_writer* writer);

RDB_EXPORT(rdb_status, rdb_sst_file_reader_open)(rdb_sst_options* options, const uint8_t* path,
                                                 uint32_t path_length, rdb_sst_file_reader** out);
RDB_EXPORT(void, rdb_sst_file_reader_free)(rdb_sst_file_reader* reader);
// Packed.
RDB_EXPORT(rdb_status, rdb_sst_file_reader_properties)(rdb_sst_file_reader* reader, rdb_slice* out);
// `entries` 1: counts the entries instead.
RDB_EXPORT(rdb_status, rdb_sst_file_reader_verify)(rdb_sst_file_reader* reader, uint32_t entries);

enum rdb_sst_iterator_flags : uint32_t {
  kSstRaw = 1,               // all that is in the file: deletions, old versions, operands
  kSstNoChecksums = 2,
};

struct rdb_sst_iterator_options {
  uint32_t flags;
  uint32_t lower;            // bounds; null: none. Copied. Not for kSstRaw.
  uint32_t lower_length;
  uint32_t upper;
  uint32_t upper_length;
};

RDB_EXPORT(rdb_status, rdb_sst_iterator_create)(rdb_sst_file_reader* reader,
                                                rdb_sst_iterator_options* options,
                                                rdb_sst_iterator** out);
RDB_EXPORT(void, rdb_sst_iterator_free)(rdb_sst_iterator* iterator);
// Moves as rdb_iterator_move says, then reads entries as rdb_iterator_read does. With kSstRaw an entry's value is
// followed by its sequence number and type, a uint64 of RocksDB's form, within its length.
RDB_EXPORT(rdb_status, rdb_sst_iterator_read)(rdb_sst_iterator* iterator, uint32_t move,
                                              uint32_t reverse, const uint8_t* key,
                                              uint32_t key_length, uint32_t max_bytes,
                                              rdb_entries* out);

// --- copying a column family ----------------------------------------------------------------------

struct rdb_family_copy;

struct rdb_copy_progress {
  double entries;            // written, so far
  double bytes;              // of their keys and values
  double changes;            // keys that had changed, in this round
  uint32_t idle;             // 1: the pass or round is complete
};

// Copies what `source` has at this moment into `target`, in steps; then, in rounds, what has changed
// since. Both handles are used in steps only. It holds a snapshot.
RDB_EXPORT(rdb_status, rdb_family_copy_create)(rdb_db* db, rdb_column_family* source,
                                               rdb_column_family* target, uint32_t write_flags,
                                               rdb_family_copy** out);
RDB_EXPORT(void, rdb_family_copy_free)(rdb_family_copy* copy);
// Until about so many bytes were read or written, or nothing is left.
RDB_EXPORT(rdb_status, rdb_family_copy_step)(rdb_family_copy* copy, double max_bytes,
                                             rdb_copy_progress* out);
// Begins a round, when idle.
RDB_EXPORT(rdb_status, rdb_family_copy_begin_round)(rdb_family_copy* copy);
