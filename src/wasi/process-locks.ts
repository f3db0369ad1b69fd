/** Locks between the engines of one process: all that a file system in memory needs. */
import type { Clock } from './clock.js';
import { type HeldLock, LockHeldError, type LockManager } from './file-system.js';

export class ProcessLocks implements LockManager {
  readonly #held = new Map<string, number>();
  readonly #identify: (path: string) => string;
  readonly #clock: Clock;

  /** `identify` gives one name to all paths of a LOCK file; it throws where there cannot be one. */
  constructor(identify: (path: string) => string, clock: Clock) {
    this.#identify = identify;
    this.#clock = clock;
  }

  acquire(path: string): HeldLock {
    const identity = this.#identify(path);
    const since = this.#held.get(identity);
    if (since !== undefined) {
      const owner = { pid: 0, since, host: '', thisProcess: true };
      throw new LockHeldError(path, owner, `${path} is held by another engine of this process`);
    }
    this.#held.set(identity, Number(this.#clock.realtimeNs() / 1_000_000n));
    let held = true;
    return {
      path,
      release: () => {
        if (held) this.#held.delete(identity);
        held = false;
      },
    };
  }

  forget(): void {
    // Nothing is left behind that would have to go.
  }
}
