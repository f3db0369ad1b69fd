// What each of RocksDB's test bodies needs, told from its source:
//   disabled   RocksDB itself does not run it
//   threads    it starts threads, or makes them wait for one another
//   callbacks  it hooks into RocksDB by SyncPoint callbacks
//   plain      neither
import * as path from 'node:path';
import { read } from '../steps.mjs';
import { bodiesOf, endOfBlock, ROCKSDB, testFiles, withoutComments } from './sources.mjs';

const THREADS = new RegExp(
  [
    ...['port::Thread', 'std::thread', 'std::async', 'LoadDependency\\w*', 'StartThread'],
    ...['SleepingBackgroundTask', 'std::condition_variable', 'port::CondVar', 'Schedule', 'fork'],
  ]
    .map((name) => `\\b${name}\\b`)
    .join('|'),
);

/** Functions defined outside of test bodies: [name, code]. */
function functionsOf(code) {
  const found = [];
  const header =
    /\b(\w+)\s*\(([^;{}()]|\([^;{}()]*\))*\)\s*(?:const|override|noexcept|\s|->\s*[\w:<>]+)*\{/g;
  const keywords = new Set(['if', 'for', 'while', 'switch', 'catch', 'TEST', 'TEST_F', 'TEST_P']);
  for (let match = header.exec(code); match !== null; match = header.exec(code)) {
    if (keywords.has(match[1])) continue;
    const begin = header.lastIndex - 1;
    const end = endOfBlock(code, begin);
    found.push([match[1], code.slice(begin, end)]);
    header.lastIndex = end;
  }
  return found;
}

const calls = (names) => new RegExp(`\\b(?:${names.join('|')})\\s*\\(`);

/** Names of the file's functions that start or order threads, by themselves or by what they call. */
function threadedFunctions(code) {
  const rest = functionsOf(code);
  const names = [];
  for (let more = true; more; ) {
    const pattern = names.length > 0 ? calls(names) : /(?!)/;
    const index = rest.findIndex(([, text]) => THREADS.test(text) || pattern.test(text));
    more = index >= 0;
    if (more) names.push(rest.splice(index, 1)[0][0]);
  }
  return names;
}

/** The bodies of a file as bodiesOf gives them, each with its `needs`. */
export function classify(file, source = read(path.join(ROCKSDB, file))) {
  const names = threadedFunctions(withoutComments(source));
  const helpers = names.length > 0 ? calls(names) : /(?!)/;
  const needs = ({ suite, name, text }) => {
    if (/^DISABLED_/.test(name) || /^DISABLED_/.test(suite)) return 'disabled';
    if (THREADS.test(text) || helpers.test(text)) return 'threads';
    return /\bSyncPoint\b/.test(text) ? 'callbacks' : 'plain';
  };
  return bodiesOf(file, source).map((body) => ({ ...body, needs: needs(body) }));
}

/** All bodies of all files: Map from file to bodies. */
export const inventory = () => new Map(testFiles().map((file) => [file, classify(file)]));
