/** Locks between the engines of one process: all that a file system in memory needs. */
import type { Clock } from './clock.js';
import { type HeldLock, LockHeldError, type LockManager } from './file-system.js';

export class ProcessLocks implements LockManager {
  readonly #held = new Map<string, { since: number; token: string }>();
  readonly #identify: (path: string) => string;
  readonly #clock: Clock;

  /** `identify` gives one name to all paths of a LOCK file; it throws where there cannot be one. */
  constructor(identify: (path: string) => string, clock: Clock) {
    this.#identify = identify;
    this.#clock = clock;
  }

  acquire(path: string): HeldLock {
    const identity = this.#identify(path);
    const holder = this.look(path);
    if (holder !== undefined) throw holder;
    // Of no consequence for what is on disk, so it need not be repeatable.
    const token = globalThis.crypto.randomUUID();
    this.#held.set(identity, { since: Number(this.#clock.realtimeNs() / 1_000_000n), token });
    let held = true;
    return {
      path,
      token,
      release: () => {
        if (held) this.#held.delete(identity);
        held = false;
      },
    };
  }

  look(path: string): LockHeldError | undefined {
    const holder = this.#held.get(this.#identify(path));
    if (holder === undefined) return undefined;
    const { since, token } = holder;
    const owner = { pid: undefined, since, host: '', thisProcess: true, native: false, token };
    const time = new Date(since).toISOString();
    return new LockHeldError(path, owner, `${path} is held by this process since ${time}`);
  }

  forget(): void {
    // Nothing is left behind that would have to go.
  }
}
