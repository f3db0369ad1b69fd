// gen-statistics.mjs [--check]: writes src/statistics.gen.ts, the names of RocksDB's figures, from its sources
// (rocksdb-src/rocksdb): tickers, histograms, perf and I/O counters, table properties and database properties.
// With --check it writes nothing and exits 1 when the file is out of date.
//
// C++ hands figures over by position, in the order of RocksDB's own tables. So order matters here: every list is
// checked against the enumeration or macro that stands beside it, and what is not understood is an error.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'rocksdb-src', 'rocksdb');
const target = join(root, 'src', 'statistics.gen.ts');

function fail(message) {
  throw new Error(`gen-statistics: ${message}`);
}

/** A source without its comments. */
function source(path) {
  const token = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  const text = readFileSync(join(sources, path), 'utf8');
  return text.replace(token, (found) => (found.startsWith('/') ? ' ' : found));
}

/** What stands in braces after `head`, up to a brace that begins a line or ends the block. */
function block(text, head, path) {
  const start = text.indexOf(head);
  if (start < 0 || text.indexOf(head, start + 1) >= 0) fail(`${path}: not one '${head}'`);
  const open = text.indexOf('{', start);
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(open + 1, at);
  }
  return fail(`${path}: '${head}' has no end`);
}

const camel = (words) =>
  words
    .split(/[.\-_]/)
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : word[0].toUpperCase() + word.slice(1),
    )
    .join('');

function unique(names, what) {
  const seen = new Set();
  for (const name of names) {
    if (!/^[a-z]\w*$/.test(name)) fail(`${what}: '${name}' is no name`);
    if (seen.has(name)) fail(`${what}: two are called ${name}`);
    seen.add(name);
  }
  return names;
}

/** [camelCase, RocksDB's name] of a table of monitoring/statistics.cc, in the order of its enumeration. */
function figures(table, enumeration, last) {
  const [code, header] = ['monitoring/statistics.cc', 'include/rocksdb/statistics.h'];
  const rows = block(source(code), `> ${table} = `, code).matchAll(/\{\s*(\w+),\s*"([^"]+)"\s*\}/g);
  const pairs = [...rows].map(([, id, name]) => ({ id, name }));
  const ids = block(source(header), `enum ${enumeration} : uint32_t `, header)
    .split(',')
    .map((id) => id.replace(/=\s*0/, '').trim())
    .filter(Boolean);
  if (ids.pop() !== last) fail(`${enumeration} does not end with ${last}`);
  if (ids.join() !== pairs.map(({ id }) => id).join()) {
    fail(`${table} is not in the order of ${enumeration}`);
  }
  const wrong = pairs.find(({ name }) => !name.startsWith('rocksdb.'));
  if (wrong !== undefined) fail(`${table}: ${wrong.name} does not begin with rocksdb.`);
  const names = pairs.map(({ name }) => camel(name.slice('rocksdb.'.length)));
  unique(names, table);
  return names.map((name, index) => [name, pairs[index].name]);
}

/** The uint64_t fields of a struct, which must have nothing else before `upTo`. */
function counters(path, struct, { upTo = '', macro } = {}) {
  let body = block(source(path), `struct ${struct} {`, path);
  if (upTo !== '') {
    const end = body.indexOf(upTo);
    if (end < 0) fail(`${path}: ${struct} has no '${upTo}'`);
    body = body.slice(0, end);
  }
  const fields = body
    .split(';')
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '' && !/\)( const)?$/.test(part))
    .map((part) => /^uint64_t (\w+)(?: = 0)?$/.exec(part)?.[1] ?? fail(`${struct}: '${part}'`));
  if (macro !== undefined) {
    const text = source(macro.path);
    const start = text.indexOf(`#define ${macro.name}(`);
    const lines = text.slice(start).split('\n');
    const end = lines.findIndex((line) => !line.endsWith('\\'));
    const listed = lines
      .slice(0, end + 1)
      .join('\n')
      .matchAll(/defCmd\((\w+)\)/g);
    const names = [...listed].map(([, name]) => name).filter((name) => name !== 'defCmd');
    if (names.join() !== fields.join()) fail(`${struct} is not what ${macro.name} lists`);
  }
  return unique(fields.map(camel), struct);
}

function tableProperties() {
  const path = 'include/rocksdb/table_properties.h';
  const body = block(source(path), 'struct TableProperties {', path).replace(/^\s*public:/, '');
  const parts = body.split(';').map((part) => part.trim().replace(/\s+/g, ' '));
  const numbers = [];
  const texts = [];
  for (const part of parts) {
    const number = /^uint64_t (\w+) = /.exec(part)?.[1];
    const text = /^std::string (\w+)$/.exec(part)?.[1];
    if (number !== undefined && texts.length > 0) fail(`TableProperties: ${number} follows a text`);
    if (number !== undefined) numbers.push(number);
    else if (text !== undefined) texts.push(text);
    else break; // maps and functions, which the bindings know by name
  }
  const known = block(source('table/table_properties.cc'), 'table_properties_type_info = ', path);
  const listed = [...known.matchAll(/\{"(\w+)",/g)].map(([, name]) => name);
  const maps = ['user_collected_properties', 'readable_properties'];
  if (listed.sort().join() !== [...numbers, ...texts, ...maps].sort().join()) {
    fail('TableProperties has other fields than table_properties_type_info');
  }
  unique([...numbers, ...texts].map(camel), 'TableProperties');
  return { numbers: numbers.map(camel), texts: texts.map(camel) };
}

/** Properties of a database by what they give; those that end with a number are marked. */
function properties() {
  const path = 'db/internal_stats.cc';
  const text = source(path);
  const parts = new Map();
  for (const [, name, value] of text.matchAll(/static const std::string (\w+) =\s*"([^"]*)"/g)) {
    parts.set(name, value);
  }
  const longer = /static const std::string (\w+) =\s*(\w+) \+ "([^"]*)"/g;
  for (const [, name, part, value] of text.matchAll(longer)) {
    parts.set(name, `${parts.get(part) ?? fail(`no ${part}`)}${value}`);
  }
  const names = new Map();
  const made = /const std::string DB::Properties::(k\w+) =\s*(\w+) \+ (\w+);/g;
  for (const [, constant, prefix, suffix] of text.matchAll(made)) {
    const [first, last] = [prefix, suffix].map((part) => parts.get(part) ?? fail(`no ${part}`));
    const name = first + last;
    if (!/^rocksdb\.[a-z0-9-]+$/.test(name)) fail(`${constant} is '${name}'`);
    names.set(constant, name);
  }
  const table = block(text, 'InternalStats::ppt_name_to_info = ', path).replace(/\s+/g, ' ');
  const row = /\{DB::Properties::(k\w+), \{(?:true|false), (\S+), (\S+), (\S+), (\S+)\}\}/g;
  const found = { text: [], integer: [], map: [] };
  const seen = new Set();
  for (const [, constant, string, integer, map, special] of table.matchAll(row)) {
    const name = names.get(constant) ?? fail(`${constant} has no name`);
    seen.add(constant);
    const counted = /Prefix$|AtLevel$|AtTemperature$/.test(constant);
    const entry = counted ? `\`${name}\${number}\`` : `'${name}'`;
    if (integer !== 'nullptr') found.integer.push(entry);
    else if (string !== 'nullptr' || special !== 'nullptr') found.text.push(entry);
    else fail(`${constant} gives nothing`);
    if (map !== 'nullptr') found.map.push(entry);
  }
  const declared = block(source('include/rocksdb/db.h'), 'struct Properties {', 'db.h');
  for (const [, constant] of declared.matchAll(/static const std::string (k\w+)/g)) {
    if (!seen.has(constant)) fail(`${constant} is not among those that InternalStats knows`);
  }
  return found;
}

/** Figures of a level: our name, that of the map property, and the column in RocksDB's text. */
function levelFigures() {
  const path = 'db/internal_stats.cc';
  const table = block(source(path), 'InternalStats::compaction_level_stats =', path);
  const rows = [...table.matchAll(/LevelStat\{"(\w+)", "([^"]+)"\}/g)];
  if (rows.length !== table.split('LevelStatType::').length - 1)
    fail('a LevelStat is not understood');
  const names = rows.map(([, name]) => name[0].toLowerCase() + name.slice(1));
  unique(names, 'compaction_level_stats');
  return rows.map(([, name, column], index) => [names[index], name, column]);
}

const list = (items) => items.map((item) => `  '${item}',`);
const record = (pairs) => pairs.map(([name, of]) => `  ${name}: '${of}',`);
const union = (entries) => entries.map((entry) => `  | ${entry}`).join('\n');

function version() {
  const text = source('include/rocksdb/version.h');
  const part = (name) => new RegExp(`#define ROCKSDB_${name} (\\d+)`).exec(text)?.[1] ?? fail(name);
  return ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.');
}

function generate() {
  const perf = 'include/rocksdb/perf_context.h';
  const macro = (name) => ({ macro: { path: 'monitoring/perf_context.cc', name } });
  const { numbers, texts } = tableProperties();
  const known = properties();
  return `// Written by scripts/gen-statistics.mjs from the sources of RocksDB ${version()}: do not edit.

/** Tickers, in RocksDB's order: our name and RocksDB's. */
export const TICKERS = {
${record(figures('TickersNameMap', 'Tickers', 'TICKER_ENUM_MAX')).join('\n')}
} as const;

/** Histograms, in RocksDB's order: our name and RocksDB's. */
export const HISTOGRAMS = {
${record(figures('HistogramsNameMap', 'Histograms', 'HISTOGRAM_ENUM_MAX')).join('\n')}
} as const;

/** Counters of a PerfContext, in its order. */
export const PERF_COUNTERS = [
${list(counters(perf, 'PerfContextBase', macro('DEF_PERF_CONTEXT_METRICS'))).join('\n')}
] as const;

/** Those that it has for each level. */
export const PERF_LEVEL_COUNTERS = [
${list(counters(perf, 'PerfContextByLevelBase', macro('DEF_PERF_CONTEXT_LEVEL_METRICS'))).join('\n')}
] as const;

/** Counters of an IOStatsContext, in its order. */
export const IO_COUNTERS = [
${list(counters('include/rocksdb/iostats_context.h', 'IOStatsContext', { upTo: 'FileIOByTemperature' })).join('\n')}
${list(counters('include/rocksdb/iostats_context.h', 'FileIOByTemperature', { upTo: 'void Reset' })).join('\n')}
] as const;

/** Figures of a level of the tree: RocksDB's names, in its map and in its text. */
export const LEVEL_FIGURES = {
${levelFigures()
  .map(([name, of, column]) => `  ${name}: ['${of}', '${column}'],`)
  .join('\n')}
} as const;

/** Properties of a table that are numbers, in RocksDB's order. */
export const TABLE_NUMBERS = [
${list(numbers).join('\n')}
] as const;

/** Those that are text. */
export const TABLE_TEXTS = [
${list(texts).join('\n')}
] as const;

/** Properties of a database that are text. */
export type TextProperty =
${union(known.text)};

/** Properties that are a number; as text, too. */
export type IntegerProperty =
${union(known.integer)};

/** Properties that are a table of names and values; as text, too. */
export type MapProperty =
${union(known.map)};
`;
}

const text = generate();
if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (current !== text) {
    console.error('src/statistics.gen.ts is not what the sources say: run npm run generate');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
