/** The index of a batch, whose order a comparator of the program's may have left wrong. */
import { CallbackError, InvalidArgumentError } from './errors.js';
import type { DbPtr } from './native/exports.gen.js';
import type { Native } from './native/module.js';

/**
 * RocksDB puts an operation into the index by comparing keys. A comparator that throws meanwhile leaves the operation
 * in the batch, and at a wrong place in the index: nothing is read or applied then, until the index is made anew.
 * A transaction and the batch that it gives out share one.
 */
export class BatchIndex {
  #cause: CallbackError | undefined;

  /** Throws when what it says cannot be relied on. */
  assertOrdered(): void {
    if (this.#cause === undefined) return;
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INDEX_MISPLACED',
      'a comparator threw while an operation was put into the index, whose order is not right any more: clear the ' +
        'batch, or roll the transaction back, or go back to a savepoint from before that',
      { cause: this.#cause },
    );
  }

  /** Looks at what a change has come to that threw. Returns whether its order is lost. */
  changeThrew(native: Native, view: DbPtr, error: unknown): boolean {
    if (native.stopped || !(error instanceof CallbackError) || error.background) return false;
    if (native.calls.rdb_view_misplaced(view) === 0) return false;
    this.#cause = error;
    return true;
  }

  /** It was made anew, or is empty. */
  madeAnew(): void {
    this.#cause = undefined;
  }
}
