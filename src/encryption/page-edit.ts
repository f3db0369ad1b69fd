/** A page that is being written in parts: its ciphertext, its regions, and the keystream that goes on. */
import { DESCRIPTOR_BYTES, PAGE_BYTES } from './layout.js';
import {
  type Descriptor,
  encodeDescriptor,
  lengthOf,
  type PageCipher,
  REGIONS_MAX,
  type Region,
} from './page.js';
import type { FoundPage } from './page-find.js';

/** The region that can still grow: nothing was encrypted with its keystream from `end` on. */
interface GrowingRegion {
  readonly start: number;
  end: number;
  readonly iv: Uint8Array;
  readonly encrypt: (plain: Uint8Array) => Uint8Array;
}

export class EditedPage {
  readonly index: number;
  readonly #cipher: PageCipher;
  readonly #text = new Uint8Array(PAGE_BYTES);
  #regions: readonly Region[] = [];
  #growing: GrowingRegion | undefined;
  /** What has to be written ends here. */
  #changedTo = 0;
  #encryptedAnew = false;

  /** An empty page, or one with what was found of it. */
  constructor(cipher: PageCipher, index: number, found?: FoundPage) {
    this.#cipher = cipher;
    this.index = index;
    if (found === undefined) return;
    this.#regions = found.descriptor.regions.filter(({ end }) => end <= found.verified);
    this.#text.set(found.text.subarray(0, found.verified));
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  get length(): number {
    return lengthOf({ sealed: false, regions: this.#regions });
  }

  /** The ciphertext of bytes that are on disk has changed: a power cut may tear it. */
  get encryptedAnew(): boolean {
    return this.#encryptedAnew;
  }

  /** Encrypts bytes to where they belong: over others, or at the end. */
  insert(start: number, plain: Uint8Array): void {
    const end = start + plain.length;
    const growing = this.#growing?.end === start ? this.#growing : undefined;
    const others = this.#cut(growing?.start ?? start, end);
    if (others.length + 1 > REGIONS_MAX) {
      this.#encryptAnew(start, plain);
      return;
    }
    const target = growing ?? { start, end, ...this.#cipher.begin(start) };
    this.#text.set(target.encrypt(plain), start);
    target.end = end;
    this.#growing = target;
    this.#changedTo = Math.max(this.#changedTo, end);
    const regions = others.map((piece) => this.#tagged(piece));
    regions.push(this.#cipher.region(this.index, target.start, end, target.iv, this.#text));
    this.#regions = regions.sort((a, b) => a.start - b.start);
  }

  /** The page as it is up to `offset`. */
  upTo(offset: number): Descriptor {
    return { sealed: false, regions: this.#cut(offset, PAGE_BYTES).map((r) => this.#tagged(r)) };
  }

  /** Puts the descriptor and all that has changed into `into`; returns how many bytes that is. */
  copyChanged(into: Uint8Array): number {
    encodeDescriptor({ sealed: false, regions: this.#regions }, into);
    into.set(this.#text.subarray(0, this.#changedTo), DESCRIPTOR_BYTES);
    return DESCRIPTOR_BYTES + this.#changedTo;
  }

  /** It is on its way to the disk. */
  written(): void {
    this.#changedTo = 0;
    this.#encryptedAnew = false;
  }

  /** What of the regions lies outside [start, end); a region that is cut has no tag yet. */
  #cut(start: number, end: number): (Region | Omit<Region, 'tag' | 'nonce'>)[] {
    return this.#regions.flatMap((region) => {
      if (region.end <= start || region.start >= end) return [region];
      const { iv } = region;
      return [
        { start: region.start, end: start, iv },
        { start: end, end: region.end, iv },
      ].filter((piece) => piece.start < piece.end);
    });
  }

  #tagged(piece: Region | Omit<Region, 'tag' | 'nonce'>): Region {
    if ('tag' in piece) return piece;
    return this.#cipher.region(this.index, piece.start, piece.end, piece.iv, this.#text);
  }

  #encryptAnew(start: number, plain: Uint8Array): void {
    const { length } = this;
    const end = Math.max(length, start + plain.length);
    const all = new Uint8Array(end);
    this.#cipher.decrypt({ sealed: false, regions: this.#regions }, this.#text, 0, length, all);
    all.set(plain, start);
    const fresh = this.#cipher.begin(0);
    this.#text.set(fresh.encrypt(all));
    this.#growing = { start: 0, end, ...fresh };
    this.#regions = [this.#cipher.region(this.index, 0, end, fresh.iv, this.#text)];
    this.#changedTo = end;
    this.#encryptedAnew = true;
  }
}
