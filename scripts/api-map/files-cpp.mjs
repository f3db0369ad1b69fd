import { at, no, type } from '../api-table/rows.mjs';

const liveFile = 'RocksDB#getLiveFilesMetaData()[].{}';
const read = 'BackupEngineReadOnly#{}';
const collected = at('RocksDB#getPropertiesOfAllTables', 'what the collector noted in a table');

export default {
  area: 'files',
  cpp: {
    FlushOptions: type('RocksDB#flush', { fields: 'RocksDB#flush({{}})' }),
    CompactionOptions: type('RocksDB#compactFiles', {
      fields: 'RocksDB#compactFiles({{}})',
      names: { compression: no('deprecated', 'RocksDB says: unsafe') },
    }),
    CompactRangeOptions: type('CompactRangeOptions', {
      fields: 'CompactRangeOptions.{}',
      names: {
        canceled: no('oneThread', 'nothing could set it while the compaction runs'),
      },
    }),
    BottommostLevelCompaction: 'CompactRangeOptions.bottommostLevelCompaction',
    BlobGarbageCollectionPolicy: 'CompactRangeOptions.blobGarbageCollectionPolicy',
    WaitForCompactOptions: type('RocksDB#waitForCompact', {
      fields: 'RocksDB#waitForCompact({{}})',
    }),
    IngestExternalFileOptions: type('RocksDB#ingestExternalFile', {
      fields: 'RocksDB#ingestExternalFile({{}})',
    }),
    IngestExternalFileArg: type('RocksDB#ingestExternalFiles', {
      fields: 'RocksDB#ingestExternalFiles',
    }),
    ImportColumnFamilyOptions: type('RocksDB#createColumnFamilyWithImport', {
      fields: 'RocksDB#createColumnFamilyWithImport({{}})',
    }),
    ExportImportFilesMetaData: type('RocksDB#exportColumnFamily', {
      fields: 'ExportImportFilesMetaData.{}',
    }),
    LiveFilesStorageInfoOptions: type('RocksDB#getLiveFilesStorageInfo', {
      fields: 'RocksDB#getLiveFilesStorageInfo({{}})',
    }),
    FileStorageInfo: type('RocksDB#getLiveFilesStorageInfo', {
      fields: 'RocksDB#getLiveFilesStorageInfo()[].{}',
    }),
    LiveFileStorageInfo: type('RocksDB#getLiveFilesStorageInfo', {
      fields: 'RocksDB#getLiveFilesStorageInfo()[].{}',
    }),
    SstFileMetaData: type('RocksDB#getColumnFamilyMetaData().levels[].files', {
      fields: liveFile,
      names: {
        smallestkey: 'RocksDB#getLiveFilesMetaData()[].smallestKey',
        largestkey: 'RocksDB#getLiveFilesMetaData()[].largestKey',
        oldest_ancester_time: 'RocksDB#getLiveFilesMetaData()[].oldestAncestorTime',
        smallest_seqno: 'RocksDB#getLiveFilesMetaData()[].smallestSequenceNumber',
        largest_seqno: 'RocksDB#getLiveFilesMetaData()[].largestSequenceNumber',
        name: at(
          'RocksDB#getLiveFilesMetaData()[].relativeFilename',
          'RocksDB has deprecated `name`',
        ),
        db_path: at(
          'RocksDB#getLiveFilesMetaData()[].directory',
          'RocksDB has deprecated `db_path`',
        ),
      },
    }),
    LiveFileMetaData: type('RocksDB#getLiveFilesMetaData', { fields: liveFile }),
    BlobMetaData: type('RocksDB#getColumnFamilyMetaData().blobFiles', {
      fields: 'RocksDB#getColumnFamilyMetaData().blobFiles[].{}',
    }),
    LevelMetaData: type('RocksDB#getColumnFamilyMetaData().levels', {
      fields: 'RocksDB#getColumnFamilyMetaData().levels[].{}',
    }),
    ColumnFamilyMetaData: type('RocksDB#getColumnFamilyMetaData', {
      fields: 'RocksDB#getColumnFamilyMetaData().{}',
      names: { blob_file_count: at('RocksDB#getColumnFamilyMetaData().blobFiles', 'an array') },
    }),
    FileType: 'RocksDB#getLiveFilesStorageInfo()[].fileType',
    Checkpoint: type('RocksDB#checkpoint', {
      names: {
        Create: 'RocksDB#checkpoint',
        CreateCheckpoint: 'RocksDB#checkpoint',
        ExportColumnFamily: 'RocksDB#exportColumnFamily',
      },
    }),
    SstFileWriter: type('SstFileWriter', {
      methods: 'SstFileWriter#{}',
      names: {
        Add: at('SstFileWriter#put', 'RocksDB has deprecated Add'),
        CreatedBySstFileWriter: no('internal', 'for the ingestion'),
      },
    }),
    ExternalSstFileInfo: type('SstFileWriter#finish', { fields: 'SstFileWriter#finish().{}' }),
    SstFileReader: type('SstFileReader', {
      methods: 'SstFileReader#{}',
      names: {
        Open: 'SstFileReader',
        NewIterator: 'SstFileReader#iterator',
        NewTableIterator: 'SstFileReader#rawIterator',
        GetTableProperties: 'SstFileReader#properties',
      },
    }),
    FileChecksumList: type('RocksDB#getLiveFilesChecksumInfo', {
      methods: 'RocksDB#getLiveFilesChecksumInfo',
      names: {
        reset: no('internal', 'RocksDB fills it'),
        InsertOneFileChecksum: no('internal', 'RocksDB fills it'),
        RemoveOneFileChecksum: no('internal', 'RocksDB fills it'),
      },
    }),
    NewFileChecksumList: at('RocksDB#getLiveFilesChecksumInfo', 'it makes the list'),
    BackupEngineOptions: type('BackupEngine.open', {
      fields: 'BackupEngine.open({{}})',
      names: {
        Dump: no('internal', 'for the LOG file'),
        backup_dir: at('BackupEngine.open', 'its path'),
        backup_env: at('BackupEngine.open({engine})', 'the files are those of the engine'),
        info_log: 'BackupEngine.open({logger})',
        backup_rate_limiter: at('BackupEngine.open({backupRateLimit})', 'a rate of its own'),
        restore_rate_limiter: at('BackupEngine.open({restoreRateLimit})', 'a rate of its own'),
        ShareFilesNaming: 'BackupEngine.open({shareFilesWithChecksumNaming})',
      },
    }),
    BackupExcludedFileInfo: type('BackupEngine#getBackupInfo()[].excludedFiles', {
      fields: 'BackupEngine#getBackupInfo()[].excludedFiles',
    }),
    MaybeExcludeBackupFile: type('BackupEngine#createNewBackup({excludeFiles})', {
      fields: 'BackupEngine#createNewBackup({excludeFiles})',
    }),
    CreateBackupOptions: type('BackupEngine#createNewBackup', {
      fields: 'BackupEngine#createNewBackup({{}})',
      names: {
        progress_callback: 'BackupEngine#createNewBackup({progress})',
        exclude_files_callback: 'BackupEngine#createNewBackup({excludeFiles})',
        decrease_background_thread_cpu_priority: no('oneThread'),
        background_thread_cpu_priority: no('oneThread'),
      },
    }),
    RestoreOptions: type('BackupEngine#restoreDBFromBackup', {
      fields: 'BackupEngine#restoreDBFromBackup({{}})',
    }),
    BackupInfo: type('BackupEngine#getBackupInfo', {
      fields: 'BackupEngine#getBackupInfo()[].{}',
      names: {
        name_for_open: no('internal', 'for an Env that shows the backup as a database'),
        env_for_open: no('internal', 'an Env that shows the backup as a database'),
      },
    }),
    BackupStatistics: no('internal', 'counts that only the C++ engine reads'),
    BackupEngineReadOnlyBase: type('BackupEngineReadOnly', {
      methods: read,
      names: {
        AsBackupEngine: no('cpp', 'a cast'),
        GetLatestBackupInfo: at('BackupEngineReadOnly#getBackupInfo', 'the last of them'),
      },
    }),
    BackupEngineAppendOnlyBase: type('BackupEngine', {
      methods: 'BackupEngine#{}',
      names: {
        StopBackup: at(
          'BackupEngine#createNewBackup({progress})',
          'a callback that throws stops it',
        ),
      },
    }),
    BackupEngine: type('BackupEngine', {
      methods: 'BackupEngine#{}',
      names: { Open: 'BackupEngine.open' },
    }),
    BackupEngineReadOnly: type('BackupEngineReadOnly', {
      names: { Open: 'BackupEngineReadOnly.open' },
    }),
    DataCollectionUnixWriteTimeInfo: type(collected, { fields: collected, methods: collected }),
    GetDataCollectionUnixWriteTimeInfoForFile: collected,
    GetDataCollectionUnixWriteTimeInfoForLevels: collected,
    'experimental::SuggestCompactRange': 'RocksDB#suggestCompactRange',
    'experimental::PromoteL0': 'RocksDB#promoteL0',
    'experimental::GetFileChecksumsFromCurrentManifest': at(
      'RocksDB#getLiveFilesChecksumInfo',
      'of an open database',
    ),
    'experimental::UpdateManifestForFilesState': no(
      'experimental',
      'temperatures of files that were moved',
    ),
    'experimental::UpdateManifestForFilesStateOptions': no('experimental'),
    GetUniqueIdFromTableProperties: no(
      'internal',
      'an id made of dbId, dbSessionId and the file number',
    ),
    GetExtendedUniqueIdFromTableProperties: no(
      'internal',
      'an id made of dbId, dbSessionId and the file number',
    ),
    UniqueIdToHumanString: no('internal', 'for messages'),
  },
  headers: {
    'experimental.h': no('experimental', 'filters of key segments'),
  },
};
