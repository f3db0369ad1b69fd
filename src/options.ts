// Options by RocksDB's names in camelCase, checked here, handed over as RocksDB's option strings.
// Whatever a string cannot say, or the 32-bit engine would take wrongly, is refused before that.
//
// They are for ConfigOptions as RocksDB makes them (input_strings_escaped = true): SetOptions and
// SetDBOptions know no other. In that mode the parser lets bad names of built-in objects pass
// (filter_policy=nonsense), and it always cuts sizes to 32 bits: no check here is a duplicate.
import { type Attachment, isObjectOption, objectsOf } from './attachments.js';
import { InvalidOptionError } from './errors.js';
import type { ColumnFamilySettings, DBSettings } from './object-options.js';
import { describe, expected, unknownOption } from './option-errors.js';
import {
  formatCompactOnDeletion,
  formatDouble,
  formatFilterPolicy,
  formatInteger,
  formatMemtableFactory,
  formatMergeOperator,
  formatName,
  formatPrefixExtractor,
  formatSstPartitioner,
  formatString,
} from './option-formats.js';
import {
  type BlockBasedTableOptions,
  type ColumnFamilyOptions,
  type DBOptions,
  GROUPS,
  type OptionGroup,
  type OptionInfo,
} from './options.gen.js';

export type {
  BlockBasedTableOptions,
  ColumnFamilyOptions,
  ColumnFamilySettings,
  DBOptions,
  DBSettings,
};

const oneThread = (value: unknown) => value !== 1 && 'there is one thread: give 1 or leave it out';
const noMmap = (value: unknown) => value === true && 'WebAssembly has no mmap: leave it out';
const noDirect = (value: unknown) => value === true && 'WASI has no direct I/O: leave it out';
/** Values that would fail in the engine, or silently not do what they say. */
const REFUSED: Readonly<Record<string, (value: unknown) => string | false>> = {
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
    case 'sstPartitioner':
      return formatSstPartitioner(value, path);
    case 'compactOnDeletion':
      return formatCompactOnDeletion(value, path);
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

/** Options that choose a table format. */
export const TABLE_FORMATS: Readonly<Record<string, string>> = {
  plainTable: 'PlainTable',
  cuckooTable: 'CuckooTable',
};

function assertOneTableFormat(options: object, prefix: string): void {
  const given = ['blockBasedTable', 'plainTable', 'cuckooTable'].filter(
    (name) => (options as Readonly<Record<string, unknown>>)[name] !== undefined,
  );
  if (given.length < 2) return;
  const [first = '', second = ''] = given;
  throw new InvalidOptionError(
    `${prefix}${first} and ${second} are formats of the same tables: give one`,
    prefix + second,
    (options as Readonly<Record<string, unknown>>)[second],
  );
}

/** One filter, or what makes filters. */
function assertOneFilter(options: object): void {
  const { compactionFilter, compactionFilterFactory } = options as Readonly<
    Record<string, unknown>
  >;
  if (compactionFilter === undefined || compactionFilterFactory === undefined) return;
  throw new InvalidOptionError(
    'compactionFilter and compactionFilterFactory are for the same entries: give one',
    'compactionFilterFactory',
    compactionFilterFactory,
  );
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

function addObjects(added: readonly Attachment[], objects?: Attachment[]) {
  if (objects !== undefined) {
    objects.push(...added);
    return;
  }
  const [first] = added;
  if (first === undefined) return;
  const { path, value } = first;
  throw new InvalidOptionError(`${path}: an object can be set at open only`, path, value);
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
    const attached = objectsOf(group, name, value, path);
    if (attached !== undefined) {
      addObjects(attached, context.objects);
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
      const id = TABLE_FORMATS[name];
      // Fields are set in the format that is there; another format is put in its place by its id.
      if (id !== undefined) text = `table_factory={id=${id};${inner}}`;
      else text = inner && `${info.snake}={${inner}}`;
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
  if (group === 'columnFamily') {
    assertOneTableFormat(options, prefix);
    assertOneFilter(options);
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
export function formatDBOptions(options: DBSettings): FormattedOptions {
  return formatAll('db', options);
}

/** For GetColumnFamilyOptionsFromString; the objects are to be set by pointer afterwards. */
export function formatColumnFamilyOptions(options: ColumnFamilySettings): FormattedOptions {
  return formatAll('columnFamily', options);
}

/** For SetDBOptions and SetOptions, by way of StringToMap; empty when nothing is to be changed. */
export function formatMutable(group: 'db', options: DBOptions): string;
export function formatMutable(group: 'columnFamily', options: ColumnFamilyOptions): string;
export function formatMutable(group: 'db' | 'columnFamily', options: object): string {
  return formatGroup(group, options, '', { mutableOnly: true });
}

/** Whether it is an option of RocksDB's, of databases or column families. */
export function isOpenOption(name: string): boolean {
  const homes = ['db', 'columnFamily'] as const;
  return homes.some(
    (group) => Object.hasOwn(GROUPS[group].options, name) || isObjectOption(group, name),
  );
}

/** Sorts what `RocksDB.open` was given into database, column-family and `ownKeys` options. */
export function splitOpenOptions(options: object, ownKeys: readonly string[]) {
  assertObject(options, 'options');
  const split = { db: {} as DBSettings, columnFamily: {} as ColumnFamilySettings, own: {} };
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
    db: DBSettings;
    columnFamily: ColumnFamilySettings;
    own: Record<string, unknown>;
  };
}
