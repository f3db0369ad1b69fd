// RocksDB's own tests as its makefile lists them, and the bodies that they hold.
import * as path from 'node:path';
import { ROOT, read } from '../steps.mjs';

export const ROCKSDB = path.join(ROOT, 'rocksdb-src/rocksdb');
export const GTEST = path.join(ROCKSDB, 'third-party/gtest-1.8.1/fused-src');
export const SUPPORT = path.join(ROOT, 'test/rocksdb/support');
/** The test of the C API. */
export const C_TEST = 'db/c_test.c';
/** The one body of a program that does without gtest. */
export const PROGRAM = 'Program';

/** The sources that one of the lists of src.mk names. */
export function makefileList(name) {
  const lines = read(path.join(ROCKSDB, 'src.mk')).split('\n');
  const begin = lines.findIndex((line) => new RegExp(`^${name}\\s*=`).test(line));
  if (begin < 0) throw new Error(`src.mk has no list ${name}`);
  const sources = [];
  for (let i = begin; i < lines.length && (i === begin || /\S/.test(lines[i])); i++) {
    sources.push(...(lines[i].match(/[\w/.-]+\.cc?(?=\s)/g) ?? []));
    if (!lines[i].trimEnd().endsWith('\\')) break;
  }
  return sources;
}

/** All test programs, by source. */
export const testFiles = () => [...makefileList('TEST_MAIN_SOURCES'), C_TEST];

/**
 * The bodies of a test file: { suite, name, kind (the macro), text, line }. Comments are taken out of `text`, so that
 * what is found in it is code. A program without gtest is one body.
 */
export function bodiesOf(file, source = read(path.join(ROCKSDB, file))) {
  const code = withoutComments(source);
  const bodies = [];
  const macro = /^[ \t]*(TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*\{/gm;
  for (let match = macro.exec(code); match !== null; match = macro.exec(code)) {
    const [, kind, suite, name] = match;
    const begin = macro.lastIndex - 1;
    const line = code.slice(0, match.index).split('\n').length;
    bodies.push({ suite, name, kind, text: code.slice(begin, endOfBlock(code, begin)), line });
  }
  if (bodies.length === 0) {
    const name = path.basename(file).replace(/\.cc?$/, '');
    bodies.push({ suite: PROGRAM, name, kind: 'main', text: code, line: 1 });
  }
  return bodies;
}

/** Behind the brace that closes the one at `begin`. */
export function endOfBlock(code, begin) {
  let depth = 0;
  for (let at = begin; at < code.length; at++) {
    if (code[at] === '{') depth++;
    else if (code[at] === '}' && --depth === 0) return at + 1;
  }
  throw new Error('a block without an end');
}

/** The source with comments and what is within quotes replaced by blanks; lines stay where they are. */
export function withoutComments(source) {
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"(\w*)\([\s\S]*?\)\1"|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/g;
  return source.replace(pattern, (text) => {
    const blanks = text.replace(/[^\n]/g, ' ');
    // SyncPoint's names say which thread waits for which.
    return text[0] === '"' ? `"${text.slice(1, -1).replace(/[{}"]/g, ' ')}"` : blanks;
  });
}
