// gen-options.mjs [--check]: writes src/options.gen.ts from the option tables in RocksDB's sources
// (rocksdb-src/rocksdb). With --check it writes nothing and exits 1 when the file is out of date.
//
// Every entry of the OptionTypeInfo maps below becomes an option or is left out with a reason. An
// entry that is not understood, a map nobody named, a row of these tables that matches nothing, and
// two options of one name are errors: nothing is skipped silently.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'rocksdb-src', 'rocksdb');
const target = join(root, 'src', 'options.gen.ts');

const DB = 'options/db_options.cc';
const CF = 'options/cf_options.cc';
const TABLE = 'table/block_based/block_based_table_factory.cc';
const PLAIN = 'table/plain/plain_table_factory.cc';
const CUCKOO = 'table/cuckoo/cuckoo_table_factory.cc';
const HELPER = 'options/options_helper.cc';

/** One interface per group; `title` completes "compression is ..." in an error message. */
const GROUPS = {
  db: {
    type: 'DBOptions',
    title: 'a database option',
    maps: { db_mutable_options_type_info: DB, db_immutable_options_type_info: DB },
  },
  columnFamily: {
    type: 'ColumnFamilyOptions',
    title: 'a column-family option',
    maps: { cf_mutable_options_type_info: CF, cf_immutable_options_type_info: CF },
  },
  blockBasedTable: {
    type: 'BlockBasedTableOptions',
    title: 'a table option, given in blockBasedTable',
    maps: { info: TABLE },
  },
  metadataCache: {
    type: 'MetadataCacheOptions',
    title: 'a field of blockBasedTable.metadataCacheOptions',
    maps: { metadata_cache_options_type_info: TABLE },
  },
  plainTable: {
    type: 'PlainTableOptions',
    title: 'a field of plainTable',
    maps: { plain_table_type_info: PLAIN },
  },
  cuckooTable: {
    type: 'CuckooTableOptions',
    title: 'a field of cuckooTable',
    maps: { cuckoo_table_type_info: CUCKOO },
  },
  compression: {
    type: 'CompressionOptions',
    title: 'a field of compressionOpts',
    maps: { compression_options_type_info: CF },
  },
  universal: {
    type: 'CompactionOptionsUniversal',
    title: 'a field of compactionOptionsUniversal',
    maps: { universal_compaction_options_type_info: CF },
  },
  fifo: {
    type: 'CompactionOptionsFIFO',
    title: 'a field of compactionOptionsFifo',
    maps: { fifo_compaction_options_type_info: CF },
  },
  temperatureAge: {
    type: 'FileTemperatureAge',
    title: 'a field of compactionOptionsFifo.fileTemperatureAgeThresholds',
    maps: { file_temperature_age_type_info: CF },
  },
};

/** Entries that a string cannot set here. Those RocksDB marks as deprecated need no row. */
const LEFT_OUT = {
  'db.env': 'the engine brings its own Env',
  'db.wal_filter': 'it is a C++ object',
  'db.statistics': 'it is an object, held by pointer',
  'db.listeners': 'they are callbacks, not an option string',
  'columnFamily.memtable': 'it is another name for memtableFactory',
  'columnFamily.compaction_filter': 'it is a callback, not an option string',
  'columnFamily.compaction_filter_factory': 'it is a callback, not an option string',
  'blockBasedTable.flush_block_policy_factory': 'it is a C++ object; blockSize decides',
};
/** What RocksDB says in one option, and this package in several. */
const SAID_OTHERWISE = {
  columnFamily: {
    table_factory: 'its formats are options of their own: use blockBasedTable',
  },
};
const DEPRECATED = 'RocksDB accepts it for old files and ignores it';

/** Public names that are not the mechanical camelCase of RocksDB's. */
const RENAMED = {
  block_based_table_factory: 'blockBasedTable',
  plain_table_factory: 'plainTable',
  table_factory: 'cuckooTable',
  table_properties_collectors: 'compactOnDeletion',
};
/** RocksDB marks all of the table factory as mutable; which one it is is not. */
const FIXED = ['plain_table_factory', 'table_factory'];

/** Pointers and odd ones, whose type cannot be read off the entry. */
const SPECIAL = {
  rate_limiter_bytes_per_sec: { type: 'int64' },
  block_cache: { type: 'cache' },
  blob_cache: { type: 'cache' },
  block_based_table_factory: { type: 'struct', of: 'blockBasedTable' },
  plain_table_factory: { type: 'struct', of: 'plainTable' },
  table_factory: { type: 'struct', of: 'cuckooTable' },
  table_properties_collectors: { type: 'compactOnDeletion' },
  sst_partitioner_factory: { type: 'sstPartitioner' },
  file_checksum_gen_factory: { type: 'object', of: 'FileChecksumGenFactory' },
  comparator: { type: 'object', of: 'Comparator' },
  merge_operator: { type: 'mergeOperator', of: 'MergeOperator' },
  memtable_factory: { type: 'memtableFactory', of: 'MemtableFactory' },
  prefix_extractor: { type: 'prefixExtractor' },
  memtable_insert_with_hint_prefix_extractor: { type: 'prefixExtractor' },
  filter_policy: { type: 'filterPolicy' },
};

const SCALARS = {
  kBoolean: ['boolean', 'bool'],
  kInt: ['int32', 'int'],
  kInt32T: ['int32', 'int32_t'],
  kInt64T: ['int64', 'int64_t'],
  kUInt: ['uint32', 'unsigned int'],
  kUInt8T: ['uint8', 'uint8_t'],
  kUInt32T: ['uint32', 'uint32_t'],
  kUInt64T: ['uint64', 'uint64_t'],
  kSizeT: ['size', 'size_t'],
  kDouble: ['double', 'double'],
  kString: ['string', 'string'],
};
const ENUM_TYPES = {
  kCompactionStyle: 'compaction_style_string_map',
  kCompactionPri: 'compaction_pri_string_map',
  kCompressionType: 'compression_type_string_map',
  kCompactionStopStyle: 'compaction_stop_style_string_map',
  kChecksumType: 'checksum_type_string_map',
  kTemperature: 'temperature_string_map',
  kEncodingType: 'encoding_type_string_map',
};
/** The word an enumeration repeats in its values, dropped from the friendly form. */
const AFFIX = {
  CompressionType: 'Compression',
  CompactionStyle: 'CompactionStyle',
  CompactionStopStyle: 'CompactionStopStyle',
  ChecksumType: 'Checksum',
  DataBlockIndexType: 'DataBlock',
  CacheTier: 'Tier',
  InfoLogLevel: '_LEVEL',
};

/** What the most used options do, with unit and default. The rest have their type only. */
const DOCS = Object.fromEntries(
  `
create_if_missing: Create the database when there is none. Default false.
create_missing_column_families: Create the column families named at open that do not exist yet.
  Default false.
error_if_exists: Fail when the database exists already. Default false.
paranoid_checks: Stop at the first sign of corruption rather than go on. Default true.
max_open_files: How many table files stay open; -1 keeps all of them open. Default -1.
max_total_wal_size: Bytes of write-ahead log after which the oldest data is flushed. Default 0:
  derived from the memtables.
max_background_jobs: How many flushes and compactions may be queued at once. Default 2.
max_bgerror_resume_count: Attempts to recover from errors that the file system says may pass. Of no effect: like
  RocksDB's own file system, ours says so only of a full disk, which RocksDB watches without counting. Default 2147483647.
db_write_buffer_size: Bytes that the memtables of all column families may take together. Default
  0: no common limit.
wal_dir: Folder for the write-ahead log. Default empty: the database folder.
wal_recovery_mode: What a damaged end of the write-ahead log means at open. Default
  'pointInTimeRecovery'.
wal_compression: Compression of the write-ahead log: 'none' or 'zstd'. Default 'none'.
WAL_ttl_seconds: Seconds that a finished log is kept in the archive. Default 0: deleted when no
  longer needed.
WAL_size_limit_MB: Megabytes of archived logs to keep. Default 0: no archive by size.
manual_wal_flush: Keep log records in memory until the log is flushed explicitly. Default false.
atomic_flush: Flush all column families together, as one unit. Default false.
avoid_flush_during_shutdown: Skip the flush at close; data written without the log is then lost.
  Default false.
bytes_per_sync: Ask for write-back each time so many bytes of a table were written. Of no effect: WASI cannot ask
  without waiting. Default 0: off.
rate_limiter_bytes_per_sec: Bytes per second that flushes and compactions may write. Default: no
  limit.
info_log_level: Least severity that is written to the LOG file. Default 'info'.
keep_log_file_num: How many LOG files to keep. Default 1000.
stats_dump_period_sec: Seconds between two dumps of statistics to the LOG file; 0 is never.
  Default 600.
write_buffer_size: Bytes a memtable holds before it is flushed to a table. Default 67108864.
max_write_buffer_number: How many memtables may be in memory before writes wait. Default 2.
min_write_buffer_number_to_merge: How many full memtables one flush joins. Default 1.
compression: Compression of data blocks. Default 'snappy'.
bottommost_compression: Compression of the last level. Default 'disableCompressionOption': the
  same as compression.
compression_per_level: Compression of each level, from level 0; it goes before compression.
  Default empty.
num_levels: How many levels the tree has. Default 7.
level0_file_num_compaction_trigger: Files in level 0 that start a compaction. Default 4.
level0_slowdown_writes_trigger: Files in level 0 from which writes are slowed. Default 20.
level0_stop_writes_trigger: Files in level 0 at which writes stop until a compaction ran. Default
  36.
target_file_size_base: Bytes of a table in level 1. Default 67108864.
max_bytes_for_level_base: Bytes of level 1 in all. Default 268435456.
max_bytes_for_level_multiplier: How much larger each level is than the one above. Default 10.
level_compaction_dynamic_level_bytes: Derive the size of each level from that of the last one.
  Default true.
compaction_style: How tables are merged. Default 'level'.
disable_auto_compactions: Compact only when asked to. Default false.
ttl: Seconds after which a table is compacted whatever its place. Default 2^64-2: chosen by
  RocksDB.
comparator: Order of the keys; fixed for the life of the column family. Default 'bytewise'.
merge_operator: What merge() does with an operand. Default none: merge() is an error.
prefix_extractor: Part of a key that prefix filters and prefix seeks use, such as 'fixed:8'.
  Default 'none'.
enable_blob_files: Keep large values in blob files beside the tables. Default false.
min_blob_size: Bytes from which a value goes to a blob file. Default 0.
block_based_table_factory: Options of the table format.
plain_table_factory: Another table format, for small data in memory; it needs a prefixExtractor.
table_factory: Another table format, for random reads by hash; it needs allowMmapReads.
table_properties_collectors: Compact tables soon in which deletions stand close together.
sst_partitioner_factory: Where compactions begin a new table, such as 'fixedPrefix:4'.
file_checksum_gen_factory: Checksums of whole files, kept in the MANIFEST. Default none.
block_size: Uncompressed bytes of a data block. Default 4096.
block_cache: Bytes of a cache of its own, a Cache to share, or false for none. Default 33554432.
filter_policy: Filter that spares reads of tables without the key, such as 'bloom:10'. Default
  'none'.
cache_index_and_filter_blocks: Hold index and filter blocks in the block cache rather than for
  ever. Default false.
whole_key_filtering: Put whole keys into the filter, not only prefixes. Default true.
format_version: Version of the table format, which older RocksDB may not read. Default 6.
`
    .trim()
    .split(/\n(?! )/)
    .map((row) => row.replace(/\n */g, ' ').split(/: (.*)/)),
);

// ---- Reading C++ -------------------------------------------------------------------------------

function fail(message) {
  throw new Error(`gen-options: ${message}`);
}

const source = (path) => withoutComments(readFileSync(join(sources, path), 'utf8'));

function withoutComments(text) {
  const token = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) => (found.startsWith('/') ? ' ' : found));
}

/** What stands between the bracket at `open` and its partner, and where that partner is. */
function bracketed(text, open) {
  const token = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[(){}[\]]/g;
  token.lastIndex = open;
  for (let depth = 0, found = token.exec(text); found; found = token.exec(text)) {
    if ('([{'.includes(found[0])) depth++;
    else if (')]}'.includes(found[0])) depth--;
    if (depth === 0) return { inner: text.slice(open + 1, found.index), end: found.index + 1 };
  }
  return fail(`no partner for the bracket at ...${text.slice(open, open + 60)}`);
}

/** `text` cut at the commas outside all brackets; an empty last part is dropped. */
function splitTop(text) {
  const parts = [];
  const token = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[({[,]/g;
  let start = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    if ('({['.includes(found[0])) token.lastIndex = bracketed(text, found.index).end;
    else if (found[0] === ',') {
      parts.push(text.slice(start, found.index).trim());
      start = found.index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

/** The OptionTypeInfo maps of one file: { map name: [[option name, initializer]] }. */
function readMaps(path) {
  const text = source(path);
  const maps = {};
  const declared = /std::unordered_map<std::string,\s*OptionTypeInfo>\s+(\w+)\s*(?:=|;)/g;
  for (const [, name] of text.matchAll(declared)) {
    const start = text.search(new RegExp(`\\b${name}\\s*=\\s*\\{`));
    if (start < 0) fail(`${path}: ${name} has no initializer`);
    const { inner } = bracketed(text, text.indexOf('{', start));
    maps[name] = splitTop(inner).map((entry) => {
      const parts = entry.startsWith('{') ? splitTop(bracketed(entry, 0).inner) : [];
      if (parts.length !== 2) fail(`${path}: ${name}: not a name and a value: ${entry}`);
      const constant = new RegExp(`const std::string ${parts[0]} = "(\\w+)"`).exec(text)?.[1];
      const option = /^"(\w+)"$/.exec(parts[0])?.[1] ?? constant;
      return [option ?? fail(`${path}: ${name}: no name in ${entry}`), parts[1]];
    });
  }
  return maps;
}

/** The fields that matter of an OptionTypeInfo initializer, in whichever of its forms. */
function readEntry(name, text) {
  const call = /^OptionTypeInfo(?:::(\w+))?(?:<[^()]*?>)?\s*\(/.exec(text);
  if (!call && !text.startsWith('{')) fail(`${name}: unknown form: ${text}`);
  const list = bracketed(text, call ? call[0].length - 1 : 0);
  let rest = text.slice(list.end).trim();
  while (/^\.Set(Parse|Serialize|Prepare|Validate)Func\(/.test(rest)) {
    rest = rest.slice(bracketed(rest, rest.indexOf('(')).end).trim();
  }
  if (rest !== '') fail(`${name}: unknown ending: ${rest}`);
  const form = call?.[1] ?? '';
  if (!/^(|Enum|Struct|Vector|AsCustom(Shared|Raw|Unique)Ptr)$/.test(form)) {
    fail(`${name}: unknown form OptionTypeInfo::${form}`);
  }
  const entry = { form, flags: [], verification: 'kNormal' };
  splitTop(list.inner).forEach((part, index) => {
    const flags = /^\(?\s*(OptionTypeFlags::\w+(?:\s*\|\s*OptionTypeFlags::\w+)*)\s*\)?$/.exec(
      part,
    );
    const known =
      /^(OptionType)::(\w+)$/.exec(part) ??
      /^(OptionVerificationType)::(kNormal|kByName\w*|kDeprecated|kAlias)$/.exec(part);
    if (flags) entry.flags = flags[1].split('|').map((flag) => flag.trim().split('::')[1]);
    else if (known?.[1] === 'OptionType') entry.type = known[2];
    else if (known) entry.verification = known[2];
    else if (/^&\w+$/.test(part)) entry.map = part.slice(1);
    else if (form === 'Vector' && index === 3) {
      entry.element = readEntry(name, part);
    } else if (!/^(0$|offsetof\(|nullptr$|\[|TableFactoryParseFn$)/.test(part)) {
      if (form !== 'Struct' || index !== 0) fail(`${name}: unknown argument: ${part}`);
    }
  });
  return entry;
}

// ---- From entries to options -------------------------------------------------------------------

function camel(snake) {
  const [first, ...words] = snake.split('_');
  return first.toLowerCase() + words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

/**
 * The friendly form of an enumerator: no leading k, no AFFIX of its enumeration, the first word in
 * lower case; a bare "No" is none. So kLZ4HCCompression is lz4hc, kRoundRobin roundRobin.
 */
function friendly(enumeration, enumerator) {
  let word = enumerator.replace(/^k(?=[A-Zx])/, '');
  const affix = AFFIX[enumeration] ?? '';
  if (word.startsWith(affix)) word = word.slice(affix.length);
  else if (word.endsWith(affix)) word = word.slice(0, -affix.length);
  if (word === 'No') return 'none';
  // A long run of capitals ends where the next word begins (ZSTD|NotFinal); BZip2 is one word.
  return word.replace(/^[A-Z0-9]{3,}(?=[A-Z][a-z])|^[A-Z0-9]+/, (run) => run.toLowerCase());
}

/** Enumerations: { NAME: { friendly: RocksDB's string } }, and the C++ map that each came from. */
function readEnums() {
  const byMap = {};
  for (const path of [DB, TABLE, HELPER]) {
    const text = source(path);
    const map =
      /std::unordered_map<std::string,\s*([\w:]+)>\s*(?:OptionsHelper::)?(\w+_string_map)\s*=/g;
    for (const found of text.matchAll(map)) {
      const name = found[1].split('::').at(-1);
      const { inner } = bracketed(text, text.indexOf('{', found.index));
      const values = [...inner.matchAll(/\{\s*"(\w+)"/g)].map((value) => value[1]);
      if (values.length !== splitTop(inner).length) fail(`${path}: ${found[2]}: unknown entry`);
      byMap[found[2]] = { name, values: {} };
      for (const value of values) byMap[found[2]].values[friendly(name, value)] = value;
      if (Object.keys(byMap[found[2]].values).length !== values.length)
        fail(`${name}: same form twice`);
    }
  }
  return byMap;
}

/** Built-in objects by the ids under which RocksDB registers them; nicknames map to the id. */
function readObjects() {
  const text = source('util/comparator.cc');
  const Comparator = {};
  const suffix = /" *(\.u64ts)"/.exec(text)?.[1] ?? fail('no .u64ts comparator');
  for (const [, id] of text.matchAll(/return "((?:leveldb|rocksdb)\.\w+Comparator)"/g)) {
    const name = friendly('', id.replace(/^\w+\.|Comparator$/g, ''));
    Comparator[name] = id;
    Comparator[`${name}U64Ts`] = id + suffix;
  }
  const MergeOperator = {};
  const operators = 'utilities/merge_operators.cc';
  const headers = [
    ...readFileSync(join(sources, operators), 'utf8').matchAll(
      /#include "(utilities\/merge_[^"]+)"/g,
    ),
  ]
    .map((include) => source(include[1]))
    .join('\n');
  const named = (kind, method) => {
    const body = headers.split(new RegExp(`\\bclass ${kind}\\b[^;{]*\\{`))[1]?.split(/\bclass /)[0];
    return new RegExp(`${method}\\(\\) \\{ return "(\\w+)"`).exec(body ?? '')?.[1];
  };
  const pattern = /PatternEntry\((\w+)::(\w+)\(\)\)(?:\s*\.AnotherName\((\w+)::(\w+)\(\)\))?/g;
  for (const [, kind, method, kind2, method2] of source(operators).matchAll(pattern)) {
    const nick = named(kind2 ?? kind, method2 ?? method) ?? fail(`merge operator ${kind}`);
    // PutOperatorV2 has the class name of the operator it derives from.
    const base = named(kind, method) ?? named(kind.replace(/V2$/, ''), method);
    MergeOperator[nick] = kind2 ? (base ?? fail(`merge operator ${kind}`)) : nick;
  }
  const MemtableFactory = {};
  const header = source('include/rocksdb/memtablerep.h');
  const word = (expression) => {
    const [kind, method] = expression.split('::');
    if (!method) return expression.replaceAll('"', '');
    const body = header.split(new RegExp(`\\bclass ${kind}\\b[^;{]*\\{`))[1] ?? fail(kind);
    return (
      new RegExp(`${method.replace('()', '')}\\(\\) \\{ return "(\\w+)"`).exec(body)?.[1] ??
      fail(kind)
    );
  };
  for (const [, id, nick] of source('table/plain/plain_table_factory.cc').matchAll(
    /AsPattern\(("\w+"|\w+::\w+\(\)),\s*("\w+"|\w+::\w+\(\))\)/g,
  )) {
    MemtableFactory[camel(word(nick))] = word(id);
    MemtableFactory[word(nick)] = word(id);
  }
  const checksums = source('util/file_checksum_helper.h');
  const crc = /kClassName\(\) \{ return "(FileChecksumGen\w+Factory)"/.exec(checksums)?.[1];
  const FileChecksumGenFactory = { crc32c: crc ?? fail('no checksum factory') };
  for (const [name, ids] of Object.entries({ Comparator, MergeOperator, MemtableFactory })) {
    if (Object.keys(ids).length < 4) fail(`${name}: too few names: ${JSON.stringify(ids)}`);
  }
  return { Comparator, MergeOperator, MemtableFactory, FileChecksumGenFactory };
}

function readOptions() {
  const enums = readEnums();
  const objects = readObjects();
  const names = { ...objects };
  const seen = new Set();
  const maps = Object.fromEntries(
    [DB, CF, TABLE, PLAIN, CUCKOO].map((path) => [path, readMaps(path)]),
  );
  const groupOf = (map) =>
    Object.keys(GROUPS).find((group) => map in GROUPS[group].maps) ?? fail(`no group for ${map}`);

  const typeOf = (snake, entry) => {
    if (entry.form === 'Vector' && !Object.hasOwn(SPECIAL, snake)) {
      if (!entry.element) fail(`${snake}: a vector of nothing`);
      return { ...typeOf(snake, entry.element), array: true };
    }
    if (Object.hasOwn(SPECIAL, snake)) {
      seen.add(snake);
      const cpp = SPECIAL[snake].type === 'int64' ? 'int64_t' : 'object';
      return { cpp, ...SPECIAL[snake] };
    }
    if (entry.form === 'Struct') return { type: 'struct', of: groupOf(entry.map), cpp: 'struct' };
    if (SCALARS[entry.type]) return { type: SCALARS[entry.type][0], cpp: SCALARS[entry.type][1] };
    const map = entry.form === 'Enum' ? entry.map : ENUM_TYPES[entry.type];
    const { name, values } =
      enums[map] ?? fail(`${snake}: type ${entry.type ?? entry.form} is unknown`);
    names[name] = values;
    return { type: 'enum', of: name, cpp: name };
  };

  const groups = {};
  for (const [group, { maps: sourcesOf }] of Object.entries(GROUPS)) {
    const options = {};
    const leftOut = { ...SAID_OTHERWISE[group] };
    for (const [map, path] of Object.entries(sourcesOf)) {
      for (const [snake, text] of maps[path][map] ?? fail(`${path}: no map ${map}`)) {
        const entry = readEntry(snake, text);
        const key = `${group}.${snake}`;
        seen.add(key).add(map);
        if (entry.verification === 'kDeprecated' || Object.hasOwn(LEFT_OUT, key)) {
          leftOut[snake] = LEFT_OUT[key] ?? DEPRECATED;
          continue;
        }
        const name = RENAMED[snake] ?? camel(snake);
        if (options[name]) fail(`${key}: ${name} is there twice`);
        const nested = group !== 'db' && group !== 'columnFamily';
        if (DOCS[snake]) seen.add(snake);
        // Whatever is inside a mutable option is mutable: RocksDB's rule, and all structs are that.
        options[name] = {
          snake,
          ...typeOf(snake, entry),
          mutable: nested || (entry.flags.includes('kMutable') && !FIXED.includes(snake)),
        };
      }
    }
    groups[group] = { ...GROUPS[group], options, leftOut };
  }
  for (const path of Object.keys(maps)) {
    for (const map of Object.keys(maps[path]))
      if (!seen.has(map)) fail(`${path}: ${map} is in no group`);
  }
  for (const table of [LEFT_OUT, RENAMED, SPECIAL, DOCS]) {
    for (const key of Object.keys(table)) if (!seen.has(key)) fail(`stale row: ${key}`);
  }
  for (const name of Object.keys(groups.db.options)) {
    if (groups.columnFamily.options[name]) fail(`${name} is both a DB and a column-family option`);
  }
  return { groups, names, objects };
}

// ---- Writing TypeScript ------------------------------------------------------------------------

const WIDTH = 100;
const sorted = (table) => Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
const quoted = (text) => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** `head = a | b;`, on one line when it fits, as the formatter has it. */
function union(head, words) {
  const line = `${head} = ${words.join(' | ')};`;
  return line.length <= WIDTH
    ? line
    : `${head} =\n${words.map((word) => `  | ${word}`).join('\n')};`;
}

/** `indent key: { a: 1, b: 2 },`, on one line when it fits. */
function record(indent, key, fields) {
  const line = `${indent}${key}: { ${fields.join(', ')} },`;
  if (line.length <= WIDTH) return line;
  const lines = fields.map((field) => `${indent}  ${field},\n`);
  return `${indent}${key}: {\n${lines.join('')}${indent}},`;
}

function comment(text) {
  const line = `  /** ${text} */`;
  if (line.length <= WIDTH) return line;
  const lines = [''];
  for (const word of text.split(' ')) {
    if (`   * ${lines.at(-1)} ${word}`.length > WIDTH) lines.push('');
    lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return ['  /**', ...lines.map((each) => `   * ${each}`), '   */'].join('\n');
}

function tsType({ type, of, array }) {
  const plain = {
    boolean: 'boolean',
    string: 'string',
    int64: 'Integer64',
    uint64: 'Integer64',
    enum: of,
    object: of,
    mergeOperator: 'MergeOperator',
    memtableFactory: 'MemtableFactory',
    prefixExtractor: 'PrefixExtractor',
    filterPolicy: 'FilterPolicy',
    cache: 'CacheOption',
    sstPartitioner: 'SstPartitionerText',
    compactOnDeletion: 'CompactOnDeletion',
    struct: GROUPS[of]?.type,
  };
  return `${plain[type] ?? 'number'}${array ? '[]' : ''}`;
}

function emitInterface({ type, title, options }) {
  const members = sorted(options).map(([name, info]) => {
    const change = info.mutable ? 'mutable' : 'fixed at open';
    const type = info.array ? `vector of ${info.cpp}` : info.cpp;
    const what = `\`${info.snake}\`, ${type}, ${change}.`;
    const text = DOCS[info.snake] ? `${what} ${DOCS[info.snake]}` : what;
    return `${comment(text)}\n  ${name}?: ${tsType(info)} | undefined;`;
  });
  const more = type === 'BlockBasedTableOptions' ? ' extends TableObjects' : '';
  return `/** Each is ${title}. */\nexport interface ${type}${more} {\n${members.join('\n')}\n}`;
}

function emitGroup([group, { title, options, leftOut }]) {
  const rows = sorted(options).map(([name, info]) => {
    const fields = [`snake: '${info.snake}'`, `type: '${info.type}'`];
    if (info.of) fields.push(`of: '${info.of}'`);
    if (info.array) fields.push('array: true');
    if (info.mutable) fields.push('mutable: true');
    return record('      ', name, fields);
  });
  const left = sorted(leftOut).map(([snake, why]) => {
    const value = why === DEPRECATED ? 'DEPRECATED' : quoted(why);
    const line = `      ${snake}: ${value},`;
    return line.length <= WIDTH ? line : `      ${snake}:\n        ${value},`;
  });
  const leftText = left.length ? `{\n${left.join('\n')}\n    }` : '{}';
  return `  ${group}: {
    title: '${title}',
    options: {\n${rows.join('\n')}\n    },
    leftOut: ${leftText},
  },`;
}

function emitNames(names) {
  return Object.entries(names).map(([name, values]) => {
    const line = `  ${name}: { ${Object.entries(values)
      .map(([key, id]) => `${key}: '${id}'`)
      .join(', ')} },`;
    if (line.length <= WIDTH) return line;
    return record(
      '  ',
      name,
      Object.entries(values).map(([key, id]) => `${key}: '${id}'`),
    );
  });
}

function emit({ groups, names, objects }) {
  const literals = (name) =>
    [...new Set([...Object.keys(names[name]), ...Object.values(names[name])])].map(quoted);
  const enums = Object.keys(names)
    .filter((name) => !Object.hasOwn(objects, name))
    .sort();
  const ordered = Object.fromEntries(
    [...Object.keys(objects), ...enums].map((name) => [name, names[name]]),
  );
  const version = ['MAJOR', 'MINOR', 'PATCH']
    .map(
      (part) => new RegExp(`ROCKSDB_${part} (\\d+)`).exec(source('include/rocksdb/version.h'))[1],
    )
    .join('.');
  const types = [
    union('export type Comparator', literals('Comparator')),
    union('export type MergeOperatorName', literals('MergeOperator')),
    union('export type MemtableFactoryName', literals('MemtableFactory')),
    union('export type FileChecksumGenFactory', literals('FileChecksumGenFactory')),
    ...enums.map((name) => union(`export type ${name}`, literals(name))),
  ];
  return `// Written by scripts/gen-options.mjs from the sources of RocksDB ${version}: do not edit.

${TYPES}
${types.join('\n')}

${Object.values(groups).map(emitInterface).join('\n\n')}

const DEPRECATED = '${DEPRECATED}';

/** Names of values and built-in objects: the friendly form first, then what RocksDB calls it. */
export const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${emitNames(ordered).join('\n')}
};

/** Every option, by group and camelCase name; what is left out, by RocksDB's name, and why. */
export const GROUPS: Readonly<Record<OptionGroup, GroupInfo>> = {
${Object.entries(groups).map(emitGroup).join('\n')}
};

${SAMPLES}`;
}

const TYPES = `import type { TableObjects } from './object-options.js';

/** 64 bits: taken as bigint or as an exact number, given back as bigint. */
export type Integer64 = bigint | number;
/** Bytes of a cache of its own, false for none, or a Cache to share. */
export type CacheOption = number | false | object;
/** \`fixed:N\` takes the first N bytes of a key, \`capped:N\` as many of them as there are. */
export type PrefixExtractor =
  | 'none'
  | 'noop'
  | 'rocksdb.Noop'
  | \`fixed:\${number}\`
  | \`capped:\${number}\`
  | \`rocksdb.FixedPrefix.\${number}\`
  | \`rocksdb.CappedPrefix.\${number}\`;
/** Ribbon is smaller than Bloom and slower to build; levels above bloomBeforeLevel use Bloom. */
export type FilterPolicy =
  | 'none'
  | \`bloom:\${number}\`
  | \`bloomfilter:\${string}\`
  | \`ribbon:\${number}\`
  | \`ribbon:\${number}:\${number}\`
  | \`ribbonfilter:\${string}\`
  | { type: 'bloom'; bitsPerKey: number }
  | { type: 'ribbon'; bitsPerKey: number; bloomBeforeLevel?: number | undefined };
/** A built-in operator; those that append join with a comma unless told otherwise. */
export type MergeOperator =
  | MergeOperatorName
  | { type: 'stringappend' | 'stringappendtest'; delimiter: string };
/** \`fixedPrefix:N\`: a new table wherever the first N bytes of the key change. */
export type SstPartitionerText = 'none' | \`fixedPrefix:\${number}\`;
/**
 * Marks a table for compaction when \`deletionTrigger\` of any \`windowSize\` entries in a row are deletions, or when
 * at least \`deletionRatio\` of all are (0: no matter).
 */
export interface CompactOnDeletion {
  windowSize: number;
  deletionTrigger: number;
  deletionRatio?: number | undefined;
}
/** \`skipList:N\` looks ahead N entries; for the others N is a number of entries or buckets. */
export type MemtableFactory = MemtableFactoryName | \`\${MemtableFactoryName}:\${number}\`;

${union(
  'export type OptionGroup',
  Object.keys(GROUPS).map((group) => `'${group}'`),
)}
export type OptionType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint32'
  | 'uint64'
  | 'size'
  | 'double'
  | 'string'
  | 'enum'
  | 'struct'
  | 'object'
  | 'mergeOperator'
  | 'memtableFactory'
  | 'prefixExtractor'
  | 'filterPolicy'
  | 'sstPartitioner'
  | 'compactOnDeletion'
  | 'cache';

export interface OptionInfo {
  /** RocksDB's name. */
  readonly snake: string;
  readonly type: OptionType;
  /** The group of a struct, or the entry of NAMES. */
  readonly of?: string;
  readonly array?: true;
  /** It can be changed while the database is open. */
  readonly mutable?: true;
}

export interface GroupInfo {
  readonly title: string;
  readonly options: Readonly<Record<string, OptionInfo>>;
  readonly leftOut: Readonly<Record<string, string>>;
}
`;

const SAMPLES = `/** An option with a plausible value, as formatDBOptions and the like take it. */
export interface OptionSample {
  readonly group: 'db' | 'columnFamily';
  readonly path: string;
  readonly options: Record<string, unknown>;
}

const SAMPLE_BY_TYPE: Readonly<Record<string, unknown>> = {
  boolean: true,
  int32: 2,
  int64: 1048576n,
  uint8: 1,
  uint32: 1,
  uint64: 1048576n,
  size: 65536,
  double: 0.5,
  string: '/some/folder',
  object: 'reverseBytewise',
  mergeOperator: { type: 'stringappend', delimiter: '|' },
  memtableFactory: 'skipList:4',
  prefixExtractor: 'fixed:8',
  filterPolicy: { type: 'ribbon', bitsPerKey: 10, bloomBeforeLevel: 1 },
  cache: 1048576,
  sstPartitioner: 'fixedPrefix:4',
  compactOnDeletion: { windowSize: 100, deletionTrigger: 50, deletionRatio: 0.5 },
};
const SAMPLE_BY_NAME: Readonly<Record<string, unknown>> = {
  fileChecksumGenFactory: 'crc32c',
  allowMmapReads: false,
  allowMmapWrites: false,
  dailyOffpeakTimeUtc: '23:30-04:00',
  formatVersion: 5,
  indexType: 'twoLevelIndexSearch',
  inplaceUpdateSupport: false,
  maxFileOpeningThreads: 1,
  useDirectIoForFlushAndCompaction: false,
  useDirectReads: false,
  walCompression: 'zstd',
  zstdMaxTrainBytes: 0,
};
/** What RocksDB wants beside fields of these structs. */
const SAMPLE_BESIDE: Readonly<Record<string, Record<string, unknown>>> = {
  blockBasedTable: { compression: 'none' },
  compactionOptionsFifo: { compactionStyle: 'fifo', numLevels: 1 },
};

function sampleOf(name: string, info: OptionInfo): unknown {
  const names = Object.keys(NAMES[info.of ?? ''] ?? {});
  const one = info.type === 'enum' ? names.find((each) => each === 'lz4') : undefined;
  return SAMPLE_BY_NAME[name] ?? one ?? SAMPLE_BY_TYPE[info.type] ?? names[1];
}

type Path = readonly [path: string, options: Record<string, unknown>];

function samplesOf(group: OptionGroup): Path[] {
  return Object.entries(GROUPS[group].options).flatMap(([name, info]): Path[] => {
    const many = (value: unknown) => (info.type === 'struct' ? [value] : [value, value]);
    const wrap = (value: unknown) => ({ [name]: info.array ? many(value) : value });
    if (info.type !== 'struct') return [[name, wrap(sampleOf(name, info))]];
    const inner = samplesOf(info.of as OptionGroup);
    const all = (value: unknown) => ({ ...wrap(value), ...SAMPLE_BESIDE[name] });
    return inner.map(([path, value]): Path => [\`\${name}.\${path}\`, all(value)]);
  });
}

/** Every option there is, fields of structs included, each with a plausible value. */
export function optionSamples(): OptionSample[] {
  return (['db', 'columnFamily'] as const).flatMap((group) =>
    samplesOf(group).map(([path, options]) => ({ group, path, options })),
  );
}
`;

if (!existsSync(join(sources, CF))) {
  console.error(`gen-options: no RocksDB sources in ${sources}; build.sh unpacks them`);
  process.exit(2);
}
const text = emit(readOptions());
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error('gen-options: src/options.gen.ts is out of date: run node scripts/gen-options.mjs');
  process.exit(1);
}
