/** Orders of a shop. Every ten minutes another region is exported, slowly, as it is at that moment. */
import type { DBIterator, Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const REGIONS = 8;
const ORDERS_PER_REGION = 900;
const EXPORT_EVERY_MS = 10 * 60_000;
/** An export of a region takes an hour: a row every four seconds, to spare the other side. */
const ROW_EVERY_MS = 4000;

interface Export {
  readonly snapshot: Snapshot;
  readonly rows: DBIterator<string, string>;
  nextRowAt: number;
  bytes: number;
}

interface Shop {
  readonly db: Database;
  readonly exports: Set<Export>;
  nextExportAt: number;
  nextRegion: number;
}

const keyOf = (region: number, order: number) => `${region}/${String(order).padStart(6, '0')}`;

function begin(shop: Shop, now: number): void {
  const region = shop.nextRegion++ % REGIONS;
  const snapshot = shop.db.snapshot();
  const rows = shop.db.iterator({ prefix: `${region}/`, snapshot });
  shop.exports.add({ snapshot, rows, nextRowAt: now, bytes: 0 });
}

function end(shop: Shop, each: Export): void {
  each.rows.free();
  each.snapshot.free();
  shop.exports.delete(each);
}

function advance(shop: Shop, now: number): void {
  for (const each of shop.exports) {
    if (each.nextRowAt > now) continue;
    each.nextRowAt = now + ROW_EVERY_MS;
    const row = each.rows.next();
    if (row === undefined) end(shop, each);
    else each.bytes += row[0].length + row[1].length;
  }
}

function request({ db }: Shop, { random }: World): void {
  const region = random.below(REGIONS);
  const newest = db.iterator({ prefix: `${region}/`, reverse: true, limit: 6 });
  for (const [key, state] of newest) if (state === 'new') db.put(key, 'seen');
  newest.free();
  for (let i = 0; i < 3; i++) db.put(keyOf(region, random.below(ORDERS_PER_REGION)), 'new');
  for (let i = 0; i < 3; i++) db.get(keyOf(region, random.below(ORDERS_PER_REGION)));
}

export default program({
  everyMs: 300,

  setup(world): Shop {
    const db = world.open('orders');
    const batch = db.batch();
    for (let region = 0; region < REGIONS; region++) {
      for (let order = 0; order < ORDERS_PER_REGION; order++)
        batch.put(keyOf(region, order), 'old');
    }
    db.write(batch);
    batch.free();
    return { db, exports: new Set(), nextExportAt: 0, nextRegion: 0 };
  },

  operation(shop, world) {
    const { now } = world;
    request(shop, world);
    if (now >= shop.nextExportAt) {
      begin(shop, now);
      shop.nextExportAt = now + EXPORT_EVERY_MS;
    }
    advance(shop, now);
  },

  settle(shop, world) {
    while (shop.exports.size > 0) {
      world.wait(ROW_EVERY_MS);
      advance(shop, world.now);
    }
    shop.nextExportAt = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
