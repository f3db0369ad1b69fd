// RocksDB's headers -> every row of the table, with what the map says of it.
import * as fs from 'node:fs';
import * as path from 'node:path';
import areas from '../api-map/index.mjs';
import { CMap, parseC } from './c-rows.mjs';
import { CppMap, rowsOf } from './cpp-rows.mjs';
import { parseHeader } from './parse.mjs';

/** The least part of c.h's functions that must have a counterpart. */
export const LEAST_PART = 0.95;

/** Text of each header below `include/rocksdb`, by its path there. */
export function readHeaders(sources) {
  const folder = path.join(sources, 'include/rocksdb');
  if (!fs.existsSync(folder)) {
    throw new Error(`${folder} is not there: run 'node scripts/setup.mjs sources' first`);
  }
  const names = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.h'))
    .sort();
  return new Map(names.map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]));
}

/**
 * c.h: { name, mapped }; the others: rows of cpp-rows.mjs with `mapped`. And the map's entries that
 * are too many.
 */
export function readTable(headers, targets, map = areas) {
  const exists = (target) => targets.missing(target) === undefined;
  const cMap = new CMap(map, exists);
  const cppMap = new CppMap(map, exists);
  const mapped = (row, found) => ({
    ...row,
    mapped: found && { ...found, missing: (found.at ?? []).filter((target) => !exists(target)) },
  });
  const c = parseC(headers.get('c.h')).map((name) => mapped({ name }, cMap.row(name)));
  const entities = [...headers]
    .filter(([name]) => name !== 'c.h')
    .flatMap(([name, text]) => parseHeader(text, name));
  const cpp = rowsOf(entities).map((row) => mapped(row, cppMap.row(row)));
  return { c, cpp, unused: [...cMap.unused(), ...cppMap.unused()] };
}

export const isThere = ({ mapped }) => mapped?.at !== undefined && mapped.missing.length === 0;
export const isExcused = ({ mapped }) => mapped?.why !== undefined;
export const isMissing = (row) => !isThere(row) && !isExcused(row);

/** Why the table is not complete: one line each, empty when it is. */
export function faultsOf({ c, cpp, unused }, targets) {
  const faults = unused.map((name) => `the map has ${name}, which is not in the headers`);
  const wanted = new Map();
  for (const row of [...c, ...cpp]) {
    const where = row.header === undefined ? 'c.h' : `${row.header}:${row.line}`;
    if (row.mapped === undefined) faults.push(`${where}: ${row.name} is not in the map`);
    for (const target of row.mapped?.missing ?? []) {
      wanted.set(target, [...(wanted.get(target) ?? []), row.name]);
    }
  }
  for (const [target, [first, ...more]] of wanted) {
    const others = more.length > 0 ? ` and ${more.length} more` : '';
    faults.push(`${target}, for ${first}${others}: ${targets.missing(target)}`);
  }
  const part = c.filter(isThere).length / c.length;
  if (part < LEAST_PART) {
    const percent = (value) => `${(100 * value).toFixed(1)} %`;
    faults.push(`c.h: ${percent(part)} have a counterpart; at least ${percent(LEAST_PART)} must`);
  }
  return faults;
}
