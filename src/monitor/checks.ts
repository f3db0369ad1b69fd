/** What settings of the monitor are checked with. */

/** Makes the error for a setting that is not as expected: `option` is where it stands. */
export type Invalid = (option: string, value: unknown, expected: string) => Error;

/** The longest that a timer of the host can wait, milliseconds. */
export const TIMER_MS_MAX = 0x7fffffff;

/** A value that may be left out: an integer from `least`, up to `most`. */
export function wholeFrom(
  invalid: Invalid,
  option: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  const whole = Number.isSafeInteger(value) ? (value as number) : Number.NaN;
  if (whole >= least && whole <= most) return whole;
  const end = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  throw invalid(option, value, `an integer from ${least}${end}`);
}

/** A value that may be left out: a finite number. */
export function finite(invalid: Invalid, option: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(option, value, 'a finite number');
}

/** One of the names, or what stands for a value that was left out. */
export function nameOf<T extends string>(
  invalid: Invalid,
  option: string,
  value: unknown,
  names: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  if (names.includes(value as T)) return value as T;
  throw invalid(option, value, `one of ${names.join(', ')}`);
}

/** An object that has no other properties than these. */
export function fieldsOf<T extends object>(
  invalid: Invalid,
  option: string,
  value: unknown,
  names: readonly (keyof T & string)[],
): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(option, value, `an object with ${names.join(', ')}`);
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name as keyof T & string)) continue;
    const given = (value as Record<string, unknown>)[name];
    throw invalid(`${option}.${name}`, given, `no such property; there are ${names.join(', ')}`);
  }
  return value as T;
}
