import type { Engine } from './engine.js';
import { integer, oneOf } from './option-checks.js';

const PRIORITIES = ['bottom', 'low', 'high', 'user'] as const;

/** RocksDB's queues of background jobs: flushes are `high`, compactions `low`, of the last level `bottom`. */
export type EnvPriority = (typeof PRIORITIES)[number];

/**
 * RocksDB's Env, as far as one thread has one. Jobs run one at a time: high before user, low and bottom. How many
 * threads a queue has decides only how many jobs RocksDB puts into it at once; `maxBackgroundJobs` raises it.
 */
export class Env {
  readonly #engine: Engine;

  /** @internal */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Jobs that wait in a queue. */
  getThreadPoolQueueLen(priority: EnvPriority = 'low'): number {
    return this.#calls().rdb_env_queue_length(indexOf(priority));
  }

  /** How many jobs of that priority RocksDB would run at a time. They run one after another here, on one thread. */
  getBackgroundThreads(priority: EnvPriority = 'low'): number {
    return this.#calls().rdb_env_get_background_threads(indexOf(priority));
  }

  /** Without threads for `high`, RocksDB queues flushes as `low`, where compactions may be before them. */
  setBackgroundThreads(threads: number, priority: EnvPriority = 'low'): void {
    integer(priority === 'high' ? 0 : 1, 1024)(threads, 'threads');
    this.#calls().rdb_env_set_background_threads(indexOf(priority), threads);
  }

  #calls() {
    this.#engine.assertUsable();
    return this.#engine.native.calls;
  }
}

function indexOf(priority: EnvPriority): number {
  oneOf(PRIORITIES)(priority, 'priority');
  return PRIORITIES.indexOf(priority);
}
