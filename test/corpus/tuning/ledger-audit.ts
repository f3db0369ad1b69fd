/** Entries of a ledger, and an auditor who reads all of them, of one state, an hour long; then the next one begins. */
import type { DBIterator, Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ENTRIES = 3600;
const READ_EVERY_MS = 1000;

interface Audit {
  readonly state: Snapshot;
  readonly entries: DBIterator<string, string>;
  sum: number;
}

interface Books {
  readonly db: Database;
  audit: Audit | undefined;
  nextReadAt: number;
  audits: number;
}

const keyOf = (entry: number) => `entry/${String(entry).padStart(6, '0')}`;

function begin(books: Books): void {
  const state = books.db.snapshot();
  books.audit = { state, entries: books.db.iterator({ snapshot: state }), sum: 0 };
}

function end(books: Books, { entries, state }: Audit): void {
  entries.free();
  state.free();
  books.audit = undefined;
  books.audits++;
}

function advance(books: Books, now: number): void {
  if (books.audit === undefined) begin(books);
  const { audit } = books;
  if (audit === undefined || now < books.nextReadAt) return;
  books.nextReadAt = now + READ_EVERY_MS;
  const entry = audit.entries.next();
  if (entry === undefined) end(books, audit);
  else audit.sum += Number(entry[1]);
}

function book({ db }: Books, { random }: World): void {
  const some = db.iterator({ gte: keyOf(random.below(ENTRIES)), limit: 8 });
  try {
    for (const [key, amount] of some) if (random.below(3) === 0) db.put(key, String(-amount));
  } finally {
    some.free();
  }
}

export default program({
  everyMs: 200,

  setup(world): Books {
    const db = world.open('books');
    const batch = db.batch();
    for (let i = 0; i < ENTRIES; i++) batch.put(keyOf(i), String(i % 100));
    db.write(batch);
    batch.free();
    return { db, audit: undefined, nextReadAt: 0, audits: 0 };
  },

  operation(books, world) {
    book(books, world);
    advance(books, world.now);
  },

  settle(books) {
    if (books.audit !== undefined) end(books, books.audit);
  },

  teardown({ db }) {
    db.close();
  },
});
