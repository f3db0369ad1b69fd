/** What is said of an option that is wrong, and which one was probably meant. */
import { InvalidOptionError } from './errors.js';
import { GROUPS, type OptionGroup } from './options.gen.js';

export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `'${value.slice(0, 60)}' (string)`;
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : `${String(value)} (${typeof value})`;
}

export function expected(
  what: string,
  path: string,
  value: unknown,
  meant?: string,
): InvalidOptionError {
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
  return new InvalidOptionError(
    `${path}: expected ${what}, got ${describe(value)}${hint}`,
    path,
    value,
  );
}

/** Options as they were given; throws for what has no fields. */
export function objectOf<T>(options: T, path = 'options'): T {
  if (typeof options === 'object' && options !== null) return options;
  throw expected('an object', path, options);
}

/** Damerau-Levenshtein: insertions, deletions, substitutions, swaps of two neighbours. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      row.push(swapped ? Math.min(best, at(i - 2, j - 2) + 1) : best);
    }
  }
  return at(a.length, b.length);
}

const plain = (name: string) => name.replaceAll('_', '').toLowerCase();

/** The name that was probably meant; letter case and underscores do not count. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const given = plain(name);
  const limit = Math.max(1, Math.floor(given.length / 4));
  let best: { each: string; slips: number } | undefined;
  for (const each of names) {
    const known = plain(each);
    // At least as many slips; a name may be as long as memory.
    if (Math.abs(given.length - known.length) > limit) continue;
    const slips = distance(given, known);
    if (slips <= limit && slips < (best?.slips ?? Infinity)) best = { each, slips };
  }
  return best?.each;
}

/** An option that is none of these; a dot in its path comes before its name. */
export function unknownName(
  path: string,
  value: unknown,
  names: readonly string[],
): InvalidOptionError {
  const meant = nearest(path.slice(path.lastIndexOf('.') + 1), names);
  const hint = meant === undefined ? `one of ${names.join(', ')}` : `did you mean '${meant}'?`;
  return new InvalidOptionError(`unknown option '${path}'; ${hint}`, path, value);
}

export function nameOf(group: OptionGroup, snake: string): string | undefined {
  const { options } = GROUPS[group];
  return Object.keys(options).find((name) => options[name]?.snake === snake);
}

/** `groups` are those the option may belong to where it was given. */
export function unknownOption(
  path: string,
  value: unknown,
  groups: readonly OptionGroup[],
  ownKeys: readonly string[] = [],
): InvalidOptionError {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const error = (hint: string) =>
    new InvalidOptionError(`unknown option '${path}'${hint}`, path, value);
  const all = [...groups, ...(Object.keys(GROUPS) as OptionGroup[])];
  for (const group of all) {
    const meant = Object.hasOwn(GROUPS[group].options, name) ? name : nameOf(group, name);
    if (!meant) continue;
    const here = groups.includes(group);
    return error(here ? `; did you mean '${meant}'?` : `; ${meant} is ${GROUPS[group].title}`);
  }
  for (const { leftOut } of all.map((group) => GROUPS[group])) {
    const snake = Object.keys(leftOut).find((each) => plain(each) === plain(name));
    if (snake) return error(`: RocksDB's ${snake} is left out here, because ${leftOut[snake]}`);
  }
  const names = groups.flatMap((group) => Object.keys(GROUPS[group].options));
  const meant = nearest(name, [...ownKeys, ...names]);
  return error(meant ? `; did you mean '${meant}'?` : '; no option has a name like it');
}
