/** Every file-system call of what copies and takes up files fails once: a typed error, nothing left, all goes on. */
import process from 'node:process';
import {
  BackupEngine,
  type Engine,
  ExportedFiles,
  MemoryFileSystem,
  RocksDB,
  RocksDBError,
  SstFileReader,
  SstFileWriter,
} from 'rocksdb-wasm';
import { FaultFileSystem, type Operation } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { ledgerIsClean, makeEngine, openAt } from './support/open.js';

const LONG = process.env.ROCKSDB_WASM_LONG === '1';
const KEYS = 50;
const key = (i: number) => `k${String(i).padStart(5, '0')}`;

interface World {
  readonly engine: Engine;
  readonly fileSystem: FaultFileSystem;
  db: RocksDB;
}

async function makeWorld(): Promise<World> {
  const fileSystem = new FaultFileSystem(new MemoryFileSystem());
  const engine = await makeEngine({ fileSystem });
  const db = await openAt('/db', { engine, createIfMissing: true });
  for (let i = 0; i < KEYS; i++) db.put(key(i), `value ${i}`);
  db.flush();
  db.put('log', 'only');
  return { engine, fileSystem, db };
}

/** The wasm's own view: no folder but the databases' is open to it, no file, and no callback is held. */
function assertNothingIsLeft({ engine }: World): void {
  const { native, heap } = engine as unknown as {
    native: {
      wasi: { fds: { preopen(fd: number): unknown } };
      callbacks: { size: number };
    };
    heap: Engine['heap'];
  };
  expect(native.callbacks.size).toBe(0);
  expect(() => native.wasi.fds.preopen(3)).toThrow('EBADF');
  expect(heap.verify().problems).toEqual([]);
}

interface Scenario {
  readonly name: string;
  /** What must be there before; not struck. */
  readonly prepare?: (world: World) => void;
  /** What is struck; it frees what it makes. */
  readonly work: (world: World) => void;
  /** What must hold after the failure. The database is open. */
  readonly after?: (world: World) => void;
}

/** A failed write to the MANIFEST ends writing until the database is opened anew: RocksDB's fatal errors. */
function reopen(world: World): void {
  try {
    world.db.close();
  } catch (error) {
    expect(error).toBeInstanceOf(RocksDBError);
  }
  world.db = RocksDB.openSync('/db', { engine: world.engine });
  expect(world.db.get('log')).toEqual(new TextEncoder().encode('only'));
}

/** Runs `work` and frees what it was given, whatever comes of it. */
function using<T extends { free(): void }>(handle: T, work: (handle: T) => void): void {
  try {
    work(handle);
  } finally {
    handle.free();
  }
}

function missing({ fileSystem }: World, path: string): void {
  expect(() => fileSystem.stat(path), path).toThrow(/ENOENT/);
}

function writeFile({ engine }: World): void {
  using(new SstFileWriter(engine), (writer) => {
    writer.open('/new.sst');
    for (let i = 0; i < KEYS; i++) writer.put(key(i), 'ingested');
    writer.finish();
  });
}

const backups = ({ engine }: World) => BackupEngine.openSync('/backups', { engine });

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a checkpoint',
    work: ({ db }) => db.checkpoint('/checkpoint', { logSizeForFlush: 1 << 30 }),
    after: (world) => missing(world, '/checkpoint'),
  },
  {
    name: 'a backup',
    prepare: (world) =>
      using(backups(world), (engine) => {
        engine.createNewBackup(world.db);
        for (let i = 0; i < 20; i++) world.db.put(key(KEYS + i), 'more');
        world.db.flush();
      }),
    work: (world) => using(backups(world), (engine) => engine.createNewBackup(world.db)),
    after: (world) =>
      using(backups(world), (engine) => {
        engine.verifyBackup(1, { verifyWithChecksum: true });
        // What failed late may be complete; what is there is good.
        for (const { backupId } of engine.getBackupInfo()) {
          engine.verifyBackup(backupId, { verifyWithChecksum: true });
        }
        expect(engine.getCorruptedBackups()).toEqual([]);
        const id = engine.createNewBackup(world.db);
        engine.verifyBackup(id, { verifyWithChecksum: true });
        engine.restoreDBFromBackup(1, '/restored');
      }),
  },
  {
    name: 'a restore',
    prepare: (world) => using(backups(world), (engine) => engine.createNewBackup(world.db)),
    work: (world) =>
      using(backups(world), (engine) => engine.restoreDBFromLatestBackup('/restored')),
    after: (world) =>
      using(backups(world), (engine) => {
        engine.verifyBackup(1, { verifyWithChecksum: true });
        engine.restoreDBFromLatestBackup('/restored');
        using(RocksDB.openSync('/restored', { engine: world.engine }), (db) => {
          expect(db.get('log')).toEqual(new TextEncoder().encode('only'));
        });
      }),
  },
  {
    name: 'a table file',
    work: writeFile,
    after: writeFile,
  },
  {
    name: 'an ingestion',
    prepare: writeFile,
    work: ({ db }) => db.ingestExternalFile(['/new.sst']),
    after: (world) => {
      reopen(world);
      world.db.ingestExternalFile(['/new.sst']);
      expect(world.db.get(key(0))).toEqual(new TextEncoder().encode('ingested'));
    },
  },
  {
    name: 'an export and import',
    work: ({ db, engine }) =>
      using(db.exportColumnFamily('/exported'), ({ metadata }) =>
        using(ExportedFiles.from(engine, metadata), (files) => {
          db.createColumnFamilyWithImport('imported', files).free();
        }),
      ),
    after: (world) => {
      reopen(world);
      expect(world.db.get(key(7))).toBeDefined();
      world.db.put('still', 'writable');
      world.db.exportColumnFamily('/exported again').free();
    },
  },
  {
    name: 'reading a table',
    prepare: writeFile,
    work: ({ engine }) =>
      using(new SstFileReader(engine, '/new.sst'), (reader) => {
        reader.verifyChecksum();
        using(reader.iterator(), (iterator) => expect([...iterator].length).toBe(KEYS));
      }),
  },
];

describe('a fault in any call of', () => {
  it.each(SCENARIOS)(
    '$name',
    async ({ prepare, work, after }) => {
      let struck = 0;
      for (let nth = 1; ; nth += LONG || nth < 40 ? 1 : 3) {
        const world = await makeWorld();
        prepare?.(world);
        let calls = 0;
        let what: Operation | undefined;
        world.fileSystem.fault = (operation) => {
          if (++calls !== nth) return undefined;
          what = operation;
          return 'EIO';
        };
        let error: unknown;
        try {
          work(world);
        } catch (thrown) {
          error = thrown;
        }
        world.fileSystem.fault = undefined;
        const where = `call ${nth}: ${what}`;
        if (error !== undefined) {
          expect(error, where).toBeInstanceOf(RocksDBError);
          struck++;
          try {
            after?.(world);
          } catch (cause) {
            throw new Error(`after ${where}, which failed with ${(error as Error).message}`, {
              cause,
            });
          }
        }
        expect(world.engine.crashed, where).toBe(false);
        world.db.close();
        ledgerIsClean(world.engine);
        assertNothingIsLeft(world);
        world.engine.free();
        if (calls < nth) break;
      }
      expect(struck).toBeGreaterThan(3);
    },
    300_000,
  );
});
