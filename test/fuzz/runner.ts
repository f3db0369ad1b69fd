/** Runs cases one after another in this thread. */
import { Choice } from './random.js';
import { type Case, Failure, type FailureKind, type Target, World } from './world.js';

/**
 * Cases that share an engine. Where a piece begins depends on the number of the case alone, so that what fails only after
 * others can be repeated as well.
 */
export const CASES_A_PIECE = 250;

/** Of what is told; taking stacks of what is not costs a tenth of the time. */
const STACK_FRAMES = 30;
/** Cases that are tried for a smaller one that fails, too. */
const ATTEMPTS_MAX = 100;

export interface CaseFailure {
  readonly target: string;
  readonly case: number;
  readonly kind: FailureKind;
  readonly message: string;
  readonly about: string;
}

export interface Outcome {
  /** Errors and successes by code. */
  readonly met: Readonly<Record<string, number>>;
  readonly failures: readonly CaseFailure[];
}

export interface PieceOptions {
  readonly seed: number;
  readonly wasm: WebAssembly.Module;
  /** Told of the number of each case before it begins, and of each time that it is tried again. */
  readonly beginning?: (at: number) => void;
}

/** The cases from `from` to before `to` of a target, on engines of their own. */
export async function runPiece(
  target: Target,
  from: number,
  to: number,
  { seed, wasm, beginning }: PieceOptions,
): Promise<Outcome> {
  const met = new Map<string, number>();
  const failures: CaseFailure[] = [];
  let world: World | undefined;
  for (let at = from; at < to; at++) {
    beginning?.(at);
    world ??= await World.create(wasm);
    const work = target.make(new Choice(seed, target.name, at));
    try {
      await world.run(work, at);
    } catch (error) {
      end(world);
      world = undefined;
      const found = failureOf(error, target, at, work.about ?? '');
      failures.push(await explained(found, target, { seed, wasm, beginning }));
      continue;
    }
    if (world.met.size === 0) world.met.set('ok', 1);
    for (const [code, times] of world.met) met.set(code, (met.get(code) ?? 0) + times);
    if (!world.usable) {
      end(world);
      world = undefined;
    }
  }
  if (world !== undefined) {
    try {
      world.verify();
    } catch (error) {
      failures.push(failureOf(error, target, to - 1, 'after the last case of a piece'));
    }
    end(world);
  }
  return { met: Object.fromEntries(met), failures };
}

/** What is wrong with the suite itself is thrown on. */
function failureOf(
  error: unknown,
  target: Pick<Target, 'name'>,
  at: number,
  about: string,
): CaseFailure {
  if (!(error instanceof Failure)) throw error;
  const { kind, message } = error;
  return { target: target.name, case: at, kind, message, about };
}

/** The failure of the same case alone, with stacks, and of the smallest one that fails like it. */
async function explained(
  found: CaseFailure,
  target: Target,
  { seed, wasm, beginning }: PieceOptions,
): Promise<CaseFailure> {
  const at = found.case;
  const choices = () => new Choice(seed, target.name, at);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_FRAMES;
  try {
    beginning?.(at);
    const alone = await failureAlone(target.make(choices()), target, at, wasm);
    if (alone === undefined) {
      return { ...found, about: `${found.about} (with --after-others only)` };
    }
    let attempts = 0;
    let smallest = alone;
    await target.shrink?.(choices(), async (work) => {
      if (++attempts > ATTEMPTS_MAX) return false;
      beginning?.(at);
      const failure = await failureAlone(work, target, at, wasm);
      if (failure !== undefined) smallest = failure;
      return failure !== undefined;
    });
    return smallest;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** On an engine of its own. */
export async function failureAlone(
  work: Case,
  target: Pick<Target, 'name'>,
  at: number,
  wasm: WebAssembly.Module,
): Promise<CaseFailure | undefined> {
  const world = await World.create(wasm);
  try {
    await world.run(work, at);
    world.verify();
    return undefined;
  } catch (error) {
    return failureOf(error, target, at, work.about ?? '');
  } finally {
    end(world);
  }
}

function end({ engine }: World): void {
  try {
    engine.free();
  } catch {
    // It has failed, and that is told already.
  }
}
