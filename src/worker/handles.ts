/** What all handles of a worker have in common, as types; src/worker/api.gen.ts has them class by class. */

/** Names the class of an object in the worker that a program only hands on (a file system, say). */
export declare const REMOTE: unique symbol;

/** Something in the worker: a handle, or a part of one (`db.heap`) that lives as long as that. */
export interface AsyncPart {
  /** `await using`: frees it, if it is a handle. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * What a call gives that returns the handle itself: await it, or call the next one on it right away. Awaited, it
 * throws what the first of them threw.
 */
export type Chain<T> = T & PromiseLike<T>;

/** A value that the setup module exports, by name: see fromSetup(). */
export interface FromSetup<T> {
  /** The name of the export. */
  readonly setupExport: string;
  /** Binds the type parameter. */
  readonly type?: T;
}

/**
 * Stands for what the setup module of the worker exports as `name`: a comparator, a merge operator, a compaction
 * filter, a file system, ... which cannot cross threads. InvalidArgumentError, from the call that it is given to, when
 * there is no such export.
 */
// biome-ignore lint/suspicious/noExplicitAny: it takes the place of whatever option it is given for
export function fromSetup<T = any>(name: string): FromSetup<T> & T {
  return new SetupReference(name) as unknown as FromSetup<T> & T;
}

/** @internal */
export class SetupReference {
  constructor(readonly setupExport: string) {}
}
