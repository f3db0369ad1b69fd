/** Decides of which new handles a creation stack is taken, so that it costs little. */
import { type HandleKind, isInternal, type Ledger } from '../ledger.js';

/** Stacks that a kind may take at once after a pause. */
const BURST = 32;
/** While a kind is in focus so many times as many stacks are taken. */
const FOCUS_FACTOR = 200;
/** A focus ends after so many operations, and rests for twice as many; each further one for twice as long. */
const FOCUS_OPERATIONS = 300_000;
/** Of the stacks that are earned, so many are taken by lot, so that some are left when many come at once. */
const SPENT = 0.8;
/** Weight of the newest gap between two handles in their mean. */
const NEWEST = 0.05;

interface Account {
  /** Stacks that may be taken. */
  credit: number;
  /** When the last handle was made. */
  operations: number;
  /** Operations between two handles, on average. */
  gap: number;
  focusUntil: number;
  /** No focus begins before. */
  restUntil: number;
  focuses: number;
}

/**
 * Each kind earns one stack in so many operations, more while it is in focus. Who gets one is drawn by lot: taken by
 * turns, what is always made after something else would never have its turn.
 */
export class SiteBudget {
  readonly #ledger: Ledger;
  readonly #every: number;
  readonly #accounts = new Map<HandleKind, Account>();
  #random = 0x2545f491;
  /** Stacks that were taken. */
  taken = 0;

  constructor(ledger: Ledger, everyOperations: number) {
    this.#ledger = ledger;
    this.#every = everyOperations;
  }

  /** Whether to take the stack of a new handle. */
  readonly take = (kind: HandleKind): boolean => {
    if (isInternal(kind)) return false;
    const { operations } = this.#ledger;
    const account = this.#account(kind);
    const every = operations < account.focusUntil ? this.#every / FOCUS_FACTOR : this.#every;
    const gap = operations - account.operations;
    account.operations = operations;
    account.credit = Math.min(BURST, account.credit + gap / every);
    account.gap += NEWEST * (gap - account.gap);
    if (account.credit < 1) return false;
    if (account.gap < every && this.#draw() * every > SPENT * account.gap) return false;
    account.credit--;
    this.taken++;
    return true;
  };

  /** Has more taken for a while; does nothing while it is so, nor in the rest after it. */
  focus(kind: HandleKind): void {
    const { operations } = this.#ledger;
    const account = this.#account(kind);
    if (operations < account.restUntil) return;
    account.focusUntil = operations + FOCUS_OPERATIONS;
    account.restUntil = account.focusUntil + FOCUS_OPERATIONS * 2 ** ++account.focuses;
  }

  /** Has no more taken than usual: the focus was of use, and the next need not wait. */
  relax(kind: HandleKind): void {
    const account = this.#account(kind);
    account.focusUntil = account.restUntil = this.#ledger.operations;
    account.focuses = 0;
  }

  isFocused(kind: HandleKind): boolean {
    return this.#ledger.operations < this.#account(kind).focusUntil;
  }

  #account(kind: HandleKind): Account {
    let account = this.#accounts.get(kind);
    if (account === undefined) {
      const { operations } = this.#ledger;
      account = {
        credit: BURST,
        operations,
        gap: this.#every,
        focusUntil: operations,
        restUntil: operations,
        focuses: 0,
      };
      this.#accounts.set(kind, account);
    }
    return account;
  }

  /** From 0 to below 1; Marsaglia's xorshift32. */
  #draw(): number {
    let state = this.#random;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#random = state;
    return (state >>> 0) / 0x1_0000_0000;
  }
}
