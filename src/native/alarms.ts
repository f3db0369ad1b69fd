/** What is due at times of an engine's clock. */
import { warn } from './warning.js';

/** The longest that a timer of the host can wait. */
const TIMER_MAX_MS = 0x7fffffff;

/**
 * @internal One thing that is due at a time. What it calls is held as long as it is set, by the engine too: it must not
 * lead to a wrapper that may be forgotten.
 */
export class Alarm {
  readonly #alarms: Alarms;
  readonly #ring: () => void;
  #due = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(alarms: Alarms, ring: () => void) {
    this.#alarms = alarms;
    this.#ring = ring;
  }

  /** Milliseconds since 1970 by the engine's clock; Infinity: not set. */
  get due(): number {
    return this.#due;
  }

  /** Rings at `due`, and no more at any time that was set before. `awaited`: the process lives until then. */
  set(due: number, awaited = false): void {
    if (due === this.#due) return;
    this.clear();
    if (due === Number.POSITIVE_INFINITY) return;
    this.#due = due;
    this.#alarms.add(this);
    if (!this.#alarms.timers) return;
    const wait = Math.min(Math.max(due - this.#alarms.now(), 0), TIMER_MAX_MS);
    this.#timer = setTimeout(() => this.#look(awaited), Math.ceil(wait));
    if (!awaited) (this.#timer as { unref?: () => void }).unref?.();
  }

  clear(): void {
    this.#due = Number.POSITIVE_INFINITY;
    this.#alarms.remove(this);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Rings. Nobody called for what it does, so nobody can be given its error. */
  ring(): void {
    this.clear();
    try {
      this.#ring();
    } catch (error) {
      warn(`what was due by the clock failed: ${String(error)}`);
    }
  }

  /** The timer may have been too short, or the clock set back. */
  #look(awaited: boolean): void {
    const due = this.#due;
    if (this.#alarms.now() >= due) this.ring();
    else {
      this.clear();
      this.set(due, awaited);
    }
  }
}

/** @internal Of one engine. */
export class Alarms {
  readonly now: () => number;
  /** Whether the host's timers go with the engine's clock; without, only poll() rings. */
  readonly timers: boolean;
  readonly #set = new Set<Alarm>();

  constructor(now: () => number, timers: boolean) {
    this.now = now;
    this.timers = timers;
  }

  /** An alarm that is not set. */
  make(ring: () => void): Alarm {
    return new Alarm(this, ring);
  }

  add(alarm: Alarm): void {
    this.#set.add(alarm);
  }

  remove(alarm: Alarm): void {
    this.#set.delete(alarm);
  }

  /** Rings what is due, the earliest first. */
  poll(): void {
    if (this.#set.size === 0) return;
    const now = this.now();
    const due = [...this.#set].filter((alarm) => alarm.due <= now);
    for (const alarm of due.sort((a, b) => a.due - b.due)) {
      if (alarm.due <= now) alarm.ring();
    }
  }

  /** Nothing rings any more. */
  end(): void {
    for (const alarm of [...this.#set]) alarm.clear();
  }
}
