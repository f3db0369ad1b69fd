/** The room that a disk has left. What files had before is their own; growing takes, shrinking and removal give back. */
import {
  type FileHandle,
  type FileStat,
  type FileSystem,
  FileSystemError,
} from '../wasi/file-system.js';

interface OpenFile {
  handles: number;
  /** It has no name any more: its room comes back when nobody has it open. */
  removed: boolean;
}

export class DiskSpace {
  /** Undefined: as much as anybody wants. */
  freeBytes: number | undefined;
  /** Files that are open, by device and inode. */
  readonly #open = new Map<string, OpenFile>();
  readonly #inner: FileSystem;
  readonly #onFull: (operation: 'write' | 'truncate', path: string, bytes: number) => void;

  /** `onFull` is told of what there was not enough room for, and of the bytes that fitted. */
  constructor(
    inner: FileSystem,
    onFull: (operation: 'write' | 'truncate', path: string, bytes: number) => void,
  ) {
    this.#inner = inner;
    this.#onFull = onFull;
  }

  /** To be told of each file that is opened. Returns what is to be called before it is closed. */
  opened(file: FileHandle): () => void {
    const id = identity(file.stat());
    const known = this.#open.get(id) ?? { handles: 0, removed: false };
    known.handles++;
    this.#open.set(id, known);
    return () => {
      if (--known.handles > 0) return;
      this.#open.delete(id);
      if (known.removed) this.#give(file.stat().size);
    };
  }

  /** How many of `length` bytes there is room for at `position`; throws ENOSPC if there is none. */
  roomFor(file: FileHandle, position: number, length: number, path: string): number {
    if (this.freeBytes === undefined) return length;
    // A file with a hole takes the room of the hole, too.
    const room = file.stat().size + this.freeBytes - position;
    if (room >= length) return length;
    this.#onFull('write', path, Math.max(room, 0));
    if (room <= 0) throw isFull(path);
    return room;
  }

  truncate(file: FileHandle, size: number, path: string): void {
    if (this.freeBytes !== undefined && size > file.stat().size + this.freeBytes) {
      this.#onFull('truncate', path, 0);
      throw isFull(path);
    }
    this.changing(file, () => file.truncate(size));
  }

  /** Takes note of how a file has grown or shrunk while `change` ran. */
  changing<T>(file: FileHandle, change: () => T): T {
    if (this.freeBytes === undefined) return change();
    const before = file.stat().size;
    try {
      return change();
    } finally {
      this.#give(before - file.stat().size);
    }
  }

  /** Opens with truncation: what was in the file is given back. */
  truncating<T>(path: string, open: () => T): T {
    const before = this.freeBytes === undefined ? undefined : this.#statOf(path);
    const opened = open();
    this.#give(before?.size ?? 0);
    return opened;
  }

  /** Takes a name from the file at `path`, if there is one. `by` is the file that gets it. */
  unnaming(path: string, remove: () => void, by?: string): void {
    const stat = this.freeBytes === undefined ? undefined : this.#statOf(path);
    const heir = by === undefined || stat === undefined ? undefined : this.#statOf(by);
    remove();
    if (stat?.type !== 'file' || stat.links > 1) return;
    if (heir !== undefined && identity(heir) === identity(stat)) return;
    const open = this.#open.get(identity(stat));
    if (open === undefined) this.#give(stat.size);
    else open.removed = true;
  }

  #statOf(path: string): FileStat | undefined {
    try {
      return this.#inner.stat(path);
    } catch {
      // There is none, or whatever it is: the call itself will tell.
      return undefined;
    }
  }

  #give(bytes: number): void {
    if (this.freeBytes !== undefined) this.freeBytes += bytes;
  }
}

const identity = ({ device, inode }: FileStat) => `${device}:${inode}`;
const isFull = (path: string) =>
  new FileSystemError('ENOSPC', `injected: the disk is full: ${path}`);
