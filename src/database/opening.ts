/** The steps that opening takes, whatever the kind of database. */

import { withEarlyLock } from '../database-lock.js';
import { Engine } from '../engine.js';
import { CallbackError, define, InvalidArgumentError, LockedError } from '../errors.js';
import { closeFolders, openFolders } from '../folders.js';
import { filesOf } from '../host-files.js';
import { callerSite } from '../monitor/sites.js';
import type { NativeObject } from '../native/native-object.js';
import {
  type CheckedOptions,
  encodingsOf,
  familiesOnDisk,
  family,
  foldersOf,
  type Opened,
  type OpenHow,
  type OpenPlan,
  openNative,
} from '../open.js';
import { noteOpening, noteRefused } from '../open-watch.js';
import { databasePath } from '../paths.js';

type Construct<D> = (engine: Engine, plan: OpenPlan, opened: Opened, ownsEngine: boolean) => D;

/** Opens it on the engine of the options, or on one of its own. */
export async function openDatabase<D extends NativeObject>(
  path: string,
  checked: CheckedOptions,
  how: OpenHow,
  construct: Construct<D>,
): Promise<D> {
  const resolved = databasePath(path);
  const { engine: shared } = checked.own;
  const site = callerSite();
  noteOpening(filesOf(shared?.fileSystem ?? checked.own.fileSystem), resolved, site);
  const engine = shared ?? (await Engine.create(checked.own));
  engine.ledger.origin = site;
  try {
    return openOn(engine, resolved, checked, how, construct, shared === undefined);
  } catch (error) {
    tellRefused(error, engine, resolved, site);
    if (shared === undefined) engine.context.events.suspend(() => engine.free());
    throw error;
  } finally {
    engine.ledger.origin = undefined;
  }
}

/** Opens it on an engine that exists already. */
export function openDatabaseOn<D extends NativeObject>(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  how: OpenHow,
  construct: Construct<D>,
): D {
  const resolved = databasePath(path);
  // Above the constructors of a database there is no room for the caller in the frames that are looked at.
  const site = callerSite();
  noteOpening(filesOf(engine.fileSystem), resolved, site);
  engine.ledger.origin = site;
  try {
    return openOn(engine, resolved, checked, how, construct, false);
  } catch (error) {
    tellRefused(error, engine, resolved, site);
    throw error;
  } finally {
    engine.ledger.origin = undefined;
  }
}

function tellRefused(error: unknown, { fileSystem }: Engine, path: string, site: string): void {
  if (!(error instanceof LockedError) || error.owner?.thisProcess !== true) return;
  noteRefused(filesOf(fileSystem), path, site);
}

function openOn<D extends NativeObject>(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  how: OpenHow,
  construct: Construct<D>,
  ownsEngine: boolean,
): D {
  engine.assertUsable();
  const folders = [path, ...(how.folders ?? []), ...foldersOf(checked)];
  openFolders(engine, folders);
  // Locked from before its column families are listed: whoever has it open may change them, and the files they are
  // listed in.
  const open = () =>
    construct(engine, ...openPlanned(engine, path, checked, how, folders), ownsEngine);
  let db: D;
  try {
    db = how.readOnly ? open() : withEarlyLock(engine, path, open);
  } catch (error) {
    // After a crash they went with the engine, and its error is the one to be seen.
    closeFolders(engine, folders);
    throw error;
  }
  try {
    engine.settle();
    return db;
  } catch (error) {
    // The database is open, and what a compaction met does not undo that: the next call tells.
    if (error instanceof CallbackError && error.background) {
      engine.context.background.keep(error);
      return db;
    }
    // A listener or logger threw: its error is the one to be seen, whatever they say to the closing.
    engine.context.events.suspend(() => db.free());
    if (error instanceof CallbackError) define(error, 'applied', false);
    throw error;
  }
}

/** Opens it natively, with the column families that it has and those that are given. */
function openPlanned(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  how: OpenHow,
  folders: readonly string[],
): [plan: OpenPlan, opened: Opened] {
  const onDisk = familiesOnDisk(engine, how.familiesFrom ?? path);
  if (onDisk === undefined && (how.mustExist || checked.db.createIfMissing !== true)) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_DATABASE_MISSING',
      `there is no database at ${how.familiesFrom ?? path}: pass createIfMissing, or correct the path`,
    );
  }
  const given = new Set(checked.families.map(({ name }) => name));
  const others = (onDisk ?? []).filter((name) => !given.has(name));
  const plan: OpenPlan = {
    path,
    how,
    readOnly: how.readOnly,
    dbOptions: checked.dbOptions,
    attachments: checked.attachments,
    // Not the default column family's time to live: nobody said that theirs expire.
    families: [
      ...checked.families,
      ...others.map((name) => family(name, {}, encodingsOf(checked.own), true)),
    ],
    folders,
    onUnreleased: checked.own.onUnreleased,
  };
  engine.context.assertRoom('db');
  engine.context.assertRoom('columnFamily', plan.families.length);
  return [plan, openNative(engine, plan)];
}
