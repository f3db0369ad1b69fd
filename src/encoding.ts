/** Encodings of keys and values, and the TypeScript types that follow from them. */

import { Buffer } from 'node:buffer';
import { InvalidArgumentError, InvalidOptionError } from './errors.js';
import type { Heap } from './native/heap.js';
import type { Bytes } from './native/staging.js';
import { quoted } from './shown.js';

/** `view`: Uint8Array (default). `buffer`: Node's Buffer. All take strings, as UTF-8, and bytes. */
export type Encoding = 'view' | 'utf8' | 'json' | 'buffer';

/** What comes out in an encoding. */
export type Decoded<E extends Encoding> = E extends 'view'
  ? Uint8Array
  : E extends 'utf8'
    ? string
    : E extends 'buffer'
      ? Buffer
      : // biome-ignore lint/suspicious/noExplicitAny: the shape of JSON is the caller's knowledge
        any;

/** What goes in in an encoding. */
// biome-ignore lint/suspicious/noExplicitAny: whatever JSON.stringify takes
export type Encodable<E extends Encoding> = E extends 'json' ? any : Bytes;

/** @internal */
export interface Codec {
  readonly name: Encoding;
  /** To what goes into memory: text as it is, to be written as UTF-8. */
  encode(value: unknown): Bytes;
  decode(heap: Heap, address: number, length: number): unknown;
}

const asIs = (value: unknown) => value as Bytes;

const CODECS: Readonly<Record<Encoding, Codec>> = {
  view: {
    name: 'view',
    encode: asIs,
    decode: (heap, address, length) => heap.copyOut(address, length),
  },
  buffer: {
    name: 'buffer',
    encode: asIs,
    decode: (heap, address, length) => {
      const copy = heap.copyOut(address, length);
      return Buffer.from(copy.buffer, copy.byteOffset, copy.length);
    },
  },
  utf8: {
    name: 'utf8',
    encode: asIs,
    decode: (heap, address, length) => heap.readText(address, length),
  },
  json: {
    name: 'json',
    encode: (value) => {
      const text = JSON.stringify(value);
      if (text === undefined) {
        throw new InvalidArgumentError(
          'ERR_ROCKSDB_INVALID_ARGUMENT',
          `a value of type ${typeof value} has no JSON form`,
        );
      }
      return text;
    },
    decode: (heap, address, length) => JSON.parse(heap.readText(address, length)),
  },
};

const encoder = new TextEncoder();

/** @internal What a codec made, as bytes; throws naming `what` it is for. */
export function bytesOf(data: unknown, what: string): Uint8Array {
  if (typeof data === 'string') return encoder.encode(data);
  if (data instanceof Uint8Array) return data;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${what}: expected a string or a Uint8Array, got ${data === null ? 'null' : typeof data}`,
  );
}

/** @internal What a value is that was not read, or is not there: of no bytes, which are no JSON. */
export function emptyValue(codec: Codec, heap: Heap): unknown {
  return codec.name === 'json' ? undefined : codec.decode(heap, 0, 0);
}

/** @internal The codec of a name; throws InvalidOptionError naming the option. */
export function codecOf(encoding: Encoding | undefined, option: string): Codec {
  const codec = Object.hasOwn(CODECS, encoding ?? 'view') ? CODECS[encoding ?? 'view'] : undefined;
  if (codec === undefined) {
    throw new InvalidOptionError(
      `${option}: expected 'view', 'utf8', 'json' or 'buffer', got ${quoted(encoding)}`,
      option,
      encoding,
    );
  }
  return codec;
}
