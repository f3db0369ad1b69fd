import { at } from '../api-table/rows.mjs';

export default {
  area: 'callbacks',
  c: {
    rocksdb_options_set_compaction_filter: 'ColumnFamilyOptions.compactionFilter',
    rocksdb_options_set_compaction_filter_factory: 'ColumnFamilyOptions.compactionFilterFactory',
    rocksdb_compactionfilter_create: 'CompactionFilter',
    rocksdb_compactionfilter_set_ignore_snapshots: 'CompactionFilter.ignoreSnapshots',
    rocksdb_compactionfilter_destroy: at('CompactionFilter', 'a JavaScript object'),
    rocksdb_compactionfiltercontext_is_full_compaction: 'CompactionFilterContext.isFullCompaction',
    rocksdb_compactionfiltercontext_is_manual_compaction: 'CompactionFilterContext.isManualCompaction',
    rocksdb_compactionfilterfactory_create: 'CompactionFilterFactory',
    rocksdb_compactionfilterfactory_destroy: at('CompactionFilterFactory', 'a JavaScript object'),
    rocksdb_comparator_create: 'Comparator',
    rocksdb_comparator_destroy: at('Comparator', 'a JavaScript object'),
    rocksdb_comparator_with_ts_create: 'Comparator.timestampSize',
    rocksdb_mergeoperator_create: 'MergeOperator',
    rocksdb_mergeoperator_destroy: at('MergeOperator', 'a JavaScript object'),
    rocksdb_slicetransform_create: 'SliceTransform',
    rocksdb_slicetransform_destroy: at('SliceTransform', 'a JavaScript object'),
    rocksdb_options_set_info_log: 'OpenOptions.logger',
    rocksdb_options_get_info_log: 'OpenOptions.logger',
    rocksdb_logger_create_stderr_logger: 'OpenOptions.logger',
    rocksdb_logger_create_callback_logger: 'OpenOptions.logger',
    rocksdb_logger_destroy: at('OpenOptions.logger', 'a JavaScript object'),
  },
  cRules: [],
};
