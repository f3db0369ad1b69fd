import { describe, expect, it } from 'vitest';
import { FdTable } from '../../src/wasi/fd-table.js';
import type { FileHandle } from '../../src/wasi/file-system.js';
import { bytes, codeOf } from './helpers.js';

const FLAGS = { read: true, write: false, create: false, exclusive: false, truncate: false };

function table(lines: string[] = []): FdTable {
  return new FdTable((line) => lines.push(line));
}

/** Adds a file of which only the closing matters. */
function add(fds: FdTable, path: string, close: () => void = () => {}): number {
  const handle = { close } as FileHandle;
  return fds.add({ kind: 'file', path, handle, flags: FLAGS, fdFlags: 0, position: 0 });
}

describe('descriptors of files', () => {
  it('begin at 64 and are given lowest first', () => {
    const fds = table();
    expect([add(fds, '/a'), add(fds, '/b'), add(fds, '/c'), add(fds, '/d')]).toEqual([
      64, 65, 66, 67,
    ]);
    fds.close(66);
    fds.close(64);
    expect([add(fds, '/e'), add(fds, '/f'), add(fds, '/g')]).toEqual([64, 66, 68]);
  });

  it('are unknown once closed, even if closing failed', () => {
    const fds = table();
    const fd = add(fds, '/a', () => {
      throw new Error('disk gone');
    });
    expect(() => fds.close(fd)).toThrow('disk gone');
    expect(codeOf(() => fds.close(fd))).toBe('EBADF');
    expect(codeOf(() => fds.get(fd))).toBe('EBADF');
    expect(fds.list()).toEqual([]);
  });

  it('are never those that were not given', () => {
    const fds = table();
    for (const fd of [-1, 3, 63, 64, 2 ** 31]) expect(codeOf(() => fds.get(fd))).toBe('EBADF');
  });

  it('are listed for leak reports', () => {
    const fds = table();
    add(fds, '/a');
    const fd = add(fds, '/b');
    add(fds, '/c');
    fds.close(fd);
    expect(fds.list()).toEqual([
      { fd: 64, kind: 'file', path: '/a', flags: FLAGS },
      { fd: 66, kind: 'file', path: '/c', flags: FLAGS },
    ]);
  });
});

describe('preopened folders', () => {
  const scan = (fds: FdTable) => {
    const paths: (string | undefined)[] = [];
    for (let fd = 3; codeOf(() => fds.preopen(fd)) === undefined; fd++) {
      paths.push(fds.preopen(fd)?.path);
    }
    return paths;
  };

  it('begin at 3, one descriptor for each folder', () => {
    const fds = table();
    expect(fds.addPreopen('/a')).toBe(3);
    expect(fds.addPreopen('/a/b')).toBe(4);
    expect(fds.addPreopen('/a/./')).toBe(3);
    expect(scan(fds)).toEqual(['/a', '/a/b']);
  });

  it('last as long as one database wants them', () => {
    const fds = table();
    fds.addPreopen('/a');
    fds.addPreopen('/a');
    expect(fds.removePreopen('/a')).toBe(false);
    expect(fds.reaches('/a/f')).toBe(true);
    expect(fds.removePreopen('/a')).toBe(true);
    expect(fds.reaches('/a/f')).toBe(false);
    expect(codeOf(() => fds.removePreopen('/a'))).toBe('EINVAL');
    expect(codeOf(() => fds.get(3))).toBe('EBADF');
  });

  it('leave holes that do not end a scan, and are filled first', () => {
    const fds = table();
    for (const path of ['/a', '/b', '/c']) fds.addPreopen(path);
    fds.removePreopen('/b');
    expect(scan(fds)).toEqual(['/a', undefined, '/c']);
    expect(codeOf(() => fds.get(4))).toBe('EBADF');
    expect(fds.addPreopen('/d')).toBe(4);
    fds.removePreopen('/d');
    fds.removePreopen('/c');
    expect(scan(fds)).toEqual(['/a']);
  });

  it('never get into the range of files', () => {
    const fds = table();
    for (let count = 0; count < 61; count++) expect(fds.addPreopen(`/${count}`)).toBe(3 + count);
    expect(codeOf(() => fds.addPreopen('/one-more'))).toBe('EMFILE');
    expect(fds.addPreopen('/60')).toBe(63);
    expect(add(fds, '/f')).toBe(64);
  });

  it('cannot be closed by the guest, nor can standard output', () => {
    const fds = table();
    fds.addPreopen('/a');
    expect(codeOf(() => fds.close(3))).toBe('ENOTSUP');
    expect(codeOf(() => fds.close(1))).toBe('ENOTSUP');
    expect(fds.reaches('/a')).toBe(true);
  });

  it('need a path that means one thing', () => {
    expect(codeOf(() => table().addPreopen('relative'))).toBe('EINVAL');
    expect(codeOf(() => table().addPreopen('/a\0'))).toBe('EINVAL');
  });
});

describe('closeAll', () => {
  it('closes each once, goes on after errors and returns them', () => {
    const fds = table();
    const closed: string[] = [];
    fds.addPreopen('/a');
    add(fds, '/1', () => closed.push('1'));
    add(fds, '/2', () => {
      closed.push('2');
      throw new Error('two');
    });
    const third = add(fds, '/3', () => closed.push('3'));
    add(fds, '/4', () => closed.push('4'));
    fds.close(third);
    const errors = fds.closeAll();
    expect(errors.map((error) => (error as Error).message)).toEqual(['two']);
    expect(closed).toEqual(['3', '1', '2', '4']);
    expect(fds.closeAll()).toEqual([]);
    expect(closed.length).toBe(4);
    expect(fds.list()).toEqual([]);
    expect(fds.reaches('/a')).toBe(false);
  });
});

describe('standard output', () => {
  const write = (fds: FdTable, fd: number, content: Uint8Array) => {
    const descriptor = fds.get(fd);
    if (descriptor.kind === 'stdio') descriptor.output?.write(content);
  };

  it('comes in lines, however it is cut', () => {
    const lines: string[] = [];
    const fds = table(lines);
    write(fds, 1, bytes('one\ntw'));
    write(fds, 2, bytes('error\n'));
    write(fds, 1, bytes('o\n\nhalf'));
    expect(lines).toEqual(['one', 'error', 'two', '']);
    fds.closeAll();
    expect(lines.slice(4)).toEqual(['half']);
    fds.closeAll();
    expect(lines.length).toBe(5);
  });

  it('keeps a character whole that comes in two parts', () => {
    const lines: string[] = [];
    const fds = table(lines);
    const content = bytes('é\n');
    write(fds, 1, content.subarray(0, 1));
    write(fds, 1, content.subarray(1));
    expect(lines).toEqual(['é']);
  });

  it('passes on a line without end in pieces', () => {
    const lines: string[] = [];
    const fds = table(lines);
    write(fds, 1, bytes('x'.repeat(70_000)));
    expect(lines.map(({ length }) => length)).toEqual([70_000]);
  });
});
