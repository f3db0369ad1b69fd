/** Mail to lists: at any time somebody may write to one, and a cursor a recipient is at work until all is sent. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program } from '../world.js';

const MEMBERS = 160;
const SENT_PER_OPERATION = 3;

interface Lists {
  readonly db: Database;
  readonly outgoing: DBIterator<string, string>[];
  posted: number;
}

function post(lists: Lists): void {
  const number = lists.posted++ % 50;
  lists.db.put(`mail/${number}`, `text ${lists.posted}`);
  for (let member = 0; member < MEMBERS; member++) {
    lists.outgoing.push(lists.db.iterator({ gte: `mail/${number}`, limit: 1 }));
  }
}

function send({ outgoing }: Lists): void {
  for (let i = 0; i < SENT_PER_OPERATION; i++) {
    const mail = outgoing.shift();
    if (mail === undefined) return;
    mail.next();
    mail.free();
  }
}

export default program({
  everyMs: 40,

  setup(world): Lists {
    return { db: world.open('mail'), outgoing: [], posted: 0 };
  },

  operation(lists, world) {
    const { random } = world;
    if (world.chance('post', 1 / 220)) post(lists);
    for (let i = 0; i < 7; i++) lists.db.get(`mail/${random.below(50)}`);
    lists.db.put(`read/${random.below(MEMBERS)}`, String(world.now));
    send(lists);
  },

  settle(lists) {
    while (lists.outgoing.length > 0) send(lists);
  },

  teardown({ db }) {
    db.close();
  },
});
