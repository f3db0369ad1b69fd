import callbacks from './callbacks.mjs';
import callbacksCpp from './callbacks-cpp.mjs';
import files from './files.mjs';
import filesCpp from './files-cpp.mjs';
import opening from './opening.mjs';
import openingCpp from './opening-cpp.mjs';
import options from './options.mjs';
import optionsCpp from './options-cpp.mjs';
import reading from './reading.mjs';
import readingCpp from './reading-cpp.mjs';
import resources from './resources.mjs';
import resourcesCpp from './resources-cpp.mjs';
import statistics from './statistics.mjs';
import statisticsCpp from './statistics-cpp.mjs';
import tools from './tools.mjs';
import transactions from './transactions.mjs';
import transactionsCpp from './transactions-cpp.mjs';
import wal from './wal.mjs';
import walCpp from './wal-cpp.mjs';

/** All areas; the order is that of the list of what is missing. */
export default [
  opening,
  openingCpp,
  options,
  optionsCpp,
  reading,
  readingCpp,
  transactions,
  transactionsCpp,
  callbacks,
  callbacksCpp,
  files,
  filesCpp,
  wal,
  walCpp,
  statistics,
  statisticsCpp,
  resources,
  resourcesCpp,
  tools,
];
