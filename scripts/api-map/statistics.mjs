import { at, camel } from '../api-table/rows.mjs';

/** HistogramData's fields have names of their own. */
const IRREGULAR = {
  p95: 'percentile95',
  p99: 'percentile99',
  std_dev: 'standardDeviation',
  mem_table_unflushed: 'memTableUnFlushed',
  mem_table_readers_total: 'tableReadersTotal',
};

export default {
  area: 'statistics',
  c: {
    rocksdb_options_enable_statistics: 'OpenOptions.statistics',
    rocksdb_options_set_statistics_level: 'Statistics#statsLevel',
    rocksdb_options_get_statistics_level: 'Statistics#statsLevel',
    rocksdb_options_statistics_get_string: 'Statistics#toText',
    rocksdb_options_statistics_get_ticker_count: 'Statistics#getTickerCount',
    rocksdb_options_statistics_get_histogram_data: 'Statistics#histogramData',
    rocksdb_statistics_histogram_data_create: 'Statistics#histogramData',
    rocksdb_statistics_histogram_data_destroy: at('Statistics#histogramData', 'a plain object'),
    rocksdb_set_perf_level: 'RocksDB#withPerfContext',
    rocksdb_perfcontext_create: ['RocksDB#withPerfContext', 'Engine#perfContext'],
    rocksdb_perfcontext_reset: 'Engine#perfContext.reset',
    rocksdb_perfcontext_report: 'Engine#perfContext.report',
    rocksdb_perfcontext_metric: 'Engine#perfContext.metric',
    rocksdb_perfcontext_destroy: at('Engine#perfContext', 'the engine has one'),
    rocksdb_memory_consumers_create: 'RocksDB#memoryUsageByType',
    rocksdb_memory_consumers_add_db: 'RocksDB#memoryUsageByType',
    rocksdb_memory_consumers_add_cache: 'RocksDB#memoryUsageByType',
    rocksdb_memory_consumers_destroy: at('RocksDB#memoryUsageByType', 'arrays'),
    rocksdb_approximate_memory_usage_create: 'RocksDB#memoryUsageByType',
    rocksdb_approximate_memory_usage_destroy: at('RocksDB#memoryUsageByType', 'a plain object'),
  },
  cRules: [
    [
      /^rocksdb_statistics_histogram_data_get_(\w+)$/,
      ([, name]) => `Statistics#histogramData().${IRREGULAR[name] ?? camel(name)}`,
    ],
    [
      /^rocksdb_approximate_memory_usage_get_(\w+)$/,
      ([, name]) => `MemoryUsage.${IRREGULAR[name] ?? camel(name)}`,
    ],
  ],
};
