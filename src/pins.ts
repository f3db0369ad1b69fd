/** What iterators, pinned slices and snapshots keep alive, read out of RocksDB: `engine.heap.pins()`. */
import type { HeapBytes } from './monitor/heap-bytes.js';
import type { HandleKind } from './monitor/ledger.js';
import {
  emptyPins,
  groupPins,
  type PinGroup,
  type PinHolders,
  type PinnedFile,
  type PinOptions,
  type PinReport,
  type PinSource,
  type RetainedVersions,
} from './monitor/pins.js';
import { type DbPtr, RetainedLayout, SliceLayout, type SnapshotPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { type PinnedState, type PinningHandle, readPins } from './native/pins-reading.js';
import type { Staging } from './native/staging.js';

/** Kinds whose C++ object says whose its bytes are. */
const ACCOUNTED: ReadonlySet<HandleKind> = new Set([
  'iterator',
  'pooledIterator',
  'pinnedSlice',
  'snapshot',
  'writeBatch',
  'transaction',
  'cache',
] satisfies HandleKind[]);

/** @internal Of one engine. It leads to no wrapper. */
export class EnginePins implements PinSource {
  readonly #engine: HandleCore;
  readonly #staging: Staging;
  readonly #out: number;
  readonly #bytes: HeapBytes;

  constructor(engine: HandleCore, staging: Staging, out: number, bytes: HeapBytes) {
    this.#engine = engine;
    this.#staging = staging;
    this.#out = out;
    this.#bytes = bytes;
  }

  pins(id: number, options: PinOptions = {}): PinReport | undefined {
    const core = this.#engine.descendants().find((each) => each.record.id === id);
    if (core === undefined) return undefined;
    const { kind } = core.record;
    if (isIterator(kind) || kind === 'pinnedSlice') return this.pinsTogether([id]);
    if (!ACCOUNTED.has(kind)) return undefined;
    const report = { ...emptyPins([id], kind), ownBytes: this.#ownBytes([core]) };
    if (kind !== 'snapshot') return report;
    return { ...report, retained: this.#retained(core, options.count === true) };
  }

  pinsTogether(ids: readonly number[]): PinReport | undefined {
    const wanted = new Set(ids);
    const found: { core: HandleCore; pinning: PinningHandle }[] = [];
    for (const [db, cores] of this.#databases()) {
      if (!cores.some(({ record }) => wanted.has(record.id))) continue;
      const reading = this.#read(db, cores);
      for (const core of cores) {
        const pinning = reading.get(core.record.id);
        if (pinning !== undefined && wanted.has(core.record.id)) found.push({ core, pinning });
      }
    }
    const first = found[0];
    if (first === undefined) return undefined;
    const { kind } = first.core.record;
    const handles = found.map(({ core }) => core.record.id).sort((a, b) => a - b);
    const pinnings = found.map(({ pinning }) => pinning);
    const ownBytes = this.#ownBytes(found.map(({ core }) => core));
    return { ...reportOf(handles, kind, pinnings), ownBytes };
  }

  allPins(): ReadonlyMap<number, PinReport> {
    const reports: [number, PinReport][] = [];
    for (const [db, cores] of this.#databases()) {
      const reading = this.#read(db, cores);
      const shared = new Map<PinnedState, PinReport>();
      for (const core of cores) {
        const { id, kind } = core.record;
        const pinning = reading.get(id);
        if (pinning === undefined) continue;
        const report = quickReport(id, kind, pinning, shared);
        reports.push([id, { ...report, ownBytes: this.#ownBytes([core]) }]);
      }
    }
    return new Map(reports.sort(([a], [b]) => a - b));
  }

  ownBytes(): ReadonlyMap<number, number> {
    const bytes: [number, number][] = [];
    for (const core of this.#engine.descendants()) {
      if (core.released || !ACCOUNTED.has(core.record.kind)) continue;
      const own = this.#ownBytes([core]);
      if (own !== undefined) bytes.push([core.record.id, own]);
    }
    return new Map(bytes.sort(([a], [b]) => a - b));
  }

  /** Live iterators and slices, by the database that they read. */
  #databases(): Map<HandleCore, HandleCore[]> {
    const databases = new Map<HandleCore, HandleCore[]>();
    for (const core of this.#engine.descendants()) {
      const { kind } = core.record;
      if (core.released || !(isIterator(kind) || kind === 'pinnedSlice')) continue;
      const db = databaseOf(core);
      const cores = databases.get(db);
      if (cores === undefined) databases.set(db, [core]);
      else cores.push(core);
    }
    for (const cores of databases.values()) cores.sort((a, b) => a.record.id - b.record.id);
    return databases;
  }

  #read(db: HandleCore, cores: readonly HandleCore[]): ReadonlyMap<number, PinningHandle> {
    const iterators = cores.filter(({ record }) => isIterator(record.kind));
    const slices = cores.filter(({ record }) => record.kind === 'pinnedSlice');
    const asked = [...iterators, ...slices];
    const { native } = this.#engine.context;
    const staging = this.#staging;
    staging.begin();
    try {
      const at = staging.reserve(4 * asked.length);
      asked.forEach((core, index) => {
        native.heap.setWord(at + 4 * index, core.pointer);
      });
      native.check(
        native.calls.rdb_pins_read(
          db.pointer as DbPtr,
          at,
          iterators.length,
          at + 4 * iterators.length,
          slices.length,
          this.#out,
        ),
      );
    } finally {
      staging.end();
    }
    const block = native.heap.getWord(this.#out + SliceLayout.data);
    try {
      const ids = asked.map(({ record }) => record.id);
      return readPins(native.heap, block, ids);
    } finally {
      native.calls.rdb_memory_free(block);
    }
  }

  /** Allocated by calls on these handles, and not counted elsewhere; undefined when one has no account. */
  #ownBytes(cores: readonly HandleCore[]): number | undefined {
    const { heap, info } = this.#engine.context.native;
    let bytes = 0;
    for (const { pointer } of cores) {
      const owner = heap.getWord(pointer);
      if (owner < info.ownerCount) return undefined;
      bytes += this.#bytes.ownerBytes(owner).bytes;
    }
    return bytes;
  }

  #retained(core: HandleCore, count: boolean): RetainedVersions {
    const { native } = this.#engine.context;
    const at = this.#out;
    const db = databaseOf(core).pointer as DbPtr;
    const snapshot = core.pointer as SnapshotPtr;
    native.check(native.calls.rdb_snapshot_get_retained(db, snapshot, count ? 1 : 0, at));
    const { heap } = native;
    return {
      versions: heap.getDouble(at + RetainedLayout.versions),
      bytes: heap.getDouble(at + RetainedLayout.bytes),
      blobBytes: heap.getDouble(at + RetainedLayout.blobBytes),
      tombstones: heap.getDouble(at + RetainedLayout.tombstones),
      sameSnapshots: heap.getWord(at + RetainedLayout.same),
      estimated: !count,
    };
  }
}

const isIterator = (kind: HandleKind) => kind === 'iterator' || kind === 'pooledIterator';

function databaseOf(core: HandleCore): HandleCore {
  let at = core;
  while (at.record.kind !== 'db' && at.parent !== undefined) at = at.parent;
  return at;
}

function reportOf(
  handles: readonly number[],
  kind: HandleKind,
  pinning: readonly PinningHandle[],
): PinReport {
  const states = [...new Set(pinning.flatMap(({ states }) => states))];
  const by = new Set(handles);
  const group = <T extends { readonly bytes: number; readonly holders: PinHolders }>(
    of: (state: PinnedState) => readonly T[],
  ): PinGroup<T> => groupPins([...new Set(states.flatMap((state) => of(state)))], by);
  const blocks = new Set(pinning.flatMap(({ cacheBlocks }) => cacheBlocks));
  return {
    ...emptyPins(handles, kind),
    memtables: group((state) => state.memtables),
    sstFiles: group<PinnedFile>((state) => state.sstFiles),
    blobFiles: group<PinnedFile>((state) => state.blobFiles),
    versions: group((state) => [state.version]),
    cacheBlocks: groupPins([...blocks], by),
  };
}

/** Like reportOf, of one handle. What several hold is unique to none of them, and worked out once. */
function quickReport(
  id: number,
  kind: HandleKind,
  pinning: PinningHandle,
  shared: Map<PinnedState, PinReport>,
): PinReport {
  const [state, ...more] = pinning.states;
  if (state === undefined || more.length > 0 || state.handles.length < 2) {
    return reportOf([id], kind, [pinning]);
  }
  let known = shared.get(state);
  if (known === undefined) {
    known = reportOf([id], kind, [{ states: [state], cacheBlocks: [] }]);
    shared.set(state, known);
  }
  return {
    ...known,
    handles: [id],
    cacheBlocks: groupPins(pinning.cacheBlocks, new Set([id])),
  };
}
