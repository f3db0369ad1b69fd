// clang.mjs CXX: does the parser find what a compiler finds? CXX is a clang++ or em++ with a
// standard library. For the day when RocksDB is another one, or the parser changes: it names every
// declaration that only one of them has.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { parseHeader } from './parse.mjs';
import { readHeaders } from './read.mjs';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const SOURCES = path.join(ROOT, 'rocksdb-src/rocksdb');
/** They need Lua's own headers. */
const WITHOUT = /^utilities\/lua\//;

/**
 * The declarations that clang has in a translation unit with all headers: one JSON document each.
 */
function dump(cxx, headers) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'api-table-'));
  try {
    const file = path.join(folder, 'all.cc');
    fs.writeFileSync(file, headers.map((name) => `#include "rocksdb/${name}"\n`).join(''));
    const ast = ['-ast-dump=json', '-ast-dump-filter', 'rocksdb'].flatMap((arg) => [
      '-Xclang',
      arg,
    ]);
    const flags = ['-std=c++17', '-DNDEBUG', `-I${path.join(SOURCES, 'include')}`, '-fsyntax-only'];
    const text = execFileSync(cxx, [...flags, ...ast, file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 29,
    });
    const documents = text.replace(/^Dumping .*$/gm, '').split('\n}\n');
    return documents.filter((each) => each.trim() !== '').map((each) => JSON.parse(`${each}\n}`));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const TEMPLATES = ['ClassTemplateDecl', 'FunctionTemplateDecl'];
const METHODS = ['CXXMethodDecl', 'CXXConstructorDecl', 'CXXDestructorDecl', 'CXXConversionDecl'];

/** `found`: 'kind name' -> how often. */
function visit(node, scope, found) {
  if (node.isImplicit || !scope.open) return;
  const { kind, name = '', inner = [] } = node;
  const add = (what, full = [...scope.path, name].join('::')) =>
    found.set(`${what} ${full}`, (found.get(`${what} ${full}`) ?? 0) + 1);
  const into = (path) => inner.forEach((each) => void visit(each, { ...scope, path }, found));
  if (kind === 'NamespaceDecl') into(name === 'rocksdb' ? scope.path : [...scope.path, name]);
  else if (kind === 'LinkageSpecDecl') into(scope.path);
  else if (TEMPLATES.includes(kind)) {
    const of = inner.find((each) =>
      /^(?:CXXRecord|Function|CXXMethod|CXXConstructor)Decl$/.test(each.kind),
    );
    if (of !== undefined) visit(of, scope, found);
  } else if (kind === 'CXXRecordDecl') record(node, scope, found, add);
  else if (kind === 'EnumDecl') {
    const values = inner.filter((each) => each.kind === 'EnumConstantDecl');
    const full = [...scope.path, name || `(${values[0]?.name}...)`].join('::');
    if (values.length > 0) add('enum', full);
  } else if (kind === 'FieldDecl' && name !== '') add('field');
  else if (kind === 'VarDecl' && scope.inClass) add('field');
  else if (kind === 'FunctionDecl') add('function');
  else if (METHODS.includes(kind) && scope.inClass && !node.explicitlyDeleted) {
    add('method', [...scope.path, name.replace(/(?<=\w)<.*>$/, '')].join('::'));
  }
}

function record(node, scope, found, add) {
  if (!node.completeDefinition) return;
  if (node.name) add(node.tagUsed);
  const path = node.name ? [...scope.path, node.name] : scope.path;
  let open = node.tagUsed !== 'class';
  for (const each of node.inner ?? []) {
    if (each.kind === 'AccessSpecDecl') open = each.access === 'public';
    else visit(each, { path, inClass: true, open }, found);
  }
}

const [cxx] = process.argv.slice(2);
if (cxx === undefined) throw new Error('give the compiler: clang.mjs CXX');
const headers = readHeaders(SOURCES);
const names = [...headers.keys()].filter((name) => !WITHOUT.test(name));
const theirs = new Map();
for (const node of dump(cxx, names)) visit(node, { path: [], inClass: false, open: true }, theirs);
const ours = new Map();
for (const name of names) {
  for (const { kind, name: full } of parseHeader(headers.get(name), name)) {
    if (kind !== 'alias' && kind !== 'variable') {
      ours.set(`${kind} ${full}`, (ours.get(`${kind} ${full}`) ?? 0) + 1);
    }
  }
}
let differences = 0;
for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
  // Parts of the standard library that have to do with one of RocksDB's types: not in a scope of
  // its own.
  const standard = !ours.has(key) && /^\w+ (?:__\w+|\(\w+\.\.\.\)|operator\(\))$/.test(key);
  if (standard || ours.get(key) === theirs.get(key)) continue;
  console.log(`${key}: the parser finds ${ours.get(key) ?? 0}, clang ${theirs.get(key) ?? 0}`);
  differences++;
}
console.log(`${ours.size} names, ${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;
