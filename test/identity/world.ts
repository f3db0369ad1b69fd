/** What random operations are done in: an engine, files that fail when told to, and a seeded choice. */
import {
  type Background,
  type Engine,
  EngineCrashedError,
  ManualClock,
  MemoryFileSystem,
  RocksDBError,
  SeededRandom,
} from 'rocksdb-wasm';
import { FaultFileSystem, type Operation } from 'rocksdb-wasm/faults';
import { xoshiro128 } from '../../src/wasi/random.js';
import { makeEngine } from '../support/open.js';

/** One operation on the heap, or a few that belong together. */
export type Step = () => unknown;
/** How often it is drawn, against the others. */
export type Weighted = readonly [weight: number, step: Step];

/** A database, or objects of one family, that random operations are done with. */
export interface Subject {
  readonly steps: readonly Weighted[];
  /** Whether its database is closed that should be open: opening it anew has failed. */
  readonly lost?: boolean;
  /** After RocksDB has failed, the database is of no use for the steps to come. */
  recover(): void;
  close(): void;
}

const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE'] as const;
const STRUCK: readonly Operation[] = [
  'write',
  'sync',
  'create',
  'open',
  'read',
  'rename',
  'removeFile',
];

export async function makeWorld(background: Background, seed: number): Promise<World> {
  const clock = new ManualClock();
  const memory = new MemoryFileSystem(clock);
  const files = new FaultFileSystem(memory);
  const engine = await makeEngine({
    fileSystem: files,
    background,
    clock,
    random: new SeededRandom(seed),
    maxHeapBytes: 64 * 1024 * 1024,
  });
  return new World(engine, memory, files, clock, seed);
}

export class World {
  readonly #state: Uint32Array;
  #names = 0;
  /** The handle that was freed last, for misuse. */
  freed: { free(): void } | undefined;
  /** Errors by code: the test wants to have met them all. */
  readonly errors = new Map<string, number>();

  constructor(
    readonly engine: Engine,
    /** The files below those that fail. */
    readonly memory: MemoryFileSystem,
    readonly files: FaultFileSystem,
    readonly clock: ManualClock,
    readonly seed: number,
  ) {
    this.#state = new Uint32Array([seed, 2, 3, 4]);
  }

  /** Back to the start: no files, and the same choices. */
  begin(): void {
    this.removeTree('');
    this.#state.set([this.seed, 2, 3, 4]);
    this.#names = 0;
    this.freed = undefined;
  }

  below(limit: number): number {
    return xoshiro128(this.#state) % limit;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length || 1)];
  }

  /** The step, once in so many times that it is drawn: it is costly. */
  rarely(times: number, step: Step): Step {
    return () => (this.once(times) ? step() : undefined);
  }

  key(): string {
    return `key${String(this.below(800)).padStart(4, '0')}`;
  }

  value(): string {
    return 'v'.repeat(this.below(this.once(10) ? 2000 : 120));
  }

  range(): [string, string] {
    return [this.key(), this.key()].sort() as [string, string];
  }

  /** A path that nothing has been at. */
  newPath(what: string): string {
    return `/${what}-${++this.#names}`;
  }

  freeOne(handles: { free(): void }[]): void {
    if (handles.length === 0) return;
    const index = this.below(handles.length);
    const handle = handles[index] as { free(): void };
    // Throws while it is borrowed; it is kept then.
    handle.free();
    handles.splice(index, 1);
    this.freed = handle;
  }

  /** Makes room for one more handle. */
  atMost(count: number, handles: { free(): void }[]): void {
    while (handles.length >= count) this.freeOne(handles);
  }

  /** Takes note of an error of the package's; throws any other, and one that nothing comes after. */
  note(error: unknown): RocksDBError {
    if (!(error instanceof RocksDBError) || error instanceof EngineCrashedError) throw error;
    this.errors.set(error.code, (this.errors.get(error.code) ?? 0) + 1);
    return error;
  }

  /** What has to work whatever happens to `work`: its errors are only taken note of. */
  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.note(error);
    }
  }

  /** Does the work while something fails from some operation on. */
  faulty<T>(work: () => T): T {
    const errno = ERRNOS[this.below(ERRNOS.length)];
    const struck = this.pick(STRUCK);
    let passes = this.below(6);
    this.files.fault = (operation) => (operation !== struck || passes-- > 0 ? undefined : errno);
    const over = () => {
      this.files.fault = undefined;
    };
    let done: T | undefined;
    try {
      done = work();
      return done instanceof Promise ? (done.finally(over) as T) : done;
    } finally {
      if (!(done instanceof Promise)) over();
    }
  }

  /** Work that meets a fault once in eight times. */
  perhapsFaulty<T>(work: () => T): T {
    return this.once(8) ? this.faulty(work) : work();
  }

  removeTree(path: string): void {
    for (const { name, type } of this.memory.readDirectory(path || '/')) {
      if (type === 'directory') this.removeTree(`${path}/${name}`);
      else this.memory.removeFile(`${path}/${name}`);
    }
    if (path !== '') this.memory.removeDirectory(path);
  }
}
