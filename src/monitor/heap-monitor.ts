import {
  type ByteSource,
  HeapBytes,
  type HeapIdentity,
  type HeapMap,
  type OwnerBytes,
  type StackUse,
} from './heap-bytes.js';
import type { HandleKind, HandleRecord, Ledger, TrackingLevel } from './ledger.js';

/** Where the monitor reads from. */
export interface HeapSource extends ByteSource {
  /** Open descriptors of the guest. */
  openFiles(): readonly { readonly path: string }[];
}

export interface KindReport {
  readonly kind: HandleKind;
  readonly live: number;
  readonly created: number;
  readonly freed: number;
}

export interface SiteReport {
  readonly kind: HandleKind;
  readonly site: string;
  readonly count: number;
  /** Operations since the oldest of them was made. */
  readonly oldestAge: number;
}

export interface HeapReport {
  /** The engine's operation number. */
  readonly operations: number;
  readonly kinds: readonly KindReport[];
  /** Live handles by creation site, most first; empty unless tracking is on. */
  readonly sites: readonly SiteReport[];
  /** Live handles, oldest first. */
  readonly handles: readonly HandleRecord[];
  readonly owners: Readonly<Record<string, OwnerBytes>>;
  readonly inUseBytes: number;
  readonly highWaterBytes: number;
  /** Linear memory; it never shrinks. */
  readonly linearMemoryBytes: number;
  readonly openFiles: readonly string[];
}

/** What the engine holds and who made it. `engine.heap`. */
export class HeapMonitor {
  readonly #source: HeapSource;
  readonly #ledger: Ledger;
  readonly #bytes: HeapBytes;

  constructor(source: HeapSource, ledger: Ledger) {
    this.#source = source;
    this.#ledger = ledger;
    this.#bytes = new HeapBytes(source);
  }

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

  /** Accounts for every byte of the heap in two ways, and says what does not agree. */
  verify(): HeapIdentity {
    return this.#bytes.verify();
  }

  /** `'track'` records the creation stack of each handle from now on (some 10 microseconds each). */
  get tracking(): TrackingLevel {
    return this.#ledger.level;
  }

  set tracking(level: TrackingLevel) {
    this.#ledger.level = level;
  }

  /** Bytes and blocks by owner: parts of the engine, and handles by kind. */
  owners(): Record<string, OwnerBytes> {
    return this.#bytes.owners();
  }

  /** Live handles, oldest first; of one kind if given. */
  handles(kind?: HandleKind): HandleRecord[] {
    const live = this.#ledger.live();
    return kind === undefined ? live : live.filter((record) => record.kind === kind);
  }

  /** Who holds what, since when, made where. Plain data. */
  report(): HeapReport {
    const handles = this.#ledger.live();
    const kinds = [...this.#ledger.totals()]
      .map(([kind, { created, freed }]) => ({ kind, live: created - freed, created, freed }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1));
    return {
      operations: this.#ledger.operations,
      kinds,
      sites: this.#sites(handles),
      handles,
      owners: this.owners(),
      inUseBytes: this.inUseBytes,
      highWaterBytes: this.highWaterBytes,
      linearMemoryBytes: this.linearMemoryBytes,
      openFiles: this.#source.openFiles().map((file) => file.path),
    };
  }

  #sites(handles: readonly HandleRecord[]): SiteReport[] {
    const sites = new Map<
      string,
      { kind: HandleKind; site: string; count: number; born: number }
    >();
    for (const { kind, site, bornOperation } of handles) {
      if (site === undefined) continue;
      const key = `${kind}\n${site}`;
      const known = sites.get(key);
      if (known === undefined) sites.set(key, { kind, site, count: 1, born: bornOperation });
      else known.count++;
    }
    return [...sites.values()]
      .map(({ kind, site, count, born }) => ({
        kind,
        site,
        count,
        oldestAge: this.#ledger.operations - born,
      }))
      .sort((a, b) => b.count - a.count);
  }
}
