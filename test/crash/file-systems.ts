/** File systems around a disk: one whose disk is changed, and those that do not keep their word. */
import { type FileSystem, MemoryFileSystem } from 'rocksdb-wasm';
import type { DirectoryHandle, FileHandle, OpenFlags } from '../../src/wasi/file-system.js';

/** Passes everything on. */
class Wrapped implements FileSystem {
  constructor(protected inner: FileSystem) {}

  get locks() {
    return this.inner.locks;
  }
  open(path: string, flags: OpenFlags): FileHandle {
    return this.inner.open(path, flags);
  }
  openDirectory(path: string): DirectoryHandle {
    return this.inner.openDirectory(path);
  }
  stat(path: string) {
    return this.inner.stat(path);
  }
  readDirectory(path: string) {
    return this.inner.readDirectory(path);
  }
  createDirectory(path: string) {
    this.inner.createDirectory(path);
  }
  removeDirectory(path: string) {
    this.inner.removeDirectory(path);
  }
  removeFile(path: string) {
    this.inner.removeFile(path);
  }
  rename(from: string, to: string) {
    this.inner.rename(from, to);
  }
  link(from: string, to: string) {
    this.inner.link(from, to);
  }
  setModified(path: string, modifiedNs: bigint) {
    this.inner.setModified(path, modifiedNs);
  }
}

/** The file system of an engine that looks at one disk after the other. */
export class SwitchedFileSystem extends Wrapped {
  constructor() {
    super(new MemoryFileSystem());
  }

  turnTo(disk: FileSystem): void {
    this.inner = disk;
  }
}

/** Says that files are synced, and does nothing. */
class WithoutFileSync extends Wrapped {
  constructor(
    inner: FileSystem,
    readonly which: RegExp,
  ) {
    super(inner);
  }

  override open(path: string, flags: OpenFlags): FileHandle {
    const file = this.inner.open(path, flags);
    if (!this.which.test(path)) return file;
    return {
      read: (into, position) => file.read(into, position),
      write: (from, position) => file.write(from, position),
      stat: () => file.stat(),
      truncate: (size) => file.truncate(size),
      setModified: (modifiedNs) => file.setModified(modifiedNs),
      sync: () => {},
      dataSync: () => {},
      close: () => file.close(),
    };
  }
}

/** Says that folders are synced, and does nothing: what other packages do. */
class WithoutDirectorySync extends Wrapped {
  override openDirectory(path: string): DirectoryHandle {
    const folder = this.inner.openDirectory(path);
    return { sync: () => {}, stat: () => folder.stat(), close: () => folder.close() };
  }
}

/** Deliberately broken builds, which the suite must find out. */
export const BROKEN = {
  not: { wrap: (disk: FileSystem): FileSystem => disk, dataSyncKeepsSize: true },
  'without file sync': {
    wrap: (disk: FileSystem): FileSystem => new WithoutFileSync(disk, /./),
    dataSyncKeepsSize: true,
  },
  'without sync of logs': {
    wrap: (disk: FileSystem): FileSystem => new WithoutFileSync(disk, /\.log$/),
    dataSyncKeepsSize: true,
  },
  'without sync of tables': {
    wrap: (disk: FileSystem): FileSystem => new WithoutFileSync(disk, /\.sst$/),
    dataSyncKeepsSize: true,
  },
  'without directory sync': {
    wrap: (disk: FileSystem): FileSystem => new WithoutDirectorySync(disk),
    dataSyncKeepsSize: true,
  },
  'without sizes in fdatasync': {
    wrap: (disk: FileSystem): FileSystem => disk,
    dataSyncKeepsSize: false,
  },
} as const;

export type Broken = keyof typeof BROKEN;
