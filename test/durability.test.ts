import { BackupEngine, MemoryFileSystem } from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { makeEngine, openTemp } from './support/open.js';

/** Notes what a power cut would lose: written files, and folders whose entries changed. */
function recorder() {
  const fileSystem = new FaultFileSystem(new MemoryFileSystem());
  const unsyncedFiles = new Set<string>();
  const unsyncedFolders = new Set<string>();
  const changed = (path: string) =>
    unsyncedFolders.add(path.slice(0, path.lastIndexOf('/')) || '/');
  const known = new Set<string>();
  fileSystem.fault = (operation, path) => {
    switch (operation) {
      case 'create':
        if (!known.has(path)) changed(path);
        known.add(path);
        break;
      case 'write':
      case 'truncate':
        unsyncedFiles.add(path);
        break;
      case 'sync':
        unsyncedFiles.delete(path);
        break;
      case 'removeFile': // one that comes back after a power cut is removed again: nothing is lost
        unsyncedFiles.delete(path);
        known.delete(path);
        break;
      case 'rename':
        unsyncedFiles.delete(path);
        changed(path);
        break;
      case 'syncDirectory':
        unsyncedFolders.delete(path);
        break;
    }
    return undefined;
  };
  return { fileSystem, unsyncedFiles, unsyncedFolders };
}

describe('what is synced', () => {
  it('a write with sync has its log, and the folder that names it, on disk', async () => {
    const { fileSystem, unsyncedFiles, unsyncedFolders } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({
      engine,
      writeBufferSize: 64 * 1024,
      level0FileNumCompactionTrigger: 2,
    });
    const logs = () => [...unsyncedFiles].filter((path) => path.endsWith('.log'));
    await db.put('k', 'buffered');
    expect(logs()).toHaveLength(1);
    for (let i = 0; i < 500; i++) {
      await db.put(`key${i}`, 'x'.repeat(1000), { sync: i % 7 === 0 });
      if (i % 7 !== 0) continue;
      expect(logs()).toEqual([]);
      expect([...unsyncedFolders]).toEqual([]);
    }
    await db.put('k', 'buffered again');
    expect(logs()).toHaveLength(1);
    await db.syncWAL();
    expect(logs()).toEqual([]);
  });

  it('what a bulk writer wrote is on disk when its option sync says so, also without a log', async () => {
    const { fileSystem, unsyncedFiles } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({ engine });
    const unsynced = () =>
      [...unsyncedFiles].filter((path) => /log$|sst|MANIFEST/.test(path)).length;
    const inAll: [sync: 'none' | 'batch' | 'close', disableWAL: boolean, unsynced: number[]][] = [
      ['none', false, [1, 1]],
      ['batch', false, [0, 0]],
      ['close', false, [1, 0]],
      ['none', true, [0, 0]], // nothing is written
      ['close', true, [0, 0]],
    ];
    for (const [sync, disableWAL, expected] of inAll) {
      const writer = await db.bulkWriter({ sync, disableWAL });
      await writer.add(['k', sync]);
      await writer.commit();
      const seen = [unsynced()];
      const tables = (await db.getLiveFilesMetaData()).length;
      await writer.close();
      expect([sync, disableWAL, ...seen, unsynced()]).toEqual([sync, disableWAL, ...expected]);
      const flushed = (await db.getLiveFilesMetaData()).length - tables;
      expect(flushed).toBe(sync === 'close' && disableWAL ? 1 : 0);
      await db.syncWAL();
    }
  });

  it('and also when its last onProgress throws', async () => {
    const { fileSystem, unsyncedFiles } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({ engine });
    const onProgress = () => {
      throw new Error('from onProgress');
    };
    const writer = await db.bulkWriter({ sync: 'close', onProgress });
    await writer.add(['k', 'v']);
    await expect((async () => writer.close())()).rejects.toThrow('from onProgress');
    expect([...unsyncedFiles].filter((path) => path.endsWith('.log'))).toEqual([]);
    expect((await writer.close()).entries).toBe(1);
  });

  it('a flush leaves tables, MANIFEST, CURRENT and their folder on disk', async () => {
    const { fileSystem, unsyncedFiles, unsyncedFolders } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({ engine });
    const lost = () => [...unsyncedFiles].filter((path) => /sst|MANIFEST|CURRENT/.test(path));
    expect(lost()).toEqual([]);
    await db.put('k', 'v');
    await db.flush();
    expect(lost()).toEqual([]);
    await db.put('l', 'w', { sync: true });
    expect([...unsyncedFolders]).toEqual([]);
  });

  it('a log that is created anew is found again after the next synced write', async () => {
    const { fileSystem, unsyncedFolders } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({ engine });
    await db.put('k', 'v');
    await db.flush(); // switches to a new log
    await db.put('l', 'w');
    await db.put('m', 'x', { sync: true });
    expect([...unsyncedFolders]).toEqual([]);
  });

  it('checkpoints, exports and backups are on disk, and their folders', async () => {
    const { fileSystem, unsyncedFiles, unsyncedFolders } = recorder();
    const engine = await makeEngine({ fileSystem });
    const db = await openTemp({ engine });
    db.put('k', 'v', { sync: true });
    const lost = (folder: string) =>
      [...unsyncedFiles, ...unsyncedFolders].filter((path) => path.startsWith(folder));
    db.checkpoint('/checkpoint', { logSizeForFlush: 1 << 30 });
    expect(lost('/checkpoint/')).toEqual([]);
    expect([...unsyncedFolders]).not.toContain('/');
    db.exportColumnFamily('/export').free();
    expect(lost('/export/')).toEqual([]);
    expect([...unsyncedFolders]).not.toContain('/');
    const backups = BackupEngine.openSync('/backups', { engine });
    backups.createNewBackup(db);
    expect(lost('/backups')).toEqual([]);
    backups.restoreDBFromLatestBackup('/restored');
    expect(lost('/restored')).toEqual([]);
    backups.free();
  });
});
