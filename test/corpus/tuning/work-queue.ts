/** A queue of jobs. A consumer leases what it sees in a view of its own, and looks anew when that is worked off. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const LEASED = 60;

interface Queue {
  readonly db: Database;
  head: number;
  tail: number;
}

const keyOf = (job: number) => `job/${String(job).padStart(10, '0')}`;

class Consumer {
  readonly #queue: Queue;
  #view: Snapshot | undefined;
  #leased: string[] = [];
  done = 0;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  work(): void {
    const { db, head, tail } = this.#queue;
    if (this.#leased.length === 0) {
      if (tail - head < LEASED) return;
      this.#lease();
    }
    for (const key of this.#leased.splice(0, 4)) {
      if (db.get(key, { snapshot: this.#view }) === undefined) continue;
      db.delete(key);
      this.#queue.head++;
      this.done++;
    }
  }

  close(): void {
    this.#view?.free();
    this.#view = undefined;
    this.#leased = [];
  }

  #lease(): void {
    const { db, head } = this.#queue;
    this.#view = db.snapshot();
    const jobs = db.iterator({
      gte: keyOf(head),
      lt: 'job/~',
      limit: LEASED,
      snapshot: this.#view,
    });
    this.#leased = [...jobs.keys()];
    jobs.free();
  }
}

function produce(queue: Queue, { random }: World): void {
  const jobs = 2 + random.below(3);
  for (let i = 0; i < jobs; i++) queue.db.put(keyOf(queue.tail++), `payload ${random.below(100)}`);
}

export default program({
  everyMs: 12,
  operationsPerRound: 60,

  setup(world) {
    const queue: Queue = { db: world.open('queue'), head: 0, tail: 0 };
    return { queue, consumer: new Consumer(queue) };
  },

  operation({ queue, consumer }, world) {
    produce(queue, world);
    for (let i = 0; i < 3; i++) queue.db.has(keyOf(queue.head + i));
    consumer.work();
  },

  settle({ consumer }) {
    consumer.close();
  },

  teardown({ queue }) {
    queue.db.close();
  },
});
