/** A disk in memory that can lose its power: what was not synced is then there, or not, or in part. */

import { InvalidOptionError } from '../errors.js';
import { shown } from '../shown.js';
import { type Clock, systemClock } from '../wasi/clock.js';
import {
  type DirectoryHandle,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type OpenFlags,
} from '../wasi/file-system.js';
import { MemoryFileSystem } from '../wasi/memory-fs.js';
import { nameOf, normalizeAbsolute, parentOf } from '../wasi/paths.js';
import { type Draw, drawsOf } from './draws.js';
import { type Choose, UnsyncedFile } from './unsynced-file.js';
import { DiskFolder, type DiskNode, type PowerCutModel, UnsyncedNames } from './unsynced-names.js';

export type { PowerCutModel } from './unsynced-names.js';

export type Appends = 'inOrder' | 'any';

export interface PowerCutOptions {
  /**
   * What is assumed of names. `ordered` (default): their changes reach the disk in the order in which they were made, over
   * all folders, as with the journals of ext4, XFS, btrfs and APFS. `strict`: nothing but what POSIX says: a change of names is
   * on the disk once its folder was synced, and before that may be there without any other. A rename is whole in both.
   */
  model?: PowerCutModel;
  /** Bytes that are written as a whole or not at all; a power of two. Default: 512. */
  sectorBytes?: number;
  /**
   * What is assumed of writes at the end of a file. `inOrder` (default): the file on disk is never longer than what was
   * written of it, as with file systems that write data before sizes: ext4 (data=ordered), XFS, btrfs, APFS, NTFS. `any`:
   * it may be, with zeros in place of sectors that were not (ext4 with data=writeback). A function says it for
   * each file, by the path that it is created with.
   */
  appends?: Appends | ((path: string) => Appends);
  /**
   * Whether fdatasync keeps the size of a file that has grown, as POSIX wants it. Default: true; false is a disk that
   * loses data of every program, to see whether a test finds out.
   */
  dataSyncKeepsSize?: boolean;
  /** Times of files come from it. Default: the host's. */
  clock?: Clock;
  /** What is on the disk to begin with, synced: all below `/` is copied. Default: nothing. */
  contents?: FileSystem;
}

export interface PowerCut {
  /** The same seed at the same moment leaves the same disk. */
  seed: number;
  /** `none` or `all`: of what was not synced, nothing or everything is there. Default: `random`. */
  survival?: 'random' | 'none' | 'all';
}

/** What changes the disk, or syncs. `open`: a file is created, or cut to nothing. */
export type PowerCutOperation =
  | 'open'
  | 'write'
  | 'truncate'
  | 'setModified'
  | 'sync'
  | 'dataSync'
  | 'syncDirectory'
  | 'createDirectory'
  | 'removeDirectory'
  | 'removeFile'
  | 'rename'
  | 'link';

const READ = { read: true, write: false, create: false, exclusive: false, truncate: false };
const CREATE = { read: true, write: true, create: true, exclusive: true, truncate: false };

/**
 * A file system in memory that remembers what was synced, and makes the disks that a power cut could leave: as many
 * different ones as are asked for, at any moment; it itself goes on. docs/power-cuts.md says what is assumed.
 */
export class PowerCutFileSystem implements FileSystem {
  readonly locks: FileSystem['locks'];
  /**
   * Called before each operation that changes the disk or syncs. It may cut the power, or throw: nothing is done
   * then, and the caller gets the error.
   */
  onOperation: ((operation: PowerCutOperation, path: string) => void) | undefined;
  readonly #live: MemoryFileSystem;
  readonly #clock: Clock;
  readonly #sectorBytes: number;
  readonly #appends: (path: string) => Appends;
  readonly #dataSyncKeepsSize: boolean;
  readonly #names: UnsyncedNames;
  readonly #root = new DiskFolder(0);
  /** By inode, those that have a name now. */
  readonly #nodes = new Map<bigint, DiskNode>();
  #folders = 1;
  #moment = 0;

  /** Throws InvalidOptionError. */
  constructor(options: PowerCutOptions = {}) {
    const { model = 'ordered', sectorBytes = 512, dataSyncKeepsSize = true } = options;
    if (model !== 'strict' && model !== 'ordered') throw wrong('model', model, 'strict or ordered');
    const isPower = Number.isInteger(Math.log2(sectorBytes));
    if (!isPower || sectorBytes < 1 || sectorBytes > 65536) {
      throw wrong('sectorBytes', sectorBytes, 'a power of two up to 65536');
    }
    this.#clock = options.clock ?? systemClock;
    this.#live = new MemoryFileSystem(this.#clock);
    this.locks = this.#live.locks;
    const { appends = 'inOrder' } = options;
    this.#appends = typeof appends === 'function' ? appends : () => appends;
    if (typeof appends !== 'function') checkAppends(appends);
    this.#sectorBytes = sectorBytes;
    this.#dataSyncKeepsSize = dataSyncKeepsSize;
    this.#names = new UnsyncedNames(model);
    this.#nodes.set(this.#live.stat('/').inode, this.#root);
    if (options.contents !== undefined) this.#take(options.contents, '/');
  }

  /** Operations so far that changed the disk or synced. */
  get operations(): number {
    return this.#moment;
  }

  /** What is on the disk when the power comes back. */
  afterPowerCut({ seed, survival = 'random' }: PowerCut): MemoryFileSystem {
    if (!Number.isSafeInteger(seed) || seed < 0) throw wrong('seed', seed, 'an integer from 0 on');
    const choose = chooserOf(survival, drawsOf(seed), this.#moment);
    const folders = this.#names.surviving((moment) => choose([moment]) === 0);
    const left = new MemoryFileSystem(this.#clock);
    const places = new Map<UnsyncedFile, string>();
    const walk = (folder: DiskFolder, path: string) => {
      for (const [name, node] of folders.get(folder) ?? folder.synced) {
        const at = `${path}/${name}`;
        const first = node instanceof UnsyncedFile ? places.get(node) : undefined;
        if (first !== undefined) left.link(first, at);
        else if (node instanceof UnsyncedFile) {
          places.set(node, at);
          const { content, modifiedNs } = node.surviving(choose);
          writeNew(left, at, content).close();
          left.setModified(at, modifiedNs);
        } else {
          left.createDirectory(at);
          walk(node, at);
        }
      }
    };
    walk(this.#root, '');
    return left;
  }

  open(path: string, flags: OpenFlags): FileHandle {
    const isNew = flags.create && this.#nodeAt(path) === undefined;
    if (isNew || flags.truncate) this.#begin('open', path);
    const inner = this.#live.open(path, { ...flags, read: true });
    const { inode, size } = inner.stat();
    let file = this.#nodes.get(inode) as UnsyncedFile;
    if (isNew) {
      const appendsInOrder = checkAppends(this.#appends(path)) === 'inOrder';
      const model = { sectorBytes: this.#sectorBytes, appendsInOrder };
      file = new UnsyncedFile(model, inner.stat().modifiedNs);
      this.#nodes.set(inode, file);
      this.#note([path, file]);
    }
    if (flags.truncate && !isNew) {
      file.truncated(inner, size, this.#moment);
      file.modified(inner.stat().modifiedNs, this.#moment);
    }
    return this.#handle(path, flags, inner, file);
  }

  openDirectory(path: string): DirectoryHandle {
    const inner = this.#live.openDirectory(path);
    const folder = this.#nodes.get(inner.stat().inode) as DiskFolder;
    return {
      stat: () => inner.stat(),
      close: () => inner.close(),
      sync: () => {
        this.#begin('syncDirectory', path);
        inner.sync();
        this.#names.sync(folder);
      },
    };
  }

  stat(path: string) {
    return this.#live.stat(path);
  }

  readDirectory(path: string) {
    return this.#live.readDirectory(path);
  }

  setModified(path: string, modifiedNs: bigint): void {
    this.#begin('setModified', path);
    this.#live.setModified(path, modifiedNs);
    const node = this.#nodeAt(path);
    if (node instanceof UnsyncedFile) node.modified(modifiedNs, this.#moment);
  }

  createDirectory(path: string): void {
    this.#begin('createDirectory', path);
    this.#live.createDirectory(path);
    const folder = new DiskFolder(this.#folders++);
    this.#nodes.set(this.#live.stat(path).inode, folder);
    this.#note([path, folder]);
  }

  removeDirectory(path: string): void {
    this.#begin('removeDirectory', path);
    const inode = this.#inodeAt(path);
    this.#live.removeDirectory(path);
    this.#nodes.delete(inode as bigint);
    this.#note([path, undefined]);
  }

  removeFile(path: string): void {
    this.#begin('removeFile', path);
    const before = this.#inodeAt(path);
    const last = before !== undefined && this.#live.stat(path).links === 1;
    this.#live.removeFile(path);
    if (last) this.#nodes.delete(before);
    this.#note([path, undefined]);
  }

  rename(from: string, to: string): void {
    this.#begin('rename', from);
    const node = this.#nodeAt(from);
    const replaced = this.#inodeAt(to);
    const last = replaced !== undefined && this.#live.stat(to).links === 1;
    this.#live.rename(from, to);
    // Two names of one file stay as they are.
    if (replaced !== undefined && this.#nodes.get(replaced) === node) return;
    if (last) this.#nodes.delete(replaced);
    this.#note([from, undefined], [to, node]);
  }

  link(from: string, to: string): void {
    this.#begin('link', to);
    this.#live.link(from, to);
    this.#note([to, this.#nodeAt(to)]);
  }

  /** `inner` may be read for this disk's own sake, even where `flags` do not allow it to the caller. */
  #handle(path: string, flags: OpenFlags, inner: FileHandle, file: UnsyncedFile): FileHandle {
    const changed = () => file.modified(inner.stat().modifiedNs, this.#moment);
    return {
      read: (into, position) => {
        if (!flags.read) throw new FileSystemError('EBADF', `${path} is open for writing only`);
        return inner.read(into, position);
      },
      write: (from, position) => {
        this.#begin('write', path);
        const written = inner.write(from, position);
        file.written(inner, position, position + written, this.#moment);
        changed();
        return written;
      },
      truncate: (size) => {
        this.#begin('truncate', path);
        inner.truncate(size);
        file.truncated(inner, size, this.#moment);
        changed();
      },
      setModified: (modifiedNs) => {
        this.#begin('setModified', path);
        inner.setModified(modifiedNs);
        changed();
      },
      sync: () => {
        this.#begin('sync', path);
        inner.sync();
        file.sync({ size: true, modified: true });
      },
      dataSync: () => {
        this.#begin('dataSync', path);
        inner.dataSync();
        file.sync({ size: this.#dataSyncKeepsSize, modified: false });
      },
      stat: () => inner.stat(),
      close: () => inner.close(),
    };
  }

  #begin(operation: PowerCutOperation, path: string): void {
    this.onOperation?.(operation, path);
    this.#moment++;
  }

  #note(...changes: (readonly [path: string, node: DiskNode | undefined])[]): void {
    this.#names.note(
      this.#moment,
      changes.map(([path, node]) => {
        const normal = normalizeAbsolute(path);
        const folder = this.#nodeAt(parentOf(normal)) as DiskFolder;
        return { folder, name: nameOf(normal), node };
      }),
    );
  }

  #inodeAt(path: string): bigint | undefined {
    try {
      return this.#live.stat(path).inode;
    } catch {
      // Whatever is wrong with the path, the operation itself says it.
      return undefined;
    }
  }

  #nodeAt(path: string): DiskNode | undefined {
    const inode = this.#inodeAt(path);
    return inode === undefined ? undefined : this.#nodes.get(inode);
  }

  /** Copies what a folder of another file system has, and syncs it. */
  #take(from: FileSystem, folder: string): void {
    for (const { name, type } of from.readDirectory(folder)) {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      if (type === 'directory') {
        this.createDirectory(path);
        this.#take(from, path);
      } else if (type === 'file') {
        const file = writeNew(this, path, contentOf(from, path));
        file.setModified(from.stat(path).modifiedNs);
        file.sync();
        file.close();
      }
    }
    this.#names.sync(this.#nodeAt(folder) as DiskFolder);
  }
}

/**
 * How a cut chooses. Cuts that differ in kind find more than those that only differ in detail: everything up to some
 * moment is there and nothing after it; nearly everything is there, or nearly nothing; or all by chance.
 */
function chooserOf(survival: PowerCut['survival'], draw: Draw, now: number): Choose {
  const none: Choose = () => -1;
  const all: Choose = (moments) => moments.length - 1;
  const any: Choose = (moments) => draw(moments.length + 1) - 1;
  const seldom =
    (usual: Choose): Choose =>
    (moments) =>
      (draw(10) === 0 ? any : usual)(moments);
  if (survival === 'none') return none;
  if (survival === 'all') return all;
  if (survival !== 'random') throw wrong('survival', survival, 'random, none or all');
  const kind = draw(16);
  if (kind < 1) return none;
  if (kind < 2) return all;
  if (kind < 4) return seldom(none);
  if (kind < 6) return seldom(all);
  if (kind < 10) return any;
  // Recent moments more often: what is long past is mostly synced.
  const limit = now - draw(kind < 13 ? 30 : now + 1);
  const until: Choose = (moments) => moments.findLastIndex((moment) => moment <= limit);
  return kind < 15 ? until : seldom(until);
}

function checkAppends(appends: Appends): Appends {
  if (appends === 'inOrder' || appends === 'any') return appends;
  throw wrong('appends', appends, 'inOrder or any');
}

function writeNew(to: FileSystem, path: string, content: Uint8Array): FileHandle {
  const file = to.open(path, CREATE);
  for (let done = 0; done < content.length; ) done += file.write(content.subarray(done), done);
  return file;
}

function contentOf(from: FileSystem, path: string): Uint8Array {
  const file = from.open(path, READ);
  try {
    const content = new Uint8Array(file.stat().size);
    for (let done = 0; done < content.length; ) {
      const read = file.read(content.subarray(done), done);
      if (read === 0) break;
      done += read;
    }
    return content;
  } finally {
    file.close();
  }
}

function wrong(option: string, value: unknown, expected: string): InvalidOptionError {
  return new InvalidOptionError(
    `${option}: expected ${expected}, got ${shown(value)}`,
    option,
    value,
  );
}
