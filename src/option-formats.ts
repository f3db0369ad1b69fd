/** Single values of options as RocksDB's option strings have them, each checked on the way. */
import { InvalidOptionError } from './errors.js';
import { expected, nearest } from './option-errors.js';
import { NAMES } from './options.gen.js';

export const COMPILED_IN = ['none', 'snappy', 'zlib', 'lz4', 'lz4hc', 'zstd', 'zstdNotFinal'];

export const RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
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

export function formatString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw expected('a string', path, value);
  return quote(value, path);
}

/** RocksDB's id of a value of an enumeration, or of a built-in object, by either of its names. */
export function formatName(of: string, value: unknown, path: string): string {
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
export function fieldsOf(value: unknown, path: string, what: string, keys: readonly string[]) {
  if (typeof value !== 'object' || value === null) throw expected(what, path, value);
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined) throw expected(`no field but ${keys.join(', ')}`, path, extra);
  return value as Readonly<Record<string, unknown>>;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

export function formatMergeOperator(value: unknown, path: string): string {
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

export function formatMemtableFactory(value: unknown, path: string): string {
  const [, name, size] = /^(\w+)(?::(\d+))?$/.exec(textOf(value)) ?? [];
  const id = formatName('MemtableFactory', name ?? value, path);
  return size === undefined ? id : `${id}:${formatInteger('size', Number(size), path)}`;
}

export const PREFIX = /^(?:(fixed|capped):|rocksdb\.(Fixed|Capped)Prefix\.)(\d+)$/;
export function formatPrefixExtractor(value: unknown, path: string): string {
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

export const FIXED_PREFIX = 'SstPartitionerFixedPrefixFactory';
export function formatSstPartitioner(value: unknown, path: string): string {
  if (value === 'none') return 'nullptr';
  const [, length] = /^fixedPrefix:(\d+)$/.exec(textOf(value)) ?? [];
  if (length === undefined) throw expected("'fixedPrefix:N', 'none' or an object", path, value);
  return `{id=${FIXED_PREFIX};length=${formatInteger('size', Number(length), path)}}`;
}

export const ON_DELETION = 'CompactOnDeletionCollector';
export function formatCompactOnDeletion(value: unknown, path: string): string {
  const fields = ['windowSize', 'deletionTrigger', 'deletionRatio'];
  const what = '{ windowSize, deletionTrigger, deletionRatio }';
  const { windowSize, deletionTrigger, deletionRatio = 0 } = fieldsOf(value, path, what, fields);
  const size = (given: unknown, name: string) => formatInteger('size', given, `${path}.${name}`);
  const ratio = formatDouble(deletionRatio, `${path}.deletionRatio`);
  if (Number(ratio) < 0 || Number(ratio) > 1) {
    throw expected('a number from 0 to 1', `${path}.deletionRatio`, deletionRatio);
  }
  return (
    `{id=${ON_DELETION};window_size=${size(windowSize, 'windowSize')};` +
    `deletion_trigger=${size(deletionTrigger, 'deletionTrigger')};deletion_ratio=${ratio}}`
  );
}

export function formatFilterPolicy(given: unknown, path: string): string {
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
