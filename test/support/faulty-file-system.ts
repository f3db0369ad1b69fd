import {
  type DirectoryHandle,
  type FileHandle,
  type FileSystem,
  FileSystemError,
} from '../../src/wasi/file-system.js';

/** What a fault may strike. */
export type Operation =
  | 'open'
  | 'openDirectory'
  | 'stat'
  | 'readDirectory'
  | 'createDirectory'
  | 'removeDirectory'
  | 'removeFile'
  | 'rename'
  | 'link'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'syncDirectory';

/** The errno to fail with, or undefined: let it pass. */
export type Fault = (operation: Operation, path: string) => string | undefined;

/** A file system whose operations fail when `fault` says so; nothing is done then. */
export class FaultyFileSystem implements FileSystem {
  fault: Fault | undefined;
  readonly locks: FileSystem['locks'];

  constructor(private readonly inner: FileSystem) {
    this.locks = inner.locks;
  }

  open(path: string, flags: Parameters<FileSystem['open']>[1]): FileHandle {
    this.#meet('open', path);
    const file = this.inner.open(path, flags);
    return {
      read: (into, position) => {
        this.#meet('read', path);
        return file.read(into, position);
      },
      write: (from, position) => {
        this.#meet('write', path);
        return file.write(from, position);
      },
      stat: () => file.stat(),
      setModified: (ns) => file.setModified(ns),
      truncate: (size) => {
        this.#meet('truncate', path);
        file.truncate(size);
      },
      sync: () => {
        this.#meet('sync', path);
        file.sync();
      },
      dataSync: () => {
        this.#meet('sync', path);
        file.dataSync();
      },
      close: () => file.close(),
    };
  }

  openDirectory(path: string): DirectoryHandle {
    this.#meet('openDirectory', path);
    const folder = this.inner.openDirectory(path);
    return {
      sync: () => {
        this.#meet('syncDirectory', path);
        folder.sync();
      },
      stat: () => folder.stat(),
      close: () => folder.close(),
    };
  }

  stat(path: string) {
    this.#meet('stat', path);
    return this.inner.stat(path);
  }

  setModified(path: string, ns: bigint) {
    this.inner.setModified(path, ns);
  }

  readDirectory(path: string) {
    this.#meet('readDirectory', path);
    return this.inner.readDirectory(path);
  }

  createDirectory(path: string) {
    this.#meet('createDirectory', path);
    this.inner.createDirectory(path);
  }

  removeDirectory(path: string) {
    this.#meet('removeDirectory', path);
    this.inner.removeDirectory(path);
  }

  removeFile(path: string) {
    this.#meet('removeFile', path);
    this.inner.removeFile(path);
  }

  rename(from: string, to: string) {
    this.#meet('rename', from);
    this.inner.rename(from, to);
  }

  link(from: string, to: string) {
    this.#meet('link', from);
    this.inner.link(from, to);
  }

  #meet(operation: Operation, path: string): void {
    const errno = this.fault?.(operation, path);
    if (errno !== undefined) throw new FileSystemError(errno, `injected: ${operation} ${path}`);
  }
}
