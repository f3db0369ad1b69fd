import callbacks from './callbacks.mjs';
import files from './files.mjs';
import opening from './opening.mjs';
import options from './options.mjs';
import reading from './reading.mjs';
import resources from './resources.mjs';
import statistics from './statistics.mjs';
import transactions from './transactions.mjs';
import wal from './wal.mjs';

export default [opening, options, reading, transactions, callbacks, files, wal, statistics, resources];
