/** What opening a database needs: options to text, column families on disk, folders of the engine. */
import { resolve } from 'node:path';
import { type Attachment, stageAttachments } from './attachments.js';
import type { ColumnFamilyOpenOptions, EncodingOptions } from './column-family.js';
import type { Encoding } from './encoding.js';
import { codecOf } from './encoding.js';
import { checkEngineOptions, ENGINE_OPTIONS, type Engine, type EngineOptions } from './engine.js';
import { InvalidArgumentError, InvalidOptionError } from './errors.js';
import {
  ColumnFamilyDescriptorLayout,
  type ColumnFamilyPtr,
  type DbPtr,
  OpenRequestLayout,
  SliceLayout,
} from './native/exports.gen.js';
import {
  type ColumnFamilySettings,
  type DBSettings,
  formatColumnFamilyOptions,
  formatDBOptions,
  splitOpenOptions,
} from './options.js';

/** RocksDB's database options and the default column family's, the engine's, and those of this package. */
export type OpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = DBSettings &
  ColumnFamilySettings &
  EngineOptions &
  EncodingOptions<KE, VE> & {
    /** Open it on this engine, shared with other databases. Default: an engine of its own. */
    engine?: Engine;
    /** No writes, no lock: several processes may read what one writes (as it was when they opened it). */
    readOnly?: boolean;
    /**
     * Options of column families by name. What is not given, here or at the top level, is as RocksDB
     * stored it when the family was last open; all families on disk are opened. Those named but not on
     * disk are an error unless `createMissingColumnFamilies`.
     */
    columnFamilies?: Readonly<Record<string, ColumnFamilyOpenOptions>>;
    /** Called by `close()` with the handles that had not been freed. Default: a process warning. */
    onUnreleased?: (handles: readonly import('./monitor/ledger.js').HandleRecord[]) => void;
  };

const OWN_OPTIONS = [
  ...ENGINE_OPTIONS,
  'engine',
  'readOnly',
  'columnFamilies',
  'keyEncoding',
  'valueEncoding',
  'onUnreleased',
] as const;
const FAMILY_OPTIONS = ['keyEncoding', 'valueEncoding'] as const;

export const DEFAULT_FAMILY = 'default';

/** The absolute path that a database is known by. */
export function databasePath(path: unknown): string {
  if (typeof path !== 'string' || path === '') {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `path: expected a folder's path, got ${path === '' ? 'an empty string' : typeof path}`,
    );
  }
  if (path.includes('\0')) {
    throw new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', 'path: it has a NUL in it');
  }
  return resolve(path);
}

interface Family {
  readonly name: string;
  readonly options: string;
  /** Its options that a string cannot say. */
  readonly attachments: readonly Attachment[];
  /**
   * Stored options are the base. Opening a family without its merge operator, for one, would lose what
   * the log has after the first merge: RocksDB ends its replay there.
   */
  readonly persisted: boolean;
  readonly encodings: EncodingOptions;
}

/** In which of RocksDB's ways a database is opened. */
export interface OpenHow {
  /** rdb_open_mode */
  readonly mode: number;
  readonly readOnly: boolean;
  /** A second folder that the mode asks for: a secondary's own, a follower's leader. */
  readonly otherPath?: string;
  /** Where the column families are looked up. Default: in the database's folder. */
  readonly familiesFrom?: string;
  /** Folders that it reads or writes beside the database's own. */
  readonly folders?: readonly string[];
  /** Writes what the mode has options for into staging; returns the address (rdb_open_request.mode_options). */
  readonly stageOptions?: (engine: Engine) => number;
}

export interface OpenPlan {
  readonly path: string;
  readonly how: OpenHow;
  readonly readOnly: boolean;
  readonly dbOptions: string;
  readonly attachments: readonly Attachment[];
  readonly families: readonly Family[];
  /** Folders beside the database's own: db_paths, wal_dir, db_log_dir and the like. */
  readonly folders: readonly string[];
  readonly onUnreleased: OpenOptions['onUnreleased'];
}

/** Checks all options; nothing has reached an engine yet. */
export function checkOpenOptions(options: OpenOptions) {
  const split = splitOpenOptions(options, OWN_OPTIONS);
  const own = split.own as OpenOptions;
  if (own.engine !== undefined) {
    const clash = ENGINE_OPTIONS.find((name) => own[name] !== undefined);
    if (
      clash !== undefined &&
      !(clash === 'background' && own.background === own.engine.background)
    ) {
      throw new InvalidOptionError(
        `${clash}: the engine that is given has its own; set it on Engine.create`,
        clash,
        own[clash],
      );
    }
  }
  checkEngineOptions(own);
  codecOf(own.keyEncoding, 'keyEncoding');
  codecOf(own.valueEncoding, 'valueEncoding');
  const { text: dbOptions, attachments } = formatDBOptions(split.db);
  const defaultFamily = family(DEFAULT_FAMILY, split.columnFamily, own, true);
  const named = Object.entries(own.columnFamilies ?? {}).map(([name, given]) => {
    if (name === DEFAULT_FAMILY) {
      throw new InvalidOptionError(
        "columnFamilies: the default column family's options stand at the top level",
        `columnFamilies.${name}`,
        given,
      );
    }
    const parts = splitFamilyOptions(given, `columnFamilies.${name}`);
    return family(name, parts.columnFamily, parts.own, true);
  });
  return { own, db: split.db, dbOptions, attachments, families: [defaultFamily, ...named] };
}

export type CheckedOptions = ReturnType<typeof checkOpenOptions>;

export function splitFamilyOptions(options: ColumnFamilyOpenOptions, where: string) {
  const split = splitOpenOptions(options, FAMILY_OPTIONS);
  const wrong = Object.keys(split.db)[0];
  if (wrong !== undefined) {
    throw new InvalidOptionError(
      `${where}.${wrong}: ${wrong} is a database option, not one of a column family`,
      `${where}.${wrong}`,
      split.db[wrong as keyof DBSettings],
    );
  }
  return { columnFamily: split.columnFamily, own: split.own as EncodingOptions };
}

export function family(
  name: string,
  options: ColumnFamilySettings,
  encodings: EncodingOptions,
  persisted: boolean,
): Family {
  const { text, attachments } = formatColumnFamilyOptions(options);
  return { name, options: text, attachments, persisted, encodings };
}

/** Writes descriptors into staging; the strings stay there until its end(). */
export function stageFamilies(engine: Engine, families: readonly Family[]): number {
  const { staging, native } = engine;
  const layout = ColumnFamilyDescriptorLayout;
  const base = staging.reserve(layout.byteLength * families.length);
  families.forEach((family, index) => {
    const at = base + index * layout.byteLength;
    const put = (offset: number, value: number) => native.heap.setWord(at + offset, value);
    staging.push(family.name, 'column family name', 0xffff);
    put(layout.name, staging.address);
    put(layout.nameLength, staging.length);
    staging.push(family.options, 'options', 0xffffff);
    put(layout.options, staging.address);
    put(layout.optionsLength, staging.length);
    put(layout.attachments, stageAttachments(engine, family.attachments));
    put(layout.attachmentCount, family.attachments.length);
    put(layout.persisted, family.persisted ? 1 : 0);
  });
  return base;
}

/** Names of the column families on disk; undefined when there is no database. */
export function familiesOnDisk(engine: Engine, path: string): string[] | undefined {
  if (!exists(engine, `${path}/CURRENT`)) return undefined;
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(path, 'path', 0xffff);
    const { address, length } = staging;
    const count = out + SliceLayout.byteLength;
    native.check(native.calls.rdb_db_list_column_families(address, length, out, count));
    return takeStrings(engine, native.heap.getWord(count));
  } finally {
    staging.end();
  }
}

/** Reads `count` packed strings from the slice at `out`, and frees it. */
function takeStrings(engine: Engine, count: number): string[] {
  const { heap, calls } = engine.native;
  const block = heap.getWord(engine.out + SliceLayout.data);
  const names: string[] = [];
  let at = block;
  for (let i = 0; i < count; i++) {
    const length = heap.getWord(at);
    names.push(heap.readText(at + 4, length));
    at += 4 + ((length + 3) & ~3);
  }
  calls.rdb_memory_free(block);
  return names;
}

function exists(engine: Engine, path: string): boolean {
  try {
    engine.fileSystem.stat(path);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Folders that these options put files into, beside the database's own. */
export function foldersOf(db: DBSettings): string[] {
  const folders = [db.walDir, db.dbLogDir].filter(
    (folder) => folder !== undefined && folder !== '',
  );
  return folders.map((folder) => databasePath(folder));
}

export interface Opened {
  readonly db: DbPtr;
  readonly handles: readonly ColumnFamilyPtr[];
}

export function openNative(engine: Engine, plan: OpenPlan): Opened {
  const { native, staging, out } = engine;
  const layout = OpenRequestLayout;
  staging.begin();
  try {
    const { families, how } = plan;
    const request = staging.reserve(layout.byteLength);
    const put = (offset: number, value: number) => native.heap.setWord(request + offset, value);
    const pushText = (at: number, lengthAt: number, text: string, what: string) => {
      staging.push(text, what, 0xffffff);
      put(at, staging.address);
      put(lengthAt, staging.length);
    };
    put(layout.mode, how.mode);
    pushText(layout.path, layout.pathLength, plan.path, 'path');
    pushText(layout.otherPath, layout.otherPathLength, how.otherPath ?? '', 'path');
    pushText(layout.options, layout.optionsLength, plan.dbOptions, 'options');
    put(layout.attachments, stageAttachments(engine, plan.attachments));
    put(layout.attachmentCount, plan.attachments.length);
    put(layout.families, stageFamilies(engine, families));
    put(layout.familyCount, families.length);
    put(layout.modeOptions, how.stageOptions?.(engine) ?? 0);
    const handles = staging.reserve(4 * families.length);
    native.check(native.calls.rdb_db_open(request, out, handles));
    return {
      db: native.heap.getWord(out) as DbPtr,
      handles: families.map((_, i) => native.heap.getWord(handles + 4 * i) as ColumnFamilyPtr),
    };
  } finally {
    staging.end();
  }
}
