/** Commands on files and figures. */
import type { Command } from '../command.js';
import { ENCRYPTION, READING } from '../options.js';

export const FILE_COMMANDS: readonly Command[] = [
  {
    name: 'properties',
    summary: "RocksDB's figures of a column family",
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...READING, 'value'],
    details: `
All numeric properties, or with --value one property of any kind, as text. They are those of a database that was just opened for
reading: what is counted from the opening on is small. A name that RocksDB does not know ends with 1.`,
    examples: [
      ['properties ./data', 'all of them'],
      ['properties ./data --value=rocksdb.levelstats', 'one'],
    ],
    run: async (context) => (await import('../commands/figures.js')).properties(context),
  },
  {
    name: 'options',
    summary: 'the options that the database was last open with',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: ['column-family', ...ENCRYPTION],
    details: `
Of its newest OPTIONS file; the database is not opened. The text is that of the file, whose names --options takes, too; with
--json names are those of the API, in camelCase. Opening again takes them from there, too, but for database options such as
max_open_files, which every opening gives anew.`,
    examples: [
      ['options ./data', 'of the database and all column families'],
      ['options ./data --column-family=people --json', 'of one, for programs'],
    ],
    run: async (context) => (await import('../commands/figures.js')).options(context),
  },
  {
    name: 'stats',
    summary: "levels, compactions and stalls: RocksDB's statistics",
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...READING],
    details: `
RocksDB's own table (rocksdb.stats), or with --json as data: { database, columnFamilies }, as db.stats() gives it. Files and
sizes are as they are; what is counted since the opening is of this opening, which has only read. The figures of a
running program are in its LOG, each 10 minutes.`,
    examples: [
      ['stats ./data', 'as RocksDB prints them'],
      ['stats ./data --json', 'as data'],
    ],
    run: async (context) => (await import('../commands/figures.js')).stats(context),
  },
  {
    name: 'heap',
    summary: 'what the open database takes in memory, and what of it',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...READING, 'scan', 'output'],
    details: `
Opens the database for reading, with --scan reads every entry once, and says which part of RocksDB holds how many bytes:
memtables (the log, replayed), open tables, block cache and so on. It is what a program pays that opens the same
database. --output writes the report as a page, or for a profiler.`,
    examples: [
      ['heap ./data', 'after opening'],
      ['heap ./data --scan --output=heap.html', 'after reading everything, as a page'],
    ],
    run: async (context) => (await import('../commands/heap.js')).heap(context),
  },
  {
    name: 'sst',
    summary: 'table files: a list, or what is in one',
    arguments: '[FILE]',
    minArguments: 0,
    maxArguments: 1,
    options: [...READING, 'hex', 'key-hex', 'value-hex', 'limit', 'entries', 'verify'],
    details: `
Without FILE: the live tables, with their level, size, entries, deletions and keys, as the MANIFEST has them. With FILE
(000012.sst, or a path): its properties, with --entries all that is in it, with sequence numbers and types, the newest version
of a key first; old versions and deletions are there until a compaction drops them. --verify reads all blocks and compares
checksums, of FILE or of all tables; a damaged one ends with 5.

DATABASE may be a table file itself: then no database is opened.`,
    examples: [
      ['sst ./data', 'all tables'],
      ['sst ./data 000012.sst --entries --limit=20', 'what is in one'],
      ['sst ./data --verify', 'all checksums'],
      ['sst ./exported.sst --entries', 'a file of its own'],
    ],
    run: async (context) => (await import('../commands/sst.js')).sst(context),
  },
  {
    name: 'wal',
    summary: 'write-ahead logs: a list, or what is in one',
    arguments: '[FILE]',
    minArguments: 0,
    maxArguments: 1,
    options: [...ENCRYPTION, 'hex', 'key-hex', 'value-hex', 'entries'],
    details: `
Without FILE: each log with its batches, operations and sequence numbers. With FILE (000010.log), or with --entries: the
operations, a line each, with their batch's sequence number and the number of their column family. The database is not
opened. A batch that is torn at the end, as a crash leaves it, was never acknowledged and is left out; damage before that
ends with 5.`,
    examples: [
      ['wal ./data', 'which logs there are'],
      ['wal ./data 000010.log --json', 'the operations of one'],
    ],
    run: async (context) => (await import('../commands/logs.js')).wal(context),
  },
  {
    name: 'manifest',
    summary: 'the MANIFEST: which files make up the database, edit by edit',
    arguments: '[FILE]',
    minArguments: 0,
    maxArguments: 1,
    options: [...ENCRYPTION],
    details: `
The edits of the MANIFEST that CURRENT names, or of FILE, in order: files added and deleted, log numbers, column families. With
--json a line each, with RocksDB's names. The database is not opened. It is what tells how a database came to be as it
is, and which file belongs to which column family.`,
    examples: [
      ['manifest ./data', 'in short'],
      ['manifest ./data --json', 'in full, a line an edit'],
    ],
    run: async (context) => (await import('../commands/logs.js')).manifest(context),
  },
];
