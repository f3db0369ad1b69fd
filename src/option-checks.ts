/**
 * Tables of checks, one a field, for objects of options that go on as they are: caches, limiters and the like. What
 * a call takes apart itself, with defaults, is read by src/option-values.ts.
 */
import { expected, nearest, unknownName } from './option-errors.js';

/** Throws InvalidOptionError when the value is not as it should be. */
export type Check = (value: unknown, path: string) => void;

/** The most that a size of the 32-bit engine can say. */
export const MAX_SIZE = 0xffffffff;

export function integer(least: number, most: number = MAX_SIZE): Check {
  return (value, path) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
    throw expected(`an integer from ${least} to ${most}`, path, value);
  };
}

export function number(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value === 'number' && value >= least && value <= most) return;
    throw expected(`a number from ${least} to ${most}`, path, value);
  };
}

export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') throw expected('true or false', path, value);
};

export function oneOf(names: readonly string[]): Check {
  return (value, path) => {
    if (typeof value === 'string' && names.includes(value)) return;
    const meant = typeof value === 'string' ? nearest(value, names) : undefined;
    throw expected(`one of ${names.join(', ')}`, path, value, meant);
  };
}

export function instanceOf(type: abstract new (...made: never[]) => object): Check {
  return (value, path) => {
    if (!(value instanceof type)) throw expected(`a ${type.name}`, path, value);
  };
}

/** Every field of `given` that is not undefined must be one of `checks`, and pass. */
export function checkFields(given: unknown, checks: Readonly<Record<string, Check>>, where = '') {
  if (typeof given !== 'object' || given === null)
    throw expected('an object', where || 'options', given);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const path = where === '' ? name : `${where}.${name}`;
    if (!Object.hasOwn(checks, name)) throw unknownName(path, value, Object.keys(checks));
    checks[name]?.(value, path);
  }
}
