/**
 * The guest's descriptors: 0 to 2 are standard input and output, 3 to 63 are preopened folders, and
 * what path_open opens begins at 64. The lowest free number is given first.
 */
import {
  type DirectoryHandle,
  type FileHandle,
  FileSystemError,
  type OpenFlags,
} from './file-system.js';
import { LineWriter } from './line-writer.js';
import { isInside, normalizeAbsolute } from './paths.js';

export const FIRST_PREOPEN = 3;
/**
 * Preopens come and go with databases while a guest scans them from 3: files must not be in
 * between.
 */
export const FIRST_FILE = 64;

/** Gets what the guest writes to standard output or error. The bytes are the guest's: copy what is kept. */
export interface OutputWriter {
  write(bytes: Uint8Array): void;
  flush(): void;
}

export interface StdioDescriptor {
  readonly kind: 'stdio';
  /** Undefined: standard input. */
  output: OutputWriter | undefined;
  /** What standard input still has. */
  input: Uint8Array;
}

/** Standard input, output and error. */
export interface Stdio {
  readonly input: Uint8Array;
  readonly output: OutputWriter;
  readonly error: OutputWriter;
}

export interface ListedEntry {
  readonly name: Uint8Array;
  /** FileType. */
  readonly type: number;
}

/** What fd_readdir lists: kept from the first call on, so that its cookies stay true. */
interface Listed {
  listing: readonly ListedEntry[] | undefined;
}

/** A folder that the guest may reach. It need not be there. */
export interface PreopenDescriptor extends Listed {
  readonly kind: 'preopen';
  readonly path: string;
  /** How many addPreopen() it answers. */
  references: number;
}

export interface DirectoryDescriptor extends Listed {
  readonly kind: 'directory';
  readonly path: string;
  readonly handle: DirectoryHandle;
}

export interface FileDescriptor {
  readonly kind: 'file';
  readonly path: string;
  readonly handle: FileHandle;
  readonly flags: OpenFlags;
  /** FdFlags. */
  fdFlags: number;
  /** Where fd_read and fd_write go on. */
  position: number;
}

export type Descriptor = StdioDescriptor | PreopenDescriptor | DirectoryDescriptor | FileDescriptor;

export type FolderDescriptor = PreopenDescriptor | DirectoryDescriptor;

/** A file or directory that is open: for leak reports. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly kind: 'file' | 'directory';
  readonly path: string;
  /** Of files only. */
  readonly flags: OpenFlags | undefined;
}

/** Told of every file and directory that is opened and closed. */
export interface DescriptorObserver {
  opened(fd: number, path: string): void;
  closed(fd: number): void;
}

export class FdTable {
  readonly #observer: DescriptorObserver | undefined;
  readonly #stdio: readonly StdioDescriptor[];
  #preopens: (PreopenDescriptor | undefined)[] = [];
  #open: (FileDescriptor | DirectoryDescriptor | undefined)[] = [];
  /** No index below it is free. */
  #lowestFree = 0;

  /** `writeLine` gets what the guest writes to 1 and 2, a line at a time, without its end. */
  constructor(writeLine: (text: string) => void, observer?: DescriptorObserver) {
    this.#observer = observer;
    const input = new Uint8Array(0);
    this.#stdio = [
      { kind: 'stdio', output: undefined, input },
      { kind: 'stdio', output: new LineWriter(writeLine), input },
      { kind: 'stdio', output: new LineWriter(writeLine), input },
    ];
  }

  /** From now on, standard input, output and error are these. */
  redirect({ input, output, error }: Stdio): void {
    const [stdin, stdout, stderr] = this.#stdio as [
      StdioDescriptor,
      StdioDescriptor,
      StdioDescriptor,
    ];
    stdin.input = input;
    stdout.output = output;
    stderr.output = error;
  }

  /** Throws EBADF. */
  get(fd: number): Descriptor {
    const descriptor =
      fd >= FIRST_FILE
        ? this.#open[fd - FIRST_FILE]
        : fd >= FIRST_PREOPEN
          ? this.#preopens[fd - FIRST_PREOPEN]
          : this.#stdio[fd];
    if (descriptor === undefined) throw notOpen(fd);
    return descriptor;
  }

  /** A preopen, or undefined for a hole that one has left among others; EBADF after the last. */
  preopen(fd: number): PreopenDescriptor | undefined {
    const index = fd - FIRST_PREOPEN;
    if (index < 0 || index >= this.#preopens.length) throw notOpen(fd);
    return this.#preopens[index];
  }

  /**
   * Lets the guest reach a folder, which need not be there yet. Each call wants its
   * removePreopen(); the same folder has one descriptor, and folders may lie in one another.
   */
  addPreopen(path: string): number {
    const normal = normalizeAbsolute(path);
    const known = this.#preopens.findIndex((preopen) => preopen?.path === normal);
    const same = this.#preopens[known];
    if (same !== undefined) {
      same.references++;
      return FIRST_PREOPEN + known;
    }
    let index = this.#preopens.indexOf(undefined);
    if (index < 0) index = this.#preopens.length;
    if (FIRST_PREOPEN + index >= FIRST_FILE) {
      throw new FileSystemError('EMFILE', `more than ${index} folders in one engine: ${normal}`);
    }
    this.#preopens[index] = { kind: 'preopen', path: normal, references: 1, listing: undefined };
    return FIRST_PREOPEN + index;
  }

  /**
   * Takes back one addPreopen(). Returns whether the guest can no longer reach the folder by it.
   */
  removePreopen(path: string): boolean {
    const normal = normalizeAbsolute(path);
    const index = this.#preopens.findIndex((preopen) => preopen?.path === normal);
    const preopen = this.#preopens[index];
    if (preopen === undefined) throw new FileSystemError('EINVAL', `not a preopen: ${normal}`);
    if (--preopen.references > 0) return false;
    this.#preopens[index] = undefined;
    while (this.#preopens.length > 0 && this.#preopens.at(-1) === undefined) this.#preopens.pop();
    return true;
  }

  /** Whether a normalized path lies in a preopened folder. */
  reaches(path: string): boolean {
    return this.#preopens.some((preopen) => preopen !== undefined && isInside(preopen.path, path));
  }

  add(descriptor: FileDescriptor | DirectoryDescriptor): number {
    let index = this.#lowestFree;
    while (this.#open[index] !== undefined) index++;
    this.#open[index] = descriptor;
    this.#lowestFree = index + 1;
    this.#observer?.opened(FIRST_FILE + index, descriptor.path);
    return FIRST_FILE + index;
  }

  /** Closes a file or directory. Whatever its handle throws, the number is free afterwards. */
  close(fd: number): void {
    const descriptor = this.get(fd);
    if (descriptor.kind === 'stdio' || descriptor.kind === 'preopen') {
      throw new FileSystemError('ENOTSUP', `${fd} is closed by the host only`);
    }
    const index = fd - FIRST_FILE;
    this.#open[index] = undefined;
    this.#lowestFree = Math.min(this.#lowestFree, index);
    this.#observer?.closed(fd);
    descriptor.handle.close();
  }

  /** What is open beyond standard output and preopens, by number. */
  list(): OpenDescriptor[] {
    return this.#open.flatMap((descriptor, index) => {
      if (descriptor === undefined) return [];
      const flags = descriptor.kind === 'file' ? descriptor.flags : undefined;
      return [{ fd: FIRST_FILE + index, kind: descriptor.kind, path: descriptor.path, flags }];
    });
  }

  /**
   * For an engine that has crashed or is disposed: closes every file and directory, drops the
   * preopens and writes out unfinished lines. Goes on after an error, and returns all of them.
   */
  closeAll(): unknown[] {
    const open = this.#open;
    this.#open = [];
    this.#preopens = [];
    this.#lowestFree = 0;
    const errors: unknown[] = [];
    const attempt = (close: () => void) => {
      try {
        close();
      } catch (error) {
        errors.push(error);
      }
    };
    open.forEach((descriptor, index) => {
      if (descriptor === undefined) return;
      this.#observer?.closed(FIRST_FILE + index);
      attempt(() => descriptor.handle.close());
    });
    for (const { output } of this.#stdio) attempt(() => output?.flush());
    return errors;
  }
}

function notOpen(fd: number): FileSystemError {
  return new FileSystemError('EBADF', `descriptor ${fd} is not open`);
}
