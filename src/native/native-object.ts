import { HandleBusyError, HandleFreedError } from '../errors.js';
import type { HandleKind, HandleRecord, HandleState, Ledger } from '../monitor/ledger.js';
import type { Native } from './module.js';

/** Dependants go first when a parent frees its children; within a rank, the newest goes first. */
const FREE_RANK: Readonly<Record<HandleKind, number>> = {
  iterator: 0,
  snapshot: 1,
  writeBatch: 2,
  columnFamily: 3,
  db: 4,
  cache: 5,
  engine: 6,
};

const freeOrder = (a: NativeObject, b: NativeObject) =>
  FREE_RANK[a.kind] - FREE_RANK[b.kind] || b.id - a.id;

/** @internal What a handle is registered with: its engine's ledger and wasm. */
export interface Registry {
  readonly ledger: Ledger;
  readonly native: Native;
}

/**
 * A wrapper of a C++ object. Whoever makes one frees it: `free()`, or `using`. A parent frees its children
 * first. `free()` may be called any number of times; every other use after it throws HandleFreedError.
 */
export abstract class NativeObject {
  readonly #registry: Registry;
  readonly #record: HandleRecord;
  readonly #parent: NativeObject | undefined;
  #children: Set<NativeObject> | undefined;
  #borrowers: Set<NativeObject> | undefined;

  /** @internal Registers the handle; call it only once its C++ object exists. */
  protected constructor(
    registry: Registry,
    kind: HandleKind,
    parent: NativeObject | undefined,
    name?: string,
  ) {
    this.#registry = registry;
    this.#parent = parent;
    this.#record = registry.ledger.add(kind, parent?.id ?? 0, name);
    if (parent !== undefined) {
      parent.#children ??= new Set();
      parent.#children.add(this);
    }
  }

  /** The handle's number in its engine's ledger. */
  get id(): number {
    return this.#record.id;
  }

  get kind(): HandleKind {
    return this.#record.kind;
  }

  /** True once the handle cannot be used any more. */
  get freed(): boolean {
    return this.#record.state !== 'live';
  }

  /**
   * Gives the C++ object back; children first. Does nothing when it is freed already. Throws
   * HandleBusyError, and frees nothing, while another handle borrows this one.
   */
  free(): void {
    if (this.freed) return;
    this.#refuseWhileBorrowed();
    this.releaseAs('freed');
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** Frees the C++ object. Called once; children are gone by then. Not called after a crash. */
  protected abstract release(): void;

  /** Throws HandleFreedError when the handle is freed. */
  protected assertLive(): void {
    if (this.#record.state !== 'live') throw this.#freedError();
  }

  /**
   * Frees the descendants that `which` chooses (all by default), dependants first, then the newest first;
   * returns their records.
   */
  protected freeChildren(which: (child: NativeObject) => boolean = () => true): HandleRecord[] {
    const released: HandleRecord[] = [];
    for (const child of this.#descendants().sort(freeOrder)) {
      if (child.freed || !which(child)) continue;
      released.push(child.#record);
      child.releaseAs('freedByOwner');
    }
    return released;
  }

  #descendants(): NativeObject[] {
    const children = [...(this.#children ?? [])];
    return [...children, ...children.flatMap((child) => child.#descendants())];
  }

  /** Takes the handle out of the ledger and frees what it stands for, even when that throws. */
  protected releaseAs(state: Exclude<HandleState, 'live'>): void {
    const { native, ledger } = this.#registry;
    try {
      if (!native.stopped) this.freeChildren();
      else for (const child of this.#children ?? []) child.releaseAs('crashed');
    } finally {
      ledger.remove(this.#record, native.crashed ? 'crashed' : state);
      if (this.#parent !== undefined) this.#parent.#children?.delete(this);
      this.endBorrows();
      if (!native.stopped) this.release();
    }
  }

  /** For handles that borrow others: give them up. */
  protected endBorrows(): void {}

  /** While `borrower` lives (or until endBorrow), this handle cannot be freed alone. */
  protected static beginBorrow(lender: NativeObject, borrower: NativeObject): void {
    lender.#borrowers ??= new Set();
    lender.#borrowers.add(borrower);
  }

  protected static endBorrow(lender: NativeObject, borrower: NativeObject): void {
    lender.#borrowers?.delete(borrower);
  }

  #refuseWhileBorrowed(): void {
    if (this.#borrowers === undefined || this.#borrowers.size === 0) return;
    const names = [...this.#borrowers].map((handle) => `${handle.kind} #${handle.id}`).join(', ');
    throw new HandleBusyError(
      'ERR_ROCKSDB_HANDLE_BUSY',
      `${this.kind} #${this.id} is in use by ${names}: free those first`,
    );
  }

  #freedError(): HandleFreedError {
    const { id, kind, state } = this.#record;
    const how =
      state === 'freedByOwner'
        ? 'was freed when its owner was closed'
        : state === 'crashed'
          ? 'went with its engine, which crashed'
          : 'was freed';
    return new HandleFreedError('ERR_ROCKSDB_HANDLE_FREED', `${kind} #${id} ${how}`);
  }
}
