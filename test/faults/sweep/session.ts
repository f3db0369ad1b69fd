/** An engine that runs a workload again and again, each time with another fault, and what must hold afterwards. */
import {
  EncryptedFileSystem,
  Engine,
  EngineCrashedError,
  ManualClock,
  MemoryFileSystem,
  type Random,
  SeededRandom,
  SstFileWriter,
} from 'rocksdb-wasm';
import { FaultFileSystem, type FaultRule, type Operation } from 'rocksdb-wasm/faults';
import { type Case, rulesOf } from './cases.js';
import { Drill, DrillError, textOf, type Workload } from './drill.js';

export type FailureKind = 'trap' | 'leak' | 'lost' | 'untyped' | 'unfinished' | 'unsteady';

export interface Failure {
  readonly kind: FailureKind;
  readonly text: string;
}

export interface Outcome {
  /** Errors that steps ended with, typed all of them. */
  readonly errors: readonly string[];
  readonly failure?: Failure;
}

class SweepFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }
}

/** Until all is made that is made once. */
const WARM_UP_RUNS = 6;

/** Bytes and blocks by owner. */
type Owners = ReturnType<Engine['heap']['owners']>;

export class Session {
  /** The operations of a run without faults, in order. */
  operations: readonly Operation[] = [];
  /** States of the heap that no leak leads to: those of clean runs, and others that a fault ends in again and again. */
  readonly #steady = new Set<string>();
  readonly #workload: Workload;
  readonly #memory: MemoryFileSystem;
  readonly #files: FaultFileSystem;
  readonly #engine: Engine;
  readonly #clock: ManualClock;
  readonly #random: RunRandom;

  private constructor(
    workload: Workload,
    clock: ManualClock,
    random: RunRandom,
    memory: MemoryFileSystem,
    files: FaultFileSystem,
    engine: Engine,
  ) {
    this.#workload = workload;
    this.#clock = clock;
    this.#random = random;
    this.#memory = memory;
    this.#files = files;
    this.#engine = engine;
  }

  /** Runs the workload without faults, until everything is made that is made once. */
  static async start(workload: Workload, wasm: WebAssembly.Module): Promise<Session> {
    // Time passes, so that whoever waits gets there.
    const clock = new ManualClock({ stepNs: 1000n });
    clock.advance(LONG_AGO_NS);
    const memory = new MemoryFileSystem(clock);
    const files = new FaultFileSystem(memory, { clock });
    const random = new RunRandom();
    const engine = await Engine.create({
      wasm,
      clock,
      random,
      background: workload.background ?? 'inline',
      fileSystem: workload.encrypted ? new EncryptedFileSystem(files, KEYS) : files,
    });
    const session = new Session(workload, clock, random, memory, files, engine);
    let before: string | undefined;
    for (let run = 0; run < WARM_UP_RUNS; run++) {
      before = session.operations.join();
      const { errors, failure } = await session.#run([]);
      if (failure !== undefined) throw new Error(`without faults: ${failure.text}`);
      if (errors.length > 0) throw new Error(`without faults: ${errors.join('; ')}`);
    }
    if (session.operations.join() !== before) throw new Error('its calls are not always the same');
    session.#steady.add(JSON.stringify(engine.heap.owners()));
    return session;
  }

  get crashed(): boolean {
    return this.#engine.crashed;
  }

  free(): void {
    if (!this.#engine.crashed) this.#engine.free();
  }

  async runCase(task: Case): Promise<Outcome> {
    const clean = this.operations;
    const rules = rulesOf(task, clean);
    const outcome = await this.#run(rules, task);
    this.operations = clean;
    if (outcome.failure !== undefined) return outcome;
    if (this.#steady.has(JSON.stringify(this.#engine.heap.owners()))) return outcome;
    // What is kept once is no leak (a folder that is still to be synced, say); what comes again with the same fault is.
    await this.#run(rules, task);
    const second = this.#engine.heap.owners();
    await this.#run(rules, task);
    this.operations = clean;
    const third = this.#engine.heap.owners();
    const difference = differenceOf(second, third);
    if (difference !== '') return { ...outcome, failure: { kind: 'leak', text: difference } };
    this.#steady.add(JSON.stringify(third));
    return outcome;
  }

  async #run(rules: readonly FaultRule[], task?: Case): Promise<Outcome> {
    const drill = new Drill(this.#engine, this.#memory);
    try {
      await this.#live(drill, rules, task);
      return { errors: drill.errors };
    } catch (error) {
      return { errors: drill.errors, failure: failureOf(error, this.#engine) };
    } finally {
      this.#files.rules = [];
      this.#files.fault = undefined;
    }
  }

  async #live(drill: Drill, rules: readonly FaultRule[], task: Case | undefined): Promise<void> {
    const files = this.#files;
    removeTree(this.#memory, '');
    startOfPeriod(this.#clock);
    this.#random.restart();
    await this.#workload.prepare?.(drill);
    if (drill.errors.length > 0) throw new Error(`preparing: ${drill.errors.join('; ')}`);
    const operations: Operation[] = [];
    files.reset();
    files.rules = rules;
    if (task === undefined) {
      files.fault = (operation) => {
        operations.push(operation);
        return undefined;
      };
    }
    await this.#workload.run(drill);
    files.rules = [];
    files.fault = undefined;
    if (task === undefined) this.operations = operations;
    else this.#expectStruck(task, drill);
    assertNothingIsLeft(this.#engine);
    await drill.check();
    await this.#workload.after?.(drill);
    forgetFolders(this.#engine, this.#memory);
    assertNothingIsLeft(this.#engine);
  }

  /** The fault has met the call that it was meant for; what is done piece by piece is done all the same. */
  #expectStruck({ call, operation, mode }: Case, { errors }: Drill): void {
    const [first] = this.#files.log;
    if (first?.call !== call || first.operation !== operation) {
      const what = first === undefined ? 'no call' : `call ${first.call}, ${first.operation}`;
      throw new SweepFailure('unsteady', `the fault has struck ${what}`);
    }
    if (mode === 'short' && errors.length > 0) {
      throw new SweepFailure('unfinished', `short reads and writes are errors: ${errors[0]}`);
    }
  }
}

const KEYS = { keys: { main: Uint8Array.from({ length: 32 }, (_, index) => index * 7) } };

function failureOf(error: unknown, engine: Engine): Failure {
  if (engine.crashed || error instanceof EngineCrashedError) {
    return { kind: 'trap', text: textOf(error) };
  }
  if (error instanceof SweepFailure) return { kind: error.kind, text: error.message };
  if (error instanceof DrillError) {
    const untyped = /not typed/.test(error.message);
    return { kind: untyped ? 'untyped' : 'lost', text: error.message };
  }
  return { kind: 'lost', text: `without faults again: ${textOf(error)}` };
}

/** No handle, no open file, no folder that the wasm could reach, no lock, and a heap that adds up. */
function assertNothingIsLeft(engine: Engine): void {
  if (engine.crashed) throw new SweepFailure('trap', 'the engine has crashed');
  const left: string[] = [];
  const { handles, openFiles } = engine.heap.report();
  for (const { kind, id } of handles) {
    if (kind !== 'engine' && kind !== 'buffer') left.push(`${kind} #${id}`);
  }
  const { native } = engine as unknown as {
    native: {
      wasi: { fds: { list(): unknown[]; preopen(fd: number): unknown }; heldLocks(): string[] };
      callbacks: { size: number };
    };
  };
  left.push(...openFiles.map((file) => `open ${file}`));
  left.push(...native.wasi.heldLocks().map((path) => `lock ${path}`));
  if (native.callbacks.size > 0) left.push(`${native.callbacks.size} callbacks`);
  if (hasPreopen(native.wasi.fds)) left.push('a folder');
  left.push(...engine.heap.verify().problems);
  if (left.length > 0) throw new SweepFailure('leak', left.join('; '));
}

/**
 * The file system keeps which folders have changed and are not synced yet; one that a fault has left so would be synced by
 * the next run, one call more. It forgets those that are closed when another one changes.
 */
function forgetFolders(engine: Engine, memory: MemoryFileSystem): void {
  memory.createDirectory('/scratch');
  const writer = new SstFileWriter(engine);
  try {
    writer.open('/scratch/file');
  } finally {
    writer.free();
  }
}

function hasPreopen(fds: { preopen(fd: number): unknown }): boolean {
  try {
    fds.preopen(3);
    return true;
  } catch {
    return false;
  }
}

/** Every run has the same random numbers. */
class RunRandom implements Random {
  #numbers = new SeededRandom(1);

  fill(bytes: Uint8Array): void {
    this.#numbers.fill(bytes);
  }

  restart(): void {
    this.#numbers = new SeededRandom(1);
  }
}

/** Times have as many digits in every run: those in the info log decide when that is written. Before 2038, for TTLs. */
const LONG_AGO_NS = 10n ** 17n;
/** What is done every few seconds is done at the same calls in every run, however long those before it were. */
const PERIOD_NS = 1_000_000_000_000n;

function startOfPeriod(clock: ManualClock): void {
  clock.advance(PERIOD_NS - (clock.monotonicNs() % PERIOD_NS));
}

function removeTree(memory: MemoryFileSystem, path: string): void {
  for (const { name, type } of memory.readDirectory(path || '/')) {
    if (type === 'directory') removeTree(memory, `${path}/${name}`);
    else memory.removeFile(`${path}/${name}`);
  }
  if (path !== '') memory.removeDirectory(path);
}

function differenceOf(before: Owners, after: Owners): string {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const parts = [...names].map((name) => [name, before[name], after[name]] as const);
  return parts
    .filter(([, one, other]) => JSON.stringify(one) !== JSON.stringify(other))
    .map(([name, one, other]) => `${name}: ${JSON.stringify(one)} to ${JSON.stringify(other)}`)
    .join('; ');
}
