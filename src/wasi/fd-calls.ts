/** The fd_ functions, but for fd_readdir. */
import {
  Errno,
  FdFlags,
  Fdstat,
  FileType,
  Iovec,
  PREOPENTYPE_DIR,
  Prestat,
  Rights,
  Whence,
} from './abi.js';
import type { CallContext, Calls } from './context.js';
import type { FileDescriptor, StdioDescriptor } from './fd-table.js';
import { readBuffers, toPosition, writeBuffers } from './file-io.js';
import { type FileSystem, FileSystemError } from './file-system.js';
import { timeToSet, writeFilestat, writeStdioFilestat } from './filestat.js';
import { checkRange, type MemoryViews } from './guest-memory.js';

const UTF8 = new TextEncoder();

export function fdCalls(context: CallContext): Calls {
  const { fds } = context;
  return {
    ...dataCalls(context),
    ...metadataCalls(context),

    fd_advise(fd: number) {
      fds.get(fd);
      return Errno.ESUCCESS;
    },

    // RocksDB goes on without; to write zeros instead would cost what it wants to save.
    fd_allocate(fd: number) {
      context.file(fd);
      return Errno.ENOTSUP;
    },

    fd_close(fd: number) {
      const descriptor = fds.get(fd);
      if (descriptor.kind !== 'stdio') context.path = descriptor.path;
      fds.close(fd);
      return Errno.ESUCCESS;
    },

    fd_prestat_get(fd: number, result: number) {
      const path = fds.preopen(fd)?.path ?? '';
      const { view } = context.memory();
      view.setUint32((result >>> 0) + Prestat.TAG, PREOPENTYPE_DIR, true);
      view.setUint32((result >>> 0) + Prestat.NAME_LENGTH, UTF8.encode(path).length, true);
      return Errno.ESUCCESS;
    },

    fd_prestat_dir_name(fd: number, pointer: number, length: number) {
      const name = UTF8.encode(fds.preopen(fd)?.path ?? '');
      if (name.length > length >>> 0) return Errno.ENAMETOOLONG;
      const { u8 } = context.memory();
      checkRange(u8, pointer >>> 0, name.length);
      u8.set(name, pointer >>> 0);
      return Errno.ESUCCESS;
    },
  };
}

/** Reading, writing, and where. */
function dataCalls(context: CallContext): Calls {
  const { fds } = context;
  return {
    fd_pread(fd: number, iovecs: number, count: number, offset: bigint, result: number) {
      const file = context.file(fd);
      const position = toPosition(offset);
      const views = context.memory();
      const read = readBuffers(file.handle, views, iovecs >>> 0, count >>> 0, position);
      views.view.setUint32(result >>> 0, read, true);
      return Errno.ESUCCESS;
    },

    fd_pwrite(fd: number, iovecs: number, count: number, offset: bigint, result: number) {
      const file = context.file(fd);
      const position = toPosition(offset);
      const views = context.memory();
      const written = writeBuffers(file.handle, views, iovecs >>> 0, count >>> 0, position);
      syncAsOpened(file);
      views.view.setUint32(result >>> 0, written, true);
      return Errno.ESUCCESS;
    },

    fd_read(fd: number, iovecs: number, count: number, result: number) {
      const views = context.memory();
      const descriptor = fds.get(fd);
      if (descriptor.kind === 'stdio') {
        const read = readStdio(descriptor, views, iovecs >>> 0, count >>> 0);
        views.view.setUint32(result >>> 0, read, true);
        return Errno.ESUCCESS;
      }
      const file = context.file(fd);
      const read = readBuffers(file.handle, views, iovecs >>> 0, count >>> 0, file.position);
      file.position += read;
      views.view.setUint32(result >>> 0, read, true);
      return Errno.ESUCCESS;
    },

    fd_write(fd: number, iovecs: number, count: number, result: number) {
      const views = context.memory();
      const descriptor = fds.get(fd);
      let written: number;
      if (descriptor.kind === 'stdio') {
        written = writeStdio(descriptor, views, iovecs >>> 0, count >>> 0);
      } else {
        const file = context.file(fd);
        if ((file.fdFlags & FdFlags.APPEND) !== 0) file.position = file.handle.stat().size;
        written = writeBuffers(file.handle, views, iovecs >>> 0, count >>> 0, file.position);
        file.position += written;
        syncAsOpened(file);
      }
      views.view.setUint32(result >>> 0, written, true);
      return Errno.ESUCCESS;
    },

    fd_seek(fd: number, delta: bigint, whence: number, result: number) {
      const file = context.file(fd);
      let from: number;
      if (whence === Whence.SET) from = 0;
      else if (whence === Whence.CUR) from = file.position;
      else if (whence === Whence.END) from = file.handle.stat().size;
      else return Errno.EINVAL;
      const position = toPosition(BigInt(from) + delta);
      context.memory().view.setBigUint64(result >>> 0, BigInt(position), true);
      file.position = position;
      return Errno.ESUCCESS;
    },

    fd_tell(fd: number, result: number) {
      const { position } = context.file(fd);
      context.memory().view.setBigUint64(result >>> 0, BigInt(position), true);
      return Errno.ESUCCESS;
    },

    fd_sync: (fd: number) => sync(context, fd, false),
    fd_datasync: (fd: number) => sync(context, fd, true),
  };
}

function metadataCalls(context: CallContext): Calls {
  const { fds, fileSystem } = context;
  return {
    fd_fdstat_get(fd: number, result: number) {
      const descriptor = fds.get(fd);
      let type: number = FileType.DIRECTORY;
      let flags = 0;
      // A directory can be read and written by path only; a terminal is known by not seeking.
      let rights =
        Rights.ALL & ~(Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL);
      if (descriptor.kind === 'stdio') {
        type = FileType.CHARACTER_DEVICE;
        rights = descriptor.output === undefined ? Rights.FD_READ : Rights.FD_WRITE;
      } else if (descriptor.kind === 'file') {
        type = FileType.REGULAR_FILE;
        flags = descriptor.fdFlags;
        rights = Rights.ALL;
        if (!descriptor.flags.read) rights &= ~Rights.FD_READ;
        if (!descriptor.flags.write) {
          rights &= ~(Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE);
        }
      }
      const { u8, view } = context.memory();
      const at = result >>> 0;
      checkRange(u8, at, Fdstat.SIZE);
      u8.fill(0, at, at + Fdstat.SIZE);
      view.setUint8(at + Fdstat.FILETYPE, type);
      view.setUint16(at + Fdstat.FLAGS, flags, true);
      view.setBigUint64(at + Fdstat.RIGHTS, rights, true);
      view.setBigUint64(at + Fdstat.RIGHTS_INHERITING, Rights.ALL, true);
      return Errno.ESUCCESS;
    },

    fd_fdstat_set_flags(fd: number, flags: number) {
      context.file(fd).fdFlags = flags;
      return Errno.ESUCCESS;
    },

    fd_filestat_get(fd: number, result: number) {
      const descriptor = fds.get(fd);
      if (descriptor.kind === 'stdio') {
        writeStdioFilestat(context.memory(), result >>> 0);
        return Errno.ESUCCESS;
      }
      context.path = descriptor.path;
      const stat =
        descriptor.kind === 'preopen' ? fileSystem.stat(descriptor.path) : descriptor.handle.stat();
      writeFilestat(context.memory(), result >>> 0, stat);
      return Errno.ESUCCESS;
    },

    fd_filestat_set_size(fd: number, size: bigint) {
      context.file(fd).handle.truncate(toPosition(size));
      return Errno.ESUCCESS;
    },

    fd_filestat_set_times(fd: number, _accessed: bigint, modified: bigint, flags: number) {
      const time = timeToSet(context.clock, modified, flags);
      const descriptor = fds.get(fd);
      if (descriptor.kind === 'stdio') return Errno.EINVAL;
      context.path = descriptor.path;
      if (time === undefined) return Errno.ESUCCESS;
      if (descriptor.kind === 'file') descriptor.handle.setModified(time);
      else fileSystem.setModified(descriptor.path, time);
      return Errno.ESUCCESS;
    },
  };
}

function sync(context: CallContext, fd: number, dataOnly: boolean): number {
  const descriptor = context.fds.get(fd);
  if (descriptor.kind === 'stdio') return Errno.ESUCCESS;
  context.path = descriptor.path;
  if (descriptor.kind === 'file') {
    if (dataOnly) descriptor.handle.dataSync();
    else descriptor.handle.sync();
  } else if (descriptor.kind === 'directory') {
    descriptor.handle.sync();
  } else {
    syncDirectory(context.fileSystem, descriptor.path);
  }
  return Errno.ESUCCESS;
}

/** fsyncs a directory by path. */
export function syncDirectory(fileSystem: FileSystem, path: string): void {
  const directory = fileSystem.openDirectory(path);
  try {
    directory.sync();
  } finally {
    directory.close();
  }
}

/** What O_SYNC and O_DSYNC promise of each write. */
function syncAsOpened(file: FileDescriptor): void {
  if ((file.fdFlags & FdFlags.SYNC) !== 0) file.handle.sync();
  else if ((file.fdFlags & FdFlags.DSYNC) !== 0) file.handle.dataSync();
}

function readStdio(
  descriptor: StdioDescriptor,
  { u8, view }: MemoryViews,
  iovecs: number,
  count: number,
): number {
  if (descriptor.output !== undefined) throw new FileSystemError('EBADF', 'it is not to be read');
  let total = 0;
  for (let index = 0; index < count; index++) {
    const iovec = iovecs + index * Iovec.SIZE;
    const buffer = view.getUint32(iovec + Iovec.BUFFER, true);
    const length = view.getUint32(iovec + Iovec.LENGTH, true);
    checkRange(u8, buffer, length);
    const part = descriptor.input.subarray(0, length);
    u8.set(part, buffer);
    descriptor.input = descriptor.input.subarray(part.length);
    total += part.length;
  }
  return total;
}

function writeStdio(
  { output }: StdioDescriptor,
  { u8, view }: MemoryViews,
  iovecs: number,
  count: number,
): number {
  if (output === undefined) throw new FileSystemError('EBADF', 'standard input is not written');
  let total = 0;
  for (let index = 0; index < count; index++) {
    const iovec = iovecs + index * Iovec.SIZE;
    const buffer = view.getUint32(iovec + Iovec.BUFFER, true);
    const length = view.getUint32(iovec + Iovec.LENGTH, true);
    checkRange(u8, buffer, length);
    output.write(u8.subarray(buffer, buffer + length));
    total += length;
  }
  return total;
}
