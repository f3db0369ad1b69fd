/** Decides which calls are struck and with what, counts them, and keeps a log. */
import { type Clock, systemClock } from '../wasi/clock.js';
import { FileSystemError } from '../wasi/file-system.js';
import { SeededRandom } from '../wasi/random.js';
import { OPERATIONS, type Operation } from './operations.js';
import {
  below,
  checkEffect,
  checkRules,
  type FaultEffect,
  type FaultRule,
  invalid,
  RuleState,
} from './rules.js';

/** For what rules cannot say: an errno to fail with, or an effect; undefined lets the call pass. */
export type FaultFunction = (
  operation: Operation,
  path: string,
) => string | FaultEffect | undefined;

/** A fault that was injected. Plain data. */
export interface InjectedFault {
  /** The number of the call among all calls, from 1. Of `flipBits()`: that of the last call before. */
  readonly call: number;
  /** Its number among those of its operation, from 1. */
  readonly operationCall: number;
  readonly operation: Operation;
  readonly path: string;
  /** Indexes of the rules that struck. None: the fault function, `flipBits()`, or a full disk. */
  readonly rules: readonly number[];
  readonly errno?: string;
  readonly fails?: 'before' | 'after';
  /** How many bytes the call was allowed. */
  readonly bytes?: number;
  /** The bits that were flipped, counted from the beginning of the file. */
  readonly flippedBits?: readonly number[];
  readonly delayMs?: number;
}

export type Counts = Record<Operation, number>;

/** The newest faults that are kept. */
const LOG_LENGTH_MAX = 10_000;
/** What is done whatever is reported: a file is never left open by a failing close(). */
const ALWAYS_DONE: ReadonlySet<Operation> = new Set(['close', 'unlock']);

export class Injector {
  enabled = true;
  fault: FaultFunction | undefined;
  calls = 0;
  callsOf = noCounts();
  injectedOf = noCounts();
  log: InjectedFault[] = [];
  readonly #seed: bigint;
  readonly #clock: Clock;
  #rules: readonly FaultRule[] = [];
  #states: readonly RuleState[] = [];
  #random: SeededRandom;

  constructor(seed: number | bigint, clock: Clock = systemClock) {
    if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
      throw invalid('seed', seed, 'is not an integer');
    }
    this.#seed = BigInt(seed);
    this.#clock = clock;
    this.#random = new SeededRandom(this.#seed);
  }

  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  set rules(rules: readonly FaultRule[]) {
    checkRules(rules, 'rules');
    this.#rules = structuredClone(rules);
    // Far apart, so that no rule draws what another one does.
    this.#states = this.#rules.map(
      (rule, index) => new RuleState(rule, this.#seed + (BigInt(index + 1) << 32n)),
    );
  }

  reset(): void {
    this.calls = 0;
    this.callsOf = noCounts();
    this.injectedOf = noCounts();
    this.log = [];
    this.#random = new SeededRandom(this.#seed);
    for (const state of this.#states) state.reset();
  }

  /** Counts a call. Returns what is to happen to it, after its delay; undefined: nothing. */
  meet(operation: Operation, path: string): Effect | undefined {
    this.calls++;
    this.callsOf[operation]++;
    if (!this.enabled) return undefined;
    const struck: number[] = [];
    for (const [index, state] of this.#states.entries()) {
      if (state.strikes(operation, path)) struck.push(index);
    }
    const effects: FaultEffect[] = struck.map((index) => this.#rules[index] as FaultRule);
    if (!effects.some(({ errno }) => errno !== undefined)) {
      const asked = this.#ask(operation, path);
      if (asked !== undefined) effects.push(asked);
    }
    if (effects.length === 0) return undefined;
    const effect = together(effects, operation);
    if (effect.delayMs !== undefined) this.#clock.sleep(BigInt(Math.round(effect.delayMs * 1e6)));
    // Of flipped bits nothing is known before there is data.
    if (effect.flipBits === undefined) this.note(operation, path, effect, struck);
    return { ...effect, struck };
  }

  /** Does what the operation is about, but for what a fault says. `undo` takes back what is reported as failed. */
  run<T>(operation: Operation, path: string, work: () => T, undo?: (done: T) => void): T {
    const effect = this.meet(operation, path);
    if (effect?.errno === undefined) return work();
    if (effect.fails === 'after') {
      const done = work();
      undo?.(done);
    }
    throw injected(effect.errno, operation, path);
  }

  note(
    operation: Operation,
    path: string,
    { errno, fails, bytes, delayMs }: FaultEffect,
    rules: readonly number[],
    flippedBits?: readonly number[],
  ): void {
    this.injectedOf[operation]++;
    this.log.push({
      call: this.calls,
      operationCall: this.callsOf[operation],
      operation,
      path,
      rules,
      ...(errno === undefined ? {} : { errno, fails: fails ?? 'before' }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(flippedBits === undefined ? {} : { flippedBits }),
      ...(delayMs === undefined ? {} : { delayMs }),
    });
    if (this.log.length > LOG_LENGTH_MAX) this.log.shift();
  }

  /** Different bits of those between `from` and `to`, in order: at most all that there are. */
  chooseBits(from: number, to: number, count: number): number[] {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, to - from)) {
      chosen.add(from + below(this.#random, to - from));
    }
    return [...chosen].sort((a, b) => a - b);
  }

  #ask(operation: Operation, path: string): FaultEffect | undefined {
    const asked = this.fault?.(operation, path);
    if (asked === undefined) return undefined;
    const effect = typeof asked === 'string' ? { errno: asked } : asked;
    checkEffect(effect, 'fault', [operation]);
    return effect;
  }
}

/** What is to happen, and the rules that say so. */
export interface Effect extends FaultEffect {
  readonly struck: readonly number[];
}

export function injected(errno: string, operation: Operation, path: string): FileSystemError {
  return new FileSystemError(errno, `injected: ${operation} ${path}`);
}

/** Delays and bits add up, the fewest bytes count, and the first errno. */
function together(effects: readonly FaultEffect[], operation: Operation): FaultEffect {
  const failing = effects.find(({ errno }) => errno !== undefined);
  const numbers = (name: 'bytes' | 'flipBits' | 'delayMs') =>
    effects.map((effect) => effect[name]).filter((value) => value !== undefined);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const [bytes, flipBits, delays] = [numbers('bytes'), numbers('flipBits'), numbers('delayMs')];
  const fails = ALWAYS_DONE.has(operation) ? 'after' : (failing?.fails ?? 'before');
  const nothingDone = failing !== undefined && fails === 'before';
  // A write that fails after a part of it has written data.
  const hasData = !nothingDone || (operation === 'write' && bytes.length > 0);
  return {
    ...(failing?.errno === undefined ? {} : { errno: failing.errno, fails }),
    ...(bytes.length === 0 ? {} : { bytes: Math.min(...bytes) }),
    ...(flipBits.length === 0 || !hasData ? {} : { flipBits: sum(flipBits) }),
    ...(delays.length === 0 ? {} : { delayMs: sum(delays) }),
  };
}

function noCounts(): Counts {
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, 0])) as Counts;
}
