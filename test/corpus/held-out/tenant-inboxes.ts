/** Inboxes, a cursor a customer, which is brought up to date for each look. Customers come, and stay. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const CUSTOMERS_AT_FIRST = 5;
const CUSTOMERS_MAX = 240;
/** Requests from one new customer to the next. */
const SIGN_UP_EVERY = 120;
const MESSAGES_MAX = 30;

interface Inboxes {
  readonly db: Database;
  readonly cursors: Map<number, DBIterator<string, string>>;
  customers: number;
  requests: number;
  messages: number;
}

function cursorOf({ db, cursors }: Inboxes, customer: number): DBIterator<string, string> {
  let cursor = cursors.get(customer);
  if (cursor === undefined) {
    cursor = db.iterator({ prefix: `${customer}/` });
    cursors.set(customer, cursor);
  } else {
    cursor.refresh();
  }
  return cursor;
}

function deliver(inboxes: Inboxes, customer: number): void {
  const place = inboxes.messages++ % MESSAGES_MAX;
  inboxes.db.put(`${customer}/${place}`, `message ${inboxes.messages}`);
}

function look(inboxes: Inboxes, { random }: World): number {
  const cursor = cursorOf(inboxes, random.below(inboxes.customers));
  return cursor.nextMany(4 + random.below(4)).length;
}

export default program({
  setup(world): Inboxes {
    const db = world.open('inboxes');
    return { db, cursors: new Map(), customers: CUSTOMERS_AT_FIRST, requests: 0, messages: 0 };
  },

  operation(inboxes, world) {
    const { random } = world;
    if (++inboxes.requests % SIGN_UP_EVERY === 0 && inboxes.customers < CUSTOMERS_MAX) {
      inboxes.customers++;
    }
    for (let i = 0; i < 4; i++) deliver(inboxes, random.below(inboxes.customers));
    look(inboxes, world);
  },

  settle({ cursors }) {
    for (const cursor of cursors.values()) cursor.free();
    cursors.clear();
  },

  teardown({ db }) {
    db.close();
  },
});
