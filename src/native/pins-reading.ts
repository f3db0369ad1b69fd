/** The block that rdb_pins_read fills, as objects: what is held, and by whom. */
import type {
  PinHolders,
  PinnedBlock,
  PinnedFile,
  PinnedMemtable,
  PinnedVersion,
} from '../monitor/pins.js';
import {
  PinsBlockLayout,
  PinsFamilyLayout,
  PinsFileLayout,
  PinsHolderLayout,
  PinsLayout,
  PinsMemtableLayout,
  PinsStateLayout,
  PinsVersionLayout,
} from './exports.gen.js';
import type { Heap } from './heap.js';

/** Of a Version itself, and of each file in its lists: the entry, and bounds that point into the metadata. */
const VERSION_BYTES = 1500;
const VERSION_FILE_BYTES = 60;

/** Memtables and a version, held as one (RocksDB's SuperVersion). */
export interface PinnedState {
  readonly memtables: readonly PinnedMemtable[];
  readonly version: PinnedVersion;
  readonly sstFiles: readonly PinnedFile[];
  readonly blobFiles: readonly PinnedFile[];
  /** Handles that hold it. */
  readonly handles: readonly number[];
}

/** What a handle holds. */
export interface PinningHandle {
  /** None of a pinned slice; of an iterator one for each of its column families. */
  readonly states: readonly PinnedState[];
  readonly cacheBlocks: readonly PinnedBlock[];
}

/** A state before its parts are known. */
interface Holder {
  readonly handles: number[];
  readonly current: boolean;
  readonly background: boolean;
}

/** @internal Reads the block at `base`; `ids` are of the handles that it was asked for, in their order. */
export function readPins(
  heap: Heap,
  base: number,
  ids: readonly number[],
): ReadonlyMap<number, PinningHandle> {
  return new Reading(heap, base, ids).handles();
}

class Reading {
  readonly #heap: Heap;
  readonly #base: number;
  readonly #ids: readonly number[];
  readonly #families: readonly string[];
  /** Flags of the states, then of memtables and versions: each its own holder beside the states'. */
  readonly #holders: Holder[];
  /** Equal sets of holders share one object. */
  readonly #sets = new Map<string, PinHolders>();

  constructor(heap: Heap, base: number, ids: readonly number[]) {
    this.#heap = heap;
    this.#base = base;
    this.#ids = ids;
    const family = PinsFamilyLayout;
    this.#families = this.#map(PinsLayout.families, family.byteLength, (at) =>
      this.#text(at + family.name, at + family.nameLength),
    );
    this.#holders = this.#map(PinsLayout.states, PinsStateLayout.byteLength, (at) =>
      this.#flags(at + PinsStateLayout.current, at + PinsStateLayout.others),
    );
    this.#map(PinsLayout.holders, PinsHolderLayout.byteLength, (at, index) => {
      for (const state of this.#statesOf(at)) this.#holders[state]?.handles.push(this.#id(index));
    });
  }

  handles(): ReadonlyMap<number, PinningHandle> {
    const states = this.#states();
    const blocks = this.#blocks();
    return new Map(
      this.#map(PinsLayout.holders, PinsHolderLayout.byteLength, (at, index) => {
        const held = this.#statesOf(at).map((state) => states[state] as PinnedState);
        return [this.#id(index), { states: held, cacheBlocks: blocks[index] ?? [] }] as const;
      }),
    );
  }

  #states(): PinnedState[] {
    const layout = PinsStateLayout;
    const parts = this.#map(PinsLayout.states, layout.byteLength, (at) => ({
      version: this.#word(at + layout.version),
      memtables: this.#words(at + layout.memtables, at + layout.memtableCount),
    }));
    const withMemtable: number[][] = [];
    const withVersion: number[][] = [];
    parts.forEach(({ version, memtables }, state) => {
      add(withVersion, version, state);
      for (const memtable of memtables) add(withMemtable, memtable, state);
    });
    const memtables = this.#memtables(withMemtable);
    const { versions, filesOf } = this.#versions(withVersion);
    return parts.map((part, index) => {
      const files = filesOf(part.version);
      return {
        memtables: part.memtables
          .map((each) => memtables[each] as PinnedMemtable)
          .sort((a, b) => a.id - b.id),
        version: versions[part.version] as PinnedVersion,
        sstFiles: files.filter(({ blob }) => !blob).map(({ file }) => file),
        blobFiles: files.filter(({ blob }) => blob).map(({ file }) => file),
        handles: this.#holders[index]?.handles ?? [],
      };
    });
  }

  #memtables(withMemtable: readonly number[][]): PinnedMemtable[] {
    const layout = PinsMemtableLayout;
    return this.#map(PinsLayout.memtables, layout.byteLength, (at, index) => ({
      columnFamily: this.#family(at + layout.family),
      id: this.#double(at + layout.id),
      bytes: this.#word(at + layout.bytes),
      usedBytes: this.#word(at + layout.usedBytes),
      entries: this.#word(at + layout.entries),
      holders: this.#set([
        ...(withMemtable[index] ?? []),
        this.#holder(at + layout.current, at + layout.others),
      ]),
    }));
  }

  #versions(withVersion: readonly number[][]) {
    const layout = PinsVersionLayout;
    const parts = this.#map(PinsLayout.versions, layout.byteLength, (at, index) => ({
      at,
      files: this.#words(at + layout.files, at + layout.fileCount),
      by: [...(withVersion[index] ?? []), this.#holder(at + layout.current, at + layout.others)],
    }));
    const withFile: number[][] = [];
    for (const { files, by } of parts) {
      for (const file of files) for (const holder of by) add(withFile, file, holder);
    }
    const files = this.#files(withFile);
    const versions = parts.map(
      ({ at, files: { length }, by }): PinnedVersion => ({
        columnFamily: this.#family(at + layout.family),
        number: this.#double(at + layout.number),
        files: length,
        bytes: VERSION_BYTES + VERSION_FILE_BYTES * length,
        holders: this.#set(by),
      }),
    );
    const filesOf = (version: number) =>
      (parts[version]?.files ?? [])
        .map((file) => files[file] as (typeof files)[number])
        .sort((a, b) => a.file.number - b.file.number);
    return { versions, filesOf };
  }

  #files(withFile: readonly number[][]): { file: PinnedFile; blob: boolean }[] {
    const layout = PinsFileLayout;
    return this.#map(PinsLayout.files, layout.byteLength, (at, index) => ({
      blob: this.#word(at + layout.blob) === 1,
      file: {
        columnFamily: this.#family(at + layout.family),
        number: this.#double(at + layout.number),
        path: this.#text(at + layout.path, at + layout.pathLength),
        bytes: this.#double(at + layout.bytes),
        holders: this.#set(withFile[index] ?? []),
      },
    }));
  }

  /** Of each handle; the same block is the same object. */
  #blocks(): PinnedBlock[][] {
    const layout = PinsHolderLayout;
    const holders = new Map<number, number[]>();
    const lists = this.#map(PinsLayout.holders, layout.byteLength, (at, index) => {
      const begin = this.#base + this.#word(at + layout.blocks);
      const count = this.#word(at + layout.blockCount);
      return Array.from({ length: count }, (_, i) => {
        const block = begin + i * PinsBlockLayout.byteLength;
        const handle = this.#word(block + PinsBlockLayout.handle);
        const by = holders.get(handle);
        if (by === undefined) holders.set(handle, [this.#id(index)]);
        else by.push(this.#id(index));
        return { handle, bytes: this.#word(block + PinsBlockLayout.bytes) };
      });
    });
    const known = new Map<number, PinnedBlock>();
    return lists.map((list) =>
      list.map(({ handle, bytes }) => {
        const block = known.get(handle) ?? {
          bytes,
          holders: {
            handles: (holders.get(handle) ?? []).sort(ascending),
            current: false,
            background: false,
          },
        };
        known.set(handle, block);
        return block;
      }),
    );
  }

  /** Indexes of the states that a holder has. */
  #statesOf(holder: number): number[] {
    return this.#words(holder + PinsHolderLayout.states, holder + PinsHolderLayout.stateCount);
  }

  #flags(current: number, others: number): Holder {
    return {
      handles: [],
      current: this.#word(current) === 1,
      background: this.#word(others) > 0,
    };
  }

  /** The index of what holds something beside the states. */
  #holder(current: number, others: number): number {
    return this.#holders.push(this.#flags(current, others)) - 1;
  }

  #set(indexes: readonly number[]): PinHolders {
    const held = indexes
      .map((index) => ({ index, holder: this.#holders[index] as Holder }))
      .filter(({ holder }) => holder.current || holder.background || holder.handles.length > 0);
    // Those that are no states say nothing but their flags.
    const current = held.some(({ holder }) => holder.current);
    const background = held.some(({ holder }) => holder.background);
    const states = held.filter(({ holder }) => holder.handles.length > 0);
    const key = [...new Set(states.map(({ index }) => index))].sort(ascending).join();
    const name = `${key}/${current}/${background}`;
    let set = this.#sets.get(name);
    if (set === undefined) {
      const handles = [...new Set(states.flatMap(({ holder }) => holder.handles))].sort(ascending);
      set = { handles, current, background };
      this.#sets.set(name, set);
    }
    return set;
  }

  #id(index: number): number {
    return this.#ids[index] as number;
  }

  #family(at: number): string {
    return this.#families[this.#word(at)] ?? '';
  }

  #map<T>(offset: number, size: number, make: (at: number, index: number) => T): T[] {
    const begin = this.#base + this.#word(this.#base + offset);
    const length = this.#word(this.#base + offset + 4);
    return Array.from({ length }, (_, index) => make(begin + index * size, index));
  }

  #words(offset: number, count: number): number[] {
    const begin = this.#base + this.#word(offset);
    return Array.from({ length: this.#word(count) }, (_, i) => this.#word(begin + 4 * i));
  }

  #text(offset: number, length: number): string {
    return this.#heap.readText(this.#base + this.#word(offset), this.#word(length));
  }

  #word(at: number): number {
    return this.#heap.getWord(at);
  }

  #double(at: number): number {
    return this.#heap.getDouble(at);
  }
}

const ascending = (a: number, b: number) => a - b;

function add(lists: number[][], index: number, value: number): void {
  const list = lists[index];
  if (list === undefined) lists[index] = [value];
  else list.push(value);
}
