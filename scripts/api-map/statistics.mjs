import { at, camel, no } from '../api-table/rows.mjs';

export default {
  area: 'statistics',
  c: {
    rocksdb_options_enable_statistics: 'OpenOptions.statistics',
    rocksdb_options_set_statistics_level: 'Statistics#level',
    rocksdb_options_get_statistics_level: 'Statistics#level',
    rocksdb_options_statistics_get_string: 'Statistics#toText',
    rocksdb_options_statistics_get_ticker_count: 'Statistics#ticker',
    rocksdb_options_statistics_get_histogram_data: 'Statistics#histogram',
    rocksdb_statistics_histogram_data_create: 'HistogramData',
    rocksdb_statistics_histogram_data_destroy: at('HistogramData', 'a plain object'),
    rocksdb_set_perf_level: 'Engine#perfLevel',
    rocksdb_perfcontext_create: 'PerfContext',
    rocksdb_perfcontext_reset: 'PerfContext#reset',
    rocksdb_perfcontext_report: 'PerfContext#report',
    rocksdb_perfcontext_metric: 'PerfContext#metric',
    rocksdb_perfcontext_destroy: at('PerfContext', 'the engine has one'),
    rocksdb_memory_consumers_create: 'approximateMemoryUsage',
    rocksdb_memory_consumers_add_db: 'approximateMemoryUsage',
    rocksdb_memory_consumers_add_cache: 'approximateMemoryUsage',
    rocksdb_memory_consumers_destroy: at('approximateMemoryUsage', 'arrays'),
    rocksdb_approximate_memory_usage_create: 'approximateMemoryUsage',
    rocksdb_approximate_memory_usage_destroy: at('approximateMemoryUsage', 'a plain object'),
  },
  cRules: [
    [/^rocksdb_statistics_histogram_data_get_(\w+)$/, ([, name]) => `HistogramData.${camel(name)}`],
    [/^rocksdb_approximate_memory_usage_get_(\w+)$/, ([, name]) => `MemoryUsage.${camel(name)}`],
  ],
};
