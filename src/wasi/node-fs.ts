/**
 * The file system of the host through node:fs, which Node, Deno and Bun all have. Errors keep the
 * errno name that node:fs gives them; where a runtime differs, it is put right here.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import process from 'node:process';
import {
  type DirectoryEntry,
  type DirectoryHandle,
  type FileHandle,
  type FileStat,
  type FileSystem,
  FileSystemError,
  type LockManager,
  type OpenFlags,
} from './file-system.js';
import { FileLocks } from './lock.js';

/** One call takes less than 2 GiB on every system, and node:fs insists on it. */
const TRANSFER_BYTES_MAX = 1 << 30;
/** A file that keeps saying EAGAIN is no file of ours. */
const RETRIES_MAX = 1000;

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;

const isDeno = 'Deno' in globalThis;
const isWindows = process.platform === 'win32';

export class NodeFileSystem implements FileSystem {
  readonly locks: LockManager = new FileLocks();

  open(path: string, flags: OpenFlags): FileHandle {
    const access = flags.write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const create = flags.create ? O_CREAT | (flags.exclusive ? O_EXCL : 0) : 0;
    const fd = fs.openSync(path, access | create | (flags.truncate ? O_TRUNC : 0), 0o644);
    // To write, the system itself refuses a directory.
    if (!flags.write && fs.fstatSync(fd).isDirectory()) {
      fs.closeSync(fd);
      throw new FileSystemError('EISDIR', path);
    }
    return new NodeFileHandle(fd, path);
  }

  openDirectory(path: string): DirectoryHandle {
    if (isWindows) return new WindowsDirectoryHandle(path);
    const fd = fs.openSync(path, O_RDONLY);
    if (!fs.fstatSync(fd).isDirectory()) {
      fs.closeSync(fd);
      throw new FileSystemError('ENOTDIR', path);
    }
    return new NodeFileHandle(fd, path);
  }

  stat(path: string): FileStat {
    return toFileStat(fs.statSync(path, { bigint: true }));
  }

  setModified(path: string, modifiedNs: bigint): void {
    const seconds = Number(modifiedNs) / 1e9;
    fs.utimesSync(path, seconds, seconds);
  }

  readDirectory(path: string): DirectoryEntry[] {
    return fs
      .readdirSync(path, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  createDirectory(path: string): void {
    fs.mkdirSync(path, 0o755);
  }

  removeDirectory(path: string): void {
    fs.rmdirSync(path);
  }

  removeFile(path: string): void {
    // Deno's unlinkSync removes an empty directory as well.
    if (isDeno && fs.lstatSync(path).isDirectory()) throw new FileSystemError('EISDIR', path);
    try {
      fs.unlinkSync(path);
    } catch (error) {
      // POSIX, and so macOS, says EPERM of a directory.
      if (hasCode(error, 'EPERM') && isDirectory(path)) throw new FileSystemError('EISDIR', path);
      throw error;
    }
  }

  rename(from: string, to: string): void {
    fs.renameSync(from, to);
  }

  link(from: string, to: string): void {
    try {
      fs.linkSync(from, to);
    } catch (error) {
      // What Linux says of file systems that have no links, FAT for one: copying is the way out.
      if (hasCode(error, 'EPERM') && !isDirectory(from)) {
        throw new FileSystemError('ENOTSUP', `no hard links here: ${to}`);
      }
      throw error;
    }
  }
}

/** An open file; a directory, too, but on Windows. */
class NodeFileHandle implements FileHandle, DirectoryHandle {
  /** -1 once closed: the number may by then be another file's. */
  #fd: number;
  readonly #path: string;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, TRANSFER_BYTES_MAX);
    for (let tries = 0; ; tries++) {
      try {
        return fs.readSync(this.#open(), into, 0, length, position);
      } catch (error) {
        const named = withCode(error);
        if (!isTransient(named) || tries === RETRIES_MAX) throw named;
      }
    }
  }

  write(from: Uint8Array, position: number): number {
    const length = Math.min(from.length, TRANSFER_BYTES_MAX);
    for (let tries = 0; ; tries++) {
      try {
        return fs.writeSync(this.#open(), from, 0, length, position);
      } catch (error) {
        const named = withCode(error);
        if (!isTransient(named) || tries === RETRIES_MAX) throw named;
      }
    }
  }

  stat(): FileStat {
    return this.#run((fd) => toFileStat(fs.fstatSync(fd, { bigint: true })));
  }

  truncate(size: number): void {
    this.#run((fd) => fs.ftruncateSync(fd, size));
  }

  setModified(modifiedNs: bigint): void {
    const seconds = Number(modifiedNs) / 1e9;
    this.#run((fd) => fs.futimesSync(fd, seconds, seconds));
  }

  sync(): void {
    this.#run((fd) => fs.fsyncSync(fd));
  }

  dataSync(): void {
    this.#run((fd) => fs.fdatasyncSync(fd));
  }

  close(): void {
    this.#run((fd) => {
      this.#fd = -1;
      fs.closeSync(fd);
    });
  }

  #run<T>(use: (fd: number) => T): T {
    try {
      return use(this.#open());
    } catch (error) {
      throw withCode(error);
    }
  }

  #open(): number {
    if (this.#fd < 0) throw new FileSystemError('EBADF', `${this.#path} is closed`);
    return this.#fd;
  }
}

/** Windows opens no directory as a file, and needs no sync of one: NTFS journals its entries. */
class WindowsDirectoryHandle implements DirectoryHandle {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    if (!fs.statSync(path).isDirectory()) throw new FileSystemError('ENOTDIR', path);
  }

  sync(): void {}

  stat(): FileStat {
    return toFileStat(fs.statSync(this.#path, { bigint: true }));
  }

  close(): void {}
}

function toFileStat(stat: fs.BigIntStats): FileStat {
  return {
    type: typeOf(stat),
    size: Number(stat.size),
    modifiedNs: stat.mtimeNs,
    links: Number(stat.nlink),
    device: BigInt.asUintN(64, stat.dev),
    inode: BigInt.asUintN(64, stat.ino),
  };
}

function typeOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileStat['type'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'directory' : 'other';
}

function isDirectory(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown }).code === code;
}

function isTransient(error: unknown): boolean {
  return hasCode(error, 'EINTR') || hasCode(error, 'EAGAIN');
}

/** Gives an error of Deno that names the host's errno only in its text the code it lacks. */
function withCode(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== undefined) return error;
  const number = Number(/\(os error (\d+)\)/.exec(String(message))?.[1]);
  const named = Object.entries(os.constants.errno).find(([, value]) => value === number);
  return named === undefined ? error : Object.assign(error as Error, { code: named[0] });
}
