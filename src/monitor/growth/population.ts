/** Handles of one kind, or made at one place, which are idle, and what becomes of them over time. */
import type { HandleKind, LedgerRecord } from '../ledger.js';

/** A handle that has not been used for long, as long as that lasts. */
export interface Stay {
  readonly record: LedgerRecord;
  /** The operation that used it last when it was found idle. */
  readonly lastUse: number;
  /** The operation at which it was. */
  readonly since: number;
  /** It has stayed for as long again: whether it does is known. */
  judged: boolean;
  /** The look that saw it last. */
  look: number;
  /** Whom it counts with: its kind, and the place that it was made at. */
  readonly populations: readonly Population[];
}

/** A population at one look; all but the first four are totals since the beginning. */
export interface Point {
  readonly operations: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  /** Idle handles. */
  readonly idle: number;
  /** Handles that are old enough to be idle. */
  readonly old: number;
  readonly entered: number;
  /** Were freed, or used again. */
  readonly left: number;
  /** Of which it is known whether they stay, since they left or stayed as long again. */
  readonly judged: number;
  /** Sum of the stays of those that left, in operations. */
  readonly stayed: number;
}

/** Looks that a window holds, and its first point before them. */
export const WINDOW_POINTS = 41;
/** A window's points are so many looks apart: from the last minutes to hours ago. */
const STRIDES = [1, 8, 64] as const;

/** The newest points of a population, at equal distances. */
export class Window {
  readonly stride: number;
  readonly points: Point[];

  constructor(stride: number, points: readonly Point[] = []) {
    this.stride = stride;
    this.points = [...points];
  }

  push(point: Point): void {
    this.points.push(point);
    if (this.points.length > WINDOW_POINTS) this.points.shift();
  }
}

export class Population {
  readonly kind: HandleKind;
  /** The innermost frame of the place; undefined: all of the kind. */
  readonly place: string | undefined;
  readonly windows: readonly Window[];
  readonly stays = new Set<Stay>();
  /** Counted anew at each look. */
  idle = 0;
  old = 0;
  #entered = 0;
  #left = 0;
  #judged = 0;
  #stayed = 0;
  #looks: number;

  /** `empty`: one that has had no handles; the new one was like it until now. */
  constructor(kind: HandleKind, place: string | undefined, empty?: Population) {
    this.kind = kind;
    this.place = place;
    this.windows = STRIDES.map((stride, at) => new Window(stride, empty?.windows[at]?.points));
    this.#looks = empty === undefined ? 0 : empty.#looks;
  }

  enter(stay: Stay): void {
    this.stays.add(stay);
    this.#entered++;
  }

  /** It has stayed for as long as it had to, to be idle. */
  judge(): void {
    this.#judged++;
  }

  leave(stay: Stay, operations: number): void {
    this.stays.delete(stay);
    this.#left++;
    this.#stayed += operations - stay.since;
    if (!stay.judged) this.#judged++;
  }

  /** A look is over; returns the windows that have a new point. */
  record(operations: number, time: number): Window[] {
    const point: Point = {
      operations,
      time,
      idle: this.idle,
      old: this.old,
      entered: this.#entered,
      left: this.#left,
      judged: this.#judged,
      stayed: this.#stayed,
    };
    const changed = this.windows.filter(({ stride }) => this.#looks % stride === 0);
    this.#looks++;
    for (const window of changed) window.push(point);
    return changed;
  }
}
