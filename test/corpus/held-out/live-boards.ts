/** Boards that people watch: each watcher has a tailing cursor. Most look in, some stay for the day. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const BOARDS = 25;
const CARDS = 40;
const ARRIVALS = 0.3;
const SHORTEST = 12;
const LONGEST = 6000;

interface Watcher {
  readonly cards: DBIterator<string, string>;
  readonly leavesAt: number;
}

interface Boards {
  readonly db: Database;
  watchers: Watcher[];
  ticks: number;
  changes: number;
}

const keyOf = (board: number, card: number) => `${board}/${String(card).padStart(4, '0')}`;

function arrive({ db, watchers, ticks }: Boards, { random }: World): void {
  const cards = db.iterator({ prefix: `${random.skewed(BOARDS)}/`, tailing: true });
  cards.nextMany(5);
  watchers.push({ cards, leavesAt: ticks + Math.round(random.heavyTailed(SHORTEST, LONGEST)) });
}

function leave(boards: Boards, leaves: (watcher: Watcher) => boolean): void {
  const stay: Watcher[] = [];
  for (const watcher of boards.watchers) {
    if (leaves(watcher)) watcher.cards.free();
    else stay.push(watcher);
  }
  boards.watchers = stay;
}

/** Shows some watchers what is new; many have the page in the background. */
function push({ watchers }: Boards, { random }: World): void {
  if (watchers.length === 0) return;
  for (let i = 0; i < 2; i++) {
    const { cards } = watchers[random.skewed(watchers.length)] as Watcher;
    cards.seekToStart();
    cards.nextMany(3);
  }
}

export default program({
  everyMs: 25,

  setup(world): Boards {
    return { db: world.open('boards'), watchers: [], ticks: 0, changes: 0 };
  },

  operation(boards, world) {
    const { random } = world;
    boards.ticks++;
    for (let i = 0; i < 3; i++) {
      const card = keyOf(random.skewed(BOARDS), random.below(CARDS));
      boards.db.put(card, `text ${boards.changes++}`);
    }
    if (world.chance('arrival', ARRIVALS)) arrive(boards, world);
    leave(boards, ({ leavesAt }) => leavesAt <= boards.ticks);
    push(boards, world);
  },

  settle(boards) {
    leave(boards, () => true);
  },

  teardown({ db }) {
    db.close();
  },
});
