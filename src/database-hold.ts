import { BusyError } from './errors.js';
import type { DbPtr } from './native/exports.gen.js';
import type { HandleCore, Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';

/** How often each is held at the moment, in one database. */
export interface Holds {
  walLock: number;
  backgroundPause: number;
  fileDeletions: number;
}
export type HoldName = keyof Holds;

const CALLS = {
  walLock: ['rdb_db_lock_wal', 'rdb_db_unlock_wal'],
  backgroundPause: ['rdb_db_pause_background_work', 'rdb_db_continue_background_work'],
  fileDeletions: ['rdb_db_disable_file_deletions', 'rdb_db_enable_file_deletions'],
} as const;

/**
 * Something of a database that stands still as long as it lives: its log (`db.lockWAL()`), its background work
 * (`db.pauseBackgroundWork()`), or the deletion of its files (`db.disableFileDeletions()`). They nest: the last one to be freed lets it go on.
 */
export class DatabaseHold extends NativeObject {
  /** @internal Takes the hold. */
  constructor(db: NativeObject, holds: Holds, name: HoldName) {
    const { context, pointer } = db.core;
    context.native.check(context.native.calls[CALLS[name][0]](pointer as DbPtr));
    holds[name]++; // before it can be released again, when a policy refuses it
    super(context, 'databaseHold', db, 0, releaserOf(holds, name), name);
  }

  /** @internal Gives up the newest hold of that name, whoever has its handle. False: there is none. */
  static endNewest(db: HandleCore, name: HoldName): boolean {
    let newest: HandleCore | undefined;
    for (const core of db.descendants()) {
      const { record } = core;
      if (record.kind !== 'databaseHold' || record.name !== name) continue;
      if (newest === undefined || record.id > newest.record.id) newest = core;
    }
    newest?.releaseAs('freed');
    return newest !== undefined;
  }
}

function releaserOf(holds: Holds, name: HoldName): Release {
  return ({ context, parent }) => {
    holds[name]--;
    const db = (parent as HandleCore).pointer as DbPtr;
    context.native.check(context.native.calls[CALLS[name][1]](db));
    context.settle();
  };
}

/** @internal Throws while the log is locked: RocksDB would have the call wait for ever. */
export function assertLogUnlocked(holds: Holds, call: string): void {
  if (holds.walLock === 0) return;
  throw new BusyError(
    'ERR_ROCKSDB_WAL_LOCKED',
    `${call} waits for the log, which is locked: free the hold of lockWAL() first`,
  );
}

/**
 * @internal Throws for `call`, which waits for a flush or compaction, while background work is paused, and
 * while the log is locked, which a flush begins a new file of.
 */
export function assertBackgroundRuns(holds: Holds, call: string): void {
  assertLogUnlocked(holds, call);
  if (holds.backgroundPause === 0) return;
  throw new BusyError(
    'ERR_ROCKSDB_BACKGROUND_PAUSED',
    `${call} waits for background work, which is paused: free the hold of pauseBackgroundWork() first`,
  );
}
