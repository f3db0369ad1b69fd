/** Where the time and the bytes of single calls go: RocksDB's PerfContext and IOStatsContext. */
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { PerfPart } from './native/exports.gen.js';
import { type RecordReader, takeRecord, takeText } from './native/records.js';
import { flag, oneOf } from './option-checks.js';
import { IO_COUNTERS, PERF_COUNTERS, PERF_LEVEL_COUNTERS } from './statistics.gen.js';

const LEVELS = [
  'disable',
  'enableCount',
  'enableWait',
  'enableTimeExceptForMutex',
  'enableTimeAndCPUTimeExceptForMutex',
  'enableTime',
] as const;

/** What is measured. RocksDB's default is `enableCount`: counters, and no clock is read. */
export type PerfLevel = (typeof LEVELS)[number];

export type PerfCounter = (typeof PERF_COUNTERS)[number];
export type PerfLevelCounter = (typeof PERF_LEVEL_COUNTERS)[number];
export type IOCounter = (typeof IO_COUNTERS)[number];

/** Counts, bytes, and (`...Time`, `...Nanos`) nanoseconds. */
export type PerfCounters = Readonly<Record<PerfCounter, number>>;
export type IOCounters = Readonly<Record<IOCounter, number>>;
/** By level of the tree, for those that were read. */
export type PerfByLevel = Readonly<Record<number, Readonly<Record<PerfLevelCounter, number>>>>;

export interface PerfOptions {
  /** Count for each level of the tree, too. Default: false. */
  byLevel?: boolean;
}

/** What a measured function gave, and what it took. */
export interface Measured<T> {
  readonly result: T;
  readonly perf: PerfCounters;
  readonly io: IOCounters;
  /** With `byLevel` only. */
  readonly levels?: PerfByLevel;
}

interface Counters {
  readonly perf: PerfCounters;
  readonly io: IOCounters;
  readonly levels: PerfByLevel;
}

/**
 * The engine's PerfContext: one for all its databases, since RocksDB has one a thread. Background work that runs
 * within a call is not counted, as it would not be in a thread of its own.
 */
export class PerfContext {
  readonly #engine: Engine;
  #byLevel = false;

  /** @internal */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get level(): PerfLevel {
    this.#engine.assertUsable();
    return LEVELS[this.#engine.native.calls.rdb_perf_get_level() - 1] as PerfLevel;
  }

  set level(level: PerfLevel) {
    this.#set(level, this.#byLevel);
  }

  /** Whether levels of the tree are counted each; setting it to false drops their counts. */
  get byLevel(): boolean {
    return this.#byLevel;
  }

  set byLevel(on: boolean) {
    flag(on, 'byLevel');
    this.#set(this.level, on);
  }

  /** Sets all counters to 0. */
  reset(): void {
    this.#engine.assertUsable();
    this.#engine.native.calls.rdb_perf_reset(PerfPart.PerfCounters);
  }

  /** One counter. */
  metric(counter: PerfCounter): number {
    oneOf(PERF_COUNTERS)(counter, 'counter');
    return this.counters()[counter];
  }

  /** All counters since the last `reset()`. */
  counters(): PerfCounters {
    return readCounters(this.#engine).perf;
  }

  /** By level of the tree; empty without `byLevel`. */
  levels(): PerfByLevel {
    return readCounters(this.#engine).levels;
  }

  /** As RocksDB writes them. */
  report(excludeZeroCounters = false): string {
    return report(this.#engine, PerfPart.PerfCounters, excludeZeroCounters);
  }

  /**
   * Runs a function at a level and tells what its calls took. It may be nested: the counters are differences,
   * nothing is reset. The function must not be asynchronous: what else ran meanwhile would be counted.
   */
  measure<T>(level: PerfLevel, work: () => T, options: PerfOptions = {}): Measured<T> {
    const { byLevel = false } = options;
    flag(byLevel, 'byLevel');
    const outer = { level: this.level, byLevel: this.#byLevel };
    this.#set(level, byLevel || outer.byLevel);
    try {
      const before = readCounters(this.#engine);
      const result = work();
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        throw new InvalidArgumentError(
          'ERR_ROCKSDB_INVALID_ARGUMENT',
          'withPerfContext: the function returned a promise; measure synchronous calls',
        );
      }
      const after = readCounters(this.#engine);
      const perf = difference(after.perf, before.perf);
      const io = difference(after.io, before.io);
      if (!byLevel) return { result, perf, io };
      return { result, perf, io, levels: levelDifference(after.levels, before.levels) };
    } finally {
      // After a crash there is nothing to put back.
      if (!this.#engine.native.stopped) this.#set(outer.level, outer.byLevel);
    }
  }

  #set(level: PerfLevel, byLevel: boolean): void {
    oneOf(LEVELS)(level, 'level');
    this.#engine.assertUsable();
    this.#engine.native.calls.rdb_perf_set_level(LEVELS.indexOf(level) + 1, byLevel ? 1 : 0);
    this.#byLevel = byLevel;
  }
}

/** The engine's IOStatsContext: bytes and times of its files, background work aside. */
export class IOStatsContext {
  readonly #engine: Engine;

  /** @internal */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Sets all counters to 0. */
  reset(): void {
    this.#engine.assertUsable();
    this.#engine.native.calls.rdb_perf_reset(PerfPart.PerfIo);
  }

  /** All counters since the last `reset()`. */
  counters(): IOCounters {
    return readCounters(this.#engine).io;
  }

  /** As RocksDB writes them. */
  report(excludeZeroCounters = false): string {
    return report(this.#engine, PerfPart.PerfIo, excludeZeroCounters);
  }
}

function readCounters(engine: Engine): Counters {
  engine.assertUsable();
  engine.native.check(engine.native.calls.rdb_perf_read(engine.out));
  return takeRecord(engine.native, engine.out, unpack);
}

function unpack(reader: RecordReader): Counters {
  const [perfCount, ioCount, levelCount, levelsThere] = [
    reader.word(),
    reader.word(),
    reader.word(),
    reader.word(),
  ];
  if (
    perfCount !== PERF_COUNTERS.length ||
    ioCount !== IO_COUNTERS.length ||
    levelCount !== PERF_LEVEL_COUNTERS.length
  ) {
    throw new Error('the counters of this wasm are not those that this package names');
  }
  const perf = reader.doubles(PERF_COUNTERS);
  const io = reader.doubles(IO_COUNTERS);
  const levels: Record<number, Record<PerfLevelCounter, number>> = {};
  for (let i = 0; i < levelsThere; i++)
    levels[reader.double()] = reader.doubles(PERF_LEVEL_COUNTERS);
  return { perf, io, levels };
}

function difference<Name extends string>(
  after: Readonly<Record<Name, number>>,
  before: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const entries = Object.entries(after) as [Name, number][];
  return Object.fromEntries(entries.map(([name, count]) => [name, count - before[name]])) as Record<
    Name,
    number
  >;
}

function levelDifference(after: PerfByLevel, before: PerfByLevel): PerfByLevel {
  return Object.fromEntries(
    Object.entries(after).map(([level, counters]) => {
      const earlier = before[Number(level)];
      return [level, earlier === undefined ? counters : difference(counters, earlier)];
    }),
  );
}

function report(engine: Engine, part: number, excludeZeroCounters: boolean): string {
  engine.assertUsable();
  engine.native.check(
    engine.native.calls.rdb_perf_text(part, excludeZeroCounters ? 1 : 0, engine.out),
  );
  return takeText(engine.native, engine.out) ?? '';
}
