/** What a pool of iterators is made with. */

import type { Encoding } from './encoding.js';
import type { IteratorOptions } from './iterator-options.js';
import { expected } from './option-errors.js';
import { integer } from './option-values.js';
import type { Snapshot } from './snapshot.js';

/** What its iterators are made with, and how it lends them. */
export interface IteratorPoolOptions<KE extends Encoding = Encoding, VE extends Encoding = Encoding>
  extends Omit<IteratorOptions<KE, VE>, 'snapshot' | 'tailing'> {
  /** Iterators that there are at most, lent and idle ones together. Default: 16. */
  max?: number | undefined;
  /** Milliseconds after which an iterator that nobody wanted is freed, with all that it pins. Default: 1,000. */
  idleTimeoutMs?: number | undefined;
  /**
   * What acquireAsync() does when all are lent: `refuse` (default): PoolExhaustedError at once. Or it waits for one
   * to come back, so many milliseconds by the engine's clock; who waits longest is served first.
   */
  wait?: 'refuse' | { readonly timeoutMs: number } | undefined;
  /**
   * A lease that is held for longer than either of these is told of, once, as the event `leak`: milliseconds by the
   * engine's clock, operations of the engine. Each lease's stack is taken then, whatever the tracking level.
   */
  leakDetectionThreshold?:
    | { readonly ms?: number | undefined; readonly operations?: number | undefined }
    | undefined;
  /**
   * A lease that is held for longer than the threshold is also taken back: its borrower's next call throws
   * HandleFreedError. Default: false.
   */
  reclaimOverdue?: boolean | undefined;
}

export interface AcquireOptions {
  /** Reads at this snapshot instead of the present; the lease borrows it. */
  snapshot?: Snapshot | undefined;
}

export interface AcquireAsyncOptions extends AcquireOptions {
  /** Ends the wait with its reason. */
  signal?: AbortSignal | undefined;
}

/** @internal What is the pool's own of its options, checked. */
export interface PoolSettings {
  readonly max: number;
  readonly idleTimeoutMs: number;
  /** Undefined: refuse. */
  readonly waitMs: number | undefined;
  /** Infinity: never. */
  readonly overdueMs: number;
  readonly overdueOperations: number;
  readonly reclaimOverdue: boolean;
}

const MS_MAX = 0x7fffffff;
const OWN: ReadonlySet<string> = new Set([
  ...['max', 'idleTimeoutMs', 'wait', 'leakDetectionThreshold', 'reclaimOverdue'],
]);

/** @internal What its iterators are made with. */
export function pooledOptions(options: IteratorPoolOptions): IteratorOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OWN.has(name)));
}

/** @internal Throws InvalidOptionError. */
export function poolSettings(options: IteratorPoolOptions): PoolSettings {
  const { wait = 'refuse', leakDetectionThreshold: threshold, reclaimOverdue = false } = options;
  for (const name of ['snapshot', 'tailing'] as const) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined || value === false) continue;
    const instead =
      name === 'snapshot' ? 'pass it to acquire()' : 'RocksDB cannot refresh tailing iterators';
    throw expected(`no such option: ${instead}`, name, value);
  }
  if (typeof reclaimOverdue !== 'boolean') {
    throw expected('true or false', 'reclaimOverdue', reclaimOverdue);
  }
  if (wait !== 'refuse' && (typeof wait !== 'object' || wait === null)) {
    throw expected("'refuse' or { timeoutMs }", 'wait', wait);
  }
  if (threshold !== undefined && (typeof threshold !== 'object' || threshold === null)) {
    throw expected('{ ms, operations }', 'leakDetectionThreshold', threshold);
  }
  const limit = (name: 'ms' | 'operations') => {
    const value = threshold?.[name];
    if (value === undefined) return Number.POSITIVE_INFINITY;
    return integer(`leakDetectionThreshold.${name}`, value, 1, Number.MAX_SAFE_INTEGER, 0);
  };
  const overdueMs = limit('ms');
  const overdueOperations = limit('operations');
  if (reclaimOverdue && Math.min(overdueMs, overdueOperations) === Number.POSITIVE_INFINITY) {
    throw expected('false without a leakDetectionThreshold', 'reclaimOverdue', reclaimOverdue);
  }
  return {
    max: integer('max', options.max, 1, 0xffff, 16),
    idleTimeoutMs: integer('idleTimeoutMs', options.idleTimeoutMs, 1, MS_MAX, 1000),
    waitMs: wait === 'refuse' ? undefined : waitOf(wait),
    overdueMs,
    overdueOperations,
    reclaimOverdue,
  };
}

function waitOf({ timeoutMs }: { timeoutMs: number }): number {
  if (timeoutMs === undefined)
    throw expected('a number of milliseconds', 'wait.timeoutMs', timeoutMs);
  return integer('wait.timeoutMs', timeoutMs, 1, MS_MAX, 0);
}
