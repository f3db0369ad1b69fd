/** Decides of which new handles a creation stack is taken, so that it costs little. */
import type { HandleKind, Ledger } from '../ledger.js';

/** Stacks that a kind may take at once after a pause. */
const BURST = 16;
/** While a kind is in focus so many times as many stacks are taken. */
const FOCUS_FACTOR = 50;
/** A focus ends after so many operations, and rests for twice as many before it may begin again. */
const FOCUS_OPERATIONS = 300_000;

interface Account {
  /** Stacks that may be taken. */
  credit: number;
  operations: number;
  focusUntil: number;
}

/** Each kind earns one stack in so many operations, one in a fiftieth of that while it is in focus. */
export class SiteBudget {
  readonly #ledger: Ledger;
  readonly #every: number;
  readonly #accounts = new Map<HandleKind, Account>();
  /** Stacks that were taken. */
  taken = 0;

  constructor(ledger: Ledger, everyOperations: number) {
    this.#ledger = ledger;
    this.#every = everyOperations;
  }

  /** Whether to take the stack of a new handle. */
  readonly take = (kind: HandleKind): boolean => {
    const { operations } = this.#ledger;
    const account = this.#account(kind);
    const every = operations < account.focusUntil ? this.#every / FOCUS_FACTOR : this.#every;
    const earned = (operations - account.operations) / every;
    account.credit = Math.min(BURST, account.credit + earned);
    account.operations = operations;
    if (account.credit < 1) return false;
    account.credit--;
    this.taken++;
    return true;
  };

  /** Has more taken for a while; does nothing while it is so, nor in the rest after it. */
  focus(kind: HandleKind): void {
    const { operations } = this.#ledger;
    const account = this.#account(kind);
    if (operations < account.focusUntil + 2 * FOCUS_OPERATIONS) return;
    account.focusUntil = operations + FOCUS_OPERATIONS;
  }

  /** Has no more taken than usual; a new focus may begin at once. */
  relax(kind: HandleKind): void {
    const account = this.#account(kind);
    if (account.focusUntil > this.#ledger.operations) {
      account.focusUntil = Number.NEGATIVE_INFINITY;
    }
  }

  isFocused(kind: HandleKind): boolean {
    return this.#ledger.operations < this.#account(kind).focusUntil;
  }

  #account(kind: HandleKind): Account {
    let account = this.#accounts.get(kind);
    if (account === undefined) {
      const { operations } = this.#ledger;
      account = { credit: BURST, operations, focusUntil: Number.NEGATIVE_INFINITY };
      this.#accounts.set(kind, account);
    }
    return account;
  }
}
