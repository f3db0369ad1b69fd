import type { DatabaseStatistics } from './database/statistics.js';
import { databaseMetrics } from './database-metrics.js';
import { Env } from './env.js';
import { EngineCrashedError, HeapLimitError, InvalidOptionError } from './errors.js';
import { Alerts } from './monitor/alerts.js';
import { type Later, MonitorEvents } from './monitor/events.js';
import { FileRecords } from './monitor/files.js';
import { HeapBytes } from './monitor/heap-bytes.js';
import { type HeapExtensions, HeapMonitor, type HeapSource } from './monitor/heap-monitor.js';
import {
  type HandleRecord,
  Ledger,
  TRACKING_LEVELS,
  type TrackingLevel,
} from './monitor/ledger.js';
import { HandlePolicies } from './monitor/policies.js';
import { checkPolicies, type Policies, type PolicyKind } from './monitor/policy-rules.js';
import {
  engineDefaults,
  FINALIZER_MODES,
  type FinalizerMode,
  registerEngine,
  unregisterEngine,
} from './monitor/registry.js';
import { copyOf } from './monitor/report.js';
import { Sampler } from './monitor/sampler.js';
import { callerSite } from './monitor/sites.js';
import { ALL_JOBS, type Background } from './native/background-work.js';
import { byteSource } from './native/byte-source.js';
import { EngineContext } from './native/engine-context.js';
import { HandleExpiry } from './native/expiry.js';
import { readableStack } from './native/function-names.js';
import type { HandleCore } from './native/handle-core.js';
import { loadModule, Native } from './native/module.js';
import { NativeObject } from './native/native-object.js';
import { Staging } from './native/staging.js';
import { warn } from './native/warning.js';
import type { WasmSource } from './native/wasm-source.js';
import { IOStatsContext, PerfContext } from './perf-context.js';
import { EnginePins } from './pins.js';
import { quoted } from './shown.js';
import { type Clock, systemClock } from './wasi/clock.js';
import type { FileSystem } from './wasi/file-system.js';
import { NodeFileSystem } from './wasi/node-fs.js';
import { type Random, systemRandom } from './wasi/random.js';

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
  /** What the ledger records of each handle; `engine.heap.tracking` changes it. Default: `count`. */
  tracking?: TrackingLevel;
  /**
   * What happens with handles that nobody holds any more and nobody freed, when the garbage collector finds
   * them: nothing; `report`: `onFinalized` is called; `free`: they are freed, too, at the next moment when
   * no call is running. `engine.heap.finalizer` changes it. Default: `off`.
   */
  finalizer?: FinalizerMode;
  /**
   * Gets the handles that were found forgotten. It must not hold them, nor what leads to them. Default: a
   * process warning.
   */
  onFinalized?: (handles: readonly HandleRecord[]) => void;
  /**
   * How old and how many handles may be, by kind, and what they may hold: see HandlePolicy. `engine.heap.setPolicy`
   * changes them. Default: no limits.
   */
  policies?: Policies;
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
  'finalizer',
  'onFinalized',
  'policies',
  'maxHeapBytes',
  'maxMemoryBytes',
] as const satisfies readonly (keyof EngineOptions)[];

// biome-ignore lint/suspicious/noExplicitAny: a database of whatever encodings
type AnyDatabase = DatabaseStatistics<any, any>;

/** What a small write may allocate beside itself: a block of the memtable's arena, and log buffers. */
const WRITE_SLACK_BYTES = 1024 * 1024 + 128 * 1024;
/** Of wasm32. */
const MEMORY_BYTES_MAX = 2 ** 32;
/** Room for the out structs of one call. */
const OUT_BYTES = 64;
/** In this process. */
let enginesMade = 0;

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
  /** Queues of background jobs. */
  readonly env = new Env(this);
  /** Counters of the calls on its databases: see `db.withPerfContext`. */
  readonly perfContext = new PerfContext(this);
  /** Bytes and times of its files, background work aside. */
  readonly ioStatsContext = new IOStatsContext(this);
  /** @internal */
  readonly native: Native;
  /** @internal */
  readonly ledger: Ledger;
  /** @internal What its handles share. */
  readonly context: EngineContext;
  /** @internal Open descriptors. */
  readonly files: FileRecords;
  /** Weak: the engine must not hold what the program has lost. */
  readonly #databases = new Set<WeakRef<AnyDatabase>>();
  /** @internal Scratch for arguments. */
  readonly staging: Staging;
  /** @internal Scratch for out structs. */
  readonly out: number;
  readonly maxHeapBytes: number | undefined;
  readonly #source: HeapSource;

  /** Compiles the module (once per process) and makes an engine. */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    checkEngineOptions(options);
    const site = siteOfMaking(options);
    return new Engine(await loadModule(options.wasm), options, site);
  }

  private constructor(
    module: WebAssembly.Module,
    options: EngineOptions,
    site: string | undefined,
  ) {
    const clock = options.clock ?? systemClock;
    const fileSystem = options.fileSystem ?? new NodeFileSystem();
    const defaults = engineDefaults();
    const ledger = new Ledger(millisecondsOf(clock));
    ledger.level = options.tracking ?? defaults.tracking;
    ledger.origin = site;
    const files = new FileRecords(ledger);
    const random = options.random ?? systemRandom;
    const native = new Native(module, { fileSystem, clock, random, descriptors: files });
    const context = new EngineContext(ledger, native, {
      background: options.background ?? 'inline',
      jobsPerCall: options.maxJobsPerCall,
      finalizer: options.finalizer ?? defaults.finalizer,
      onFinalized: options.onFinalized,
      timers: clock === systemClock,
    });
    super(context, 'engine', undefined, 0, releaseEngine);
    const { core } = this;
    this.native = native;
    this.ledger = ledger;
    this.context = context;
    this.files = files;
    files.engine = core.record;
    this.fileSystem = fileSystem;
    this.background = context.background.mode;
    this.maxHeapBytes = options.maxHeapBytes;
    this.staging = new Staging(native, ledger, core.record);
    this.out = native.calls.rdb_memory_alloc(OUT_BYTES) >>> 0;
    ledger.add('buffer', core.record, 'out structs');
    const { maxMemoryBytes } = options;
    if (maxMemoryBytes !== undefined) native.calls.rdb_memory_set_limit(maxMemoryBytes);
    this.#source = heapSource(context);
    const { staging, out } = this;
    this.heap = monitorOf(core, this.#source, { staging, out, options });
    registerEngine(ledger, this.heap, this);
    ledger.origin = undefined;
    if (ledger.level === 'exact') this.heap.levelChanged('exact');
    native.onCrash = () => {
      ledger.crash();
      endEngine(context);
      core.releaseAs('crashed');
    };
  }

  /** @internal Makes it one of `databases()` until it is closed. */
  addDatabase(db: AnyDatabase): void {
    this.#databases.add(new WeakRef(db));
  }

  /** @internal The databases that are open on it, unless they are lost. */
  databases(): AnyDatabase[] {
    const open: AnyDatabase[] = [];
    for (const held of this.#databases) {
      const db = held.deref();
      if (db === undefined || db.freed) this.#databases.delete(held);
      else open.push(db);
    }
    return open;
  }

  /** @internal The monitor of one database. */
  heapOf(core: HandleCore): HeapMonitor {
    return new HeapMonitor(this.#source, this.ledger, this.heap.extensions, core.record);
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
    return this.context.background.pending;
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
    const jobs = this.native.calls.rdb_engine_pump(Math.min(Math.floor(maxJobs), ALL_JOBS));
    this.context.events.settle();
    return jobs;
  }

  /** @internal Runs the background work that can run now, if the engine can be used. */
  drain(): void {
    if (!this.native.stopped) this.pump();
  }

  /** Closes the databases that are open on it, frees everything, and drops the memory. */
  override free(): void {
    if (this.freed) return;
    super.free();
    this.context.events.settle(); // no later call would tell what a listener threw
  }

  /** @internal After a call that may have made background work. */
  settle(): void {
    this.context.settle();
  }

  /** @internal The same, where a callback's error must wait for the next call. */
  settleLater(): void {
    this.context.settleLater();
  }

  /** @internal The error of a write that failed. */
  failed(status: number): Error {
    return this.context.failed(status);
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

  /**
   * @internal Every call begins with it. Throws when the engine has crashed or was freed, and what a callback
   * threw when there was no call to end with it.
   */
  assertUsable(): void {
    if (this.native.crashed) throw this.native.refusal();
    this.assertLive();
    if (!this.native.busy) this.context.events.tell();
  }
}

/** The engine's monitor, with all that it does by itself. It leads to no wrapper. */
function monitorOf(
  core: HandleCore,
  source: HeapSource,
  engine: { staging: Staging; out: number; options: EngineOptions },
): HeapMonitor {
  const { context } = core;
  const { ledger, native } = context;
  const { staging, out, options } = engine;
  const bytes = new HeapBytes(source.bytes);
  const timers = (options.clock ?? systemClock) === systemClock;
  const pins = new EnginePins(core, staging, out, bytes);
  const sampler = new Sampler(ledger, bytes, timers);
  const events = new MonitorEvents(++enginesMade, laterOn(context), warn);
  const host = new HandleExpiry(core);
  const common = { ledger, events, sampler, invalid: invalidOption };
  const policies = new HandlePolicies({ ...common, bytes, pins, host, timers });
  host.policies = policies;
  const alerts = new Alerts({
    ...common,
    metrics: () => heap.metrics(),
    busy: () => native.busy || native.stopped,
    warn,
  });
  const extensions: HeapExtensions = {
    pins,
    events,
    sampler,
    policies,
    alerts,
    limitBytes: options.maxHeapBytes ?? options.maxMemoryBytes ?? MEMORY_BYTES_MAX,
    metricSources: [databaseMetrics(core, staging, out)],
    growthWatches: new Set(),
    onPoll: () => context.alarms.poll(),
  };
  const heap = new HeapMonitor(source, ledger, extensions);
  context.reclaimed = (record, by) => events.emit('reclaimed', { handle: copyOf(record), by });
  context.ending.push(() => {
    sampler.end();
    policies.end();
    context.alarms.end();
  });
  for (const [kind, policy] of Object.entries(options.policies ?? {})) {
    if (policy !== undefined) policies.set(kind as PolicyKind, policy);
  }
  return heap;
}

/** The caller's frames, when the level of an engine with these options wants them: before any await. */
export function siteOfMaking({ engine, tracking }: EngineOptions & { engine?: Engine }) {
  const level = engine?.heap.tracking ?? tracking ?? engineDefaults().tracking;
  return level === 'count' && engine?.ledger.choosing !== true ? undefined : callerSite();
}

/** Listeners of the monitor are called when listeners of RocksDB's events are. */
function laterOn({ events }: EngineContext): Later {
  return (call) => events.push({ deliver: call, lost: () => {} });
}

/** Milliseconds since 1970, the cheapest way. */
function millisecondsOf(clock: Clock): () => number {
  if (clock.realtimeMs !== undefined) return () => clock.realtimeMs?.() ?? 0;
  return () => Number(clock.realtimeNs() / 1_000_000n);
}

/** Nothing of the engine goes on. */
function endEngine({ ledger, background, watchers, ending }: EngineContext): void {
  background.stop();
  for (const end of ending) end();
  for (const watcher of watchers) watcher();
  unregisterEngine(ledger);
}

function releaseEngine({ context }: HandleCore): void {
  endEngine(context);
  const errors = context.native.dispose();
  if (errors.length === 0) return;
  throw new EngineCrashedError('ERR_ROCKSDB_IO_ERROR', 'files could not be closed', {
    cause: errors[0],
  });
}

function heapSource(context: EngineContext): HeapSource {
  return {
    bytes: byteSource(context.native),
    get finalizer() {
      return context.finalizer;
    },
    set finalizer(mode) {
      context.finalizer = mode;
    },
    readableStack,
    listen(trace) {
      context.native.allocations = trace;
    },
    allocations: undefined,
  };
}

/** Throws InvalidOptionError for what is not as EngineOptions says. */
export function checkEngineOptions(options: EngineOptions): void {
  const { background = 'inline', tracking = 'count', finalizer = 'off' } = options;
  if (!['inline', 'idle', 'manual'].includes(background)) {
    throw invalidOption('background', background, "'inline', 'idle' or 'manual'");
  }
  if (!TRACKING_LEVELS.includes(tracking)) {
    throw invalidOption('tracking', tracking, oneOf(TRACKING_LEVELS));
  }
  if (!FINALIZER_MODES.includes(finalizer)) {
    throw invalidOption('finalizer', finalizer, oneOf(FINALIZER_MODES));
  }
  if (options.onFinalized !== undefined && typeof options.onFinalized !== 'function') {
    throw invalidOption('onFinalized', options.onFinalized, 'a function');
  }
  if (options.policies !== undefined) checkPolicies(invalidOption, options.policies);
  for (const name of ['maxHeapBytes', 'maxMemoryBytes', 'maxJobsPerCall'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value <= 0 || value > 0xffffffff) {
      throw invalidOption(name, value, 'an integer from 1 to 4294967295');
    }
  }
}

function oneOf(names: readonly string[]): string {
  return `one of ${names.map((name) => `'${name}'`).join(', ')}`;
}

function invalidOption(name: string, value: unknown, expected: string): InvalidOptionError {
  return new InvalidOptionError(`${name}: expected ${expected}, got ${quoted(value)}`, name, value);
}
