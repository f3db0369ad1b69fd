import { describe, expect, it } from 'vitest';
import { Errno, FdFlags, Filestat, FileType, OFlags } from '../../src/wasi/abi.js';
import type { FileSystem } from '../../src/wasi/file-system.js';
import { bytes, FILE_SYSTEMS, Guest, text } from './helpers.js';

const { CREAT, DIRECTORY, EXCL, TRUNC } = OFlags;

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
        // Rights to nothing at all: libraries that think little of them pass none.
        const result = guest.reserve(4);
        const plain = [3, 0, ...guest.path('f'), 0, 0n, 0n, 0, result];
        expect(guest.call('path_open', ...plain)).toBe(0);
        expect(guest.read(guest.view.getUint32(result, true), 3)).toBe('con');
        expect(guest.call('fd_close', guest.view.getUint32(result, true))).toBe(0);
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
