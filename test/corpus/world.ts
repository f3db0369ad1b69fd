/** What the programs of the leak corpus are written in, and run in. See README.md. */
import {
  Engine,
  type EngineOptions,
  ManualClock,
  MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  SeededRandom,
} from 'rocksdb-wasm';
import { Numbers } from './numbers.js';

/**
 * `test`: rounds of a few operations that do the same each, as a test of the service would, rare paths
 * included. `production`: one operation after the other, with what happens by chance.
 */
export type Mode = 'test' | 'production';

export interface WorldOptions {
  readonly mode: Mode;
  readonly seed: number;
  /** Beside file system, clock and randomness, which are the world's. */
  readonly engine?: Omit<EngineOptions, 'fileSystem' | 'clock' | 'random'>;
}

/** A service with a workload. What it makes in `setup` it closes in `teardown`. */
export interface Program<S> {
  /** Milliseconds of the clock from one operation to the next. Default: 5. */
  readonly everyMs?: number;
  /** Operations of a round in test mode. Default: 20. */
  readonly operationsPerRound?: number;
  setup(world: World): S | Promise<S>;
  /** One unit of work as the service gets it: a request, a batch of lines, a tick. */
  operation(state: S, world: World): unknown;
  /** What a test does at its end, so that nothing is under way: ends sessions and jobs. */
  settle?(state: S, world: World): unknown;
  teardown(state: S, world: World): unknown;
}

/** A program whose state is of one type, whatever type that is. */
export function program<S>(definition: Program<S>): Program<S> {
  return definition;
}

export type Database = RocksDB<'utf8', 'utf8'>;

/** Small enough that flushes and compactions happen in a run. */
const WRITE_BUFFER_BYTES = 128 * 1024;

export class World {
  readonly mode: Mode;
  readonly engine: Engine;
  readonly clock: ManualClock;
  /** The workload's numbers; in test mode the same ones in each round. */
  random: Numbers;
  readonly #seed: number;
  /** How often each chance was asked for in this round. */
  readonly #asked = new Map<string, number>();

  private constructor(options: WorldOptions, engine: Engine, clock: ManualClock) {
    this.mode = options.mode;
    this.#seed = options.seed;
    this.random = new Numbers(options.seed);
    this.engine = engine;
    this.clock = clock;
  }

  static async create(options: WorldOptions): Promise<World> {
    const clock = new ManualClock();
    const engine = await Engine.create({
      ...options.engine,
      clock,
      fileSystem: new MemoryFileSystem(clock),
      random: new SeededRandom(options.seed),
    });
    return new World(options, engine, clock);
  }

  /** Milliseconds since 1970, by the world's clock. */
  get now(): number {
    return Number(this.clock.realtimeNs() / 1_000_000n);
  }

  /** Time passes. */
  wait(ms: number): void {
    this.clock.advance(BigInt(Math.round(ms * 1e6)));
  }

  /**
   * Whether something happens that does so with this probability. In test mode it happens at regular
   * intervals: the rare at the first opportunity in each round, and then as often as it is probable.
   */
  chance(name: string, probability: number): boolean {
    if (this.mode === 'production') return this.random.float() < probability;
    const asked = this.#asked.get(name) ?? 0;
    this.#asked.set(name, asked + 1);
    const rare = Math.min(probability, 1 - probability);
    const isTurn = asked % Math.max(2, Math.round(1 / rare)) === 0;
    return probability <= 0.5 ? isTurn : !isTurn;
  }

  /** A new round of test mode begins. */
  beginRound(): void {
    this.random = new Numbers(this.#seed);
    this.#asked.clear();
  }

  /** Where a database of that name is. */
  path(name: string): string {
    return `/data/${name}`;
  }

  /** What databases are opened with here. */
  get settings() {
    return {
      engine: this.engine,
      createIfMissing: true,
      keyEncoding: 'utf8',
      valueEncoding: 'utf8',
      writeBufferSize: WRITE_BUFFER_BYTES,
      // Programs end with what they leak.
      onUnreleased: () => {},
    } as const;
  }

  /** A database of text that lives as long as the service. */
  open(name: string, options: OpenOptions<'utf8', 'utf8'> = {}): Database {
    return RocksDB.openSync(this.path(name), { ...this.settings, ...options });
  }
}
