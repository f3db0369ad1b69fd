// Compiles RocksDB's pinned sources for this machine, and bench/native/bench.cc with them, as one
// static program. The wasm is made of the same sources, by the same compiler, and optimized as
// much.
import * as path from 'node:path';
import { libraryTasks, rocksdbArgs, sourcesId } from './library.mjs';
import { cached, hash, parallel, progress, ROOT, read, relative, run } from './steps.mjs';

const SOURCES = ['bench/native/bench.cc', 'wasm/env/build_version.cc'];

/** What build_tools/build_detect_platform would find on Linux. */
const PLATFORM = [
  '-DOS_LINUX',
  '-DHAVE_UINT128_EXTENSION',
  '-DROCKSDB_AUXV_GETAUXVAL_PRESENT',
  '-DROCKSDB_FALLOCATE_PRESENT',
  '-DROCKSDB_MALLOC_USABLE_SIZE',
  '-DROCKSDB_PTHREAD_ADAPTIVE_MUTEX',
  '-DROCKSDB_RANGESYNC_PRESENT',
  '-DROCKSDB_SCHED_GETCPU_PRESENT',
];

const LEFT_OUT = new Set([
  'util/build_version.cc', // Makefile's own
  'port/win/env_default.cc',
  'port/win/env_win.cc',
  'port/win/io_win.cc',
  'port/win/port_win.cc',
  'port/win/win_logger.cc',
  'port/win/win_thread.cc',
]);

function nativeTarget({ clang, trixie, id }) {
  return {
    name: 'native',
    id,
    cc: path.join(clang, 'clang'),
    cxx: path.join(clang, 'clang++'),
    args: ['-O2', '-DNDEBUG', '-msse4.2', '-mpclmul', `--sysroot=${trixie}`],
    cxxArgs: [
      '-std=c++17',
      '-fno-rtti',
      '-Wno-deprecated-declarations',
      '-Wno-nontrivial-memaccess',
      ...PLATFORM,
    ],
    includes: [],
    headersKey: '',
    leftOut: LEFT_OUT,
  };
}

function ownTasks(target) {
  const args = rocksdbArgs(target);
  return SOURCES.map((rel) => () => {
    const source = path.join(ROOT, rel);
    const key = hash('native', target.id, sourcesId(), args.map(relative), rel, read(source));
    return cached('objects', `${key}.o`, `native: compiled ${rel}`, (out) =>
      run(target.cxx, [...args, '-c', source, '-o', out]),
    );
  });
}

/** The path of the program. `provided` is what native.sh says. */
export async function buildBenchmark(provided) {
  const target = nativeTarget(provided);
  const tasks = [...libraryTasks(target), ...ownTasks(target)];
  progress.total += tasks.length + 1;
  const objects = await parallel(tasks);
  const link = ['-static', '-fuse-ld=lld', ...target.args];
  const parts = [objects.map((file) => path.basename(file)), link.map(relative)];
  return cached('native', hash('bench', ...parts), 'native: linked', (out) =>
    run(target.cxx, [...link, ...objects, '-o', out]),
  );
}
