/**
 * A disk that can lose its power. What was not synced survives in part: of each file, each sector of 512
 * bytes is as it was synced or as any later write left it, independently of the others, and the size is
 * that of any moment since; of what happened to names, a beginning survives. A sector is written whole or
 * not at all: RocksDB relies on that on any file system, since an append writes the last one again.
 */
import { type FileSystem, MemoryFileSystem } from 'rocksdb-wasm';
import type { DirectoryHandle, FileHandle, OpenFlags } from '../../src/wasi/file-system.js';

const SECTOR_BYTES = 512;

interface Disk {
  /** As it was last synced. */
  synced: Uint8Array;
  /** What sectors have been since, in order. */
  readonly sectors: Map<number, Uint8Array[]>;
  /** Sizes that it has had since. */
  sizes: number[];
}

type Names = Map<string, bigint>;

export class PowerCutFileSystem implements FileSystem {
  readonly locks: FileSystem['locks'];
  /** Called before each operation that changes the disk; may throw, or look at what a crash would leave. */
  onChange: ((operation: string, path: string) => void) | undefined;
  readonly #live = new MemoryFileSystem();
  readonly #disks = new Map<bigint, Disk>();
  readonly #folders = new Set<string>();
  readonly #names: Names = new Map();
  /** What was done to names and is not synced, and the folders that it concerns. */
  #pending: { folders: readonly string[]; apply: (names: Names) => void }[] = [];

  constructor() {
    this.locks = this.#live.locks;
  }

  /** What is on the disk when the power comes back; `draw(n)` gives an integer below n. */
  afterPowerCut(draw: (below: number) => number): MemoryFileSystem {
    const left = new MemoryFileSystem();
    for (const folder of this.#folders) left.createDirectory(folder);
    const names = new Map(this.#names);
    const survive = draw(this.#pending.length + 1);
    for (const { apply } of this.#pending.slice(0, survive)) apply(names);
    for (const [path, inode] of names) {
      const content = surviving(this.#disks.get(inode) as Disk, draw);
      const file = left.open(path, {
        read: true,
        write: true,
        create: true,
        exclusive: true,
        truncate: false,
      });
      file.write(content, 0);
      file.close();
    }
    return left;
  }

  open(path: string, flags: OpenFlags): FileHandle {
    const isNew = flags.create && !this.#exists(path);
    if (isNew || flags.truncate) this.onChange?.('open', path);
    const file = this.#live.open(path, { ...flags, read: true });
    const { inode } = file.stat();
    if (isNew) {
      this.#disks.set(inode, { synced: new Uint8Array(0), sectors: new Map(), sizes: [] });
      this.#note([parentOf(path)], (names) => names.set(path, inode));
    }
    const disk = this.#disks.get(inode) as Disk;
    if (flags.truncate) noteSize(disk, file, 0);
    const sync = () => {
      this.onChange?.('sync', path);
      file.sync();
      disk.synced = contentOf(file);
      disk.sectors.clear();
      disk.sizes = [];
    };
    return {
      read: (into, position) => file.read(into, position),
      write: (from, position) => {
        this.onChange?.('write', path);
        const before = file.stat().size;
        const written = file.write(from, position);
        noteSectors(disk, file, Math.min(before, position), position + written);
        if (file.stat().size !== before) disk.sizes.push(file.stat().size);
        return written;
      },
      truncate: (size) => {
        this.onChange?.('truncate', path);
        file.truncate(size);
        noteSize(disk, file, size);
      },
      stat: () => file.stat(),
      setModified: (ns) => file.setModified(ns),
      sync,
      dataSync: sync,
      close: () => file.close(),
    };
  }

  openDirectory(path: string): DirectoryHandle {
    const folder = this.#live.openDirectory(path);
    return {
      stat: () => folder.stat(),
      close: () => folder.close(),
      sync: () => {
        this.onChange?.('syncDirectory', path);
        folder.sync();
        const last = this.#pending.findLastIndex(({ folders }) => folders.includes(path));
        for (const { apply } of this.#pending.splice(0, last + 1)) apply(this.#names);
      },
    };
  }

  stat(path: string) {
    return this.#live.stat(path);
  }

  setModified(path: string, ns: bigint) {
    this.#live.setModified(path, ns);
  }

  readDirectory(path: string) {
    return this.#live.readDirectory(path);
  }

  /** Folders are on disk at once. */
  createDirectory(path: string) {
    this.#live.createDirectory(path);
    this.#folders.add(path);
  }

  removeDirectory(path: string) {
    this.#live.removeDirectory(path);
    this.#folders.delete(path);
  }

  removeFile(path: string) {
    this.onChange?.('removeFile', path);
    this.#live.removeFile(path);
    this.#note([parentOf(path)], (names) => names.delete(path));
  }

  rename(from: string, to: string) {
    this.onChange?.('rename', from);
    const { inode } = this.#live.stat(from);
    this.#live.rename(from, to);
    this.#note([parentOf(from), parentOf(to)], (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  link(from: string, to: string) {
    this.onChange?.('link', to);
    this.#live.link(from, to);
    const { inode } = this.#live.stat(to);
    this.#note([parentOf(to)], (names) => names.set(to, inode));
  }

  #note(folders: readonly string[], apply: (names: Names) => void): void {
    this.#pending.push({ folders, apply });
  }

  #exists(path: string): boolean {
    return this.#live.readDirectory(parentOf(path)).some(({ name }) => path.endsWith(`/${name}`));
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function noteSectors(disk: Disk, file: FileHandle, from: number, to: number): void {
  for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < to; sector++) {
    const bytes = new Uint8Array(SECTOR_BYTES);
    file.read(bytes, sector * SECTOR_BYTES);
    const versions = disk.sectors.get(sector) ?? [];
    versions.push(bytes);
    disk.sectors.set(sector, versions);
  }
}

function noteSize(disk: Disk, file: FileHandle, size: number): void {
  disk.sizes.push(size);
  // What was cut off reads as zeros if the file grows again.
  const end = (Math.max(-1, ...disk.sectors.keys()) + 1) * SECTOR_BYTES;
  noteSectors(disk, file, size, Math.max(disk.synced.length, end));
}

function surviving({ synced, sectors, sizes }: Disk, draw: (below: number) => number): Uint8Array {
  const choices = [synced.length, ...sizes];
  const content = new Uint8Array(choices[draw(choices.length)] as number);
  content.set(synced.subarray(0, content.length));
  for (const [sector, versions] of sectors) {
    const chosen = versions[draw(versions.length + 1) - 1];
    const at = sector * SECTOR_BYTES;
    if (chosen === undefined || at >= content.length) continue;
    content.set(chosen.subarray(0, content.length - at), at);
  }
  return content;
}

function contentOf(file: FileHandle): Uint8Array {
  const content = new Uint8Array(file.stat().size);
  file.read(content, 0);
  return content;
}
