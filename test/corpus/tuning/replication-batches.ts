/** Changes go to a replica in batches, which are kept until it says how far it is; that it does now and then. */
import type { WriteBatch } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const KEYS = 300;
/** Operations from one acknowledgement to the next. */
const ACKNOWLEDGED_EVERY = 350;
/** How far the replica is behind then, at most. */
const BEHIND_MAX = 60;

interface Replication {
  readonly db: Database;
  readonly sent: WriteBatch<'utf8', 'utf8'>[];
  operations: number;
}

function replicate({ db, sent }: Replication, { random }: World): void {
  const batch = db.batch();
  for (let i = 0; i < 4; i++) batch.put(`key/${random.below(KEYS)}`, `value ${random.below(100)}`);
  db.write(batch);
  sent.push(batch);
}

function acknowledge({ sent }: Replication, behind: number): void {
  while (sent.length > behind) sent.shift()?.free();
}

export default program({
  everyMs: 5,

  setup(world): Replication {
    return { db: world.open('replicated'), sent: [], operations: 0 };
  },

  operation(replication, world) {
    const { random } = world;
    replicate(replication, world);
    for (let i = 0; i < 6; i++) replication.db.get(`key/${random.below(KEYS)}`);
    if (++replication.operations % ACKNOWLEDGED_EVERY === 0) {
      acknowledge(replication, random.below(BEHIND_MAX));
    }
  },

  settle(replication) {
    acknowledge(replication, 0);
  },

  teardown({ db }) {
    db.close();
  },
});
