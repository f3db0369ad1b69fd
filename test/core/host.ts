import type {
  DestroyOptions,
  Encoding,
  EngineOptions,
  FileSystem,
  OpenOptions,
  OptimisticTransactionDB,
  OptimisticTransactionDBOpenOptions,
  RocksDB,
  TransactionDB,
  TransactionDBOpenOptions,
} from 'rocksdb-wasm';

/**
 * Where a suite's databases live, made anew for each test. The suites await every call, and dispose with
 * `await using`, so that a database whose methods return promises can be put behind this, too.
 */
export interface Host {
  /** The files that `open` works on, to look at them and to damage them. */
  readonly fileSystem: FileSystem;
  /** A path at which there is nothing yet. */
  path(): string;
  /** Opens the database; it is closed after the test, which fails if handles were left. */
  open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: OpenOptions<KE, VE>,
  ): Promise<RocksDB<KE, VE>>;
  /** What engines are made with, for what has one of its own. */
  engineOptions(): Promise<EngineOptions>;
  openTransactional<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: TransactionDBOpenOptions<KE, VE>,
  ): Promise<TransactionDB<KE, VE>>;
  openOptimistic<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: OptimisticTransactionDBOpenOptions<KE, VE>,
  ): Promise<OptimisticTransactionDB<KE, VE>>;
  listColumnFamilies(path: string): Promise<string[]>;
  destroy(path: string, options?: DestroyOptions): Promise<void>;
  repair(path: string): Promise<void>;
}

export type MakeHost = () => Host;

/** A new database of the host. */
export function create<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  host: Host,
  options: OpenOptions<KE, VE> = {},
): Promise<RocksDB<KE, VE>> {
  return host.open(host.path(), { createIfMissing: true, ...options });
}

/** Keys and values as text. */
export const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** A new database with keys and values as text. */
export function createText(
  host: Host,
  options: OpenOptions<'utf8', 'utf8'> = {},
): Promise<RocksDB<'utf8', 'utf8'>> {
  return create(host, { ...TEXT, ...options });
}

/** All that a loop over `from` gives. */
export async function all<T>(from: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of from) items.push(item);
  return items;
}

/** `k00000`, `k00001`, ... */
export function keyOf(index: number): string {
  return `k${String(index).padStart(5, '0')}`;
}

/** Bytes that look random, always the same for a seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** Whether two arrays are equal; expect() takes minutes for megabytes. */
export function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
