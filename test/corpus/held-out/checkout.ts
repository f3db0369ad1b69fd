/** A checkout in which much goes wrong: conflicts, cards that are refused, people who go away. All is given back. */
import { BusyError, OptimisticTransactionDB, type Transaction } from 'rocksdb-wasm';
import { program, type World } from '../world.js';

const CARTS = 250;
const ITEMS = 60;
const ATTEMPTS_MAX = 3;

type Shop = OptimisticTransactionDB<'utf8', 'utf8'>;
type Change = Transaction<'utf8', 'utf8'>;

class CardRefused extends Error {}
class GoneAway extends Error {}

/** The bank takes a moment, and some customers do not wait for it. */
async function charge(world: World, signal: AbortSignal): Promise<void> {
  const refused = world.chance('card refused', 1 / 15);
  await undefined;
  if (signal.aborted) throw new GoneAway();
  if (refused) throw new CardRefused();
}

async function pay(change: Change, cart: string, world: World, signal: AbortSignal): Promise<void> {
  const item = `item/${world.random.skewed(ITEMS)}`;
  const left = Number(change.getForUpdate(item) ?? 1000);
  const contents = change.iterator({ prefix: `${cart}/`, limit: 4 });
  try {
    for (const [key] of contents) change.delete(key);
    await charge(world, signal);
  } finally {
    contents.free();
  }
  change.put(item, String(left > 0 ? left - 1 : 1000));
  change.commit();
}

async function checkout(shop: Shop, cart: string, world: World): Promise<string> {
  const abort = new AbortController();
  if (world.chance('gone away', 1 / 20)) abort.abort();
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const change = shop.beginTransaction();
    try {
      await pay(change, cart, world, abort.signal);
      return 'paid';
    } catch (error) {
      if (error instanceof CardRefused || error instanceof GoneAway) return 'not paid';
      if (!(error instanceof BusyError)) throw error;
    } finally {
      change.free();
    }
  }
  return 'too busy';
}

export default program({
  everyMs: 20,

  setup(world) {
    const shop: Shop = OptimisticTransactionDB.openSync(world.path('shop'), world.settings);
    return { shop, answers: new Map<string, number>() };
  },

  async operation({ shop, answers }, world) {
    const { random } = world;
    const carts = [random.below(CARTS), random.below(CARTS)].map((number) => `cart/${number}`);
    for (const cart of carts) {
      for (let i = 0; i < 2; i++) shop.put(`${cart}/${random.below(ITEMS)}`, '1');
    }
    for (const answer of await Promise.all(carts.map((cart) => checkout(shop, cart, world)))) {
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  },

  teardown({ shop }) {
    shop.close();
  },
});
