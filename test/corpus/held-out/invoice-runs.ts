/** Usage is metered all day. Every five minutes invoices are made: 500 accounts, each as of its own moment. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ACCOUNTS = 500;
const RUN_EVERY_MS = 5 * 60_000;
const RUN_MS = 60_000;
/** Accounts that are frozen in one operation, while the run begins. */
const FROZEN_AT_ONCE = 25;

interface Metering {
  readonly db: Database;
  readonly frozen: Snapshot[];
  nextRunAt: number;
  /** When the present run ends; undefined between runs. */
  endsAt: number | undefined;
  invoices: number;
}

function freeze({ db, frozen }: Metering): void {
  for (let i = 0; i < FROZEN_AT_ONCE && frozen.length < ACCOUNTS; i++) frozen.push(db.snapshot());
}

function invoice(metering: Metering): void {
  metering.frozen.forEach((snapshot, account) => {
    if (metering.db.get(`account/${account}`, { snapshot }) !== undefined) metering.invoices++;
    snapshot.free();
  });
  metering.frozen.length = 0;
  metering.endsAt = undefined;
}

function run(metering: Metering, now: number): void {
  if (metering.endsAt === undefined) {
    if (now < metering.nextRunAt) return;
    metering.nextRunAt = now + RUN_EVERY_MS;
    metering.endsAt = now + RUN_MS;
  }
  freeze(metering);
  if (now >= metering.endsAt) invoice(metering);
}

function meter({ db }: Metering, { random }: World): void {
  for (let i = 0; i < 6; i++) {
    const account = `account/${random.skewed(ACCOUNTS)}`;
    const used = Number(db.get(account) ?? 0);
    db.put(account, String(used + random.below(50)));
  }
  db.get(`account/${random.below(ACCOUNTS)}`);
}

export default program({
  everyMs: 100,

  setup(world): Metering {
    const nextRunAt = world.now + RUN_EVERY_MS / 2;
    return { db: world.open('usage'), frozen: [], nextRunAt, endsAt: undefined, invoices: 0 };
  },

  operation(metering, world) {
    meter(metering, world);
    run(metering, world.now);
  },

  settle(metering, world) {
    if (metering.endsAt === undefined) {
      world.wait(RUN_EVERY_MS);
      run(metering, world.now);
    }
    while (metering.frozen.length < ACCOUNTS) freeze(metering);
    world.wait(RUN_MS);
    run(metering, world.now);
  },

  teardown({ db }) {
    db.close();
  },
});
