/** What every file system must do alike: the one in memory is right where it does as the disk does. */
import { describe, expect, it } from 'vitest';
import type { FileHandle, FileSystem, OpenFlags } from '../../src/wasi/file-system.js';
import { bytes, codeOf, text, type WithFileSystem } from './helpers.js';
import { lockTests } from './lock-suite.js';

const READ: OpenFlags = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
};
const READ_WRITE: OpenFlags = { ...READ, write: true };
const CREATE: OpenFlags = { ...READ_WRITE, create: true };
const CREATE_NEW: OpenFlags = { ...CREATE, exclusive: true };

function writeFile(fileSystem: FileSystem, path: string, content: string): void {
  const file = fileSystem.open(path, { ...CREATE, truncate: true });
  file.write(bytes(content), 0);
  file.close();
}

function readAll(file: FileHandle): string {
  const into = new Uint8Array(file.stat().size);
  return text(into.subarray(0, file.read(into, 0)));
}

function readFile(fileSystem: FileSystem, path: string): string {
  const file = fileSystem.open(path, READ);
  try {
    return readAll(file);
  } finally {
    file.close();
  }
}

const names = (fileSystem: FileSystem, path: string) =>
  fileSystem.readDirectory(path).map(({ name }) => name);

export function fileSystemSuite(name: string, withFileSystem: WithFileSystem): void {
  describe(`${name}: files`, () => contentTests(withFileSystem));
  describe(`${name}: opening`, () => openTests(withFileSystem));
  describe(`${name}: entries`, () => entryTests(withFileSystem));
  describe(`${name}: directories`, () => directoryTests(withFileSystem));
  describe(`${name}: locks`, () => lockTests(withFileSystem));
}

function contentTests(withFileSystem: WithFileSystem): void {
  it('reads what was written, from any position', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      expect(file.write(bytes('hello world'), 0)).toBe(11);
      expect(file.write(bytes('W'), 6)).toBe(1);
      const into = new Uint8Array(5);
      expect(file.read(into, 6)).toBe(5);
      expect(text(into)).toBe('World');
      expect(file.read(into, 9)).toBe(2);
      expect(file.read(into, 11)).toBe(0);
      expect(file.read(into, 99)).toBe(0);
      file.close();
      expect(readFile(fileSystem, `${folder}/f`)).toBe('hello World');
    }));

  it('touches only the bytes of the view it is given', () =>
    withFileSystem((fileSystem, folder) => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      const all = new Uint8Array(memory.buffer).fill(7);
      all.set(bytes('data'), 100);
      const file = fileSystem.open(`${folder}/f`, CREATE);
      expect(file.write(all.subarray(100, 104), 0)).toBe(4);
      expect(file.read(all.subarray(200, 210), 0)).toBe(4);
      file.close();
      expect([...all.subarray(198, 206)]).toEqual([7, 7, 100, 97, 116, 97, 7, 7]);
    }));

  it('fills a hole with zeros', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      file.write(bytes('a'), 0);
      file.write(bytes('b'), 200_000);
      const into = new Uint8Array(200_001).fill(1);
      expect(file.read(into, 0)).toBe(200_001);
      expect(into[0]).toBe(97);
      expect(into.subarray(1, 200_000).every((byte) => byte === 0)).toBe(true);
      expect(into[200_000]).toBe(98);
      file.close();
    }));

  it('reads and writes beyond 2^32', () =>
    withFileSystem((fileSystem, folder) => {
      for (const position of [2 ** 32 - 3, 2 ** 33 + 1, 2 ** 40 + 3]) {
        const file = fileSystem.open(`${folder}/f`, { ...CREATE, truncate: true });
        expect(file.write(bytes('beyond'), position)).toBe(6);
        expect(file.stat().size).toBe(position + 6);
        const into = new Uint8Array(8);
        expect(file.read(into, position - 1)).toBe(7);
        expect(text(into)).toBe('\0beyond\0');
        // Had the offset been cut to 32 bits, some of it would be here.
        expect(file.read(into, 0)).toBe(8);
        expect([...into]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
        file.close();
      }
    }));

  it('refuses to write where no file can reach', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      expect(codeOf(() => file.write(bytes('xx'), Number.MAX_SAFE_INTEGER))).toBe('EFBIG');
      expect(file.stat().size).toBe(0);
      file.close();
    }));

  it('truncates and grows with zeros', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      file.write(new Uint8Array(150_000).fill(9), 0);
      file.truncate(70_000);
      expect(file.stat().size).toBe(70_000);
      file.truncate(140_000);
      const into = new Uint8Array(140_000);
      expect(file.read(into, 0)).toBe(140_000);
      expect(into.indexOf(0)).toBe(70_000);
      expect(into.lastIndexOf(9)).toBe(69_999);
      file.truncate(0);
      expect(file.read(into, 0)).toBe(0);
      file.close();
    }));

  it('syncs', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      file.write(bytes('x'), 0);
      file.dataSync();
      file.sync();
      expect(readAll(file)).toBe('x');
      file.close();
    }));

  it('keeps the time that was set', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      file.setModified(1_234_500_000_000n);
      expect(file.stat().modifiedNs).toBe(1_234_500_000_000n);
      file.close();
      fileSystem.setModified(`${folder}/f`, 2_000_000_000_000_000_000n);
      expect(fileSystem.stat(`${folder}/f`).modifiedNs).toBe(2_000_000_000_000_000_000n);
    }));

  it('refuses a handle that is closed', () =>
    withFileSystem((fileSystem, folder) => {
      const file = fileSystem.open(`${folder}/f`, CREATE);
      file.close();
      // Whatever was opened since may have the same number.
      const other = fileSystem.open(`${folder}/g`, CREATE);
      expect(codeOf(() => file.write(bytes('x'), 0))).toBe('EBADF');
      expect(codeOf(() => file.read(new Uint8Array(1), 0))).toBe('EBADF');
      expect(codeOf(() => file.stat())).toBe('EBADF');
      expect(codeOf(() => file.truncate(0))).toBe('EBADF');
      expect(codeOf(() => file.sync())).toBe('EBADF');
      expect(codeOf(() => file.dataSync())).toBe('EBADF');
      expect(codeOf(() => file.close())).toBe('EBADF');
      expect(other.stat().size).toBe(0);
      other.close();
    }));
}

function openTests(withFileSystem: WithFileSystem): void {
  it('makes a file only when asked to, and a new one when that is insisted on', () =>
    withFileSystem((fileSystem, folder) => {
      const path = `${folder}/f`;
      expect(codeOf(() => fileSystem.open(path, READ))).toBe('ENOENT');
      expect(codeOf(() => fileSystem.open(path, READ_WRITE))).toBe('ENOENT');
      fileSystem.open(path, CREATE_NEW).close();
      expect(codeOf(() => fileSystem.open(path, CREATE_NEW))).toBe('EEXIST');
      fileSystem.open(path, CREATE).close();
    }));

  it('empties a file only when asked to', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'content');
      fileSystem.open(`${folder}/f`, CREATE).close();
      expect(readFile(fileSystem, `${folder}/f`)).toBe('content');
      fileSystem.open(`${folder}/f`, { ...READ_WRITE, truncate: true }).close();
      expect(readFile(fileSystem, `${folder}/f`)).toBe('');
    }));

  it('holds a handle to what it was opened for', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'content');
      const reader = fileSystem.open(`${folder}/f`, READ);
      expect(codeOf(() => reader.write(bytes('x'), 0))).toBe('EBADF');
      expect(codeOf(() => reader.truncate(0))).toBe('EINVAL');
      reader.close();
      const writer = fileSystem.open(`${folder}/f`, { ...READ_WRITE, read: false });
      expect(codeOf(() => writer.read(new Uint8Array(1), 0))).toBe('EBADF');
      writer.close();
      expect(readFile(fileSystem, `${folder}/f`)).toBe('content');
    }));

  it('opens no directory as a file, and no file as a directory', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, '');
      expect(codeOf(() => fileSystem.open(folder, READ))).toBe('EISDIR');
      expect(codeOf(() => fileSystem.open(folder, READ_WRITE))).toBe('EISDIR');
      expect(codeOf(() => fileSystem.open(folder, CREATE))).toBe('EISDIR');
      expect(codeOf(() => fileSystem.open(folder, CREATE_NEW))).toBe('EEXIST');
      expect(codeOf(() => fileSystem.openDirectory(`${folder}/f`))).toBe('ENOTDIR');
      expect(codeOf(() => fileSystem.openDirectory(`${folder}/none`))).toBe('ENOENT');
    }));

  it('says what is wrong with the way to a file', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, '');
      expect(codeOf(() => fileSystem.open(`${folder}/none/f`, CREATE))).toBe('ENOENT');
      expect(codeOf(() => fileSystem.open(`${folder}/f/g`, CREATE))).toBe('ENOTDIR');
      expect(codeOf(() => fileSystem.stat(`${folder}/f/g`))).toBe('ENOTDIR');
      expect(codeOf(() => fileSystem.open(`${folder}/${'n'.repeat(256)}`, CREATE))).toBe(
        'ENAMETOOLONG',
      );
      fileSystem.open(`${folder}/${'n'.repeat(255)}`, CREATE).close();
    }));
}

function entryTests(withFileSystem: WithFileSystem): void {
  it('keeps a removed file as long as it is open', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'still here');
      const file = fileSystem.open(`${folder}/f`, READ_WRITE);
      fileSystem.removeFile(`${folder}/f`);
      expect(codeOf(() => fileSystem.stat(`${folder}/f`))).toBe('ENOENT');
      expect(file.stat().links).toBe(0);
      file.write(bytes('!'), 10);
      expect(readAll(file)).toBe('still here!');
      writeFile(fileSystem, `${folder}/f`, 'another');
      expect(readAll(file)).toBe('still here!');
      file.close();
    }));

  it('removes files, not directories', () =>
    withFileSystem((fileSystem, folder) => {
      fileSystem.createDirectory(`${folder}/d`);
      expect(codeOf(() => fileSystem.removeFile(`${folder}/d`))).toBe('EISDIR');
      expect(fileSystem.stat(`${folder}/d`).type).toBe('directory');
      expect(codeOf(() => fileSystem.removeFile(`${folder}/none`))).toBe('ENOENT');
    }));

  it('links: one file with two names', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'shared');
      fileSystem.link(`${folder}/f`, `${folder}/g`);
      const [f, g] = [fileSystem.stat(`${folder}/f`), fileSystem.stat(`${folder}/g`)];
      expect(f.links).toBe(2);
      expect([g.device, g.inode]).toEqual([f.device, f.inode]);
      fileSystem.removeFile(`${folder}/f`);
      expect(readFile(fileSystem, `${folder}/g`)).toBe('shared');
      expect(fileSystem.stat(`${folder}/g`).links).toBe(1);
    }));

  it('links only what is a file, to where nothing is', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'f');
      writeFile(fileSystem, `${folder}/g`, 'g');
      expect(codeOf(() => fileSystem.link(`${folder}/f`, `${folder}/g`))).toBe('EEXIST');
      expect(codeOf(() => fileSystem.link(`${folder}/none`, `${folder}/h`))).toBe('ENOENT');
      expect(codeOf(() => fileSystem.link(folder, `${folder}/h`))).toBe('EPERM');
      expect(readFile(fileSystem, `${folder}/g`)).toBe('g');
    }));

  it('renames over a file, which those who have it open keep', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/old`, 'old');
      writeFile(fileSystem, `${folder}/new`, 'new');
      const old = fileSystem.open(`${folder}/old`, READ);
      fileSystem.rename(`${folder}/new`, `${folder}/old`);
      expect(readFile(fileSystem, `${folder}/old`)).toBe('new');
      expect(readAll(old)).toBe('old');
      old.close();
      expect(names(fileSystem, folder)).toEqual(['old']);
    }));

  it('renames directories with what is in them', () =>
    withFileSystem((fileSystem, folder) => {
      fileSystem.createDirectory(`${folder}/a`);
      fileSystem.createDirectory(`${folder}/b`);
      writeFile(fileSystem, `${folder}/a/f`, 'inside');
      fileSystem.rename(`${folder}/a`, `${folder}/b`);
      expect(readFile(fileSystem, `${folder}/b/f`)).toBe('inside');
      expect(names(fileSystem, folder)).toEqual(['b']);
    }));

  it('leaves both names of one file when one is renamed to the other', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'f');
      fileSystem.link(`${folder}/f`, `${folder}/g`);
      fileSystem.rename(`${folder}/f`, `${folder}/g`);
      fileSystem.rename(`${folder}/f`, `${folder}/f`);
      expect(names(fileSystem, folder)).toEqual(['f', 'g']);
      expect(fileSystem.stat(`${folder}/f`).links).toBe(2);
    }));

  it('refuses to rename what would make no sense', () =>
    withFileSystem((fileSystem, folder) => {
      fileSystem.createDirectory(`${folder}/full`);
      fileSystem.createDirectory(`${folder}/empty`);
      writeFile(fileSystem, `${folder}/full/f`, 'f');
      const rename = (from: string, to: string) =>
        codeOf(() => fileSystem.rename(`${folder}/${from}`, `${folder}/${to}`));
      expect(rename('empty', 'full')).toBe('ENOTEMPTY');
      expect(rename('full/f', 'empty')).toBe('EISDIR');
      expect(rename('empty', 'full/f')).toBe('ENOTDIR');
      expect(rename('full', 'full/inner')).toBe('EINVAL');
      expect(rename('none', 'other')).toBe('ENOENT');
      expect(rename('full/f', 'none/f')).toBe('ENOENT');
      expect(readFile(fileSystem, `${folder}/full/f`)).toBe('f');
      expect(names(fileSystem, folder)).toEqual(['empty', 'full']);
    }));
}

function directoryTests(withFileSystem: WithFileSystem): void {
  it('lists entries in the order of their code units, with their types', () =>
    withFileSystem((fileSystem, folder) => {
      for (const name of ['b', 'B', 'a10', 'a9', 'é']) {
        writeFile(fileSystem, `${folder}/${name}`, '');
      }
      fileSystem.createDirectory(`${folder}/c`);
      expect(fileSystem.readDirectory(folder)).toEqual([
        { name: 'B', type: 'file' },
        { name: 'a10', type: 'file' },
        { name: 'a9', type: 'file' },
        { name: 'b', type: 'file' },
        { name: 'c', type: 'directory' },
        { name: 'é', type: 'file' },
      ]);
    }));

  it('makes one directory at a time, where nothing is', () =>
    withFileSystem((fileSystem, folder) => {
      expect(codeOf(() => fileSystem.createDirectory(`${folder}/a/b`))).toBe('ENOENT');
      fileSystem.createDirectory(`${folder}/a`);
      expect(codeOf(() => fileSystem.createDirectory(`${folder}/a`))).toBe('EEXIST');
      writeFile(fileSystem, `${folder}/f`, '');
      expect(codeOf(() => fileSystem.createDirectory(`${folder}/f`))).toBe('EEXIST');
      expect(codeOf(() => fileSystem.createDirectory(`${folder}/f/a`))).toBe('ENOTDIR');
    }));

  it('removes empty directories only', () =>
    withFileSystem((fileSystem, folder) => {
      fileSystem.createDirectory(`${folder}/a`);
      writeFile(fileSystem, `${folder}/a/f`, '');
      expect(codeOf(() => fileSystem.removeDirectory(`${folder}/a`))).toBe('ENOTEMPTY');
      expect(codeOf(() => fileSystem.removeDirectory(`${folder}/a/f`))).toBe('ENOTDIR');
      expect(codeOf(() => fileSystem.removeDirectory(`${folder}/none`))).toBe('ENOENT');
      fileSystem.removeFile(`${folder}/a/f`);
      fileSystem.removeDirectory(`${folder}/a`);
      expect(names(fileSystem, folder)).toEqual([]);
    }));

  it('lists directories only', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, '');
      expect(codeOf(() => fileSystem.readDirectory(`${folder}/f`))).toBe('ENOTDIR');
      expect(codeOf(() => fileSystem.readDirectory(`${folder}/none`))).toBe('ENOENT');
    }));

  it('syncs a directory, until its handle is closed', () =>
    withFileSystem((fileSystem, folder) => {
      const directory = fileSystem.openDirectory(folder);
      directory.sync();
      expect(directory.stat().type).toBe('directory');
      directory.close();
      expect(codeOf(() => directory.sync())).toBe('EBADF');
      expect(codeOf(() => directory.close())).toBe('EBADF');
    }));

  it('tells directories from files', () =>
    withFileSystem((fileSystem, folder) => {
      writeFile(fileSystem, `${folder}/f`, 'four');
      expect(fileSystem.stat(folder).type).toBe('directory');
      const { type, size, links } = fileSystem.stat(`${folder}/f`);
      expect({ type, size, links }).toEqual({ type: 'file', size: 4, links: 1 });
      expect(fileSystem.stat(`${folder}/f`).inode === fileSystem.stat(folder).inode).toBe(false);
    }));
}
