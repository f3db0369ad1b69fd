/** The database that most operations are done with, and what hangs on it. */
import {
  type AnyColumnFamily,
  Cache,
  CompressedSecondaryCache,
  type DatabaseHold,
  type DBIterator,
  type PinnedSlice,
  RocksDB,
  type Snapshot,
  type TransactionLogIterator,
  type WriteBatch,
} from 'rocksdb-wasm';
import type { Subject, Weighted, World } from './world.js';

export const PLAIN_PATH = '/db';
export const PLAIN_OPTIONS = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  writeBufferSize: 64 * 1024,
  mergeOperator: 'stringappend',
  maxOpenFiles: 20,
} as const;

const FAMILY_OPTIONS = { mergeOperator: 'stringappend', writeBufferSize: 64 * 1024 } as const;

export class Plain implements Subject {
  db!: RocksDB<'utf8', 'utf8'>;
  readonly blobs: boolean;
  batches: WriteBatch<'utf8', 'utf8'>[] = [];
  iterators: DBIterator<string, string>[] = [];
  snapshots: Snapshot[] = [];
  slices: PinnedSlice[] = [];
  families: AnyColumnFamily[] = [];
  holds: DatabaseHold[] = [];
  logs: TransactionLogIterator[] = [];
  readonly #caches: Cache[] = [];

  constructor(
    readonly world: World,
    stepsOf: readonly ((plain: Plain) => Weighted[])[],
  ) {
    this.blobs = world.seed % 2 === 0;
    this.steps = stepsOf.flatMap((each) => each(this));
    this.open();
  }

  readonly steps: readonly Weighted[];

  open(): void {
    const { world } = this;
    const cache = this.#caches.at(-1);
    const blockCache = cache ?? this.newCache();
    const compression = (['none', 'lz4', 'zstd', 'snappy'] as const)[world.below(4)];
    this.db = RocksDB.openSync(PLAIN_PATH, {
      engine: world.engine,
      ...PLAIN_OPTIONS,
      compression,
      enableBlobFiles: this.blobs,
      minBlobSize: 200n,
      blockBasedTable: { blockCache, filterPolicy: 'bloomfilter:10', blockSize: 1024 },
      onUnreleased() {},
    });
    const names = this.db.columnFamilyNames.filter((name) => name !== 'default');
    this.families = names.map((name) => this.db.columnFamily(name) as AnyColumnFamily);
  }

  #closeDatabase(): void {
    this.iterators = [];
    this.snapshots = [];
    this.slices = [];
    this.batches = [];
    this.families = [];
    this.holds = [];
    this.logs = [];
    this.db.close();
  }

  get lost(): boolean {
    return this.db.freed;
  }

  /** close() may report what failed before; the database is closed all the same. */
  recover(): void {
    try {
      this.#closeDatabase();
    } finally {
      this.open();
    }
  }

  close(): void {
    this.world.attempt(() => this.#closeDatabase());
    for (const cache of this.#caches.splice(0)) cache.free();
  }

  newCache(): Cache {
    const { world } = this;
    const type = world.once(2) ? 'lru' : 'hyperClock';
    const options = { capacity: 128 * 1024, type, shardBits: 0 } as const;
    const { engine } = world;
    // Databases use the newest; an older one goes when none does any more.
    if (this.#caches.length > 1) this.#caches.shift()?.free();
    if (world.once(2)) this.#caches.push(new Cache(engine, options));
    else {
      // The cache keeps it.
      const secondaryCache = new CompressedSecondaryCache(engine, { capacity: 64 * 1024 });
      try {
        this.#caches.push(new Cache(engine, { ...options, secondaryCache }));
      } finally {
        secondaryCache.free();
      }
    }
    return this.#caches.at(-1) as Cache;
  }

  target() {
    const family = this.families[this.world.below(this.families.length + 2)];
    return family === undefined ? {} : { columnFamily: family as never };
  }

  readOptions() {
    const snapshot = this.snapshots[this.world.below(this.snapshots.length + 4)];
    const fillCache = !this.world.once(4);
    return snapshot === undefined ? { fillCache } : { fillCache, snapshot };
  }

  /** Those that are open and not dropped. */
  someFamilies(): AnyColumnFamily[] {
    return [this.db.defaultColumnFamily, ...this.families];
  }

  newFamily(): void {
    if (this.families.length >= 3) return;
    const name = `family${this.world.below(10)}`;
    this.families.push(this.db.createColumnFamily(name, FAMILY_OPTIONS) as never);
  }

  /** Iterators over it go on. Half of the time the handle is forgotten, for close() to find. */
  dropFamily(): void {
    const family = this.families.pop();
    if (family === undefined) return;
    this.db.dropColumnFamily(family);
    if (this.world.once(2)) {
      this.db.put(this.world.key(), 'too late', { columnFamily: family as never });
      return;
    }
    // Frees its iterators, too.
    family.free();
    this.iterators = this.iterators.filter((each) => !each.freed);
  }

  /** Something fails from some operation on, for a while. */
  withFault(): void {
    const { world, db } = this;
    const works = [
      () => db.flush(),
      () => db.compactRange(),
      () => db.put(world.key(), world.value(), { sync: true }),
      () => this.newFamily(),
      () => this.#scan(),
    ];
    try {
      world.faulty(works[world.below(works.length)] as () => void);
    } finally {
      // A database that has stopped is of no use for the steps to come.
      this.recover();
    }
  }

  #scan(): void {
    const iterator = this.db.iterator({ fillCache: false });
    try {
      iterator.nextMany(200);
    } finally {
      iterator.free();
    }
  }
}
