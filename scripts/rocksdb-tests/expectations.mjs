// What is expected of RocksDB's tests beside that they pass: test/rocksdb/expectations.json, and its check against the
// sources.
//
// { reasons: { NAME: text }, notRun: { FILE: { 'Suite.Name': NAME } }, fails: { FILE: { 'Suite.Name': NAME or text } } }
import * as path from 'node:path';
import { ROOT, read } from '../steps.mjs';

export const EXPECTATIONS = path.join(ROOT, 'test/rocksdb/expectations.json');
export const expectations = () => JSON.parse(read(EXPECTATIONS));

/** The reason of bodies that the preprocessor takes out; a run looks whether the program really has them not. */
export const LEFT_OUT = 'left out';

/** Why a body is not run: a name of `reasons`; undefined: it is run. */
export const whyNot = (expected, file, key) => expected.notRun[file]?.[key];
export const keyOf = ({ suite, name }) => `${suite}.${name}`;

/**
 * What is wrong with the list: entries for bodies that are not there, or whose reason is not said or not true. A
 * body that is in no list is run, so that none is left out silently.
 */
export function checkExpectations(expected, inventory) {
  const wrong = [];
  const used = new Set();
  for (const list of ['notRun', 'fails']) {
    for (const [file, entries] of Object.entries(expected[list])) {
      const bodies = new Map((inventory.get(file) ?? []).map((body) => [keyOf(body), body]));
      for (const [key, reason] of Object.entries(entries)) {
        const body = bodies.get(key);
        const entry = `${list}: ${file}: ${key}`;
        if (body === undefined) wrong.push(`${entry}: RocksDB has no such test`);
        else if (list === 'fails' && whyNot(expected, file, key) !== undefined)
          wrong.push(`${entry}: is not run either`);
        if (expected.reasons[reason] === undefined)
          wrong.push(`${entry}: '${reason}' is no reason`);
        used.add(reason);
        if (body === undefined) continue;
        if (reason === 'threads' && body.needs !== 'threads')
          wrong.push(`${entry}: its source starts no threads and makes none wait`);
        if (reason === 'disabled' && body.needs !== 'disabled')
          wrong.push(`${entry}: RocksDB does not disable it`);
      }
    }
  }
  for (const [file, bodies] of inventory) {
    for (const body of bodies.filter(({ needs }) => needs === 'disabled')) {
      if (whyNot(expected, file, keyOf(body)) !== 'disabled')
        wrong.push(`notRun: ${file}: ${keyOf(body)}: RocksDB disables it, and it is not listed`);
    }
  }
  for (const reason of Object.keys(expected.reasons)) {
    if (!used.has(reason)) wrong.push(`reasons: ${reason}: nothing has it`);
  }
  return wrong;
}
