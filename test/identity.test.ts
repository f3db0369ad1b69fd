// runtime: node
import process from 'node:process';
import {
  type AnyColumnFamily,
  type Background,
  Cache,
  type DBIterator,
  type Engine,
  EngineCrashedError,
  HandleBusyError,
  HandleFreedError,
  ManualClock,
  MemoryFileSystem,
  type PinnedSlice,
  RocksDB,
  RocksDBError,
  SeededRandom,
  type Snapshot,
  type WriteBatch,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../src/wasi/random.js';
import { FaultyFileSystem, type Operation } from './support/faulty-file-system.js';
import { ledgerIsClean, makeEngine } from './support/open.js';

/**
 * Operations of all seeds together, half of them for the debug build. ROCKSDB_WASM_IDENTITY_OPERATIONS asks for
 * another number.
 */
const DEBUG = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
const OPERATIONS = Number(
  process.env.ROCKSDB_WASM_IDENTITY_OPERATIONS ?? (DEBUG ? 40_000 : 200_000),
);
const RUNS: readonly [Background, number][] = [
  ['inline', 1],
  ['inline', 2],
  ['manual', 3],
  ['manual', 4],
];

const DB_OPTIONS = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  writeBufferSize: 64 * 1024,
  mergeOperator: 'stringappend',
  maxOpenFiles: 20,
} as const;

/** Every kind of object and every way to fail, in an order that the seed decides. */
class Workload {
  readonly #state: Uint32Array;
  readonly #blobs: boolean;
  #caches: Cache[] = [];
  #batches: WriteBatch<'utf8', 'utf8'>[] = [];
  #iterators: DBIterator<string, string>[] = [];
  #snapshots: Snapshot[] = [];
  #slices: PinnedSlice[] = [];
  #families: AnyColumnFamily[] = [];
  #freed: { free(): void } | undefined;
  #db!: RocksDB<'utf8', 'utf8'>;
  /** Errors by code: the test wants to have met them all. */
  readonly errors = new Map<string, number>();

  constructor(
    readonly engine: Engine,
    readonly files: FaultyFileSystem,
    seed: number,
  ) {
    this.#state = new Uint32Array([seed, 2, 3, 4]);
    this.#blobs = seed % 2 === 0;
    this.open();
  }

  open(): void {
    const cache = this.#caches.at(-1);
    const blockCache = cache ?? this.#newCache();
    const compression = (['none', 'lz4', 'zstd', 'snappy'] as const)[this.#below(4)];
    const blockBasedTable = {
      blockCache,
      filterPolicy: 'bloomfilter:10',
      blockSize: 1024,
    } as const;
    this.#db = RocksDB.openSync('/db', {
      engine: this.engine,
      ...DB_OPTIONS,
      compression,
      enableBlobFiles: this.#blobs,
      minBlobSize: 200n,
      blockBasedTable,
      onUnreleased() {},
    });
    const names = this.#db.columnFamilyNames.filter((name) => name !== 'default');
    this.#families = names.map((name) => this.#db.columnFamily(name) as AnyColumnFamily);
  }

  close(): void {
    this.#iterators = [];
    this.#snapshots = [];
    this.#slices = [];
    this.#batches = [];
    this.#families = [];
    this.#db.close();
  }

  closeAll(): void {
    this.close();
    for (const cache of this.#caches.splice(0)) cache.free();
  }

  step(): void {
    const steps = Workload.#STEPS;
    const step = steps[this.#below(steps.length)] as (workload: Workload) => void;
    try {
      step(this);
    } catch (error) {
      if (!(error instanceof RocksDBError) || error instanceof EngineCrashedError) throw error;
      this.errors.set(error.code, (this.errors.get(error.code) ?? 0) + 1);
      if (error.severity !== undefined) this.#reopen();
    }
  }

  static readonly #STEPS: ((workload: Workload) => void)[] = [
    ...Array.from(
      { length: 12 },
      () => (w: Workload) => w.#db.put(w.#key(), w.#value(), w.#target()),
    ),
    ...Array.from(
      { length: 12 },
      () => (w: Workload) => void w.#db.get(w.#key(), w.#readOptions()),
    ),
    (w) => w.#db.delete(w.#key(), w.#target()),
    (w) => w.#db.merge(w.#key(), 'operand', w.#target()),
    (w) => w.#db.deleteRange(...w.#range(), w.#target()),
    (w) => void w.#db.getMany(Array.from({ length: w.#below(12) }, () => w.#key())),
    (w) => void w.#db.has(w.#key(), w.#readOptions()),
    (w) => w.#newIterator(),
    (w) => w.#newIterator(),
    (w) => w.#useIterator(),
    (w) => w.#useIterator(),
    (w) => w.#freeOne(w.#iterators),
    (w) => w.#freeOne(w.#iterators),
    (w) => w.#freeOne(w.#iterators),
    (w) => void w.#snapshots.push(w.#db.snapshot()),
    (w) => w.#freeOne(w.#snapshots),
    (w) => w.#retainSnapshot(),
    (w) => w.#pinSlice(),
    (w) => w.#freeOne(w.#slices),
    (w) => void w.#batches.push(w.#db.batch()),
    (w) => w.#fillBatch(),
    (w) => w.#writeBatch(),
    (w) => w.#freeOne(w.#batches),
    (w) => void (w.#below(40) === 0 && w.#db.flush()),
    (w) => void (w.#below(80) === 0 && w.#db.compactRange(w.#target())),
    (w) => void (w.#below(12) === 0 && w.#newFamily()),
    (w) => void (w.#below(12) === 0 && w.#dropFamily()),
    (w) => void (w.#below(100) === 0 && w.#reopen()),
    (w) => void (w.#below(40) === 0 && w.#newCache()),
    (w) => void w.engine.pump(w.#below(3)),
    (w) => void w.#db.getProperty('rocksdb.stats'),
    (w) => w.#db.put(w.#key(), 'x'.repeat(100_000 + w.#below(50_000))),
    (w) => w.#db.putEntity(w.#key(), { '': w.#value(), name: w.#value() }, w.#target()),
    (w) => void w.#db.getEntity(w.#key(), { ...w.#readOptions(), ...w.#target() }),
    (w) => void w.#db.getResult(w.#key(), w.#readOptions()),
    (w) => w.#readFamilies(),
    (w) => w.#newMultiIterator(),
    (w) => void w.#db.keyMayExistWithValue(w.#key()),
    (w) => void w.#db.getMergeOperands(w.#key(), w.#target()),
    (w) => void w.#db.getAllKeyVersions({ maxKeys: w.#below(50) }),
    (w) => w.#copyBatch(),
    // Misuse.
    (w) => w.#db.putEntity(w.#key(), { a: 7 as never }),
    (w) => void w.#db.batchFrom(new Uint8Array(w.#below(30))),
    (w) => void w.#db.get(w.#key(), { timestamp: 1n }),
    (w) => void w.#db.get(w.#key(), { deadline: 1 }),
    (w) => void w.#db.coalescingIterator([w.#db.defaultColumnFamily, w.#db.defaultColumnFamily]),
    (w) => w.#db.put('', w.#value(), { columnFamily: w.#freed as never }),
    (w) => w.#db.put(w.#key(), 7 as never),
    (w) => void w.#db.get('x'.repeat(9 * 1024 * 1024)),
    (w) => void w.#db.iterator({ gt: 'a', gte: 'b' }),
    (w) => void w.#db.iterator({ tailing: true, reverse: true }),
    (w) => void w.#db.iterator({ snapshot: w.#freed as never }),
    (w) => w.#db.deleteRange('b', 'a'),
    (w) => w.#db.setOptions({ writeBufferSize: -1 } as never),
    (w) => void w.#db.createColumnFamily('default'),
    (w) => w.#db.dropColumnFamily(w.#db.defaultColumnFamily),
    (w) => w.#busySnapshot(),
    (w) => w.#useFreed(),
    (w) => w.#openTwice(),
    (w) => w.#openMissing(),
    (w) => w.#openReadOnly(),
    (w) => w.#withFault(),
    (w) => w.#withFault(),
  ];

  #below(limit: number): number {
    return xoshiro128(this.#state) % limit;
  }

  #key(): string {
    return `key${String(this.#below(800)).padStart(4, '0')}`;
  }

  #value(): string {
    return 'v'.repeat(this.#below(this.#below(10) === 0 ? 2000 : 120));
  }

  #range(): [string, string] {
    return [this.#key(), this.#key()].sort() as [string, string];
  }

  #target() {
    const family = this.#families[this.#below(this.#families.length + 2)];
    return family === undefined ? {} : { columnFamily: family as never };
  }

  #readOptions() {
    const snapshot = this.#snapshots[this.#below(this.#snapshots.length + 4)];
    const fillCache = this.#below(4) !== 0;
    return snapshot === undefined ? { fillCache } : { fillCache, snapshot };
  }

  #newCache(): Cache {
    const type = this.#below(2) === 0 ? 'lru' : 'hyperClock';
    const cache = new Cache(this.engine, { capacity: 128 * 1024, type, shardBits: 0 });
    // Databases use the newest; an older one goes when none does any more.
    if (this.#caches.length > 1) this.#caches.shift()?.free();
    this.#caches.push(cache);
    return cache;
  }

  #newIterator(): void {
    if (this.#iterators.length > 6) this.#freeOne(this.#iterators);
    const [gte, lt] = this.#range();
    const bounds = this.#below(2) === 0 ? { gte, lt } : {};
    const reverse = this.#below(3) === 0;
    // RocksDB's tailing iterators do not find the blob files that are written after their creation.
    const tailing = !reverse && !this.#blobs && this.#below(6) === 0;
    const target = this.#target();
    const read = tailing ? {} : this.#readOptions();
    this.#iterators.push(this.#db.iterator({ ...bounds, ...target, ...read, reverse, tailing }));
  }

  /** Those that are open and not dropped. */
  #someFamilies(): AnyColumnFamily[] {
    return [this.#db.defaultColumnFamily, ...this.#families];
  }

  #readFamilies(): void {
    const columnFamilies = this.#someFamilies();
    const keys = columnFamilies.map(() => this.#key());
    const read = { columnFamilies, ...this.#readOptions() };
    this.#db.getMany(keys, read);
    this.#db.getManyEntity(keys, read);
    this.#db.getAttributeGroups(this.#key(), columnFamilies);
  }

  #newMultiIterator(): void {
    if (this.#iterators.length > 6) this.#freeOne(this.#iterators);
    const families = this.#someFamilies();
    const reverse = this.#below(3) === 0;
    const allowUnpreparedValue = this.#below(3) === 0;
    const options = { ...this.#readOptions(), reverse, allowUnpreparedValue };
    const made =
      this.#below(2) === 0
        ? this.#db.coalescingIterator(families, options)
        : this.#db.attributeGroupIterator(families, options);
    this.#iterators.push(made as DBIterator<string, string>);
    if (made.next() !== undefined && allowUnpreparedValue) made.prepareValue();
    this.engine.heap.pins(made);
  }

  #copyBatch(): void {
    const batch = this.#batches[this.#below(this.#batches.length || 1)];
    if (batch === undefined) return;
    batch.setSavePoint().putLogData('note').putEntity(this.#key(), { name: 'value' });
    if (this.#below(2) === 0) batch.rollbackToSavePoint();
    const copy = this.#db.batchFrom(batch.data);
    try {
      expect(copy.operations()).toEqual(batch.operations());
      this.#db.write(copy);
    } finally {
      copy.free();
    }
  }

  #useIterator(): void {
    const iterator = this.#iterators[this.#below(this.#iterators.length || 1)];
    if (iterator === undefined) return;
    const what = this.#below(4);
    if (what === 0) iterator.seek(this.#key());
    else if (what === 1 && this.#below(4) === 0) iterator.refresh();
    iterator.nextMany(this.#below(40));
  }

  #freeOne(handles: { free(): void }[]): void {
    if (handles.length === 0) return;
    const index = this.#below(handles.length);
    const handle = handles[index] as { free(): void };
    // Throws while it is borrowed; it is kept then.
    handle.free();
    handles.splice(index, 1);
    this.#freed = handle;
  }

  #fillBatch(): void {
    const batch = this.#batches[this.#below(this.#batches.length || 1)];
    if (batch === undefined) return;
    for (let i = this.#below(10); i > 0; i--) batch.put(this.#key(), this.#value(), this.#target());
    if (this.#below(8) === 0) batch.clear();
  }

  #writeBatch(): void {
    const batch = this.#batches[this.#below(this.#batches.length || 1)];
    if (batch !== undefined) this.#db.write(batch, { sync: this.#below(2) === 0 });
    if (this.#batches.length > 4) this.#freeOne(this.#batches);
    if (this.#snapshots.length > 4) this.#freeOne(this.#snapshots);
  }

  #newFamily(): void {
    if (this.#families.length >= 3) return;
    const name = `family${this.#below(10)}`;
    const options = { mergeOperator: 'stringappend', writeBufferSize: 64 * 1024 } as const;
    this.#families.push(this.#db.createColumnFamily(name, options) as never);
  }

  /** Iterators over it go on. Half of the time the handle is forgotten, for close() to find. */
  #dropFamily(): void {
    const family = this.#families.pop();
    if (family === undefined) return;
    this.#db.dropColumnFamily(family);
    if (this.#below(2) === 0) {
      this.#db.put(this.#key(), 'too late', { columnFamily: family as never });
      return;
    }
    // Frees its iterators, too.
    family.free();
    this.#iterators = this.#iterators.filter((each) => !each.freed);
  }

  /** close() may report what failed before; the database is closed all the same. */
  #reopen(): void {
    try {
      this.close();
    } finally {
      this.open();
    }
  }

  #busySnapshot(): void {
    const snapshot = this.#db.snapshot();
    const iterator = this.#db.iterator({ snapshot });
    try {
      snapshot.free();
    } catch (error) {
      if (!(error instanceof HandleBusyError)) throw error;
      this.errors.set(error.code, (this.errors.get(error.code) ?? 0) + 1);
    } finally {
      iterator.free();
      snapshot.free();
    }
  }

  /** What is retained is not freed, but by as many releases. */
  #retainSnapshot(): void {
    const snapshot = this.#db.snapshot();
    snapshot.retain();
    try {
      snapshot.free();
    } finally {
      snapshot.release();
      snapshot.release();
    }
  }

  #pinSlice(): void {
    if (this.#slices.length > 4) this.#freeOne(this.#slices);
    const slice = this.#db.getPinned(this.#key(), this.#readOptions());
    if (slice === undefined) return;
    this.#slices.push(slice);
    this.engine.heap.pins(slice);
  }

  #useFreed(): void {
    const iterator = this.#db.iterator();
    iterator.free();
    expect(() => iterator.next()).toThrow(HandleFreedError);
    this.#freed?.free();
  }

  #openTwice(): void {
    RocksDB.openSync('/db', { engine: this.engine, ...DB_OPTIONS });
  }

  #openMissing(): void {
    const { engine } = this;
    if (this.#below(2) === 0) RocksDB.openSync('/nowhere', { engine });
    else RocksDB.openSync('/wrong', { engine, createIfMissing: true, comparator: 'none' } as never);
  }

  #openReadOnly(): void {
    if (this.#below(10) !== 0) return;
    const db = RocksDB.openSync('/db', { engine: this.engine, readOnly: true });
    try {
      db.put('a', 'b');
    } finally {
      db.close();
    }
  }

  /** Something fails from some operation on, for a while. */
  #withFault(): void {
    if (this.#below(8) !== 0) return;
    const errno = (['EIO', 'ENOSPC', 'EACCES', 'EMFILE'] as const)[this.#below(4)];
    const operations = ['write', 'sync', 'open', 'read', 'rename', 'removeFile'] as const;
    const struck: Operation = operations[this.#below(operations.length)] as Operation;
    let passes = this.#below(6);
    this.files.fault = (operation) => {
      if (operation !== struck || passes-- > 0) return undefined;
      return errno;
    };
    try {
      const what = this.#below(5);
      if (what === 0) this.#db.flush();
      else if (what === 1) this.#db.compactRange();
      else if (what === 2) this.#db.put(this.#key(), this.#value(), { sync: true });
      else if (what === 3) this.#newFamily();
      else if (what === 4) {
        const iterator = this.#db.iterator({ fillCache: false });
        try {
          iterator.nextMany(200);
        } finally {
          iterator.free();
        }
      }
    } finally {
      this.files.fault = undefined;
      // A database that has stopped is of no use for the steps to come.
      this.#reopen();
    }
  }
}

async function run(background: Background, seed: number, operations: number): Promise<Workload> {
  const files = new FaultyFileSystem(new MemoryFileSystem());
  const engine = await makeEngine({
    fileSystem: files,
    background,
    clock: new ManualClock(),
    random: new SeededRandom(seed),
    maxHeapBytes: 64 * 1024 * 1024,
  });
  const workload = new Workload(engine, files, seed);
  for (let i = 0; i < operations; i++) {
    workload.step();
    const { problems, unexplainedBytes } = engine.heap.verify();
    if (problems.length > 0) {
      throw new Error(`after operation ${i}: ${problems.join('; ')}`);
    }
    if (unexplainedBytes !== 0) throw new Error(`after operation ${i}: ${unexplainedBytes}`);
  }
  workload.closeAll();
  expect(engine.heap.verify().problems).toEqual([]);
  ledgerIsClean(engine);
  return workload;
}

describe('sum over owners + headers + allocator overhead = what the allocator says is in use', () => {
  const met = new Set<string>();
  const operations = Math.ceil(OPERATIONS / RUNS.length);
  for (const [background, seed] of RUNS) {
    it(`after each of ${operations} random operations, ${background}, seed ${seed}`, async () => {
      const { errors } = await run(background, seed, operations);
      for (const code of errors.keys()) met.add(code);
    }, 1_800_000);
  }

  it('with every error path among them', () => {
    expect([...met].sort()).toEqual(
      [
        'ACCESS_DENIED',
        'COLUMN_FAMILY_DROPPED',
        'CORRUPTION',
        'DATABASE_MISSING',
        'HANDLE_BUSY',
        'HANDLE_FREED',
        'INVALID_ARGUMENT',
        'INVALID_OPTION',
        'IO_ERROR',
        'LOCKED',
        'NOT_SUPPORTED',
        'NO_SPACE',
        'TIMED_OUT',
        'TOO_LARGE',
        'TOO_MANY_OPEN_FILES',
      ].map((code) => `ERR_ROCKSDB_${code}`),
    );
  });
});
