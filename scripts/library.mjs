// RocksDB and the compression libraries as objects, from the pinned sources: for the wasm
// (compile.mjs) and for the machine itself (native-bench.mjs).
import * as fs from 'node:fs';
import * as path from 'node:path';
import { scopedSources } from './scopes.mjs';
import { CACHE, cached, hash, ROOT, read, relative, run } from './steps.mjs';

const SOURCES = path.join(ROOT, 'rocksdb-src');
const ROCKSDB = path.join(SOURCES, 'rocksdb');
const UNITY_GROUPS = 20;

/** RocksDB's own list. */
function rocksdbSources() {
  const lines = read(path.join(ROCKSDB, 'src.mk')).split('\n');
  const begin = lines.findIndex((line) => line.startsWith('LIB_SOURCES'));
  const sources = [];
  for (let i = begin; i < lines.length && (i === begin || /\S/.test(lines[i])); i++) {
    sources.push(...(lines[i].match(/[\w/.-]+\.cc/g) ?? []));
    if (!lines[i].trimEnd().endsWith('\\')) break;
  }
  return sources;
}

/** Groups of about equal size, each compiled as one translation unit; neighbours stay together. */
function unityGroups(sources, count) {
  const size = (source) => fs.statSync(path.join(ROCKSDB, source)).size + 30000;
  const total = sources.reduce((sum, source) => sum + size(source), 0);
  const groups = [[]];
  let filled = 0;
  for (const source of sources) {
    if (filled > (total / count) * groups.length && groups.length < count) groups.push([]);
    groups.at(-1).push(source);
    filled += size(source);
  }
  return groups;
}

const compression = {
  lz4: { dir: 'lz4/lib', files: /^(lz4|lz4hc)\.c$/, flags: [] },
  zlib: {
    dir: 'zlib',
    files: /^(adler32|compress|crc32|deflate|inffast|inflate|inftrees|trees|uncompr|zutil)\.c$/,
    flags: [],
  },
  zstd: {
    dir: 'zstd/lib',
    files: /\.c$/,
    subdirs: ['common', 'compress', 'decompress', 'dictBuilder'],
    flags: ['-DZSTD_DISABLE_ASM', '-DZSTD_MULTITHREAD=0', '-DXXH_NAMESPACE=ZSTD_'],
  },
  snappy: {
    dir: 'snappy',
    files: /^(snappy|snappy-sinksource|snappy-stubs-internal)\.cc$/,
    flags: ['-std=c++17'],
  },
};
const compressionIncludes = () => [
  ...['lz4/lib', 'zlib', 'zstd/lib', 'snappy'].map((dir) => `-I${path.join(SOURCES, dir)}`),
  `-I${generatedSnappyHeaders()}`,
];

const defines = [
  '-DROCKSDB_PLATFORM_POSIX',
  '-DROCKSDB_LIB_IO_POSIX',
  '-DROCKSDB_NO_DYNAMIC_EXTENSION',
  '-DLZ4',
  '-DSNAPPY',
  '-DZLIB',
  '-DZSTD',
];

/** Which sources these are. */
export const sourcesId = () =>
  hash(
    ...['rocksdb', 'lz4', 'zstd', 'snappy', 'zlib'].map((name) =>
      read(path.join(SOURCES, name, '.sha256')),
    ),
  );

/** The arguments for C++ that sees RocksDB, its own and ours. */
export const rocksdbArgs = (target) => [
  ...target.args,
  ...target.cxxArgs,
  ...defines,
  ...target.includes.map((dir) => `-I${dir}`),
  ...(target.scoped ? [`-I${scopedSources(ROCKSDB)}`] : []),
  `-I${ROCKSDB}`,
  `-I${path.join(ROCKSDB, 'include')}`,
  `-I${ROOT}`,
  ...compressionIncludes(),
];

/**
 * The compression libraries and RocksDB as tasks that resolve to objects. A target is
 * - `name`, for the progress; `id`, which tells its compiler from others; `cc` and `cxx`
 * - `args` for both languages, `cxxArgs` for RocksDB and what uses it
 * - `includes`: folders before RocksDB's own, and `headersKey` over what they hold
 * - `scoped`: with the owner scopes of scopes.mjs
 * - `leftOut`: those of RocksDB's sources that it has something else for
 * - `inside`: headers of ours by the source of RocksDB's that they are compiled at the end of, to see the
 *   classes that it has to itself, private members included
 */
export function libraryTasks(target) {
  const { name, id, cc, cxx, args, headersKey, leftOut, inside = {} } = target;
  const tasks = [];
  const object = (what, key, source, sourceArgs, text) => () =>
    cached('objects', `${key}.o`, `${name}: ${what}`, async (out) => {
      if (text !== undefined) fs.writeFileSync(source, text);
      await run(source.endsWith('.c') ? cc : cxx, [...sourceArgs, '-c', source, '-o', out]);
    });
  for (const library of Object.values(compression)) {
    const libraryArgs = [...args, ...library.flags, ...compressionIncludes()];
    for (const file of filesOf(library)) {
      const rel = path.relative(SOURCES, file);
      const key = hash('c', id, sourcesId(), libraryArgs.map(relative), rel);
      tasks.push(object(`compiled ${rel}`, key, file, libraryArgs));
    }
  }
  const unityArgs = rocksdbArgs(target);
  const sources = rocksdbSources().filter((source) => !leftOut.has(source));
  const groups = unityGroups(sources, UNITY_GROUPS);
  groups.forEach((group, index) => {
    const headers = group.flatMap((source) => inside[source] ?? []);
    const include = (file) => `#include "${file}"\n`;
    const text = group
      .map((source) => include(source) + (inside[source] ?? []).map(include).join(''))
      .join('');
    const groupArgs = [...unityArgs, ...(headers.length > 0 ? ['-fno-access-control'] : [])];
    const key = hash(
      'unity',
      ...[id, sourcesId(), headersKey, groupArgs.map(relative), text],
      ...headers.map((file) => read(path.join(ROOT, file))),
    );
    const source = path.join(CACHE, 'unity', `${key}.cc`);
    fs.mkdirSync(path.dirname(source), { recursive: true });
    const what = `compiled RocksDB part ${index + 1} of ${groups.length}`;
    tasks.push(object(what, key, source, groupArgs, text));
  });
  return tasks;
}

function filesOf(library) {
  const dir = path.join(SOURCES, library.dir);
  const dirs = library.subdirs ? library.subdirs.map((sub) => path.join(dir, sub)) : [dir];
  return dirs.flatMap((sub) =>
    fs
      .readdirSync(sub)
      .filter((file) => library.files.test(file))
      .sort()
      .map((file) => path.join(sub, file)),
  );
}

/** snappy's configured header, which its CMake would write. */
function generatedSnappyHeaders() {
  const dir = path.join(CACHE, 'generated', hash('snappy', sourcesId()));
  const file = path.join(dir, 'snappy-stubs-public.h');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dir, { recursive: true });
    const values = {
      HAVE_SYS_UIO_H_01: '1',
      PROJECT_VERSION_MAJOR: '1',
      PROJECT_VERSION_MINOR: '2',
      PROJECT_VERSION_PATCH: '2',
    };
    const text = read(path.join(SOURCES, 'snappy/snappy-stubs-public.h.in')).replace(
      /\$\{(\w+)\}/g,
      (placeholder, name) => values[name] ?? placeholder,
    );
    fs.writeFileSync(file, text);
  }
  return dir;
}
