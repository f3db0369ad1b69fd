/** An interface to orders in which requests are refused, given up and time out; each path cleans up after itself. */
import { type Database, program } from '../world.js';

const ORDERS = 400;
const PAGE = 8;

class Refused extends Error {}

const keyOf = (order: number) => `order/${String(order).padStart(5, '0')}`;

function* ordersFrom(db: Database, first: number): Generator<[string, string]> {
  const orders = db.iterator({ gte: keyOf(first), limit: PAGE });
  try {
    yield* orders;
  } finally {
    orders.free();
  }
}

function firstOpen(db: Database, from: number): string | undefined {
  for (const [key, state] of ordersFrom(db, from)) if (state === 'open') return key;
  return undefined;
}

function change(db: Database, key: string, refused: boolean): void {
  const batch = db.batch();
  try {
    batch.put(key, 'changed');
    if (refused) throw new Refused(key);
    db.write(batch);
  } finally {
    batch.free();
  }
}

/** Settles when it is given up. */
const givenUp = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('given up')));

async function slowly(db: Database, key: string, signal: AbortSignal): Promise<string | undefined> {
  const state = db.snapshot();
  try {
    await givenUp(signal);
    return db.get(key, { snapshot: state });
  } finally {
    state.free();
  }
}

async function impatiently(db: Database, key: string): Promise<string | undefined> {
  const abort = new AbortController();
  const slow = slowly(db, key, abort.signal);
  try {
    return await Promise.race([slow, Promise.resolve('timed out')]);
  } finally {
    abort.abort();
    await slow;
  }
}

export default program({
  setup(world) {
    const db = world.open('orders');
    for (let i = 0; i < ORDERS; i++) db.put(keyOf(i), 'open');
    return { db, refused: 0 };
  },

  async operation(state, world) {
    const { random } = world;
    const { db } = state;
    const key = firstOpen(db, random.below(ORDERS)) ?? keyOf(random.below(ORDERS));
    try {
      change(db, key, world.chance('refused', 1 / 6));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      state.refused++;
    }
    for (let i = 0; i < 4; i++) db.put(keyOf(random.below(ORDERS)), 'open');
    if (world.chance('impatient', 1 / 5)) await impatiently(db, key);
  },

  teardown({ db }) {
    db.close();
  },
});
