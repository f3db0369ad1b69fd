import type { FileSystem } from './wasi/file-system.js';
import { NodeFileSystem } from './wasi/node-fs.js';

/** @internal The real file system, when no other is said. */
export const HOST_FILES = new NodeFileSystem();

/** @internal One object for all that stand for the same files, for keeping things by it. */
export function filesOf(fileSystem: FileSystem | undefined): FileSystem {
  const isHost = fileSystem === undefined || fileSystem.constructor === NodeFileSystem;
  return isHost ? HOST_FILES : fileSystem;
}
