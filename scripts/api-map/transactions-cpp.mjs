import { at, no, type } from '../api-table/rows.mjs';

const begin = 'TransactionDB#beginTransaction({{}})';
const ranges = no(
  'experimental',
  "the range lock manager is an unfinished import of another project's",
);
const unranged = no('deprecated', 'RocksDB answers NotSupported');
const mutexes = no('oneThread', 'mutexes of its own for the lock table');
const concurrency = no('oneThread', 'it leaves locks out that cost nothing here');

export default {
  area: 'transactions',
  cpp: {
    Transaction: type('Transaction', {
      methods: 'Transaction#{}',
      names: {
        GetSnapshot: 'Transaction#snapshot',
        MultiGet: 'Transaction#getMany',
        MultiGetForUpdate: 'Transaction#getManyForUpdate',
        MultiGetEntity: 'Transaction#getManyEntity',
        GetRangeLock: ranges,
        GetIterator: 'Transaction#iterator',
        GetCoalescingIterator: 'Transaction#coalescingIterator',
        GetAttributeGroupIterator: 'Transaction#attributeGroupIterator',
        SetLogNumber: no('internal', 'for recovery'),
        GetLogNumber: 'Transaction#logNumber',
        SetName: 'Transaction#setName',
        GetName: 'Transaction#name',
        GetID: 'Transaction#transactionId',
        GetId: 'Transaction#transactionId',
        GetState: 'Transaction#state',
        SetState: no('internal', 'RocksDB sets it'),
        TransactionState: 'Transaction#state',
        GetNumKeys: 'Transaction#numKeys',
        GetNumPuts: 'Transaction#numPuts',
        GetNumPutEntities: 'Transaction#numPutEntities',
        GetNumDeletes: 'Transaction#numDeletes',
        GetNumMerges: 'Transaction#numMerges',
        GetElapsedTime: 'Transaction#elapsedTime',
        GetWriteOptions: at('TransactionDB#beginTransaction({writeOptions})', 'as given'),
        GetCommitTimestamp: 'Transaction#commitTimestamp',
        GetWaitingTxns: no('oneThread', 'nothing waits while the program runs'),
        GetTimestampedSnapshot: at('Transaction#commitAndTryCreateSnapshot', 'it is returned'),
        GetCommitBypassMemTable: at(
          'TransactionDB#beginTransaction({commitBypassMemtable})',
          'as given',
        ),
        GetCommitTimeWriteBatch: 'Transaction#setCommitTimeWriteBatch',
        CollapseKey: 'Transaction#collapseKey',
      },
    }),
    TransactionNotifier: no(
      'extension',
      'called when setSnapshotOnNextOperation has taken its snapshot',
    ),
    Endpoint: ranges,
    EndpointWithString: ranges,
    LockManagerHandle: ranges,
    RangeDeadlockInfo: ranges,
    RangeDeadlockPath: ranges,
    RangeLockManagerHandle: ranges,
    RangeLockInfo: ranges,
    NewRangeLockManager: ranges,
    TransactionDBOptions: type('TransactionDB.open({transactionDBOptions})', {
      fields: 'TransactionDB.open({transactionDBOptions}).{}',
      names: {
        custom_mutex_factory: mutexes,
        lock_mgr_handle: ranges,
        rollback_deletion_type_callback: no('extension', 'asked for each key of a rollback'),
        secondary_indices: no('experimental', 'under construction in RocksDB 9'),
      },
    }),
    TransactionOptions: type('TransactionDB#beginTransaction', {
      fields: begin,
      names: { write_batch_track_timestamp_size: no('internal', 'for MyRocks') },
    }),
    TransactionDBWriteOptimizations: type(concurrency, {}),
    TxnDBWritePolicy: 'TransactionDB.open({transactionDBOptions}).writePolicy',
    KeyLockInfo: type('TransactionDB#getLockStatusData', {
      fields: 'TransactionDB#getLockStatusData()[].{}',
      names: { ids: 'TransactionDB#getLockStatusData()[].transactionIds' },
    }),
    DeadlockInfo: type('TransactionDB#getDeadlockInfoBuffer', {
      names: {
        m_txn_id: 'TransactionDB#getDeadlockInfoBuffer()[].path[].transactionId',
        m_cf_id: 'TransactionDB#getDeadlockInfoBuffer()[].path[].familyId',
        m_exclusive: 'TransactionDB#getDeadlockInfoBuffer()[].path[].exclusive',
        m_waiting_key: 'TransactionDB#getDeadlockInfoBuffer()[].path[].waitingKey',
      },
    }),
    DeadlockPath: type('TransactionDB#getDeadlockInfoBuffer', {
      methods: 'TransactionDB#getDeadlockInfoBuffer',
      fields: 'TransactionDB#getDeadlockInfoBuffer()[].{}',
    }),
    TransactionDB: type('TransactionDB', {
      methods: 'TransactionDB#{}',
      names: {
        Open: 'TransactionDB.open',
        DeleteRange: unranged,
        GetAllTimestampedSnapshots: 'TransactionDB#getSnapshotTimestamps',
        GetTimestampedSnapshots: 'TransactionDB#getSnapshotTimestamps',
        PrepareWrap: no('cpp', 'open makes the whole'),
        WrapDB: no('cpp', 'open makes the whole'),
        WrapStackableDB: no('cpp', 'open makes the whole'),
      },
    }),
    OptimisticTransactionDB: type('OptimisticTransactionDB', {
      methods: 'OptimisticTransactionDB#{}',
      names: { Open: 'OptimisticTransactionDB.open' },
    }),
    OptimisticTransactionOptions: type('OptimisticTransactionDB#beginTransaction', {
      fields: 'OptimisticTransactionDB#beginTransaction({{}})',
      names: { cmp: no('internal', "the column family's comparator is taken") },
    }),
    OccLockBuckets: no('oneThread', 'locks for commits at the same time'),
    MakeSharedOccLockBuckets: no('oneThread', 'locks for commits at the same time'),
    OptimisticTransactionDBOptions: type('OptimisticTransactionDBOptions', {
      fields: 'OptimisticTransactionDBOptions.{}',
      names: { shared_lock_buckets: no('oneThread', 'locks for commits at the same time') },
    }),
    OccValidationPolicy: 'OptimisticTransactionDBOptions.validatePolicy',
    WriteBatchWithIndex: type('WriteBatchWithIndex', {
      methods: 'WriteBatchWithIndex#{}',
      names: {
        TimedPut: no('experimental', 'under construction in RocksDB 9'),
        GetWriteBatch: no('cpp', 'it can be written itself'),
        NewIterator: 'WriteBatchWithIndex#iterator',
        NewIteratorWithBase: 'WriteBatchWithIndex#iteratorWithBase',
        MultiGetFromBatchAndDB: 'WriteBatchWithIndex#getManyFromBatchAndDB',
        MultiGetEntityFromBatchAndDB: 'WriteBatchWithIndex#getManyEntityFromBatchAndDB',
        DeleteRange: unranged,
        SetMaxBytes: 'WriteBatchWithIndex#setMaxBytes',
        GetDataSize: 'WriteBatchWithIndex#byteLength',
        SetTrackPerCFStat: no('internal', 'for transactions that bypass the memtable'),
        GetCFStats: no('internal', 'for transactions that bypass the memtable'),
        GetOverwriteKey: 'WriteBatchWithIndex#overwriteKey',
        CFStat: no('internal', 'for transactions that bypass the memtable'),
      },
    }),
    WBWIIterator: type('WriteBatchWithIndex#iterator', {
      names: {
        Valid: at('WriteBatchWithIndex#iterator().next', 'undefined at the end'),
        SeekToFirst: 'WriteBatchWithIndex#iterator().seekToStart',
        SeekToLast: [
          'WriteBatchWithIndex#iterator().seekToStart',
          'WriteBatchWithIndex#iterator({reverse})',
        ],
        Seek: 'WriteBatchWithIndex#iterator().seek',
        SeekForPrev: 'WriteBatchWithIndex#iterator().seekForPrev',
        Next: 'WriteBatchWithIndex#iterator().next',
        Prev: ['WriteBatchWithIndex#iterator().next', 'WriteBatchWithIndex#iterator({reverse})'],
        Entry: at('WriteBatchWithIndex#iterator().next', 'pairs'),
        HasOverWrittenSingleDel: no('internal', 'for transactions that bypass the memtable'),
        status: at('RocksDBError', 'thrown by the call that met it'),
      },
    }),
    WriteEntry: type('WriteBatchWithIndex#iterator', { fields: 'WriteBatchWithIndex#iterator' }),
    WriteType: 'WriteBatchWithIndex#iterator',
  },
  headers: {
    'utilities/transaction_db_mutex.h': mutexes,
    'utilities/secondary_index.h': no('experimental', 'under construction in RocksDB 9'),
  },
};
