import { at, no, type } from '../api-table/rows.mjs';

const noMmap = no('wasm', 'true is refused: there is no mmap');
const noDirect = no('wasm', 'true is refused: WASI has no direct I/O');
const one = no('oneThread', 'anything but 1 is refused');
const perTable = at('RocksDB#getPropertiesOfAllTables', 'properties of a table');
const registry = no('internal', 'how C++ makes objects of option text, and text of objects');

export default {
  area: 'options',
  cpp: {
    Options: type(['DBOptions', 'ColumnFamilyOptions'], {
      names: {
        OldDefaults: no('deprecated', 'the defaults of RocksDB 4 and 5'),
        Dump: ['RocksDB#getDBOptions', 'RocksDB#getOptions'],
        DumpCFOptions: 'RocksDB#getOptions',
        PrepareForBulkLoad: 'prepareForBulkLoad',
        OptimizeForSmallDb: 'optimizeForSmallDb',
        DisableExtraChecks: at(
          'ColumnFamilyOptions.forceConsistencyChecks',
          '`false` is what it sets',
        ),
      },
    }),
    DBOptions: type('DBOptions', {
      fields: 'DBOptions.{}|OpenOptions.{}',
      names: {
        OldDefaults: no('deprecated', 'the defaults of RocksDB 4 and 5'),
        OptimizeForSmallDb: 'optimizeForSmallDb',
        IncreaseParallelism: no('oneThread'),
        Dump: 'RocksDB#getDBOptions',
        env: 'EngineOptions.fileSystem',
        info_log: 'OpenOptions.logger',
        max_file_opening_threads: one,
        max_subcompactions: one,
        allow_mmap_reads: noMmap,
        allow_mmap_writes: noMmap,
        use_direct_reads: noDirect,
        use_direct_io_for_flush_and_compaction: noDirect,
        compaction_service: no('experimental', 'other processes would do the compaction'),
        checksum_handoff_file_types: no('wasm', "WASI's writes take no checksum"),
      },
    }),
    ColumnFamilyOptions: type('ColumnFamilyOptions', {
      fields: 'ColumnFamilyOptions.{}|OpenOptions.{}',
      names: {
        OldDefaults: no('deprecated', 'the defaults of RocksDB 4 and 5'),
        OptimizeForSmallDb: 'optimizeForSmallDb',
        OptimizeForPointLookup: 'optimizeForPointLookup',
        OptimizeLevelStyleCompaction: 'optimizeLevelStyleCompaction',
        OptimizeUniversalStyleCompaction: 'optimizeUniversalStyleCompaction',
        Dump: 'RocksDB#getOptions',
        table_factory: [
          'ColumnFamilyOptions.blockBasedTable',
          'ColumnFamilyOptions.plainTable',
          'ColumnFamilyOptions.cuckooTable',
        ],
        snap_refresh_nanos: no('deprecated'),
        compaction_thread_limiter: no('oneThread', 'one compaction runs at a time'),
      },
    }),
    AdvancedColumnFamilyOptions: type('ColumnFamilyOptions', {
      fields: 'ColumnFamilyOptions.{}|OpenOptions.{}',
      names: {
        inplace_callback: no('extension', 'called within a write, for each key that is there'),
      },
    }),
    UpdateStatus: no('extension', 'what inplace_callback says'),
    DbPath: type('OpenOptions.dbPaths', { fields: 'OpenOptions.dbPaths[].{}' }),
    FileTemperatureAge: type(
      'ColumnFamilyOptions.compactionOptionsFifo.fileTemperatureAgeThresholds',
      {
        fields: 'ColumnFamilyOptions.compactionOptionsFifo.fileTemperatureAgeThresholds[].{}',
      },
    ),
    CompactionOptionsFIFO: type('ColumnFamilyOptions.compactionOptionsFifo', {
      fields: 'ColumnFamilyOptions.compactionOptionsFifo.{}',
    }),
    CompactionOptionsUniversal: type('ColumnFamilyOptions.compactionOptionsUniversal', {
      fields: 'ColumnFamilyOptions.compactionOptionsUniversal.{}',
    }),
    CompactionStopStyle: 'ColumnFamilyOptions.compactionOptionsUniversal.stopStyle',
    CompactionStyle: 'ColumnFamilyOptions.compactionStyle',
    CompactionPri: 'ColumnFamilyOptions.compactionPri',
    CacheTier: 'DBOptions.lowestUsedCacheTier',
    PrepopulateBlobCache: 'ColumnFamilyOptions.prepopulateBlobCache',
    CompressionType: 'ColumnFamilyOptions.compression',
    CompressionOptions: type('ColumnFamilyOptions.compressionOpts', {
      fields: 'ColumnFamilyOptions.compressionOpts.{}',
      names: {
        parallel_threads: one,
        kDefaultCompressionLevel: at('ColumnFamilyOptions.compressionOpts.level', 'leave it out'),
        SetMinRatio: at(
          'ColumnFamilyOptions.compressionOpts.maxCompressedBytesPerKb',
          '1024 divided by the ratio',
        ),
      },
    }),
    WALRecoveryMode: 'DBOptions.walRecoveryMode',
    InfoLogLevel: 'DBOptions.infoLogLevel',
    Temperature: 'ColumnFamilyOptions.defaultTemperature',
    CreateLoggerFromOptions: no('internal', 'makes the LOG file, which open does'),
    BlockBasedTableOptions: type('BlockBasedTableOptions', {
      fields: 'BlockBasedTableOptions.{}',
      names: {
        flush_block_policy_factory: no(
          'extension',
          'asked at each entry of a table; blockSize decides',
        ),
        persistent_cache: no('experimental', 'needs threads of its own; see secondary caches'),
        IndexType: 'BlockBasedTableOptions.indexType',
        DataBlockIndexType: 'BlockBasedTableOptions.dataBlockIndexType',
        IndexShorteningMode: 'BlockBasedTableOptions.indexShortening',
        PrepopulateBlockCache: 'BlockBasedTableOptions.prepopulateBlockCache',
      },
    }),
    ChecksumType: 'BlockBasedTableOptions.checksum',
    PinningTier: 'BlockBasedTableOptions.metadataCacheOptions.partitionPinning',
    MetadataCacheOptions: type('BlockBasedTableOptions.metadataCacheOptions', {
      fields: 'BlockBasedTableOptions.metadataCacheOptions.{}',
    }),
    CacheEntryRoleOptions: type('BlockBasedTableOptions.cacheUsageOptions', {
      fields: 'BlockBasedTableOptions.cacheUsageOptions',
      names: { Decision: 'BlockBasedTableOptions.cacheUsageOptions' },
    }),
    CacheUsageOptions: type('BlockBasedTableOptions.cacheUsageOptions', {
      fields: 'BlockBasedTableOptions.cacheUsageOptions',
    }),
    BlockBasedTablePropertyNames: type(perTable, { fields: perTable }),
    PlainTablePropertyNames: type(perTable, { fields: perTable }),
    CuckooTablePropertyNames: type(perTable, { fields: perTable }),
    PlainTableOptions: type('ColumnFamilyOptions.plainTable', {
      fields: 'ColumnFamilyOptions.plainTable.{}',
    }),
    EncodingType: 'ColumnFamilyOptions.plainTable.encodingType',
    CuckooTableOptions: type('ColumnFamilyOptions.cuckooTable', {
      fields: 'ColumnFamilyOptions.cuckooTable.{}',
    }),
    NewBlockBasedTableFactory: 'ColumnFamilyOptions.blockBasedTable',
    NewPlainTableFactory: 'ColumnFamilyOptions.plainTable',
    NewCuckooTableFactory: 'ColumnFamilyOptions.cuckooTable',
    NewAdaptiveTableFactory: no('cpp', 'puts factories of C++ together; a family is in one format'),
    TableFactory: no('extension', 'a table format of its own; the three formats are options'),
    FilterPolicy: no('extension', 'asked for each key; Bloom and ribbon filters are options'),
    FilterBuildingContext: no('extension', 'what a FilterPolicy is asked with'),
    NewBloomFilterPolicy: "BlockBasedTableOptions.filterPolicy='bloom:10'",
    NewRibbonFilterPolicy: "BlockBasedTableOptions.filterPolicy='ribbon:10'",
    NewHashSkipListRepFactory: "ColumnFamilyOptions.memtableFactory='prefixHash'",
    NewHashLinkListRepFactory: "ColumnFamilyOptions.memtableFactory='hashLinkedlist'",
    SkipListFactory: type("ColumnFamilyOptions.memtableFactory='skipList'", {
      methods: no('internal', 'what RocksDB asks it'),
    }),
    VectorRepFactory: type("ColumnFamilyOptions.memtableFactory='vector'", {
      methods: no('internal', 'what RocksDB asks it'),
    }),
    PersistentCache: no('experimental', 'needs threads of its own; see secondary caches'),
    NewPersistentCache: no('experimental', 'needs threads of its own; see secondary caches'),
  },
  headers: {
    'memtablerep.h': no('extension', 'a memtable of its own; the four of RocksDB are options'),
    'flush_block_policy.h': no('extension', 'asked at each entry of a table; blockSize decides'),
    'configurable.h': registry,
    'customizable.h': registry,
    'utilities/customizable_util.h': registry,
    'utilities/object_registry.h': registry,
    'utilities/options_type.h': registry,
  },
};
