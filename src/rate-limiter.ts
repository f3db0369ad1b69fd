import type { Engine } from './engine.js';
import {
  RateLimiterFiguresLayout,
  RateLimiterOptionsLayout,
  type RateLimiterPtr,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { type Check, checkFields, flag, integer, oneOf } from './option-checks.js';
import { SharedResource } from './shared-resource.js';

const MODES = ['readsOnly', 'writesOnly', 'allIo'] as const;
const PRIORITIES = ['low', 'mid', 'high', 'user', 'total'] as const;

/** Whose bytes: compactions ask with `low`, flushes with `high`; `user`: what is asked for above all. */
export type IOPriority = Exclude<(typeof PRIORITIES)[number], 'total'>;

export interface RateLimiterOptions {
  /** Bytes that may be written a second; with `autoTuned`, at most. */
  bytesPerSecond: number;
  /**
   * Microseconds: of the time in which nothing was written, so much is kept for later. Default: 100,000.
   */
  refillPeriodMicros?: number;
  /** What counts against the limit. Default: `writesOnly`. */
  mode?: (typeof MODES)[number];
  /** Finds a rate between a twentieth of the limit and the limit, by what is asked for. Default: false. */
  autoTuned?: boolean;
  /** The most bytes of one request; 0 (default): those of one refill period. */
  singleBurstBytes?: number;
}

const rate = integer(1, Number.MAX_SAFE_INTEGER);
/** RocksDB cuts requests to a size of 32 bits. */
const burst = integer(0);
const CHECKS: Readonly<Record<keyof RateLimiterOptions, Check>> = {
  bytesPerSecond: rate,
  refillPeriodMicros: integer(1, 3_600_000_000),
  mode: oneOf(MODES),
  autoTuned: flag,
  singleBurstBytes: burst,
};

/**
 * Limits what flushes and compactions write a second, over all databases of one engine that are opened with it as
 * `rateLimiter`.
 *
 * RocksDB has them wait in their threads. There is one thread here, so a flush or compaction runs through at once, and
 * the next one of these databases starts when its bytes are paid for: flushes wait for what flushes wrote,
 * compactions for all. Until then `engine.pump()` passes them over; a call that needs one (a write that
 * RocksDB stalls, `flush()`, `compactRange()`) waits by the engine's clock. See docs/resources.md.
 */
export class RateLimiter extends SharedResource {
  constructor(engine: Engine, options: RateLimiterOptions) {
    checkFields(options, CHECKS);
    rate(options.bytesPerSecond, 'bytesPerSecond');
    engine.assertUsable();
    super(engine, 'rateLimiter', create(engine, options), release);
  }

  /** The limit at present. */
  get bytesPerSecond(): number {
    return this.calls().rdb_rate_limiter_bytes_per_second(this.#pointer);
  }

  set bytesPerSecond(bytes: number) {
    rate(bytes, 'bytesPerSecond');
    this.calls().rdb_rate_limiter_set_bytes_per_second(this.#pointer, bytes);
  }

  /** The most bytes of one request. */
  get singleBurstBytes(): number {
    return this.calls().rdb_rate_limiter_single_burst_bytes(this.#pointer);
  }

  set singleBurstBytes(bytes: number) {
    burst(bytes, 'singleBurstBytes');
    const { native } = this.used();
    native.check(native.calls.rdb_rate_limiter_set_single_burst_bytes(this.#pointer, bytes));
  }

  /** Bytes that went through it. Default: of all priorities. */
  getTotalBytesThrough(priority: IOPriority | 'total' = 'total'): number {
    return this.#read('totalBytes', priority);
  }

  /** Requests that were made. Default: of all priorities. */
  getTotalRequests(priority: IOPriority | 'total' = 'total'): number {
    return this.#read('totalRequests', priority);
  }

  /** Microseconds until the next job of that priority may start; 0: now. */
  getDelayMicros(priority: IOPriority): number {
    return this.#read('delayMicros', priority);
  }

  /** Takes bytes for writes of the program's own, and waits by the engine's clock until they are paid. */
  request(bytes: number, priority: IOPriority = 'low'): void {
    integer(0)(bytes, 'bytes');
    oneOf(PRIORITIES.slice(0, 4))(priority, 'priority');
    const index = PRIORITIES.indexOf(priority);
    this.calls().rdb_rate_limiter_request(this.#pointer, bytes, index);
  }

  get #pointer(): RateLimiterPtr {
    return this.core.pointer as RateLimiterPtr;
  }

  #read(name: keyof typeof RateLimiterFiguresLayout, priority: string): number {
    oneOf(PRIORITIES)(priority, 'priority');
    const index = PRIORITIES.indexOf(priority as IOPriority);
    const { native, out } = this.used();
    native.calls.rdb_rate_limiter_read(this.#pointer, index, out);
    return native.heap.getDouble(out + RateLimiterFiguresLayout[name]);
  }
}

function create(engine: Engine, options: RateLimiterOptions): RateLimiterPtr {
  const { native, staging } = engine;
  const layout = RateLimiterOptionsLayout;
  const { heap, calls } = native;
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    heap.setDouble(at + layout.bytesPerSecond, options.bytesPerSecond);
    heap.setDouble(at + layout.refillPeriodMicros, options.refillPeriodMicros ?? 100_000);
    heap.setDouble(at + layout.singleBurstBytes, options.singleBurstBytes ?? 0);
    heap.setWord(at + layout.mode, MODES.indexOf(options.mode ?? 'writesOnly'));
    heap.setWord(at + layout.autoTuned, options.autoTuned === true ? 1 : 0);
    return calls.rdb_rate_limiter_create(at);
  } finally {
    staging.end();
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_rate_limiter_free(pointer as RateLimiterPtr);
}
