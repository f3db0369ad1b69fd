/**
 * One page: encrypted regions, each with a tag of its own.
 *
 * A page that is written whole is sealed by AES-256-GCM. One that is written in parts has up to four
 * regions, each AES-256-CTR under a nonce of its own and a GMAC over its ciphertext. A region grows with
 * what is appended while its keystream is known to be unused, which only the handle that began it knows;
 * whatever else is written begins a new region. So no byte of keystream serves twice, whether a file is
 * overwritten, or appended to after a crash.
 */
import {
  authenticate,
  equalBytes,
  IV_BYTES,
  keystream,
  randomBytes,
  seal,
  TAG_BYTES,
  unseal,
} from './cipher.js';
import type { FileKeys } from './envelope.js';
import { DESCRIPTOR_BYTES, PAGE_BYTES } from './layout.js';

export const REGIONS_MAX = 4;

/** Bytes [start, end) of a page's ciphertext. */
export interface Region {
  readonly start: number;
  readonly end: number;
  /** Its keystream, counted from the start of the page. */
  readonly iv: Uint8Array;
  /** Of the tag; unused in a sealed page, whose tag goes with `iv`. */
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
}

export interface Descriptor {
  /** One region, the whole page, under GCM. */
  readonly sealed: boolean;
  /** In order, without gaps, from 0. None: nothing was written here. */
  readonly regions: readonly Region[];
}

/** The page holds data up to here. */
export function lengthOf({ regions }: Descriptor): number {
  return regions.at(-1)?.end ?? 0;
}

export const NO_DESCRIPTOR: Descriptor = { sealed: false, regions: [] };

const Kind = { NONE: 0, SEALED: 1, OPEN: 2 } as const;
const REGIONS_AT = 16;
const REGION_BYTES = 4 + IV_BYTES + IV_BYTES + TAG_BYTES;
const NO_NONCE = new Uint8Array(IV_BYTES);

export function encodeDescriptor({ sealed, regions }: Descriptor, into: Uint8Array): void {
  into.fill(0, 0, DESCRIPTOR_BYTES);
  if (regions.length === 0) return;
  const view = new DataView(into.buffer, into.byteOffset, DESCRIPTOR_BYTES);
  view.setUint8(0, sealed ? Kind.SEALED : Kind.OPEN);
  view.setUint8(1, regions.length);
  regions.forEach(({ end, iv, nonce, tag }, index) => {
    const at = REGIONS_AT + index * REGION_BYTES;
    view.setUint32(at, end, true);
    into.set(iv, at + 4);
    into.set(nonce, at + 4 + IV_BYTES);
    into.set(tag, at + 4 + 2 * IV_BYTES);
  });
}

/** What the bytes say; nothing is verified yet. Undefined: no descriptor could. */
export function decodeDescriptor(from: Uint8Array): Descriptor | undefined {
  if (from.length < DESCRIPTOR_BYTES) return undefined;
  const view = new DataView(from.buffer, from.byteOffset, DESCRIPTOR_BYTES);
  const kind = view.getUint8(0);
  const count = view.getUint8(1);
  if (kind === Kind.NONE) return count === 0 ? NO_DESCRIPTOR : undefined;
  if (kind > Kind.OPEN || count === 0 || count > REGIONS_MAX) return undefined;
  const regions: Region[] = [];
  let start = 0;
  for (let index = 0; index < count; index++) {
    const at = REGIONS_AT + index * REGION_BYTES;
    const end = view.getUint32(at, true);
    if (end <= start || end > PAGE_BYTES) return undefined;
    const iv = from.slice(at + 4, at + 4 + IV_BYTES);
    const nonce = from.slice(at + 4 + IV_BYTES, at + 4 + 2 * IV_BYTES);
    const tag = from.slice(at + 4 + 2 * IV_BYTES, at + REGION_BYTES);
    regions.push({ start, end, iv, nonce, tag });
    start = end;
  }
  const sealed = kind === Kind.SEALED;
  if (sealed && (count !== 1 || start !== PAGE_BYTES)) return undefined;
  return { sealed, regions };
}

/** What a tag is about, so that no region passes for one of another place, length or kind. */
const CONTEXT_BYTES = 32;

/** Encrypts and decrypts the pages of one file. */
export class PageCipher {
  readonly #keys: FileKeys;
  /** Context and ciphertext of a region, one after the other, as GMAC wants them. */
  readonly #message = new Uint8Array(CONTEXT_BYTES + PAGE_BYTES);
  readonly #view = new DataView(this.#message.buffer);

  constructor(keys: FileKeys) {
    this.#keys = keys;
  }

  /** Makes the sealed page of `plain`, a page's bytes, in `into`: descriptor and ciphertext. */
  seal(index: number, plain: Uint8Array, into: Uint8Array): void {
    const iv = randomBytes(IV_BYTES);
    const context = this.#context(Kind.SEALED, index, 0, PAGE_BYTES, iv);
    const { text, tag } = seal(this.#keys.data, iv, context, plain);
    const region = { start: 0, end: PAGE_BYTES, iv, nonce: NO_NONCE, tag };
    encodeDescriptor({ sealed: true, regions: [region] }, into);
    into.set(text, DESCRIPTOR_BYTES);
  }

  /** The plain bytes of a sealed page; undefined when they are not what was written. */
  unseal(index: number, region: Region, text: Uint8Array): Uint8Array | undefined {
    if (text.length < PAGE_BYTES) return undefined;
    const context = this.#context(Kind.SEALED, index, 0, PAGE_BYTES, region.iv);
    const { tag } = region;
    return unseal(this.#keys.data, region.iv, context, { text, tag });
  }

  /** A keystream that nothing was encrypted with yet, from `start` of a page on. */
  begin(start: number): { iv: Uint8Array; encrypt: (plain: Uint8Array) => Uint8Array } {
    // A copy: this one is kept, and the pool that it comes from need not be.
    const iv = randomBytes(IV_BYTES).slice();
    return { iv, encrypt: keystream(this.#keys.data, iv, start) };
  }

  /** The region [start, end) of the page's ciphertext, with a new tag. */
  region(index: number, start: number, end: number, iv: Uint8Array, text: Uint8Array): Region {
    const nonce = randomBytes(IV_BYTES).slice();
    return { start, end, iv, nonce, tag: this.#tag(index, start, end, iv, nonce, text) };
  }

  /** The bytes, from the page's first on, whose regions are what was written. */
  verified(index: number, { sealed, regions }: Descriptor, text: Uint8Array): number {
    let verified = 0;
    for (const region of regions) {
      const { start, end, iv, nonce, tag } = region;
      if (end > text.length) break;
      const genuine = sealed
        ? this.unseal(index, region, text) !== undefined
        : equalBytes(tag, this.#tag(index, start, end, iv, nonce, text));
      if (!genuine) break;
      verified = end;
    }
    return verified;
  }

  /** Decrypts bytes [from, to) of a page to `into`. What is decrypted must have been verified. */
  decrypt(
    { regions }: Descriptor,
    text: Uint8Array,
    from: number,
    to: number,
    into: Uint8Array,
  ): void {
    for (const { start, end, iv } of regions) {
      const [first, last] = [Math.max(start, from), Math.min(end, to)];
      if (first >= last) continue;
      const decrypt = keystream(this.#keys.data, iv, first);
      into.set(decrypt(text.subarray(first, last)), first - from);
    }
  }

  #tag(
    index: number,
    start: number,
    end: number,
    iv: Uint8Array,
    nonce: Uint8Array,
    text: Uint8Array,
  ): Uint8Array {
    this.#context(Kind.OPEN, index, start, end, iv);
    this.#message.set(text.subarray(start, end), CONTEXT_BYTES);
    const message = this.#message.subarray(0, CONTEXT_BYTES + end - start);
    return authenticate(this.#keys.mac, nonce, message);
  }

  #context(kind: number, index: number, start: number, end: number, iv: Uint8Array): Uint8Array {
    const view = this.#view;
    view.setUint32(0, kind, true);
    view.setUint32(4, start, true);
    view.setUint32(8, end, true);
    view.setUint32(12, index % 2 ** 32, true);
    view.setUint32(16, Math.floor(index / 2 ** 32), true);
    this.#message.set(iv, 20);
    return this.#message.subarray(0, CONTEXT_BYTES);
  }
}
