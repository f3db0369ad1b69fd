/** Making one backup, with what the program has to say meanwhile. */

import type { Engine } from './engine.js';
import {
  type BackupEnginePtr,
  BackupExcludeLayout,
  BackupIdLayout,
  BackupProgressLayout,
  BackupRequestLayout,
  type DbPtr,
} from './native/exports.gen.js';
import { expected } from './option-errors.js';
import { fieldsOf, flag } from './option-values.js';

export interface CreateBackupOptions {
  /** Flush first; otherwise the backup has the log. Needed after writes with `disableWAL`. Default: false. */
  flushBeforeBackup?: boolean;
  /**
   * Called each time so many bytes were copied (`callbackTriggerIntervalSize`). It may call `stopBackup()`, and
   * nothing else of the engine; what it throws ends the backup with CallbackError.
   */
  progress?: () => void;
  /**
   * Called for each table or blob file that other backups could share, with its name relative to the backups'
   * folder: true leaves it out, and to restore the backup takes `alternateDirs`. Needs `schemaVersion: 2`.
   */
  excludeFiles?: (file: string) => boolean;
}

/** Text of the program's: RocksDB's limit. */
const MAX_METADATA_BYTES = 1024 * 1024;

interface Stoppable {
  /** How to stop the backup while it is being made. */
  set(stop: (() => void) | undefined): void;
}

export function createBackup(
  engine: Engine,
  backups: BackupEnginePtr,
  db: DbPtr,
  metadata: string,
  options: CreateBackupOptions,
  stoppable: Stoppable,
): number {
  fieldsOf('createNewBackup', options, ['flushBeforeBackup', 'progress', 'excludeFiles']);
  const flush = flag('flushBeforeBackup', options.flushBeforeBackup, false);
  const { progress, excludeFiles } = options;
  assertFunction('progress', progress);
  assertFunction('excludeFiles', excludeFiles);
  const { native, staging, out } = engine;
  let stopping = false;
  const { heap } = native;
  const callback = native.callbacks.add({
    methods: [
      (at) => {
        progress?.();
        heap.setWord(at + BackupProgressLayout.stop, stopping ? 1 : 0);
      },
      (at) => {
        const address = heap.getWord(at + BackupExcludeLayout.file);
        const name = heap.readText(address, heap.getWord(at + BackupExcludeLayout.fileLength));
        const exclude = excludeFiles?.(name) === true;
        heap.setWord(at + BackupExcludeLayout.exclude, exclude ? 1 : 0);
      },
    ],
  });
  const layout = BackupRequestLayout;
  stoppable.set(() => {
    stopping = true;
  });
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    const put = (offset: number, value: number) => heap.setWord(at + offset, value);
    staging.push(metadata, 'metadata', MAX_METADATA_BYTES);
    put(layout.metadata, staging.address);
    put(layout.metadataLength, staging.length);
    put(layout.flush, flush ? 1 : 0);
    put(layout.callback, callback);
    put(layout.progress, progress === undefined ? 0 : 1);
    put(layout.exclude, excludeFiles === undefined ? 0 : 1);
    native.check(native.calls.rdb_backup_engine_create(backups, db, at, out));
  } finally {
    staging.end();
    stoppable.set(undefined);
    native.callbacks.release(callback);
  }
  const id = heap.getWord(out + BackupIdLayout.id);
  engine.settle();
  return id;
}

function assertFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw expected('a function', name, value);
}
