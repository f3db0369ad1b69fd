/** What works with files gives every byte back. */
import {
  BackupEngine,
  type Engine,
  ExportedFiles,
  MemoryFileSystem,
  type RocksDB,
  SstFileReader,
  SstFileWriter,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeEngine, openAt } from './support/open.js';

interface World {
  readonly engine: Engine;
  readonly fileSystem: MemoryFileSystem;
  readonly db: RocksDB;
  /** Another path each time. */
  readonly path: () => string;
}

function using<T extends { free(): void }>(handle: T, work: (handle: T) => void): void {
  try {
    work(handle);
  } finally {
    handle.free();
    handle.free();
  }
}

function remove(fileSystem: MemoryFileSystem, path: string): void {
  for (const { name, type } of fileSystem.readDirectory(path)) {
    if (type === 'directory') remove(fileSystem, `${path}/${name}`);
    else fileSystem.removeFile(`${path}/${name}`);
  }
  fileSystem.removeDirectory(path);
}

const ROUNDS: Readonly<Record<string, (world: World) => void>> = {
  checkpoint: ({ db, path, fileSystem }) => {
    const copy = path();
    db.checkpoint(copy);
    remove(fileSystem, copy);
  },
  'backup and restore': ({ db, engine, path, fileSystem }) => {
    const [folder, restored] = [path(), path()];
    using(
      BackupEngine.openSync(folder, { engine, callbackTriggerIntervalSize: 100 }),
      (backups) => {
        const id = backups.createNewBackup(db, { progress: () => {} });
        expect(() =>
          backups.createNewBackup(db, {
            progress: () => {
              throw new Error('no');
            },
          }),
        ).toThrow('no');
        expect(() =>
          backups.createNewBackup(db, { progress: () => backups.stopBackup() }),
        ).toThrow();
        backups.verifyBackup(id, { verifyWithChecksum: true });
        backups.getBackupInfo({ includeFileDetails: true });
        expect(() => backups.verifyBackup(77)).toThrow();
        backups.restoreDBFromLatestBackup(restored);
      },
    );
    remove(fileSystem, folder);
    remove(fileSystem, restored);
  },
  'table files': ({ db, engine, path, fileSystem }) => {
    const file = path();
    using(new SstFileWriter(engine, { columnFamily: db.defaultColumnFamily }), (writer) => {
      writer.open(file);
      writer.put('a', 'v');
      expect(() => writer.put('a', 'v')).toThrow();
      writer.finish();
      writer.open(`${file}.unfinished`);
      writer.put('a', 'v');
    });
    using(new SstFileReader(engine, file), (reader) => {
      reader.properties;
      using(reader.iterator(), (iterator) => expect([...iterator].length).toBe(1));
      reader.rawIterator().next(); // freed by its reader
    });
    expect(() => new SstFileReader(engine, '/db/CURRENT')).toThrow();
    fileSystem.removeFile(file);
    fileSystem.removeFile(`${file}.unfinished`);
  },
  'export and import': ({ db, engine, path, fileSystem }) => {
    const folder = path();
    using(db.exportColumnFamily(folder), (exported) =>
      using(ExportedFiles.from(engine, exported.metadata), (again) => {
        const family = db.createColumnFamilyWithImport('imported', again);
        expect(() => db.createColumnFamilyWithImport('imported', again)).toThrow();
        db.dropColumnFamily(family);
        family.free();
      }),
    );
    remove(fileSystem, folder);
  },
  'holds and live files': ({ db }) => {
    using(db.disableFileDeletions(), () => {
      db.getLiveFilesStorageInfo();
      db.getLiveFilesMetaData();
      db.getColumnFamilyMetaData();
      db.getLiveFilesChecksumInfo();
    });
    expect(() => db.verifyFileChecksums()).toThrow();
    expect(() => db.compactFiles(['nonsense.sst'], { outputLevel: 1 })).toThrow();
  },
};

describe('no byte is left by', () => {
  it.each(Object.keys(ROUNDS))('%s', async (name) => {
    const fileSystem = new MemoryFileSystem();
    const engine = await makeEngine({ fileSystem });
    const db = await openAt('/db', { engine, createIfMissing: true, disableAutoCompactions: true });
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'v'.repeat(100));
    db.flush();
    let count = 100;
    const world = { engine, fileSystem, db, path: () => `/work${count++}` };
    const round = ROUNDS[name] as (world: World) => void;
    const kinds = ['sstFileWriter', 'sstFileReader', 'backupEngine', 'exportedFiles', 'callback'];
    const bytes = () => {
      db.put('k', 'v');
      db.flush(); // looks at which folders are still open
      db.compactRange({ bottommostLevelCompaction: 'force' });
      const owners = engine.heap.owners();
      return [...kinds, 'iterator', 'file', 'host', 'db'].map((owner) => [
        owner,
        owners[owner]?.bytes ?? 0,
      ]);
    };
    for (let i = 0; i < 3; i++) round(world);
    const before = bytes();
    for (let i = 0; i < 5; i++) round(world);
    const grown = bytes().filter(([, now], index) => Number(now) > Number(before[index]?.[1]));
    expect(grown).toEqual([]);
    for (const kind of kinds)
      expect([kind, engine.heap.owners()[kind]?.bytes ?? 0]).toEqual([kind, 0]);
    expect(engine.heap.verify().problems).toEqual([]);
    const live = engine.heap.report().handles.map(({ kind }) => kind);
    expect(
      live.filter((kind) => !['engine', 'buffer', 'db', 'columnFamily', 'file'].includes(kind)),
    ).toEqual([]);
  });
});
