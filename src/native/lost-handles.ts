/** Handles that nobody holds any more and nobody freed: told of, and freed if wanted. */
import type { HandleRecord } from '../monitor/ledger.js';
import { describeHandles, handlesWere } from '../monitor/text.js';
import { reclaim } from './expiry.js';
import { freeOrder, type HandleCore } from './handle-core.js';
import { warn } from './warning.js';

/** Gets the records of handles that were found together, in the order in which they are freed. */
export type TellLost = (handles: readonly HandleRecord[]) => void;

/** @internal */
export class LostHandles {
  readonly #tell: TellLost | undefined;
  #toFree: HandleCore[] = [];
  #found: HandleCore[] = [];
  #turn = false;

  constructor(tell: TellLost | undefined) {
    this.#tell = tell;
  }

  /** Handles that wait to be freed. */
  get waiting(): number {
    return this.#toFree.length;
  }

  /** Called in a turn of the collector's own. What is found in one go is told, and freed, together. */
  add(core: HandleCore, free: boolean): void {
    this.#found.push(core);
    if (free) this.#toFree.push(core);
    if (this.#turn) return;
    this.#turn = true;
    const timer = setTimeout(() => {
      this.#turn = false;
      this.free();
      this.#report();
    }, 0);
    (timer as { unref?: () => void }).unref?.();
  }

  /** Frees what waits, dependants first, then the newest first. At a quiescent point only. */
  free(): void {
    const cores = this.#toFree;
    this.#toFree = [];
    for (const core of cores.sort(freeOrder)) reclaim(core, 'finalized', 'finalizer');
  }

  #report(): void {
    const cores = this.#found;
    this.#found = [];
    const found = new Set(cores);
    // A database and its column families are lost as one.
    const told = cores.filter(
      ({ record, parent }) => record.kind !== 'columnFamily' || !found.has(parent as HandleCore),
    );
    if (told.length === 0) return;
    const records = told.sort(freeOrder).map(({ record }) => record);
    if (this.#tell !== undefined) this.#tell(records);
    else
      warnLost(
        records,
        told.every(({ released }) => released),
      );
  }
}

function warnLost(records: readonly HandleRecord[], freed: boolean): void {
  const now = freed ? ', and freed now' : '';
  warn(`${handlesWere(records.length)} lost without free()${now}: ${describeHandles(records)}`);
}
