import { describe, expect, it } from 'vitest';
import { Errno, FileType } from '../../src/wasi/abi.js';
import type { FileSystem } from '../../src/wasi/file-system.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { FILE_SYSTEMS, Guest, text } from './helpers.js';

const CREATE = { read: true, write: true, create: true, exclusive: false, truncate: false };

interface Page {
  readonly used: number;
  /** Whole entries only. */
  readonly entries: { name: string; type: number; next: bigint }[];
}

function page(guest: Guest, fd: number, length: number, cookie: bigint): Page {
  const buffer = guest.reserve(length);
  const result = guest.reserve(4);
  guest.u8.fill(0xee, buffer, buffer + length + 8);
  expect(guest.call('fd_readdir', fd, buffer, length, cookie, result)).toBe(0);
  const used = guest.view.getUint32(result, true);
  // Nothing is written behind the buffer.
  expect(guest.u8[buffer + length]).toBe(result === buffer + length ? used & 0xff : 0xee);
  const entries: Page['entries'] = [];
  for (let at = 0; at + 24 <= used; ) {
    const { view } = guest;
    const nameLength = view.getUint32(buffer + at + 16, true);
    const end = at + 24 + nameLength;
    if (end > used) break;
    entries.push({
      name: text(guest.u8.slice(buffer + at + 24, buffer + end)),
      type: view.getUint8(buffer + at + 20),
      next: view.getBigUint64(buffer + at, true),
    });
    at = end;
  }
  return { used, entries };
}

/** Lists as a guest does: goes on after the last whole entry while the buffer was full. */
function list(guest: Guest, fd: number, length: number): string[] {
  const names: string[] = [];
  let cookie = 0n;
  for (;;) {
    const { used, entries } = page(guest, fd, length, cookie);
    names.push(...entries.map(({ name }) => name));
    cookie = entries.at(-1)?.next ?? cookie;
    if (used < length) return names;
  }
}

function fill(fileSystem: FileSystem, folder: string, count: number): string[] {
  const names = Array.from(
    { length: count },
    (_, index) => `${String(index).padStart(6, '0')}.sst`,
  );
  for (const name of names) fileSystem.open(`${folder}/${name}`, CREATE).close();
  return names;
}

for (const [name, withFileSystem] of Object.entries(FILE_SYSTEMS)) {
  describe(`fd_readdir over ${name}`, () => {
    it('lists everything once, whatever the size of the buffer', () =>
      withFileSystem((fileSystem, folder) => {
        const guest = new Guest({ fileSystem });
        const fd = guest.wasi.fds.addPreopen(folder);
        const names = ['.', '..', ...fill(fileSystem, folder, 50)];
        // 34 is one entry exactly, of which the buffer does not say that it was the last.
        for (const length of [34, 35, 60, 68, 100, 1000, 100_000]) {
          expect(list(guest, fd, length)).toEqual(names);
        }
      }));

    it('says what each entry is, and where to go on', () =>
      withFileSystem((fileSystem, folder) => {
        const guest = new Guest({ fileSystem });
        const fd = guest.wasi.fds.addPreopen(folder);
        fileSystem.createDirectory(`${folder}/d`);
        fileSystem.open(`${folder}/é`, CREATE).close();
        expect(page(guest, fd, 1000, 0n).entries).toEqual([
          { name: '.', type: FileType.DIRECTORY, next: 1n },
          { name: '..', type: FileType.DIRECTORY, next: 2n },
          { name: 'd', type: FileType.DIRECTORY, next: 3n },
          { name: 'é', type: FileType.REGULAR_FILE, next: 4n },
        ]);
        expect(page(guest, fd, 1000, 3n).entries.map((entry) => entry.name)).toEqual(['é']);
        expect(page(guest, fd, 1000, 4n).used).toBe(0);
        expect(page(guest, fd, 1000, -1n).used).toBe(0);
      }));
  });
}

describe('fd_readdir', () => {
  function withFiles(count: number): { guest: Guest; fileSystem: MemoryFileSystem } {
    const fileSystem = new MemoryFileSystem();
    fill(fileSystem, '', count);
    const guest = new Guest({ fileSystem });
    guest.wasi.fds.addPreopen('/');
    return { guest, fileSystem };
  }

  it('cuts the last entry where the buffer ends, in its head or in its name', () => {
    const { guest } = withFiles(3);
    // 25 and 26 bytes for the two dots, 34 for a file.
    for (const [length, whole] of [
      [10, 0],
      [24, 0],
      [25, 1],
      [60, 2],
      [80, 2],
      [85, 3],
    ] as const) {
      const { used, entries } = page(guest, 3, length, 0n);
      expect([used, entries.length]).toEqual([length, whole]);
    }
    expect(page(guest, 3, 0, 0n).used).toBe(0);
  });

  it('keeps its listing until it begins anew', () => {
    const { guest, fileSystem } = withFiles(3);
    expect(page(guest, 3, 51, 0n).entries.length).toBe(2);
    fileSystem.removeFile('/000000.sst');
    fileSystem.open('/000000.aaa', CREATE).close();
    const rest = page(guest, 3, 1000, 2n).entries.map(({ name }) => name);
    expect(rest).toEqual(['000000.sst', '000001.sst', '000002.sst']);
    expect(list(guest, 3, 1000).slice(2)).toEqual(['000000.aaa', '000001.sst', '000002.sst']);
  });

  it('keeps a listing for each descriptor', () => {
    const { guest, fileSystem } = withFiles(1);
    const other = guest.open(3, '.', { oflags: 2 });
    expect(list(guest, 3, 1000).length).toBe(3);
    fileSystem.removeFile('/000000.sst');
    expect(list(guest, other, 1000)).toEqual(['.', '..']);
    expect(page(guest, 3, 1000, 2n).entries.length).toBe(1);
  });

  it('lists only what is a folder', () => {
    const { guest } = withFiles(1);
    const fd = guest.open(3, '000000.sst');
    const at = guest.reserve(64);
    expect(guest.call('fd_readdir', fd, at, 64, 0n, at)).toBe(Errno.ENOTDIR);
    expect(guest.call('fd_readdir', 1, at, 64, 0n, at)).toBe(Errno.ENOTDIR);
    expect(guest.call('fd_readdir', 99, at, 64, 0n, at)).toBe(Errno.EBADF);
  });
});
