import { dirname } from 'node:path';
import type { Encoding } from '../encoding.js';
import { withFolders } from '../folders.js';
import {
  ReplayedLayout,
  TraceFilter,
  TraceKind,
  TraceOptionsLayout,
} from '../native/exports.gen.js';
import { objectOf } from '../option-errors.js';
import { databasePath } from '../paths.js';
import { shown } from '../shown.js';
import { DatabaseColumnFamilies } from './column-families.js';
import { invalid } from './core.js';

export interface TraceOptions {
  /** Bytes after which nothing more is recorded. Default: 64 GiB. */
  maxTraceFileSize?: number;
  /** Record one of so many operations. Default: 1, all. */
  samplingFrequency?: number;
  /** Operations that are not recorded; of queries only. Default: none. */
  filter?: readonly ('gets' | 'writes' | 'seeks' | 'seeksForPrev' | 'multiGets')[];
  /** Record writes in the order of the log; of queries only. Default: false. */
  preserveWriteOrder?: boolean;
}

const FILTERS = {
  gets: TraceFilter.TraceFilterGets,
  writes: TraceFilter.TraceFilterWrites,
  seeks: TraceFilter.TraceFilterSeeks,
  seeksForPrev: TraceFilter.TraceFilterSeeksForPrev,
  multiGets: TraceFilter.TraceFilterMultiGets,
} as const;

/** Traces in RocksDB's formats, for its analyzers (trace_analyzer, block_cache_trace_analyzer, io_tracer_parser). */
export abstract class DatabaseTraces<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseColumnFamilies<KE, VE> {
  /** Folders of the traces that are being written, by kind. */
  readonly #traces = new Map<number, string>();

  /** Records reads and writes to a new file until `endTrace()`. Its folder must exist. */
  startTrace(file: string, options: TraceOptions = {}): void {
    this.#start(TraceKind.TraceQueries, file, options);
  }

  /** Ends the trace of calls: its file is complete. Throws when none runs. */
  endTrace(): void {
    this.#end(TraceKind.TraceQueries);
  }

  /** Records the calls of the file system to a new file until `endIOTrace()`. */
  startIOTrace(file: string, options: Omit<TraceOptions, 'filter'> = {}): void {
    this.#start(TraceKind.TraceIo, file, options);
  }

  /** Ends the trace of the file system: its file is complete. Throws when none runs. */
  endIOTrace(): void {
    this.#end(TraceKind.TraceIo);
  }

  /** Records accesses to the block cache to a new file until `endBlockCacheTrace()`. */
  startBlockCacheTrace(file: string, options: Omit<TraceOptions, 'filter'> = {}): void {
    this.#start(TraceKind.TraceBlockCache, file, options);
  }

  /** Ends the trace of the block cache: its file is complete. Throws when none runs. */
  endBlockCacheTrace(): void {
    this.#end(TraceKind.TraceBlockCache);
  }

  /**
   * Does again what a trace of `startTrace()` has, in its order and at once, on this database, whose column families
   * must have the ids of the traced one's. Returns how many operations there were, and how many RocksDB refused.
   */
  replayTrace(file: string): { operations: number; failed: number } {
    this.useFamily();
    this.assertWritable();
    const path = databasePath(file);
    const { native, staging, out } = this.engine;
    const { heap, calls } = native;
    const families = this.openFamilies();
    withFolders(this.engine, [dirname(path)], () => {
      staging.begin();
      try {
        const at = staging.reserve(4 * families.length);
        families.forEach(({ pointer }, index) => {
          heap.setWord(at + 4 * index, pointer);
        });
        staging.push(path, 'file', 0xffff);
        const { address, length } = staging;
        const count = families.length;
        native.check(calls.rdb_trace_replay(this.pointer, at, count, address, length, out));
      } finally {
        staging.end();
      }
    });
    const replayed = {
      operations: heap.getDouble(out + ReplayedLayout.operations),
      failed: heap.getDouble(out + ReplayedLayout.failed),
    };
    this.engine.settle();
    return replayed;
  }

  #start(kind: number, file: string, options: TraceOptions): void {
    this.useFamily();
    const path = databasePath(file);
    const folder = dirname(path);
    const { maxTraceFileSize = 2 ** 36, samplingFrequency = 1, filter = [] } = objectOf(options);
    const checked = { maxTraceFileSize, samplingFrequency };
    for (const [name, value] of Object.entries(checked)) {
      if (!Number.isSafeInteger(value) || value < 1) {
        throw invalid(`${name}: expected an integer of 1 or more, got ${shown(value)}`);
      }
    }
    const given: unknown = filter;
    if (!Array.isArray(given)) throw invalid('filter: expected an array');
    const unknown = filter.find((each) => !Object.hasOwn(FILTERS, each));
    if (unknown !== undefined) {
      throw invalid(
        `filter: expected some of ${Object.keys(FILTERS).join(', ')}, got ${shown(unknown)}`,
      );
    }
    const { native, staging } = this.engine;
    const { heap } = native;
    staging.begin();
    this.reachFolder(folder);
    try {
      const at = staging.reserve(TraceOptionsLayout.byteLength);
      heap.setDouble(at + TraceOptionsLayout.maxTraceFileSize, maxTraceFileSize);
      heap.setDouble(at + TraceOptionsLayout.samplingFrequency, samplingFrequency);
      const bits = filter.reduce((sum, each) => sum | FILTERS[each], 0);
      heap.setWord(at + TraceOptionsLayout.filter, bits);
      const order = options.preserveWriteOrder === true ? 1 : 0;
      heap.setWord(at + TraceOptionsLayout.preserveWriteOrder, order);
      staging.push(path, 'file', 0xffff);
      const { address, length } = staging;
      native.check(native.calls.rdb_trace_start(this.pointer, kind, at, address, length));
      this.#traces.set(kind, folder);
    } catch (error) {
      this.leaveFolder(folder);
      throw error;
    } finally {
      staging.end();
    }
  }

  #end(kind: number): void {
    this.useFamily();
    const { native } = this.engine;
    const folder = this.#traces.get(kind);
    if (folder === undefined) throw invalid('no such trace has been started');
    this.#traces.delete(kind);
    try {
      native.check(native.calls.rdb_trace_end(this.pointer, kind));
    } finally {
      this.leaveFolder(folder);
    }
  }
}
