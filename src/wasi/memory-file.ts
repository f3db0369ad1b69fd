/**
 * The bytes of one file in memory, in pages by number: a file may have holes, which cost nothing
 * and read as zeros, and may end far beyond what would fit.
 */
import { FileSystemError } from './file-system.js';

const PAGE_BYTES = 65536;
/** Pages grow in powers of two from here on, so that small files stay small. */
const PAGE_BYTES_MIN = 256;

export class MemoryFile {
  #pages = new Map<number, Uint8Array>();
  #size = 0;
  #allocated = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#allocated;
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, this.#size - position);
    if (length <= 0) return 0;
    for (let done = 0; done < length; ) {
      const offset = (position + done) % PAGE_BYTES;
      const part = Math.min(PAGE_BYTES - offset, length - done);
      const page = this.#pages.get(Math.floor((position + done) / PAGE_BYTES));
      const held = page === undefined ? 0 : Math.min(Math.max(page.length - offset, 0), part);
      if (page !== undefined && held > 0) into.set(page.subarray(offset, offset + held), done);
      if (held < part) into.fill(0, done + held, done + part);
      done += part;
    }
    return length;
  }

  write(from: Uint8Array, position: number): number {
    const end = position + from.length;
    if (from.length === 0) return 0;
    if (end > Number.MAX_SAFE_INTEGER) throw new FileSystemError('EFBIG', `a file of ${end} bytes`);
    for (let done = 0; done < from.length; ) {
      const offset = (position + done) % PAGE_BYTES;
      const part = Math.min(PAGE_BYTES - offset, from.length - done);
      const page = this.#page(Math.floor((position + done) / PAGE_BYTES), offset + part);
      page.set(from.subarray(done, done + part), offset);
      done += part;
      this.#size = Math.max(this.#size, position + done);
    }
    return from.length;
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const last = Math.floor(size / PAGE_BYTES);
      for (const [index, page] of this.#pages) {
        if (index < last) continue;
        // What is cut off must read as zeros if the file grows again.
        if (index === last && size % PAGE_BYTES > 0) page.fill(0, size % PAGE_BYTES);
        else this.#drop(index, page);
      }
    }
    this.#size = size;
  }

  #page(index: number, bytes: number): Uint8Array {
    const old = this.#pages.get(index);
    if (old !== undefined && old.length >= bytes) return old;
    let length = PAGE_BYTES_MIN;
    while (length < bytes) length *= 2;
    const page = allocate(length);
    if (old !== undefined) page.set(old);
    this.#pages.set(index, page);
    this.#allocated += length - (old?.length ?? 0);
    return page;
  }

  #drop(index: number, page: Uint8Array): void {
    this.#pages.delete(index);
    this.#allocated -= page.length;
  }
}

function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    throw new FileSystemError('ENOSPC', 'no memory left for files');
  }
}
