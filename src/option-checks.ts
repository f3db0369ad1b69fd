/** Checks of the options of objects that are made for sharing: caches, limiters and the like. */
import { InvalidOptionError } from './errors.js';
import { expected, nearest } from './option-errors.js';

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
    if (!Object.hasOwn(checks, name)) {
      const known = Object.keys(checks);
      const meant = nearest(name, known);
      const hint = meant === undefined ? `one of ${known.join(', ')}` : `did you mean '${meant}'?`;
      throw new InvalidOptionError(`unknown option '${path}'; ${hint}`, path, value);
    }
    checks[name]?.(value, path);
  }
}
