/**
 * What an engine knows of a handle: everything but its wrapper. Parents hold the cores of their children, so
 * that a wrapper that nobody else holds can be collected, and found so, while its parent lives.
 */
import type { Expiry } from '../errors.js';
import type { HandleKind, HandleState, LedgerRecord } from '../monitor/ledger.js';
import type { EngineContext } from './engine-context.js';

/** Dependants go first when a parent frees its children; within a rank, the newest goes first. */
const FREE_RANK: Readonly<Record<HandleKind, number>> = {
  iterator: 0,
  pinnedSlice: 0,
  transactionLogIterator: 0,
  databaseHold: 0,
  exportedFiles: 0,
  snapshotHold: 0,
  iteratorLease: 0,
  pooledIterator: 0,
  snapshot: 1,
  databaseLease: 2,
  bulkWriter: 2,
  writeBatch: 2,
  transaction: 2,
  sstFileWriter: 2,
  sstFileReader: 2,
  backupEngine: 2,
  iteratorPool: 3,
  columnFamily: 3,
  db: 4,
  cache: 5,
  statistics: 5,
  rateLimiter: 5,
  sstFileManager: 5,
  writeBufferManager: 5,
  engine: 6,
  file: 7,
  buffer: 7,
};

export const freeOrder = (a: HandleCore, b: HandleCore) =>
  FREE_RANK[a.record.kind] - FREE_RANK[b.record.kind] || b.record.id - a.record.id;

/** Gives a C++ object back; its children are gone by then. It must not lead to the wrapper. */
export type Release = (core: HandleCore) => void;

/** Tells of wrappers that were collected. Its entries end with the handle. */
const finalizers = new FinalizationRegistry<HandleCore>((core) => core.context.finalized(core));

/** @internal */
export class HandleCore {
  readonly context: EngineContext;
  readonly record: LedgerRecord;
  readonly parent: HandleCore | undefined;
  /** Address of its C++ object; 0: none. */
  readonly pointer: number;
  readonly #release: Release;
  /** True from the beginning of its release on. */
  released = false;
  /** Freed when its wrapper was collected, whatever the engine does with others: it is a part of a pool. */
  reclaimed = false;
  /** False from then on, or from the end of its time to live. */
  usable = true;
  /** How its time to live ended. */
  expiry: Expiry | undefined = undefined;
  /** Has it give up what it pins, where that is possible; as a policy asks. It must not lead to the wrapper. */
  refresh: Release | undefined = undefined;
  /** How often that was done: its wrapper looks where it is. */
  refreshes = 0;
  /** The column families that it reads, where it keeps what it reads. */
  families: readonly HandleCore[] | undefined = undefined;
  /** Its parent is freed after it: the private engine of a database. */
  ownsParent = false;
  #watched = false;
  // Children of one parent, from the newest to the oldest.
  #newestChild: HandleCore | undefined = undefined;
  #older: HandleCore | undefined = undefined;
  #newer: HandleCore | undefined = undefined;
  #lenders: readonly HandleCore[] | undefined = undefined;
  #borrowers: Set<HandleCore> | undefined = undefined;

  constructor(
    context: EngineContext,
    kind: HandleKind,
    parent: HandleCore | undefined,
    pointer: number,
    release: Release,
    name: string | undefined,
    /** The function of ours below which the creation site is looked for. */
    above: unknown,
  ) {
    this.context = context;
    this.parent = parent;
    this.pointer = pointer;
    this.#release = release;
    this.record = context.ledger.add(kind, parent?.record, name, above);
    if (parent === undefined) return;
    const next = parent.#newestChild;
    this.#older = next;
    if (next !== undefined) next.#newer = this;
    parent.#newestChild = this;
  }

  /** Has the garbage collector tell when the wrapper is collected, if the engine or its maker wants to know. */
  watch(wrapper: object): void {
    if (this.#watched || (this.context.finalizer === 'off' && !this.reclaimed)) return;
    this.#watched = true;
    finalizers.register(wrapper, this, this);
  }

  /** Its engine is private to it: freed after it, and lost with it. */
  ownEngine(): void {
    this.ownsParent = true;
    this.parent?.unwatch();
  }

  /** The wrapper's fate says nothing any more. */
  unwatch(): void {
    if (!this.#watched) return;
    this.#watched = false;
    finalizers.unregister(this);
  }

  /** Its column family was dropped, whose data it keeps. */
  orphan(): void {
    if (this.record.state === 'live') this.record.state = 'orphaned';
  }

  /** Children, their children and so on; in no order. */
  descendants(): HandleCore[] {
    const all: HandleCore[] = [];
    this.#collect(all);
    return all;
  }

  /** Its own live children of a kind, the newest first. */
  childrenOf(kind: HandleKind): HandleCore[] {
    const found: HandleCore[] = [];
    for (let child = this.#newestChild; child !== undefined; child = child.#older) {
      if (child.record.kind === kind) found.push(child);
    }
    return found;
  }

  /** Those who borrow it. */
  get borrowers(): ReadonlySet<HandleCore> | undefined {
    return this.#borrowers;
  }

  /** From now on, until endBorrow(), none of `lenders`, and no others, can be freed alone. */
  borrow(...lenders: readonly HandleCore[]): void {
    this.endBorrow();
    this.#lenders = lenders;
    for (const lender of lenders) {
      lender.#borrowers ??= new Set();
      lender.#borrowers.add(this);
      lender.record.borrowers ??= new Set();
      lender.record.borrowers.add(this.record);
    }
    this.record.borrows = lenders.map(({ record }) => record.id);
  }

  /** The one of a kind that it borrows. */
  lender(kind: HandleKind): HandleCore | undefined {
    return this.#lenders?.find(({ record }) => record.kind === kind);
  }

  endBorrow(): void {
    if (this.#lenders === undefined) return;
    for (const lender of this.#lenders) {
      lender.#borrowers?.delete(this);
      lender.record.borrowers?.delete(this.record);
    }
    this.#lenders = undefined;
    if (!this.released) this.record.borrows = [];
  }

  /**
   * Frees the descendants that `which` chooses (all by default), dependants first, then the newest first;
   * returns their records. Goes on after an error, and throws the first one at the end.
   */
  freeChildren(which?: (record: LedgerRecord) => boolean): LedgerRecord[] {
    if (this.#newestChild === undefined) return [];
    const freed: LedgerRecord[] = [];
    const errors: unknown[] = [];
    for (const child of this.descendants().sort(freeOrder)) {
      if (child.released || which?.(child.record) === false) continue;
      freed.push(child.record);
      try {
        child.releaseAs('freedByOwner');
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return freed;
  }

  /** Takes the handle out of the ledger and frees what it stands for, even when that throws. */
  releaseAs(state: Exclude<HandleState, 'live'>): void {
    const { native, ledger } = this.context;
    this.released = true;
    this.usable = false;
    try {
      if (!native.stopped) this.freeChildren();
      else for (const child of this.descendants()) child.#end('crashed');
    } finally {
      this.#end(native.crashed ? 'crashed' : state);
      try {
        if (!native.stopped) this.#release(this);
      } finally {
        if (this.record.kind === 'engine') ledger.end(native.crashed ? 'crashed' : 'freedByOwner');
        if (this.ownsParent && this.parent?.released === false) this.parent.releaseAs(state);
      }
    }
  }

  /** Out of the ledger, of its parent and of the handles that it borrows. */
  #end(state: Exclude<HandleState, 'live'>): void {
    this.released = true;
    this.usable = false;
    this.context.ledger.remove(this.record, state);
    this.unwatch();
    this.endBorrow();
    const { parent } = this;
    if (parent === undefined) return;
    if (this.#newer !== undefined) this.#newer.#older = this.#older;
    else if (parent.#newestChild === this) parent.#newestChild = this.#older;
    if (this.#older !== undefined) this.#older.#newer = this.#newer;
    this.#newer = undefined;
    this.#older = undefined;
  }

  #collect(all: HandleCore[]): void {
    for (let child = this.#newestChild; child !== undefined; child = child.#older) {
      all.push(child);
      child.#collect(all);
    }
  }
}
