/** A routing table that is read by workers without locks: what they may still read is freed an epoch later. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ROUTES = 300;
const EPOCH = 260;
/** A version is freed when so many epochs have passed since it was retired. */
const EPOCHS_KEPT = 2;

interface Retired {
  readonly version: DBIterator<string, string>;
  readonly epoch: number;
}

interface Router {
  readonly db: Database;
  current: DBIterator<string, string>;
  retired: Retired[];
  operations: number;
}

const epochOf = ({ operations }: Router) => Math.floor(operations / EPOCH);

function publish(router: Router): void {
  router.retired.push({ version: router.current, epoch: epochOf(router) });
  router.current = router.db.iterator({ gte: 'route/', lt: 'route/~' });
}

function reclaim(router: Router, epoch: number): void {
  const kept: Retired[] = [];
  for (const each of router.retired) {
    if (each.epoch + EPOCHS_KEPT <= epoch) each.version.free();
    else kept.push(each);
  }
  router.retired = kept;
}

function route({ current }: Router, { random }: World): string | undefined {
  current.seek(`route/${random.below(ROUTES)}`);
  return current.next()?.[1];
}

export default program({
  everyMs: 3,

  setup(world): Router {
    const db = world.open('routes');
    for (let i = 0; i < ROUTES; i++) db.put(`route/${i}`, `host-${i % 9}`);
    return { db, current: db.iterator(), retired: [], operations: 0 };
  },

  operation(router, world) {
    const { random } = world;
    for (let i = 0; i < 4; i++) route(router, world);
    if (world.chance('change', 0.35)) {
      router.db.put(`route/${random.below(ROUTES)}`, `host-${random.below(9)}`);
      publish(router);
    }
    router.operations++;
    if (router.operations % EPOCH === 0) reclaim(router, epochOf(router));
  },

  settle(router) {
    reclaim(router, Number.POSITIVE_INFINITY);
  },

  teardown({ db }) {
    db.close();
  },
});
