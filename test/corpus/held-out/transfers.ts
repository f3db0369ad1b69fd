/** Transfers between accounts, several at a time; what meets another transfer is tried again. */
import { BusyError, OptimisticTransactionDB } from 'rocksdb-wasm';
import { program, type World } from '../world.js';

const ACCOUNTS = 400;
const ATTEMPTS_MAX = 4;
const AT_ONCE = 2;

type Bank = OptimisticTransactionDB<'utf8', 'utf8'>;

const accountOf = (number: number) => `account/${String(number).padStart(5, '0')}`;

/** Asks another service, which may take as long as another transfer needs. */
async function approve(amount: number): Promise<boolean> {
  await undefined;
  return amount > 0;
}

async function transfer(bank: Bank, from: string, to: string, amount: number): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const transaction = bank.beginTransaction();
    const source = Number(transaction.getForUpdate(from));
    const target = Number(transaction.getForUpdate(to));
    if (source < amount || !(await approve(amount))) {
      transaction.free();
      return false;
    }
    transaction.put(from, String(source - amount));
    transaction.put(to, String(target + amount));
    try {
      transaction.commit();
      transaction.free();
      return true;
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
    }
  }
  return false;
}

async function audit(bank: Bank, world: World): Promise<void> {
  const start = accountOf(world.random.below(ACCOUNTS));
  const some = bank.iterator({ gte: start, limit: 8 });
  for (const [, balance] of some) if (Number(balance) < 0) throw new Error('overdrawn');
  some.free();
}

export default program({
  setup(world) {
    const bank: Bank = OptimisticTransactionDB.openSync(world.path('bank'), world.settings);
    for (let i = 0; i < ACCOUNTS; i++) bank.put(accountOf(i), '1000000');
    return { bank };
  },

  async operation({ bank }, world) {
    const { random } = world;
    const popular = accountOf(random.below(ACCOUNTS));
    const busy = world.chance('popular account', 1 / 8);
    const underWay: Promise<boolean>[] = [];
    for (let i = 0; i < AT_ONCE; i++) {
      const from = random.below(ACCOUNTS);
      const to = busy ? popular : accountOf((from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS);
      underWay.push(transfer(bank, accountOf(from), to, 1 + random.below(20)));
    }
    await Promise.all(underWay);
    await audit(bank, world);
  },

  teardown({ bank }) {
    bank.close();
  },
});
