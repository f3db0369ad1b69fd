/** The options of the command line, each said once: commands name those that they take. */
import type { OptionSpec } from './command.js';

export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  db: { value: 'PATH', summary: 'the database, instead of the first argument' },
  json: { summary: 'output for programs: one JSON document, of streams a line of JSON each' },
  progress: { summary: 'show progress also where standard error is not a terminal' },
  quiet: { summary: 'no progress and no remarks on standard error' },
  help: { summary: 'what the command does, with examples' },

  'column-family': { value: 'NAME', summary: 'the column family; default: default' },
  hex: { summary: 'keys and values are hexadecimal, in arguments and output' },
  'key-hex': { summary: 'keys are' },
  'value-hex': { summary: 'values are' },
  from: { value: 'KEY', summary: 'begin at this key (included)' },
  to: { value: 'KEY', summary: 'end before this key (excluded)' },
  prefix: { value: 'KEY', summary: 'only keys that begin with this' },
  limit: { value: 'N', summary: 'at most so many entries' },
  reverse: { summary: 'from the last to the first' },
  'count-only': { summary: 'the number of entries instead of the entries' },
  'keys-only': { summary: 'without values' },
  raw: { summary: 'the bytes of the value and nothing else, no line end' },
  timestamp: { value: 'N', summary: 'of a column family with user-defined timestamps: as of then' },

  'read-only': { summary: 'what commands that read do anyhow: no lock, nothing is written' },
  secondary: {
    value: 'FOLDER',
    summary:
      'read as a secondary, which keeps its LOG in FOLDER and sees the log of a running program',
  },
  ttl: {
    value: 'SECONDS',
    summary:
      'the database is a DBWithTTL; entries live so long (0: as long as compaction lets them)',
  },
  options: {
    value: "'k=v;...'",
    summary: "RocksDB options; what is not given is as in the database's own OPTIONS file",
  },
  'create-if-missing': {
    summary: 'make the database, and the column family, if they are not there',
  },
  'key-file': {
    value: '[NAME=]FILE',
    multiple: true,
    summary: 'a key of an encrypted database: 32 bytes, or their hexadecimal or base64 form',
  },
  'current-key': { value: 'NAME', summary: 'of several keys the one for new files' },
  sync: { summary: 'return once it is on disk (fsync), safe from a power cut' },
  'batch-size': { value: 'BYTES', summary: 'bytes that are written at once; default: 1M' },

  bottommost: {
    value: 'HOW',
    summary:
      'rewrite the last level: skip, ifHaveCompactionFilter (default), force, forceOptimized',
  },
  'blob-garbage': { summary: 'also move live values out of old blob files, so that those can go' },
  'log-size-for-flush': {
    value: 'BYTES',
    summary: 'copy the log instead of flushing, if it is smaller',
  },
  value: { value: 'NAME', summary: 'one property' },
  entries: { summary: 'the entries too' },
  verify: { summary: 'compare the checksums of all blocks' },
  scan: { summary: 'read everything once before looking' },
  output: {
    value: 'FILE',
    summary: 'write a report: .html (a page), .heapprofile (Chrome), .pb.gz (pprof)',
  },

  shallow: { summary: 'leave out what reads all tables: checksums, versions' },
  'min-free': { value: 'BYTES', summary: 'disk space below which it is a finding' },
  'min-entries': {
    value: 'N',
    summary: 'in smaller column families a share of deletions is no finding; default: 1000',
  },
  'min-bytes': {
    value: 'BYTES',
    summary: 'garbage and logs smaller than this are no finding; default: 1M',
  },

  num: { value: 'N', summary: 'entries; default: 100K' },
  'value-size': { value: 'BYTES', summary: 'default: 100' },
  'batch-entries': { value: 'N', summary: 'entries a write; default: 1' },
  seed: { value: 'N', summary: 'of the order of keys and of the values; default: 1' },
  keep: { summary: 'leave the database there' },
};

/** Every command has these. */
export const COMMON = ['db', 'json', 'progress', 'quiet', 'help'] as const;
export const ENCRYPTION = ['key-file', 'current-key'] as const;
export const READING = [
  'column-family',
  'options',
  'ttl',
  'read-only',
  'secondary',
  ...ENCRYPTION,
] as const;
export const WRITING = ['column-family', 'options', 'ttl', ...ENCRYPTION] as const;
export const HEX = ['hex', 'key-hex', 'value-hex'] as const;
export const RANGE = ['from', 'to', 'prefix', 'limit', 'reverse'] as const;

/** What ldb calls them. */
export const ALIASES: Readonly<Record<string, string>> = {
  'max-keys': 'limit',
  'no-value': 'keys-only',
  'secondary-path': 'secondary',
};
