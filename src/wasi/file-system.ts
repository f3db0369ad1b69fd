/**
 * What the WASI shim needs of a file system. Everything is synchronous. Paths are absolute,
 * normalized and use `/`. Failures are thrown as `FileSystemError` (or any error whose `code` is an
 * errno name, as node:fs throws); the shim turns them into WASI errnos, so nothing thrown here
 * crosses the wasm.
 */
export interface FileSystem {
  /** Opens a file. `flags.create` makes it, `flags.exclusive` insists that it is new. */
  open(path: string, flags: OpenFlags): FileHandle;
  /** Opens a directory, to sync it. */
  openDirectory(path: string): DirectoryHandle;
  /** Follows symbolic links. Throws ENOENT when there is nothing. */
  stat(path: string): FileStat;
  /** Names of the entries, without `.` and `..`, sorted by code unit. */
  readDirectory(path: string): DirectoryEntry[];
  /** Makes one directory; its parent must be there. */
  createDirectory(path: string): void;
  /** Removes an empty directory. Throws ENOENT, ENOTEMPTY, ENOTDIR. */
  removeDirectory(path: string): void;
  /** Removes a name of a file; what has it open keeps it. Throws ENOENT, EISDIR. */
  removeFile(path: string): void;
  /** Replaces what is at `to`, atomically. */
  rename(from: string, to: string): void;
  /** Makes a hard link; ENOTSUP where there are none. */
  link(from: string, to: string): void;
  /** Sets the time of the last change of what is there, as precisely as the host can. */
  setModified(path: string, modifiedNs: bigint): void;
  /** The lock that a database's LOCK file stands for: see lock.ts. */
  readonly locks: LockManager;
}

export interface OpenFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/**
 * An open file. Reads and writes may be short; the shim loops. Positions are bytes, up to 2^53 - 1.
 */
export interface FileHandle {
  /** Reads at `position` straight into `into`; returns the bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): number;
  /** Writes at `position` straight from `from`; returns the bytes written. */
  write(from: Uint8Array, position: number): number;
  stat(): FileStat;
  truncate(size: number): void;
  setModified(modifiedNs: bigint): void;
  /** fsync: data and metadata. */
  sync(): void;
  /** fdatasync. */
  dataSync(): void;
  /** Whatever it throws, the file is closed afterwards; to use or close it again is EBADF. */
  close(): void;
}

export interface DirectoryHandle {
  /** fsync of the directory: its entries survive a power cut afterwards. */
  sync(): void;
  stat(): FileStat;
  close(): void;
}

export interface FileStat {
  readonly type: 'file' | 'directory' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modifiedNs: bigint;
  readonly links: number;
  /** Device and inode: the same pair is the same file. */
  readonly device: bigint;
  readonly inode: bigint;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
}

/** One writer per database: who holds a LOCK file, within this process and across processes. */
export interface LockManager {
  /** Takes the lock or throws LockHeldError. The returned lock must be released. */
  acquire(path: string): HeldLock;
  /** Removes what acquire() left beside a LOCK file whose database was destroyed. */
  forget(path: string): void;
  /** Who holds the lock, as the error that acquire() would throw; undefined: nobody. Takes nothing, writes nothing. */
  look?(path: string): LockHeldError | undefined;
}

export interface HeldLock {
  readonly path: string;
  /** Chosen for this acquisition; LockOwner.token of whoever it refuses. */
  readonly token: string;
  /** Idempotent. After an error, too, this process does not take the lock for held any more. */
  release(): void;
}

/** Who holds a lock, as far as it is known. */
export interface LockOwner {
  /** Undefined: it is in memory, or the system does not say whose the native lock is. */
  readonly pid: number | undefined;
  /** Name of the program that the process runs, where the system tells. */
  readonly program?: string | undefined;
  /** Milliseconds since 1970; undefined for a native lock. */
  readonly since: number | undefined;
  /** Empty: not known. */
  readonly host: string;
  /** True: an engine of this very thread, of whatever copy of the package. */
  readonly thisProcess: boolean;
  /** True: a lock of the operating system's, as RocksDB's native builds take it. */
  readonly native: boolean;
  /** Undefined for a native lock. */
  readonly token?: string | undefined;
}

/** What a file system throws when somebody else holds the lock; `owner`: what is known of him. */
export class LockHeldError extends Error {
  readonly code = 'EAGAIN';
  constructor(
    readonly path: string,
    readonly owner: LockOwner | undefined,
    message: string,
  ) {
    super(message);
    this.name = 'LockHeldError';
  }
}

/** An error of a file system, named by its errno. */
export class FileSystemError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'FileSystemError';
  }
}
