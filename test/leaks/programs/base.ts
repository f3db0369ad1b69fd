/**
 * Programs that forget one handle, each beside a twin that does not. The line whose handle is forgotten carries
 * a comment that says which program it is, from which tests know what to expect. There is only syntax that
 * can be stripped, so that the files run as they are on Node, Deno and Bun.
 */
import type { IteratorPool, OptimisticTransactionDB, Snapshot } from 'rocksdb-wasm';

export type Database = OptimisticTransactionDB<'utf8', 'utf8'>;

/** What a program works with. */
export interface Context {
  readonly db: Database;
  /** Of the database, for those who retain it. */
  readonly snapshot: Snapshot;
  /** Of the database, for those who borrow from it. */
  readonly pool: IteratorPool<string, string>;
  /** The package: how it is imported is up to the test. */
  readonly rocksdb: typeof import('rocksdb-wasm');
  /** How an engine finds its wasm. */
  readonly wasm?: import('rocksdb-wasm').WasmSource;
}

export const SHAPES = ['early return', 'throw', 'abandoned generator', 'lost promise'] as const;
export type Shape = (typeof SHAPES)[number];

/** Those of shape `throw` throw on every call. */
export interface Program {
  leaky(context: Context): unknown;
  clean(context: Context): unknown;
}

export function refuse(value: string | undefined): void {
  if (value !== 'acceptable') throw new RangeError(`refused: ${value}`);
}

export const fasterAnswer = () => Promise.resolve('from elsewhere');
export const slowAnswer = () => new Promise<string>(() => {});
/** Settles when it is given up, as what can be cancelled does. */
export const cancellable = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('given up')));

/** Races `work` against a faster answer, and gives `work` up when it has lost. */
export async function raceAndCancel(
  work: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  const abort = new AbortController();
  try {
    return await Promise.race([work(abort.signal), fasterAnswer()]);
  } finally {
    abort.abort();
  }
}

let names = 0;
/** For column families and files. */
export const newName = () => `name-${++names}`;
