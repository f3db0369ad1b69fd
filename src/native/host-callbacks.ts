/** Functions of the program's that RocksDB calls: comparators, merge operators, listeners and so on. */
import type { HostState } from './exports.gen.js';

/** An object whose functions C++ calls by number; each gets the address of its arguments. */
export interface HostObject {
  readonly methods: readonly ((at: number) => void)[];
  /** Bit n: it has method n. For those whose methods are not all there. */
  readonly has?: number;
}

interface Entry {
  readonly object: HostObject;
  holders: number;
}

/** @internal Those of one engine, by number. C++ counts as a holder as long as it has the number. */
export class HostCallbacks {
  readonly #host: HostState;
  readonly #inBackground: () => boolean;
  readonly #entries = new Map<number, Entry>();
  #next = 1;

  constructor(host: HostState, inBackground: () => boolean) {
    this.#host = host;
    this.#inBackground = inBackground;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** A number for the object. Its maker holds it; release() when C++ has had time to take it. */
  add(object: HostObject): number {
    const id = this.#next++;
    this.#entries.set(id, { object, holders: 1 });
    return id;
  }

  retain(id: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.holders++;
  }

  release(id: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && --entry.holders === 0) this.#entries.delete(id);
  }

  /**
   * Calls a method, in the middle of a call of the engine's: that cannot be entered meanwhile. Returns 1, or
   * 0 when the method threw; the first such error of a call is kept for it to end with.
   */
  call(id: number, method: number, at: number): number {
    const host = this.#host;
    const before = host.active;
    host.active = true;
    try {
      const run = this.#entries.get(id)?.object.methods[method];
      if (run === undefined) throw new TypeError(`callback ${id} has no method ${method}`);
      run(at);
      return 1;
    } catch (error) {
      host.failure ??= { error, background: this.#inBackground() };
      return 0;
    } finally {
      host.active = before;
    }
  }

  /** Nothing will be called any more. */
  clear(): void {
    this.#entries.clear();
    this.#host.failure = undefined;
  }
}
