/** Shops by cell of a grid. What is near is in a cell and the eight around it, read side by side. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const SIDE = 12;
const WANTED = 18;
const SHOPS_PER_CELL = 14;

type Cursor = DBIterator<string, string>;

const cellOf = (x: number, y: number) =>
  `${String(x).padStart(2, '0')}${String(y).padStart(2, '0')}/`;

/** Where there is next to nothing. */
const isDesert = (x: number, y: number) => x === 5 && y === 5;

function around(db: Database, x: number, y: number): Cursor[] {
  const cursors: Cursor[] = [];
  for (const dx of [-1, 0, 1]) {
    for (const dy of [-1, 0, 1]) {
      const prefix = cellOf((x + dx + SIDE) % SIDE, (y + dy + SIDE) % SIDE);
      cursors.push(db.iterator({ prefix }));
    }
  }
  return cursors;
}

/** One of each cell in turn, until there are enough. */
function nearby(db: Database, x: number, y: number): string[] {
  let cursors = around(db, x, y);
  const found: string[] = [];
  while (found.length < WANTED && cursors.length > 0) {
    const more: Cursor[] = [];
    for (const cursor of cursors) {
      const shop = cursor.next();
      if (shop === undefined) continue;
      found.push(shop[1]);
      more.push(cursor);
    }
    cursors = more;
  }
  for (const cursor of cursors) cursor.free();
  return found;
}

function openShop(db: Database, { random }: World): void {
  const x = random.below(SIDE);
  const y = random.below(SIDE);
  if (isDesert(x, y)) return;
  db.put(`${cellOf(x, y)}${random.below(SHOPS_PER_CELL)}`, `shop ${random.below(1000)}`);
}

export default program({
  setup(world) {
    const db = world.open('shops');
    for (let x = 0; x < SIDE; x++) {
      for (let y = 0; y < SIDE; y++) {
        const shops = isDesert(x, y) ? 1 : SHOPS_PER_CELL;
        for (let i = 0; i < shops; i++) db.put(`${cellOf(x, y)}${i}`, 'shop');
      }
    }
    return { db };
  },

  operation({ db }, world) {
    const { random } = world;
    openShop(db, world);
    const desert = world.chance('in the desert', 1 / 60);
    // Elsewhere each cell has enough.
    const x = desert ? 5 : 7 + random.below(5);
    nearby(db, x, desert ? 5 : random.below(SIDE));
  },

  teardown({ db }) {
    db.close();
  },
});
