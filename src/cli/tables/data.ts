/** Commands on entries. */
import type { Command } from '../command.js';
import { HEX, RANGE, READING, WRITING } from '../options.js';

export const DATA_COMMANDS: readonly Command[] = [
  {
    name: 'get',
    summary: 'the value of a key',
    arguments: 'KEY',
    minArguments: 1,
    maxArguments: 1,
    options: [...READING, ...HEX, 'raw', 'timestamp'],
    details: `
Prints the value, or nothing and exits with 1 when the key is not there. A value that cannot be shown on a line is printed
in hexadecimal, with 0x before it; --raw gives its bytes whatever they are. A wide-column entity is shown by its columns.

The database is opened for reading: RocksDB replays the log into memory, takes no lock, and writes nothing. What a running
program writes after that is not seen; neither is what it holds back in memory (disableWAL, manualWalFlush).`,
    examples: [
      ['get ./data user:1', 'the value of user:1'],
      ['get ./data 0x00ff --hex', 'a key that is no text, its value in hexadecimal'],
      ['get ./data photo --raw > photo.jpg', 'a value as a file'],
      ['get ./data user:1 --column-family=people --json', 'for programs'],
    ],
    run: async (context) => (await import('../commands/read.js')).get(context),
  },
  {
    name: 'scan',
    summary: 'entries in the order of their keys',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...READING, ...HEX, ...RANGE, 'count-only', 'keys-only', 'timestamp'],
    details: `
Prints a line for each entry, KEY ==> VALUE as ldb does; with --json a line of JSON each. Entries are streamed, so the size
of the database does not matter, and '| head' ends it. The order is that of the column family's comparator.

A scan sees one moment, whatever is written meanwhile. --to is excluded, as RocksDB's upper bound is; entries that a
running program wrote after the command had opened the database are not seen.`,
    examples: [
      ['scan ./data --limit=10', 'the first ten'],
      ['scan ./data --prefix=user: --reverse', 'those of a prefix, the last one first'],
      ['scan ./data --from=a --to=b --keys-only', 'keys of a range'],
      ['scan ./data --json | jq .value', 'for programs'],
    ],
    run: async (context) => (await import('../commands/read.js')).scan(context),
  },
  {
    name: 'count',
    summary: 'how many entries there are',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...READING, 'hex', 'key-hex', 'from', 'to', 'prefix', 'timestamp'],
    details: `
Counts what a scan would show, which takes as long as one. The figure that RocksDB has ready is an estimate:
'rocksdb-wasm properties DATABASE --value=rocksdb.estimate-num-keys'.`,
    examples: [
      ['count ./data', 'of the default column family'],
      ['count ./data --prefix=user:', 'of a prefix'],
    ],
    run: async (context) => (await import('../commands/read.js')).count(context),
  },
  {
    name: 'put',
    summary: 'writes a value',
    arguments: 'KEY VALUE',
    minArguments: 2,
    maxArguments: 2,
    options: [...WRITING, ...HEX, 'create-if-missing', 'sync', 'timestamp'],
    details: `
Opens the database for writing, which takes its lock: while a program has it open the command ends with 4. The write is in
the log when the command ends, and safe from a power cut with --sync. Opening for writing also does what RocksDB does
then: the log is flushed to a table, and files that nobody needs are deleted.`,
    examples: [
      ['put ./data user:1 Ada --sync', 'one entry, on disk when it returns'],
      ['put ./new greeting hello --create-if-missing', 'into a new database'],
      ['put ./data 00ff cafe --hex', 'bytes'],
      ['put ./data -- -key -value', 'a key that begins with a dash'],
    ],
    run: async (context) => (await import('../commands/write.js')).put(context),
  },
  {
    name: 'delete',
    summary: 'deletes a key',
    arguments: 'KEY',
    minArguments: 1,
    maxArguments: 1,
    options: [...WRITING, 'hex', 'key-hex', 'sync', 'timestamp'],
    details: `
Writes a deletion, whether the key is there or not, as RocksDB does: the space comes back with a compaction. Takes the lock,
as put does.`,
    examples: [['delete ./data user:1 --sync', 'one key']],
    run: async (context) => (await import('../commands/write.js')).remove(context),
  },
  {
    name: 'batchput',
    summary: 'writes several values at once, all or none',
    arguments: 'KEY VALUE [KEY VALUE ...]',
    minArguments: 2,
    maxArguments: Number.POSITIVE_INFINITY,
    options: [...WRITING, ...HEX, 'create-if-missing', 'sync', 'timestamp'],
    details: `
One WriteBatch: after a crash all of its entries are there, or none. For many entries see load.`,
    examples: [['batchput ./data user:1 Ada user:2 Grace', 'two entries at once']],
    run: async (context) => (await import('../commands/write.js')).batchPut(context),
  },
  {
    name: 'dump',
    summary: 'all entries as JSON lines, for load',
    arguments: '[FILE]',
    minArguments: 0,
    maxArguments: 1,
    options: [...READING, 'hex', 'key-hex', ...RANGE],
    details: `
A line for each entry, on standard output or into FILE:

  {"key":"user:1","value":"Ada"}
  {"key":{"hex":"00ff"},"value":{"hex":"ff"},"columnFamily":"people"}
  {"key":"wide","columns":[["","default"],["name","Ada"]]}

Bytes that are UTF-8 are text, others {"hex":"..."}, so that what load writes is the same to the byte. All column families are
dumped, unless --column-family names one; those other than the default one begin with a line of their own,
{"columnFamily":"people"}. What is dumped is what can be read: a merge has been resolved, what is deleted is not there.
Each column family is read at one moment; all are opened at the same one.`,
    examples: [
      ['dump ./data > data.jsonl', 'everything'],
      ['dump ./data | gzip > data.jsonl.gz', 'compressed'],
      ['dump ./data --column-family=people --prefix=a people.jsonl', 'a part, into a file'],
    ],
    run: async (context) => (await import('../commands/transfer.js')).dump(context),
  },
  {
    name: 'load',
    summary: 'writes JSON lines, as dump makes them',
    arguments: '[FILE]',
    minArguments: 0,
    maxArguments: 1,
    options: [...WRITING, 'create-if-missing', 'sync', 'batch-size'],
    details: `
Reads lines from FILE or standard input, and writes them in batches of --batch-size bytes. Entries go to the column family
that their line names, or --column-family, or the default one; with --create-if-missing those that are not there are made,
with default options. Keys that are there already get the new value.

A line that cannot be understood ends it, with its number; what came before is written. When it is interrupted, the batches
that were written stay. With --sync the log is synced once, at the end.`,
    examples: [
      ['load ./copy --create-if-missing < data.jsonl', 'a new database from a dump'],
      ['load ./data more.jsonl --batch-size=8M --sync', 'into one that is there'],
    ],
    run: async (context) => (await import('../commands/transfer.js')).load(context),
  },
];
