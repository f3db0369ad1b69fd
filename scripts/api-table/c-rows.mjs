// c.h: its functions, and the row of each.
import { at, camel } from './rows.mjs';

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

const withParameter = (row, parameter) => ({
  ...row,
  at: row.at.map((target) =>
    /^\w+[#.]\w+$/.test(target) && !/#free$|Options\./.test(target)
      ? `${target}({${parameter}})`
      : target,
  ),
});

const asRow = (given) =>
  typeof given === 'string' || Array.isArray(given) ? at(given) : given;

/** `areas`: the map. Returns `row(name)` = { area, at | why, note } or undefined, and what was not used. */
export function openC(areas, exists) {
  const exact = new Map();
  for (const { area, c = {} } of areas) {
    for (const [name, given] of Object.entries(c)) {
      if (exact.has(name)) throw new Error(`${name} stands in the map twice`);
      exact.set(name, { area, ...asRow(given) });
    }
  }
  const patterns = areas.flatMap(({ area, cRules = [] }) =>
    cRules.map(([pattern, make]) => ({ area, pattern, make })),
  );
  const used = new Set();
  const row = (name) => {
    if (exact.has(name)) {
      used.add(name);
      return exact.get(name);
    }
    const [, base, suffix] = /^(\w+?)(_cf|_with_ts|_cf_with_ts)$/.exec(name) ?? [];
    if (base !== undefined) {
      const found = row(base);
      if (found?.at === undefined) return found;
      const inFamily = suffix.startsWith('_cf') ? withParameter(found, 'columnFamily') : found;
      const stamped = suffix.endsWith('_with_ts') ? withParameter(found, 'timestamp') : { at: [] };
      return { ...inFamily, at: [...new Set([...(suffix === '_with_ts' ? [] : inFamily.at), ...stamped.at])] };
    }
    for (const { area, pattern, make } of patterns) {
      const match = pattern.exec(name);
      const made = match && make(match);
      if (!made) continue;
      used.add(pattern);
      if (made.like) {
        const like = row(made.like);
        return like && { ...like, note: made.note };
      }
      return { area, ...asRow(made) };
    }
    const option = /^rocksdb_options_[sg]et_(\w+)$/.exec(name)?.[1];
    if (option !== undefined) return { area: 'options', at: [optionTarget(option, exists)] };
    const table = /^rocksdb_block_based_options_set_(\w+)$/.exec(name)?.[1];
    if (table !== undefined) return { area: 'options', at: [`BlockBasedTableOptions.${camel(table)}`] };
    return undefined;
  };
  const unused = () => [
    ...[...exact.keys()].filter((name) => !used.has(name)),
    ...patterns.filter(({ pattern }) => !used.has(pattern)).map(({ pattern }) => String(pattern)),
  ];
  return { row, unused };
}

const IRREGULAR = { WAL_ttl_seconds: 'walTtlSeconds', WAL_size_limit_MB: 'walSizeLimitMB' };

function optionTarget(snake, exists) {
  const name = IRREGULAR[snake] ?? camel(snake);
  const places = [`DBOptions.${name}`, `ColumnFamilyOptions.${name}`];
  return places.find(exists) ?? `OpenOptions.${name}`;
}
