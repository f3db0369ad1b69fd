/**
 * A file system in memory, private to who made it and gone with it. Errors are those of a real one.
 */
import { type Clock, systemClock } from './clock.js';
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
import { MemoryFile } from './memory-file.js';
import { isInside, nameOf, normalizeAbsolute } from './paths.js';
import { ProcessLocks } from './process-locks.js';

/** As on most file systems. */
const NAME_BYTES_MAX = 255;

interface FileNode {
  readonly type: 'file';
  readonly inode: bigint;
  readonly data: MemoryFile;
  modifiedNs: bigint;
  /** Names that it has. Without any, it lasts as long as it is open. */
  links: number;
  handles: number;
}

interface DirectoryNode {
  readonly type: 'directory';
  readonly inode: bigint;
  readonly children: Map<string, Node>;
  modifiedNs: bigint;
}

type Node = FileNode | DirectoryNode;

export class MemoryFileSystem implements FileSystem {
  readonly locks: LockManager;
  readonly #clock: Clock;
  readonly #root: DirectoryNode;
  readonly #files = new Set<FileNode>();
  #inodes = 0n;

  /** Times of files come from the clock. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#root = this.#newDirectory();
    this.locks = new ProcessLocks((path) => {
      this.#entry(path);
      return normalizeAbsolute(path);
    }, clock);
  }

  /** The memory that files hold, with those that are only open; not the names. */
  get bytes(): number {
    let bytes = 0;
    for (const file of this.#files) bytes += file.data.allocated;
    return bytes;
  }

  open(path: string, flags: OpenFlags): FileHandle {
    const { parent, name, node: found } = this.#entry(path);
    let node = found;
    if (node !== undefined && flags.create && flags.exclusive) throw fail('EEXIST', path);
    if (node?.type === 'directory') throw fail('EISDIR', path);
    if (node === undefined) {
      if (!flags.create) throw fail('ENOENT', path);
      node = this.#newFile();
      this.#attach(parent, name, node, path);
    }
    if (flags.truncate) {
      node.data.truncate(0);
      node.modifiedNs = this.#clock.realtimeNs();
    }
    const file = node;
    file.handles++;
    return new MemoryFileHandle(file, flags, path, this.#clock, () => {
      file.handles--;
      this.#forgetUnused(file);
    });
  }

  openDirectory(path: string): DirectoryHandle {
    const node = this.#directory(path);
    let open = true;
    const check = () => {
      if (!open) throw fail('EBADF', path);
    };
    return {
      sync: check,
      stat: () => {
        check();
        return statOf(node);
      },
      close: () => {
        check();
        open = false;
      },
    };
  }

  stat(path: string): FileStat {
    return statOf(this.#node(path));
  }

  setModified(path: string, modifiedNs: bigint): void {
    this.#node(path).modifiedNs = modifiedNs;
  }

  readDirectory(path: string): DirectoryEntry[] {
    const entries = [...this.#directory(path).children];
    return entries
      .map(([name, { type }]) => ({ name, type }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  createDirectory(path: string): void {
    const { parent, name, node } = this.#entry(path);
    if (node !== undefined) throw fail('EEXIST', path);
    this.#attach(parent, name, this.#newDirectory(), path);
  }

  removeDirectory(path: string): void {
    const { parent, name, node } = this.#entry(path);
    if (node === undefined) throw fail('ENOENT', path);
    if (node.type !== 'directory') throw fail('ENOTDIR', path);
    if (node === this.#root) throw fail('EBUSY', path);
    if (node.children.size > 0) throw fail('ENOTEMPTY', path);
    this.#detach(parent, name);
  }

  removeFile(path: string): void {
    const { parent, name, node } = this.#entry(path);
    if (node === undefined) throw fail('ENOENT', path);
    if (node.type === 'directory') throw fail('EISDIR', path);
    this.#detach(parent, name);
  }

  rename(from: string, to: string): void {
    const source = this.#entry(from);
    const target = this.#entry(to);
    const node = source.node;
    if (node === undefined) throw fail('ENOENT', from);
    if (node === this.#root || target.node === this.#root) throw fail('EBUSY', from);
    if (node === target.node) return;
    if (node.type === 'directory') {
      if (isInside(normalizeAbsolute(from), normalizeAbsolute(to))) throw fail('EINVAL', to);
      if (target.node?.type === 'file') throw fail('ENOTDIR', to);
      if (target.node !== undefined && target.node.children.size > 0) throw fail('ENOTEMPTY', to);
    } else if (target.node?.type === 'directory') {
      throw fail('EISDIR', to);
    }
    this.#attach(target.parent, target.name, node, to);
    this.#detach(source.parent, source.name);
  }

  link(from: string, to: string): void {
    const node = this.#node(from);
    const target = this.#entry(to);
    if (node.type === 'directory') throw fail('EPERM', from);
    if (target.node !== undefined) throw fail('EEXIST', to);
    this.#attach(target.parent, target.name, node, to);
  }

  #newFile(): FileNode {
    const node: FileNode = {
      type: 'file',
      inode: ++this.#inodes,
      data: new MemoryFile(),
      modifiedNs: this.#clock.realtimeNs(),
      links: 0,
      handles: 0,
    };
    this.#files.add(node);
    return node;
  }

  #newDirectory(): DirectoryNode {
    const modifiedNs = this.#clock.realtimeNs();
    return { type: 'directory', inode: ++this.#inodes, children: new Map(), modifiedNs };
  }

  /** Gives a node a name, in place of what has it. */
  #attach(parent: DirectoryNode, name: string, node: Node, path: string): void {
    if (new TextEncoder().encode(name).length > NAME_BYTES_MAX) {
      if (node.type === 'file') this.#forgetUnused(node);
      throw fail('ENAMETOOLONG', path);
    }
    if (parent.children.has(name)) this.#detach(parent, name);
    if (node.type === 'file') node.links++;
    parent.children.set(name, node);
    parent.modifiedNs = this.#clock.realtimeNs();
  }

  #detach(parent: DirectoryNode, name: string): void {
    const node = parent.children.get(name);
    parent.children.delete(name);
    parent.modifiedNs = this.#clock.realtimeNs();
    if (node?.type === 'file') {
      node.links--;
      this.#forgetUnused(node);
    }
  }

  #forgetUnused(file: FileNode): void {
    if (file.links === 0 && file.handles === 0) this.#files.delete(file);
  }

  #locate(path: string): { folder: string; names: string[] } {
    const normal = normalizeAbsolute(path);
    const names = normal.split('/').filter((name) => name !== '');
    return { folder: normal.slice(0, normal.lastIndexOf('/')) || '/', names };
  }

  #node(path: string): Node {
    let node: Node = this.#root;
    for (const name of this.#locate(path).names) {
      if (node.type !== 'directory') throw fail('ENOTDIR', path);
      const child = node.children.get(name);
      if (child === undefined) throw fail('ENOENT', path);
      node = child;
    }
    return node;
  }

  #directory(path: string): DirectoryNode {
    const node = this.#node(path);
    if (node.type !== 'directory') throw fail('ENOTDIR', path);
    return node;
  }

  /** What is at a path, if anything, and the directory that holds it. */
  #entry(path: string): { parent: DirectoryNode; name: string; node: Node | undefined } {
    const { folder, names } = this.#locate(path);
    if (names.length === 0) return { parent: this.#root, name: '', node: this.#root };
    const parent = this.#directory(folder);
    const name = nameOf(normalizeAbsolute(path));
    return { parent, name, node: parent.children.get(name) };
  }
}

class MemoryFileHandle implements FileHandle {
  #open = true;

  constructor(
    readonly node: FileNode,
    readonly flags: OpenFlags,
    readonly path: string,
    readonly clock: Clock,
    readonly onClose: () => void,
  ) {}

  read(into: Uint8Array, position: number): number {
    this.#check(this.flags.read);
    return this.node.data.read(into, position);
  }

  write(from: Uint8Array, position: number): number {
    this.#check(this.flags.write);
    const written = this.node.data.write(from, position);
    this.node.modifiedNs = this.clock.realtimeNs();
    return written;
  }

  stat(): FileStat {
    this.#check(true);
    return statOf(this.node);
  }

  truncate(size: number): void {
    this.#check(true);
    // As ftruncate() has it: the file may be open, but not for this.
    if (!this.flags.write) throw fail('EINVAL', this.path);
    this.node.data.truncate(size);
    this.node.modifiedNs = this.clock.realtimeNs();
  }

  setModified(modifiedNs: bigint): void {
    this.#check(true);
    this.node.modifiedNs = modifiedNs;
  }

  sync(): void {
    this.#check(true);
  }

  dataSync(): void {
    this.#check(true);
  }

  close(): void {
    this.#check(true);
    this.#open = false;
    this.onClose();
  }

  #check(allowed: boolean): void {
    if (!this.#open || !allowed) throw fail('EBADF', this.path);
  }
}

function statOf(node: Node): FileStat {
  const { type, inode, modifiedNs } = node;
  const [size, links] = node.type === 'file' ? [node.data.size, node.links] : [0, 1];
  return { type, size, modifiedNs, links, device: 1n, inode };
}

function fail(code: string, path: string): FileSystemError {
  return new FileSystemError(code, path);
}
