import { at, no, type } from '../api-table/rows.mjs';

const begin = 'TransactionDB#beginTransaction({{}})';
const ranges = no(
  'experimental',
  "the range lock manager is an unfinished import of another project's",
);
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
        GetLogNumber: no('internal', 'for recovery'),
        SetName: 'Transaction#name',
        GetName: 'Transaction#name',
        GetID: 'Transaction#id',
        GetId: 'Transaction#id',
        GetState: 'Transaction#state',
        SetState: no('internal', 'RocksDB sets it'),
        TransactionState: 'Transaction#state',
        GetNumKeys: 'Transaction#numKeys',
        GetNumPuts: 'Transaction#numPuts',
        GetNumPutEntities: 'Transaction#numPutEntities',
        GetNumDeletes: 'Transaction#numDeletes',
        GetNumMerges: 'Transaction#numMerges',
        GetElapsedTime: 'Transaction#elapsedTime',
        GetWriteOptions: 'TransactionDB#beginTransaction',
        SetWriteOptions: 'TransactionDB#beginTransaction',
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
    }),
    TransactionDBWriteOptimizations: type(concurrency, {}),
    TxnDBWritePolicy: 'TransactionDB.open({transactionDBOptions}).writePolicy',
    KeyLockInfo: type('TransactionDB#getLockStatusData', {
      fields: 'TransactionDB#getLockStatusData()[].{}',
    }),
    DeadlockInfo: type('TransactionDB#getDeadlockInfoBuffer', {
      fields: 'TransactionDB#getDeadlockInfoBuffer',
    }),
    DeadlockPath: type('TransactionDB#getDeadlockInfoBuffer', {
      methods: 'TransactionDB#getDeadlockInfoBuffer',
      fields: 'TransactionDB#getDeadlockInfoBuffer()[].{}',
    }),
    TransactionDB: type('TransactionDB', {
      methods: 'TransactionDB#{}',
      names: {
        Open: 'TransactionDB.open',
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
    OptimisticTransactionDBOptions: type(
      no('oneThread', 'how commits at the same time are kept apart'),
    ),
    OccValidationPolicy: no('oneThread', 'how commits at the same time are kept apart'),
    WriteBatchWithIndex: type('WriteBatchWithIndex', {
      methods: 'WriteBatchWithIndex#{}',
      names: {
        TimedPut: no('experimental', 'under construction in RocksDB 9'),
        GetWriteBatch: no('cpp', 'it can be written itself'),
        NewIterator: 'WriteBatchWithIndex#iterator',
        NewIteratorWithBase: 'WriteBatchWithIndex#iteratorWithBase',
        MultiGetFromBatchAndDB: 'WriteBatchWithIndex#getManyFromBatchAndDB',
        MultiGetEntityFromBatchAndDB: 'WriteBatchWithIndex#getManyEntityFromBatchAndDB',
        SetMaxBytes: no('cpp', '`byteLength` says how large it is'),
        GetDataSize: 'WriteBatchWithIndex#byteLength',
        SetTrackPerCFStat: no('internal', 'for transactions that bypass the memtable'),
        GetCFStats: no('internal', 'for transactions that bypass the memtable'),
        GetOverwriteKey: no('internal', 'said when it is made'),
        CFStat: no('internal', 'for transactions that bypass the memtable'),
      },
    }),
    WBWIIterator: type('WriteBatchWithIndex#iterator', {
      methods: 'WriteBatchWithIndex#iterator',
    }),
    WriteEntry: type('WriteBatchWithIndex#iterator', { fields: 'WriteBatchWithIndex#iterator' }),
    WriteType: 'WriteBatchWithIndex#iterator',
  },
  headers: {
    'utilities/transaction_db_mutex.h': mutexes,
    'utilities/secondary_index.h': no('experimental', 'under construction in RocksDB 9'),
  },
};
