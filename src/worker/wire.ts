/**
 * Values on their way between threads. The structured clone takes most as they are; what it does not (handles, errors,
 * functions, signals, Buffers) goes as an object with the property MARK. Whoever receives looks for marks only when
 * the message says that there are some.
 */
import { Buffer } from 'node:buffer';
import { packError, unpackError } from './wire-errors.js';

/** No program's property: objects that have it are packed, too. */
const MARK = '\u0000rocksdb';

export interface Marked {
  [MARK]: string;
  value: unknown;
}

/** How one side packs what only it knows; undefined: it is as it is. */
export interface Packer {
  /** Something with a class, or a function. */
  special(value: object, key: string): { kind: string; value: unknown } | undefined;
}

/** How the other side makes it again. */
export interface Unpacker {
  special(kind: string, value: unknown): unknown;
}

export interface Packed {
  readonly value: unknown;
  readonly packed: boolean;
}

export function pack(value: unknown, packer: Packer): Packed {
  const state = { packed: false, packer, seen: new Map<object, unknown>() };
  const result = packAny(value, state, '');
  return { value: state.packed ? result : value, packed: state.packed };
}

interface PackState {
  packed: boolean;
  readonly packer: Packer;
  /** Objects that are being walked: a cycle stays what it is. */
  readonly seen: Map<object, unknown>;
}

function packAny(value: unknown, state: PackState, key: string): unknown {
  if (typeof value === 'function') return packSpecial(value, state, key);
  if (typeof value !== 'object' || value === null) {
    if (typeof value !== 'symbol') return value;
    return packSpecial(Object(value), state, key);
  }
  if (value instanceof Uint8Array) {
    if (!Buffer.isBuffer(value)) return value;
    return mark(state, 'buffer', new Uint8Array(value));
  }
  if (Array.isArray(value)) return packList(value, state, key);
  if (value instanceof Error) return mark(state, 'error', packError(value, deeper(state)));
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return packObject(value, state);
  if (value instanceof Map) return packMap(value, state);
  if (value instanceof Set) {
    return mark(state, 'set', packList([...value], state, key));
  }
  if (CLONEABLE.some((each) => value instanceof each)) return value;
  return packSpecial(value, state, key);
}

/** What the structured clone knows. */
const CLONEABLE = [Date, RegExp, ArrayBuffer, Boolean, Number, String];
if (typeof SharedArrayBuffer !== 'undefined') CLONEABLE.push(SharedArrayBuffer as never);

function packSpecial(value: object, state: PackState, key: string): unknown {
  const special = state.packer.special(value, key);
  if (special !== undefined) return mark(state, special.kind, special.value);
  if (ArrayBuffer.isView(value)) return value;
  // A class of the program's with plain properties, as options may be.
  return packObject(value, state);
}

const deeper = (state: PackState) => (value: unknown) => packAny(value, state, '');

function mark(state: PackState, kind: string, value: unknown): Marked {
  state.packed = true;
  return { [MARK]: kind, value };
}

function packList(list: readonly unknown[], state: PackState, key: string): unknown[] {
  const known = state.seen.get(list);
  if (known !== undefined) return known as unknown[];
  const result: unknown[] = [];
  state.seen.set(list, result);
  for (const each of list) result.push(packAny(each, state, key));
  return result;
}

function packObject(object: object, state: PackState): unknown {
  const known = state.seen.get(object);
  if (known !== undefined) return known;
  const result: Record<string, unknown> = {};
  state.seen.set(object, result);
  for (const [key, value] of Object.entries(object)) {
    const packed = packAny(value, state, key);
    if (key === '__proto__')
      Object.defineProperty(result, key, { value: packed, enumerable: true });
    else result[key] = packed;
  }
  return MARK in result ? mark(state, 'object', result) : result;
}

/** Maps are cloned as they are; only one that has more than that in it goes in pieces. */
function packMap(map: ReadonlyMap<unknown, unknown>, state: PackState): unknown {
  const result = new Map<unknown, unknown>();
  for (const [key, value] of map) {
    result.set(packAny(key, state, ''), packAny(value, state, typeof key === 'string' ? key : ''));
  }
  return result;
}

export function unpack({ value, packed }: Packed, unpacker: Unpacker): unknown {
  return packed ? unpackAny(value, unpacker, new Set()) : value;
}

function unpackAny(value: unknown, unpacker: Unpacker, seen: Set<object>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (seen.has(value)) return value;
  if (Array.isArray(value)) {
    seen.add(value);
    value.forEach((each, index) => {
      value[index] = unpackAny(each, unpacker, seen);
    });
    return value;
  }
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, each] of entries) {
      value.set(unpackAny(key, unpacker, seen), unpackAny(each, unpacker, seen));
    }
    return value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (Object.hasOwn(value, MARK)) return unmark(value as Marked, unpacker, seen);
  return unpackObject(value, unpacker, seen);
}

function unpackObject(value: object, unpacker: Unpacker, seen: Set<object>): object {
  seen.add(value);
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const made = unpackAny(object[key], unpacker, seen);
    if (key !== '__proto__') object[key] = made;
  }
  return object;
}

function unmark({ [MARK]: kind, value }: Marked, unpacker: Unpacker, seen: Set<object>): unknown {
  switch (kind) {
    case 'buffer': {
      const bytes = value as Uint8Array;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    case 'set':
      return new Set(unpackAny(value, unpacker, seen) as unknown[]);
    case 'object':
      return unpackObject(value as object, unpacker, seen);
    case 'error':
      return unpackError(value, (each) => unpackAny(each, unpacker, seen));
    default:
      return unpacker.special(kind, unpackAny(value, unpacker, seen));
  }
}
