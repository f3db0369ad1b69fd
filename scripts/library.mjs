// RocksDB and the compression libraries as objects, from the pinned sources: for the wasm
// (compile.mjs) and for the machine itself (native-bench.mjs).
import * as fs from 'node:fs';
import * as path from 'node:path';
import { folderOf, scopedFiles } from './scopes.mjs';
import { CACHE, cached, hash, ROOT, read, relative, run } from './steps.mjs';

const SOURCES = path.join(ROOT, 'rocksdb-src');
const ROCKSDB = path.join(SOURCES, 'rocksdb');
const HOT_GROUPS = 14;
const COLD_GROUPS = 6;

/** RocksDB's own lists. */
function rocksdbSources() {
  const lines = read(path.join(ROCKSDB, 'src.mk')).split('\n');
  const sources = [];
  for (const list of ['LIB_SOURCES', 'TOOL_LIB_SOURCES']) {
    const begin = lines.findIndex((line) => line.startsWith(list));
    for (let i = begin; i < lines.length && (i === begin || /\S/.test(lines[i])); i++) {
      sources.push(...(lines[i].match(/[\w/.-]+\.cc/g) ?? []));
      if (!lines[i].trimEnd().endsWith('\\')) break;
    }
  }
  return sources;
}

/** What is not on the path of a read, a write, a flush or a compaction: compiled for size. */
const COLD = new RegExp(
  `^(${[
    '(utilities|tools|options|env|logging|trace_replay|table/(plain|cuckoo|adaptive))/.*',
    'cache/(cache_reservation_manager|charged_cache|compressed_secondary_cache|tiered_.*)',
    'file/(delete_scheduler|file_util|filename|line_file_reader|sst_file_manager_impl)',
    'memtable/hash_.*',
    'table/(sst_file_.*|table_factory|external_table|unique_id)',
    'table/block_based/(block_based_table_factory|flush_block_policy)',
    'util/(file_checksum_helper|string_util|stderr_logger|thread_list.*|compaction_job_stats.*)',
    `db/(${[
      'attribute_group_iterator_impl|c|convenience|db_filesnapshot|db_info_dumper|error_handler',
      'event_helpers|experimental|external_sst_file_ingestion_job|history_trimming_iterator',
      'import_column_family_job|internal_stats|malloc_stats|periodic_task_scheduler|repair',
      'transaction_log_impl|version_edit|version_edit_handler|wal_edit|wal_manager',
      'db_impl/db_impl_(debug|experimental|files|follower|open|readonly|secondary)',
      'compaction/(compaction_service_job|compaction_picker.*)',
    ].join('|')})`,
  ].join('|')})\\.cc$`,
);

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
  ...(target.scoped ? [`-I${folderOf(scopedFiles(ROCKSDB).headers)}`] : []),
  `-I${ROCKSDB}`,
  `-I${path.join(ROCKSDB, 'include')}`,
  `-I${ROOT}`,
  ...compressionIncludes(),
];

/**
 * The compression libraries and RocksDB as tasks that resolve to objects. A target is
 * - `name`, for the progress; `id`, which tells its compiler from others; `cc` and `cxx`
 * - `args` for both languages, `cxxArgs` for RocksDB and what uses it
 * - `coldArgs`: more of them for what COLD names
 * - `includes`: folders before RocksDB's own, and `headersKey` over what they hold
 * - `scoped`: with the owner scopes of scopes.mjs
 * - `leftOut`: those of RocksDB's sources that it has something else for
 * - `inside`: headers of ours by the source of RocksDB's that they are compiled at the end of, to see the
 *   classes that it has to itself, private members included
 */
export function libraryTasks(target) {
  const { name, id, cc, cxx, args, coldArgs = [], headersKey, leftOut, inside = {} } = target;
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
  const scoped = target.scoped ? scopedFiles(ROCKSDB).sources : new Map();
  const scopedArgs = scoped.size > 0 ? [`-I${folderOf(scoped)}`] : [];
  const sources = rocksdbSources().filter((source) => !leftOut.has(source));
  // Of an inline function that several objects have, the linker takes the first: the hot ones'.
  const groups = [
    ...unityGroups(
      sources.filter((source) => !COLD.test(source)),
      HOT_GROUPS,
    ).map((group) => ({ group, forSize: [] })),
    ...unityGroups(
      sources.filter((source) => COLD.test(source)),
      COLD_GROUPS,
    ).map((group) => ({ group, forSize: coldArgs })),
  ];
  groups.forEach(({ group, forSize }, index) => {
    const headers = group.flatMap((source) => inside[source] ?? []);
    const include = (file) => `#include "${file}"\n`;
    const text = group
      .map((source) => include(source) + (inside[source] ?? []).map(include).join(''))
      .join('');
    const privately = headers.length > 0 ? ['-fno-access-control'] : [];
    const groupArgs = [...unityArgs, ...forSize, ...privately];
    const key = hash(
      'unity',
      ...[id, sourcesId(), headersKey, groupArgs.map(relative), text],
      ...headers.map((file) => read(path.join(ROOT, file))),
      ...group.map((name) => scoped.get(name) ?? ''),
    );
    const source = path.join(CACHE, 'unity', `${key}.cc`);
    fs.mkdirSync(path.dirname(source), { recursive: true });
    const what = `compiled RocksDB part ${index + 1} of ${groups.length}`;
    tasks.push(object(what, key, source, [...scopedArgs, ...groupArgs], text));
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
