import { shown } from '../shown.js';
import type { Alerts } from './alerts.js';
import { AllocationTrace, type TraceOptions } from './allocation-trace.js';
import { compareReports, type HeapDiff } from './diff.js';
import type { MonitorEvent, MonitorEventMap, MonitorEvents } from './events.js';
import type { GrowthOptions } from './growth/options.js';
import { type GrowthHost, GrowthWatch, growthMetrics } from './growth/watch.js';
import {
  type ByteSource,
  HeapBytes,
  type HeapIdentity,
  type HeapMap,
  type OwnerBytes,
  type StackUse,
} from './heap-bytes.js';
import type { HeapLayout } from './heap-layout.js';
import {
  type HandleKind,
  type HandleRecord,
  type Ledger,
  LedgerRecord,
  type TrackingLevel,
} from './ledger.js';
import { engineMetrics, type Metric, type MetricSource } from './metrics.js';
import { type PinOptions, type PinReport, type PinSource, pinText } from './pins.js';
import type { HandlePolicies } from './policies.js';
import type { HandlePolicy, HeapPolicy, Policies, PolicyKind } from './policy-rules.js';
import type { FinalizerMode } from './registry.js';
import { type HeapReport, makeReport, recordsBelow } from './report.js';
import { diffText, TOP_BY, type TopBy, topText, treeText, whyText } from './report-text.js';
import type { HeapSample, SampleOptions, Sampler } from './sampler.js';

/** Where the monitor reads from, and what it sets. */
export interface HeapSource {
  readonly bytes: ByteSource;
  finalizer: FinalizerMode;
  /** Puts function names into a stack that has frames of wasm. */
  readableStack(stack: string): string;
  /** Whom the allocator tells of allocations and frees. */
  listen(trace: AllocationTrace | undefined): void;
  /** The trace that was started last. */
  allocations: AllocationTrace | undefined;
}

/** What the monitors of an engine share, and what they can be told beside what they know themselves. */
export interface HeapExtensions {
  readonly events: MonitorEvents;
  readonly sampler: Sampler;
  /** What the heap may grow to: EngineOptions.maxHeapBytes, or the end of linear memory. */
  readonly limitBytes: number;
  /** Who adds to the metrics. */
  readonly metricSources: MetricSource[];
  /** Watches for growth that are not stopped. */
  readonly growthWatches: Set<GrowthWatch>;
  /** What handles keep alive. */
  pins?: PinSource;
  /** Does what else is due by the engine's clock. */
  onPoll?: () => void;
  readonly policies: HandlePolicies;
  /** Rules on metrics. */
  readonly alerts: Alerts;
  /** Called when the tracking level changes. */
  onLevel?: (level: TrackingLevel) => void;
}

/**
 * What is held, by whom, since when, made where. `engine.heap`: of the whole engine. `db.heap`: of the
 * handles of one database; its bytes are still those of the engine, which they share.
 */
export class HeapMonitor {
  readonly #source: HeapSource;
  readonly #ledger: Ledger;
  readonly #bytes: HeapBytes;
  readonly #root: LedgerRecord | undefined;
  /** That of level `exact`. */
  #levelTrace: AllocationTrace | undefined;
  /** @internal */
  readonly extensions: HeapExtensions;

  /** @internal `root`: only what belongs to this handle, and itself. */
  constructor(source: HeapSource, ledger: Ledger, extensions: HeapExtensions, root?: LedgerRecord) {
    this.#source = source;
    this.#ledger = ledger;
    this.#bytes = new HeapBytes(source.bytes);
    this.#root = root;
    this.extensions = extensions;
    if (root === undefined) ledger.observer = this;
  }

  // --- bytes ----------------------------------------------------------------------------------------

  /** Sum of all live blocks, bytes, without the allocator's headers. */
  get inUseBytes(): number {
    return this.#bytes.inUseBytes;
  }

  /** Live blocks. */
  get blocks(): number {
    return this.#bytes.blocks;
  }

  /** The most that `inUseBytes` has been. */
  get highWaterBytes(): number {
    return this.#bytes.highWaterBytes;
  }

  /** Sum of all blocks that there have been, bytes; those that are freed too. */
  get allocatedBytes(): number {
    return this.#bytes.allocatedBytes;
  }

  /** Headers of live blocks, bytes. */
  get headerBytes(): number {
    return this.#bytes.headerBytes;
  }

  /** Bytes of linear memory; it never shrinks. */
  get linearMemoryBytes(): number {
    return this.#bytes.linearMemoryBytes;
  }

  /** The wasm's stack, and how deep it has been used. */
  get stack(): StackUse {
    return this.#bytes.stack;
  }

  /**
   * Walks the chunks of the heap: free and in use, fragmentation, what keeps the heap from ending earlier. Runs
   * no wasm, so it works after a crash. Throws DamagedHeap.
   */
  walk(): HeapMap {
    return this.#bytes.walk();
  }

  /**
   * The heap in the order of addresses, in at most `cells` cells (1 to 65536, default 1,024): how much of each is in
   * use, and mostly by whom. Runs no wasm. Throws DamagedHeap, RangeError.
   */
  layout(cells = 1024): HeapLayout {
    if (!Number.isInteger(cells) || cells < 1 || cells > 0x1_0000) {
      throw new RangeError(`cells: expected an integer from 1 to 65536, got ${shown(cells)}`);
    }
    return this.#bytes.layout(cells);
  }

  /** Accounts for every byte of the heap in two ways, and says what does not agree. */
  verify(): HeapIdentity {
    return this.#bytes.verify();
  }

  /** Bytes and blocks by owner: parts of the engine, and handles by kind. */
  owners(): Record<string, OwnerBytes> {
    return this.#bytes.owners();
  }

  // --- settings: of the whole engine ----------------------------------------------------------------

  /** What is recorded of each handle from now on; see TrackingLevel. */
  get tracking(): TrackingLevel {
    return this.#ledger.level;
  }

  set tracking(level: TrackingLevel) {
    this.#ledger.level = level;
  }

  /** What happens with handles that are made from now on and then forgotten. */
  get finalizer(): FinalizerMode {
    return this.#source.finalizer;
  }

  set finalizer(mode: FinalizerMode) {
    this.#source.finalizer = mode;
  }

  /**
   * Records every allocation and free on the wasm heap from now on, until its `stop()`: to a function or a file, or
   * just so that `sites()` of the trace says which code holds what. A trace that is running is stopped. Level
   * `exact` runs one with stacks and without a sink.
   */
  trace(options: TraceOptions = {}): AllocationTrace {
    const { readableStack, listen } = this.#source;
    const source = {
      clock: this.#ledger,
      ownerName: (owner: number) => this.#bytes.ownerName(owner),
      readable: readableStack,
      listen,
    };
    const trace = new AllocationTrace(source, asOptions(options));
    this.#source.allocations = trace;
    return trace;
  }

  /** The trace that was started last in the engine, also by level `exact`. */
  get allocations(): AllocationTrace | undefined {
    return this.#source.allocations;
  }

  /** @internal The ledger's LevelObserver. */
  levelChanged(level: TrackingLevel): void {
    this.#levelTrace?.ended();
    this.#levelTrace = level === 'exact' ? this.trace() : undefined;
    this.extensions.onLevel?.(level);
  }

  /** Tells the engines of the process apart: from 1, in the order in which they were made. */
  get engineNumber(): number {
    return this.extensions.events.engine;
  }

  /** Milliseconds since 1970, by the engine's clock. */
  get time(): number {
    return this.#ledger.now();
  }

  // --- over time: of the whole engine ---------------------------------------------------------------

  /**
   * Calls `listener` when the monitor tells something by itself: see MonitorEventMap. It is called soon after the
   * operation that made the event, when it may use the database; what it throws becomes a warning of the process.
   * Returns the function that takes it back. Each event is also published on `node:diagnostics_channel`, under
   * `rocksdb-wasm:` and its name.
   */
  on<E extends MonitorEvent>(
    name: E,
    listener: (event: MonitorEventMap[E]) => unknown,
  ): () => void {
    return this.extensions.events.on(name, listener);
  }

  /**
   * Takes a sample every 1,000 operations, and every second in which there are fewer, for `history()`. Returns the
   * function that ends it. The growth detector and alert rules do so by themselves.
   */
  watch(options: SampleOptions = {}): () => void {
    const { sampler } = this.extensions;
    sampler.configure(asOptions(options));
    const end = sampler.observe(() => {});
    sampler.sample();
    return end;
  }

  /** The newest 512 samples and, of those before them, ever fewer; oldest first. */
  history(): readonly HeapSample[] {
    return this.extensions.sampler.history();
  }

  /**
   * Looks for handles that grow without end, in a service that runs: each suspect becomes an event `growth` with the place that makes
   * them. It goes on until its `stop()`, or the end of the engine. Takes samples, and some creation stacks, too. Throws
   * RangeError for what is not as GrowthOptions says.
   */
  watchGrowth(options: GrowthOptions = {}): GrowthWatch {
    const { events, sampler, growthWatches } = this.extensions;
    const host: GrowthHost = { ledger: this.#ledger, events, sampler, watches: growthWatches };
    return new GrowthWatch(host, asOptions(options));
  }

  /**
   * Does now what is due by the engine's clock: takes a sample, applies policies, closes idle databases, ends waits in
   * pools. Timers do so by themselves, unless the engine has a clock of the program's.
   */
  poll(): void {
    this.extensions.policies.poll();
    this.extensions.sampler.poll();
    this.extensions.onPoll?.();
  }

  /** The policies in force, by kind of handle, and of the heap; a copy. */
  get policies(): Policies {
    return this.extensions.policies.all;
  }

  /**
   * Changes what holds for a kind of handle, or for the heap, of the engine: with the next operation, and for handles
   * that there are already, too. Undefined: nothing holds any more; what has expired stays so. Throws
   * InvalidOptionError, and changes nothing.
   */
  setPolicy(kind: 'heap', policy: HeapPolicy | undefined): void;
  setPolicy(kind: PolicyKind, policy: HandlePolicy | undefined): void;
  setPolicy(kind: PolicyKind | 'heap', policy: HandlePolicy | HeapPolicy | undefined): void {
    this.extensions.policies.set(kind, policy);
  }

  /** Rules on metrics, rates and ages, and their alerts. */
  get alerts(): Alerts {
    return this.extensions.alerts;
  }

  /**
   * The engine's figures under the names that Prometheus gives them. `walk`: walks the heap, too, for its free bytes.
   */
  metrics(options: { walk?: boolean } = {}): Metric[] {
    asOptions(options);
    const own = engineMetrics({
      ledger: this.#ledger,
      owners: this.owners(),
      inUseBytes: this.inUseBytes,
      headerBytes: this.headerBytes,
      highWaterBytes: this.highWaterBytes,
      linearMemoryBytes: this.linearMemoryBytes,
      limitBytes: this.extensions.limitBytes,
      map: options.walk === true ? this.walk() : undefined,
    });
    own.push(...growthMetrics(this.extensions.growthWatches));
    return [...own, ...this.extensions.metricSources.flatMap((source) => source())];
  }

  // --- handles --------------------------------------------------------------------------------------

  /** Live handles, oldest first; of one kind if given. Their records go on changing. */
  handles(kind?: HandleKind): HandleRecord[] {
    const live = recordsBelow(this.#ledger.live(), this.#root);
    return kind === undefined ? live : live.filter((record) => record.kind === kind);
  }

  /**
   * What a live iterator, pinned slice or snapshot keeps alive, and its own bytes; of a batch or a cache the
   * latter. Takes the handle or its id. Undefined of other kinds, and when there is no such handle.
   */
  pins(handle: number | { readonly id: number }, options?: PinOptions): PinReport | undefined {
    const id = this.#idOf(handle);
    return id === undefined ? undefined : this.extensions.pins?.pins(id, options);
  }

  /** What iterators and pinned slices keep alive together: what would go if all of them were freed. */
  pinsTogether(handles: readonly (number | { readonly id: number })[]): PinReport | undefined {
    if (!Array.isArray(handles))
      throw wrong('handles', 'an array of handles or their numbers', handles);
    const ids = handles.flatMap((handle) => this.#idOf(handle) ?? []);
    return this.extensions.pins?.pinsTogether(ids);
  }

  /** What each live iterator and pinned slice of the engine keeps alive, by id. */
  allPins(): ReadonlyMap<number, PinReport> {
    return this.extensions.pins?.allPins() ?? new Map();
  }

  /** Bytes on the wasm heap that are the own of each live handle that has an account, by id. */
  ownBytes(): ReadonlyMap<number, number> {
    return this.extensions.pins?.ownBytes() ?? new Map();
  }

  /** Who holds what, since when, made where. Plain data, and a copy. */
  report(): HeapReport {
    return makeReport(this.#ledger, this.#root, {
      owners: this.owners(),
      inUseBytes: this.inUseBytes,
      blocks: this.blocks,
      highWaterBytes: this.highWaterBytes,
      linearMemoryBytes: this.linearMemoryBytes,
    });
  }

  /** What changed from one report to a later one, as data. */
  compare(before: HeapReport, after: HeapReport = this.report()): HeapDiff {
    return compareReports(asReport('before', before), asReport('after', after));
  }

  // --- text -----------------------------------------------------------------------------------------

  /**
   * As a table, most first: the live handles by kind or by the site they were made at, or the bytes on the heap
   * by their owner. After a crash, the handles that were live then.
   */
  top(by: TopBy = 'kind', limit = 20): string {
    if (!TOP_BY.includes(by)) throw wrong('by', `one of ${TOP_BY.join(', ')}`, by);
    if (!Number.isSafeInteger(limit) || limit < 0) throw wrong('limit', 'an integer from 0', limit);
    return topText(this.report(), by, limit);
  }

  /** The live handles under their owners. */
  tree(): string {
    return treeText(this.report());
  }

  /** What changed from one report to a later one, as text. */
  diff(before: HeapReport, after: HeapReport = this.report()): string {
    return diffText(this.compare(before, after));
  }

  /** Who made a live handle, when, and what it keeps alive, in words; takes the handle or its id. */
  why(handle: number | { readonly id: number }): string {
    const id = this.#idOf(handle);
    const record = id === undefined ? undefined : this.#ledger.find(id);
    if (record === undefined) {
      const number = typeof handle === 'number' ? handle : handle.id;
      return this.#ledger.find(number) === undefined
        ? `no live handle has the number ${number}`
        : `#${number} is no live handle of this engine`;
    }
    const explain = (handle: number) => {
      const pins = this.pins(handle);
      return pins === undefined ? undefined : pinText(pins);
    };
    return whyText(record, this.#ledger.live(), this.#ledger.operations, explain);
  }

  /** Undefined of a handle that is freed, or of another engine, where numbers mean other handles. */
  #idOf(handle: number | { readonly id: number }): number | undefined {
    if (typeof handle === 'number') return handle;
    if (typeof handle?.id !== 'number') throw wrong('handle', 'a handle or its number', handle);
    const { core } = handle as { readonly core?: { readonly record: HandleRecord } };
    const record = core?.record ?? handle;
    const known = this.#ledger.find(handle.id);
    // A report's records are copies.
    return (core !== undefined || record instanceof LedgerRecord) && record !== known
      ? undefined
      : handle.id;
  }
}

/** The monitor knows no error classes of the package's. */
function wrong(name: string, what: string, value: unknown): TypeError {
  const got = value === null ? 'null' : typeof value;
  return new TypeError(`${name}: expected ${what}, got ${got}`);
}

function asOptions<T>(options: T): T {
  if (typeof options === 'object' && options !== null) return options;
  throw wrong('options', 'an object', options);
}

function asReport(name: string, report: HeapReport): HeapReport {
  if (Array.isArray(report?.handles) && typeof report.owners === 'object') return report;
  throw wrong(name, 'a report of heap.report()', report);
}
