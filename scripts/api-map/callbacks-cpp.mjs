import { at, no, type } from '../api-table/rows.mjs';

const merge = 'OpenOptions.mergeOperator.fullMerge';
const collector = 'OpenOptions.tablePropertiesCollectorFactories';
const fixedPrefix = "OpenOptions.sstPartitionerFactory='fixedPrefix:4'";
const onDeletion = 'ColumnFamilyOptions.compactOnDeletion';
const tiering = 'OpenOptions.compactForTiering';
const filled = no('internal', 'RocksDB fills it');
/** Of a struct that listeners get: its names here are written out where RocksDB shortens them. */
const info = (name, names = {}) => type(name, { fields: `${name}.{}`, methods: filled, names });
const family = (name) => ({
  cf_id: `${name}.columnFamilyId`,
  cf_name: `${name}.columnFamilyName`,
});
const familyName = (name) => ({ cf_name: `${name}.columnFamilyName` });

const EVENTS = {
  FileCreationBriefInfo: info('FileCreationBriefInfo', familyName('FileCreationBriefInfo')),
  TableFileCreationBriefInfo: info('FileCreationBriefInfo'),
  TableFileCreationInfo: info('TableFileCreationInfo'),
  BlobFileCreationBriefInfo: info('FileCreationBriefInfo'),
  BlobFileCreationInfo: info('BlobFileCreationInfo'),
  WriteStallInfo: info('WriteStallInfo', {
    ...familyName('WriteStallInfo'),
    cur: 'WriteStallInfo.current',
    prev: 'WriteStallInfo.previous',
    condition: 'WriteStallInfo',
  }),
  FileDeletionInfo: info('FileDeletionInfo'),
  TableFileDeletionInfo: info('FileDeletionInfo'),
  BlobFileDeletionInfo: info('FileDeletionInfo'),
  FileOperationInfo: info('FileOperationInfo', { duration: 'FileOperationInfo.durationNanos' }),
  BlobFileInfo: info('BlobFileAdditionInfo'),
  BlobFileAdditionInfo: info('BlobFileAdditionInfo'),
  BlobFileGarbageInfo: info('BlobFileGarbageInfo'),
  ManualFlushInfo: type('ManualFlushInfo', {
    fields: 'ManualFlushInfo.flushes[].{}',
    names: family('ManualFlushInfo.flushes[]'),
  }),
  FlushJobInfo: info('FlushJobInfo', family('FlushJobInfo')),
  CompactionFileInfo: info('CompactionFileInfo'),
  SubcompactionJobInfo: info('SubcompactionJobInfo', family('SubcompactionJobInfo')),
  CompactionJobInfo: info('CompactionJobInfo', {
    ...family('CompactionJobInfo'),
    input_file_infos: 'CompactionJobInfo.inputFiles',
    output_file_infos: 'CompactionJobInfo.outputFiles',
    table_properties: 'CompactionJobInfo.inputFiles[].tableProperties',
  }),
  MemTableInfo: info('MemTableInfo', familyName('MemTableInfo')),
  ExternalFileIngestionInfo: info(
    'ExternalFileIngestionInfo',
    familyName('ExternalFileIngestionInfo'),
  ),
  BackgroundErrorRecoveryInfo: info('BackgroundErrorRecoveryInfo', {
    old_bg_error: 'BackgroundErrorRecoveryInfo.oldError',
    new_bg_error: 'BackgroundErrorRecoveryInfo.newError',
  }),
  IOErrorInfo: info('IOErrorInfo', {
    io_status: 'IOErrorInfo.status',
    operation: 'IOErrorInfo.type',
    file_path: 'IOErrorInfo.path',
  }),
};

export default {
  area: 'callbacks',
  cpp: {
    Comparator: type('OpenOptions.comparator', {
      methods: 'OpenOptions.comparator.{}',
      names: {
        CompareWithoutTimestamp: at('OpenOptions.comparator.compare', 'it gets keys without'),
        IsSameLengthImmediateSuccessor: no('extension', 'a hint for ranges of keys'),
        CanKeysWithDifferentByteContentsBeEqual: 'OpenOptions.comparator.bytewiseEqual',
        GetMaxTimestamp: no('extension', 'a hint for iterators'),
        GetMinTimestamp: no('extension', 'a hint for iterators'),
        GetRootComparator: no('internal', 'for comparators around comparators'),
        TimestampToString: no('internal', 'for messages'),
        Equal: at('OpenOptions.comparator.compare', '0'),
        EqualWithoutTimestamp: at('OpenOptions.comparator.compare', '0'),
      },
    }),
    CompareInterface: type('OpenOptions.comparator', { methods: 'OpenOptions.comparator.{}' }),
    BytewiseComparator: "OpenOptions.comparator='bytewise'",
    ReverseBytewiseComparator: "OpenOptions.comparator='reverseBytewise'",
    BytewiseComparatorWithU64Ts: "OpenOptions.comparator='bytewiseU64Ts'",
    ReverseBytewiseComparatorWithU64Ts: "OpenOptions.comparator='reverseBytewiseU64Ts'",
    DecodeU64Ts: at('Timestamp', 'a bigint, too'),
    EncodeU64Ts: at('Timestamp', 'a bigint, too'),
    MaxU64Ts: at('Timestamp', '`2n ** 64n - 1n`'),
    MinU64Ts: at('Timestamp', '`0n`'),
    MergeOperator: type('OpenOptions.mergeOperator', {
      names: {
        FullMerge: merge,
        FullMergeV2: merge,
        FullMergeV3: merge,
        PartialMerge: 'OpenOptions.mergeOperator.partialMerge',
        PartialMergeMulti: 'OpenOptions.mergeOperator.partialMergeMulti',
        Name: 'OpenOptions.mergeOperator.name',
        AllowSingleOperand: 'OpenOptions.mergeOperator.allowSingleOperand',
        ShouldMerge: 'OpenOptions.mergeOperator.shouldMerge',
        OpFailureScope: no('extension', 'a merge that throws fails the call'),
      },
    }),
    'MergeOperator::MergeOperationInput': type(merge, { fields: merge }),
    'MergeOperator::MergeOperationOutput': type(merge, { fields: merge }),
    'MergeOperator::MergeOperationInputV3': type(merge, { fields: merge }),
    'MergeOperator::MergeOperationOutputV3': type(merge, { fields: merge }),
    AssociativeMergeOperator: type('OpenOptions.mergeOperator', {
      names: { Merge: 'OpenOptions.mergeOperator.merge' },
    }),
    CompactionFilter: type('OpenOptions.compactionFilter', {
      names: {
        Name: 'OpenOptions.compactionFilter.name',
        Filter: 'OpenOptions.compactionFilter.filter',
        FilterMergeOperand: 'OpenOptions.compactionFilter.filterMergeOperand',
        FilterV2: 'OpenOptions.compactionFilter.filter',
        FilterV3: [
          'OpenOptions.compactionFilter.filter',
          'OpenOptions.compactionFilter.filterEntity',
        ],
        ValueType: 'OpenOptions.compactionFilter.filter',
        Decision: 'OpenOptions.compactionFilter.filter',
        IgnoreSnapshots: no('deprecated', 'anything but true fails in RocksDB'),
        PrepareBlobOutput: no('internal', 'for the stacked BlobDB of old'),
        IsStackedBlobDbInternalCompactionFilter: no('internal', 'for the stacked BlobDB of old'),
        FilterBlobByKey: 'OpenOptions.compactionFilter.filterBlobByKey',
        BlobDecision: no('internal', 'for the stacked BlobDB of old'),
      },
    }),
    'CompactionFilter::Context': type('CompactionFilterContext', {
      fields: 'CompactionFilterContext.{}',
      names: { kUnknownStartLevel: at('CompactionFilterContext.inputStartLevel', 'undefined') },
    }),
    CompactionFilterFactory: type('OpenOptions.compactionFilterFactory', {
      methods: 'OpenOptions.compactionFilterFactory.{}',
      names: { CreateCompactionFilter: 'OpenOptions.compactionFilterFactory.createFilter' },
    }),
    SliceTransform: type('OpenOptions.prefixExtractor', {
      methods: 'OpenOptions.prefixExtractor.{}',
      names: {
        AsString: no('internal', 'for the OPTIONS file'),
        InRange: no('deprecated'),
        FullLengthEnabled: no('extension', 'a hint of C++ transforms of a fixed length'),
        SameResultWhenAppended: 'OpenOptions.prefixExtractor.sameResultWhenAppended',
      },
    }),
    NewFixedPrefixTransform: "ColumnFamilyOptions.prefixExtractor='fixed:4'",
    NewCappedPrefixTransform: "ColumnFamilyOptions.prefixExtractor='capped:4'",
    NewNoopTransform: "ColumnFamilyOptions.prefixExtractor='noop'",
    SstPartitioner: type('SstPartitioner', {
      methods: 'SstPartitioner.{}',
      names: { Name: 'SstPartitionerFactory.name' },
    }),
    'SstPartitioner::Context': type('SstPartitionerFactory.createPartitioner', {
      fields: 'SstPartitionerFactory.createPartitioner({{}})',
      names: {
        smallest_user_key: 'SstPartitionerFactory.createPartitioner({smallestKey})',
        largest_user_key: 'SstPartitionerFactory.createPartitioner({largestKey})',
      },
    }),
    PartitionerRequest: type('SstPartitioner.shouldPartition', {
      fields: at('SstPartitioner.shouldPartition', 'its arguments'),
    }),
    PartitionerResult: at('SstPartitioner.shouldPartition', 'true or false'),
    SstPartitionerFactory: type('SstPartitionerFactory', { methods: 'SstPartitionerFactory.{}' }),
    SstPartitionerFixedPrefix: type(fixedPrefix, { methods: filled }),
    SstPartitionerFixedPrefixFactory: type(fixedPrefix, { methods: filled }),
    NewSstPartitionerFixedPrefixFactory: fixedPrefix,
    TablePropertiesCollector: type('TablePropertiesCollector', {
      methods: 'TablePropertiesCollector.{}',
      names: {
        Add: at('TablePropertiesCollector.addUserKey', 'it is the newer form'),
        AddUserKey: 'TablePropertiesCollector.addUserKey',
        BlockAdd: no('extension', 'called for each block of a table'),
        GetReadableProperties: 'TablePropertiesCollector.readableProperties',
        Name: 'TablePropertiesCollectorFactory.name',
        AsInternal: no('internal', 'a cast'),
      },
    }),
    TablePropertiesCollectorFactory: type([collector, 'TablePropertiesCollectorFactory'], {
      names: {
        CreateTablePropertiesCollector: 'TablePropertiesCollectorFactory.createCollector',
        Name: 'TablePropertiesCollectorFactory.name',
        ToString: no('internal', 'for messages'),
      },
    }),
    'TablePropertiesCollectorFactory::Context': type(
      'TablePropertiesCollectorFactory.createCollector',
      {
        fields: 'TablePropertiesCollectorFactory.createCollector({{}})',
        names: {
          last_level_inclusive_max_seqno_threshold: no('internal', 'for compactForTiering'),
          kUnknownColumnFamily: no('cpp', 'a number for none'),
          kUnknownLevelAtCreation: no('cpp', 'a number for none'),
          kUnknownNumLevels: no('cpp', 'a number for none'),
        },
      },
    ),
    NewCompactOnDeletionCollectorFactory: onDeletion,
    CompactOnDeletionCollectorFactory: type(onDeletion, {
      methods: filled,
      names: {
        SetWindowSize: `${onDeletion}.windowSize`,
        GetWindowSize: `${onDeletion}.windowSize`,
        SetDeletionTrigger: `${onDeletion}.deletionTrigger`,
        GetDeletionTrigger: `${onDeletion}.deletionTrigger`,
        SetDeletionRatio: `${onDeletion}.deletionRatio`,
        GetDeletionRatio: `${onDeletion}.deletionRatio`,
      },
    }),
    NewCompactForTieringCollectorFactory: tiering,
    CompactForTieringCollectorFactory: type(tiering, {
      methods: filled,
      names: {
        SetCompactionTriggerRatio: tiering,
        GetCompactionTriggerRatio: tiering,
      },
    }),
    FileChecksumGenFactory: type(['OpenOptions.fileChecksumGenFactory', 'FileChecksumGenFactory'], {
      names: {
        CreateFileChecksumGenerator: 'FileChecksumGenFactory.createGenerator',
        Name: 'FileChecksumGenFactory.name',
      },
    }),
    FileChecksumGenContext: type('FileChecksumGenFactory.createGenerator', {
      fields: 'FileChecksumGenFactory.createGenerator({{}})',
      names: {
        requested_checksum_func_name: no('internal', 'for factories of several functions'),
      },
    }),
    FileChecksumGenerator: type('FileChecksumGenerator', {
      methods: 'FileChecksumGenerator.{}',
      names: {
        GetChecksum: at('FileChecksumGenerator.finalize', 'what it returns'),
        Name: 'FileChecksumGenFactory.name',
      },
    }),
    GetFileChecksumGenCrc32cFactory: "OpenOptions.fileChecksumGenFactory='crc32c'",
    WalFilter: type('OpenOptions.walFilter', {
      methods: 'OpenOptions.walFilter.{}',
      names: { LogRecord: at('OpenOptions.walFilter.logRecordFound', 'the newer of the two') },
    }),
    'WalFilter::WalProcessingOption': 'OpenOptions.walFilter',
    Logger: type('OpenOptions.logger', {
      names: {
        Close: no('memory', 'a JavaScript object'),
        LogHeader: 'OpenOptions.logger.log',
        Logv: 'OpenOptions.logger.log',
        GetLogFileSize: no('internal', 'for the LOG file'),
        Flush: no('internal', 'for the LOG file'),
        GetInfoLogLevel: 'Logger.infoLogLevel',
        SetInfoLogLevel: 'Logger.infoLogLevel',
        kDoNotSupportGetLogFileSize: no('internal', 'for the LOG file'),
        kDefaultLogLevel: 'Logger.infoLogLevel',
      },
    }),
    LoggerWrapper: no('cpp', 'passes all on'),
    EventListener: type('EventListener', {
      methods: 'EventListener.{}',
      names: {
        Name: no('internal', 'for messages'),
        ShouldBeNotifiedOnFileIO: at('EventListener.onFileReadFinish', 'having one of these'),
      },
    }),
    ...EVENTS,
    CompactionReason: 'CompactionJobInfo.compactionReason',
    FlushReason: 'FlushJobInfo.flushReason',
    BackgroundErrorReason: 'BackgroundErrorInfo.reason',
    FileOperationType: 'FileOperationInfo.type',
    GetCompactionReasonString: at('CompactionJobInfo.compactionReason', 'it is a name'),
    GetFlushReasonString: at('FlushJobInfo.flushReason', 'it is a name'),
    TableFileCreationReason: 'FileCreationBriefInfo.reason',
    BlobFileCreationReason: 'FileCreationBriefInfo.reason',
    WriteStallCondition: 'WriteStallInfo.current',
    WriteStallCause: 'RocksDB#writeStallState',
    CompactionJobStats: type('CompactionJobInfo.stats', {
      fields: 'CompactionJobInfo.stats.{}',
      methods: filled,
      names: { kMaxPrefixLength: filled },
    }),
    Aggregator: no('extension', 'a merge operator in TypeScript can do what it does'),
    AddAggregator: no('extension', 'a merge operator in TypeScript can do what it does'),
    GetAggMergeOperator: no('experimental', 'a merge operator in TypeScript can do what it does'),
    EncodeAggFuncAndPayload: no('experimental', 'for the operator of agg_merge.h'),
    ExtractAggFuncAndValue: no('experimental', 'for the operator of agg_merge.h'),
    ExtractList: no('experimental', 'for the operator of agg_merge.h'),
  },
};
