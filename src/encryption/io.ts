/** Whole reads and writes of the file system below, and the memory for them. */
import { type FileHandle, FileSystemError } from '../wasi/file-system.js';
import { HEADER_BYTES } from './layout.js';

/** Reads until `into` is full or the file ends; returns the bytes read. */
export function readFully(io: FileHandle, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const read = io.read(done === 0 ? into : into.subarray(done), position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** Writes all of `from`, or throws. */
export function writeFully(io: FileHandle, from: Uint8Array, position: number): void {
  for (let done = 0; done < from.length; ) {
    const written = io.write(done === 0 ? from : from.subarray(done), position + done);
    if (written === 0) throw new FileSystemError('EIO', 'the file system writes nothing');
    done += written;
  }
}

/** Memory that the calls of one file system share; no two of them run at a time. */
export class Buffers {
  #read = new Uint8Array(0);
  #write = new Uint8Array(0);
  readonly #header = new Uint8Array(HEADER_BYTES);

  /** For the header of a file; zeros. */
  header(): Uint8Array {
    return this.#header.fill(0);
  }

  /** For pages as they are on disk. */
  read(length: number): Uint8Array {
    if (this.#read.length < length) this.#read = new Uint8Array(length);
    return this.#read.subarray(0, length);
  }

  /** For pages as they will be on disk; holds anything. */
  write(length: number): Uint8Array {
    if (this.#write.length < length) this.#write = new Uint8Array(length);
    return this.#write.subarray(0, length);
  }
}
