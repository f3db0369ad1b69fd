/**
 * One encrypted file, whatever handles are open on it. It works on a handle of the file system below,
 * which is given to each call.
 *
 * What makes it survive power cuts:
 * - Data that is on disk is never encrypted anew in place. What is appended takes new bytes of keystream
 *   and new space; only the page's descriptor, one sector, is written again.
 * - If that descriptor survives and what it tells of does not, the page is read by the descriptor that was
 *   synced last, of which the sync record has a copy (record.ts).
 * - What cannot be verified is the end of the file where nothing was synced, as a torn write is on a
 *   plain file system. Below what the sync record claims it is an error: nothing may be missing there.
 * - Overwriting first takes back that claim, and syncs.
 */
import { EncryptionError } from '../errors.js';
import { type FileHandle, FileSystemError } from '../wasi/file-system.js';
import { encodeEnvelope, type FileKeys, newFileKeys, openEnvelope } from './envelope.js';
import { type Buffers, readFully, writeFully } from './io.js';
import type { KeyRing } from './key-ring.js';
import {
  DESCRIPTOR_BYTES,
  HEADER_BYTES,
  PAGE_BYTES,
  PAGE_STRIDE,
  pageAt,
  pageOf,
  physicalSize,
  plainSize,
} from './layout.js';
import { type Descriptor, encodeDescriptor, PageCipher } from './page.js';
import { EditedPage } from './page-edit.js';
import { type FoundPage, findPage, readPage } from './page-find.js';
import {
  decodeRecords,
  encodeRecord,
  NO_RECORD,
  recordAt,
  type SyncRecord,
  type TailPage,
} from './record.js';

/** Pages that one read or write of the file system below takes at most. */
const PAGES_PER_READ = 32;
const PAGES_PER_WRITE = 128;

export class EncryptedFile {
  /** Handles that are open on it. */
  handles = 0;
  readonly #ring: KeyRing;
  readonly #buffers: Buffers;
  /** For messages: the name that it was opened by. */
  readonly #path: string;
  /** Undefined: the file is empty and has no header. */
  #keys: FileKeys | undefined;
  #cipher: PageCipher | undefined;
  /** As on disk, the newest first. */
  #records: readonly SyncRecord[] = [];
  /** Of the last record that an fsync completed. */
  #sequence = 0;
  #sparse = false;
  /** Plain size; undefined: to be asked. */
  #size: number | undefined;
  #page: EditedPage | undefined;
  /** Up to here all that was written is on disk. */
  #synced = 0;
  /** Up to here everything is written, and on disk after the next fsync. */
  #head = 0;
  /** Where the last write ended. */
  #end = 0;
  #dirty = false;

  constructor(ring: KeyRing, buffers: Buffers, path: string) {
    this.#ring = ring;
    this.#buffers = buffers;
    this.#path = path;
  }

  /** Reads the header, if there is one. Throws EncryptionError. */
  load(io: FileHandle): boolean {
    const header = this.#buffers.header();
    const opened = openEnvelope(
      header.subarray(0, readFully(io, header, 0)),
      this.#ring,
      this.#path,
    );
    if (opened === undefined) return false;
    const { keys } = opened.envelope;
    const records = decodeRecords(header, keys);
    if (this.#keys === undefined || !sameKeys(keys, this.#keys)) {
      this.reset();
      this.#keys = keys;
      this.#cipher = new PageCipher(keys);
      this.#size = undefined;
      this.#synced = this.#head = records[0]?.synced ?? 0;
      this.#sequence = records[0]?.sequence ?? 0;
    }
    this.#records = records;
    this.#sparse ||= records[0]?.sparse ?? false;
    return true;
  }

  /** The file was emptied: what is written next gets new keys. */
  reset(): void {
    this.#keys = this.#cipher = this.#page = undefined;
    this.#records = [];
    this.#sequence = this.#size = this.#synced = this.#head = this.#end = 0;
    this.#sparse = false;
  }

  // --- reading ----------------------------------------------------------------------------------------

  read(io: FileHandle, into: Uint8Array, position: number): number {
    if (into.length === 0 || physicalSize(position) > Number.MAX_SAFE_INTEGER) return 0;
    if (this.#cipher === undefined && !this.load(io)) return 0;
    const first = pageOf(position);
    const last = Math.min(pageOf(position + into.length - 1), first + PAGES_PER_READ - 1);
    const buffer = this.#buffers.read((last - first + 1) * PAGE_STRIDE);
    const present = readFully(io, buffer, pageAt(first));
    let done = 0;
    for (let index = first; index <= last; index++) {
      const at = (index - first) * PAGE_STRIDE;
      const bytes = buffer.subarray(Math.min(at, present), Math.min(at + PAGE_STRIDE, present));
      const from = Math.max(position - index * PAGE_BYTES, 0);
      const to = Math.min(position + into.length - index * PAGE_BYTES, PAGE_BYTES);
      const served = this.#readPage(io, index, bytes, from, to, into.subarray(done));
      done += served;
      if (served < to - from) break;
    }
    return done;
  }

  /** Reads bytes [from, to) of a page. Fewer: the file ends there, or the rest is damaged. */
  #readPage(
    io: FileHandle,
    index: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    into: Uint8Array,
  ): number {
    const cipher = this.#cipher as PageCipher;
    const page = readPage(cipher, index, bytes, from, to, into);
    if (page.hole && this.#sparse) {
      const end = Math.min(to, bytes.length - DESCRIPTOR_BYTES);
      into.fill(0, 0, Math.max(end - from, 0));
      return Math.max(end - from, 0);
    }
    const lacks = page.verified < to && this.#claims(index, page.verified);
    if (page.whole && !lacks) return page.served;

    const found = this.#find(io, index);
    const end = Math.min(to, found.verified);
    if (from < end) {
      (this.#cipher as PageCipher).decrypt(found.descriptor, found.text, from, end, into);
    } else if (from < to && this.#claims(index, from)) {
      throw this.#damaged(index, from);
    }
    return Math.max(end - from, 0);
  }

  /** Whether this byte of a page must be on disk. */
  #claims(index: number, offset: number): boolean {
    return index * PAGE_BYTES + offset < (this.#records[0]?.synced ?? 0);
  }

  /** The most of a page that can be verified, from what is on disk now. */
  #find(io: FileHandle, index: number): FoundPage {
    this.load(io);
    const tails = this.#records.map(({ tail }) => tail).filter((tail) => tail?.index === index);
    return findPage(this.#cipher as PageCipher, io, index, tails as TailPage[]);
  }

  #damaged(index: number, offset: number): EncryptionError {
    const position = index * PAGE_BYTES + offset;
    return new EncryptionError(
      'ERR_ROCKSDB_ENCRYPTION_DATA_DAMAGED',
      `${this.#path} is not what was written to it at byte ${position}: it was damaged, cut off or changed ` +
        'without the key; restore it from a backup',
      this.#path,
    );
  }

  // --- writing ----------------------------------------------------------------------------------------

  write(io: FileHandle, from: Uint8Array, position: number): number {
    if (from.length === 0) return 0;
    const end = position + from.length;
    if (physicalSize(end) > Number.MAX_SAFE_INTEGER) {
      throw new FileSystemError('EFBIG', `a file of ${end} bytes`);
    }
    this.#change(io, () => {
      if (position > this.#sizeNow(io)) this.#growTo(io, position, false);
      if (this.#endangers(io, position)) this.#retract(io, position);
      this.#put(io, from, position);
    });
    return from.length;
  }

  /**
   * Whether a write there could cost, with the power, what lies before it: when it goes over what is
   * claimed, or into a region that holds other bytes, too. Going on where the last write ended does not.
   */
  #endangers(io: FileHandle, position: number): boolean {
    if (position < (this.#records[0]?.synced ?? 0)) return true;
    if (position >= this.#sizeNow(io) || position % PAGE_BYTES === 0) return false;
    return position !== this.#end || this.#page?.index !== pageOf(position);
  }

  truncate(io: FileHandle, size: number): void {
    if (size === 0) {
      io.truncate(0);
      this.reset();
      return;
    }
    if (physicalSize(size) > Number.MAX_SAFE_INTEGER) {
      throw new FileSystemError('EFBIG', `a file of ${size} bytes`);
    }
    this.#change(io, () => {
      const now = this.#sizeNow(io);
      if (size > now) this.#growTo(io, size, true);
      else if (size < now) this.#shrinkTo(io, size);
    });
  }

  /** Runs a change of the content. After an error nothing is taken for known. */
  #change(io: FileHandle, run: () => void): void {
    try {
      if (this.#cipher === undefined && !this.load(io)) this.#create(io);
      run();
    } catch (error) {
      this.#page = undefined;
      this.#size = undefined;
      throw error;
    }
  }

  #create(io: FileHandle): void {
    // What a power cut has left of a file that had no header yet.
    if (io.stat().size > 0) io.truncate(0);
    const keys = newFileKeys();
    const header = new Uint8Array(HEADER_BYTES);
    header.set(encodeEnvelope(keys, this.#ring, 1));
    writeFully(io, header, 0);
    this.reset();
    this.#keys = keys;
    this.#cipher = new PageCipher(keys);
  }

  #sizeNow(io: FileHandle): number {
    this.#size ??= plainSize(io.stat().size);
    return this.#size;
  }

  #put(io: FileHandle, from: Uint8Array, position: number): void {
    const end = position + from.length;
    for (let at = position; at < end; ) {
      const pages = (pageOf(at) + PAGES_PER_WRITE) * PAGE_BYTES;
      const stop = Math.min(end, pages);
      this.#putPages(io, from.subarray(at - position, stop - position), at);
      at = stop;
    }
  }

  /** One write of the file system below: a process that is killed has written all of it, or nothing. */
  #putPages(io: FileHandle, from: Uint8Array, position: number): void {
    const cipher = this.#cipher as PageCipher;
    const end = position + from.length;
    const [first, last] = [pageOf(position), pageOf(end - 1)];
    const image = this.#buffers.write((last - first + 1) * PAGE_STRIDE);
    let length = 0;
    let rescued = false;
    for (let index = first; index <= last; index++) {
      const start = Math.max(position, index * PAGE_BYTES);
      const stop = Math.min(end, (index + 1) * PAGE_BYTES);
      const bytes = from.subarray(start - position, stop - position);
      const into = image.subarray((index - first) * PAGE_STRIDE);
      if (bytes.length === PAGE_BYTES) {
        cipher.seal(index, bytes, into);
        if (this.#page?.index === index) this.#page = undefined;
        length += PAGE_STRIDE;
      } else {
        const page = this.#edit(io, index, start - index * PAGE_BYTES, bytes);
        const used = page.copyChanged(into);
        if (page.encryptedAnew) {
          this.#rescue(io, into.subarray(0, used), last);
          rescued = true;
        }
        length += used;
      }
    }
    writeFully(io, image.subarray(0, length), pageAt(first));
    this.#page?.written();
    this.#size = Math.max(this.#sizeNow(io), end);
    this.#dirty = true;
    this.#end = end;
    if (position <= this.#head) this.#head = Math.max(this.#head, end);
    if (!rescued) return;
    this.#writeRecord(io, this.#records[0]?.synced ?? 0, this.#tail());
    io.sync();
    this.#recordIsSynced();
    io.truncate(physicalSize(this.#size));
  }

  /** Brings bytes into a page that is not written whole. */
  #edit(io: FileHandle, index: number, offset: number, bytes: Uint8Array): EditedPage {
    if (this.#page?.index !== index) this.#page = this.#open(io, index);
    const page = this.#page;
    // What is there but was never written, or lost with the power, reads as zeros from now on.
    const present = Math.min(this.#sizeNow(io) - index * PAGE_BYTES, PAGE_BYTES);
    const missing = Math.max(offset, present) - page.length;
    if (missing > 0) page.insert(page.length, new Uint8Array(missing));
    page.insert(offset, bytes);
    return page;
  }

  #open(io: FileHandle, index: number): EditedPage {
    const cipher = this.#cipher as PageCipher;
    const size = this.#sizeNow(io);
    if (index * PAGE_BYTES >= size) return new EditedPage(cipher, index);
    const found = this.#find(io, index);
    const lost = this.#claims(index, found.verified) && found.verified < PAGE_BYTES;
    if (lost && !(found.hole && this.#sparse)) throw this.#damaged(index, found.verified);
    return new EditedPage(cipher, index, found);
  }

  /**
   * A page with too many regions is encrypted anew where it is, which a power cut may tear. So it is first
   * written behind the file's end, and synced: findPage() looks there. RocksDB writes nothing in this way.
   */
  #rescue(io: FileHandle, image: Uint8Array, last: number): void {
    const behind = Math.max(Math.ceil(this.#sizeNow(io) / PAGE_BYTES), last + 1);
    writeFully(io, image, pageAt(behind));
    io.sync();
  }

  // --- sizes ------------------------------------------------------------------------------------------

  /** Fills up with zeros: the last page by writing them, pages in between by leaving them out. */
  #growTo(io: FileHandle, size: number, exactly: boolean): void {
    const now = this.#sizeNow(io);
    const inPage = now % PAGE_BYTES === 0 ? 0 : PAGE_BYTES - (now % PAGE_BYTES);
    const full = now + inPage;
    if (inPage > 0 && (exactly || pageOf(size) > pageOf(now))) {
      this.#put(io, new Uint8Array(Math.min(inPage, size - now)), now);
    }
    const skipsPages = exactly ? size > full : pageOf(size) * PAGE_BYTES > full;
    if (!skipsPages) return;
    if (!this.#sparse) {
      this.#sparse = true;
      this.#writeRecord(io, this.#records[0]?.synced ?? 0, this.#records[0]?.tail);
    }
    if (!exactly) return;
    io.truncate(physicalSize(size));
    this.#size = size;
    this.#dirty = true;
  }

  #shrinkTo(io: FileHandle, size: number): void {
    const tail = this.#retract(io, size);
    if (tail !== undefined) {
      const descriptor = new Uint8Array(DESCRIPTOR_BYTES);
      encodeDescriptor(tail.descriptor, descriptor);
      writeFully(io, descriptor, pageAt(tail.index));
    }
    io.truncate(physicalSize(size));
    this.#page = undefined;
    this.#size = this.#end = size;
    this.#dirty = true;
  }

  // --- syncing ----------------------------------------------------------------------------------------

  sync(io: FileHandle, dataOnly: boolean): void {
    const record = this.#keys !== undefined && (this.#dirty || this.#claimsTooLittle());
    if (record) this.#writeRecord(io, this.#synced, this.#tail());
    if (dataOnly) io.dataSync();
    else io.sync();
    if (!record) return;
    this.#recordIsSynced();
    this.#synced = Math.max(this.#synced, this.#head);
    this.#dirty = false;
  }

  /** Before the last writing handle is closed: what is synced is known to be so from now on. */
  finish(io: FileHandle): void {
    if (this.#keys === undefined || this.#dirty || !this.#claimsTooLittle()) return;
    this.#writeRecord(io, this.#synced, this.#tail());
  }

  /**
   * Takes back the claim on what lies at `position` and after it, for good; and keeps what of that page
   * lies before it readable, whatever happens to the rest. Returns the page up to there.
   */
  #retract(io: FileHandle, position: number): TailPage | undefined {
    const index = pageOf(position);
    const offset = position % PAGE_BYTES;
    let tail: TailPage | undefined;
    if (offset > 0) {
      const page = this.#page?.index === index ? this.#page : this.#open(io, index);
      const descriptor = page.upTo(offset);
      if (descriptor.regions.length > 0) tail = { index, descriptor };
    }
    this.#writeRecord(io, Math.min(this.#records[0]?.synced ?? 0, position), tail);
    io.sync();
    this.#recordIsSynced();
    this.#synced = Math.min(this.#synced, position);
    this.#head = Math.min(this.#head, position);
    // A page may only grow while a record has it as it was synced.
    if (tail === undefined || this.#page?.index !== index) this.#page = undefined;
    return tail;
  }

  /** The page that the last write ended in, up to there. */
  #tail(): TailPage | undefined {
    const page = this.#page;
    if (page === undefined || page.index !== pageOf(this.#end - 1)) return undefined;
    const offset = this.#end - page.index * PAGE_BYTES;
    const regions = page.regions.filter(({ start }) => start < offset);
    const descriptor: Descriptor = { sealed: false, regions };
    return { index: page.index, descriptor };
  }

  #claimsTooLittle(): boolean {
    return this.#synced > (this.#records[0]?.synced ?? 0);
  }

  #writeRecord(io: FileHandle, synced: number, tail: TailPage | undefined): void {
    const sequence = this.#sequence + 1;
    const record: SyncRecord = { sequence, synced, sparse: this.#sparse, tail };
    writeFully(io, encodeRecord(record, this.#keys as FileKeys), recordAt(sequence));
    const others = this.#records.filter((other) => other.sequence === this.#sequence);
    this.#records = [record, ...others];
  }

  #recordIsSynced(): void {
    this.#sequence = (this.#records[0] ?? NO_RECORD).sequence;
  }
}

function sameKeys(a: FileKeys, b: FileKeys): boolean {
  return a.data.every((byte, index) => byte === b.data[index]);
}
