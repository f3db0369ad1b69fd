/** A product catalogue whose readers are kept for the next request: as many as were ever needed at once. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PRODUCTS = 1200;
const READERS_MAX = 64;

type Reader = DBIterator<string, string>;

interface Request {
  readonly reader: Reader;
  rowsLeft: number;
}

interface Catalogue {
  readonly db: Database;
  /** The one that was given back last is taken first. */
  readonly idle: Reader[];
  readonly requests: Set<Request>;
  readers: number;
}

const keyOf = (product: number) => `product/${String(product).padStart(5, '0')}`;

function take(catalogue: Catalogue): Reader | undefined {
  const idle = catalogue.idle.pop();
  if (idle !== undefined) {
    idle.refresh();
    return idle;
  }
  if (catalogue.readers === READERS_MAX) return undefined;
  catalogue.readers++;
  return catalogue.db.iterator({ gte: 'product/', lt: 'product/~' });
}

function accept(catalogue: Catalogue, { random }: World): void {
  const reader = take(catalogue);
  if (reader === undefined) return; // 503: too busy
  reader.seek(keyOf(random.below(PRODUCTS)));
  catalogue.requests.add({ reader, rowsLeft: 4 + Math.round(random.exponential(8)) });
}

/** Reads a piece for each request: the connections are slow. */
function serve({ idle, requests }: Catalogue): void {
  for (const request of requests) {
    request.rowsLeft -= request.reader.nextMany(2).length || request.rowsLeft;
    if (request.rowsLeft > 0) continue;
    requests.delete(request);
    idle.push(request.reader);
  }
}

export default program({
  setup(world): Catalogue {
    const db = world.open('catalogue');
    for (let i = 0; i < PRODUCTS; i++) db.put(keyOf(i), `price ${i}`);
    return { db, idle: [], requests: new Set(), readers: 0 };
  },

  operation(catalogue, world) {
    const { random } = world;
    catalogue.db.put(keyOf(random.below(PRODUCTS)), `price ${random.below(10_000)}`);
    const arrivals = world.chance('rush', 1 / 400)
      ? random.heavyTailed(2, 60, 1.1)
      : random.below(3);
    for (let i = 0; i < arrivals; i++) accept(catalogue, world);
    serve(catalogue);
  },

  settle(catalogue) {
    while (catalogue.requests.size > 0) serve(catalogue);
    for (const reader of catalogue.idle.splice(0)) reader.free();
    catalogue.readers = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
