/** Ranges of abstract-level, as the engine's iterators take them. */
import { bytesOf } from '../encoding.js';

/** A key or value as the engine takes it: abstract-level has encoded it. */
export type Data = string | Uint8Array;

/** Bounds of a range; of `gte` and `gt`, and of `lte` and `lt`, the first counts. */
export interface RangeOptions {
  readonly gt?: Data;
  readonly gte?: Data;
  readonly lt?: Data;
  readonly lte?: Data;
}

/** At most one lower and one upper bound. */
export function boundsOf({ gt, gte, lt, lte }: RangeOptions): RangeOptions {
  return {
    ...(gte !== undefined ? { gte } : gt !== undefined ? { gt } : {}),
    ...(lte !== undefined ? { lte } : lt !== undefined ? { lt } : {}),
  };
}

/** Whether a key is outside of bounds, in the order of bytes. */
export function isOutside({ gt, gte, lt, lte }: RangeOptions, key: Data): boolean {
  const lower = gte ?? gt;
  const upper = lte ?? lt;
  if (lower === undefined && upper === undefined) return false;
  const bytes = bytesOf(key, 'key');
  if (lower !== undefined) {
    const order = compare(bytes, bytesOf(lower, 'lower bound'));
    if (order < 0 || (order === 0 && gte === undefined)) return true;
  }
  if (upper === undefined) return false;
  const order = compare(bytes, bytesOf(upper, 'upper bound'));
  return order > 0 || (order === 0 && lte === undefined);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The first key after this one. */
export function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
