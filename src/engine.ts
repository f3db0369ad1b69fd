import { EngineCrashedError, HeapLimitError, InvalidOptionError } from './errors.js';
import { HeapMonitor, type HeapSource } from './monitor/heap-monitor.js';
import { type HandleRecord, Ledger, type TrackingLevel } from './monitor/ledger.js';
import { byteSource } from './native/byte-source.js';
import { loadModule, Native } from './native/module.js';
import { NativeObject } from './native/native-object.js';
import { Staging } from './native/staging.js';
import type { WasmSource } from './native/wasm-source.js';
import { type Clock, systemClock } from './wasi/clock.js';
import type { FileSystem } from './wasi/file-system.js';
import { NodeFileSystem } from './wasi/node-fs.js';
import { type Random, systemRandom } from './wasi/random.js';

/**
 * When background work (flush, compaction, purge, timers) runs.
 * - `inline`: before the call that made it returns.
 * - `idle`: in the host's idle turns, and inline only when RocksDB would stall the writer.
 * - `manual`: in `engine.pump()`, and inline only when RocksDB would stall the writer.
 */
export type Background = 'inline' | 'idle' | 'manual';

export interface EngineOptions {
  /** Default: the package's own module, compiled once. */
  wasm?: WasmSource;
  /** Default: the host's real file system. */
  fileSystem?: FileSystem;
  /** Default: the host's clock. */
  clock?: Clock;
  /** Default: the host's randomness. */
  random?: Random;
  /** Default: `inline`. */
  background?: Background;
  /**
   * With `inline`: run at most so many pieces of background work a call, and leave the rest to the next
   * calls. Shortens the longest pause to that of one flush or compaction. Default: all that there is.
   */
  maxJobsPerCall?: number;
  /** Default: `count`. */
  tracking?: TrackingLevel;
  /** Bytes in use beyond which writes are refused with HeapLimitError, before anything is done. */
  maxHeapBytes?: number;
  /** Bytes that linear memory may grow to (at most 4 GiB); beyond it the engine crashes. */
  maxMemoryBytes?: number;
}

/** The option names, for telling them from RocksDB's. */
export const ENGINE_OPTIONS = [
  'wasm',
  'fileSystem',
  'clock',
  'random',
  'background',
  'maxJobsPerCall',
  'tracking',
  'maxHeapBytes',
  'maxMemoryBytes',
] as const satisfies readonly (keyof EngineOptions)[];

/** Operations between two looks at the clock for timed work. */
const TIMER_INTERVAL = 1024;
const ALL_JOBS = 0xffffffff;
const MAX_TIMER_MS = 60_000;
/** What a small write may allocate beside itself: a block of the memtable's arena, and log buffers. */
const WRITE_SLACK_BYTES = 1024 * 1024 + 128 * 1024;
/** Room for the out structs of one call. */
const OUT_BYTES = 64;

/**
 * One WebAssembly instance: linear memory, files, clock, scheduler and ledger. `RocksDB.open` makes a
 * private one, freed when its database is closed. Several databases may share one, and with it block
 * caches, 4 GiB, and the fate of a crash. Free it after its databases.
 */
export class Engine extends NativeObject {
  /** What is held, by whom, made where. */
  readonly heap: HeapMonitor;
  readonly background: Background;
  readonly fileSystem: FileSystem;
  /** @internal */
  readonly native: Native;
  /** @internal */
  readonly ledger: Ledger;
  /** @internal Scratch for arguments. */
  readonly staging: Staging;
  /** @internal Scratch for out structs. */
  readonly out: number;
  readonly maxHeapBytes: number | undefined;
  readonly #jobsPerCall: number;
  #idleScheduled = false;
  #dueTimer: ReturnType<typeof setTimeout> | undefined;

  /** Compiles the module (once per process) and makes an engine. */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    checkEngineOptions(options);
    return new Engine(await loadModule(options.wasm), options);
  }

  private constructor(module: WebAssembly.Module, options: EngineOptions) {
    const clock = options.clock ?? systemClock;
    const fileSystem = options.fileSystem ?? new NodeFileSystem();
    const ledger = new Ledger(() => Number(clock.realtimeNs() / 1_000_000n));
    ledger.level = options.tracking ?? 'count';
    const native = new Native(module, {
      fileSystem,
      clock,
      random: options.random ?? systemRandom,
    });
    super({ ledger, native }, 'engine', undefined);
    this.native = native;
    this.ledger = ledger;
    this.fileSystem = fileSystem;
    this.background = options.background ?? 'inline';
    this.maxHeapBytes = options.maxHeapBytes;
    this.#jobsPerCall = options.maxJobsPerCall ?? ALL_JOBS;
    this.staging = new Staging(native);
    this.out = native.calls.rdb_memory_alloc(OUT_BYTES) >>> 0;
    const { maxMemoryBytes } = options;
    if (maxMemoryBytes !== undefined) native.calls.rdb_memory_set_limit(maxMemoryBytes);
    this.heap = new HeapMonitor(heapSource(native), ledger);
    native.onCrash = () => this.releaseAs('crashed');
  }

  /** True after a trap, exhausted memory or a deadlock. */
  get crashed(): boolean {
    return this.native.crashed;
  }

  /** RocksDB's version, such as `9.10.0`. */
  get rocksdbVersion(): string {
    const version = this.native.calls.rdb_engine_rocksdb_version();
    return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
  }

  /** Pieces of background work that could run now (the clock's aside). */
  get pendingJobs(): number {
    return this.native.heap.getWord(this.native.info.pending);
  }

  /**
   * Runs background work until none can run now, or `maxJobs` pieces; returns how many ran. What a job
   * meets (a full disk, say) is reported by the next call that depends on it, as in RocksDB.
   */
  pump(maxJobs = ALL_JOBS): number {
    this.assertUsable();
    if (typeof maxJobs !== 'number' || !(maxJobs >= 0)) {
      throw invalidOption('maxJobs', maxJobs, 'a number of jobs, 0 or more');
    }
    return this.native.calls.rdb_engine_pump(Math.min(Math.floor(maxJobs), ALL_JOBS));
  }

  /** Closes the databases that are open on it, frees everything, and drops the memory. */
  override free(): void {
    super.free();
  }

  /** @internal After a call that may have made background work. */
  settle(): void {
    const due = (this.ledger.operations & (TIMER_INTERVAL - 1)) === 0;
    if (this.pendingJobs === 0 && !due) return;
    if (this.background === 'inline') this.native.calls.rdb_engine_pump(this.#jobsPerCall);
    else if (this.background === 'idle') this.#pumpWhenIdle();
  }

  /**
   * @internal The error of a write that failed. What waits for its time to recover from it (a full disk)
   * runs here too, or nothing would run it while all calls fail.
   */
  failed(status: number): Error {
    const error = this.native.takeError(status);
    if (this.background === 'inline') this.native.calls.rdb_engine_pump(this.#jobsPerCall);
    else if (this.background === 'idle') this.#pumpWhenIdle();
    return error;
  }

  /** @internal Refuses a write of so many bytes that would pass `maxHeapBytes`. */
  assertBudget(bytes: number): void {
    if (this.maxHeapBytes === undefined) return;
    const inUse = this.heap.inUseBytes;
    const needed = bytes + WRITE_SLACK_BYTES;
    if (inUse + needed <= this.maxHeapBytes) return;
    throw new HeapLimitError(
      'ERR_ROCKSDB_HEAP_LIMIT',
      `${inUse} bytes are in use, ${needed} more could pass maxHeapBytes ${this.maxHeapBytes}: ` +
        'free handles, flush, or make writeBufferSize and the block cache smaller',
    );
  }

  /** @internal Throws when the engine has crashed or was freed. */
  assertUsable(): void {
    if (this.native.crashed) throw this.native.refusal();
    this.assertLive();
  }

  protected release(): void {
    clearTimeout(this.#dueTimer);
    const errors = this.native.dispose();
    if (errors.length > 0) {
      throw new EngineCrashedError('ERR_ROCKSDB_IO_ERROR', 'files could not be closed', {
        cause: errors[0],
      });
    }
  }

  /** What waits for the clock, in idle mode; it does not keep the process alive. */
  #pumpWhenDue(): void {
    const due = this.native.calls.rdb_engine_next_due_micros() / 1000;
    if (!Number.isFinite(due) || this.#dueTimer !== undefined) return;
    const wait = Math.min(Math.max(due - this.ledger.now(), 1), MAX_TIMER_MS);
    this.#dueTimer = setTimeout(() => {
      this.#dueTimer = undefined;
      this.#pumpWhenIdle();
    }, wait);
    (this.#dueTimer as { unref?: () => void }).unref?.();
  }

  #pumpWhenIdle(): void {
    if (this.#idleScheduled) return;
    this.#idleScheduled = true;
    const turn = () => {
      this.#idleScheduled = false;
      if (this.native.stopped) return;
      try {
        // One job a turn, so that the host's own work comes between.
        if (this.native.calls.rdb_engine_pump(1) > 0) this.#pumpWhenIdle();
        else this.#pumpWhenDue();
      } catch (error) {
        // A crash is reported by the next call, not by ending the process from a turn of its own.
        if (!this.native.crashed) throw error;
      }
    };
    if (typeof setImmediate === 'function') setImmediate(turn);
    else setTimeout(turn, 0);
  }
}

/** Records of handles as one line of text each, for messages. */
export function describeHandles(records: readonly HandleRecord[]): string {
  return records
    .map(({ kind, id, name, site }) => {
      const label = name === undefined ? `${kind} #${id}` : `${kind} #${id} (${name})`;
      return site === undefined ? label : `${label} made ${site.split('\n')[0]}`;
    })
    .join('; ');
}

function heapSource(native: Native): HeapSource {
  return Object.assign(byteSource(native), { openFiles: () => native.wasi.fds.list() });
}

/** Throws InvalidOptionError for what is not as EngineOptions says. */
export function checkEngineOptions(options: EngineOptions): void {
  const { background = 'inline', tracking = 'count' } = options;
  if (!['inline', 'idle', 'manual'].includes(background)) {
    throw invalidOption('background', background, "'inline', 'idle' or 'manual'");
  }
  if (tracking !== 'count' && tracking !== 'track') {
    throw invalidOption('tracking', tracking, "'count' or 'track'");
  }
  for (const name of ['maxHeapBytes', 'maxMemoryBytes', 'maxJobsPerCall'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value <= 0 || value > 0xffffffff) {
      throw invalidOption(name, value, 'an integer from 1 to 4294967295');
    }
  }
}

function invalidOption(name: string, value: unknown, expected: string): InvalidOptionError {
  return new InvalidOptionError(
    `${name}: expected ${expected}, got ${typeof value === 'string' ? `'${value}'` : String(value)}`,
    name,
    value,
  );
}
