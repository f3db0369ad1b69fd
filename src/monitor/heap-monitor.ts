import type { HandleKind, HandleRecord, Ledger, TrackingLevel } from './ledger.js';

/** Where the monitor reads bytes: words of linear memory that the allocator keeps. */
export interface HeapSource {
  /** Address of the allocator's state: in use, blocks, high water, limit, then {bytes, blocks} an owner. */
  readonly memoryState: number;
  readonly ownerNames: readonly string[];
  getWord(address: number): number;
  readonly linearMemoryBytes: number;
  /** Open descriptors of the guest. */
  openFiles(): readonly { readonly path: string }[];
}

export interface OwnerBytes {
  /** As asked for, without the allocator's headers. */
  readonly bytes: number;
  readonly blocks: number;
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

  constructor(source: HeapSource, ledger: Ledger) {
    this.#source = source;
    this.#ledger = ledger;
  }

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

  /** `'track'` records the creation stack of each handle from now on (some 10 microseconds each). */
  get tracking(): TrackingLevel {
    return this.#ledger.level;
  }

  set tracking(level: TrackingLevel) {
    this.#ledger.level = level;
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
