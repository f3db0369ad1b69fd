/** Changing what is fixed in a column family, by copying it to a new one while both are used. */

import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { RocksDBError } from './errors.js';
import {
  CopyProgressLayout,
  type DbPtr,
  type FamilyCopyPtr,
  WriteFlags,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { expected } from './option-errors.js';
import { fieldsOf, flag, integer } from './option-values.js';

/** How far a copy is. */
export interface CopyProgress {
  /** Entries written so far, those that had changed meanwhile among them. */
  entries: number;
  /** Bytes of their keys and values. */
  bytes: number;
  /** 0: the first pass; then the rounds that copy what was changed meanwhile. */
  round: number;
}

export interface CopyColumnFamilyOptions {
  /** Bytes copied before the program has its turn. Default: 256 KiB, some milliseconds. */
  bytesPerTurn?: number;
  /** Called after each turn. What it throws ends the copy. */
  progress?: (progress: CopyProgress) => void;
  /** Ends the copy with the signal's reason. */
  signal?: AbortSignal;
  /** Write the copy without the log; it is flushed before the call ends. Default: false. */
  disableWAL?: boolean;
  /** Drop the source once the copy is complete and on disk. Default: false. */
  dropSource?: boolean;
  /** Drop a column family of the name first: what a copy has left that did not get to its end. */
  replace?: boolean;
}

export const COPY_OPTIONS = [
  'bytesPerTurn',
  'progress',
  'signal',
  'disableWAL',
  'dropSource',
  'replace',
] as const satisfies readonly (keyof CopyColumnFamilyOptions)[];

/** Checked. */
export interface CopyPlan {
  readonly bytesPerTurn: number;
  readonly progress: ((progress: CopyProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly disableWAL: boolean;
  readonly dropSource: boolean;
  readonly replace: boolean;
}

export function checkCopyOptions(options: CopyColumnFamilyOptions): CopyPlan {
  fieldsOf('copyColumnFamily', options, COPY_OPTIONS);
  const { progress, signal } = options;
  if (progress !== undefined && typeof progress !== 'function') {
    throw expected('a function', 'progress', progress);
  }
  if (signal !== undefined && typeof signal.throwIfAborted !== 'function') {
    throw expected('an AbortSignal', 'signal', signal);
  }
  const perTurn = options.bytesPerTurn;
  return {
    bytesPerTurn: integer('bytesPerTurn', perTurn, 1, Number.MAX_SAFE_INTEGER, 256 * 1024),
    progress,
    signal,
    disableWAL: flag('disableWAL', options.disableWAL, false),
    dropSource: flag('dropSource', options.dropSource, false),
    replace: flag('replace', options.replace, false),
  };
}

/** Changes of a round that are few enough for the last one, which gives nobody a turn. */
const LAST_ROUND_CHANGES = 1000;
/** Rounds after which the next is the last, however much the program writes. */
const ROUNDS_MAX = 12;

/** The copy as an object of C++: it holds a snapshot of the source. */
class FamilyCopy extends NativeObject {
  readonly #engine: Engine;
  /** Keys that had changed, in the present round. */
  changes = 0;
  #round = 0;

  constructor(
    engine: Engine,
    db: DbPtr,
    source: AnyColumnFamily,
    target: AnyColumnFamily,
    flags: number,
  ) {
    const { native, out } = engine;
    const { calls } = native;
    native.check(calls.rdb_family_copy_create(db, source.pointer, target.pointer, flags, out));
    const pointer = native.heap.getWord(out) as FamilyCopyPtr;
    // It goes before the handle that it reads through.
    super(engine.context, 'databaseHold', source, pointer, release, `copy to ${target.name}`);
    this.#engine = engine;
  }

  beginRound(): void {
    this.assertLive();
    const { native } = this.#engine;
    native.check(native.calls.rdb_family_copy_begin_round(this.core.pointer as FamilyCopyPtr));
    this.#round++;
  }

  step(bytes: number): CopyProgress & { idle: boolean } {
    this.assertLive();
    const { native, out } = this.#engine;
    const { heap, calls } = native;
    const layout = CopyProgressLayout;
    native.check(calls.rdb_family_copy_step(this.core.pointer as FamilyCopyPtr, bytes, out));
    this.changes = heap.getDouble(out + layout.changes);
    const entries = heap.getDouble(out + layout.entries);
    const progress = {
      entries,
      bytes: heap.getDouble(out + layout.bytes),
      round: this.#round,
      idle: heap.getWord(out + layout.idle) === 1,
    };
    this.#engine.settle();
    return progress;
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_family_copy_free(pointer as FamilyCopyPtr);
  context.settle();
}

/** Fills `target`; when it returns both have the same entries, and nothing has come between. */
export async function copyFamily(
  engine: Engine,
  db: DbPtr,
  source: AnyColumnFamily,
  target: AnyColumnFamily,
  plan: CopyPlan,
  assertPossible: () => void,
): Promise<void> {
  const flags = plan.disableWAL ? WriteFlags.WriteDisableWal : 0;
  const copy = new FamilyCopy(engine, db, source, target, flags);
  try {
    await run(copy, target, plan, assertPossible);
    for (let round = 1; copy.changes > LAST_ROUND_CHANGES || round === 1; round++) {
      if (round === ROUNDS_MAX) break;
      copy.beginRound();
      await run(copy, target, plan, assertPossible);
    }
    copy.beginRound();
    copy.step(Number.POSITIVE_INFINITY);
    assertPossible();
  } finally {
    copy.free();
  }
}

/** Steps until the pass or round is complete, with a turn for the program after each. */
async function run(
  copy: FamilyCopy,
  target: AnyColumnFamily,
  { bytesPerTurn, progress, signal }: CopyPlan,
  assertPossible: () => void,
): Promise<void> {
  for (;;) {
    const { idle, ...now } = copy.step(bytesPerTurn);
    progress?.(now);
    await nextTurn();
    signal?.throwIfAborted();
    if (copy.freed || target.freed || target.dropped) {
      throw new RocksDBError(
        'ERR_ROCKSDB_ABORTED',
        `the copy to column family '${target.name}' ended: its handle, the source's or the database was given up`,
      );
    }
    assertPossible();
    if (idle) return;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
