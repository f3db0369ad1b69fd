import { at, no, type } from '../api-table/rows.mjs';

const perf = 'Engine#perfContext';
const tables = 'RocksDB#getPropertiesOfAllTables';
const threads = no('oneThread', 'what each thread is doing');

export default {
  area: 'statistics',
  cpp: {
    Statistics: type('Statistics', {
      methods: 'Statistics#{}',
      names: {
        Name: no('internal', 'for messages'),
        reportTimeToHistogram: no('internal', 'RocksDB counts'),
        measureTime: no('deprecated'),
        HistEnabledForType: no('internal', 'RocksDB asks it'),
        ToString: 'Statistics#toText',
        getTickerMap: 'Statistics#tickers',
        set_stats_level: 'Statistics#statsLevel',
        get_stats_level: 'Statistics#statsLevel',
      },
    }),
    CreateDBStatistics: 'Statistics',
    HistogramData: type('Statistics#histogramData', { fields: 'Statistics#histogramData().{}' }),
    Tickers: 'Statistics#getTickerCount',
    Histograms: 'Statistics#histogramData',
    StatsLevel: 'Statistics#statsLevel',
    StatsHistoryIterator: type('RocksDB#getStatsHistory', { methods: 'RocksDB#getStatsHistory' }),
    PerfContext: type(['RocksDB#withPerfContext', perf], {
      fields: perf,
      names: {
        copyMetrics: no('internal', 'between threads'),
        Reset: 'Engine#perfContext.reset',
        ToString: 'Engine#perfContext.report',
        EnablePerLevelPerfContext: 'RocksDB#withPerfContext({byLevel})',
        DisablePerLevelPerfContext: 'RocksDB#withPerfContext({byLevel})',
        ClearPerLevelPerfContext: 'Engine#perfContext.reset',
        level_to_perf_context: 'Engine#perfContext.levels',
      },
    }),
    PerfContextBase: type(perf, { fields: 'Engine#perfContext.counters().{}' }),
    PerfContextByLevel: type('Engine#perfContext.levels', { methods: 'Engine#perfContext.reset' }),
    PerfContextByLevelBase: type('Engine#perfContext.levels', {
      fields: 'Engine#perfContext.levels()[].{}',
    }),
    get_perf_context: perf,
    PerfLevel: 'RocksDB#withPerfContext',
    SetPerfLevel: 'RocksDB#withPerfContext',
    GetPerfLevel: at('RocksDB#withPerfContext', 'it holds while the function runs'),
    IOStatsContext: type('Engine#ioStatsContext', {
      fields: 'Engine#ioStatsContext.counters().{}',
      names: {
        Reset: 'Engine#ioStatsContext.reset',
        ToString: 'Engine#ioStatsContext.report',
        thread_pool_id: no('oneThread'),
        file_io_stats_by_temperature: 'Engine#ioStatsContext.counters',
        disable_iostats: no('internal', 'for threads that RocksDB does not count'),
      },
    }),
    FileIOByTemperature: type('Engine#ioStatsContext', {
      methods: 'Engine#ioStatsContext.reset',
      fields: 'Engine#ioStatsContext.counters().{}',
    }),
    get_iostats_context: 'Engine#ioStatsContext',
    TableProperties: type(['TableProperties', tables], {
      fields: 'TableProperties.{}',
      methods: no('internal', 'between RocksDB and its files'),
    }),
    TablePropertiesNames: type(tables, { fields: tables }),
    GetDeletedKeys: no('deprecated', 'numDeletions of the properties'),
    GetMergeOperands: no('deprecated', 'numMergeOperands of the properties'),
    MemoryUtil: type('RocksDB#memoryUsageByType', {
      names: {
        GetApproximateMemoryUsageByType: 'RocksDB#memoryUsageByType',
        UsageType: 'MemoryUsage',
      },
    }),
    BlockCacheEntryStatsMapKeys: type(at('RocksDB#getMapProperty', 'keys of the result'), {
      methods: 'RocksDB#getMapProperty',
    }),
  },
  headers: { 'thread_status.h': threads },
};
