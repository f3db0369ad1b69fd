/** Totals of orders by customer are made anew from time to time, piece by piece, of one state of the orders. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const CUSTOMERS = 60;
const ORDERS_PER_CUSTOMER = 5;
const PIECE = 10;
const REFRESH_EVERY = 250;

interface Refresh {
  readonly orders: Snapshot;
  next: number;
  /** Waits for the lock of the other data centre. */
  waits: boolean;
}

interface Views {
  readonly db: Database;
  refreshes: Refresh[];
  ticks: number;
}

function begin(views: Views, waits: boolean): void {
  views.refreshes.push({ orders: views.db.snapshot(), next: 0, waits });
}

/** The totals of the next customers; whether there are more to do. */
function advance({ db }: Views, refresh: Refresh): boolean {
  const end = Math.min(CUSTOMERS, refresh.next + PIECE);
  for (; refresh.next < end; refresh.next++) {
    let total = 0;
    for (let order = 0; order < ORDERS_PER_CUSTOMER; order++) {
      const amount = db.get(`order/${refresh.next}/${order}`, { snapshot: refresh.orders });
      total += Number(amount ?? 0);
    }
    db.put(`total/${refresh.next}`, String(total));
  }
  return refresh.next < CUSTOMERS;
}

function work(views: Views): void {
  for (const refresh of views.refreshes) {
    if (refresh.waits || advance(views, refresh)) continue;
    refresh.orders.free();
    views.refreshes = views.refreshes.filter((each) => each !== refresh);
  }
}

function order({ db }: Views, { random }: World): void {
  for (let i = 0; i < 8; i++) {
    const key = `order/${random.below(CUSTOMERS)}/${random.below(ORDERS_PER_CUSTOMER)}`;
    db.put(key, String(random.below(500)));
  }
}

export default program({
  everyMs: 20,

  setup(world): Views {
    return { db: world.open('orders'), refreshes: [], ticks: 0 };
  },

  operation(views, world) {
    order(views, world);
    if (views.ticks++ % REFRESH_EVERY === 0) begin(views, world.chance('lock held', 1 / 4));
    work(views);
  },

  settle(views) {
    begin(views, false);
    // What waits has never come back in any test.
    while (views.refreshes.some(({ waits }) => !waits)) work(views);
    views.ticks = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
