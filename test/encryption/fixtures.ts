/** What the tests of encrypted files share. */
import { EncryptedFileSystem, type FileSystem } from 'rocksdb-wasm';
import type { OpenFlags } from '../../src/wasi/file-system.js';
import { xoshiro128 } from '../../src/wasi/random.js';

export const READ: OpenFlags = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
};
export const WRITE: OpenFlags = { ...READ, write: true };
export const CREATE: OpenFlags = { ...WRITE, create: true };

/** 32 bytes that are not another number's. */
export function keyOf(number: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (number * 31 + index * 7) & 0xff);
}

export const KEYS = { keys: { main: keyOf(1) } };

export function encrypted(inner: FileSystem): EncryptedFileSystem {
  return new EncryptedFileSystem(inner, KEYS);
}

/** All that a file holds as the file system gives it: up to where nothing more can be read. */
export function readAll(fileSystem: FileSystem, path: string): Uint8Array {
  const file = fileSystem.open(path, READ);
  try {
    const into = new Uint8Array(file.stat().size + 64);
    let done = 0;
    for (;;) {
      const read = file.read(into.subarray(done), done);
      if (read === 0) return into.slice(0, done);
      done += read;
    }
  } finally {
    file.close();
  }
}

export function writeAll(fileSystem: FileSystem, path: string, content: Uint8Array): void {
  const file = fileSystem.open(path, { ...CREATE, truncate: true });
  try {
    for (let done = 0; done < content.length; ) done += file.write(content.subarray(done), done);
    file.sync();
  } finally {
    file.close();
  }
}

export function pathsBelow(fileSystem: FileSystem, folder: string): string[] {
  return fileSystem.readDirectory(folder).flatMap(({ name, type }) => {
    const path = `${folder}/${name}`;
    return type === 'directory' ? pathsBelow(fileSystem, path) : [path];
  });
}

export type Draw = (below: number) => number;

/** Integers from 0 on, the same for the same seed. */
export function draws(seed: number): Draw {
  const state = Uint32Array.of(seed + 1, 0x9e3779b9, 0x243f6a88, 0xb7e15162);
  for (let round = 0; round < 16; round++) xoshiro128(state);
  return (below) => xoshiro128(state) % below;
}

/** Bytes that differ from place to place, and from what any other draw gave. */
export function drawBytes(draw: Draw, length: number): Uint8Array {
  const first = draw(256);
  const step = draw(127) * 2 + 1;
  return Uint8Array.from({ length }, (_, index) => (first + index * step + (index >> 8)) & 0xff);
}

/** The first place where they differ, or -1; expect() takes long for long arrays. */
export function differenceOf(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index;
  return -1;
}
