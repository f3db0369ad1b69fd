import type { Engine } from '../engine.js';
import { shown } from '../shown.js';
import { ByteGrowth, ROUNDS_MIN } from './byte-growth.js';
import { type Leak, LeakError } from './leak-error.js';
import { LiveGrowth } from './live-growth.js';
import { pointAt } from './places.js';
import { type AnyRocksDB, Scope, watchClosely } from './scope.js';
import { forgetSources } from './source-maps.js';

export interface NoLeakOptions {
  /** Rounds that are measured. Default: 8. */
  rounds?: number;
  /** Rounds before them, for what is made once and kept. Default: 2. */
  warmup?: number;
  /** Look at these engines only. Default: all of the process, also those that `fn` makes. */
  engines?: readonly Engine[];
  /** Look at what belongs to this database only, and not at bytes. */
  db?: AnyRocksDB;
  /** Whether bytes are compared, too, from 4 rounds on. Default: true. */
  bytes?: boolean;
  /** `fn` throws (or rejects) in every round, and is to leak nothing on that way. Default: false. */
  throws?: boolean;
}

/**
 * Runs `fn` a few times and throws LeakError when something is left over.
 *
 * A handle leak: after a measured round more handles of a kind, made at one place, are live than there were
 * before. Reported after the first such round. A byte leak: an owner of `heap.owners()` has grown in every
 * measured round; memtables and block caches may fill up to their capacity, and tables and the like may grow
 * with the number of files.
 *
 * A round ends at a quiescent point: a few turns of the event loop later, with all background work of the
 * engines done. What `fn` throws does not hide a leak: it becomes the LeakError's `cause`; without a leak it is
 * thrown on after the last round.
 */
export async function assertNoLeak(fn: () => unknown, options: NoLeakOptions = {}): Promise<void> {
  const { stack } = new Error();
  const leak = await findLeak(fn, options);
  if (leak !== undefined) throw pointAt(leak, stack);
}

/** The leak of `fn`, or undefined. Throws what `fn` throws when it leaks nothing. */
export async function findLeak(
  fn: () => unknown,
  options: NoLeakOptions,
): Promise<LeakError | undefined> {
  const check = checked(fn, options);
  forgetSources();
  const restore = watchClosely();
  try {
    return await measure(fn, check);
  } finally {
    restore();
  }
}

interface Check {
  readonly rounds: number;
  readonly warmup: number;
  readonly bytes: boolean;
  readonly throws: boolean;
  readonly scope: Scope;
}

function checked(fn: unknown, options: NoLeakOptions): Check {
  const { rounds = 8, warmup = 2, bytes = true, throws = false } = options;
  if (typeof fn !== 'function') {
    throw new TypeError(`a leak check expects a function, got ${fn === null ? 'null' : typeof fn}`);
  }
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`rounds: expected an integer from 1, got ${shown(rounds)}`);
  }
  if (!Number.isInteger(warmup) || warmup < 0) {
    throw new TypeError(`warmup: expected an integer from 0, got ${shown(warmup)}`);
  }
  const scope = new Scope(options);
  return {
    rounds,
    warmup,
    bytes: bytes && rounds >= ROUNDS_MIN && scope.wholeEngines,
    throws,
    scope,
  };
}

async function measure(fn: () => unknown, check: Check): Promise<LeakError | undefined> {
  const { rounds, warmup, scope } = check;
  const live = new LiveGrowth();
  const failures: Failure[] = [];
  await scope.quiesce();
  live.accept(scope.handles());
  let bytes: ByteGrowth | undefined;
  for (let round = 1 - warmup; round <= rounds; round++) {
    if (round === 1 && check.bytes) bytes = new ByteGrowth(scope.views());
    const failure = await attempt(fn, check.throws);
    if (failure !== undefined) failures.push(failure);
    await scope.quiesce();
    if (round >= 1) {
      const leaks = await handleLeaks(scope, live, round);
      if (leaks.length > 0)
        return leakError(leaks, `left over in round ${round} of ${rounds}`, failure);
      bytes?.next(scope.views());
    }
    live.accept(scope.handles());
  }
  const leaks = bytes?.leaks(rounds) ?? [];
  if (leaks.length > 0) return leakError(leaks, `more after ${rounds} rounds`, failures[0]);
  const unexpected = failures.find(({ expected }) => !expected);
  if (unexpected !== undefined) throw unexpected.error;
  return undefined;
}

/** What is left over is looked at again, since it may only be late. */
async function handleLeaks(scope: Scope, live: LiveGrowth, round: number): Promise<Leak[]> {
  const now = () => live.leaks(scope.handles(), round);
  if (now().length === 0) return [];
  await scope.waitFor(() => now().length === 0);
  return now();
}

interface Failure {
  readonly error: unknown;
  readonly expected: boolean;
}

async function attempt(fn: () => unknown, throws: boolean): Promise<Failure | undefined> {
  try {
    await fn();
  } catch (error) {
    return { error, expected: throws };
  }
  if (!throws) return undefined;
  return { error: new Error('expected the function to throw, and it did not'), expected: false };
}

function leakError(leaks: Leak[], outcome: string, failure: Failure | undefined): LeakError {
  return new LeakError(
    leaks,
    outcome,
    failure === undefined ? undefined : { cause: failure.error },
  );
}
