/** Bytes as people and programs read and write them. */
import { isUtf8 } from 'node:buffer';
import { UsageError } from './exit.js';

/** In JSON: text where the bytes are UTF-8, otherwise `{"hex": "..."}`; so every value can be told from every other. */
export type JsonBytes = string | { readonly hex: string };

export function hexOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('hex');
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Undefined: it is not UTF-8. To ask costs much less than the error of a decoder. */
function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? bufferOf(bytes).toString('utf8') : undefined;
}

export function jsonBytes(bytes: Uint8Array): JsonBytes {
  return textOf(bytes) ?? { hex: hexOf(bytes) };
}

/** The reverse. Throws UsageError, `where` being what it is. */
export function bytesOfJson(value: unknown, where: string): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  const { hex } = (value ?? {}) as { hex?: unknown };
  if (typeof hex === 'string') return bytesOfHex(hex, where);
  throw new UsageError(`${where}: expected text or {"hex": "..."}, got ${JSON.stringify(value)}`);
}

/** With or without 0x before it, as ldb takes and prints it. */
export function bytesOfHex(text: string, where: string): Uint8Array {
  const digits = /^(?:0x)?((?:[0-9a-f]{2})*)$/i.exec(text)?.[1];
  if (digits === undefined) {
    throw new UsageError(
      `${where}: expected hexadecimal digits, two a byte, got '${text.slice(0, 60)}'`,
    );
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

// What would end a line or change the terminal: control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** For people: text where it can be shown on a line, else hexadecimal with 0x before it. `hex`: always so. */
export function shown(bytes: Uint8Array, hex = false): string {
  const text = hex ? undefined : textOf(bytes);
  if (text === undefined || UNSHOWABLE.test(text)) return `0x${hexOf(bytes).toUpperCase()}`;
  return text;
}

/**
 * JSON of plain data: bytes as `jsonBytes`, bigint as a number with all its digits, Map as an object, `undefined`
 * left out. `indent`: spaces a level; 0: all in one line.
 */
export function jsonOf(value: unknown, indent = 0, margin = ''): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(jsonBytes(value));
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof Map) return jsonOf(Object.fromEntries(value), indent, margin);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const colon = indent === 0 ? ':' : ': ';
  const inner = margin + ' '.repeat(indent);
  const parts = Array.isArray(value)
    ? value.map((each) => jsonOf(each, indent, inner))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined && typeof each !== 'function')
        .map(([name, each]) => `${JSON.stringify(name)}${colon}${jsonOf(each, indent, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  if (indent === 0) return `${open}${parts.join(',')}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}
