/** Slow queries are looked into: each gets a histogram of what it did, for the operators' page. */
import { Statistics } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ROWS = 500;
const SHOWN = 10;

interface Queries {
  readonly db: Database;
  readonly page: string[];
}

const keyOf = (row: number) => `row/${String(row).padStart(5, '0')}`;

function query({ db }: Queries, { random }: World, read: (bytes: number) => void): void {
  const rows = db.iterator({ gte: keyOf(random.below(ROWS)), limit: 10 });
  for (const [key, value] of rows) read(key.length + value.length);
  rows.free();
}

function explain(queries: Queries, world: World): void {
  const timing = new Statistics(world.engine);
  query(queries, world, (bytes) => timing.recordInHistogram('bytesPerRead', bytes));
  const { count, max } = timing.histogramData('bytesPerRead');
  queries.page.push(`${count} rows, at most ${max} bytes`);
  if (queries.page.length > SHOWN) queries.page.shift();
}

export default program({
  everyMs: 9,

  setup(world): Queries {
    const db = world.open('rows');
    for (let i = 0; i < ROWS; i++) db.put(keyOf(i), `row ${i}`);
    return { db, page: [] };
  },

  operation(queries, world) {
    const { random } = world;
    for (let i = 0; i < 5; i++)
      queries.db.put(keyOf(random.below(ROWS)), `row ${random.below(99)}`);
    if (world.chance('slow', 1 / 90)) explain(queries, world);
    else query(queries, world, () => {});
  },

  teardown({ db }) {
    db.close();
  },
});
