import { describe, expect, it } from 'vitest';
import { diskDigest } from '../../src/faults/disk-digest.js';
import {
  PowerCutFileSystem,
  type PowerCutOptions,
} from '../../src/faults/power-cut-file-system.js';
import type { FileHandle, FileSystem } from '../../src/wasi/file-system.js';
import { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { fileSystemSuite } from './file-system-suite.js';

fileSystemSuite('PowerCutFileSystem', async (run) => {
  const disk = new PowerCutFileSystem();
  disk.createDirectory('/data');
  await run(disk, '/data');
});

const READ = { read: true, write: false, create: false, exclusive: false, truncate: false };
const CREATE = { ...READ, write: true, create: true };
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

function create(disk: FileSystem, path: string, content: Uint8Array, sync = true): FileHandle {
  const file = disk.open(path, { ...CREATE, truncate: true });
  file.write(content, 0);
  if (sync) file.sync();
  return file;
}

function syncFolder(disk: FileSystem, path: string): void {
  const folder = disk.openDirectory(path);
  folder.sync();
  folder.close();
}

function contentOf(disk: FileSystem, path: string): Uint8Array {
  const file = disk.open(path, READ);
  const content = new Uint8Array(file.stat().size);
  file.read(content, 0);
  file.close();
  return content;
}

/** What many cuts leave, by what `look` sees of it. */
function outcomes(disk: PowerCutFileSystem, look: (left: MemoryFileSystem) => string): string[] {
  const found = new Set<string>();
  for (let seed = 0; seed < 400; seed++) found.add(look(disk.afterPowerCut({ seed })));
  return [...found].sort();
}

const names = (left: FileSystem, folder = '/') =>
  left
    .readDirectory(folder)
    .map(({ name }) => name)
    .join();
/** Runs of equal bytes: `512x1,100x2`. */
function runs(content: Uint8Array): string {
  const found: [number, number][] = [];
  for (const byte of content) {
    const last = found.at(-1);
    if (last?.[1] === byte) last[0]++;
    else found.push([1, byte]);
  }
  return found.map(([count, byte]) => `${count}x${byte}`).join();
}

describe('after a power cut, of a file', () => {
  it('what was synced is there, and of what was written since any part, by sectors', () => {
    const disk = new PowerCutFileSystem();
    const file = create(disk, '/f', bytes(1536, 1));
    syncFolder(disk, '/');
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual(['1536x1']);
    file.write(bytes(1024, 2), 256);
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual([
      '1024x1,256x2,256x1',
      '1536x1',
      '256x1,1024x2,256x1',
      '256x1,256x2,1024x1',
      '256x1,256x2,512x1,256x2,256x1',
      '256x1,768x2,512x1',
      '512x1,512x2,512x1',
      '512x1,768x2,256x1',
    ]);
    file.dataSync();
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual(['256x1,1024x2,256x1']);
  });

  it('no more is there than was written of it, unless the disk says otherwise', () => {
    const look = (options: PowerCutOptions) => {
      const disk = new PowerCutFileSystem(options);
      const file = create(disk, '/f', bytes(100, 1));
      syncFolder(disk, '/');
      file.write(bytes(1000, 2), 100);
      return outcomes(disk, (left) => runs(contentOf(left, '/f')));
    };
    expect(look({})).toEqual(['100x1', '100x1,1000x2', '100x1,412x2', '100x1,924x2']);
    const any = look({ appends: 'any' });
    expect(any).toEqual(expect.arrayContaining(['100x1,1000x0', '100x1,412x0,588x2']));
    expect(look({ appends: (path) => (path === '/f' ? 'any' : 'inOrder') })).toEqual(any);
  });

  it('that grew, the size is lost by a disk whose fdatasync does not keep it', () => {
    const disk = new PowerCutFileSystem({ dataSyncKeepsSize: false });
    const file = create(disk, '/f', bytes(100, 1));
    syncFolder(disk, '/');
    file.write(bytes(100, 2), 100);
    file.dataSync();
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual(['100x1', '100x1,100x2']);
    file.sync();
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual(['100x1,100x2']);
  });

  it('that was cut to nothing, or shorter, the old content may come back', () => {
    const disk = new PowerCutFileSystem();
    create(disk, '/f', bytes(1000, 1)).close();
    syncFolder(disk, '/');
    const file = disk.open('/f', { ...CREATE, truncate: true });
    file.write(bytes(10, 2), 0);
    const found = outcomes(disk, (left) => runs(contentOf(left, '/f')));
    expect(found).toEqual(expect.arrayContaining(['1000x1', '10x2', '']));
    file.sync();
    expect(outcomes(disk, (left) => runs(contentOf(left, '/f')))).toEqual(['10x2']);
  });

  it('the time of its last change is kept by fsync alone', () => {
    const disk = new PowerCutFileSystem();
    const file = create(disk, '/f', bytes(10, 1));
    syncFolder(disk, '/');
    file.setModified(5_000_000_000n);
    const look = (left: MemoryFileSystem) => String(left.stat('/f').modifiedNs === 5_000_000_000n);
    file.dataSync();
    expect(outcomes(disk, look)).toEqual(['false', 'true']);
    file.sync();
    expect(outcomes(disk, look)).toEqual(['true']);
  });

  it('with a hole that no memory has room for, there is a typed error', () => {
    const disk = new PowerCutFileSystem();
    const file = create(disk, '/f', bytes(1, 1));
    syncFolder(disk, '/');
    file.write(bytes(1, 2), 2 ** 40);
    file.sync();
    expect(() => disk.afterPowerCut({ seed: 1 })).toThrow('EFBIG');
    file.truncate(1);
    file.sync();
    expect(runs(contentOf(disk.afterPowerCut({ seed: 1 }), '/f'))).toBe('1x1');
  });

  it('that has two names, there is one', () => {
    const disk = new PowerCutFileSystem();
    create(disk, '/a', bytes(10, 1));
    disk.link('/a', '/b');
    syncFolder(disk, '/');
    const left = disk.afterPowerCut({ seed: 1 });
    expect(left.stat('/a').inode).toBe(left.stat('/b').inode);
    expect(left.stat('/a').links).toBe(2);
  });
});

describe('after a power cut, of names', () => {
  const twoFiles = (model: 'strict' | 'ordered') => {
    const disk = new PowerCutFileSystem({ model });
    create(disk, '/a', bytes(1, 1));
    create(disk, '/b', bytes(1, 2));
    return disk;
  };

  it('strict: any are there until their folder is synced', () => {
    const disk = twoFiles('strict');
    expect(outcomes(disk, names)).toEqual(['', 'a', 'a,b', 'b']);
    syncFolder(disk, '/');
    expect(outcomes(disk, names)).toEqual(['a,b']);
    disk.removeFile('/a');
    disk.removeFile('/b');
    expect(outcomes(disk, names)).toEqual(['', 'a', 'a,b', 'b']);
  });

  it('ordered: those that were first are there first', () => {
    const disk = twoFiles('ordered');
    expect(outcomes(disk, names)).toEqual(['', 'a', 'a,b']);
    syncFolder(disk, '/');
    expect(outcomes(disk, names)).toEqual(['a,b']);
  });

  it.each(['strict', 'ordered'] as const)('%s: a rename is whole or has not happened', (model) => {
    const disk = new PowerCutFileSystem({ model });
    create(disk, '/current', bytes(1, 1));
    syncFolder(disk, '/');
    create(disk, '/new', bytes(1, 2));
    disk.rename('/new', '/current');
    const look = (left: MemoryFileSystem) => `${names(left)}: ${runs(contentOf(left, '/current'))}`;
    expect(outcomes(disk, look)).toEqual(['current,new: 1x1', 'current: 1x1', 'current: 1x2']);
  });

  it.each(['strict', 'ordered'] as const)(
    '%s: a folder that is lost takes along what is in it',
    (model) => {
      const disk = new PowerCutFileSystem({ model });
      disk.createDirectory('/folder');
      create(disk, '/folder/x', bytes(1, 1));
      syncFolder(disk, '/folder');
      const look = (left: MemoryFileSystem) =>
        names(left) === '' ? 'nothing' : names(left, '/folder');
      // With a journal, what came before is on disk with it.
      expect(outcomes(disk, look)).toEqual(model === 'strict' ? ['nothing', 'x'] : ['x']);
      syncFolder(disk, '/');
      expect(outcomes(disk, look)).toEqual(['x']);
      disk.rename('/folder', '/moved');
      expect(outcomes(disk, (left) => `${names(left)}: ${names(left, `/${names(left)}`)}`)).toEqual(
        ['folder: x', 'moved: x'],
      );
      disk.removeFile('/moved/x');
      disk.removeDirectory('/moved');
      syncFolder(disk, '/');
      expect(outcomes(disk, names)).toEqual(['']);
    },
  );
});

describe('a power cut', () => {
  it('leaves the same disk for the same seed, and all or nothing when asked', () => {
    const disk = new PowerCutFileSystem();
    const file = create(disk, '/f', bytes(5000, 1));
    syncFolder(disk, '/');
    file.write(bytes(5000, 2), 3000);
    disk.rename('/f', '/g');
    const digests = [1, 1, 2, 3, 4, 5, 6, 7].map((seed) =>
      diskDigest(disk.afterPowerCut({ seed })),
    );
    expect(digests[0]).toBe(digests[1]);
    expect(new Set(digests).size).toBeGreaterThan(2);
    expect(names(disk.afterPowerCut({ seed: 9, survival: 'none' }))).toBe('f');
    const all = disk.afterPowerCut({ seed: 9, survival: 'all' });
    expect(diskDigest(all)).toBe(diskDigest(disk));
    expect(diskDigest(all, { ignore: (path) => path === '/g' })).toBe(
      diskDigest(new MemoryFileSystem()),
    );
  });

  it('begins with what another file system has', () => {
    const before = new MemoryFileSystem();
    before.createDirectory('/folder');
    create(before, '/folder/x', bytes(700, 3)).close();
    const disk = new PowerCutFileSystem({ contents: before });
    expect(diskDigest(disk)).toBe(diskDigest(before));
    expect(outcomes(disk, (left) => diskDigest(left))).toEqual([diskDigest(before)]);
  });

  it('comes at any operation: what the hook throws is not done', () => {
    const disk = new PowerCutFileSystem();
    const seen: string[] = [];
    disk.onOperation = (operation, path) => {
      seen.push(`${operation} ${path}`);
      if (operation === 'rename') throw new Error('no power');
    };
    create(disk, '/a', bytes(1, 1)).dataSync();
    expect(() => disk.rename('/a', '/b')).toThrow('no power');
    disk.link('/a', '/c');
    syncFolder(disk, '/');
    expect(names(disk)).toBe('a,c');
    expect(disk.operations).toBe(6);
    expect(seen).toEqual([
      ...['open /a', 'write /a', 'sync /a', 'dataSync /a', 'rename /a', 'link /c'],
      'syncDirectory /',
    ]);
  });

  it('is refused with options that make no sense', () => {
    const make = (options: object) => () => new PowerCutFileSystem(options);
    expect(make({ model: 'posix' })).toThrow('model: expected strict or ordered, got posix');
    expect(make({ sectorBytes: 500 })).toThrow('sectorBytes: expected a power of two');
    expect(make({ appends: 'all' })).toThrow('appends: expected inOrder or any, got all');
    const disk = new PowerCutFileSystem();
    expect(() => disk.afterPowerCut({ seed: -1 })).toThrow('seed: expected an integer from 0 on');
    expect(() => disk.afterPowerCut({ seed: 1, survival: 'some' as 'all' })).toThrow(
      'survival: expected random, none or all, got some',
    );
  });
});
