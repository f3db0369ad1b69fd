/** The files of a database's folder. */
import type { FileSystem } from '../wasi/file-system.js';

/**
 * Paths of all files below a folder, but for the LOCK and who holds it, which are no part of the data.
 * `folders` gets the folders that hold them, outer ones first.
 */
export function databaseFiles(
  fileSystem: FileSystem,
  folder: string,
  folders: string[] = [],
): string[] {
  folders.push(folder);
  return fileSystem.readDirectory(folder).flatMap(({ name, type }) => {
    const path = folder.endsWith('/') ? folder + name : `${folder}/${name}`;
    if (type === 'directory') return databaseFiles(fileSystem, path, folders);
    return type !== 'file' || /^LOCK($|\.owner\.)/.test(name) ? [] : [path];
  });
}
