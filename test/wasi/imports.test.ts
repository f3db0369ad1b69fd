import { describe, expect, it } from 'vitest';
import { Errno, OFlags } from '../../src/wasi/abi.js';
import { ManualClock } from '../../src/wasi/clock.js';
import { GuestExit } from '../../src/wasi/imports.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { bytes, Guest, inMemory, text } from './helpers.js';

const { CREAT } = OFlags;

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
