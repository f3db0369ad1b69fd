/** RocksDB's option strings read back into typed options. */
import { expected, nameOf, unknownOption } from './option-errors.js';
import {
  FIXED_PREFIX,
  filterFromText,
  formatDouble,
  formatInteger,
  PREFIX,
} from './option-formats.js';
import {
  type BlockBasedTableOptions,
  type ColumnFamilyOptions,
  type DBOptions,
  GROUPS,
  NAMES,
  type OptionGroup,
  type OptionInfo,
} from './options.gen.js';
import { TABLE_FORMATS } from './options.js';

interface OptionsOf {
  db: DBOptions;
  columnFamily: ColumnFamilyOptions;
  blockBasedTable: BlockBasedTableOptions;
}

const SPACES = /^[ \t\n\v\f\r]*/;
const trim = (text: string) => text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { r: '\r', n: '\n' };
  return text.replace(/\\([\s\S]?)/g, (_, char: string) => named[char] ?? char);
}

/** The token at `start`, as OptionTypeInfo::NextToken has it, and where the next one starts. */
function nextToken(text: string, delimiter: string, start: number): [token: string, next: number] {
  const first = start + (SPACES.exec(text.slice(start))?.[0].length ?? 0);
  if (text[first] !== '{') {
    const end = text.indexOf(delimiter, first);
    return end < 0
      ? [trim(text.slice(first)), text.length]
      : [trim(text.slice(first, end)), end + 1];
  }
  let depth = 0;
  for (let i = first; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) {
      const after = SPACES.exec(text.slice(i + 1))?.[0].length ?? 0;
      const end = i + 1 + after;
      if (end < text.length && text[end] !== delimiter) break;
      return [trim(text.slice(first + 1, i)), end + 1];
    }
  }
  throw expected('braces in pairs', 'options', text);
}

/** `a=1;b={c=2}` as pairs of a name and a value, still escaped. */
export function pairsOf(text: string): [name: string, value: string][] {
  let rest = trim(text);
  while (/^\{[\s\S]+\}$/.test(rest)) rest = trim(rest.slice(1, -1));
  const pairs: [string, string][] = [];
  for (let start = 0; start < rest.length; ) {
    const equals = rest.indexOf('=', start);
    const name = trim(rest.slice(start, Math.max(start, equals)));
    if (!/^[^{};]+$/.test(name)) throw expected('name=value', 'options', rest.slice(start));
    const [value, next] = nextToken(rest, ';', equals + 1);
    pairs.push([name, value]);
    start = next;
  }
  return pairs;
}

function parseInteger(type: string, text: string, path: string): bigint | number {
  const [, digits, unit] = /^([+-]?\d+)([kmgt]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw expected('an integer', path, text);
  const power = BigInt('kmgt'.indexOf((unit || ' ').toLowerCase()) + 1) * 10n;
  const value = BigInt(digits.replace('+', '')) << power;
  const wide = type === 'int64' || type === 'uint64';
  formatInteger(type, wide ? value : Number(value), path);
  return wide ? value : Number(value);
}

/** Built-in objects come as an id, or as `id=...;field=...`. */
function parseObject(info: OptionInfo, text: string, path: string): unknown {
  const fields = new Map(text.includes('=') ? pairsOf(text) : [['id', text]]);
  const id = fields.get('id') ?? '';
  if (id === '' || id === 'nullptr') {
    return ['prefixExtractor', 'filterPolicy'].includes(info.type) ? 'none' : undefined;
  }
  if (info.type === 'filterPolicy') return filterFromText(id);
  if (info.type === 'prefixExtractor') {
    const [, short, long, length] = PREFIX.exec(id) ?? [];
    if (length !== undefined) return `${short ?? long?.toLowerCase()}:${length}`;
    return id === 'rocksdb.Noop' ? 'noop' : id;
  }
  if (info.type === 'sstPartitioner') {
    return id === FIXED_PREFIX ? `fixedPrefix:${fields.get('length')}` : id;
  }
  if (info.type === 'compactOnDeletion') return parseOnDeletion(text);
  if (info.type === 'memtableFactory') return parseMemtableFactory(id, fields, path);
  const known = Object.entries(NAMES[info.of ?? ''] ?? {}).some((names) => names.includes(id));
  // Objects of the program's are told by their names.
  if (!known) return id;
  const name = parseName(info.of ?? '', id, path);
  const delimiter = fields.get('delimiter');
  if (delimiter !== undefined) return { type: name, delimiter: unescaped(delimiter) };
  return name;
}

/** RocksDB writes the number as a field, whose name and default depend on the format. */
const MEMTABLE_NUMBERS: Readonly<Record<string, readonly [field: string, byDefault: string]>> = {
  SkipListFactory: ['lookahead', '0'],
  VectorRepFactory: ['count', '0'],
  HashSkipListRepFactory: ['bucket_count', '1000000'],
  HashLinkListRepFactory: ['bucket_count', '50000'],
};

function parseMemtableFactory(
  id: string,
  fields: ReadonlyMap<string, string>,
  path: string,
): string {
  const [base = id, afterColon] = id.split(':');
  const name = parseName('MemtableFactory', base, path);
  const factory = NAMES.MemtableFactory?.[name] ?? '';
  const [field, byDefault] = MEMTABLE_NUMBERS[factory] ?? ['', ''];
  const number = afterColon ?? fields.get(field) ?? byDefault;
  return number === byDefault ? name : `${name}:${number}`;
}

/** Collectors of the program's stand beside it, as names. */
function parseOnDeletion(text: string): unknown {
  const fields = /\bid=CompactOnDeletionCollector;?([^{}]*)/.exec(text)?.[1];
  if (fields === undefined) return undefined;
  const values = new Map(pairsOf(fields));
  const number = (name: string) => Number(values.get(name) ?? 0);
  return {
    windowSize: number('window_size'),
    deletionTrigger: number('deletion_trigger'),
    deletionRatio: number('deletion_ratio'),
  };
}

function parseName(of: string, text: string, path: string): string {
  const names = NAMES[of] ?? {};
  const name = Object.keys(names).find((each) => names[each] === text || each === text);
  if (name === undefined) throw expected(`one of ${Object.values(names).join(', ')}`, path, text);
  return name;
}

function parseArray(info: OptionInfo, text: string, path: string): unknown[] {
  const values: unknown[] = [];
  for (let start = 0; start < text.length; ) {
    const [token, next] = nextToken(text, ':', start);
    values.push(parseValue(info, unescaped(token), `${path}[${values.length}]`));
    start = next;
  }
  return values;
}

function parseValue(info: OptionInfo, text: string, path: string): unknown {
  switch (info.type) {
    case 'boolean':
      if (!/^(true|false|0|1)$/.test(text)) throw expected('true or false', path, text);
      return text === 'true' || text === '1';
    case 'double':
      if (text === '') throw expected('a number', path, text);
      return Number(formatDouble(Number(text), path));
    case 'string':
      return text;
    case 'enum':
      return parseName(info.of ?? '', text, path);
    case 'struct':
      return parseGroup(info.of as OptionGroup, pairsOf(text), `${path}.`);
    case 'cache':
      return text.startsWith('null') ? false : parseInteger('size', text, path);
    case 'object':
    case 'mergeOperator':
    case 'memtableFactory':
    case 'prefixExtractor':
    case 'filterPolicy':
    case 'sstPartitioner':
    case 'compactOnDeletion':
      return parseObject(info, text, path);
    default:
      return parseInteger(info.type, text, path);
  }
}

/** The option that a table format is. RocksDB may write its id alone. */
function tableFormat(text: string): string | undefined {
  const id = /^\{?(?:id=)?(\w+)/.exec(trim(text))?.[1];
  if (id === 'BlockBasedTable') return text.includes('=') ? 'blockBasedTable' : undefined;
  return Object.keys(TABLE_FORMATS).find((name) => TABLE_FORMATS[name] === id);
}

function parseGroup(
  group: OptionGroup,
  pairs: Iterable<readonly [string, string]>,
  prefix: string,
): Record<string, unknown> {
  const { options, leftOut } = GROUPS[group];
  const parsed: Record<string, unknown> = {};
  for (const [snake, escaped] of pairs) {
    const name = snake === 'table_factory' ? tableFormat(escaped) : nameOf(group, snake);
    const info = name === undefined ? undefined : options[name];
    if (name === undefined || !info) {
      // The id of the table factory itself, and what RocksDB writes but a string cannot set.
      if (snake === 'id' || snake === 'table_factory' || Object.hasOwn(leftOut, snake)) continue;
      throw unknownOption(prefix + snake, escaped, [group]);
    }
    const read = info.array ? parseArray : parseValue;
    const value = read(info, unescaped(escaped), prefix + name);
    if (value !== undefined) parsed[name] = value;
  }
  return parsed;
}

/**
 * RocksDB's option string, or the pairs of one, as typed values: 64-bit integers as bigint, names
 * in their friendly form. Options that RocksDB knows and this module leaves out are passed over.
 */
export function parseOptions<Group extends keyof OptionsOf>(
  text: string | Iterable<readonly [string, string]>,
  group: Group,
): OptionsOf[Group] {
  return parseGroup(group, typeof text === 'string' ? pairsOf(text) : text, '') as OptionsOf[Group];
}
