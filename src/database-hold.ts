import type { Engine } from './engine.js';
import type { DbPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';

/** A hold on the files of a database: none is deleted while one lives. Freed with its database at the latest. */
export class FileDeletionsHold extends NativeObject {
  /** @internal Made by `db.disableFileDeletions()`. */
  constructor(engine: Engine, db: NativeObject, pointer: DbPtr) {
    engine.native.check(engine.native.calls.rdb_db_disable_file_deletions(pointer));
    super(engine.context, 'databaseHold', db, 0, allowDeletions, 'file deletions disabled');
  }
}

function allowDeletions({ context, parent }: HandleCore): void {
  const { native } = context;
  const { pointer } = parent as HandleCore;
  native.check(native.calls.rdb_db_enable_file_deletions(pointer as DbPtr));
  context.settle();
}
