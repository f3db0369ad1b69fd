/** Metrics of many hosts, written in batches of changing size: memtables fill and are flushed, files merged. */
import { type Database, program, type World } from '../world.js';

const HOSTS = 80;
const SLOTS = 200;

interface Metrics {
  readonly db: Database;
  slot: number;
}

function report(metrics: Metrics, { random }: World): void {
  const batch = metrics.db.batch();
  const lines = Math.round(random.heavyTailed(3, 40));
  const slot = String(metrics.slot++ % SLOTS).padStart(5, '0');
  for (let i = 0; i < lines; i++) {
    batch.put(`${random.below(HOSTS)}/${slot}/${i % 10}`, 'm'.repeat(60));
  }
  metrics.db.write(batch);
  batch.free();
}

function plot({ db }: Metrics, { random }: World): number {
  const points = db.iterator({ prefix: `${random.below(HOSTS)}/`, limit: 25 });
  try {
    return [...points.values()].length;
  } finally {
    points.free();
  }
}

export default program({
  everyMs: 100,

  setup(world): Metrics {
    return { db: world.open('metrics', { writeBufferSize: 64 * 1024 }), slot: 0 };
  },

  operation(metrics, world) {
    report(metrics, world);
    plot(metrics, world);
  },

  teardown({ db }) {
    db.close();
  },
});
