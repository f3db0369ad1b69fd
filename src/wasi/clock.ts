/**
 * Time as the guest sees it. Everything is nanoseconds; injected, so that a run can be repeated.
 */
export interface Clock {
  /** Since 1970; may be set back by the host. */
  realtimeNs(): bigint;
  /** The same in milliseconds, if that is cheaper to tell; may be coarser. */
  realtimeMs?(): number;
  /** Since some fixed point; never goes back. */
  monotonicNs(): bigint;
  /** Processor time of this process, where the host tells it. */
  cpuNs(): bigint;
  /** Returns when that much time has passed on this clock. Not positive: at once. */
  sleep(ns: bigint): void;
}

/** The part of Node's `process` that is used where it exists; browsers have none. */
interface ProcessTimes {
  hrtime?: { bigint?: () => bigint };
  cpuUsage?: () => { user: number; system: number };
}

const host = (globalThis as { process?: ProcessTimes }).process;

/** How far Date.now(), which is cut to milliseconds, and the finer estimate may part. */
const DRIFT_MS_MAX = 2;

class SystemClock implements Clock {
  #anchorWallMs = 0;
  #anchorMs = 0;
  #cell: Int32Array | undefined;

  /**
   * Date.now() tells the right time but only to the millisecond, performance.now() is finer but
   * does not follow a wall clock that is set or a machine that slept. So the fine one is anchored
   * to the other, and anchored anew whenever the two part.
   */
  realtimeNs(): bigint {
    const wallMs = Date.now();
    const fineMs = performance.now();
    let nowMs = this.#anchorWallMs + (fineMs - this.#anchorMs);
    if (Math.abs(nowMs - wallMs) > DRIFT_MS_MAX) {
      this.#anchorWallMs = wallMs;
      this.#anchorMs = fineMs;
      nowMs = wallMs;
    }
    return BigInt(Math.round(nowMs * 1000)) * 1000n;
  }

  realtimeMs(): number {
    return Date.now();
  }

  monotonicNs(): bigint {
    return host?.hrtime?.bigint?.() ?? BigInt(Math.round(performance.now() * 1000)) * 1000n;
  }

  cpuNs(): bigint {
    const usage = host?.cpuUsage?.();
    if (usage === undefined) return this.monotonicNs();
    return BigInt(usage.user + usage.system) * 1000n;
  }

  sleep(ns: bigint): void {
    const end = this.monotonicNs() + ns;
    for (;;) {
      const left = end - this.monotonicNs();
      if (left <= 0n) return;
      this.#wait(Number(left) / 1e6);
    }
  }

  #wait(ms: number): void {
    try {
      this.#cell ??= new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(this.#cell, 0, 0, ms);
    } catch {
      // A browser's main thread may not wait; the loop of sleep() spins instead.
    }
  }
}

export const systemClock: Clock = new SystemClock();

export interface ManualClockOptions {
  /** What realtimeNs() says first. Default: 2020-09-13T12:26:40Z, a round number. */
  readonly startNs?: bigint;
  /** Added after each reading, so that time moves under whoever waits for it. Default: 0. */
  readonly stepNs?: bigint;
}

/** A clock that moves only when told to: by advance(), by sleep() and by its step. */
export class ManualClock implements Clock {
  readonly #startNs: bigint;
  readonly #stepNs: bigint;
  #passedNs = 0n;

  constructor(options: ManualClockOptions = {}) {
    this.#startNs = options.startNs ?? 1_600_000_000_000_000_000n;
    this.#stepNs = options.stepNs ?? 0n;
  }

  /** Since 1970: where it was begun, and what has passed since. */
  realtimeNs(): bigint {
    return this.#startNs + this.#read();
  }

  /** What has passed since it was begun. */
  monotonicNs(): bigint {
    return this.#read();
  }

  /** As `monotonicNs`. */
  cpuNs(): bigint {
    return this.#read();
  }

  /** Moves it on, and takes no time. */
  sleep(ns: bigint): void {
    this.advance(ns > 0n ? ns : 0n);
  }

  /** Moves it on. */
  advance(ns: bigint): void {
    if (ns < 0n) throw new RangeError('a clock does not go back');
    this.#passedNs += ns;
  }

  #read(): bigint {
    const passed = this.#passedNs;
    this.#passedNs += this.#stepNs;
    return passed;
  }
}
