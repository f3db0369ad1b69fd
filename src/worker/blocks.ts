/** Entries of a cursor on their way: bytes back to back in one buffer that changes hands, anything else as it is. */

/** @internal A block of entries. `error`: what reading further threw; it comes after the entries. */
export interface Block {
  readonly entries: readonly unknown[];
  /** There is nothing after them. */
  readonly done: boolean;
  readonly error?: unknown;
}

interface PackedBytes {
  readonly bytes: Uint8Array;
  readonly lengths: Uint32Array;
}

/** @internal Keys and values of entries in one array of bytes; undefined unless all are that. */
export function packBytes(entries: readonly unknown[]): PackedBytes | undefined {
  let size = 0;
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined;
    for (const part of entry) {
      if (part?.constructor !== Uint8Array) return undefined;
      size += part.length;
    }
  }
  const bytes = new Uint8Array(size);
  const lengths = new Uint32Array(entries.length * 2);
  let at = 0;
  let index = 0;
  for (const entry of entries as [Uint8Array, Uint8Array][]) {
    for (const part of entry) {
      bytes.set(part, at);
      at += part.length;
      lengths[index++] = part.length;
    }
  }
  return { bytes, lengths };
}

/** @internal The entries again, each with bytes of its own. */
export function unpackBlock(value: unknown): Block {
  const { bytes, lengths, done, error } = value as PackedBytes & Omit<Block, 'entries'>;
  const entries: [Uint8Array, Uint8Array][] = [];
  let at = 0;
  const take = (length = 0) => {
    at += length;
    return bytes.slice(at - length, at);
  };
  for (let i = 0; i < lengths.length; i += 2)
    entries.push([take(lengths[i]), take(lengths[i + 1])]);
  return { entries, done, error };
}
