import * as fs from 'node:fs';
import * as os from 'node:os';
import { type Clock, ManualClock } from '../../src/wasi/clock.js';
import type { FileSystem } from '../../src/wasi/file-system.js';
import { createWasi, type Wasi } from '../../src/wasi/imports.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { NodeFileSystem } from '../../src/wasi/node-fs.js';
import { type Random, SeededRandom } from '../../src/wasi/random.js';

/** Runs a test with a folder of its own on disk, and removes it afterwards. */
export async function withFolder(run: (folder: string) => unknown): Promise<void> {
  const folder = fs.realpathSync(fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-wasi-`));
  try {
    await run(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export type WithFileSystem = (
  run: (fileSystem: FileSystem, folder: string) => unknown,
) => Promise<void>;

/** The two file systems, each with an empty folder to work in. */
export const FILE_SYSTEMS: Readonly<Record<string, WithFileSystem>> = {
  MemoryFileSystem: async (run) => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.createDirectory('/data');
    await run(fileSystem, '/data');
  },
  NodeFileSystem: (run) => withFolder((folder) => run(new NodeFileSystem(), folder)),
};

/** The errno name that a function fails with; undefined when it does not. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(from: Uint8Array): string {
  return new TextDecoder().decode(from);
}

export interface GuestOptions {
  readonly fileSystem: FileSystem;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly environment?: Record<string, string>;
}

/** Calls imports as a module would, with a linear memory and a pointer that moves up. */
export class Guest {
  readonly memory = new WebAssembly.Memory({ initial: 4, maximum: 65536 });
  readonly wasi: Wasi;
  readonly lines: string[] = [];
  #next = 1024;

  constructor({ fileSystem, clock, random, environment }: GuestOptions) {
    this.wasi = createWasi({
      fileSystem,
      memory: () => ({ u8: this.u8, view: this.view }),
      clock: clock ?? new ManualClock(),
      random: random ?? new SeededRandom(1),
      stderr: (line) => this.lines.push(line),
      ...(environment === undefined ? {} : { environment }),
    });
  }

  get u8(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const run = this.wasi.imports[name] as unknown as (...args: unknown[]) => number;
    return run(...args);
  }

  reserve(size: number): number {
    const pointer = this.#next;
    this.#next += (size + 7) & ~7;
    return pointer;
  }

  put(content: Uint8Array): number {
    const pointer = this.reserve(content.length);
    this.u8.set(content, pointer);
    return pointer;
  }

  /** Pointer and length, as path arguments come. */
  path(path: string): [number, number] {
    const content = bytes(path);
    return [this.put(content), content.length];
  }

  /** Buffers of these lengths, and the iovecs that name them. */
  iovecs(lengths: readonly number[]): { iovecs: number; buffers: number[] } {
    const buffers = lengths.map((length) => this.reserve(length));
    const iovecs = this.reserve(8 * lengths.length);
    for (const [index, length] of lengths.entries()) {
      this.view.setUint32(iovecs + 8 * index, buffers[index] ?? 0, true);
      this.view.setUint32(iovecs + 8 * index + 4, length, true);
    }
    return { iovecs, buffers };
  }

  /** path_open; returns the descriptor, or the negated errno. */
  open(
    fd: number,
    path: string,
    options: { oflags?: number; write?: boolean; fdFlags?: number } = {},
  ) {
    const result = this.reserve(4);
    const rights = options.write === true ? 0x42n : 0x2n;
    const errno = this.call(
      'path_open',
      fd,
      1,
      ...this.path(path),
      options.oflags ?? 0,
      rights,
      rights,
      options.fdFlags ?? 0,
      result,
    );
    return errno === 0 ? this.view.getUint32(result, true) : -errno;
  }

  write(fd: number, content: string): number {
    const { iovecs, buffers } = this.iovecs([bytes(content).length]);
    this.u8.set(bytes(content), buffers[0]);
    return this.call('fd_write', fd, iovecs, 1, this.reserve(4));
  }

  read(fd: number, length: number): string {
    const { iovecs, buffers } = this.iovecs([length]);
    const result = this.reserve(4);
    const errno = this.call('fd_read', fd, iovecs, 1, result);
    if (errno !== 0) return `errno ${errno}`;
    const start = buffers[0] ?? 0;
    return text(this.u8.slice(start, start + this.view.getUint32(result, true)));
  }
}

/** A guest in a folder of its own, which is descriptor 3. */
export function inMemory(): Guest {
  const guest = new Guest({ fileSystem: new MemoryFileSystem() });
  guest.wasi.fds.addPreopen('/data');
  guest.call('path_create_directory', 3, ...guest.path('.'));
  return guest;
}
