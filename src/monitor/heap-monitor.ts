import { compareReports, type HeapDiff } from './diff.js';
import type {
  HandleKind,
  HandleRecord,
  Ledger,
  LedgerRecord,
  LevelObserver,
  TrackingLevel,
} from './ledger.js';
import type { FinalizerMode } from './registry.js';
import { type HeapReport, makeReport, type OwnerBytes, recordsBelow } from './report.js';
import { diffText, type TopBy, topText, treeText, whyText } from './report-text.js';

/** Where the monitor reads bytes: words of linear memory that the allocator keeps. */
export interface HeapSource {
  /** Address of the allocator's state: in use, blocks, high water, limit, then {bytes, blocks} an owner. */
  readonly memoryState: number;
  readonly ownerNames: readonly string[];
  getWord(address: number): number;
  readonly linearMemoryBytes: number;
  finalizer: FinalizerMode;
}

/** What the monitor can be told beside what it knows itself. */
export interface HeapExtensions {
  /** A sentence for why(): what the handle keeps alive. */
  explain?: (id: number) => string | undefined;
  /** Called when the tracking level changes. */
  onLevel?: (level: TrackingLevel) => void;
}

/**
 * What is held, by whom, since when, made where. `engine.heap`: of the whole engine. `db.heap`: of the
 * handles of one database; its bytes are still those of the engine, which they share.
 */
export class HeapMonitor implements LevelObserver {
  readonly #source: HeapSource;
  readonly #ledger: Ledger;
  readonly #root: LedgerRecord | undefined;
  /** @internal */
  readonly extensions: HeapExtensions;

  /** @internal `root`: only what belongs to this handle, and itself. */
  constructor(
    source: HeapSource,
    ledger: Ledger,
    extensions: HeapExtensions = {},
    root?: LedgerRecord,
  ) {
    this.#source = source;
    this.#ledger = ledger;
    this.#root = root;
    this.extensions = extensions;
    if (root === undefined) ledger.observer = this;
  }

  // --- bytes ----------------------------------------------------------------------------------------

  /** Sum of all live blocks, bytes, without the allocator's headers. */
  get inUseBytes(): number {
    return this.#source.getWord(this.#source.memoryState);
  }

  /** Live blocks. */
  get blocks(): number {
    return this.#source.getWord(this.#source.memoryState + 4);
  }

  /** The most that `inUseBytes` has been. */
  get highWaterBytes(): number {
    return this.#source.getWord(this.#source.memoryState + 8);
  }

  /** Bytes of linear memory; it never shrinks. */
  get linearMemoryBytes(): number {
    return this.#source.linearMemoryBytes;
  }

  /** Bytes and blocks by owner. */
  owners(): Record<string, OwnerBytes> {
    const { memoryState, ownerNames } = this.#source;
    const owners: Record<string, OwnerBytes> = {};
    ownerNames.forEach((name, index) => {
      const at = memoryState + 16 + 8 * index;
      owners[name] = { bytes: this.#source.getWord(at), blocks: this.#source.getWord(at + 4) };
    });
    return owners;
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

  /** @internal */
  levelChanged(level: TrackingLevel): void {
    this.extensions.onLevel?.(level);
  }

  // --- handles --------------------------------------------------------------------------------------

  /** Live handles, oldest first; of one kind if given. Their records go on changing. */
  handles(kind?: HandleKind): HandleRecord[] {
    const live = recordsBelow(this.#ledger.live(), this.#root);
    return kind === undefined ? live : live.filter((record) => record.kind === kind);
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
    return compareReports(before, after);
  }

  // --- text -----------------------------------------------------------------------------------------

  /** The live handles by kind, site or owner, most first, as a table. */
  top(by: TopBy = 'kind', limit = 20): string {
    return topText(this.report(), by, limit);
  }

  /** The live handles under their owners. */
  tree(): string {
    return treeText(this.report());
  }

  /** What changed from one report to a later one, as text. */
  diff(before: HeapReport, after: HeapReport = this.report()): string {
    return diffText(compareReports(before, after));
  }

  /** Who made a live handle, when, and what it keeps alive, in words; takes the handle or its id. */
  why(handle: number | { readonly id: number }): string {
    const id = typeof handle === 'number' ? handle : handle.id;
    const record = this.#ledger.find(id);
    if (record === undefined) return `no live handle has the number ${id}`;
    return whyText(record, this.#ledger.live(), this.#ledger.operations, this.extensions.explain);
  }
}
