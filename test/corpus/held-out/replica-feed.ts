/** Feeds a search engine from the write-ahead log: asks for news now and then, and sends what there is. */
import { type Database, program } from '../world.js';

const KEYS = 500;
const POLL_EVERY = 12;

interface Feed {
  readonly db: Database;
  position: bigint;
  ticks: number;
  sent: number;
}

/** Sends what was written since the last time; returns how many operations that were. */
function poll(feed: Feed): number {
  const news = feed.db.getUpdatesSince(feed.position);
  let update = news.next();
  if (update === undefined) return 0;
  let sent = 0;
  while (update !== undefined) {
    sent += update.batch.length;
    feed.position = update.nextSequence;
    update = news.next();
  }
  news.free();
  feed.sent += sent;
  return sent;
}

export default program({
  everyMs: 30,
  operationsPerRound: 36,

  setup(world): Feed {
    const db = world.open('catalogue', { walSizeLimitMB: 1, writeBufferSize: 64 * 1024 });
    return { db, position: db.latestSequenceNumber + 1n, ticks: 0, sent: 0 };
  },

  operation(feed, world) {
    const { random } = world;
    if (world.chance('change', 0.7)) {
      for (let i = 0; i < 9; i++) {
        feed.db.put(`product/${random.below(KEYS)}`, `price ${random.below(10_000)}`);
      }
    }
    for (let i = 0; i < 6; i++) feed.db.get(`product/${random.below(KEYS)}`);
    if (++feed.ticks % POLL_EVERY !== 0) return;
    poll(feed);
    // The search engine acknowledged at once: ask again before the next tick.
    if (world.chance('ask again', 1 / 3)) poll(feed);
  },

  settle(feed) {
    feed.db.put('product/0', 'last');
    poll(feed);
  },

  teardown({ db }) {
    db.close();
  },
});
