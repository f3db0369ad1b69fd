/**
 * Any file system, with the content of files encrypted: see docs/encryption.md for what this protects
 * from and what it does not. Names, sizes and times stay readable.
 */
import {
  type DirectoryEntry,
  type DirectoryHandle,
  type FileHandle,
  type FileStat,
  type FileSystem,
  FileSystemError,
  type LockManager,
  type OpenFlags,
} from '../wasi/file-system.js';
import { EncryptedFile } from './encrypted-file.js';
import { Buffers } from './io.js';
import { type EncryptionKeys, KeyRing } from './key-ring.js';
import { plainSize } from './layout.js';
import { keyIdOf, type RotateOptions, type RotationReport, rotateKeys } from './rotate.js';

/**
 * Encrypts what is written to another file system and decrypts what is read: `RocksDB.open(path, {
 * fileSystem: new EncryptedFileSystem(new NodeFileSystem(), { keys: { main: key } }) })`.
 *
 * Every file has random keys of its own, wrapped in its header by a master key. What was not written with
 * the keys is never read: it is an EncryptionError where it was synced before, and the end of the file
 * where a power cut may have torn a write. Sizes are those of the plain content.
 *
 * The LOCK of a database stays as it is in the file system below: an empty file, and owner records beside it
 * that tell processes apart and hold nothing of the data.
 */
export class EncryptedFileSystem implements FileSystem {
  readonly locks: LockManager;
  readonly #inner: FileSystem;
  readonly #ring: KeyRing;
  readonly #buffers = new Buffers();
  /** Files that are open, by device and inode: all handles of one share what is known of it. */
  readonly #files = new Map<string, EncryptedFile>();

  /** Takes copies of the keys. Throws InvalidOptionError for keys that cannot be used. */
  constructor(inner: FileSystem, keys: EncryptionKeys) {
    this.#inner = inner;
    this.#ring = new KeyRing(keys);
    this.locks = inner.locks;
  }

  /** Name of the key that new files get. */
  get currentKey(): string {
    return this.#ring.currentId;
  }

  /**
   * Name of the master key that a file's keys are wrapped with; undefined for an empty file, which needs
   * none. Throws EncryptionError as reading it would.
   */
  keyOf(path: string): string | undefined {
    return keyIdOf(this.#inner, this.#ring, path);
  }

  /**
   * Wraps the keys of all files of a database with the current master key, so that the other ones are no
   * longer needed. The data is not touched: this takes two syncs a file, whatever its size. Folders beside
   * the database's own (`walDir`, `dbPaths`) want a call of their own.
   *
   * The database must not be open: it is locked meanwhile, or LockHeldError is thrown. Every file can be
   * read at every moment, before, after and in between; a rotation that was interrupted is finished by the
   * next one. Throws EncryptionError before anything is changed when a file cannot be opened with these
   * keys.
   */
  rotateKeys(path: string, options: RotateOptions = {}): RotationReport {
    return rotateKeys(this.#inner, this.#ring, path, options);
  }

  open(path: string, flags: OpenFlags): FileHandle {
    // To write a part of a page, the rest of it must be read.
    const io = this.#inner.open(path, { ...flags, read: true });
    try {
      const { size, device, inode } = io.stat();
      const identity = `${device}:${inode}`;
      const known = this.#files.get(identity);
      const file = known ?? new EncryptedFile(this.#ring, this.#buffers, path);
      if (flags.truncate) file.reset();
      else if (known === undefined && size > 0) file.load(io);
      this.#files.set(identity, file);
      file.handles++;
      return new EncryptedFileHandle(io, file, flags, path, () => {
        if (--file.handles === 0) this.#files.delete(identity);
      });
    } catch (error) {
      io.close();
      throw error;
    }
  }

  openDirectory(path: string): DirectoryHandle {
    return this.#inner.openDirectory(path);
  }

  stat(path: string): FileStat {
    return plainStat(this.#inner.stat(path));
  }

  setModified(path: string, modifiedNs: bigint): void {
    this.#inner.setModified(path, modifiedNs);
  }

  readDirectory(path: string): DirectoryEntry[] {
    return this.#inner.readDirectory(path);
  }

  createDirectory(path: string): void {
    this.#inner.createDirectory(path);
  }

  removeDirectory(path: string): void {
    this.#inner.removeDirectory(path);
  }

  removeFile(path: string): void {
    this.#inner.removeFile(path);
  }

  rename(from: string, to: string): void {
    this.#inner.rename(from, to);
  }

  link(from: string, to: string): void {
    this.#inner.link(from, to);
  }
}

class EncryptedFileHandle implements FileHandle {
  readonly #io: FileHandle;
  readonly #file: EncryptedFile;
  readonly #flags: OpenFlags;
  readonly #path: string;
  readonly #onClose: () => void;
  #open = true;

  constructor(
    io: FileHandle,
    file: EncryptedFile,
    flags: OpenFlags,
    path: string,
    onClose: () => void,
  ) {
    this.#io = io;
    this.#file = file;
    this.#flags = flags;
    this.#path = path;
    this.#onClose = onClose;
  }

  read(into: Uint8Array, position: number): number {
    this.#check(this.#flags.read);
    return this.#file.read(this.#io, into, position);
  }

  write(from: Uint8Array, position: number): number {
    this.#check(this.#flags.write);
    return this.#file.write(this.#io, from, position);
  }

  stat(): FileStat {
    this.#check(true);
    return plainStat(this.#io.stat());
  }

  truncate(size: number): void {
    this.#check(true);
    // As ftruncate() has it: the file may be open, but not for this.
    if (!this.#flags.write) throw new FileSystemError('EINVAL', this.#path);
    this.#file.truncate(this.#io, size);
  }

  setModified(modifiedNs: bigint): void {
    this.#check(true);
    this.#io.setModified(modifiedNs);
  }

  sync(): void {
    this.#sync(false);
  }

  dataSync(): void {
    this.#sync(true);
  }

  close(): void {
    this.#check(true);
    this.#open = false;
    try {
      if (this.#flags.write) this.#file.finish(this.#io);
    } finally {
      this.#onClose();
      this.#io.close();
    }
  }

  /** A handle that cannot write has written nothing that it would have to tell of. */
  #sync(dataOnly: boolean): void {
    this.#check(true);
    if (this.#flags.write) this.#file.sync(this.#io, dataOnly);
    else if (dataOnly) this.#io.dataSync();
    else this.#io.sync();
  }

  #check(allowed: boolean): void {
    if (!this.#open || !allowed) throw new FileSystemError('EBADF', this.#path);
  }
}

function plainStat(stat: FileStat): FileStat {
  return stat.type === 'file' ? { ...stat, size: plainSize(stat.size) } : stat;
}
