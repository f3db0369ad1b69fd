/** Price lists come as table files, which are checked and then taken in. */
import { SstFileReader, SstFileWriter } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PRODUCTS = 300;

interface Prices {
  readonly db: Database;
  lists: number;
}

const keyOf = (product: number) => `price/${String(product).padStart(5, '0')}`;
const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

function receive(world: World, file: string): void {
  const { random } = world;
  const writer = new SstFileWriter(world.engine, TEXT);
  try {
    writer.open(file);
    const first = random.below(PRODUCTS / 2);
    for (let i = 0; i < 20; i++) writer.put(keyOf(first + i), String(random.below(1000)));
    writer.finish();
  } finally {
    writer.free();
  }
}

function takeIn(prices: Prices, world: World): void {
  const file = world.path(`list-${prices.lists++ % 4}.sst`);
  receive(world, file);
  const list = new SstFileReader(world.engine, file, TEXT);
  list.verifyChecksum();
  if (list.properties.numEntries === 0) throw new Error('an empty list');
  prices.db.ingestExternalFile([file], { moveFiles: true });
}

export default program({
  everyMs: 30,

  setup(world): Prices {
    const db = world.open('prices');
    for (let i = 0; i < PRODUCTS; i++) db.put(keyOf(i), '0');
    return { db, lists: 0 };
  },

  operation(prices, world) {
    const { random } = world;
    const some = prices.db.iterator({ gte: keyOf(random.below(PRODUCTS)), limit: 10 });
    for (const [key, price] of some) if (Number(price) > 990) prices.db.put(key, '990');
    some.free();
    for (let i = 0; i < 8; i++) prices.db.get(keyOf(random.below(PRODUCTS)));
    if (world.chance('list', 1 / 120)) takeIn(prices, world);
  },

  teardown({ db }) {
    db.close();
  },
});
