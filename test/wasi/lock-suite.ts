/** What every lock manager must do alike, however far its locks reach. */
import { expect, it } from 'vitest';
import { codeOf, type WithFileSystem } from './helpers.js';

export function lockTests(withFileSystem: WithFileSystem): void {
  it('gives a lock to one at a time', () =>
    withFileSystem((fileSystem, folder) => {
      const lock = fileSystem.locks.acquire(`${folder}/LOCK`);
      expect(codeOf(() => fileSystem.locks.acquire(`${folder}/LOCK`))).toBe('EAGAIN');
      expect(codeOf(() => fileSystem.locks.acquire(`${folder}/./LOCK`))).toBe('EAGAIN');
      const other = fileSystem.locks.acquire(`${folder}/OTHER`);
      lock.release();
      const again = fileSystem.locks.acquire(`${folder}/LOCK`);
      // Released twice, it must not take the lock from who has it now.
      lock.release();
      expect(codeOf(() => fileSystem.locks.acquire(`${folder}/LOCK`))).toBe('EAGAIN');
      again.release();
      other.release();
    }));

  it('says that an engine of this process holds it', () =>
    withFileSystem((fileSystem, folder) => {
      const lock = fileSystem.locks.acquire(`${folder}/LOCK`);
      let owner: unknown;
      try {
        fileSystem.locks.acquire(`${folder}/LOCK`);
      } catch (error) {
        ({ owner } = error as { owner?: unknown });
      }
      expect((owner as { thisProcess?: unknown } | undefined)?.thisProcess).toBe(true);
      lock.release();
    }));

  it('needs the folder, and leaves nothing in it', () =>
    withFileSystem((fileSystem, folder) => {
      expect(codeOf(() => fileSystem.locks.acquire(`${folder}/none/LOCK`))).toBe('ENOENT');
      fileSystem.locks.acquire(`${folder}/LOCK`).release();
      fileSystem.locks.forget(`${folder}/LOCK`);
      fileSystem.locks.forget(`${folder}/none/LOCK`);
      expect(fileSystem.readDirectory(folder)).toEqual([]);
    }));
}
