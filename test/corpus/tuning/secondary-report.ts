/** Reports are made by a secondary, so that they do not disturb the primary. */
import { RocksDB } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const BRANCHES = 40;
const SALES_KEPT = 30;

interface Sales {
  readonly db: Database;
  sales: number;
  failed: number;
}

class NoSales extends Error {}

function total(reader: Database, branch: string): number {
  const sales = reader.iterator({ prefix: `${branch}/` });
  try {
    const amounts = [...sales.values()].map(Number);
    if (amounts.length === 0) throw new NoSales(branch);
    return amounts.reduce((sum, amount) => sum + amount, 0);
  } finally {
    sales.free();
  }
}

async function report(world: World, branch: string): Promise<number> {
  const { createIfMissing: _, ...settings } = world.settings;
  const own = world.path('report');
  const reader = await RocksDB.openAsSecondary(world.path('sales'), own, settings);
  const amount = total(reader, branch);
  reader.close();
  return amount;
}

export default program({
  everyMs: 45,

  setup(world): Sales {
    const db = world.open('sales');
    for (let branch = 0; branch < BRANCHES; branch++) db.put(`${branch}/0`, '1');
    return { db, sales: 0, failed: 0 };
  },

  async operation(state, world) {
    const { random } = world;
    for (let i = 0; i < 20; i++) {
      const key = `${random.below(BRANCHES)}/${state.sales++ % SALES_KEPT}`;
      state.db.put(key, String(1 + random.below(100)));
    }
    if (!world.chance('report', 1 / 100)) return;
    const closed = world.chance('closed branch', 1 / 2);
    try {
      await report(world, closed ? 'closed' : String(random.below(BRANCHES)));
    } catch (error) {
      if (!(error instanceof NoSales)) throw error;
      state.failed++;
    }
  },

  teardown({ db }) {
    db.close();
  },
});
