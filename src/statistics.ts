import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { HistogramLayout, type StatisticsPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import type { Heap } from './native/heap.js';
import { takeRecord, takeText } from './native/records.js';
import { checkFields, oneOf } from './option-checks.js';
import { nearest } from './option-errors.js';
import { SharedResource } from './shared-resource.js';
import { quoted, shown } from './shown.js';
import { HISTOGRAMS, TICKERS } from './statistics.gen.js';

/** The name of a ticker: RocksDB's `rocksdb.block.cache.miss` is `blockCacheMiss`. */
export type TickerName = keyof typeof TICKERS;
/** A ticker by either of its names. */
export type Ticker = TickerName | (typeof TICKERS)[TickerName];
/** The name of a histogram: RocksDB's `rocksdb.db.get.micros` is `dbGetMicros`. */
export type HistogramName = keyof typeof HISTOGRAMS;
/** A histogram by either of its names. */
export type Histogram = HistogramName | (typeof HISTOGRAMS)[HistogramName];

const LEVELS = [
  'disableAll',
  'exceptHistogramOrTimers',
  'exceptTimers',
  'exceptDetailedTimers',
  'exceptTimeForMutex',
  'all',
] as const;

/**
 * What is counted, from nothing to everything. A timer costs two readings of the clock, which in
 * WebAssembly are calls of the host.
 */
export type StatsLevel = (typeof LEVELS)[number];

export interface StatisticsOptions {
  /** Default: `exceptDetailedTimers`, as in RocksDB. */
  level?: StatsLevel;
}

/** What a histogram says of the values that it was given; its unit is in its name. */
export interface HistogramData {
  /** Interpolated within a bucket, as the percentiles are. */
  readonly median: number;
  readonly percentile95: number;
  readonly percentile99: number;
  readonly average: number;
  readonly standardDeviation: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  /** 0 of an empty histogram, whatever RocksDB says of that. */
  readonly min: number;
}

/**
 * Counters (tickers) and histograms of the databases that were opened with it as `statistics`; several
 * databases of one engine may share it. Counts are numbers, exact up to 2^53. docs/statistics.md says what the
 * important ones mean.
 */
export class Statistics extends SharedResource {
  constructor(engine: Engine, options: StatisticsOptions = {}) {
    checkFields(options, { level: oneOf(LEVELS) });
    engine.assertUsable();
    const level = LEVELS.indexOf(options.level ?? 'exceptDetailedTimers');
    super(engine, 'statistics', engine.native.calls.rdb_statistics_create(level), release);
  }

  /** What is counted from now on. */
  get statsLevel(): StatsLevel {
    return LEVELS[this.calls().rdb_statistics_get_level(this.#pointer)] as StatsLevel;
  }

  set statsLevel(level: StatsLevel) {
    oneOf(LEVELS)(level, 'statsLevel');
    this.calls().rdb_statistics_set_level(this.#pointer, LEVELS.indexOf(level));
  }

  /** A ticker's count since the statistics were made or reset. */
  getTickerCount(ticker: Ticker): number {
    return this.calls().rdb_statistics_ticker(this.#pointer, tickerIndex(ticker));
  }

  /** Reads it and sets it to 0. */
  getAndResetTickerCount(ticker: Ticker): number {
    return this.calls().rdb_statistics_take_ticker(this.#pointer, tickerIndex(ticker));
  }

  /** Sets a ticker's count. */
  setTickerCount(ticker: Ticker, count: number): void {
    const index = tickerIndex(ticker);
    this.calls().rdb_statistics_set_ticker(this.#pointer, index, countOf(count));
  }

  /** Adds to a ticker, unless the level is `disableAll`. */
  recordTick(ticker: Ticker, count = 1): void {
    const index = tickerIndex(ticker);
    this.calls().rdb_statistics_record_tick(this.#pointer, index, countOf(count));
  }

  /** Gives a value to a histogram, if the level has histograms. */
  recordInHistogram(histogram: Histogram, value: number): void {
    const index = histogramIndex(histogram);
    this.calls().rdb_statistics_record_value(this.#pointer, index, countOf(value));
  }

  /** Percentiles, average, count and sum of a histogram. */
  histogramData(histogram: Histogram): HistogramData {
    const index = histogramIndex(histogram);
    const { staging, native } = this.used();
    staging.begin();
    try {
      const at = staging.reserve(HistogramLayout.byteLength);
      native.calls.rdb_statistics_histogram(this.#pointer, index, at);
      return readHistogram(native.heap, at);
    } finally {
      staging.end();
    }
  }

  /** A histogram as RocksDB writes it, with its buckets. */
  getHistogramString(histogram: Histogram): string {
    const index = histogramIndex(histogram);
    const engine = this.used();
    const { calls } = engine.native;
    engine.native.check(calls.rdb_statistics_histogram_text(this.#pointer, index, engine.out));
    return takeText(engine.native, engine.out) ?? '';
  }

  /** All tickers, in one crossing. */
  tickers(): Record<TickerName, number> {
    const engine = this.used();
    const { calls } = engine.native;
    engine.native.check(calls.rdb_statistics_read_tickers(this.#pointer, engine.out));
    return takeRecord(engine.native, engine.out, (reader) => reader.doubles(TICKER_NAMES));
  }

  /** All histograms, in one crossing. */
  histograms(): Record<HistogramName, HistogramData> {
    const engine = this.used();
    const { calls, heap } = engine.native;
    engine.native.check(calls.rdb_statistics_read_histograms(this.#pointer, engine.out));
    const read = takeRecord(engine.native, engine.out, () => {
      const block = heap.getWord(engine.out);
      const at = (index: number) => block + index * HistogramLayout.byteLength;
      return HISTOGRAM_NAMES.map((name, index) => [name, readHistogram(heap, at(index))]);
    });
    return Object.fromEntries(read as [string, HistogramData][]) as Record<
      HistogramName,
      HistogramData
    >;
  }

  /** Sets every ticker and histogram to 0. */
  reset(): void {
    const { native } = this.used();
    native.check(native.calls.rdb_statistics_reset(this.#pointer));
  }

  /** All of it as RocksDB writes it into its LOG. */
  toText(): string {
    const engine = this.used();
    engine.native.check(engine.native.calls.rdb_statistics_text(this.#pointer, engine.out));
    return takeText(engine.native, engine.out) ?? '';
  }

  get #pointer(): StatisticsPtr {
    return this.core.pointer as StatisticsPtr;
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_statistics_free(pointer as StatisticsPtr);
}

const TICKER_NAMES = Object.keys(TICKERS) as TickerName[];
const HISTOGRAM_NAMES = Object.keys(HISTOGRAMS) as HistogramName[];

/** Position by either name. */
function indexes(names: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  const entries = Object.entries(names);
  return new Map(entries.flatMap((pair, index) => pair.map((name) => [name, index] as const)));
}

const TICKER_INDEXES = indexes(TICKERS);
const HISTOGRAM_INDEXES = indexes(HISTOGRAMS);

function indexOf(map: ReadonlyMap<string, number>, name: unknown, what: string): number {
  const index = typeof name === 'string' ? map.get(name) : undefined;
  if (index !== undefined) return index;
  const meant = typeof name === 'string' ? nearest(name, [...map.keys()]) : undefined;
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
  throw invalid(`there is no ${what} ${quoted(name)}${hint}`);
}

const tickerIndex = (name: Ticker) => indexOf(TICKER_INDEXES, name, 'ticker');
const histogramIndex = (name: Histogram) => indexOf(HISTOGRAM_INDEXES, name, 'histogram');

function countOf(count: unknown): number {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
  throw invalid(`count: expected an integer from 0 to 2^53 - 1, got ${shown(count)}`);
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

function readHistogram(heap: Heap, at: number): HistogramData {
  const field = (name: keyof typeof HistogramLayout) => heap.getDouble(at + HistogramLayout[name]);
  return {
    median: field('median'),
    percentile95: field('percentile95'),
    percentile99: field('percentile99'),
    average: field('average'),
    standardDeviation: field('standardDeviation'),
    max: field('max'),
    count: field('count'),
    sum: field('sum'),
    min: field('count') === 0 ? 0 : field('min'),
  };
}
