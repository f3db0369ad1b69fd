import { HandleBusyError, HandleFreedError } from '../errors.js';
import type { HandleKind, HandleRecord, HandleState } from '../monitor/ledger.js';
import { placed } from '../monitor/text.js';
import type { EngineContext } from './engine-context.js';
import { expiredError } from './expiry.js';
import { HandleCore, type Release } from './handle-core.js';

/**
 * A wrapper of a C++ object. Whoever makes one frees it: `free()`, or `using`. A parent frees its children
 * first. `free()` may be called any number of times; every other use after it throws HandleFreedError.
 */
export abstract class NativeObject {
  /** Whoever holds a handle holds its parent's wrapper, too: the parent is not lost before it. */
  readonly #parent: NativeObject | undefined;
  readonly #core: HandleCore;

  /**
   * @internal Registers the handle; call it only once its C++ object exists. `release` frees that, and must
   * not lead to this wrapper.
   */
  protected constructor(
    context: EngineContext,
    kind: HandleKind,
    parent: NativeObject | undefined,
    pointer: number,
    release: Release,
    name?: string,
  ) {
    this.#parent = parent;
    const owner = parent?.core;
    this.#core = new HandleCore(context, kind, owner, pointer, release, name, NativeObject);
    this.#core.watch(this);
    context.admit?.(this.#core);
  }

  /** From now on it is freed, and told of, when nobody holds it any more, whatever the engine's finalizer does. */
  protected reclaim(): void {
    this.#core.reclaimed = true;
    this.#core.watch(this);
  }

  /** @internal */
  get core(): HandleCore {
    return this.#core;
  }

  /** The handle's number in its engine's ledger. */
  get id(): number {
    return this.#core.record.id;
  }

  get kind(): HandleKind {
    return this.#core.record.kind;
  }

  /** True once its C++ object was given back. */
  get freed(): boolean {
    return this.#core.released;
  }

  /** True once its time to live is over (a policy): any use throws HandleExpiredError. Not freed, it is to be. */
  get expired(): boolean {
    return this.#core.expiry !== undefined;
  }

  /**
   * Gives the C++ object back; children first. Does nothing when it is freed already. Throws
   * HandleBusyError, and frees nothing, while another handle borrows this one.
   */
  free(): void {
    if (this.#core.released) return;
    const holders = this.holders();
    if (holders !== undefined) {
      throw new HandleBusyError(
        'ERR_ROCKSDB_HANDLE_BUSY',
        `${this.kind} #${this.id} is in use by ${holders.join(', ')}: free those first`,
      );
    }
    this.#core.releaseAs('freed');
    this.#core.context.events.deliver();
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** The wrapper of the handle that this one belongs to. */
  protected get parent(): NativeObject | undefined {
    return this.#parent;
  }

  /** Who keeps it from being freed, in words; undefined: nobody. */
  protected holders(): string[] | undefined {
    const { borrowers } = this.#core;
    if (borrowers === undefined || borrowers.size === 0) return undefined;
    return [...borrowers].map(({ record }) => placed(`${record.kind} #${record.id}`, record.site));
  }

  /** Throws HandleFreedError when the handle is freed, HandleExpiredError when its time to live is over. */
  protected assertLive(): void {
    if (!this.#core.usable) throw unusable(this.#core);
  }

  /** Counts an operation on the handle. Throws HandleExpiredError when its time to live ends with that. */
  protected use(): void {
    const { context, record } = this.#core;
    context.ledger.use(record);
    this.assertLive();
  }

  /** Notes that an operation on another handle uses this one. */
  protected touch(): void {
    const { context, record } = this.#core;
    context.ledger.touch(record);
  }

  /**
   * Frees the descendants that `which` chooses (all by default), dependants first, then the newest first;
   * returns their records.
   */
  protected freeChildren(which?: (record: HandleRecord) => boolean): HandleRecord[] {
    return this.#core.freeChildren(which);
  }

  /** Takes the handle out of the ledger and frees what it stands for, even when that throws. */
  protected releaseAs(state: Exclude<HandleState, 'live'>): void {
    this.#core.releaseAs(state);
  }
}

function unusable(core: HandleCore): Error {
  return core.expiry === undefined ? freedError(core.record) : expiredError(core, core.expiry);
}

function freedError({ id, kind, state }: HandleRecord): HandleFreedError {
  const how =
    state === 'freedByOwner'
      ? 'was freed when its owner was closed'
      : state === 'crashed'
        ? 'went with its engine, which crashed'
        : 'was freed';
  return new HandleFreedError('ERR_ROCKSDB_HANDLE_FREED', `${kind} #${id} ${how}`);
}
