import type { EngineOptions } from '../engine.js';
import type { FileSystem } from '../wasi/file-system.js';
import { NodeFileSystem } from '../wasi/node-fs.js';
import { parentOf } from '../wasi/paths.js';

const LEVELDB_TABLE = /^(\d+)\.ldb$/;

/** The folder of a database before it is opened. */
export class Folder {
  readonly #fileSystem: FileSystem;
  readonly #path: string;

  /** `path`: absolute. */
  constructor(options: EngineOptions & { engine?: { fileSystem: FileSystem } }, path: string) {
    this.#fileSystem = options.engine?.fileSystem ?? options.fileSystem ?? new NodeFileSystem();
    this.#path = path;
  }

  /** RocksDB makes a database's folder, but not the folders that it is in. */
  makeParents(): void {
    const wanted: string[] = [];
    let at = parentOf(this.#path);
    for (; at !== parentOf(at) && !this.#isThere(at); at = parentOf(at)) wanted.push(at);
    for (const folder of wanted.reverse()) this.#fileSystem.createDirectory(folder);
  }

  /** Whether a LevelDB wrote some of its tables. */
  hasLevelDBTables(): boolean {
    if (!this.#isThere(this.#path)) return false;
    return this.#fileSystem.readDirectory(this.#path).some(({ name }) => LEVELDB_TABLE.test(name));
  }

  /** Removes those that RocksDB has compacted away: it looks for them by a name that it would have given. */
  removeLevelDBTables(live: ReadonlySet<number>): void {
    for (const { name } of this.#fileSystem.readDirectory(this.#path)) {
      const number = LEVELDB_TABLE.exec(name)?.[1];
      if (number === undefined || live.has(Number(number))) continue;
      this.#fileSystem.removeFile(`${this.#path}/${name}`);
    }
  }

  #isThere(path: string): boolean {
    try {
      return this.#fileSystem.stat(path).type === 'directory';
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return false;
      throw error;
    }
  }
}
