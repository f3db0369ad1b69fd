import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Encoding } from '../encoding.js';
import type { OpenOptions } from '../open.js';
import { RocksDB } from '../rocksdb.js';
import { NodeFileSystem } from '../wasi/node-fs.js';
import type { LeakError } from './leak-error.js';
import { liveHandles } from './live-handles.js';
import { pointAt } from './places.js';
import { type AnyRocksDB, Scope } from './scope.js';

/** A database for one test, and what ends it. */
export interface TestDatabase<KE extends Encoding, VE extends Encoding> {
  readonly db: RocksDB<KE, VE>;
  /** Comes to a quiescent point; the LeakError of the handles that are live then. */
  leak(): Promise<LeakError | undefined>;
  /** Closes it and removes its files. */
  dispose(): void;
}

/**
 * Opens a new, empty database: in a temporary folder, or at `/db` of `options.fileSystem` (or that of
 * `options.engine`) when that is not the real one. Where each handle is made is recorded, unless the options
 * say otherwise.
 */
export async function openForTest<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  options: OpenOptions<KE, VE> = {},
): Promise<TestDatabase<KE, VE>> {
  const { engine } = options;
  const fileSystem = options.fileSystem ?? engine?.fileSystem;
  const onDisk = fileSystem === undefined || fileSystem instanceof NodeFileSystem;
  const folder = onDisk ? temporaryFolder() : undefined;
  const remove = () => {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  };
  const own = engine === undefined ? ({ tracking: 'track' } as const) : {};
  try {
    const db = await RocksDB.open<KE, VE>(folder === undefined ? '/db' : path.join(folder, 'db'), {
      createIfMissing: true,
      onUnreleased: () => {}, // they are reported as a leak
      ...own,
      ...options,
    });
    return {
      db,
      leak: () => leakOf(db, engine === undefined),
      dispose: () => {
        try {
          if (!db.engine.crashed) db.close();
        } finally {
          remove();
        }
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function temporaryFolder(): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-test-')));
}

async function leakOf(db: AnyRocksDB, ownsEngine: boolean): Promise<LeakError | undefined> {
  if (db.freed || db.engine.crashed) return undefined;
  const scope = new Scope(ownsEngine ? { engines: [db.engine] } : { db });
  await scope.quiesce();
  const leak = liveHandles(db);
  // No call of the user's is at fault but the one that made it.
  return leak && pointAt(leak, leak.leaks[0]?.site);
}

/**
 * Runs `fn` with a new, empty database, which is closed and removed afterwards; resolves to its result.
 * Throws LeakError when `fn` left handles live: free also the column families that it created. What `fn`
 * itself throws is thrown on instead.
 */
export async function withDb<Result, KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  fn: (db: RocksDB<KE, VE>) => Result | Promise<Result>,
  options: OpenOptions<KE, VE> = {},
): Promise<Result> {
  const test = await openForTest(options);
  try {
    const result = await fn(test.db);
    const leak = await test.leak();
    if (leak !== undefined) throw leak;
    return result;
  } finally {
    test.dispose();
  }
}
