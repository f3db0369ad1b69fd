// c.h: its functions, and the row of each.
import { asRow, camel } from './rows.mjs';

/** Names of the functions of c.h, in its order. Counted a second way; the two must agree. */
export function parseC(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*/g, '');
  const names = [];
  for (const [statement] of code.matchAll(/\bextern\s+ROCKSDB_LIBRARY_API\b[^;]*;/g)) {
    const name = /\b(rocksdb_\w+)\s*\(/.exec(statement)?.[1];
    if (name === undefined) throw new Error(`c.h: no function in '${statement.slice(0, 80)}'`);
    names.push(name);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`c.h: ${twice} is declared twice`);
  const marks = code.match(/\bextern\s+ROCKSDB_LIBRARY_API\b/g)?.length ?? 0;
  if (marks !== names.length) throw new Error(`c.h: ${marks} marks, ${names.length} functions`);
  return names;
}

/** `RocksDB#put` -> `RocksDB#put({timestamp})`; what is no method stays as it is. */
const withParameter = (targets, parameter) =>
  targets.map((target) =>
    /^\w+[#.]\w+$/.test(target) && !/#free$|Options\./.test(target)
      ? `${target}({${parameter}})`
      : target,
  );

/**
 * What the map says of a function of c.h, in this order: its own entry; for a variant by suffix,
 * that of the plain one with the parameter that is the variant here; the first pattern that fits;
 * the option of that name.
 */
export class CMap {
  #exact = new Map();
  #patterns;
  #exists;
  #used = new Set();

  constructor(areas, exists) {
    this.#exists = exists;
    for (const { area, c = {} } of areas) {
      for (const [name, given] of Object.entries(c)) {
        if (this.#exact.has(name)) throw new Error(`${name} stands in the map twice`);
        this.#exact.set(name, { area, ...asRow(given) });
      }
    }
    this.#patterns = areas.flatMap(({ area, cRules = [] }) =>
      cRules.map(([pattern, make]) => ({ area, pattern, make })),
    );
  }

  /** { area, at | why, note }, or undefined: the map says nothing. */
  row(name) {
    if (this.#exact.has(name)) {
      this.#used.add(name);
      return this.#exact.get(name);
    }
    return this.#variant(name) ?? this.#byPattern(name) ?? this.#option(name);
  }

  /** Entries that no function needed. */
  unused() {
    const patterns = this.#patterns.map(({ pattern }) => pattern);
    return [...this.#exact.keys(), ...patterns].filter((each) => !this.#used.has(each)).map(String);
  }

  #variant(name) {
    const [, base, family, stamped] = /^(\w+?)(_cf)?(_with_ts)?$/.exec(name) ?? [];
    if (base === name) return undefined;
    const found = this.row(base);
    if (found?.at === undefined) return found;
    const at = [
      ...(family ? withParameter(found.at, 'columnFamily') : []),
      ...(stamped ? withParameter(found.at, 'timestamp') : []),
    ];
    return { ...found, at: [...new Set(at)] };
  }

  #byPattern(name) {
    for (const { area, pattern, make } of this.#patterns) {
      const match = pattern.exec(name);
      if (match === null) continue;
      this.#used.add(pattern);
      const made = make(match);
      if (typeof made === 'string') return { area, at: [this.#either(made.split('|'))] };
      if (made.like === undefined) return { area, ...asRow(made) };
      const like = this.row(made.like);
      return like && { ...like, note: made.note };
    }
    return undefined;
  }

  #option(name) {
    const [, table, option] = /^rocksdb_(?:(block_based)_)?options_[sg]et_(\w+)$/.exec(name) ?? [];
    if (option === undefined) return undefined;
    const places = table
      ? [`BlockBasedTableOptions.${camel(option)}`]
      : [`DBOptions.${camel(option)}`, `ColumnFamilyOptions.${camel(option)}`];
    return { area: 'options', at: [this.#either(places)] };
  }

  /** The first of them that exists. */
  #either(places) {
    return places.find(this.#exists) ?? places[0];
  }
}
