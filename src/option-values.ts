/**
 * Takes single values out of what callers pass to a call: checked, or the default. Whole objects of options that are
 * kept as they are have tables of checks (src/option-checks.ts); RocksDB's own options are src/options.ts.
 */

import { expected, unknownName } from './option-errors.js';
import { databasePath } from './paths.js';

/** An object with no other properties than these; undefined counts as an empty one. */
export function fieldsOf<T extends object>(
  what: string,
  value: T | undefined,
  names: readonly (keyof T & string)[],
): T {
  if (value === undefined) return {} as T;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw expected('an object', what, value);
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name as keyof T & string)) continue;
    const given = value[name as keyof T];
    if (given === undefined) continue;
    throw unknownName(`${what}.${name}`, given, names);
  }
  return value;
}

export function flag(path: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value !== 'boolean') throw expected('true or false', path, value);
  return value;
}

/** An integer within bounds, a bigint too where they go beyond 2^53. */
export function integer(
  path: string,
  value: unknown,
  least: number,
  most: number,
  byDefault: number,
): number {
  if (value === undefined) return byDefault;
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < least || (number as number) > most) {
    throw expected(`an integer from ${least} to ${most}`, path, value);
  }
  return number as number;
}

/** Bytes of a file, or of an amount: anything that is exact. */
export function bytesCount(path: string, value: unknown, byDefault: number): number {
  return integer(path, value, 0, Number.MAX_SAFE_INTEGER, byDefault);
}

/** The index of a name; RocksDB's enumerations are given by name. */
export function oneOf<N extends string>(
  path: string,
  value: unknown,
  names: readonly N[],
  byDefault: N,
): number {
  const index = names.indexOf((value === undefined ? byDefault : value) as N);
  if (index < 0)
    throw expected(`one of ${names.map((name) => `'${name}'`).join(', ')}`, path, value);
  return index;
}

/** Absolute paths of files. */
export function paths(what: string, value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw expected('an array of paths', what, value);
  return value.map((each: unknown) => databasePath(each));
}

export function texts(what: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw expected('an array of strings', what, value);
  value.forEach((each: unknown, index) => {
    if (typeof each !== 'string') throw expected('a string', `${what}[${index}]`, each);
  });
  return value as string[];
}
