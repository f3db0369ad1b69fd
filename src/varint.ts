/** RocksDB's varint32: seven bits a byte, the lowest first, the high bit set on all but the last. */

/** @internal Bytes that `value` takes. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** @internal Returns where the next byte goes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 0x7f) {
    bytes[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[next++] = rest;
  return next;
}

/** @internal Undefined when the bytes end before the number does, or it has more than 32 bits. */
export function readVarint(
  bytes: Uint8Array,
  at: number,
): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80)
      return i === 4 && byte > 0xf ? undefined : { value: value >>> 0, next: at + i + 1 };
  }
  return undefined;
}
