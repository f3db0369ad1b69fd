/** One run of a workload in which one allocation fails, or the budget is reached, and what must be so then. */
import { type Engine, EngineCrashedError, HeapLimitError, RocksDBError } from 'rocksdb-wasm';
import { MemoryStateLayout } from '../../src/native/exports.gen.js';
import { after, type Content, contentOf, type Database, differenceOf, Stage } from './stage.js';
import type { Workload } from './workloads.js';

/** wasm/memory/allocator.h: TraceBits. */
const FAIL = 2;
const FAIL_ON = 4;
const NEVER = 0xffffffff;

export interface Outcome {
  /** The error's code, or `none`: the workload went on to its end. */
  readonly code: string;
  readonly crashed: boolean;
}

/** What a whole run is, without any failure. */
export interface Plan {
  readonly allocations: number;
  /** `maxHeapBytes` below which each write of it is refused. */
  readonly budgets: readonly number[];
  /** Bytes in use at its end. */
  readonly bytes: number;
}

interface Inside {
  readonly native: {
    readonly heap: { setWord(at: number, value: number): void; getWord(at: number): number };
    readonly info: { readonly memory: number };
  };
  maxHeapBytes: number | undefined;
  assertBudget(bytes: number): void;
}
const inside = (engine: Engine) => engine as unknown as Inside;

function setFailing(engine: Engine, bits: number, allocation: number): void {
  const { heap, info } = inside(engine).native;
  heap.setWord(info.memory + MemoryStateLayout.failIn, allocation);
  heap.setWord(info.memory + MemoryStateLayout.trace, bits);
}

/** A workload and the files that it begins with. */
export class Sweep {
  readonly #wasm: WebAssembly.Module;
  readonly #workload: Workload;
  #image: Stage | undefined;
  plan: Plan = { allocations: 0, budgets: [], bytes: 0 };

  private constructor(wasm: WebAssembly.Module, workload: Workload) {
    this.#wasm = wasm;
    this.#workload = workload;
  }

  static async of(wasm: WebAssembly.Module, workload: Workload): Promise<Sweep> {
    const sweep = new Sweep(wasm, workload);
    if (workload.prepare !== undefined) {
      const image = await Stage.create(wasm);
      workload.prepare(image);
      image.engine.free();
      sweep.#image = image;
    }
    sweep.plan = await sweep.#plan();
    return sweep;
  }

  async #begin(): Promise<Stage> {
    const stage = await Stage.create(this.#wasm, this.#image);
    this.#workload.begin?.(stage);
    return stage;
  }

  async #plan(): Promise<Plan> {
    const stage = await this.#begin();
    const engine = inside(stage.engine);
    const budgets = new Set<number>();
    const assertBudget = engine.assertBudget.bind(engine);
    engine.assertBudget = (bytes) => {
      engine.maxHeapBytes = 1;
      try {
        assertBudget(bytes);
      } catch (error) {
        const needed = Number(/, (\d+) more/.exec((error as Error).message)?.[1]);
        budgets.add(stage.engine.heap.inUseBytes + needed - 1);
      }
      engine.maxHeapBytes = undefined;
    };
    setFailing(stage.engine, FAIL, NEVER);
    this.#workload.run(stage);
    const { heap, info } = engine.native;
    const allocations = (NEVER - heap.getWord(info.memory + MemoryStateLayout.failIn)) >>> 0;
    setFailing(stage.engine, 0, 0);
    stage.release();
    const bytes = stage.engine.heap.inUseBytes;
    stage.engine.free();
    await this.#reopen(stage, [stage.content]);
    return { allocations, budgets: [...budgets].sort((a, b) => a - b), bytes };
  }

  /** Throws what is not as it must be. */
  async allocation(number: number): Promise<Outcome> {
    const outcome = await this.#case((engine) => setFailing(engine, FAIL, number));
    // Exhausted memory stays exhausted: what the engine lives through once may be too much then.
    if (outcome.crashed) return outcome;
    const second = await this.#case((engine) => setFailing(engine, FAIL | FAIL_ON, number));
    return { code: `${outcome.code} / ${second.code}`, crashed: second.crashed };
  }

  async budget(bytes: number): Promise<Outcome> {
    const outcome = await this.#case((engine) => {
      inside(engine).maxHeapBytes = bytes;
    });
    if (outcome.crashed || outcome.code !== 'ERR_ROCKSDB_HEAP_LIMIT') {
      throw new Error(`a budget of ${bytes} bytes ended with ${outcome.code}`);
    }
    return outcome;
  }

  async #case(arm: (engine: Engine) => void): Promise<Outcome> {
    const stage = await this.#begin();
    const { engine } = stage;
    let error: unknown;
    arm(engine);
    try {
      this.#workload.run(stage);
    } catch (thrown) {
      error = thrown;
    }
    const outcome = outcomeOf(error, engine);
    if (outcome.crashed) assertPoisoned(stage);
    else this.#assertWhole(stage);
    engine.free();
    await this.#reopen(stage, statesAfter(stage, error));
    return outcome;
  }

  /** The engine has lived through it: nothing is lost on its heap, and it can be used. */
  #assertWhole(stage: Stage): void {
    const { engine } = stage;
    setFailing(engine, 0, 0);
    inside(engine).maxHeapBytes = undefined;
    const verify = (when: string) => {
      const { problems, unexplainedBytes } = engine.heap.verify();
      if (problems.length > 0 || unexplainedBytes !== 0) {
        throw new Error(`${when}: ${[...problems, `${unexplainedBytes} bytes unexplained`]}`);
      }
    };
    verify('after the failure');
    if (stage.db !== undefined && !stage.db.freed) {
      const { pending, content } = stage;
      stage.put('still', 'alive');
      if (stage.db.get('still') !== 'alive') throw new Error('the database cannot be used');
      stage.pending = pending;
      if (pending !== undefined) stage.content = after(content, [['default', 'still', 'alive']]);
    }
    stage.release();
    verify('after the close');
    const { handles, openFiles } = engine.heap.report();
    const left = handles.filter(({ kind }) => kind !== 'engine' && kind !== 'buffer');
    if (left.length > 0 || openFiles.length > 0) {
      throw new Error(`left over: ${[...left.map(({ kind }) => kind), ...openFiles]}`);
    }
  }

  /** Opens the files with a new engine: one of the states, and nothing else, is there, and it goes on. */
  async #reopen(stage: Stage, states: readonly Content[]): Promise<void> {
    const next = await stage.next(this.#wasm);
    const db = this.#workload.reopen?.(next) ?? next.open();
    db.verifyChecksum();
    const found = contentOf(db);
    const differences = states.map((state) => differenceOf(state, found));
    if (!differences.includes(undefined)) throw new Error(`reopened: ${differences.join('; or ')}`);
    this.#workload.check?.(next);
    next.put('reopened', 'yes');
    db.flush();
    if (db.get('reopened') !== 'yes') throw new Error('reopened: it cannot be written');
    next.release();
    next.engine.free();
  }
}

function outcomeOf(error: unknown, engine: Engine): Outcome {
  if (error === undefined) return { code: 'none', crashed: engine.crashed };
  if (!(error instanceof RocksDBError)) throw error;
  const { code } = error;
  if (error instanceof EngineCrashedError && code !== 'ERR_ROCKSDB_OUT_OF_MEMORY') {
    throw new Error(`${code} in place of ERR_ROCKSDB_OUT_OF_MEMORY`, { cause: error });
  }
  if (engine.crashed !== error instanceof EngineCrashedError) {
    throw new Error(`the engine has ${engine.crashed ? '' : 'not '}stopped`, { cause: error });
  }
  const allowed = ['ERR_ROCKSDB_OUT_OF_MEMORY', 'ERR_ROCKSDB_HEAP_LIMIT'];
  if (!allowed.includes(code)) throw new Error(`the error is ${code}`, { cause: error });
  return { code, crashed: engine.crashed };
}

/** Every later call fails at once, and everything can be freed. */
function assertPoisoned(stage: Stage): void {
  const { engine, db } = stage;
  const calls: (() => unknown)[] = [() => engine.pump()];
  if (db !== undefined) calls.push(...usesOf(db));
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      if (error instanceof RocksDBError && error.code === 'ERR_ROCKSDB_ENGINE_CRASHED') continue;
      throw new Error('not refused as it should be', { cause: error });
    }
    throw new Error(`the crashed engine did ${call}`);
  }
  stage.release();
}

function usesOf(db: Database): (() => unknown)[] {
  return [
    () => db.put('k', 'v', { sync: true }),
    () => db.get('k'),
    () => db.iterator(),
    () => db.flush(),
    () => db.snapshot(),
  ];
}

/** What the files may have. A call that is refused before it begins has done nothing. */
function statesAfter({ content, pending }: Stage, error: unknown): Content[] {
  if (pending === undefined || error instanceof HeapLimitError) return [content];
  return [content, after(content, pending)];
}
