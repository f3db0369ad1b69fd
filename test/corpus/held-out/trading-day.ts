/** Quotes of a stock exchange: few open positions at night, many at noon, each at the prices it began with. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const SYMBOLS = 150;
const DAY_MS = 24 * 3600_000;
/** Positions that are open at once, at the quietest and at the busiest. */
const NIGHT = 4;
const NOON = 140;

interface Position {
  readonly symbol: string;
  readonly began: Snapshot;
}

interface Exchange {
  readonly db: Database;
  readonly positions: Position[];
  gains: number;
}

function wanted(now: number): number {
  const hour = (2 * Math.PI * (now % DAY_MS)) / DAY_MS;
  return Math.round(NIGHT + ((NOON - NIGHT) * (1 - Math.cos(hour))) / 2);
}

function open({ db, positions }: Exchange, { random }: World): void {
  positions.push({ symbol: `quote/${random.skewed(SYMBOLS)}`, began: db.snapshot() });
}

function close(exchange: Exchange, index: number): void {
  const [position] = exchange.positions.splice(index, 1);
  if (position === undefined) return;
  const { symbol, began } = position;
  const before = Number(exchange.db.get(symbol, { snapshot: began }) ?? 0);
  exchange.gains += Number(exchange.db.get(symbol) ?? 0) - before;
  began.free();
}

function value({ db, positions }: Exchange, { random }: World): void {
  if (positions.length === 0) return;
  const { symbol, began } = random.pick(positions);
  db.get(symbol, { snapshot: began });
}

export default program({
  // Some three days in a long run.
  everyMs: 12_000,

  setup(world): Exchange {
    return { db: world.open('quotes'), positions: [], gains: 0 };
  },

  operation(exchange, world) {
    const { random } = world;
    for (let i = 0; i < 5; i++) {
      exchange.db.put(`quote/${random.below(SYMBOLS)}`, String(100 + random.below(20)));
    }
    for (let i = 0; i < 3; i++) value(exchange, world);
    // Some close in any case, and others take their place.
    if (exchange.positions.length > 0 && world.chance('stop loss', 1 / 3)) {
      close(exchange, random.below(exchange.positions.length));
    }
    const target = wanted(world.now);
    if (exchange.positions.length < target) open(exchange, world);
    else if (exchange.positions.length > target) close(exchange, 0);
  },

  settle(exchange) {
    while (exchange.positions.length > 0) close(exchange, 0);
  },

  teardown({ db }) {
    db.close();
  },
});
