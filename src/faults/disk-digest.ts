/** A number for all that a file system holds: two disks with the same are taken to be the same. */
import type { FileSystem } from '../wasi/file-system.js';

export interface DiskDigestOptions {
  /** What does not count, with all that is in it. Default: nothing. */
  ignore?: (path: string) => boolean;
}

const READ = { read: true, write: false, create: false, exclusive: false, truncate: false };

/**
 * 64 bits, in hexadecimal digits, of the names, types, sizes and bytes below `/`; not of times, nor of which names are links
 * to one file. For counting states that differ by chance, not for what somebody could forge.
 */
export function diskDigest(fileSystem: FileSystem, options: DiskDigestOptions = {}): string {
  const hash = new Hash();
  const walk = (folder: string) => {
    for (const { name, type } of fileSystem.readDirectory(folder === '' ? '/' : folder)) {
      const path = `${folder}/${name}`;
      if (options.ignore?.(path) === true) continue;
      hash.text(`${type} ${path}`);
      if (type === 'directory') walk(path);
      if (type === 'file') hash.bytes(contentOf(fileSystem, path));
    }
  };
  walk('');
  return hash.toString();
}

function contentOf(fileSystem: FileSystem, path: string): Uint8Array {
  const file = fileSystem.open(path, READ);
  try {
    const content = new Uint8Array(file.stat().size);
    for (let done = 0; done < content.length; ) {
      const read = file.read(content.subarray(done), done);
      if (read === 0) return content.subarray(0, done);
      done += read;
    }
    return content;
  } finally {
    file.close();
  }
}

/** Two multiplicative hashes side by side. */
class Hash {
  #a = 0x811c9dc5;
  #b = 0x9e3779b9;

  text(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  bytes(bytes: Uint8Array): void {
    let a = this.#a ^ bytes.length;
    let b = this.#b + bytes.length;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] as number;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b + byte, 0x85ebca6b) ^ (b >>> 15);
    }
    this.#a = a;
    this.#b = b;
  }

  toString(): string {
    const mixed = [this.#a ^ (this.#b >>> 13), Math.imul(this.#b ^ (this.#a >>> 16), 0xc2b2ae35)];
    return mixed.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
