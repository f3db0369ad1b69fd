import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/wasi/clock.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { fileSystemSuite } from './file-system-suite.js';
import { bytes, codeOf, FILE_SYSTEMS } from './helpers.js';

fileSystemSuite('MemoryFileSystem', FILE_SYSTEMS.MemoryFileSystem as never);

const CREATE = { read: true, write: true, create: true, exclusive: false, truncate: false };

describe('MemoryFileSystem', () => {
  it('takes times from its clock and numbers files in order', () => {
    const clock = new ManualClock({ startNs: 1000n });
    const fileSystem = new MemoryFileSystem(clock);
    const file = fileSystem.open('/f', CREATE);
    clock.advance(5n);
    expect(file.stat()).toEqual({
      type: 'file',
      size: 0,
      modifiedNs: 1000n,
      links: 1,
      device: 1n,
      inode: 2n,
    });
    file.write(bytes('x'), 0);
    expect(file.stat().modifiedNs).toBe(1005n);
    expect(fileSystem.stat('/').inode).toBe(1n);
    clock.advance(5n);
    fileSystem.createDirectory('/d');
    expect(fileSystem.stat('/').modifiedNs).toBe(1010n);
    expect(fileSystem.stat('/d').inode).toBe(3n);
  });

  it('counts the memory that files hold', () => {
    const fileSystem = new MemoryFileSystem();
    expect(fileSystem.bytes).toBe(0);
    const file = fileSystem.open('/f', CREATE);
    file.write(new Uint8Array(300_000), 0);
    expect(fileSystem.bytes).toBe(5 * 65536);
    file.truncate(100_000);
    expect(fileSystem.bytes).toBe(2 * 65536);
    file.truncate(10);
    expect(fileSystem.bytes).toBe(65536);
    fileSystem.link('/f', '/g');
    fileSystem.removeFile('/f');
    fileSystem.removeFile('/g');
    expect(fileSystem.bytes).toBe(65536);
    file.close();
    expect(fileSystem.bytes).toBe(0);
  });

  it('needs little for small files and nothing for holes', () => {
    const fileSystem = new MemoryFileSystem();
    const small = fileSystem.open('/small', CREATE);
    small.write(bytes('x'), 0);
    expect(fileSystem.bytes).toBe(256);
    small.write(bytes('x'), 300);
    expect(fileSystem.bytes).toBe(512);
    const sparse = fileSystem.open('/sparse', CREATE);
    sparse.write(bytes('x'), 2 ** 50);
    sparse.truncate(2 ** 52);
    expect(fileSystem.bytes).toBe(512 + 256);
    small.close();
    sparse.close();
  });

  it('forgets a file that another is renamed over', () => {
    const fileSystem = new MemoryFileSystem();
    for (const path of ['/f', '/g']) {
      const file = fileSystem.open(path, CREATE);
      file.write(new Uint8Array(65536), 0);
      file.close();
    }
    fileSystem.rename('/f', '/g');
    expect(fileSystem.bytes).toBe(65536);
    fileSystem.removeFile('/g');
    expect(fileSystem.bytes).toBe(0);
  });

  it('keeps its root', () => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.createDirectory('/d');
    expect(codeOf(() => fileSystem.removeDirectory('/'))).toBe('EBUSY');
    expect(codeOf(() => fileSystem.removeFile('/'))).toBe('EISDIR');
    expect(codeOf(() => fileSystem.rename('/', '/d/root'))).toBe('EBUSY');
    expect(codeOf(() => fileSystem.rename('/d', '/'))).toBe('EBUSY');
    expect(codeOf(() => fileSystem.createDirectory('/'))).toBe('EEXIST');
    expect(fileSystem.readDirectory('/')).toEqual([{ name: 'd', type: 'directory' }]);
  });

  it('shares nothing with another', () => {
    const [one, other] = [new MemoryFileSystem(), new MemoryFileSystem()];
    one.open('/f', CREATE).close();
    one.locks.acquire('/LOCK');
    expect(codeOf(() => other.stat('/f'))).toBe('ENOENT');
    other.locks.acquire('/LOCK').release();
  });
});
