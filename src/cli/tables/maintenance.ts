/** Commands on a database as a whole. */
import type { Command } from '../command.js';
import { ENCRYPTION, WRITING } from '../options.js';

export const MAINTENANCE_COMMANDS: readonly Command[] = [
  {
    name: 'list-column-families',
    summary: 'names of the column families',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...ENCRYPTION],
    details: `
As the MANIFEST has them; the database is not opened, so that a comparator or merge operator of a program's is not needed.`,
    examples: [['list-column-families ./data', 'a name a line']],
    run: async (context) => (await import('../commands/maintain.js')).listColumnFamilies(context),
  },
  {
    name: 'flush',
    summary: 'writes what is in the log to tables',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...WRITING],
    details: `
Memtables of all column families, or of --column-family, become tables of level 0, and logs that nobody needs any more are
deleted. A column family that is written to rarely keeps all logs since its last flush: see maxTotalWalSize.`,
    examples: [['flush ./data', 'all column families']],
    run: async (context) => (await import('../commands/maintain.js')).flush(context),
  },
  {
    name: 'compact',
    summary: 'rewrites tables, so that deleted and overwritten entries give their space back',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...WRITING, 'hex', 'key-hex', 'from', 'to', 'bottommost', 'blob-garbage'],
    details: `
Compacts all column families, or --column-family, wholly or from --from to --to (both included). RocksDB leaves the last
level as it is unless there is something above it or a compaction filter; --bottommost=force rewrites it anyhow, with
another compression, say. --blob-garbage moves live values out of the oldest blob files as well (all of them), which is
the only way that those get smaller.

It needs room for what it writes before the old tables go. Column families with level compaction are done range by range, and
interrupting ends between two; others in one piece, and then interrupting ends after it. Nothing is lost either way.`,
    examples: [
      ['compact ./data', 'everything'],
      ['compact ./data --column-family=people --from=a --to=f', 'a range of one column family'],
      ['compact ./data --bottommost=force', 'the last level too'],
    ],
    run: async (context) => (await import('../commands/maintain.js')).compact(context),
  },
  {
    name: 'checkpoint',
    summary: 'a copy of the database, at once, by links',
    arguments: 'FOLDER',
    minArguments: 1,
    maxArguments: 1,
    options: [...ENCRYPTION, 'options', 'ttl', 'log-size-for-flush'],
    details: `
FOLDER must not be there yet, its parent must. Tables are linked where the file system can, so the copy takes no space until
they are compacted, and is on disk when the command ends. What is in the log is flushed first, unless it is smaller than
--log-size-for-flush: then the log is copied.

It takes the lock. Of a database that a program has open, that program makes the checkpoint: db.checkpoint(folder).`,
    examples: [['checkpoint ./data ./data-monday', 'a copy that can be opened']],
    run: async (context) => (await import('../commands/maintain.js')).checkpoint(context),
  },
  {
    name: 'repair',
    summary: 'saves what can be saved of a database that cannot be opened',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...ENCRYPTION, 'options'],
    details: `
The last resort, after backups: copy the folder first. RocksDB turns logs into tables, reads all tables, moves those it cannot
read and the old MANIFEST into the folder 'lost', and writes a new MANIFEST with all tables in level 0. Deleted entries can
come back, what was only in damaged blocks is gone, and a merge can be applied twice (that was flushed while its log was kept
for another column family). What it did is in the file LOG. 'doctor' says whether there is a
better way.`,
    examples: [
      ['repair ./data', 'a database without MANIFEST, say'],
      ['doctor ./data', 'before, and after'],
    ],
    run: async (context) => (await import('../commands/maintain.js')).repair(context),
  },
  {
    name: 'doctor',
    summary: 'says what is wrong with a database, why, and what to do',
    arguments: '',
    minArguments: 0,
    maxArguments: 0,
    options: [...ENCRYPTION, 'options', 'shallow', 'min-free', 'min-entries', 'min-bytes'],
    details: `
Looks at the folder, CURRENT, MANIFEST, logs, tables, blob files and options, reads all tables with their checksums, and
counts what of them is still needed. It takes no lock and writes nothing. Each finding has a code, which docs/command-line.md
lists: what it is, the evidence, and the remedy. It ends with 1 if there is an error or a warning, with 0 if there are
only notes. --shallow leaves out what reads everything.

A program that has the database open may have written more since; what only such a program can tell (its snapshots, iterators,
file deletions that it holds back) its own heap report does: db.heap.pins().`,
    examples: [
      ['doctor ./data', 'everything'],
      ['doctor ./data --shallow --json', 'quick, for a cron job'],
      ['doctor ./data --min-free=20G', 'a finding when less is left on the disk'],
    ],
    run: async (context) => (await import('../commands/doctor.js')).doctor(context),
  },
  {
    name: 'bench',
    summary: 'how fast this machine is',
    arguments: '[BENCHMARK ...]',
    minArguments: 0,
    maxArguments: 20,
    withoutDatabase: true,
    options: ['num', 'value-size', 'batch-entries', 'seed', 'sync', 'options', 'keep'],
    details: `
In the style of db_bench: runs benchmarks one after another on a new database, in a temporary folder or at --db, where nothing
may be yet; it is deleted afterwards unless --keep. Benchmarks are fillseq, fillrandom, overwrite, readrandom, readmissing,
readseq, readreverse, seekrandom and deleterandom; without a name: fillseq readrandom readseq. Each prints operations a
second, MB a second of keys and values, and how long calls took (of a write with --batch-entries: the batch).

Everything runs in one thread, as in a program. Background work is part of the call that made it.`,
    examples: [
      ['bench', 'the default ones, 100K entries'],
      ['bench fillrandom readrandom --num=1M --value-size=400', 'random order, larger values'],
      ['bench fillseq --sync --num=1K --db=./bench', 'what a synced write costs on this disk'],
    ],
    run: async (context) => (await import('../commands/bench.js')).bench(context),
  },
];
