/** The files of one case: a copy of an image, in memory. */
import {
  type Clock,
  type FileSystem,
  FileSystemError,
  ManualClock,
  MemoryFileSystem,
} from 'rocksdb-wasm';

/** Files by their absolute paths. */
export type Image = ReadonlyMap<string, Uint8Array>;

/** RocksDB reads its options again to compare them, and does without. */
const NOTES = /\/OPTIONS-\d+\.dbtmp$/;

/** Options with which a database is content without that file, and writes little into its log. */
export const WITHOUT_NOTES = { failIfOptionsFileError: false, infoLogLevel: 'fatal' } as const;

/** No case comes near, so one that makes more is in a loop. */
const CALLS_MAX = 30_000;

/**
 * A file system that can be replaced by another one between two cases, so that one engine serves many. It counts calls, and
 * fails them when there are too many: a loop that reads or writes ends.
 */
export class CaseFiles implements FileSystem {
  readonly clock: Clock = new ManualClock();
  #inner = new MemoryFileSystem(this.clock);
  #calls = 0;
  #notes = true;
  /** Locks that are held. */
  locked = 0;

  readonly locks: FileSystem['locks'] = {
    acquire: (path) => {
      const held = this.#inner.locks.acquire(path);
      this.locked++;
      return {
        path: held.path,
        token: held.token,
        release: () => {
          this.locked--;
          held.release();
        },
      };
    },
    forget: (path) => this.#inner.locks.forget(path),
  };

  get looped(): boolean {
    return this.#calls > CALLS_MAX;
  }

  /** From now on these files, and no others, and nothing counted. Without `notes` those cannot be made: they take half the time. */
  begin(image: Image, notes = true): void {
    this.#inner = new MemoryFileSystem(this.clock);
    this.#calls = 0;
    this.#notes = notes;
    this.locked = 0;
    for (const [path, bytes] of image) this.write(path, bytes);
  }

  /** A file with its folders, whatever was there. */
  write(path: string, bytes: Uint8Array): void {
    const inner = this.#inner;
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      try {
        inner.createDirectory(folder);
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
      }
    }
    const flags = { read: true, write: true, create: true, exclusive: false, truncate: true };
    const file = inner.open(path, flags);
    file.write(bytes, 0);
    file.close();
  }

  /** What is below a folder now. */
  image(folder = '', into = new Map<string, Uint8Array>()): Map<string, Uint8Array> {
    for (const { name, type } of this.#inner.readDirectory(folder === '' ? '/' : folder)) {
      const path = `${folder}/${name}`;
      if (type === 'directory') this.image(path, into);
      else into.set(path, this.read(path));
    }
    return into;
  }

  read(path: string): Uint8Array {
    const flags = { read: true, write: false, create: false, exclusive: false, truncate: false };
    const file = this.#inner.open(path, flags);
    const bytes = new Uint8Array(file.stat().size);
    file.read(bytes, 0);
    file.close();
    return bytes;
  }

  open: FileSystem['open'] = (path, flags) => {
    const files = this.#count();
    if (!this.#notes && flags.create && NOTES.test(path)) {
      throw new FileSystemError('EACCES', `a case without notes: ${path}`);
    }
    const file = files.open(path, flags);
    return {
      read: (into, position) => {
        this.#count();
        return file.read(into, position);
      },
      write: (from, position) => {
        this.#count();
        return file.write(from, position);
      },
      stat: () => file.stat(),
      truncate: (size) => file.truncate(size),
      setModified: (time) => file.setModified(time),
      sync: () => file.sync(),
      dataSync: () => file.dataSync(),
      close: () => file.close(),
    };
  };
  openDirectory: FileSystem['openDirectory'] = (path) => this.#count().openDirectory(path);
  stat: FileSystem['stat'] = (path) => this.#count().stat(path);
  readDirectory: FileSystem['readDirectory'] = (path) => this.#count().readDirectory(path);
  createDirectory: FileSystem['createDirectory'] = (path) => this.#count().createDirectory(path);
  removeDirectory: FileSystem['removeDirectory'] = (path) => this.#count().removeDirectory(path);
  removeFile: FileSystem['removeFile'] = (path) => this.#count().removeFile(path);
  rename: FileSystem['rename'] = (from, to) => this.#count().rename(from, to);
  link: FileSystem['link'] = (from, to) => this.#count().link(from, to);
  setModified: FileSystem['setModified'] = (path, time) => this.#inner.setModified(path, time);

  #count(): MemoryFileSystem {
    if (++this.#calls > CALLS_MAX) throw new FileSystemError('EIO', 'too many calls in one case');
    return this.#inner;
  }
}
