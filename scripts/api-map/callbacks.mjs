import { at, no } from '../api-table/rows.mjs';

export default {
  area: 'callbacks',
  c: {
    rocksdb_options_set_compaction_filter: 'OpenOptions.compactionFilter',
    rocksdb_options_set_compaction_filter_factory: 'OpenOptions.compactionFilterFactory',
    rocksdb_compactionfilter_create: 'OpenOptions.compactionFilter.filter',
    rocksdb_compactionfilter_set_ignore_snapshots: no(
      'deprecated',
      'anything but true fails in RocksDB',
    ),
    rocksdb_compactionfilter_destroy: at('OpenOptions.compactionFilter', 'a JavaScript object'),
    rocksdb_compactionfiltercontext_is_full_compaction: 'CompactionFilterContext.isFullCompaction',
    rocksdb_compactionfiltercontext_is_manual_compaction:
      'CompactionFilterContext.isManualCompaction',
    rocksdb_compactionfilterfactory_create: 'OpenOptions.compactionFilterFactory',
    rocksdb_compactionfilterfactory_destroy: at(
      'OpenOptions.compactionFilterFactory',
      'a JavaScript object',
    ),
    rocksdb_comparator_create: 'OpenOptions.comparator.compare',
    rocksdb_comparator_destroy: at('OpenOptions.comparator', 'a JavaScript object'),
    rocksdb_comparator_with_ts_create: 'OpenOptions.comparator.timestampSize',
    rocksdb_mergeoperator_create: [
      'OpenOptions.mergeOperator.fullMerge',
      'OpenOptions.mergeOperator.partialMerge',
    ],
    rocksdb_mergeoperator_destroy: at('OpenOptions.mergeOperator', 'a JavaScript object'),
    rocksdb_slicetransform_create: 'OpenOptions.prefixExtractor.transform',
    rocksdb_slicetransform_destroy: at('OpenOptions.prefixExtractor', 'a JavaScript object'),
    rocksdb_options_set_info_log: 'OpenOptions.logger',
    rocksdb_options_get_info_log: 'OpenOptions.logger',
    rocksdb_logger_create_stderr_logger: 'stderrLogger',
    rocksdb_logger_create_callback_logger: 'OpenOptions.logger',
    rocksdb_logger_destroy: at('OpenOptions.logger', 'a JavaScript object'),
  },
  cRules: [],
};
