import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Errno, errnoOf } from '../../src/wasi/abi.js';
import { NodeFileSystem } from '../../src/wasi/node-fs.js';
import { fileSystemSuite } from './file-system-suite.js';
import { bytes, FILE_SYSTEMS, withFolder } from './helpers.js';

fileSystemSuite('NodeFileSystem', FILE_SYSTEMS.NodeFileSystem as never);

const READ = { read: true, write: false, create: false, exclusive: false, truncate: false };

describe('NodeFileSystem on the real disk', () => {
  it('follows symbolic links', () =>
    withFolder((folder) => {
      fs.writeFileSync(`${folder}/f`, 'content');
      fs.symlinkSync(`${folder}/f`, `${folder}/link`);
      const fileSystem = new NodeFileSystem();
      expect(fileSystem.stat(`${folder}/link`).size).toBe(7);
      expect(fileSystem.readDirectory(folder).map(({ type }) => type)).toEqual(['file', 'other']);
      fileSystem.removeFile(`${folder}/link`);
      expect(fs.readdirSync(folder)).toEqual(['f']);
    }));

  it('sees what others write, and is seen', () =>
    withFolder((folder) => {
      const fileSystem = new NodeFileSystem();
      const file = fileSystem.open(`${folder}/f`, { ...READ, write: true, create: true });
      file.write(bytes('from here'), 0);
      expect(fs.readFileSync(`${folder}/f`, 'utf8')).toBe('from here');
      fs.appendFileSync(`${folder}/f`, '!');
      expect(file.stat().size).toBe(10);
      file.close();
    }));

  // Deno names this error in its text only. The device is Linux's.
  if (fs.existsSync('/dev/full')) {
    it('tells a full disk from other errors', () => {
      const file = new NodeFileSystem().open('/dev/full', { ...READ, write: true });
      let errno = 0;
      try {
        file.write(bytes('x'), 0);
      } catch (error) {
        errno = errnoOf(error);
      }
      expect(errno).toBe(Errno.ENOSPC);
      file.close();
    });
  }
});
