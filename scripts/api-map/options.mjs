import { at, camel, no } from '../api-table/rows.mjs';

export default {
  area: 'options',
  c: {
    rocksdb_options_create: ['DBOptions', 'ColumnFamilyOptions'],
    rocksdb_options_destroy: at(['DBOptions', 'ColumnFamilyOptions'], 'plain objects'),
    rocksdb_options_create_copy: at(
      ['DBOptions', 'ColumnFamilyOptions'],
      'plain objects: { ...options }',
    ),
    rocksdb_options_increase_parallelism: no('oneThread'),
    rocksdb_options_optimize_for_point_lookup: 'optimizeForPointLookup',
    rocksdb_options_optimize_level_style_compaction: 'optimizeLevelStyleCompaction',
    rocksdb_options_optimize_universal_style_compaction: 'optimizeUniversalStyleCompaction',
    rocksdb_options_prepare_for_bulk_load: 'prepareForBulkLoad',
    rocksdb_options_compaction_readahead_size: 'DBOptions.compactionReadaheadSize',
    rocksdb_options_set_block_based_table_factory: 'ColumnFamilyOptions.blockBasedTable',
    rocksdb_options_set_cuckoo_table_factory: 'ColumnFamilyOptions.cuckooTable',
    rocksdb_options_set_plain_table_factory: 'ColumnFamilyOptions.plainTable',
    rocksdb_options_set_memtable_vector_rep: "ColumnFamilyOptions.memtableFactory='vector'",
    rocksdb_options_set_hash_skip_list_rep: "ColumnFamilyOptions.memtableFactory='prefixHash'",
    rocksdb_options_set_hash_link_list_rep: "ColumnFamilyOptions.memtableFactory='hashLinkedlist'",
    rocksdb_options_set_uint64add_merge_operator: "ColumnFamilyOptions.mergeOperator='uint64add'",
    rocksdb_options_set_db_paths: 'OpenOptions.dbPaths',
    rocksdb_options_set_cf_paths: 'OpenOptions.cfPaths',
    rocksdb_options_set_min_level_to_compress: at(
      'ColumnFamilyOptions.compressionPerLevel',
      "'none' for the levels below",
    ),
    rocksdb_options_set_universal_compaction_options:
      'ColumnFamilyOptions.compactionOptionsUniversal',
    rocksdb_options_set_fifo_compaction_options: 'ColumnFamilyOptions.compactionOptionsFifo',
    rocksdb_options_set_compression_options: 'ColumnFamilyOptions.compressionOpts',
    rocksdb_options_set_bottommost_compression_options:
      'ColumnFamilyOptions.bottommostCompressionOpts',
    rocksdb_options_set_row_cache: 'OpenOptions.rowCache',
    rocksdb_options_add_compact_on_deletion_collector_factory:
      'ColumnFamilyOptions.compactOnDeletion',
    rocksdb_options_add_compact_on_deletion_collector_factory_del_ratio:
      'ColumnFamilyOptions.compactOnDeletion',
    rocksdb_block_based_options_create: 'BlockBasedTableOptions',
    rocksdb_block_based_options_destroy: at('BlockBasedTableOptions', 'a plain object'),
    rocksdb_block_based_options_set_data_block_hash_ratio:
      'BlockBasedTableOptions.dataBlockHashTableUtilRatio',
    rocksdb_block_based_options_set_top_level_index_pinning_tier:
      'BlockBasedTableOptions.metadataCacheOptions.topLevelIndexPinning',
    rocksdb_block_based_options_set_partition_pinning_tier:
      'BlockBasedTableOptions.metadataCacheOptions.partitionPinning',
    rocksdb_block_based_options_set_unpartitioned_pinning_tier:
      'BlockBasedTableOptions.metadataCacheOptions.unpartitionedPinning',
    rocksdb_filterpolicy_create_bloom: "BlockBasedTableOptions.filterPolicy='bloom:10'",
    rocksdb_filterpolicy_create_bloom_full: "BlockBasedTableOptions.filterPolicy='bloom:10'",
    rocksdb_filterpolicy_create_ribbon: "BlockBasedTableOptions.filterPolicy='ribbon:10'",
    rocksdb_filterpolicy_create_ribbon_hybrid: "BlockBasedTableOptions.filterPolicy='ribbon:10:1'",
    rocksdb_filterpolicy_destroy: at(
      'BlockBasedTableOptions.filterPolicy',
      'a name or a plain object',
    ),
    rocksdb_load_latest_options_destroy: at('RocksDB.loadLatestOptions', 'plain objects'),
    rocksdb_slicetransform_create_fixed_prefix: "ColumnFamilyOptions.prefixExtractor='fixed:4'",
    rocksdb_slicetransform_create_noop: "ColumnFamilyOptions.prefixExtractor='noop'",
  },
  cRules: [
    [
      /^rocksdb_options_[sg]et_allow_mmap_(reads|writes)$/,
      () => no('wasm', 'true is refused: there is no mmap'),
    ],
    [
      /^rocksdb_options_[sg]et_use_direct_(reads|io_for_flush_and_compaction)$/,
      () => no('wasm', 'true is refused: WASI has no direct I/O'),
    ],
    [
      /^rocksdb_options_[sg]et_(max_file_opening_threads|max_subcompactions|compression_options_parallel_threads)$/,
      () => no('oneThread', 'anything but 1 is refused'),
    ],
    [
      /^rocksdb_options_[sg]et_enable_blob_gc$/,
      () => 'ColumnFamilyOptions.enableBlobGarbageCollection',
    ],
    [
      /^rocksdb_options_[sg]et_blob_gc_(\w+)$/,
      ([, name]) => `ColumnFamilyOptions.${camel(`blob_garbage_collection_${name}`)}`,
    ],
    [
      /^rocksdb_options_[sg]et_(bottommost_)?compression_options_(\w+)$/,
      ([, bottommost, name]) =>
        `ColumnFamilyOptions.${bottommost ? 'bottommostCompressionOpts' : 'compressionOpts'}.${camel(name)}`,
    ],
    [
      /^rocksdb_universal_compaction_options_(?:[sg]et_(\w+)|create|destroy)$/,
      ([, name]) => ['ColumnFamilyOptions.compactionOptionsUniversal', name],
    ],
    [
      /^rocksdb_fifo_compaction_options_(?:[sg]et_(\w+)|create|destroy)$/,
      ([, name]) => ['ColumnFamilyOptions.compactionOptionsFifo', name],
    ],
    [
      /^rocksdb_cuckoo_options_set_hash_ratio$/,
      () => 'ColumnFamilyOptions.cuckooTable.hashTableRatio',
    ],
    [
      /^rocksdb_cuckoo_options_(?:set_(\w+)|create|destroy)$/,
      ([, name]) => ['ColumnFamilyOptions.cuckooTable', name],
    ],
  ].map(([pattern, make]) => [
    pattern,
    (match) => {
      const made = make(match);
      if (!Array.isArray(made)) return made;
      const [owner, name] = made;
      return name === undefined ? at(owner, 'a plain object') : `${owner}.${camel(name)}`;
    },
  ]),
};
