// Options by RocksDB's names in camelCase, checked here, handed over as RocksDB's option strings.
// Whatever a string cannot say, or the 32-bit engine would take wrongly, is refused before that.
//
// They are for ConfigOptions as RocksDB makes them (input_strings_escaped = true): SetOptions and
// SetDBOptions know no other. In that mode the parser lets bad names of built-in objects pass
// (filter_policy=nonsense), and it always cuts sizes to 32 bits: no check here is a duplicate.
import { type Attachment, isObjectOption, type ObjectOption, objectOption } from './attachments.js';
import { InvalidOptionError } from './errors.js';
import { describe, expected, nearest, unknownOption } from './option-errors.js';
import {
  type BlockBasedTableOptions,
  type ColumnFamilyOptions,
  type DBOptions,
  GROUPS,
  NAMES,
  type OptionGroup,
  type OptionInfo,
} from './options.gen.js';

export type { BlockBasedTableOptions, ColumnFamilyOptions, DBOptions };

const oneThread = (value: unknown) => value !== 1 && 'there is one thread: give 1 or leave it out';
const noMmap = (value: unknown) => value === true && 'WebAssembly has no mmap: leave it out';
const noDirect = (value: unknown) => value === true && 'WASI has no direct I/O: leave it out';
/** Values that would fail in the engine, or silently not do what they say. */
const REFUSED: Readonly<Record<string, (value: unknown) => string | false>> = {
  allowMmapReads: noMmap,
  allowMmapWrites: noMmap,
  useDirectReads: noDirect,
  useDirectIoForFlushAndCompaction: noDirect,
  maxFileOpeningThreads: oneThread,
  maxSubcompactions: oneThread,
  parallelThreads: oneThread,
  rateLimiterBytesPerSec: (value) => Number(value) < 1 && 'leave it out for no limit',
  // For any other RocksDB writes a line to its log, and the write-ahead log without compression.
  walCompression: (value) =>
    !['none', 'zstd', 'kNoCompression', 'kZSTD'].includes(value as string) &&
    "the choice is 'none' or 'zstd'",
};
const COMPILED_IN = ['none', 'snappy', 'zlib', 'lz4', 'lz4hc', 'zstd', 'zstdNotFinal'];

const RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  size: [0n, 2n ** 32n - 1n],
};

/** Checked against the range of the type; for parsing too, since the engine cuts silently. */
export function formatInteger(type: string, value: unknown, path: string): string {
  const wide = type === 'int64' || type === 'uint64';
  if (!Number.isInteger(value) && !(wide && typeof value === 'bigint')) {
    throw expected(wide ? 'an integer (number or bigint)' : 'an integer', path, value);
  }
  const number = BigInt(value as bigint | number);
  const error = (why: string) => new InvalidOptionError(`${path}: ${number} ${why}`, path, value);
  if (wide && typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw error('is not exact as a number: give a bigint');
  }
  const [min, max] = RANGES[type] ?? [0n, 0n];
  if (type === 'size' && number > max) {
    throw error(`does not fit: sizes are limited to ${max} (32 bits) in WebAssembly`);
  }
  if (number < min || number > max) throw error(`is not within ${min} to ${max}`);
  return String(number);
}

export function formatDouble(value: unknown, path: string): string {
  // Below the least normal number strtod reports an underflow, which RocksDB takes as an error.
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (value === 0 || Math.abs(value) >= 2 ** -1022) return String(value);
  }
  throw expected('a finite number', path, value);
}

/**
 * `text` so that the parser gives it back. The parser cuts at `;` unless braces stand around,
 * counts braces without regard to backslashes, trims white space, and resolves backslashes last.
 */
export function quote(text: string, path = 'option'): string {
  const error = (what: string) =>
    new InvalidOptionError(`${path}: an option string cannot hold ${what}: remove it`, path, text);
  if (/[ \t\v\f]$/.test(text)) throw error('white space at the end');
  if (/\0|\p{Surrogate}/u.test(text)) throw error('NUL or half of a surrogate pair');
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\r': '\\r', '\n': '\\n' };
  const escaped = text.replace(/[\\\r\n]/g, (found) => escapes[found] ?? found);
  const quoted = /^[ \t\v\f{]/.test(text) ? `\\${escaped}` : escaped;
  if (!quoted.includes(';')) return quoted;
  let depth = 0;
  for (const brace of text.match(/[{}]/g) ?? []) {
    depth += brace === '{' ? 1 : -1;
    if (depth < 0) break;
  }
  if (depth !== 0) throw error('a brace without its partner beside a semicolon');
  return `{${quoted}}`;
}

function formatString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw expected('a string', path, value);
  return quote(value, path);
}

/** RocksDB's id of a value of an enumeration, or of a built-in object, by either of its names. */
function formatName(of: string, value: unknown, path: string): string {
  const names = NAMES[of] ?? {};
  const friendly = Object.keys(names);
  const name = friendly.find((each) => each === value || names[each] === value);
  if (name === undefined) {
    const meant = typeof value === 'string' ? nearest(value, friendly) : undefined;
    throw expected(`one of ${friendly.join(', ')}`, path, value, meant);
  }
  const inherits = name === 'disableCompressionOption' && path.endsWith('bottommostCompression');
  if (of === 'CompressionType' && !COMPILED_IN.includes(name) && !inherits) {
    const remedy = `use one of ${COMPILED_IN.join(', ')}`;
    throw new InvalidOptionError(`${path}: '${name}' is not compiled in: ${remedy}`, path, value);
  }
  return names[name] as string;
}

/** The fields of a value of the form { type, ... }; others than these are errors. */
function fieldsOf(value: unknown, path: string, what: string, keys: readonly string[]) {
  if (typeof value !== 'object' || value === null) throw expected(what, path, value);
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined) throw expected(`no field but ${keys.join(', ')}`, path, extra);
  return value as Readonly<Record<string, unknown>>;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

function formatMergeOperator(value: unknown, path: string): string {
  if (typeof value === 'string') return formatName('MergeOperator', value, path);
  const what = 'a name or { type, delimiter }';
  const { type, delimiter } = fieldsOf(value, path, what, ['type', 'delimiter']);
  if (type !== 'stringappend' && type !== 'stringappendtest') {
    throw expected("'stringappend' or 'stringappendtest'", `${path}.type`, type);
  }
  // RocksDB writes all others to its OPTIONS file in a way that it reads back as something else.
  if (!/^(?![\s\S]*[\\;{}\r\n])\S(?:[\s\S]*\S)?$/.test(textOf(delimiter))) {
    const words = 'text without \\ ; { } line ends, or white space around it';
    throw expected(words, `${path}.delimiter`, delimiter);
  }
  const id = formatName('MergeOperator', type, path);
  return `{id=${id};delimiter=${formatString(delimiter, path)}}`;
}

function formatMemtableFactory(value: unknown, path: string): string {
  const [, name, size] = /^(\w+)(?::(\d+))?$/.exec(textOf(value)) ?? [];
  const id = formatName('MemtableFactory', name ?? value, path);
  return size === undefined ? id : `${id}:${formatInteger('size', Number(size), path)}`;
}

export const PREFIX = /^(?:(fixed|capped):|rocksdb\.(Fixed|Capped)Prefix\.)(\d+)$/;
function formatPrefixExtractor(value: unknown, path: string): string {
  if (value === 'none') return 'nullptr';
  if (value === 'noop' || value === 'rocksdb.Noop') return 'rocksdb.Noop';
  const [, short, long, length] = PREFIX.exec(textOf(value)) ?? [];
  if (length === undefined) throw expected("'fixed:N', 'capped:N', 'noop' or 'none'", path, value);
  const kind = (short ?? long)?.toLowerCase() === 'fixed' ? 'Fixed' : 'Capped';
  return `rocksdb.${kind}Prefix.${formatInteger('size', Number(length), path)}`;
}

export function filterFromText(text: string): unknown {
  const bloom = /^(?:bloom|bloomfilter|rocksdb\.BloomFilter):([\d.]+)(?::(?:true|false))?$/.exec(
    text,
  );
  if (bloom) return { type: 'bloom', bitsPerKey: Number(bloom[1]) };
  const ribbon = /^(?:ribbon|ribbonfilter|rocksdb\.RibbonFilter):([\d.]+)(?::(-?\d+))?$/.exec(text);
  if (!ribbon) return text;
  return {
    type: 'ribbon',
    bitsPerKey: Number(ribbon[1]),
    bloomBeforeLevel: Number(ribbon[2] ?? 0),
  };
}

function formatFilterPolicy(given: unknown, path: string): string {
  if (given === 'none') return 'nullptr';
  const value = typeof given === 'string' ? filterFromText(given) : given;
  const what = "'bloom:N', 'ribbon:N', { type, bitsPerKey } or 'none'";
  const keys = ['type', 'bitsPerKey', 'bloomBeforeLevel'];
  const { type, bitsPerKey, bloomBeforeLevel } = fieldsOf(value, path, what, keys);
  if (typeof bitsPerKey !== 'number' || !(bitsPerKey >= 0 && bitsPerKey <= 100)) {
    throw expected('a number from 0 to 100', `${path}.bitsPerKey`, bitsPerKey);
  }
  // The id takes digits and a point only; RocksDB itself counts in thousandths.
  const bits = Math.round(bitsPerKey * 1000) / 1000;
  if (type === 'bloom' && bloomBeforeLevel === undefined) return `bloomfilter:${bits}:false`;
  if (type !== 'ribbon') throw expected("'ribbon', or 'bloom' without a level", path, type);
  const level = formatInteger('int32', bloomBeforeLevel ?? 0, `${path}.bloomBeforeLevel`);
  return `ribbonfilter:${bits}:${level}`;
}

function formatValue(info: OptionInfo, value: unknown, path: string): string {
  switch (info.type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw expected('true or false', path, value);
      return String(value);
    case 'double':
      return formatDouble(value, path);
    case 'string':
      return formatString(value, path);
    case 'enum':
    case 'object':
      return formatName(info.of ?? '', value, path);
    case 'mergeOperator':
      return formatMergeOperator(value, path);
    case 'memtableFactory':
      return formatMemtableFactory(value, path);
    case 'prefixExtractor':
      return formatPrefixExtractor(value, path);
    case 'filterPolicy':
      return formatFilterPolicy(value, path);
    case 'struct':
      return `{${formatGroup(info.of as OptionGroup, value, `${path}.`)}}`;
    default:
      return formatInteger(info.type, value, path);
  }
}

function formatArray(info: OptionInfo, value: unknown, path: string): string {
  if (!Array.isArray(value)) throw expected('an array', path, value);
  const one = (each: unknown, index: number) => formatValue(info, each, `${path}[${index}]`);
  const text = Array.from(value, one).join(':');
  return info.type === 'struct' ? `{${text}}` : text;
}

/** `key=value`, or nothing for a Cache that goes into `objects` instead. */
function formatCache(info: OptionInfo, value: unknown, path: string, objects?: Attachment[]) {
  if (value === false)
    return info.snake === 'block_cache' ? 'no_block_cache=true' : 'blob_cache=null';
  if (typeof value === 'number') return `${info.snake}=${formatInteger('size', value, path)}`;
  const made = typeof value === 'object' && value !== null;
  if (!made || [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value))) {
    throw expected('a number of bytes, false or a Cache', path, value);
  }
  if (!objects)
    throw new InvalidOptionError(`${path}: a Cache can be set at open only`, path, value);
  objects.push({ option: info.snake === 'block_cache' ? 'blockCache' : 'blobCache', value, path });
  return '';
}

interface FormatContext {
  /** Where options that are objects go; without it they are errors. */
  objects?: Attachment[] | undefined;
  /** Refuse what cannot be changed while the database is open. */
  mutableOnly?: boolean;
}

function assertObject(value: unknown, path: string): asserts value is object {
  // Anything that iterates, such as a Map, has no options among its own properties.
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) {
    throw expected('an object', path, value);
  }
}

function addObject(option: ObjectOption, value: object, path: string, objects?: Attachment[]) {
  if (objects === undefined) {
    throw new InvalidOptionError(`${path}: an object can be set at open only`, path, value);
  }
  objects.push({ option, value, path });
}

/** The options of one group as `a=1;b={c=2}`; structs that say nothing are left out. */
function formatGroup(
  group: OptionGroup,
  options: unknown,
  prefix = '',
  context: FormatContext = {},
) {
  assertObject(options, prefix.slice(0, -1) || 'options');
  const known = GROUPS[group].options;
  const parts: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const path = prefix + name;
    const info = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value === undefined) continue;
    const option = objectOption(group, name, value, path);
    if (option !== undefined) {
      addObject(option, value as object, path, context.objects);
      continue;
    }
    if (!info) throw unknownOption(path, value, [group]);
    if (context.mutableOnly && !info.mutable) {
      throw new InvalidOptionError(
        `${path} is fixed at open: close and open again to change it`,
        path,
        value,
      );
    }
    let text: string;
    if (info.type === 'cache') text = formatCache(info, value, path, context.objects);
    else if (info.array) text = `${info.snake}=${formatArray(info, value, path)}`;
    else if (info.type === 'struct') {
      const inner = formatGroup(info.of as OptionGroup, value, `${path}.`, {
        objects: context.objects,
      });
      text = inner && `${info.snake}={${inner}}`;
    } else text = `${info.snake}=${formatValue(info, value, path)}`;
    const reason = REFUSED[name]?.(value);
    if (reason)
      throw new InvalidOptionError(
        `${path}: ${describe(value)} is refused: ${reason}`,
        path,
        value,
      );
    if (text) parts.push(text);
  }
  const { blockCache, noBlockCache } = options as BlockBasedTableOptions;
  if (blockCache !== undefined && noBlockCache === (blockCache !== false)) {
    throw new InvalidOptionError(
      `${prefix}noBlockCache contradicts blockCache`,
      'noBlockCache',
      noBlockCache,
    );
  }
  return parts.join(';');
}

// ---- The public functions ----------------------------------------------------------------------

/** Options as text, and those that text cannot hold. */
export interface FormattedOptions {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

function formatAll(group: 'db' | 'columnFamily', options: object): FormattedOptions {
  const objects: Attachment[] = [];
  const text = formatGroup(group, options, '', { objects });
  return { text, attachments: objects };
}

/** For GetDBOptionsFromString. */
export function formatDBOptions(options: DBOptions): FormattedOptions {
  return formatAll('db', options);
}

/** For GetColumnFamilyOptionsFromString; the objects are to be set by pointer afterwards. */
export function formatColumnFamilyOptions(options: ColumnFamilyOptions): FormattedOptions {
  return formatAll('columnFamily', options);
}

/** For SetDBOptions and SetOptions, by way of StringToMap; empty when nothing is to be changed. */
export function formatMutable(group: 'db', options: DBOptions): string;
export function formatMutable(group: 'columnFamily', options: ColumnFamilyOptions): string;
export function formatMutable(group: 'db' | 'columnFamily', options: object): string {
  return formatGroup(group, options, '', { mutableOnly: true });
}

/** Sorts what `RocksDB.open` was given into database, column-family and `ownKeys` options. */
export function splitOpenOptions(options: object, ownKeys: readonly string[]) {
  assertObject(options, 'options');
  const split = { db: {} as DBOptions, columnFamily: {} as ColumnFamilyOptions, own: {} };
  for (const [name, value] of Object.entries(options)) {
    const homes = ['db', 'columnFamily'] as const;
    const home = homes.find(
      (group) => Object.hasOwn(GROUPS[group].options, name) || isObjectOption(group, name),
    );
    const target = ownKeys.includes(name) ? 'own' : home;
    if (target) Object.assign(split[target], { [name]: value });
    else if (value !== undefined) throw unknownOption(name, value, homes, ownKeys);
  }
  return split as {
    db: DBOptions;
    columnFamily: ColumnFamilyOptions;
    own: Record<string, unknown>;
  };
}
