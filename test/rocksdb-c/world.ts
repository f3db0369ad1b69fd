/**
 * What the phases of RocksDB's db/c_test.c stand on here. There they share one database, from one phase to the
 * next; here each makes what it starts from, so that it can fail alone.
 */
import {
  Cache,
  type Comparator,
  type Engine,
  type FileSystem,
  type OpenOptions,
  RateLimiter,
  RocksDB,
} from 'rocksdb-wasm';
import { expect, onTestFinished } from 'vitest';
import { ledgerIsClean, makeEngine, openAt } from '../support/open.js';

/** Keys and values as text. */
export type Text = RocksDB<'utf8', 'utf8'>;
export type TextOptions = OpenOptions<'utf8', 'utf8'>;

export const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

export const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
export const bytes = (of: string) => new TextEncoder().encode(of);

/** Bytewise, under the name that the C test has for it: another order to RocksDB. */
export const FOO: Comparator = {
  name: 'foo',
  compare(a, b) {
    const common = Math.min(a.length, b.length);
    for (let i = 0; i < common; i++) {
      const difference = (a[i] as number) - (b[i] as number);
      if (difference !== 0) return difference;
    }
    return a.length - b.length;
  },
};

/** One engine over one file system, and what stands in it. */
export interface World {
  readonly engine: Engine;
  readonly fileSystem: FileSystem;
  readonly cache: Cache;
  /** What the C test opens nearly all of its databases with. */
  readonly options: TextOptions;
  /** The path of that name. There is nothing yet, but its parent is there. */
  path(name?: string): string;
  exists(path: string): boolean;
  /** Opens the database of that name. It is closed after the test, which fails if it forgot a handle. */
  open(options?: TextOptions, name?: string): Promise<Text>;
  destroy(name?: string, options?: TextOptions): Promise<void>;
  /** Frees the object after the test, when the databases are closed. */
  keep<T extends { free(): void }>(object: T): T;
}

export type Phase = (world: World) => void | Promise<void>;
/** Under the names that the C test has for them. */
export type Phases = Readonly<Record<string, Phase>>;

export async function makeWorld(fileSystem: FileSystem, folder: string): Promise<World> {
  const engine = await makeEngine({ fileSystem });
  onTestFinished(() => {
    ledgerIsClean(engine);
    engine.heap.verify();
  });
  const keep = <T extends { free(): void }>(object: T) => {
    onTestFinished(() => object.free());
    return object;
  };
  const cache = keep(new Cache(engine, { capacity: 100_000 }));
  const rateLimiter = keep(
    new RateLimiter(engine, {
      bytesPerSecond: 1000 * 1024 * 1024,
      refillPeriodMicros: 100_000,
      mode: 'readsOnly',
      autoTuned: true,
    }),
  );
  const path = (name = 'db') => `${folder}/${name}`;
  return {
    engine,
    fileSystem,
    cache,
    options: baseOptions(cache, rateLimiter),
    path,
    keep,
    exists: (file) => {
      const cut = file.lastIndexOf('/');
      const listing = fileSystem.readDirectory(file.slice(0, cut) || '/');
      return listing.some(({ name }) => name === file.slice(cut + 1));
    },
    open: (options = {}, name = 'db') => openAt(path(name), { engine, ...TEXT, ...options }),
    destroy: (name = 'db', options = {}) => RocksDB.destroy(path(name), { engine, ...options }),
  };
}

function baseOptions(cache: Cache, rateLimiter: RateLimiter): TextOptions {
  return {
    comparator: FOO,
    writeBufferSize: 100_000,
    paranoidChecks: true,
    maxOpenFiles: 10,
    writeDbidToManifest: false,
    blockBasedTable: {
      blockCache: cache,
      dataBlockIndexType: 'binaryAndHash',
      dataBlockHashTableUtilRatio: 0.75,
      metadataCacheOptions: {
        topLevelIndexPinning: 'none',
        partitionPinning: 'flushedAndSimilar',
        unpartitionedPinning: 'all',
      },
    },
    compression: 'none',
    compressionOpts: { windowBits: -14, level: -1, strategy: 0, maxDictBytes: 0 },
    compressionPerLevel: ['none', 'none', 'none', 'none'],
    rateLimiter,
    compactOnDeletion: { windowSize: 10_000, deletionTrigger: 10_001 },
  };
}

/** A new database with the base options, and in it what the C test has after the phase `put`. */
export async function withHello(world: World, more: TextOptions = {}): Promise<Text> {
  const db = await world.open({ ...world.options, createIfMissing: true, ...more });
  db.put('foo', 'hello', { sync: true });
  return db;
}

/** The same after the phase `writebatch`. */
export async function withBox(world: World, more: TextOptions = {}): Promise<Text> {
  const db = await withHello(world, more);
  db.put('box', 'c');
  return db;
}

/** What the database has under the keys; undefined: nothing. */
export function expectValues(db: Text, values: Readonly<Record<string, string | undefined>>): void {
  for (const [key, value] of Object.entries(values)) expect(db.get(key), key).toBe(value);
}

/** Frees the object when the work is over, however that ends. */
export function using<T extends { free(): void }, R>(object: T, work: (object: T) => R): R {
  try {
    return work(object);
  } finally {
    object.free();
  }
}

/** `key` of the iterator's entry and its value, which `next` must give. */
export function expectNext(
  iterator: { next(): [string, string] | undefined },
  key: string,
  value: string,
): void {
  expect(iterator.next()).toEqual([key, value]);
}
