/** Clients that follow the write-ahead log of a small database, each from where it was; they come and go. */
import type { TransactionLogIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const KEYS = 200;
const CLIENTS_MAX = 40;
const SHORTEST = 30;
const LONGEST = 1500;

interface Client {
  readonly changes: TransactionLogIterator;
  readonly leavesAt: number;
}

interface Feeds {
  readonly db: Database;
  clients: Client[];
  ticks: number;
  delivered: number;
}

function connect({ db, clients, ticks }: Feeds, { random }: World): void {
  if (clients.length >= CLIENTS_MAX) return;
  const changes = db.getUpdatesSince(db.latestSequenceNumber + 1n);
  clients.push({ changes, leavesAt: ticks + Math.round(random.heavyTailed(SHORTEST, LONGEST)) });
}

function disconnect(feeds: Feeds, leaves: (client: Client) => boolean): void {
  const stay: Client[] = [];
  for (const client of feeds.clients) {
    if (leaves(client)) client.changes.free();
    else stay.push(client);
  }
  feeds.clients = stay;
}

function deliver(feeds: Feeds, { random }: World): void {
  if (feeds.clients.length === 0) return;
  const { changes } = random.pick(feeds.clients);
  for (let i = 0; i < 4; i++) if (changes.next() !== undefined) feeds.delivered++;
}

export default program({
  everyMs: 50,

  setup(world): Feeds {
    return { db: world.open('feeds', { walSizeLimitMB: 1 }), clients: [], ticks: 0, delivered: 0 };
  },

  operation(feeds, world) {
    const { random } = world;
    feeds.ticks++;
    if (world.chance('change', 1 / 3)) feeds.db.put(`key/${random.below(KEYS)}`, 'changed');
    for (let i = 0; i < 8; i++) feeds.db.get(`key/${random.below(KEYS)}`);
    if (world.chance('connect', 1 / 18)) connect(feeds, world);
    disconnect(feeds, ({ leavesAt }) => leavesAt <= feeds.ticks);
    if (feeds.ticks % 4 === 0) deliver(feeds, world);
  },

  settle(feeds) {
    disconnect(feeds, () => true);
  },

  teardown({ db }) {
    db.close();
  },
});
