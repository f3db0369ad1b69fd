/** Sessions of users who are signed in, with an index by when they end; a sweep deletes what has ended. */
import { type Database, program, type World } from '../world.js';

const USERS = 3000;
const SESSION_MS = 4000;
const SWEEP_EVERY = 10;
/** Of one sweep, so that no request waits for long. */
const SWEPT_MAX = 16;
const STORM = 30;

const stampOf = (ms: number) => String(ms).padStart(15, '0');

interface Store {
  readonly db: Database;
  ticks: number;
  signedIn: number;
}

function signIn({ db }: Store, user: number, now: number): void {
  const batch = db.batch();
  batch.put(`session/${user}`, JSON.stringify({ user, since: now }));
  batch.put(`end/${stampOf(now + SESSION_MS)}/${user}`, String(user));
  db.write(batch);
  batch.free();
}

function* ended(db: Database, now: number): Generator<[string, string]> {
  const index = db.iterator({ gte: 'end/', lt: `end/${stampOf(now)}` });
  for (const entry of index) yield entry;
  index.free();
}

function sweep({ db }: Store, now: number): number {
  let swept = 0;
  for (const [key, user] of ended(db, now)) {
    db.delete(key);
    db.delete(`session/${user}`);
    if (++swept === SWEPT_MAX) break;
  }
  return swept;
}

function request(store: Store, world: World): void {
  const { random, now } = world;
  for (let i = 0; i < 4; i++) store.db.get(`session/${random.skewed(USERS)}`);
  // All of a company come back from lunch.
  const arrivals = world.chance('storm', 1 / 250) ? STORM : random.below(3);
  for (let i = 0; i < arrivals; i++) signIn(store, store.signedIn++ % USERS, now);
}

export default program({
  everyMs: 20,

  setup(world): Store {
    return { db: world.open('sessions'), ticks: 0, signedIn: 0 };
  },

  operation(store, world) {
    request(store, world);
    if (++store.ticks % SWEEP_EVERY === 0) sweep(store, world.now);
  },

  settle(store, world) {
    world.wait(SESSION_MS + 1);
    while (sweep(store, world.now) > 0);
  },

  teardown({ db }) {
    db.close();
  },
});
