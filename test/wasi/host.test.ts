/** What the host has of a guest besides its imports. */
import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Errno, OFlags } from '../../src/wasi/abi.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { FILE_SYSTEMS, Guest, inMemory } from './helpers.js';

const { CREAT, DIRECTORY } = OFlags;

describe('the last error', () => {
  it('is kept with its path and operation, and told once', () => {
    const guest = inMemory();
    guest.open(3, 'sub/none');
    const last = guest.wasi.takeLastError();
    expect((last?.error as { code?: unknown } | undefined)?.code).toBe('ENOENT');
    expect([last?.path, last?.operation]).toEqual(['/data/sub/none', 'path_open']);
    expect(guest.wasi.takeLastError()).toBe(undefined);
  });

  it('names the file that a descriptor stands for', () => {
    const guest = inMemory();
    const fd = guest.open(3, 'f', { oflags: CREAT, write: true });
    guest.call('fd_filestat_set_size', fd, -1n);
    const last = guest.wasi.takeLastError();
    expect([last?.path, last?.operation]).toEqual(['/data/f', 'fd_filestat_set_size']);
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
        ...lock,
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
