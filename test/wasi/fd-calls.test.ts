import { describe, expect, it } from 'vitest';
import { Errno, FdFlags, FileType, OFlags } from '../../src/wasi/abi.js';
import type { FileHandle } from '../../src/wasi/file-system.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { bytes, Guest, inMemory, text } from './helpers.js';

const { CREAT } = OFlags;

describe('reads and writes', () => {
  /** A file system that does three bytes at a time, and shows how it was called. */
  function halting(calls: string[], write?: (from: Uint8Array) => number): Guest {
    const fileSystem = new MemoryFileSystem();
    const open = fileSystem.open.bind(fileSystem);
    fileSystem.open = (path, flags) => {
      const file = open(path, flags);
      const some = (view: Uint8Array) => view.subarray(0, 3);
      const handle: Partial<FileHandle> = {
        read: (into, position) => {
          calls.push(`read ${into.length} at ${position}`);
          return file.read(some(into), position);
        },
        write: (from, position) => {
          calls.push(`write ${from.length} at ${position}`);
          return write === undefined ? file.write(some(from), position) : write(from);
        },
        stat: () => file.stat(),
        sync: () => calls.push('sync'),
        dataSync: () => calls.push('dataSync'),
        close: () => file.close(),
      };
      return handle as FileHandle;
    };
    const guest = new Guest({ fileSystem });
    guest.wasi.fds.addPreopen('/');
    return guest;
  }

  it('go on when the file system does a part', () => {
    const calls: string[] = [];
    const guest = halting(calls);
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    const out = guest.iovecs([7, 2]);
    guest.u8.set(bytes('abcdefg'), out.buffers[0]);
    guest.u8.set(bytes('hi'), out.buffers[1]);
    const result = guest.reserve(4);
    expect(guest.call('fd_pwrite', fd, out.iovecs, 2, 10n, result)).toBe(0);
    expect(guest.view.getUint32(result, true)).toBe(9);
    expect(calls.splice(0)).toEqual([
      'write 7 at 10',
      'write 4 at 13',
      'write 1 at 16',
      'write 2 at 17',
    ]);
    const into = guest.iovecs([5, 9]);
    expect(guest.call('fd_pread', fd, into.iovecs, 2, 10n, result)).toBe(0);
    expect(guest.view.getUint32(result, true)).toBe(9);
    const [first = 0, second = 0] = into.buffers;
    expect(text(guest.u8.slice(first, first + 5))).toBe('abcde');
    expect(text(guest.u8.slice(second, second + 4))).toBe('fghi');
    expect(calls.at(-1)).toBe('read 5 at 19');
  });

  it('pass an error on even when a part was written', () => {
    let left = 2;
    const guest = halting([], () => {
      if (left-- > 0) return 1;
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    expect(guest.write(fd, 'abc')).toBe(Errno.ENOSPC);
    const result = guest.reserve(8);
    guest.call('fd_tell', fd, result);
    expect(guest.view.getBigUint64(result, true)).toBe(0n);
  });

  it('do not wait for ever for a file system that writes nothing', () => {
    const guest = halting([], () => 0);
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    expect(guest.write(fd, 'abc')).toBe(Errno.EIO);
  });

  it('sync after each write where that was asked for, and when told to', () => {
    const calls: string[] = [];
    const guest = halting(calls);
    const dsync = guest.open(3, 'f', { oflags: CREAT, write: true, fdFlags: FdFlags.DSYNC });
    guest.write(dsync, 'ab');
    guest.call('fd_fdstat_set_flags', dsync, FdFlags.SYNC);
    guest.write(dsync, 'ab');
    const { iovecs } = guest.iovecs([1]);
    expect(guest.call('fd_pwrite', dsync, iovecs, 1, 9n, guest.reserve(4))).toBe(0);
    guest.call('fd_fdstat_set_flags', dsync, 0);
    guest.write(dsync, 'ab');
    expect(guest.call('fd_datasync', dsync)).toBe(0);
    expect(guest.call('fd_sync', dsync)).toBe(0);
    expect(calls).toEqual([
      'write 2 at 0',
      'dataSync',
      'write 2 at 2',
      'sync',
      'write 1 at 9',
      'sync',
      'write 2 at 4',
      'dataSync',
      'sync',
    ]);
  });

  it('go to standard output in lines; standard input is empty', () => {
    const guest = inMemory();
    expect(guest.write(1, 'one\ntwo')).toBe(0);
    expect(guest.write(2, 'error\n')).toBe(0);
    expect(guest.lines).toEqual(['one', 'error']);
    expect(guest.write(0, 'x')).toBe(Errno.EBADF);
    expect(guest.read(0, 5)).toBe('');
    expect(guest.call('fd_seek', 1, 0n, 0, guest.reserve(8))).toBe(Errno.ESPIPE);
    guest.wasi.dispose();
    expect(guest.lines).toEqual(['one', 'error', 'two']);
  });
});

describe('descriptor status', () => {
  const status = (guest: Guest, fd: number) => {
    const at = guest.reserve(24);
    expect(guest.call('fd_fdstat_get', fd, at)).toBe(0);
    const { view } = guest;
    return [view.getUint8(at), view.getUint16(at + 2, true), view.getBigUint64(at + 8, true)];
  };

  it('says what a descriptor is and may do', () => {
    const guest = inMemory();
    const writer = guest.open(3, 'f', { oflags: CREAT, write: true, fdFlags: FdFlags.APPEND });
    const reader = guest.open(3, 'f');
    const [type, flags, rights] = status(guest, writer);
    expect([type, flags]).toEqual([FileType.REGULAR_FILE, FdFlags.APPEND]);
    // 2: read, 64: write, 4: seek.
    expect((rights as bigint) & 70n).toBe(70n);
    expect((status(guest, reader)[2] as bigint) & 70n).toBe(6n);
    expect(status(guest, 3)[0]).toBe(FileType.DIRECTORY);
    expect(status(guest, 1)).toEqual([FileType.CHARACTER_DEVICE, 0, 64n]);
    expect(guest.call('fd_fdstat_get', 99, 8)).toBe(Errno.EBADF);
  });

  it('takes advice, and allocates nothing', () => {
    const guest = inMemory();
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    expect(guest.call('fd_advise', fd, 0n, 0n, 3)).toBe(0);
    expect(guest.call('fd_advise', 99, 0n, 0n, 3)).toBe(Errno.EBADF);
    expect(guest.call('fd_allocate', fd, 0n, 9n)).toBe(Errno.ENOTSUP);
  });
});
