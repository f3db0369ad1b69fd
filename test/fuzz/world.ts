/** What one case is run in, and what must hold after it. */
import { Engine, EngineCrashedError, RocksDBError, SeededRandom } from 'rocksdb-wasm';
import { CaseFiles, type Image } from './files.js';
import type { Choice } from './random.js';

/** A file that asks for more than this, or an option, is to be refused. All cases do with a tenth. */
export const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
/** Linear memory beyond which an engine is not used for the next case, and that no honest case needs. */
const GROWN_BYTES = 192 * 1024 * 1024;
/** The walk of the heap is dear. */
const CASES_A_WALK = 16;
/** So often the same case is run again when it leaves bytes: what is made once and kept is not a leak. */
const RUNS_OF_A_LEAK = 3;

/** One case in so many writes OPTIONS files. */
const CASES_A_NOTE = 8;

export type FailureKind = 'trap' | 'memory' | 'hang' | 'leak' | 'heap' | 'untyped' | 'wrong';

/** What is wrong with a case. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A case, ready to be run as often as needed: always the same. */
export interface Case {
  (world: World): void | Promise<void>;
  /** Files that it begins with. */
  readonly image?: Image;
  /** In words, for whoever looks into a failure. */
  readonly about?: string;
}

export interface Target {
  readonly name: string;
  /** Its share of the cases, against the others'. */
  readonly weight: number;
  /** What is made once for all cases of a seed: base files, above all. */
  prepare?(seed: number, wasm: WebAssembly.Module): Promise<void>;
  /** What case is it? Draws everything that it needs to from `choice`. */
  make(choice: Choice): Case;
  /** A smaller case that fails, too, of the same choices as the one that failed. */
  shrink?(choice: Choice, fails: (work: Case) => Promise<boolean>): Promise<Case | undefined>;
}

interface Freeable {
  free(): void;
}

/** Gives out bytes that follow from the case. */
class CaseRandom {
  random = new SeededRandom(0);
  fill = (bytes: Uint8Array) => this.random.fill(bytes);
}

export class World {
  /** Of the case: what it met, by code. */
  readonly met = new Map<string, number>();
  #owned: Freeable[] = [];
  #cases = 0;
  #baseline = 0;

  private constructor(
    readonly engine: Engine,
    readonly files: CaseFiles,
    readonly random: CaseRandom,
    readonly wasm: WebAssembly.Module,
  ) {}

  static async create(wasm: WebAssembly.Module): Promise<World> {
    const files = new CaseFiles();
    const random = new CaseRandom();
    const { clock } = files;
    const options = { wasm, fileSystem: files, clock, random, maxMemoryBytes: MEMORY_BYTES_MAX };
    const engine = await Engine.create(options);
    return new World(engine, files, random, wasm);
  }

  /** Nothing of an engine that has failed is to be used. */
  get usable(): boolean {
    return !this.engine.crashed && this.engine.heap.linearMemoryBytes < GROWN_BYTES;
  }

  /** Is freed when the case is over. */
  own<T extends Freeable>(handle: T): T {
    this.#owned.push(handle);
    return handle;
  }

  /** What it returns; undefined when it threw an error of the package's. Anything else is a failure. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.meet(error);
      return undefined;
    }
  }

  async attemptLater<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.meet(error);
      return undefined;
    }
  }

  /** Counts an error of the package's; throws what is none, or must not be. */
  meet(error: unknown): void {
    if (error instanceof Failure) throw error;
    if (this.engine.crashed || error instanceof EngineCrashedError) throw crash(error);
    if (isOfMonitor(error)) return;
    if (!(error instanceof RocksDBError)) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Failure('untyped', `not an error of the package: ${text}`, { cause: error });
    }
    this.met.set(error.code, (this.met.get(error.code) ?? 0) + 1);
  }

  /** Runs a case; throws Failure. */
  async run(work: Case, seed: number): Promise<void> {
    this.met.clear();
    this.#baseline = this.#bytes();
    await this.#once(work, seed);
    for (let run = 1; this.#bytes() !== this.#baseline; run++) {
      const before = this.#baseline;
      this.#baseline = this.#bytes();
      if (run === RUNS_OF_A_LEAK) {
        throw new Failure('leak', `${this.#baseline - before} bytes are left by each run`);
      }
      await this.#once(work, seed);
    }
    if (++this.#cases % CASES_A_WALK === 0) this.verify();
  }

  verify(): void {
    const { problems, unexplainedBytes } = this.engine.heap.verify();
    if (problems.length > 0 || unexplainedBytes !== 0) {
      throw new Failure('heap', `the heap is damaged: ${problems.join('; ')}`);
    }
  }

  #bytes(): number {
    return this.engine.heap.inUseBytes;
  }

  async #once(work: Case, seed: number): Promise<void> {
    const { files, engine } = this;
    files.begin(work.image ?? new Map(), seed % CASES_A_NOTE === 0);
    this.random.random = new SeededRandom(seed);
    try {
      await work(this);
    } catch (error) {
      this.meet(error);
    } finally {
      this.#free();
    }
    if (engine.crashed) throw crash(undefined);
    this.attempt(() => engine.pump());
    if (files.looped) throw new Failure('hang', 'it goes on reading or writing files');
    this.#checkLeft();
  }

  #free(): void {
    const owned = this.#owned;
    this.#owned = [];
    for (const each of owned.reverse()) {
      if (this.engine.crashed) return;
      try {
        each.free();
      } catch (error) {
        this.meet(error);
      }
    }
  }

  #checkLeft(): void {
    const { heap } = this.engine;
    const bytes = heap.linearMemoryBytes;
    if (bytes >= GROWN_BYTES) {
      throw new Failure('memory', `linear memory has grown to ${bytes >> 20} MiB`);
    }
    const { handles, openFiles } = heap.report();
    const left = handles.filter(({ kind }) => kind !== 'engine' && kind !== 'buffer');
    if (left.length > 0) {
      throw new Failure('leak', `handles are left: ${left.map(({ kind }) => kind).join(' ')}`);
    }
    if (openFiles.length > 0) {
      throw new Failure('leak', `files are left open: ${openFiles.join(' ')}`);
    }
    if (this.files.locked !== 0) {
      throw new Failure('leak', `${this.files.locked} locks are left`);
    }
  }
}

function crash(error: unknown): Failure {
  const cause = error instanceof EngineCrashedError ? error : undefined;
  const first = cause?.cause instanceof EngineCrashedError ? cause.cause : cause;
  const kind = first?.code === 'ERR_ROCKSDB_OUT_OF_MEMORY' ? 'memory' : 'trap';
  const trap = first?.cause instanceof Error ? (first.cause.stack ?? '') : '';
  return new Failure(kind, `${first?.code ?? ''} ${first?.message ?? error}\n${trap}`, {
    cause: error,
  });
}

/** The monitor is below the package's errors: it says in the language's own which argument it cannot take. */
export function isOfMonitor(error: unknown): boolean {
  const known = error instanceof RangeError || error instanceof TypeError;
  return known && /^\w+: expected /.test(error.message);
}
