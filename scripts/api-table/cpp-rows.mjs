// The C++ headers: what of them are rows of the table, and what the map says of each.
import { asRow, camel } from './rows.mjs';

const TYPES = ['class', 'struct', 'union', 'enum'];
/** Names that RocksDB's object registry wants of every class that options can name. */
const REGISTRY = {
  match:
    /::(Type|CreateFromString|CreateFromUri|kClassName|kNickName|kDefaultName|kName|NickName|IsInstanceOf|Inner)$/,
  row: {
    why: 'internal',
    note: "for RocksDB's object registry; options name built-in objects",
  },
};

const OPERATOR = { area: 'options', why: 'cpp', note: 'an operator of C++' };

export const parentOf = (name) => name.split('::').slice(0, -1).join('::');
export const lastOf = (name) => name.split('::').at(-1);

/**
 * One row for each type, and for all overloads of a function. Constructors, destructor and
 * operators of a class are one row with it. Aliases and constants are none: they declare nothing
 * that could be called.
 */
export function rowsOf(entities) {
  const rows = new Map();
  for (const entity of entities) {
    const { kind, name, header, line, special, deprecated } = entity;
    if (kind === 'alias' || kind === 'variable') continue;
    const isSpecial = kind === 'method' && special !== undefined;
    const title = isSpecial ? `${parentOf(name)}::(construction, operators)` : name;
    const key = `${header} ${TYPES.includes(kind) ? 'type' : kind} ${title}`;
    const row = rows.get(key);
    if (row === undefined) {
      rows.set(key, {
        kind: isSpecial ? 'special' : kind,
        name: title,
        header,
        line,
        count: 1,
        deprecated,
      });
    } else if (!TYPES.includes(kind)) {
      row.count++;
      row.deprecated &&= deprecated;
    }
  }
  return [...rows.values()];
}

/** Of every area's `part`, one map; a name that stands there twice is an error. */
function collect(areas, part) {
  const all = new Map();
  for (const { area, [part]: given = {} } of areas) {
    for (const [name, value] of Object.entries(given)) {
      if (all.has(name)) throw new Error(`${name} stands in the map twice`);
      all.set(name, { area, ...asRow(value) });
    }
  }
  return all;
}

/**
 * What the map says of a row, in this order: the row's own entry; its class's entry, by the
 * member's name or by a template; the enclosing class's when that is not there as a whole; the
 * header's.
 */
export class CppMap {
  #exact;
  #headers;
  #exists;
  #used = new Set();

  constructor(areas, exists) {
    this.#exact = collect(areas, 'cpp');
    this.#headers = collect(areas, 'headers');
    this.#exists = exists;
  }

  /** { area, at | why, note }, or undefined: the map says nothing. */
  row(row) {
    return (
      this.#take(this.#exact, row.name) ??
      this.#ofClass(row) ??
      this.#take(this.#headers, row.header) ??
      (row.kind === 'function' && /(?:^|::)operator\W/.test(row.name) ? OPERATOR : undefined)
    );
  }

  /** Entries that no row needed: names that are not in the headers (any more). */
  unused() {
    const names = [...this.#exact].flatMap(([name, { members }]) => [
      name,
      ...Object.keys(members?.names ?? {}).map((member) => `${name}::${member}`),
    ]);
    return [...names, ...this.#headers.keys()].filter((name) => !this.#used.has(name));
  }

  #take(map, name) {
    if (map.has(name)) this.#used.add(name);
    return map.get(name);
  }

  #ofClass(row) {
    const owner = parentOf(row.name);
    if (owner === '') return undefined;
    const found = this.#exact.get(owner);
    if (found !== undefined) return this.#member(found, owner, row);
    // What is not there has no parts; what is there says so of each.
    const outer = this.#ofClass({ ...row, name: owner, kind: 'class' });
    return outer?.why === undefined ? undefined : outer;
  }

  #member(found, owner, row) {
    const { area, members = {} } = found;
    const name = lastOf(row.name);
    if (members.names !== undefined && Object.hasOwn(members.names, name)) {
      this.#used.add(`${owner}::${name}`);
      return { area, ...asRow(members.names[name]) };
    }
    if (found.why !== undefined) return found;
    if (row.kind === 'special') return { area, at: found.at, note: 'as the class' };
    if (REGISTRY.match.test(row.name)) return { area, ...REGISTRY.row };
    const template = row.kind === 'method' ? members.methods : members.fields;
    if (template === undefined || TYPES.includes(row.kind)) return undefined;
    if (typeof template === 'object') return { area, ...template };
    const places = template.split('|').map((each) => each.replace('{}', camel(name)));
    return { area, at: [places.find(this.#exists) ?? places[0]] };
  }
}
