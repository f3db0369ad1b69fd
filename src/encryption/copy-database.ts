/** Copies a database from one file system to another: how one comes to be encrypted, and back. */
import { InvalidArgumentError, IOError } from '../errors.js';
import { type FileHandle, type FileSystem, FileSystemError } from '../wasi/file-system.js';
import { normalizeAbsolute, parentOf } from '../wasi/paths.js';
import { databaseFiles } from './walk.js';

/** A database's folder, and what its files are read and written by. */
export interface DatabaseFolder {
  readonly fileSystem: FileSystem;
  /** Absolute. */
  readonly path: string;
}

export interface CopyReport {
  readonly files: number;
  /** Plain bytes. */
  readonly bytes: number;
}

const PIECE_BYTES = 1 << 20;
const READ = { read: true, write: false, create: false, exclusive: false, truncate: false };
const CREATE = { read: true, write: true, create: true, exclusive: true, truncate: false };

/**
 * Copies a closed database to a folder that is empty or not there yet, file by file; syncs the copy, and
 * reads it back to compare it. From a plain file system to an EncryptedFileSystem this encrypts; the
 * other way round it decrypts; from one set of keys to another it gives all data new keys.
 *
 * The database is locked meanwhile, or LockHeldError is thrown. The file that makes a database of the copy,
 * CURRENT, comes last, when all others are on disk: an interrupted copy is none. After an error what was
 * copied is removed again. A database that keeps its log elsewhere (`walDir`) has that path in its OPTIONS.
 */
export function copyDatabase(from: DatabaseFolder, to: DatabaseFolder): CopyReport {
  const source = normalizeAbsolute(from.path);
  const target = normalizeAbsolute(to.path);
  const lock = from.fileSystem.locks.acquire(`${source}/LOCK`);
  try {
    const folders: string[] = [];
    const paths = databaseFiles(from.fileSystem, source, folders);
    if (!paths.includes(`${source}/CURRENT`)) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_DATABASE_MISSING',
        `there is no database at ${source}: correct the path of what is copied`,
      );
    }
    insistOnEmpty(to.fileSystem, target);
    const made: string[] = [];
    const madeFolders: string[] = [];
    try {
      const there = (path: string) => target + path.slice(source.length);
      for (const folder of folders) makeFolder(to.fileSystem, there(folder), madeFolders);
      const last = (path: string) => (path === `${source}/CURRENT` ? 1 : 0);
      let bytes = 0;
      for (const path of paths.sort((a, b) => last(a) - last(b))) {
        if (last(path) === 1)
          for (const folder of folders) syncFolder(to.fileSystem, there(folder));
        made.push(there(path));
        bytes += copyFile(from.fileSystem, path, to.fileSystem, there(path));
      }
      syncFolder(to.fileSystem, target);
      return { files: paths.length, bytes };
    } catch (error) {
      for (const path of made) quietly(() => to.fileSystem.removeFile(path));
      for (const folder of madeFolders.reverse()) {
        quietly(() => to.fileSystem.removeDirectory(folder));
      }
      throw error;
    }
  } finally {
    lock.release();
  }
}

function copyFile(from: FileSystem, path: string, to: FileSystem, copy: string): number {
  const source = from.open(path, READ);
  try {
    const target = to.open(copy, CREATE);
    try {
      let at = 0;
      for (const piece of pieces(source)) {
        for (let done = 0; done < piece.length; ) {
          const written = target.write(piece.subarray(done), at + done);
          if (written === 0) throw new FileSystemError('EIO', `nothing can be written to ${copy}`);
          done += written;
        }
        at += piece.length;
      }
      target.sync();
    } finally {
      target.close();
    }
    return compare(source, path, to, copy);
  } finally {
    source.close();
  }
}

/** Throws unless both files are the same, to the byte; returns their length. */
function compare(source: FileHandle, path: string, to: FileSystem, copy: string): number {
  const target = to.open(copy, READ);
  try {
    const read = pieces(target, new Uint8Array(PIECE_BYTES));
    let length = 0;
    for (const piece of pieces(source)) {
      const { value } = read.next();
      if (value === undefined || !same(piece, value)) throw differs(path, copy);
      length += piece.length;
    }
    if (read.next().value !== undefined) throw differs(path, copy);
    return length;
  } finally {
    target.close();
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The content in pieces of the same sizes for the same content; each is gone with the next. */
function* pieces(file: FileHandle, buffer = new Uint8Array(PIECE_BYTES)): Generator<Uint8Array> {
  for (let position = 0; ; ) {
    let filled = 0;
    while (filled < buffer.length) {
      const read = file.read(buffer.subarray(filled), position + filled);
      if (read === 0) break;
      filled += read;
    }
    if (filled === 0) return;
    yield buffer.subarray(0, filled);
    position += filled;
  }
}

function differs(path: string, copy: string): IOError {
  return new IOError(
    'ERR_ROCKSDB_IO_ERROR',
    `${copy} does not read back as ${path} was: the disk below it may be failing; the copy was removed`,
  );
}

function insistOnEmpty(fileSystem: FileSystem, folder: string): void {
  let names: string[];
  try {
    names = fileSystem.readDirectory(folder).map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return;
    throw error;
  }
  const [first] = names.filter((name) => name !== 'LOCK');
  if (first === undefined) return;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${folder}, where the copy would go, holds ${first}: copy to a folder that is empty or not there`,
  );
}

/** With what is missing above it; `made` gets what was made. */
function makeFolder(fileSystem: FileSystem, folder: string, made: string[]): void {
  try {
    fileSystem.createDirectory(folder);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || parentOf(folder) === folder) throw error;
    makeFolder(fileSystem, parentOf(folder), made);
    fileSystem.createDirectory(folder);
  }
  made.push(folder);
  syncFolder(fileSystem, parentOf(folder));
}

function syncFolder(fileSystem: FileSystem, folder: string): void {
  const directory = fileSystem.openDirectory(folder);
  try {
    directory.sync();
  } finally {
    directory.close();
  }
}

/** For what is removed after an error, which is the one to tell of: without CURRENT it is no database. */
function quietly(remove: () => void): void {
  try {
    remove();
  } catch {
    // It was never made, or cannot go.
  }
}
