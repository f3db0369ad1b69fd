/** The path_ functions. Each path is relative to a folder of the guest and stays inside it. */
import { Errno, errnoOf, OFlags, Rights } from './abi.js';
import type { CallContext, Calls } from './context.js';
import { syncDirectory } from './fd-calls.js';
import { type FileSystem, FileSystemError, type OpenFlags } from './file-system.js';
import { timeToSet, writeFilestat } from './filestat.js';
import { checkRange } from './guest-memory.js';
import { parentOf } from './paths.js';

export function pathCalls(context: CallContext): Calls {
  const { fileSystem } = context;
  return {
    ...openCalls(context),
    ...entryCalls(context),

    path_filestat_get(fd: number, _lookup: number, path: number, length: number, result: number) {
      const stat = fileSystem.stat(context.resolve(fd, path, length));
      writeFilestat(context.memory(), result >>> 0, stat);
      return Errno.ESUCCESS;
    },

    path_filestat_set_times(
      fd: number,
      _lookup: number,
      path: number,
      length: number,
      _accessed: bigint,
      modified: bigint,
      flags: number,
    ) {
      const target = context.resolve(fd, path, length);
      const time = timeToSet(context.clock, modified, flags);
      if (time !== undefined) fileSystem.setModified(target, time);
      return Errno.ESUCCESS;
    },

    // The file systems know no symbolic links of their own.
    path_symlink: () => Errno.ENOSYS,
    path_readlink(fd: number, path: number, length: number) {
      fileSystem.stat(context.resolve(fd, path, length));
      return Errno.EINVAL;
    },
  };
}

function openCalls(context: CallContext): Calls {
  const { fds, fileSystem } = context;
  return {
    path_open(
      fd: number,
      _lookup: number,
      pathPointer: number,
      length: number,
      oflags: number,
      rights: bigint,
      _inheriting: bigint,
      fdFlags: number,
      result: number,
    ) {
      const path = context.resolve(fd, pathPointer, length);
      // Before anything is opened that would have to be closed again.
      checkRange(context.memory().u8, result >>> 0, 4);
      let opened: number;
      if ((oflags & OFlags.DIRECTORY) !== 0) {
        opened = openDirectory(context, path, oflags);
      } else {
        const flags = openFlags(oflags, rights);
        const handle = fileSystem.open(path, flags);
        opened = fds.add({ kind: 'file', path, handle, flags, fdFlags, position: 0 });
      }
      context.memory().view.setUint32(result >>> 0, opened, true);
      return Errno.ESUCCESS;
    },
  };
}

function openDirectory({ fds, fileSystem }: CallContext, path: string, oflags: number): number {
  if ((oflags & ~OFlags.DIRECTORY) !== 0) {
    throw new FileSystemError('EINVAL', 'a directory is made by path_create_directory');
  }
  const handle = fileSystem.openDirectory(path);
  return fds.add({ kind: 'directory', path, handle, listing: undefined });
}

/** Rights say what the guest wants to do; one that asks for nothing wants to read. */
function openFlags(oflags: number, rights: bigint): OpenFlags {
  const truncate = (oflags & OFlags.TRUNC) !== 0;
  const writing = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE;
  const write = truncate || (rights & writing) !== 0n;
  return {
    read: !write || (rights & Rights.FD_READ) !== 0n,
    write,
    create: (oflags & OFlags.CREAT) !== 0,
    exclusive: (oflags & OFlags.EXCL) !== 0,
    truncate,
  };
}

/** What changes the entries of directories. */
function entryCalls(context: CallContext): Calls {
  const { fileSystem } = context;

  /** Like resolve(), but not the folder itself: it would move out from under its descriptor. */
  const resolveEntry = (fd: number, pointer: number, length: number) => {
    const path = context.resolve(fd, pointer, length);
    if (path === context.folder(fd).path) throw new FileSystemError('EBUSY', `${path} is in use`);
    return path;
  };

  return {
    path_create_directory(fd: number, pointer: number, length: number) {
      const path = context.resolve(fd, pointer, length);
      if (path === context.folder(fd).path) createWithParents(fileSystem, path);
      else fileSystem.createDirectory(path);
      return Errno.ESUCCESS;
    },

    path_remove_directory(fd: number, pointer: number, length: number) {
      fileSystem.removeDirectory(context.resolve(fd, pointer, length));
      return Errno.ESUCCESS;
    },

    path_unlink_file(fd: number, pointer: number, length: number) {
      fileSystem.removeFile(context.resolve(fd, pointer, length));
      return Errno.ESUCCESS;
    },

    path_rename(
      fd: number,
      pointer: number,
      length: number,
      newFd: number,
      newPointer: number,
      newLength: number,
    ) {
      const to = resolveEntry(newFd, newPointer, newLength);
      const from = resolveEntry(fd, pointer, length);
      fileSystem.rename(from, to);
      return Errno.ESUCCESS;
    },

    path_link(
      fd: number,
      _lookup: number,
      pointer: number,
      length: number,
      newFd: number,
      newPointer: number,
      newLength: number,
    ) {
      const to = context.resolve(newFd, newPointer, newLength);
      const from = context.resolve(fd, pointer, length);
      fileSystem.link(from, to);
      return Errno.ESUCCESS;
    },
  };
}

/**
 * Makes a preopened folder and what is missing above it. Each new entry is synced in the folder
 * that holds it; where that fails the new folder goes again, so that a second try does not pass for
 * durable.
 */
function createWithParents(fileSystem: FileSystem, path: string): void {
  const parent = parentOf(path);
  try {
    fileSystem.createDirectory(path);
  } catch (error) {
    if (errnoOf(error) !== Errno.ENOENT || parent === path) throw error;
    try {
      createWithParents(fileSystem, parent);
    } catch (parentError) {
      // Another process may have made it in the meantime.
      if (errnoOf(parentError) !== Errno.EEXIST) throw parentError;
    }
    fileSystem.createDirectory(path);
  }
  try {
    syncDirectory(fileSystem, parent);
  } catch (error) {
    fileSystem.removeDirectory(path);
    throw error;
  }
}
