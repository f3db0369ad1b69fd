// Tickers, histograms, perf context, properties. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Figures are named by their position in RocksDB's tables: scripts/gen-statistics.mjs gives the host the names in
// that order. Counts are given as doubles, exact up to 2^53.

struct rdb_statistics;

struct rdb_histogram {
  double median;
  double percentile95;
  double percentile99;
  double average;
  double standard_deviation;
  double max;
  double count;
  double sum;
  double min;
};

// `level`: rocksdb::StatsLevel, here and below.
RDB_EXPORT(rdb_statistics*, rdb_statistics_create)(uint32_t level);
// Databases that use them keep them; this gives up the handle's own hold.
RDB_EXPORT(void, rdb_statistics_free)(rdb_statistics* statistics);
RDB_EXPORT(uint32_t, rdb_statistics_get_level)(rdb_statistics* statistics);
RDB_EXPORT(void, rdb_statistics_set_level)(rdb_statistics* statistics, uint32_t level);
// Out: a block for rdb_memory_free, a double for each ticker.
RDB_EXPORT(rdb_status, rdb_statistics_read_tickers)(rdb_statistics* statistics, rdb_slice* out);
// Out: a block for rdb_memory_free, an rdb_histogram for each.
RDB_EXPORT(rdb_status, rdb_statistics_read_histograms)(rdb_statistics* statistics, rdb_slice* out);
RDB_EXPORT(double, rdb_statistics_ticker)(rdb_statistics* statistics, uint32_t ticker);
// Reads it and sets it to 0.
RDB_EXPORT(double, rdb_statistics_take_ticker)(rdb_statistics* statistics, uint32_t ticker);
RDB_EXPORT(void, rdb_statistics_set_ticker)(rdb_statistics* statistics, uint32_t ticker, double count);
RDB_EXPORT(void, rdb_statistics_record_tick)(rdb_statistics* statistics, uint32_t ticker, double count);
RDB_EXPORT(void, rdb_statistics_record_value)(rdb_statistics* statistics, uint32_t histogram, double value);
RDB_EXPORT(void, rdb_statistics_histogram)(rdb_statistics* statistics, uint32_t histogram, rdb_histogram* out);
// As RocksDB writes them to its LOG. Out, here and below: a block for rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_statistics_text)(rdb_statistics* statistics, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_statistics_histogram_text)(rdb_statistics* statistics, uint32_t histogram, rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_statistics_reset)(rdb_statistics* statistics);

// --- perf and I/O counters: those of the engine's one thread ----------------------------------------

// `level`: rocksdb::PerfLevel. `by_level`: count for each level of the tree, too.
RDB_EXPORT(void, rdb_perf_set_level)(uint32_t level, uint32_t by_level);
RDB_EXPORT(uint32_t, rdb_perf_get_level)();

enum rdb_perf_part : uint32_t { kPerfCounters = 1, kPerfIo = 2 };

// `parts`: rdb_perf_part, summed up.
RDB_EXPORT(void, rdb_perf_reset)(uint32_t parts);
// Out: uint32 numbers of perf counters, I/O counters, counters a level, and levels; doubles in that order, where
// each level begins with its number.
RDB_EXPORT(rdb_status, rdb_perf_read)(rdb_slice* out);
RDB_EXPORT(rdb_status, rdb_perf_text)(uint32_t part, uint32_t exclude_zeros, rdb_slice* out);

// --- databases ------------------------------------------------------------------------------------

// Packed text is a uint32 length and the bytes, padded to 4.

// Out: names and values by turns as packed text. data = 0: there is no such property.
RDB_EXPORT(rdb_status, rdb_db_get_map_property)(rdb_db* db, rdb_column_family* cf, const uint8_t* name,
                                                uint32_t name_length, rdb_slice* out);
// The sum over all column families, as rdb_db_get_int_property gives it.
RDB_EXPORT(rdb_status, rdb_db_get_aggregated_int_property)(rdb_db* db, const uint8_t* name,
                                                           uint32_t name_length, rdb_value* out);
RDB_EXPORT(rdb_status, rdb_db_reset_stats)(rdb_db* db);
// `ranges`: begin and end keys by turns as rdb_slice; null: all tables. Out: uint32 tables, numbers and texts a
// table, 0. Each table: its numbers as doubles; its path, its texts, then two maps (a uint32 count; names and values
// by turns), all as packed text; padded to 8.
RDB_EXPORT(rdb_status, rdb_db_get_table_properties)(rdb_db* db, rdb_column_family* cf, rdb_slice* ranges,
                                                    uint32_t range_count, rdb_slice* out);
// Out: uint32 records. Each record: its time, seconds since 1970, a uint32; a uint32 count; names, and counts in
// decimal, by turns as packed text.
RDB_EXPORT(rdb_status, rdb_db_get_stats_history)(rdb_db* db, double start_seconds, double end_seconds,
                                                 rdb_slice* out);

struct rdb_memory_usage {
  double mem_table_total;
  double mem_table_unflushed;
  double table_readers_total;
  double cache_total;
};

// MemoryUtil over databases, their row caches, the block and blob caches of column families, and further
// caches; each cache counts once.
RDB_EXPORT(rdb_status, rdb_memory_usage_read)(rdb_db** databases, uint32_t database_count,
                                              rdb_column_family** families, uint32_t family_count,
                                              rdb_cache** caches, uint32_t cache_count,
                                              rdb_memory_usage* out);
