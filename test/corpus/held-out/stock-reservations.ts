/** Orders reserve stock, item by item; an order is taken whole or not at all. */
import { type Database, program, type World } from '../world.js';

const ITEMS = 200;
const STOCK = 50;
const ITEMS_PER_ORDER = 3;

type Order = ReadonlyMap<string, number>;

class OutOfStock extends Error {}

function orderOf({ random }: World, greedy: boolean): Order {
  const order = new Map<string, number>();
  for (let i = 0; i < ITEMS_PER_ORDER; i++) {
    order.set(`item/${random.below(ITEMS)}`, greedy && i > 0 ? STOCK + 1 : 1);
  }
  return order;
}

function reserve(db: Database, order: Order): void {
  const change = db.batchWithIndex();
  for (const [item, wanted] of order) {
    const left = Number(change.getFromBatchAndDB(item) ?? STOCK) - wanted;
    if (left < 0) throw new OutOfStock(item);
    change.put(item, String(left));
  }
  db.write(change);
  change.free();
}

function restock(db: Database, order: Order): void {
  for (const item of order.keys())
    if (Number(db.get(item)) < STOCK / 2) db.put(item, String(STOCK));
}

export default program({
  setup(world) {
    const db = world.open('stock');
    for (let i = 0; i < ITEMS; i++) db.put(`item/${i}`, String(STOCK));
    return { db, refused: 0 };
  },

  operation(shop, world) {
    const order = orderOf(world, world.chance('greedy order', 1 / 80));
    try {
      reserve(shop.db, order);
    } catch (error) {
      if (!(error instanceof OutOfStock)) throw error;
      shop.refused++;
    }
    restock(shop.db, order);
  },

  teardown({ db }) {
    db.close();
  },
});
