/** What databases share, and a database that is opened with some of it. */
import {
  Cache,
  CompressedSecondaryCache,
  RateLimiter,
  RocksDB,
  SstFileManager,
  Statistics,
  WriteBufferManager,
} from 'rocksdb-wasm';
import type { Subject, Weighted, World } from './world.js';

const PATH = '/sharing';

interface Shared {
  rowCache?: Cache;
  statistics?: Statistics;
  rateLimiter?: RateLimiter;
  sstFileManager?: SstFileManager;
  writeBufferManager?: WriteBufferManager;
}

export class Resources implements Subject {
  readonly steps: readonly Weighted[];
  #shared: Shared = {};
  #db: RocksDB<'utf8', 'utf8'> | undefined;

  constructor(readonly world: World) {
    const seldom = (times: number, step: () => unknown) => [1, world.rarely(times, step)] as const;
    this.steps = [
      [3, () => this.#db?.put(world.key(), world.value())],
      [2, () => this.#db?.get(world.key())],
      [1, () => this.#db?.put(world.key(), 'x'.repeat(20_000))],
      seldom(20, () => this.#db?.flush()),
      seldom(30, () => this.#db?.compactRange()),
      seldom(20, () => this.#open()),
      seldom(20, () => this.#close()),
      seldom(4, () => this.#replace()),
      seldom(2, () => this.#look()),
      seldom(4, () => this.#change()),
      seldom(4, () => this.#wrong()),
      [1, () => world.clock.advance(BigInt(world.below(1000)) * 1_000_000n)],
    ];
  }

  recover(): void {
    this.#close();
    // A space limit that was reached would stop the next one, too.
    this.#shared.sstFileManager?.free();
    delete this.#shared.sstFileManager;
  }

  close(): void {
    this.#close();
    for (const resource of Object.values(this.#shared)) resource.free();
    this.#shared = {};
  }

  #close(): void {
    const db = this.#db;
    this.#db = undefined;
    this.world.attempt(() => db?.close());
  }

  #open(): void {
    const { world } = this;
    this.#close();
    this.#db = world.perhapsFaulty(() =>
      RocksDB.openSync(PATH, {
        engine: world.engine,
        createIfMissing: true,
        keyEncoding: 'utf8',
        valueEncoding: 'utf8',
        writeBufferSize: 32 * 1024,
        onUnreleased() {},
        ...this.#shared,
      }),
    );
  }

  /** Makes one anew. A database that was opened with the old one keeps it. */
  #replace(): void {
    const { engine } = this.world;
    const shared = this.#shared;
    const make: (() => void)[] = [
      () => this.#newRowCache(),
      () => {
        shared.statistics?.free();
        shared.statistics = new Statistics(engine, { level: 'all' });
      },
      () => {
        shared.rateLimiter?.free();
        shared.rateLimiter = new RateLimiter(engine, { bytesPerSecond: 200_000 });
      },
      () => {
        shared.sstFileManager?.free();
        shared.sstFileManager = new SstFileManager(engine, { deleteRateBytesPerSecond: 100_000 });
      },
      () => this.#newWriteBufferManager(),
    ];
    this.world.pick(make)?.();
  }

  #newRowCache(): void {
    const { world } = this;
    const { engine } = world;
    this.#shared.rowCache?.free();
    delete this.#shared.rowCache;
    if (world.once(2)) {
      const tiered = { compressedSecondaryRatio: 0.3 };
      const cache = new Cache(engine, { capacity: 200_000, shardBits: 0, tiered });
      try {
        cache.updateTiered({ compressedSecondaryRatio: 0.5 });
      } finally {
        cache.free();
      }
    }
    const secondaryCache = new CompressedSecondaryCache(engine, { capacity: 40_000 });
    try {
      const options = { capacity: 40_000, shardBits: 0, secondaryCache };
      this.#shared.rowCache = new Cache(engine, options);
    } finally {
      secondaryCache.free();
    }
  }

  #newWriteBufferManager(): void {
    const { engine } = this.world;
    this.#shared.writeBufferManager?.free();
    delete this.#shared.writeBufferManager;
    const cache = new Cache(engine, { capacity: 1 << 20, shardBits: 0 });
    try {
      const options = { bufferSize: 100_000, cache };
      this.#shared.writeBufferManager = new WriteBufferManager(engine, options);
    } finally {
      cache.free();
    }
  }

  #look(): void {
    const { rowCache, statistics, rateLimiter, sstFileManager, writeBufferManager } = this.#shared;
    const looks: (() => unknown)[] = [
      () => rowCache?.usage,
      () => statistics?.toText(),
      () => statistics?.tickers(),
      () => statistics?.histograms(),
      () => statistics?.getHistogramString('dbGetMicros'),
      () => rateLimiter?.getTotalBytesThrough(),
      () => sstFileManager?.getTrackedFiles(),
      () => writeBufferManager?.memoryUsage,
    ];
    this.world.pick(looks)?.();
  }

  #change(): void {
    const { world } = this;
    const { rowCache, statistics, rateLimiter, sstFileManager, writeBufferManager } = this.#shared;
    const changes: (() => unknown)[] = [
      () => rowCache?.setCapacity(10_000 + world.below(50_000)),
      () => rowCache?.eraseUnused(),
      () => statistics?.reset(),
      () => rateLimiter?.request(world.below(10_000), 'low'),
      () => sstFileManager?.setStatistics(statistics),
      () => sstFileManager?.setMaxAllowedSpaceUsage(20_000 + world.below(200_000)),
      () => writeBufferManager?.setBufferSize(50_000 + world.below(100_000)),
    ];
    world.pick(changes)?.();
  }

  #wrong(): void {
    const { world } = this;
    const { engine, freed } = world;
    const { rowCache, statistics, rateLimiter } = this.#shared;
    const wrongs: (() => unknown)[] = [
      () => rowCache?.setCapacity(-1),
      () => statistics?.getTickerCount('noSuchTicker' as never),
      () => rateLimiter?.request(-1),
      () => new RateLimiter(engine, { bytesPerSecond: 0 }),
      () => new Cache(engine, { capacity: 1000, secondaryCache: freed as never }),
      () => new WriteBufferManager(engine, { bufferSize: 1000, cache: freed as never }),
      () => RocksDB.openSync(PATH, { engine, statistics: freed as never }),
    ];
    world.pick(wrongs)?.();
  }
}
