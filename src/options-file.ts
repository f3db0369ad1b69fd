/** OPTIONS files: what RocksDB stores of the options that a database was open with. */
import { dirname } from 'node:path';
import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { withFolders } from './folders.js';
import { onEngine, withRequest } from './maintenance.js';
import { type DbPtr, OpenMode, SliceLayout } from './native/exports.gen.js';
import { checkOpenOptions, type OpenOptions, stageRequest, takeStrings } from './open.js';
import type { ColumnFamilyOptions, DBOptions } from './options.js';
import { parseOptions } from './options-text.js';
import { databasePath } from './paths.js';

/** What an OPTIONS file holds. */
export interface StoredOptions {
  /** The file, absolute. */
  readonly file: string;
  readonly db: DBOptions;
  /** By name, the default one among them. */
  readonly columnFamilies: Readonly<Record<string, ColumnFamilyOptions>>;
}

export function loadLatestOptions(path: string, options: OpenOptions): Promise<StoredOptions> {
  return onEngine(path, options, (engine, resolved) => {
    try {
      return load(engine, resolved, true);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== 'ERR_ROCKSDB_NOT_FOUND' && code !== 'ERR_ROCKSDB_PATH_NOT_FOUND') throw error;
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_DATABASE_MISSING',
        `there is no OPTIONS file in ${resolved}: give the folder of a database`,
        { cause: error },
      );
    }
  });
}

export function loadOptionsFromFile(file: string, options: OpenOptions): Promise<StoredOptions> {
  const resolved = databasePath(file);
  return onEngine(dirname(resolved), options, (engine) => load(engine, resolved, false));
}

export function checkOptionsCompatibility(path: string, options: OpenOptions): Promise<void> {
  return onEngine(path, options, (engine, resolved, checked) => {
    const { calls } = engine.native;
    withRequest(engine, resolved, checked, (request) =>
      calls.rdb_options_check_compatibility(request),
    );
  });
}

export function optionChangeMigration(
  path: string,
  from: OpenOptions,
  to: OpenOptions,
): Promise<void> {
  const target = checkOpenOptions(to);
  return onEngine(path, from, (engine, resolved, checked) => {
    const { calls } = engine.native;
    const how = { mode: OpenMode.OpenReadWrite, readOnly: false };
    const families = target.families.map((each) => ({ ...each, persisted: false }));
    withRequest(engine, resolved, checked, (request) =>
      calls.rdb_options_migrate(
        request,
        stageRequest(engine, { ...target, families, path: resolved, how }),
      ),
    );
    engine.settle();
  });
}

/** Writes the options in force to a file. Its folder must be there. */
export function saveOptions(
  engine: Engine,
  db: DbPtr,
  families: readonly AnyColumnFamily[],
  file: string,
): void {
  const { native, staging } = engine;
  const resolved = databasePath(file);
  withFolders(engine, [dirname(resolved)], () => {
    staging.begin();
    try {
      const at = staging.reserve(4 * families.length);
      families.forEach(({ pointer }, index) => {
        native.heap.setWord(at + 4 * index, pointer);
      });
      staging.push(resolved, 'file', 0xffff);
      const { address, length } = staging;
      native.check(native.calls.rdb_options_save(db, at, families.length, address, length));
    } finally {
      staging.end();
    }
  });
}

function load(engine: Engine, path: string, latest: boolean): StoredOptions {
  const { native, staging, out } = engine;
  const count = out + SliceLayout.byteLength;
  staging.begin();
  let texts: string[];
  try {
    staging.push(path, 'path', 0xffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_options_load(address, length, latest ? 1 : 0, out, count));
    texts = takeStrings(engine, native.heap.getWord(count));
  } finally {
    staging.end();
  }
  const [file = '', db = '', ...families] = texts;
  const columnFamilies: Record<string, ColumnFamilyOptions> = {};
  for (let i = 0; i + 1 < families.length; i += 2) {
    columnFamilies[families[i] as string] = parseOptions(families[i + 1] as string, 'columnFamily');
  }
  return { file, db: parseOptions(db, 'db'), columnFamilies };
}
