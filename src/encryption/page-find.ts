/** Reading pages: as they are on disk, and what else there is where that cannot be verified. */
import type { FileHandle } from '../wasi/file-system.js';
import { readFully } from './io.js';
import { DESCRIPTOR_BYTES, HEADER_BYTES, PAGE_BYTES, PAGE_STRIDE, pageAt } from './layout.js';
import {
  type Descriptor,
  decodeDescriptor,
  lengthOf,
  NO_DESCRIPTOR,
  type PageCipher,
} from './page.js';
import type { TailPage } from './record.js';

export interface ReadPage {
  /** Bytes that were put into the reader's memory. */
  readonly served: number;
  /** The page holds this much that is genuine. */
  readonly verified: number;
  /** All that its descriptor tells of is genuine. */
  readonly whole: boolean;
  /** Nothing was ever written here. */
  readonly hole: boolean;
}

const NOTHING: ReadPage = { served: 0, verified: 0, whole: true, hole: false };
const DAMAGED: ReadPage = { ...NOTHING, whole: false };
const HOLE: ReadPage = { ...DAMAGED, hole: true };

/** Reads bytes [from, to) of a page from `bytes`, the page on disk as far as there is one. */
export function readPage(
  cipher: PageCipher,
  index: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  into: Uint8Array,
): ReadPage {
  if (bytes.length === 0) return NOTHING;
  const descriptor = decodeDescriptor(bytes);
  if (descriptor === undefined) return DAMAGED;
  const [region] = descriptor.regions;
  if (region === undefined) return HOLE;
  const text = bytes.subarray(DESCRIPTOR_BYTES);
  if (descriptor.sealed) {
    const plain = cipher.unseal(index, region, text);
    if (plain === undefined) return DAMAGED;
    into.set(from === 0 && to === PAGE_BYTES ? plain : plain.subarray(from, to));
    return { served: to - from, verified: PAGE_BYTES, whole: true, hole: false };
  }
  const verified = cipher.verified(index, descriptor, text);
  const end = Math.min(to, verified);
  if (from < end) cipher.decrypt(descriptor, text, from, end, into);
  const whole = verified === lengthOf(descriptor);
  return { served: Math.max(end - from, 0), verified, whole, hole: false };
}

export interface FoundPage {
  /** Its regions are genuine as far as `verified`. */
  readonly descriptor: Descriptor;
  readonly text: Uint8Array;
  readonly verified: number;
  readonly hole: boolean;
}

/**
 * The most of a page that is genuine: by its own descriptor; by those that were synced with the file; or
 * by the copy that is made of it before it is encrypted anew. Reads it from disk.
 */
export function findPage(
  cipher: PageCipher,
  io: FileHandle,
  index: number,
  tails: readonly TailPage[],
): FoundPage {
  const bytes = pageBytes(io, index);
  const own = decodeDescriptor(bytes) ?? NO_DESCRIPTOR;
  const text = bytes.subarray(DESCRIPTOR_BYTES);
  const hole = bytes.length > 0 && bytes[0] === 0 && own.regions.length === 0;
  let best: FoundPage = { descriptor: own, text, verified: 0, hole };
  const consider = (descriptor: Descriptor, of: Uint8Array) => {
    const verified = cipher.verified(index, descriptor, of);
    if (verified > best.verified) best = { descriptor, text: of, verified, hole: false };
  };
  consider(own, text);
  if (best.verified > 0 && best.verified === lengthOf(own)) return best;
  for (const { descriptor } of tails) consider(descriptor, text);
  const lastPage = Math.floor((io.stat().size - HEADER_BYTES - 1) / PAGE_STRIDE);
  if (lastPage > index) {
    const copy = pageBytes(io, lastPage);
    const descriptor = decodeDescriptor(copy);
    if (descriptor !== undefined) consider(descriptor, copy.subarray(DESCRIPTOR_BYTES));
  }
  return best;
}

function pageBytes(io: FileHandle, index: number): Uint8Array {
  const bytes = new Uint8Array(PAGE_STRIDE);
  return bytes.subarray(0, readFully(io, bytes, pageAt(index)));
}
