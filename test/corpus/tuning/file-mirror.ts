/** Copies of the database's files are made elsewhere; while they are copied none may be deleted. */
import { type Database, program, type World } from '../world.js';

const RECORDS = 300;

interface Mirror {
  readonly db: Database;
  mirrored: number;
  failed: number;
}

class NoSpace extends Error {}

function copy(files: readonly string[], full: boolean): number {
  if (full) throw new NoSpace(files[0]);
  return files.length;
}

function mirror(state: Mirror, full: boolean): void {
  const hold = state.db.disableFileDeletions();
  const { files } = state.db.getLiveFiles({ flushMemtable: false });
  state.mirrored += copy(files, full);
  hold.free();
}

function work({ db }: Mirror, { random }: World): void {
  for (let i = 0; i < 6; i++) {
    const record = `record/${random.below(RECORDS)}`;
    if (db.has(record)) db.put(record, 'y'.repeat(20 + random.below(20)));
    else db.put(record, 'new');
  }
}

export default program({
  everyMs: 35,

  setup(world): Mirror {
    return { db: world.open('records'), mirrored: 0, failed: 0 };
  },

  operation(state, world) {
    work(state, world);
    if (!world.chance('mirror', 1 / 60)) return;
    try {
      mirror(state, world.chance('disk full', 1 / 12));
    } catch (error) {
      if (!(error instanceof NoSpace)) throw error;
      state.failed++;
    }
  },

  teardown({ db }) {
    db.close();
  },
});
