import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Errno, FdFlags, Filestat, FileType, OFlags } from '../../src/wasi/abi.js';
import { ManualClock } from '../../src/wasi/clock.js';
import type { FileHandle, FileSystem } from '../../src/wasi/file-system.js';
import { GuestExit } from '../../src/wasi/imports.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { bytes, FILE_SYSTEMS, Guest, text } from './helpers.js';

const { CREAT, DIRECTORY, EXCL, TRUNC } = OFlags;

/** A guest in a folder of its own, which is descriptor 3. */
function inMemory(): Guest {
  const guest = new Guest({ fileSystem: new MemoryFileSystem() });
  guest.wasi.fds.addPreopen('/work');
  guest.call('path_create_directory', 3, ...guest.path('.'));
  return guest;
}

describe('the imports', () => {
  it('are all functions of preview1', () => {
    const names = Object.keys(inMemory().wasi.imports);
    // The 45 of the Emscripten headers, and sock_accept, which came later.
    expect(names.length).toBe(46);
    for (const name of ['args_get', 'fd_readdir', 'path_symlink', 'proc_raise', 'sock_send']) {
      expect(names.includes(name)).toBe(true);
    }
  });

  it('never throw, whatever the guest passes', () => {
    const guest = inMemory();
    const file = guest.open(3, 'f', { oflags: CREAT, write: true });
    const wild: (number | bigint)[][] = [
      [],
      [-1, -1, -1, -1, -1, -1, -1, -1, -1],
      [file, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0],
      [3, -8, -8, -8, -8, -8n, -8n, -8, -8],
      [file, -8, 1, -1n, -8, 0, 0, 0, 0],
      [3, 0, -5, 3, 9, 1n, 1n, 0, -4],
    ];
    for (const name of Object.keys(guest.wasi.imports)) {
      if (name === 'proc_exit') continue;
      for (const args of wild) {
        const errno = guest.call(name, ...args);
        expect(Number.isInteger(errno) && errno >= 0 && errno <= 76).toBe(true);
      }
    }
  });

  it('answer what is not there with ENOSYS, and keep no error of it', () => {
    const guest = inMemory();
    for (const name of ['fd_renumber', 'path_symlink', 'sock_accept', 'proc_raise']) {
      expect(guest.call(name, 0, 0, 0, 0, 0)).toBe(Errno.ENOSYS);
    }
    expect(guest.wasi.takeLastError()).toBe(undefined);
  });

  it('throw when the guest exits, and only then', () => {
    const guest = inMemory();
    let thrown: unknown;
    try {
      guest.call('proc_exit', 3);
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof GuestExit).toBe(true);
    expect((thrown as GuestExit).exitCode).toBe(3);
  });

  it('go on after memory has grown', () => {
    const guest = inMemory();
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    guest.memory.grow(1);
    expect(guest.write(fd, 'grown')).toBe(0);
    guest.call('fd_seek', fd, 0n, 0, guest.reserve(8));
    guest.memory.grow(1);
    expect(guest.read(fd, 9)).toBe('grown');
  });

  it('take pointers beyond 2^31', () => {
    const guest = inMemory();
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    guest.memory.grow(32768);
    const high = 2 ** 31 + 100;
    guest.u8.set(bytes('high'), high);
    guest.view.setUint32(high + 8, high, true);
    guest.view.setUint32(high + 12, 4, true);
    // As wasm passes them: signed.
    expect(guest.call('fd_write', fd, (high + 8) | 0, 1, (high + 16) | 0)).toBe(0);
    expect(guest.view.getUint32(high + 16, true)).toBe(4);
  });
});

for (const [name, withFileSystem] of Object.entries(FILE_SYSTEMS)) {
  describe(`imports over ${name}`, () => {
    const withGuest = (run: (guest: Guest, folder: string, fileSystem: FileSystem) => unknown) =>
      withFileSystem((fileSystem, folder) => {
        const guest = new Guest({ fileSystem });
        guest.wasi.fds.addPreopen(folder);
        return run(guest, folder, fileSystem);
      });

    it('write and read with a cursor', () =>
      withGuest((guest) => {
        const fd = guest.open(3, 'f', { oflags: CREAT | EXCL, write: true });
        expect(fd).toBe(64);
        expect(guest.write(fd, 'hello ')).toBe(0);
        expect(guest.write(fd, 'world')).toBe(0);
        const result = guest.reserve(8);
        expect(guest.call('fd_tell', fd, result)).toBe(0);
        expect(guest.view.getBigUint64(result, true)).toBe(11n);
        expect(guest.call('fd_seek', fd, -5n, 2, result)).toBe(0);
        expect(guest.read(fd, 99)).toBe('world');
        expect(guest.call('fd_seek', fd, -12n, 1, result)).toBe(Errno.EINVAL);
        expect(guest.call('fd_seek', fd, 1n, 0, result)).toBe(0);
        expect(guest.call('fd_seek', fd, 1n, 1, result)).toBe(0);
        expect(guest.view.getBigUint64(result, true)).toBe(2n);
        expect(guest.read(fd, 3)).toBe('llo');
        expect(guest.call('fd_seek', fd, 0n, 3, result)).toBe(Errno.EINVAL);
        expect(guest.call('fd_close', fd)).toBe(0);
        expect(guest.call('fd_close', fd)).toBe(Errno.EBADF);
      }));

    it('append where that was asked for', () =>
      withGuest((guest) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true, fdFlags: FdFlags.APPEND });
        const other = guest.open(3, 'f', { write: true });
        guest.write(fd, 'one');
        guest.call('fd_filestat_set_size', other, 5n);
        guest.write(fd, 'two');
        expect(guest.read(other, 20)).toBe('one\0\0two');
      }));

    it('scatter and gather at an offset, and leave the cursor', () =>
      withGuest((guest) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        const offset = 2n ** 33n + 5n;
        const out = guest.iovecs([3, 0, 4]);
        guest.u8.set(bytes('abc'), out.buffers[0]);
        guest.u8.set(bytes('defg'), out.buffers[2]);
        const result = guest.reserve(4);
        expect(guest.call('fd_pwrite', fd, out.iovecs, 3, offset, result)).toBe(0);
        expect(guest.view.getUint32(result, true)).toBe(7);
        const into = guest.iovecs([1, 4, 5]);
        expect(guest.call('fd_pread', fd, into.iovecs, 3, offset, result)).toBe(0);
        expect(guest.view.getUint32(result, true)).toBe(7);
        const at = (index: number, length: number) => {
          const start = into.buffers[index] ?? 0;
          return text(guest.u8.slice(start, start + length));
        };
        expect([at(0, 1), at(1, 4), at(2, 3)]).toEqual(['a', 'bcde', 'fg\0']);
        expect(guest.call('fd_tell', fd, result)).toBe(0);
        expect(guest.view.getBigUint64(result, true)).toBe(0n);
      }));

    it('refuse offsets that are negative or not exact', () =>
      withGuest((guest) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        const { iovecs } = guest.iovecs([1]);
        const result = guest.reserve(4);
        for (const offset of [-1n, 2n ** 53n, -(2n ** 63n)]) {
          expect(guest.call('fd_pread', fd, iovecs, 1, offset, result)).toBe(Errno.EINVAL);
          expect(guest.call('fd_pwrite', fd, iovecs, 1, offset, result)).toBe(Errno.EINVAL);
          expect(guest.call('fd_filestat_set_size', fd, offset)).toBe(Errno.EINVAL);
        }
        expect(guest.call('fd_pread', fd, iovecs, 1, 2n ** 53n - 1n, result)).toBe(0);
        expect(guest.view.getUint32(result, true)).toBe(0);
      }));

    it('refuse buffers that are not in memory', () =>
      withGuest((guest) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        const { iovecs } = guest.iovecs([1]);
        guest.view.setUint32(iovecs + 4, guest.u8.length, true);
        const result = guest.reserve(4);
        expect(guest.call('fd_pwrite', fd, iovecs, 1, 0n, result)).toBe(Errno.EFAULT);
        expect(guest.call('fd_pread', fd, iovecs, 1, 0n, result)).toBe(Errno.EFAULT);
        expect(guest.call('fd_write', fd, -8, 2, result)).toBe(Errno.EFAULT);
        expect(guest.call('path_open', 3, 0, -1, 5, 0, 0n, 0n, 0, result)).toBe(Errno.EFAULT);
      }));

    it('open as asked', () =>
      withGuest((guest) => {
        expect(guest.open(3, 'f')).toBe(-Errno.ENOENT);
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        guest.write(fd, 'content');
        expect(guest.open(3, 'f', { oflags: CREAT | EXCL, write: true })).toBe(-Errno.EEXIST);
        const reader = guest.open(3, 'f');
        expect(guest.write(reader, 'x')).toBe(Errno.EBADF);
        expect(guest.read(reader, 9)).toBe('content');
        guest.open(3, 'f', { oflags: TRUNC, write: true });
        expect(guest.call('fd_seek', reader, 0n, 0, guest.reserve(8))).toBe(0);
        expect(guest.read(reader, 9)).toBe('');
        expect(guest.open(3, '.', { oflags: DIRECTORY | CREAT })).toBe(-Errno.EINVAL);
        expect(guest.open(3, 'f', { oflags: DIRECTORY })).toBe(-Errno.ENOTDIR);
        expect(guest.wasi.fds.list().map(({ fd: open }) => open)).toEqual([64, 65, 66]);
      }));

    it('tell files apart, by path and by descriptor', () =>
      withGuest((guest, folder, fileSystem) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        guest.write(fd, 'four');
        const at = guest.reserve(Filestat.SIZE);
        const [path, length] = guest.path('f');
        guest.u8.fill(0xee, at, at + Filestat.SIZE);
        expect(guest.call('path_filestat_get', 3, 1, path, length, at)).toBe(0);
        const byPath = guest.u8.slice(at, at + Filestat.SIZE);
        expect(guest.call('fd_filestat_get', fd, at)).toBe(0);
        expect([...guest.u8.slice(at, at + Filestat.SIZE)]).toEqual([...byPath]);
        const stat = fileSystem.stat(`${folder}/f`);
        expect(guest.view.getBigUint64(at + Filestat.INODE, true)).toBe(stat.inode);
        expect(guest.view.getBigUint64(at + Filestat.FILE_SIZE, true)).toBe(4n);
        expect(guest.view.getBigUint64(at + Filestat.LINKS, true)).toBe(1n);
        expect(guest.view.getBigUint64(at + Filestat.MODIFIED, true)).toBe(stat.modifiedNs);
        expect(guest.view.getUint8(at + Filestat.FILETYPE)).toBe(FileType.REGULAR_FILE);
        expect(guest.call('fd_filestat_get', 3, at)).toBe(0);
        expect(guest.view.getUint8(at + Filestat.FILETYPE)).toBe(FileType.DIRECTORY);
        expect(guest.call('fd_filestat_get', 2, at)).toBe(0);
        expect(guest.view.getUint8(at + Filestat.FILETYPE)).toBe(FileType.CHARACTER_DEVICE);
      }));

    it('set sizes and times', () =>
      withGuest((guest, folder, fileSystem) => {
        const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
        expect(guest.call('fd_filestat_set_size', fd, 2n ** 33n)).toBe(0);
        expect(fileSystem.stat(`${folder}/f`).size).toBe(2 ** 33);
        expect(guest.call('fd_filestat_set_times', fd, 0n, 5_000_000_000n, 4)).toBe(0);
        expect(fileSystem.stat(`${folder}/f`).modifiedNs).toBe(5_000_000_000n);
        const path = guest.path('f');
        const set = (...rest: (number | bigint)[]) =>
          guest.call('path_filestat_set_times', 3, 1, ...path, ...rest);
        // 1: the time of access, which is not kept. 8: now, by the injected clock.
        expect(set(7n, 7n, 1)).toBe(0);
        expect(fileSystem.stat(`${folder}/f`).modifiedNs).toBe(5_000_000_000n);
        expect(set(7n, 7n, 8)).toBe(0);
        expect(fileSystem.stat(`${folder}/f`).modifiedNs).toBe(1_600_000_000_000_000_000n);
        expect(set(7n, 7n, 12)).toBe(Errno.EINVAL);
      }));

    it('change entries', () =>
      withGuest((guest, folder, fileSystem) => {
        const names = () => fileSystem.readDirectory(folder).map((entry) => entry.name);
        guest.call('fd_close', guest.open(3, 'f', { oflags: CREAT, write: true }));
        expect(guest.call('path_create_directory', 3, ...guest.path('d'))).toBe(0);
        expect(guest.call('path_create_directory', 3, ...guest.path('d'))).toBe(Errno.EEXIST);
        const link = [3, 0, ...guest.path('f'), 3, ...guest.path('d/g')];
        expect(guest.call('path_link', ...link)).toBe(0);
        const rename = [3, ...guest.path('f'), 3, ...guest.path('h')];
        expect(guest.call('path_rename', ...rename)).toBe(0);
        expect(names()).toEqual(['d', 'h']);
        expect(guest.call('path_remove_directory', 3, ...guest.path('d'))).toBe(Errno.ENOTEMPTY);
        expect(guest.call('path_unlink_file', 3, ...guest.path('d'))).toBe(Errno.EISDIR);
        expect(guest.call('path_unlink_file', 3, ...guest.path('d/g'))).toBe(0);
        expect(guest.call('path_remove_directory', 3, ...guest.path('d'))).toBe(0);
        expect(guest.call('path_unlink_file', 3, ...guest.path('h'))).toBe(0);
        expect(names()).toEqual([]);
        // A database that is destroyed removes its folder, too.
        expect(guest.call('path_remove_directory', 3, ...guest.path('.'))).toBe(0);
        const stat = guest.call('path_filestat_get', 3, 1, ...guest.path('.'), guest.reserve(64));
        expect(stat).toBe(Errno.ENOENT);
      }));

    it('make a preopened folder with what is missing above it', () =>
      withGuest((guest, folder, fileSystem) => {
        const fd = guest.wasi.fds.addPreopen(`${folder}/a/b/c`);
        expect(guest.open(fd, 'f', { oflags: CREAT, write: true })).toBe(-Errno.ENOENT);
        expect(guest.call('path_create_directory', fd, ...guest.path('.'))).toBe(0);
        expect(guest.call('path_create_directory', fd, ...guest.path('.'))).toBe(Errno.EEXIST);
        expect(fileSystem.stat(`${folder}/a/b/c`).type).toBe('directory');
        // Below it, a parent that is missing is an error.
        expect(guest.call('path_create_directory', fd, ...guest.path('d/e'))).toBe(Errno.ENOENT);
      }));

    it('work relative to a directory that was opened', () =>
      withGuest((guest, folder, fileSystem) => {
        guest.call('path_create_directory', 3, ...guest.path('d'));
        const fd = guest.open(3, 'd', { oflags: DIRECTORY });
        expect(guest.call('fd_sync', fd)).toBe(0);
        expect(guest.call('fd_sync', 3)).toBe(0);
        guest.open(fd, 'f', { oflags: CREAT, write: true });
        expect(fileSystem.stat(`${folder}/d/f`).type).toBe('file');
        expect(guest.open(fd, '../f', { oflags: CREAT, write: true })).toBe(-Errno.ENOTCAPABLE);
        expect(guest.write(fd, 'x')).toBe(Errno.EISDIR);
        expect(guest.call('fd_close', fd)).toBe(0);
      }));

    it('keep the guest in its folders', () =>
      withGuest((guest, folder, fileSystem) => {
        const above = folder.slice(0, folder.lastIndexOf('/')) || '/';
        const outside = `${folder.slice(folder.lastIndexOf('/') + 1)}-outside`;
        for (const path of [`../${outside}`, `d/../../${outside}`, `${above}/${outside}`, 'f\0']) {
          const named = guest.path(path);
          const inside = guest.path('x');
          const result = guest.reserve(64);
          const errnos = [
            -guest.open(3, path, { oflags: CREAT, write: true }),
            guest.call('path_create_directory', 3, ...named),
            guest.call('path_filestat_get', 3, 1, ...named, result),
            guest.call('path_filestat_set_times', 3, 1, ...named, 0n, 0n, 8),
            guest.call('path_link', 3, 0, ...inside, 3, ...named),
            guest.call('path_link', 3, 0, ...named, 3, ...inside),
            guest.call('path_readlink', 3, ...named, result, 64, result),
            guest.call('path_remove_directory', 3, ...named),
            guest.call('path_rename', 3, ...inside, 3, ...named),
            guest.call('path_rename', 3, ...named, 3, ...inside),
            guest.call('path_unlink_file', 3, ...named),
          ];
          expect(errnos).toEqual(errnos.map(() => Errno.ENOTCAPABLE));
        }
        expect(guest.wasi.lockFile(`${folder}-outside/LOCK`)).toBe(Errno.ENOTCAPABLE);
        expect(guest.wasi.lockFile(`${folder}/../${outside}`)).toBe(Errno.ENOTCAPABLE);
        expect(fileSystem.readDirectory(above).some(({ name: entry }) => entry === outside)).toBe(
          false,
        );
        expect(guest.call('path_create_directory', 64, ...guest.path('x'))).toBe(Errno.EBADF);
        const move = [3, ...guest.path('.'), 3, ...guest.path('x')];
        expect(guest.call('path_rename', ...move)).toBe(Errno.EBUSY);
      }));

    it('refuse a path that is not UTF-8, and keep one that begins with a BOM', () =>
      withGuest((guest, folder, fileSystem) => {
        const pointer = guest.put(Uint8Array.of(0x66, 0xff, 0x66));
        expect(guest.call('path_create_directory', 3, pointer, 3)).toBe(Errno.EILSEQ);
        guest.open(3, '\ufeffname', { oflags: CREAT, write: true });
        expect(fileSystem.readDirectory(folder).map((entry) => entry.name)).toEqual(['\ufeffname']);
      }));
  });
}

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
    guest.call('fd_fdstat_set_flags', dsync, 0);
    guest.write(dsync, 'ab');
    expect(guest.call('fd_datasync', dsync)).toBe(0);
    expect(guest.call('fd_sync', dsync)).toBe(0);
    expect(calls).toEqual([
      'write 2 at 0',
      'dataSync',
      'write 2 at 2',
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

describe('preopened folders', () => {
  const nameOf = (guest: Guest, fd: number) => {
    const at = guest.reserve(8);
    const errno = guest.call('fd_prestat_get', fd, at);
    if (errno !== 0) return errno;
    const length = guest.view.getUint32(at + 4, true);
    const name = guest.reserve(length);
    expect(guest.call('fd_prestat_dir_name', fd, name, length)).toBe(0);
    return text(guest.u8.slice(name, name + length));
  };

  it('are told by name, holes by an empty one, until the last', () => {
    const guest = new Guest({ fileSystem: new MemoryFileSystem() });
    for (const path of ['/a', '/bé', '/c']) guest.wasi.fds.addPreopen(path);
    guest.wasi.fds.removePreopen('/a');
    expect([3, 4, 5, 6].map((fd) => nameOf(guest, fd))).toEqual(['', '/bé', '/c', Errno.EBADF]);
    expect(guest.call('fd_prestat_dir_name', 4, guest.reserve(8), 2)).toBe(Errno.ENAMETOOLONG);
    expect(guest.call('path_create_directory', 3, ...guest.path('.'))).toBe(Errno.EBADF);
    expect(guest.call('fd_close', 4)).toBe(Errno.ENOTSUP);
  });

  it('are synced above when they are made, and not left half made', () => {
    const fileSystem = new MemoryFileSystem();
    const synced: string[] = [];
    const openDirectory = fileSystem.openDirectory.bind(fileSystem);
    let refused: string | undefined;
    fileSystem.openDirectory = (path) => {
      if (path === refused) throw Object.assign(new Error('no'), { code: 'EACCES' });
      const handle = openDirectory(path);
      return { ...handle, sync: () => synced.push(path) };
    };
    const guest = new Guest({ fileSystem });
    const fd = guest.wasi.fds.addPreopen('/a/b/c');
    expect(guest.call('path_create_directory', fd, ...guest.path('.'))).toBe(0);
    expect(synced).toEqual(['/', '/a', '/a/b']);

    refused = '/a/b';
    const next = guest.wasi.fds.addPreopen('/a/b/d');
    expect(guest.call('path_create_directory', next, ...guest.path('.'))).toBe(Errno.EACCES);
    expect(fileSystem.readDirectory('/a/b').map(({ name }) => name)).toEqual(['c']);
  });
});

describe('clocks and randomness', () => {
  const time = (guest: Guest, id: number) => {
    const at = guest.reserve(8);
    const errno = guest.call('clock_time_get', id, 1n, at);
    return errno === 0 ? guest.view.getBigUint64(at, true) : errno;
  };

  it('are the injected ones', () => {
    const clock = new ManualClock({ startNs: 10n ** 18n });
    const guest = new Guest({ fileSystem: new MemoryFileSystem(), clock });
    clock.advance(5n);
    expect([0, 1, 2, 3, 4].map((id) => time(guest, id))).toEqual([
      10n ** 18n + 5n,
      5n,
      5n,
      5n,
      Errno.EINVAL,
    ]);
    const at = guest.reserve(8);
    expect(guest.call('clock_res_get', 0, at)).toBe(0);
    expect(guest.view.getBigUint64(at, true)).toBe(1000n);
    expect(guest.call('clock_res_get', 9, at)).toBe(Errno.EINVAL);
    expect(guest.call('random_get', at, 4)).toBe(0);
    const once = [...guest.u8.slice(at, at + 8)];
    const again = new Guest({ fileSystem: new MemoryFileSystem() });
    again.view.setBigUint64(8, 1000n, true);
    again.call('random_get', 8, 4);
    expect([...again.u8.slice(8, 16)]).toEqual(once);
    expect(once.slice(0, 4).every((byte) => byte === 0)).toBe(false);
    expect(once.slice(4)).toEqual([0, 0, 0, 0]);
  });

  it('let the guest sleep until the first of its time-outs', () => {
    const clock = new ManualClock();
    clock.advance(1000n);
    const guest = new Guest({ fileSystem: new MemoryFileSystem(), clock });
    const subscribe = (at: number, user: bigint, type: number, timeout: bigint, flags: number) => {
      guest.view.setBigUint64(at, user, true);
      guest.view.setUint8(at + 8, type);
      guest.view.setUint32(at + 16, 1, true);
      guest.view.setBigUint64(at + 24, timeout, true);
      guest.view.setUint16(at + 40, flags, true);
    };
    const input = guest.reserve(3 * 48);
    const output = guest.reserve(3 * 32);
    const count = guest.reserve(4);
    subscribe(input, 7n, 0, 500n, 0);
    subscribe(input + 48, 8n, 0, 1200n, 1);
    subscribe(input + 96, 9n, 0, 200n, 0);
    expect(guest.call('poll_oneoff', input, output, 3, count)).toBe(0);
    expect(clock.monotonicNs()).toBe(1200n);
    expect(guest.view.getUint32(count, true)).toBe(2);
    expect(guest.view.getBigUint64(output, true)).toBe(8n);
    expect(guest.view.getBigUint64(output + 32, true)).toBe(9n);
    expect(guest.view.getUint16(output + 8, true)).toBe(0);

    // A point in time that has passed.
    expect(guest.call('poll_oneoff', input + 48, output, 1, count)).toBe(0);
    expect(clock.monotonicNs()).toBe(1200n);

    // A descriptor: an error at once, and no sleep.
    subscribe(input, 7n, 1, 0n, 0);
    expect(guest.call('poll_oneoff', input, output, 3, count)).toBe(0);
    expect(clock.monotonicNs()).toBe(1200n);
    expect(guest.view.getBigUint64(output, true)).toBe(7n);
    expect(guest.view.getUint16(output + 8, true)).toBe(Errno.ENOTSUP);
    expect(guest.call('poll_oneoff', input, output, 0, count)).toBe(Errno.EINVAL);
  });

  it('come with an environment, of which nothing is the host’s', () => {
    const sizes = (guest: Guest, name: string) => {
      const at = guest.reserve(8);
      expect(guest.call(name, at, at + 4)).toBe(0);
      return [guest.view.getUint32(at, true), guest.view.getUint32(at + 4, true)];
    };
    const fileSystem = new MemoryFileSystem();
    expect(sizes(new Guest({ fileSystem }), 'environ_sizes_get')).toEqual([0, 0]);
    const guest = new Guest({ fileSystem, environment: { A: 'one', Bé: '' } });
    expect(sizes(guest, 'environ_sizes_get')).toEqual([2, 11]);
    expect(sizes(guest, 'args_sizes_get')).toEqual([0, 0]);
    const pointers = guest.reserve(8);
    const buffer = guest.reserve(11);
    expect(guest.call('environ_get', pointers, buffer)).toBe(0);
    expect(text(guest.u8.slice(buffer, buffer + 11))).toBe('A=one\0Bé=\0');
    expect(guest.view.getUint32(pointers + 4, true)).toBe(buffer + 6);
    expect(guest.call('args_get', pointers, buffer)).toBe(0);
    expect(guest.call('sched_yield')).toBe(0);
  });
});

describe('the last error', () => {
  it('is kept with its path and operation, and told once', () => {
    const guest = inMemory();
    guest.open(3, 'sub/none');
    const last = guest.wasi.takeLastError();
    expect((last?.error as { code?: unknown } | undefined)?.code).toBe('ENOENT');
    expect([last?.path, last?.operation]).toEqual(['/work/sub/none', 'path_open']);
    expect(guest.wasi.takeLastError()).toBe(undefined);
  });

  it('names the file that a descriptor stands for', () => {
    const guest = inMemory();
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    guest.call('fd_filestat_set_size', fd, -1n);
    const last = guest.wasi.takeLastError();
    expect([last?.path, last?.operation]).toEqual(['/work/f', 'fd_filestat_set_size']);
    guest.call('fd_sync', 99);
    expect(guest.wasi.takeLastError()?.path).toBe(undefined);
  });

  it('is the very error that the file system threw', () => {
    const fileSystem = new MemoryFileSystem();
    const cause = new TypeError('a bug in a file system');
    fileSystem.stat = () => {
      throw cause;
    };
    const guest = new Guest({ fileSystem });
    guest.wasi.fds.addPreopen('/');
    const errno = guest.call('path_filestat_get', 3, 1, ...guest.path('f'), guest.reserve(64));
    expect(errno).toBe(Errno.EIO);
    expect(guest.wasi.takeLastError()?.error === cause).toBe(true);
  });
});

describe('locks of the guest', () => {
  it('are held until they are released', () => {
    const fileSystem = new MemoryFileSystem();
    const [one, other] = [new Guest({ fileSystem }), new Guest({ fileSystem })];
    for (const { wasi } of [one, other]) wasi.fds.addPreopen('/');
    expect(one.wasi.lockFile('/LOCK')).toBe(0);
    expect(one.wasi.heldLocks()).toEqual(['/LOCK']);
    expect(one.wasi.lockFile('/LOCK')).toBe(Errno.EAGAIN);
    expect(other.wasi.lockFile('/LOCK')).toBe(Errno.EAGAIN);
    const last = other.wasi.takeLastError();
    expect([last?.path, last?.operation]).toEqual(['/LOCK', 'lock_file']);
    expect((last?.error as Error | undefined)?.name).toBe('LockHeldError');
    expect(other.wasi.unlockFile('/LOCK')).toBe(Errno.EINVAL);
    expect(one.wasi.unlockFile('/LOCK')).toBe(0);
    expect(one.wasi.unlockFile('/LOCK')).toBe(Errno.EINVAL);
    expect(other.wasi.lockFile('/LOCK')).toBe(0);
  });

  it('are released when the guest is disposed, after its files', () => {
    const fileSystem = new MemoryFileSystem();
    const order: string[] = [];
    const acquire = fileSystem.locks.acquire.bind(fileSystem.locks);
    fileSystem.locks.acquire = (path) => {
      const lock = acquire(path);
      return {
        path,
        release: () => {
          order.push('release');
          lock.release();
          throw new Error('after all');
        },
      };
    };
    const open = fileSystem.open.bind(fileSystem);
    fileSystem.open = (path, flags) => {
      const file = open(path, flags);
      const close = file.close.bind(file);
      file.close = () => {
        order.push('close');
        close();
      };
      return file;
    };
    const guest = new Guest({ fileSystem });
    guest.wasi.fds.addPreopen('/');
    guest.wasi.lockFile('/LOCK');
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    const errors = guest.wasi.dispose();
    expect(order).toEqual(['close', 'release']);
    expect(errors.map((error) => (error as Error).message)).toEqual(['after all']);
    expect(guest.wasi.dispose()).toEqual([]);
    expect(guest.write(fd, 'x')).toBe(Errno.EBADF);
    expect(guest.wasi.heldLocks()).toEqual([]);
    expect(acquire('/LOCK').path).toBe('/LOCK');
  });
});

describe('a guest that crashed', () => {
  it('leaves no descriptor of the host open', () =>
    FILE_SYSTEMS.NodeFileSystem?.((fileSystem, folder) => {
      if (!fs.existsSync('/proc/self/fd')) return;
      const open = () =>
        fs.readdirSync('/proc/self/fd').filter((fd) => {
          try {
            return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
          } catch {
            return false;
          }
        }).length;
      const guest = new Guest({ fileSystem });
      guest.wasi.fds.addPreopen(folder);
      guest.open(3, 'f', { oflags: CREAT, write: true });
      guest.open(3, '.', { oflags: DIRECTORY });
      expect(open()).toBe(2);
      expect(guest.wasi.dispose()).toEqual([]);
      expect(open()).toBe(0);
    }));
});
