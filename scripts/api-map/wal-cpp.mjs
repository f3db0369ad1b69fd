import { at, no, type } from '../api-table/rows.mjs';

const updates = 'RocksDB#getUpdatesSince';
const trace = no('internal', 'the records of a trace, for the tools that replay it');

export default {
  area: 'write-ahead log',
  cpp: {
    WalFile: type('RocksDB#getSortedWalFiles', {
      names: {
        PathName: 'RocksDB#getSortedWalFiles()[].pathName',
        LogNumber: 'RocksDB#getSortedWalFiles()[].logNumber',
        Type: 'RocksDB#getSortedWalFiles()[].type',
        StartSequence: 'RocksDB#getSortedWalFiles()[].startSequence',
        SizeFileBytes: 'RocksDB#getSortedWalFiles()[].sizeFileBytes',
      },
    }),
    WalFileType: 'RocksDB#getSortedWalFiles()[].type',
    BatchResult: type('TransactionLogIterator#next', {
      fields: 'TransactionLogIterator#next().{}',
      names: { writeBatchPtr: 'TransactionLogIterator#next().batch' },
    }),
    TransactionLogIterator: type(['TransactionLogIterator', updates], {
      names: {
        Valid: at('TransactionLogIterator#next', 'undefined at the end'),
        Next: at('TransactionLogIterator#next', 'and by `for` and `for await`'),
        status: at('RocksDBError', 'thrown by the call that met it'),
        GetBatch: 'TransactionLogIterator#next().batch',
        ReadOptions: updates,
      },
    }),
    'TransactionLogIterator::ReadOptions': type(updates, {
      fields: `${updates}({verifyChecksums})`,
    }),
    TraceOptions: type('RocksDB#startTrace', { fields: 'RocksDB#startTrace({{}})' }),
    TraceFilterType: 'RocksDB#startTrace({filter})',
    NewFileTraceWriter: 'RocksDB#startTrace',
    TraceWriter: type(at('RocksDB#startTrace', 'to a file'), {
      methods: no('extension', 'a trace goes to a file'),
    }),
    NewFileTraceReader: trace,
    TraceReader: trace,
  },
  headers: {
    'trace_record.h': trace,
    'trace_record_result.h': trace,
    'utilities/replayer.h': trace,
    'block_cache_trace_writer.h': trace,
  },
};
