/** Workers with a cursor and a batch of their own each, for as long as the service runs. */
import type { DBIterator, WriteBatch } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const WORKERS = 16;
const KEYS = 700;
const WRITE_AT = 8;

interface Worker {
  readonly cursor: DBIterator<string, string>;
  readonly batch: WriteBatch<'utf8', 'utf8'>;
}

interface State {
  readonly db: Database;
  readonly workers: readonly Worker[];
}

const keyOf = (key: number) => `key/${String(key).padStart(4, '0')}`;

function work(db: Database, { cursor, batch }: Worker, { random }: World): void {
  cursor.refresh();
  cursor.seek(keyOf(random.below(KEYS)));
  for (const [key, value] of cursor.nextMany(4)) batch.put(key, `${value.slice(-8)}+`);
  if (batch.count < WRITE_AT) return;
  db.write(batch);
  batch.clear();
}

export default program({
  setup(world): State {
    const db = world.open('work');
    for (let i = 0; i < KEYS; i++) db.put(keyOf(i), 'value');
    const workers = Array.from({ length: WORKERS }, () => ({
      cursor: db.iterator(),
      batch: db.batch(),
    }));
    return { db, workers };
  },

  operation({ db, workers }, world) {
    // Some have much more to do than others.
    work(db, workers[world.random.skewed(WORKERS)] as Worker, world);
    db.get(keyOf(world.random.below(KEYS)));
  },

  teardown({ db }) {
    db.close();
  },
});
