import type { ClassifiedBody } from './classify.mjs';

/** By test file and 'Suite.Name', a name of `reasons`. */
export type Listed = Record<string, Record<string, string>>;
export interface Expectations {
  reasons: Record<string, string>;
  notRun: Listed;
  fails: Listed;
}
export function expectations(): Expectations;
export function checkExpectations(
  expected: Expectations,
  inventory: ReadonlyMap<string, readonly ClassifiedBody[]>,
): string[];
