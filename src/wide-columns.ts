/**
 * Wide columns: a value that has named parts (RocksDB's entities). What goes over the boundary, and into the
 * log, is RocksDB's own serialization of them: version, count, then name and value size of each column, in
 * the bytewise order of the names, then the values.
 */

import { bytesOf, type Codec, emptyValue } from './encoding.js';
import { CorruptionError, InvalidArgumentError, InvalidOptionError } from './errors.js';
import type { Heap } from './native/heap.js';
import { type Bytes, MAX_VALUE_BYTES } from './native/staging.js';
import { quoted } from './shown.js';
import { readVarint, varintBytes, writeVarint } from './varint.js';

/**
 * How names of columns come out. `utf8` (default): text, in a Map. `view`: bytes, as entries, for names that
 * are no text.
 */
export type ColumnNames = 'utf8' | 'view';

/**
 * The columns of an entity, in the bytewise order of their names. The one with the empty name is the default
 * column: what `get` and `put` read and write. A Map, not an object, which would sort names like '10'.
 */
export type WideColumns<V = Uint8Array, N extends ColumnNames = 'utf8'> = N extends 'view'
  ? [name: Uint8Array, value: V][]
  : Map<string, V>;

/** Columns to write, in any order: an object, a Map or entries. Names are text or bytes. */
export type WideColumnsInput<V> =
  | Readonly<Record<string, V>>
  | Iterable<readonly [name: Bytes, value: V]>;

const VERSION = 1;
/** A name that is no UTF-8 must not come out as another one. */
const strictText = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** @internal The serialization of `columns`, their values by `values`. Runs the caller's code (toJSON, iterators). */
export function encodeColumns(columns: unknown, values: Codec): Uint8Array {
  const encoded = entriesOf(columns).map(([name, value]) => ({
    name: bytesOf(name, 'name of a column'),
    value: bytesOf(values.encode(value), 'value of a column'),
  }));
  encoded.sort((a, b) => compareBytes(a.name, b.name));
  let size = varintBytes(VERSION) + varintBytes(encoded.length);
  encoded.forEach(({ name, value }, index) => {
    const before = encoded[index - 1];
    if (before !== undefined && compareBytes(before.name, name) === 0) {
      throw invalid(`the column ${nameText(name)} was given twice`);
    }
    size += varintBytes(name.length) + name.length + varintBytes(value.length) + value.length;
  });
  if (size > MAX_VALUE_BYTES) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_TOO_LARGE',
      `entity of ${size} bytes: the limit is ${MAX_VALUE_BYTES} bytes`,
    );
  }
  const bytes = new Uint8Array(size);
  let at = writeVarint(bytes, 0, VERSION);
  at = writeVarint(bytes, at, encoded.length);
  for (const { name, value } of encoded) {
    at = writeVarint(bytes, at, name.length);
    bytes.set(name, at);
    at = writeVarint(bytes, at + name.length, value.length);
  }
  for (const { value } of encoded) {
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/** Names and values as they were given, in their order. */
export function entriesOf(columns: unknown): (readonly [unknown, unknown])[] {
  if (typeof columns !== 'object' || columns === null || columns instanceof Uint8Array) {
    throw invalid(
      `columns: expected an object, a Map or entries, got ${columns === null ? 'null' : typeof columns}`,
    );
  }
  if (!(Symbol.iterator in columns)) return Object.entries(columns);
  return Array.from(columns as Iterable<unknown>, (entry) => {
    if (Array.isArray(entry) && entry.length === 2) return [entry[0], entry[1]] as const;
    throw invalid('columns: expected entries, each an array of a name and a value');
  });
}

/** Where a column is within the serialization. */
interface ColumnPlace {
  readonly name: Uint8Array;
  readonly at: number;
  readonly length: number;
}

/** Throws CorruptionError when the bytes are no entity. */
function placesOf(bytes: Uint8Array): ColumnPlace[] {
  const corrupt = () => new CorruptionError('ERR_ROCKSDB_CORRUPTION', 'these are no wide columns');
  let at = 0;
  const varint = () => {
    const read = readVarint(bytes, at);
    if (read === undefined) throw corrupt();
    at = read.next;
    return read.value;
  };
  if (varint() > VERSION) throw corrupt();
  const count = varint();
  const found: { name: Uint8Array; length: number }[] = [];
  for (let i = 0; i < count; i++) {
    const length = varint();
    if (length > bytes.length - at) throw corrupt();
    const name = bytes.subarray(at, at + length);
    at += length;
    const before = found[i - 1];
    if (before !== undefined && compareBytes(before.name, name) >= 0) throw corrupt();
    found.push({ name, length: varint() });
  }
  return found.map(({ name, length }) => {
    if (length > bytes.length - at) throw corrupt();
    const place = { name, at, length };
    at += length;
    return place;
  });
}

/** @internal The columns of a serialization, as bytes of their own. */
export function splitColumns(bytes: Uint8Array): [name: Uint8Array, value: Uint8Array][] {
  return placesOf(bytes).map(({ name, at, length }) => [
    name.slice(),
    bytes.slice(at, at + length),
  ]);
}

/** @internal The columns of a serialization in linear memory, as they are handed out. */
export function readColumns(
  heap: Heap,
  address: number,
  length: number,
  values: Codec,
  names: ColumnNames,
): WideColumns<unknown, ColumnNames> {
  const places = placesOf(heap.bytes(address, length));
  const value = (place: ColumnPlace) => values.decode(heap, address + place.at, place.length);
  if (names === 'view') return places.map((place) => [place.name.slice(), value(place)]);
  return new Map(places.map((place) => [textOf(place.name), value(place)]));
}

/** @internal The value of the default column in linear memory; that of no bytes when there is none. */
export function readDefaultColumn(
  heap: Heap,
  address: number,
  length: number,
  values: Codec,
): unknown {
  // It comes first, when there is one.
  const [first] = placesOf(heap.bytes(address, length));
  if (first === undefined || first.name.length > 0) return emptyValue(values, heap);
  return values.decode(heap, address + first.at, first.length);
}

/** @internal Throws InvalidOptionError for what is no ColumnNames. */
export function columnNamesOf(names: unknown): ColumnNames {
  if (names === undefined || names === 'utf8') return 'utf8';
  if (names === 'view') return 'view';
  throw new InvalidOptionError(
    `columnNames: expected 'utf8' or 'view', got ${quoted(names)}`,
    'columnNames',
    names,
  );
}

function textOf(name: Uint8Array): string {
  try {
    return strictText.decode(name);
  } catch {
    throw invalid(`the column ${nameText(name)} is no UTF-8: read it with columnNames: 'view'`);
  }
}

/** For messages. */
function nameText(name: Uint8Array): string {
  try {
    return `'${strictText.decode(name)}'`;
  } catch {
    return `0x${Array.from(name, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  }
  return a.length - b.length;
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
