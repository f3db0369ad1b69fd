/** What opening a database needs: options to text, column families on disk, folders of the engine. */

import { type Attachment, stageAttachments } from './attachments.js';
import type { ColumnFamilyOpenOptions, EncodingOptions } from './column-family.js';
import type { Encoding } from './encoding.js';
import { codecOf } from './encoding.js';
import { checkEngineOptions, ENGINE_OPTIONS, type Engine, type EngineOptions } from './engine.js';
import { CallbackError, InvalidOptionError } from './errors.js';
import { isThere } from './file-errors.js';
import {
  ColumnFamilyDescriptorLayout,
  type ColumnFamilyPtr,
  type DbPtr,
  OpenRequestLayout,
  SliceLayout,
} from './native/exports.gen.js';
import type { Bytes } from './native/staging.js';
import type { DbPath } from './object-options.js';
import {
  type ColumnFamilySettings,
  type DBSettings,
  formatColumnFamilyOptions,
  formatDBOptions,
  splitOpenOptions,
} from './options.js';
import { databasePath } from './paths.js';
import { shown } from './shown.js';

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
    /** With `readOnly`: refuse a database whose log holds what is not in its files yet. Default: false. */
    errorIfWalFileExists?: boolean;
    /** Of DBWithTTL: seconds that entries of the default column family live. Default: for ever. */
    timeToLive?: number;
    /**
     * Options of column families by name. What is not given, here or at the top level, is as RocksDB
     * stored it when the family was last open; all families on disk are opened. Those named but not on
     * disk are an error unless `createMissingColumnFamilies`. Encodings are those at the top level unless
     * the family has its own.
     */
    columnFamilies?: Readonly<Record<string, ColumnFamilyOpenOptions>>;
    /** Called by `close()` with the handles that had not been freed. Default: a process warning. */
    onUnreleased?: (handles: readonly import('./monitor/ledger.js').HandleRecord[]) => void;
  };

const OWN_OPTIONS = [
  ...ENGINE_OPTIONS,
  'engine',
  'readOnly',
  'errorIfWalFileExists',
  'timeToLive',
  'columnFamilies',
  'keyEncoding',
  'valueEncoding',
  'onUnreleased',
] as const;
const FAMILY_OPTIONS = ['keyEncoding', 'valueEncoding', 'timeToLive'] as const;

export const DEFAULT_FAMILY = 'default';

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
  /** Seconds, of DBWithTTL; undefined: for ever. */
  readonly timeToLive: number | undefined;
  readonly encodings: EncodingOptions;
}

/** In which of RocksDB's ways a database is opened. */
export interface OpenHow {
  /** rdb_open_mode */
  readonly mode: number;
  readonly readOnly: boolean;
  /** A second folder that the mode asks for: a secondary's own, a follower's leader. */
  readonly otherPath?: Bytes;
  /** Where the column families are looked up. Default: in the database's folder. */
  readonly familiesFrom?: string;
  /** Folders that it reads or writes beside the database's own. */
  readonly folders?: readonly string[];
  /** Its entries may have a time to live. */
  readonly expires?: boolean;
  readonly errorIfWalFileExists?: boolean;
  /** It is never created. */
  readonly mustExist?: boolean;
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
  const encodings = encodingsOf(own);
  const named = Object.entries(own.columnFamilies ?? {}).map(([name, given]) => {
    if (name === DEFAULT_FAMILY) {
      throw new InvalidOptionError(
        "columnFamilies: the default column family's options stand at the top level",
        `columnFamilies.${name}`,
        given,
      );
    }
    const parts = splitFamilyOptions(given, `columnFamilies.${name}`);
    return family(name, parts.columnFamily, { ...encodings, ...definedOf(parts.own) }, true);
  });
  return { own, db: split.db, dbOptions, attachments, families: [defaultFamily, ...named] };
}

export type CheckedOptions = ReturnType<typeof checkOpenOptions>;

/** The encodings at the top level: those of every column family that has none of its own. */
export function encodingsOf({ keyEncoding, valueEncoding }: EncodingOptions): EncodingOptions {
  return definedOf({ keyEncoding, valueEncoding });
}

function definedOf<T extends object>(given: T): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

/** What is said of a family beside RocksDB's options. */
type FamilyOwn = EncodingOptions & { timeToLive?: number };

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
  return { columnFamily: split.columnFamily, own: split.own as FamilyOwn };
}

export function family(
  name: string,
  options: ColumnFamilySettings,
  encodings: FamilyOwn,
  persisted: boolean,
): Family {
  const { text, attachments } = formatColumnFamilyOptions(options);
  const { timeToLive } = encodings;
  if (timeToLive !== undefined && !isInt32(timeToLive)) {
    throw new InvalidOptionError(
      `timeToLive: expected a number of seconds, 1 to 2147483647, got ${shown(timeToLive)}`,
      'timeToLive',
      timeToLive,
    );
  }
  return { name, options: text, attachments, persisted, timeToLive, encodings };
}

const isInt32 = (value: unknown) =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0x7fffffff;

/** Throws when a time to live is given where it would not be kept. */
export function assertExpiring(families: readonly Family[], expires: boolean): void {
  const wrong = expires ? undefined : families.find((each) => each.timeToLive !== undefined);
  if (wrong === undefined) return;
  throw new InvalidOptionError(
    `timeToLive: column family '${wrong.name}' is not of a DBWithTTL: open the database with that`,
    'timeToLive',
    wrong.timeToLive,
  );
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
    put(layout.ttl, family.timeToLive ?? 0);
  });
  return base;
}

/** Names of the column families on disk; undefined when there is no database. */
export function familiesOnDisk(engine: Engine, path: string): string[] | undefined {
  if (!isThere(engine, `${path}/CURRENT`)) return undefined;
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
export function takeStrings(engine: Engine, count: number): string[] {
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

/** Folders that these options put files into, beside the database's own. */
export function foldersOf(checked: CheckedOptions): string[] {
  const { walDir, dbLogDir, dbPaths = [] } = checked.db as DBSettings;
  const families = checked.families.flatMap(({ attachments }) => attachments);
  const cfPaths = families.filter(({ option }) => option === 'cfPaths');
  const paths = [dbPaths, ...cfPaths.map(({ value }) => value as readonly DbPath[])].flat();
  const folders = [walDir, dbLogDir, ...paths.map(({ path }) => path)];
  return folders
    .filter((folder) => folder !== undefined && folder !== '')
    .map((folder) => databasePath(folder));
}

export interface Opened {
  readonly db: DbPtr;
  readonly handles: readonly ColumnFamilyPtr[];
}

/** What reaches the wasm of a plan. */
export type RequestPlan = Pick<OpenPlan, 'path' | 'how' | 'dbOptions' | 'attachments' | 'families'>;

/** Writes a plan into staging; it stays there until its end(). */
export function stageRequest(engine: Engine, plan: RequestPlan): number {
  const { native, staging } = engine;
  const layout = OpenRequestLayout;
  const { families, how } = plan;
  const request = staging.reserve(layout.byteLength);
  const put = (offset: number, value: number) => native.heap.setWord(request + offset, value);
  const pushText = (at: number, lengthAt: number, text: Bytes, what: string) => {
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
  put(layout.readOnly, how.readOnly ? 1 : 0);
  put(layout.errorIfWalExists, how.errorIfWalFileExists ? 1 : 0);
  return request;
}

export function openNative(engine: Engine, plan: OpenPlan): Opened {
  const { native, staging, out } = engine;
  assertExpiring(plan.families, plan.how.expires === true);
  staging.begin();
  try {
    const { families } = plan;
    const request = stageRequest(engine, plan);
    const handles = staging.reserve(4 * families.length);
    const status = native.calls.rdb_db_open(request, out, handles);
    const opened = {
      db: native.heap.getWord(out) as DbPtr,
      handles: families.map((_, i) => native.heap.getWord(handles + 4 * i) as ColumnFamilyPtr),
    };
    try {
      native.check(status);
    } catch (error) {
      if (status === 0) closeNative(engine, opened); // a callback threw, which RocksDB did not hear of
      throw error;
    }
    return opened;
  } finally {
    staging.end();
  }
}

/** Closes what no wrapper holds. What callbacks throw meanwhile is dropped for the error that led here. */
function closeNative({ native: { calls } }: Engine, { db, handles }: Opened): void {
  const attempt = (call: () => number) => {
    try {
      call();
    } catch (error) {
      if (!(error instanceof CallbackError)) throw error;
    }
  };
  for (const handle of handles) attempt(() => calls.rdb_column_family_free(db, handle));
  attempt(() => calls.rdb_db_close(db));
}
