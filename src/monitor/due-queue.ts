/** Handles in the order in which their time comes. */
import type { Ledger, LedgerRecord } from './ledger.js';

/** An age. With both, whichever comes first. */
export interface Threshold {
  /** Milliseconds by the engine's clock. */
  ms?: number;
  /** Operations of the engine. */
  operations?: number;
}

/** From where a handle's age is counted. */
export interface AgeBase {
  readonly operation: number;
  readonly time: number;
}

interface Waiting extends AgeBase {
  readonly record: LedgerRecord;
}

/** Entries beyond which it is looked whether most of them have ended. */
const COMPACT_FROM = 64;

/**
 * All have the same threshold and come in the order of their ages, so the first one is due first, and an operation
 * looks at no other.
 */
export class DueQueue {
  readonly #ledger: Ledger;
  readonly #threshold: Threshold;
  #entries: Waiting[] = [];
  #head = 0;
  #compactAt = COMPACT_FROM;

  constructor(ledger: Ledger, threshold: Threshold) {
    this.#ledger = ledger;
    this.#threshold = threshold;
  }

  /** `base`: not before that of the one pushed last. */
  push(record: LedgerRecord, { operation, time }: AgeBase): void {
    if (this.#entries.length >= this.#compactAt) this.#compact();
    this.#entries.push({ record, operation, time });
  }

  /** The operation with which the first one is due; infinite: none is. */
  get dueOperation(): number {
    const { operations } = this.#threshold;
    const first = this.#first();
    if (operations === undefined || first === undefined) return Number.POSITIVE_INFINITY;
    return first.operation + operations;
  }

  /** Likewise the time, milliseconds since 1970. */
  get dueTime(): number {
    const { ms } = this.#threshold;
    const first = this.#first();
    return ms === undefined || first === undefined ? Number.POSITIVE_INFINITY : first.time + ms;
  }

  /** Takes out those that are due, the first ones first. */
  take(): LedgerRecord[] {
    const { operations } = this.#ledger;
    const due: LedgerRecord[] = [];
    const timed = this.#threshold.ms !== undefined;
    const now = timed ? this.#ledger.now() : 0;
    while (this.dueOperation <= operations || (timed && this.dueTime <= now)) {
      due.push((this.#entries[this.#head++] as Waiting).record);
    }
    return due;
  }

  /** The first that has not ended. */
  #first(): Waiting | undefined {
    for (;;) {
      const entry = this.#entries[this.#head];
      if (entry === undefined || this.#ledger.holds(entry.record)) return entry;
      this.#head++;
    }
  }

  /** Forgets those that have ended; so they are never more than those that live. */
  #compact(): void {
    this.#entries = this.#entries
      .slice(this.#head)
      .filter(({ record }) => this.#ledger.holds(record));
    this.#head = 0;
    this.#compactAt = Math.max(COMPACT_FROM, 2 * this.#entries.length);
  }
}
