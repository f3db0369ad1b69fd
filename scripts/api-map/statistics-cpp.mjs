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
        recordTick: no('internal', 'RocksDB counts'),
        setTickerCount: no('internal', 'RocksDB counts'),
        reportTimeToHistogram: no('internal', 'RocksDB counts'),
        measureTime: no('deprecated'),
        recordInHistogram: no('internal', 'RocksDB counts'),
        HistEnabledForType: no('internal', 'RocksDB asks it'),
        ToString: 'Statistics#toString',
        getTickerMap: 'Statistics#getTickerMap',
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
      methods: perf,
      fields: perf,
      names: { copyMetrics: no('internal') },
    }),
    PerfContextBase: type(perf, { fields: perf }),
    PerfContextByLevel: type(perf, { methods: perf }),
    PerfContextByLevelBase: type(perf, { fields: perf }),
    get_perf_context: perf,
    PerfLevel: 'RocksDB#withPerfContext',
    SetPerfLevel: 'RocksDB#withPerfContext',
    GetPerfLevel: at('RocksDB#withPerfContext', 'it holds while the function runs'),
    IOStatsContext: type('Engine#ioStatsContext', {
      methods: 'Engine#ioStatsContext',
      fields: 'Engine#ioStatsContext',
    }),
    FileIOByTemperature: type('Engine#ioStatsContext', {
      methods: 'Engine#ioStatsContext',
      fields: 'Engine#ioStatsContext',
    }),
    get_iostats_context: 'Engine#ioStatsContext',
    TableProperties: type(tables, {
      fields: tables,
      methods: no('internal', 'between RocksDB and its files'),
    }),
    TablePropertiesNames: type(tables, { fields: tables }),
    GetDeletedKeys: no('deprecated', 'numDeletions of the properties'),
    GetMergeOperands: no('deprecated', 'numMergeOperands of the properties'),
    MemoryUtil: type('memoryUsageByType', {
      methods: 'memoryUsageByType',
      names: { UsageType: 'memoryUsageByType' },
    }),
    BlockCacheEntryStatsMapKeys: type(at('RocksDB#getMapProperty', 'keys of the result'), {
      methods: 'RocksDB#getMapProperty',
    }),
  },
  headers: { 'thread_status.h': threads },
};
