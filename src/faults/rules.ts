/** Rules as data: which calls are struck, and with what. */
import { InvalidOptionError } from '../errors.js';
import { Errno } from '../wasi/abi.js';
import { SeededRandom } from '../wasi/random.js';
import { isOperation, OPERATIONS, type Operation } from './operations.js';

/** What happens to a call that is struck. Several at once are possible: a short write that fails, and late. */
export interface FaultEffect {
  /** The call fails with this errno: `'EIO'`, `'ENOSPC'`. */
  readonly errno?: string;
  /**
   * When it fails. `before` (default): nothing was done, but for the `bytes` of a write. `after`: everything was, as when
   * the answer of a network's disk is lost.
   */
  readonly fails?: 'before' | 'after';
  /** A read or write does at most so many bytes. To a reader, 0 bytes are the end of the file. */
  readonly bytes?: number;
  /** A read or write has so many bits of its data flipped, chosen by the seed: a write leaves them so on disk. */
  readonly flipBits?: number;
  /** Milliseconds that the call takes longer, on the clock of the file system. */
  readonly delayMs?: number;
}

/** Which calls are struck, and with what. Plain data: it can be kept as JSON. */
export interface FaultRule extends FaultEffect {
  /** Default: all operations. */
  readonly operation?: Operation | readonly Operation[];
  /**
   * A pattern of the whole path: `*` is anything within a name, `**` anything, `?` one character of a name. Without
   * a `/` it is one of the last name: `'*.sst'`. Default: every path.
   */
  readonly path?: string;
  /** The first call to be struck of those that fit, from 1. Default: 1. */
  readonly call?: number;
  /** How many are struck from there on. Default: 1; with a probability, `always`. */
  readonly times?: number | 'always';
  /** From 0 to 1: each call that fits is struck with this chance, by the seed. Default: 1. */
  readonly probability?: number;
}

const KEYS = [
  'operation',
  'path',
  'call',
  'times',
  'probability',
  'errno',
  'fails',
  'bytes',
  'flipBits',
  'delayMs',
] as const satisfies readonly (keyof FaultRule)[];
const EFFECTS = ['errno', 'bytes', 'flipBits', 'delayMs'] as const;
const DATA_ONLY = ['bytes', 'flipBits'] as const;

/** A rule at work. */
export class RuleState {
  readonly effect: FaultEffect;
  readonly #operations: ReadonlySet<Operation>;
  readonly #path: RegExp | undefined;
  readonly #first: number;
  readonly #times: number;
  readonly #probability: number;
  readonly #seed: bigint;
  #random: SeededRandom;
  #fitting = 0;
  #struck = 0;

  /** `rule` is checked. Each has numbers of its own, so that another rule beside it changes nothing. */
  constructor(rule: FaultRule, seed: bigint) {
    this.effect = rule;
    this.#operations = new Set(operationsOf(rule));
    this.#path = rule.path === undefined ? undefined : patternOf(rule.path);
    this.#first = rule.call ?? 1;
    const times = rule.times ?? (rule.probability === undefined ? 1 : 'always');
    this.#times = times === 'always' ? Number.POSITIVE_INFINITY : times;
    this.#probability = rule.probability ?? 1;
    this.#seed = seed;
    this.#random = new SeededRandom(seed);
  }

  /** Whether it strikes this call. Counts it, if it fits. */
  strikes(operation: Operation, path: string): boolean {
    if (!this.#operations.has(operation) || this.#path?.test(path) === false) return false;
    if (++this.#fitting < this.#first || this.#struck >= this.#times) return false;
    if (this.#probability < 1 && fraction(this.#random) >= this.#probability) return false;
    this.#struck++;
    return true;
  }

  reset(): void {
    this.#fitting = 0;
    this.#struck = 0;
    this.#random = new SeededRandom(this.#seed);
  }
}

const operationsOf = ({ operation = OPERATIONS }: FaultRule): readonly Operation[] =>
  typeof operation === 'string' ? [operation] : operation;

/** From 0 to 1, without 1; 32 bits of it. */
function fraction(random: SeededRandom): number {
  return below(random, 2 ** 32) / 2 ** 32;
}

/** An integer from 0 to below `limit`, which is at most 2^53. */
export function below(random: SeededRandom, limit: number): number {
  const bytes = new Uint8Array(8);
  random.fill(bytes);
  const number = new DataView(bytes.buffer).getBigUint64(0, true);
  return Number(number % BigInt(limit));
}

/** The expression that a pattern of paths stands for. */
function patternOf(glob: string): RegExp {
  const text = glob.replace(/\*\*|[*?]|[\\^$.|+()[\]{}]/g, (special) => {
    if (special === '**') return '.*';
    if (special === '*') return '[^/]*';
    return special === '?' ? '[^/]' : `\\${special}`;
  });
  return new RegExp(glob.includes('/') ? `^${text}$` : `(^|/)${text}$`, 's');
}

/** Throws InvalidOptionError that names the first part of a rule that cannot be. */
export function checkRules(rules: unknown, name: string): asserts rules is readonly FaultRule[] {
  if (!Array.isArray(rules)) throw invalid(name, rules, 'is not a list of rules');
  for (const [index, rule] of rules.entries()) checkRule(rule, `${name}[${index}]`);
}

function checkRule(rule: unknown, name: string): void {
  if (typeof rule !== 'object' || rule === null) throw invalid(name, rule, 'is not a rule');
  const unknown = Object.keys(rule).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    const value = (rule as Record<string, unknown>)[unknown];
    throw invalid(`${name}.${unknown}`, value, `is not known: a rule has ${KEYS.join(', ')}`);
  }
  const { operation, path, call, times, probability } = rule as FaultRule;
  checkOperations(operation, `${name}.operation`);
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw invalid(`${name}.path`, path, 'is not a pattern of paths, such as "*.sst"');
  }
  checkInteger(call, `${name}.call`, 1);
  if (times !== 'always') checkInteger(times, `${name}.times`, 1, ', or "always"');
  const isChance = typeof probability === 'number' && probability >= 0 && probability <= 1;
  if (probability !== undefined && !isChance) {
    throw invalid(`${name}.probability`, probability, 'is not a number from 0 to 1');
  }
  checkEffect(rule as FaultEffect, name, operationsOf(rule as FaultRule));
  if (!EFFECTS.some((effect) => (rule as FaultEffect)[effect] !== undefined)) {
    throw invalid(name, rule, `does nothing: give one of ${EFFECTS.join(', ')}`);
  }
}

function checkOperations(operation: unknown, name: string): void {
  if (operation === undefined) return;
  const all = Array.isArray(operation) ? operation : [operation];
  if (all.length === 0) throw invalid(name, operation, 'names no operation');
  const unknown = all.find((each) => !isOperation(each));
  if (all.every(isOperation)) return;
  throw invalid(name, unknown, `is not an operation: one of ${OPERATIONS.join(', ')}`);
}

/** Likewise of an effect alone, that some of the operations are to have. */
export function checkEffect(
  effect: FaultEffect,
  name: string,
  operations: readonly Operation[],
): void {
  const { errno, fails, bytes, flipBits, delayMs } = effect;
  if (errno !== undefined) checkErrno(errno, `${name}.errno`);
  if (fails !== undefined) {
    if (fails !== 'before' && fails !== 'after') {
      throw invalid(`${name}.fails`, fails, 'is neither "before" nor "after"');
    }
    if (errno === undefined) throw invalid(`${name}.fails`, fails, 'wants an errno to fail with');
    if (fails === 'after' && bytes !== undefined) {
      throw invalid(`${name}.bytes`, bytes, 'and fails "after" exclude one another');
    }
  }
  checkInteger(bytes, `${name}.bytes`, 0);
  checkInteger(flipBits, `${name}.flipBits`, 1);
  const isDelay = typeof delayMs === 'number' && delayMs >= 0 && Number.isFinite(delayMs);
  if (delayMs !== undefined && !isDelay) {
    throw invalid(`${name}.delayMs`, delayMs, 'is not a time in milliseconds');
  }
  const other = operations.find((each) => each !== 'read' && each !== 'write');
  const data = DATA_ONLY.find((each) => effect[each] !== undefined);
  if (data !== undefined && other !== undefined) {
    const problem = `is of reads and writes, not of ${other}: give operation "read" or "write"`;
    throw invalid(`${name}.${data}`, effect[data], problem);
  }
}

function checkErrno(errno: unknown, name: string): void {
  if (typeof errno === 'string' && errno !== 'ESUCCESS' && Object.hasOwn(Errno, errno)) return;
  throw invalid(name, errno, 'is not an errno that a file system here can report, such as "EIO"');
}

export function checkInteger(value: unknown, name: string, least: number, or = ''): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) return;
  throw invalid(name, value, `is not an integer from ${least} on${or}`);
}

export function invalid(name: string, value: unknown, problem: string): InvalidOptionError {
  return new InvalidOptionError(`${name}: ${textOf(value)} ${problem}`, name, value);
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
