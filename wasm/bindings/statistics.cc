// Statistics, perf context, and what a database tells about itself.
#include "wasm/bindings/contract/statistics.h"

#include "rocksdb/iostats_context.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/stats_history.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/memory_util.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/records.h"
#include "wasm/bindings/resources.h"
#include "wasm/bindings/table_properties.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

void ReadHistogram(const Statistics& statistics, uint32_t histogram, rdb_histogram* out) {
  HistogramData data;
  statistics.histogramData(histogram, &data);
  *out = {data.median,
          data.percentile95,
          data.percentile99,
          data.average,
          data.standard_deviation,
          data.max,
          static_cast<double>(data.count),
          static_cast<double>(data.sum),
          data.min};
}

// A struct of counters, as an array: RocksDB asserts that layout for its own tables of names.
template <typename Counters>
void PackCounters(const Counters& counters, size_t count, RecordWriter* record) {
  const auto* at = reinterpret_cast<const uint64_t*>(&counters);
  for (size_t i = 0; i < count; ++i) record->Double(static_cast<double>(at[i]));
}

constexpr size_t kPerfCount = sizeof(PerfContextBase) / sizeof(uint64_t);
constexpr size_t kPerfLevelCount = sizeof(PerfContextByLevelBase) / sizeof(uint64_t);
constexpr size_t kIoCount = offsetof(IOStatsContext, disable_iostats) / sizeof(uint64_t);

}  // namespace

rdb_statistics* rdb_statistics_create(uint32_t level) {
  auto* statistics = NewOwned<rdb_statistics>(Owner::kStatistics);
  OwnerScope owner(statistics->slot());
  statistics->statistics = CreateDBStatistics();
  statistics->statistics->set_stats_level(static_cast<StatsLevel>(level));
  return statistics;
}

void rdb_statistics_free(rdb_statistics* statistics) { DeleteOwned(statistics); }

uint32_t rdb_statistics_get_level(rdb_statistics* statistics) {
  return statistics->statistics->get_stats_level();
}

void rdb_statistics_set_level(rdb_statistics* statistics, uint32_t level) {
  statistics->statistics->set_stats_level(static_cast<StatsLevel>(level));
}

rdb_status rdb_statistics_read_tickers(rdb_statistics* statistics, rdb_slice* out) {
  OwnerScope owner(statistics->slot());
  return Guarded([&]() -> Status {
    RecordWriter record;
    for (uint32_t i = 0; i < TICKER_ENUM_MAX; ++i) {
      record.Double(static_cast<double>(statistics->statistics->getTickerCount(i)));
    }
    return record.Give(out);
  });
}

rdb_status rdb_statistics_read_histograms(rdb_statistics* statistics, rdb_slice* out) {
  OwnerScope owner(statistics->slot());
  return Guarded([&]() -> Status {
    std::vector<rdb_histogram> histograms(HISTOGRAM_ENUM_MAX);
    for (uint32_t i = 0; i < HISTOGRAM_ENUM_MAX; ++i) {
      ReadHistogram(*statistics->statistics, i, &histograms[i]);
    }
    return GiveBytes(std::string(reinterpret_cast<const char*>(histograms.data()),
                                 histograms.size() * sizeof(rdb_histogram)),
                     out);
  });
}

double rdb_statistics_ticker(rdb_statistics* statistics, uint32_t ticker) {
  return static_cast<double>(statistics->statistics->getTickerCount(ticker));
}

double rdb_statistics_take_ticker(rdb_statistics* statistics, uint32_t ticker) {
  return static_cast<double>(statistics->statistics->getAndResetTickerCount(ticker));
}

void rdb_statistics_set_ticker(rdb_statistics* statistics, uint32_t ticker, double count) {
  statistics->statistics->setTickerCount(ticker, static_cast<uint64_t>(count));
}

void rdb_statistics_record_tick(rdb_statistics* statistics, uint32_t ticker, double count) {
  statistics->statistics->recordTick(ticker, static_cast<uint64_t>(count));
}

void rdb_statistics_record_value(rdb_statistics* statistics, uint32_t histogram, double value) {
  statistics->statistics->recordInHistogram(histogram, static_cast<uint64_t>(value));
}

void rdb_statistics_histogram(rdb_statistics* statistics, uint32_t histogram, rdb_histogram* out) {
  ReadHistogram(*statistics->statistics, histogram, out);
}

rdb_status rdb_statistics_text(rdb_statistics* statistics, rdb_slice* out) {
  OwnerScope owner(statistics->slot());
  return Guarded([&]() -> Status { return GiveBytes(statistics->statistics->ToString(), out); });
}

rdb_status rdb_statistics_histogram_text(rdb_statistics* statistics, uint32_t histogram,
                                         rdb_slice* out) {
  OwnerScope owner(statistics->slot());
  return Guarded([&]() -> Status {
    return GiveBytes(statistics->statistics->getHistogramString(histogram), out);
  });
}

rdb_status rdb_statistics_reset(rdb_statistics* statistics) {
  OwnerScope owner(statistics->slot());
  return Guarded([&]() -> Status { return statistics->statistics->Reset(); });
}

void rdb_perf_set_level(uint32_t level, uint32_t by_level) {
  OwnerScope owner(Owner::kStatistics);
  SetPerfLevel(static_cast<PerfLevel>(level));
  PerfContext* perf = get_perf_context();
  if (by_level != 0) {
    perf->EnablePerLevelPerfContext();
  } else {
    perf->ClearPerLevelPerfContext();
  }
}

uint32_t rdb_perf_get_level() { return GetPerfLevel(); }

void rdb_perf_reset(uint32_t parts) {
  OwnerScope owner(Owner::kStatistics);
  if (parts & kPerfCounters) get_perf_context()->Reset();
  if (parts & kPerfIo) get_iostats_context()->Reset();
}

rdb_status rdb_perf_read(rdb_slice* out) {
  OwnerScope owner(Owner::kStatistics);
  return Guarded([&]() -> Status {
    const PerfContext& perf = *get_perf_context();
    const auto* levels = perf.per_level_perf_context_enabled ? perf.level_to_perf_context : nullptr;
    RecordWriter record;
    record.Word(kPerfCount);
    record.Word(kIoCount);
    record.Word(kPerfLevelCount);
    record.Word(levels == nullptr ? 0 : static_cast<uint32_t>(levels->size()));
    PackCounters(static_cast<const PerfContextBase&>(perf), kPerfCount, &record);
    PackCounters(*get_iostats_context(), kIoCount, &record);
    if (levels != nullptr) {
      for (const auto& [level, counters] : *levels) {
        record.Double(level);
        PackCounters(static_cast<const PerfContextByLevelBase&>(counters), kPerfLevelCount,
                     &record);
      }
    }
    return record.Give(out);
  });
}

rdb_status rdb_perf_text(uint32_t part, uint32_t exclude_zeros, rdb_slice* out) {
  OwnerScope owner(Owner::kStatistics);
  return Guarded([&]() -> Status {
    return GiveBytes(part == kPerfIo ? get_iostats_context()->ToString(exclude_zeros != 0)
                                     : get_perf_context()->ToString(exclude_zeros != 0),
                     out);
  });
}

rdb_status rdb_db_get_map_property(rdb_db* db, rdb_column_family* cf, const uint8_t* name,
                                   uint32_t name_length, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::map<std::string, std::string> values;
    if (!db->db->GetMapProperty(HandleOf(db, cf), ToSlice(name, name_length), &values)) {
      *out = {0, 0};
      return Status::OK();
    }
    RecordWriter record;
    record.TextMap(values);
    return record.Give(out);
  });
}

rdb_status rdb_db_get_aggregated_int_property(rdb_db* db, const uint8_t* name,
                                              uint32_t name_length, rdb_value* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    uint64_t value = 0;
    out->found = db->db->GetAggregatedIntProperty(ToSlice(name, name_length), &value) ? 1 : 0;
    out->data = static_cast<uint32_t>(value);
    out->length = static_cast<uint32_t>(value >> 32);
    return Status::OK();
  });
}

rdb_status rdb_db_reset_stats(rdb_db* db) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status { return db->db->ResetStats(); });
}

rdb_status rdb_db_get_table_properties(rdb_db* db, rdb_column_family* cf, rdb_slice* ranges,
                                       uint32_t range_count, rdb_slice* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    TablePropertiesCollection tables;
    Status status;
    if (ranges == nullptr) {
      status = db->db->GetPropertiesOfAllTables(HandleOf(db, cf), &tables);
    } else {
      std::vector<Range> wanted;
      for (uint32_t i = 0; i < range_count; ++i) {
        const rdb_slice &begin = ranges[2 * i], &end = ranges[2 * i + 1];
        wanted.emplace_back(ToSlice(ToAddress(begin.data), begin.length),
                            ToSlice(ToAddress(end.data), end.length));
      }
      status = db->db->GetPropertiesOfTablesInRange(HandleOf(db, cf), wanted.data(), wanted.size(),
                                                    &tables);
    }
    if (!status.ok()) return status;
    Plain plain;
    WriteTableCollection(tables, &plain);
    return GiveBytes(plain.bytes(), out);
  });
}

rdb_status rdb_db_get_stats_history(rdb_db* db, double start_seconds, double end_seconds,
                                    rdb_slice* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    std::unique_ptr<StatsHistoryIterator> history;
    Status status =
        db->db->GetStatsHistory(static_cast<uint64_t>(start_seconds),
                                static_cast<uint64_t>(end_seconds), &history);
    if (!status.ok()) return status;
    RecordWriter entries;
    uint32_t count = 0;
    for (; history->Valid(); history->Next(), ++count) {
      entries.Word(static_cast<uint32_t>(history->GetStatsTime()));
      const auto& figures = history->GetStatsMap();
      entries.Word(static_cast<uint32_t>(figures.size()));
      for (const auto& [name, value] : figures) {
        entries.Bytes(name);
        entries.Bytes(std::to_string(value));
      }
    }
    status = history->status();
    if (!status.ok()) return status;
    RecordWriter record;
    record.Word(count);
    record.Append(entries);
    return record.Give(out);
  });
}

rdb_status rdb_memory_usage_read(rdb_db** databases, uint32_t database_count,
                                 rdb_column_family** families, uint32_t family_count,
                                 rdb_cache** caches, uint32_t cache_count, rdb_memory_usage* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    std::vector<DB*> dbs;
    std::unordered_set<const Cache*> distinct;
    for (uint32_t i = 0; i < database_count; ++i) {
      dbs.push_back(databases[i]->db);
      distinct.insert(databases[i]->db->GetDBOptions().row_cache.get());
    }
    for (uint32_t i = 0; i < family_count; ++i) {
      ColumnFamilyDescriptor family;
      const Status described = families[i]->handle->GetDescriptor(&family);
      if (!described.ok()) return described;
      const auto& options = family.options;
      distinct.insert(options.table_factory->GetOptions<Cache>(TableFactory::kBlockCacheOpts()));
      distinct.insert(options.blob_cache.get());
    }
    for (uint32_t i = 0; i < cache_count; ++i) distinct.insert(caches[i]->cache.get());
    std::map<MemoryUtil::UsageType, uint64_t> usage;
    const Status status = MemoryUtil::GetApproximateMemoryUsageByType(dbs, distinct, &usage);
    if (!status.ok()) return status;
    const auto bytes = [&](MemoryUtil::UsageType type) {
      return static_cast<double>(usage[type]);
    };
    *out = {bytes(MemoryUtil::kMemTableTotal), bytes(MemoryUtil::kMemTableUnFlushed),
            bytes(MemoryUtil::kTableReadersTotal), bytes(MemoryUtil::kCacheTotal)};
    return Status::OK();
  });
}
