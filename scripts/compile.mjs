// compile.mjs [TARGET ...]: compiles and links what build.sh has provided sources and a toolchain
// for.
//
// Everything is content-addressed: a step's key is the hash of its command and of the content of
// all that it reads, and its result is kept under CACHE. A build with nothing changed copies the
// results to dist/.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stampContract } from './contract.mjs';
import { libraryTasks, rocksdbArgs, sourcesId } from './library.mjs';
import { SCOPE_HEADER } from './scopes.mjs';
import {
  CACHE,
  cached,
  hash,
  hashFiles,
  inTurn,
  moveIn,
  parallel,
  progress,
  ROOT,
  read,
  relative,
  run,
  walk,
} from './steps.mjs';

const TOOLCHAIN = process.env.TOOLCHAIN;
const DIST = path.join(ROOT, 'dist');
/** A program of the toolchain's. */
export const tool = (name) => (TOOLCHAIN ? path.join(TOOLCHAIN, 'bin', name) : name);

// --- what is compiled ----------------------------------------------------------------------------

/** Of RocksDB's own list, what the port replaces. */
const REPLACED = new Set([
  'env/env_posix.cc', // wasm/env
  'env/fs_posix.cc',
  'env/io_posix.cc',
  'port/port_posix.cc', // wasm/port
  'port/stack_trace.cc', // needs a native stack
  'util/threadpool_imp.cc', // threads
  'util/build_version.cc', // wasm/env/build_version.cc
  'port/win/env_default.cc',
  'port/win/env_win.cc',
  'port/win/io_win.cc',
  'port/win/port_win.cc',
  'port/win/win_logger.cc',
  'port/win/win_thread.cc',
]);

const flavours = {
  release: {
    optimize: ['-O2', '-DNDEBUG'],
    cold: ['-Oz'],
    cxx: ['-fno-rtti'],
    link: ['-O3'],
  },
  // The release build and what only the tools need, which is a tenth of it.
  tools: {
    optimize: ['-O2', '-DNDEBUG'],
    cold: ['-Oz'],
    cxx: ['-fno-rtti'],
    link: ['-O2'],
    tools: true,
  },
  // RocksDB's assertions use dynamic_cast.
  debug: {
    optimize: ['-O1', '-g1'],
    cxx: ['-DROCKSDB_USE_RTTI'],
    link: ['-O1'],
    tools: true,
  },
  // For bench/monitor.mjs: the release build without the monitor's share.
  plain: {
    optimize: ['-O2', '-DNDEBUG'],
    cold: ['-Oz'],
    cxx: ['-fno-rtti'],
    link: ['-O3'],
    plain: true,
  },
};
const common = [
  '-fwasm-exceptions',
  '-msimd128',
  '-fvisibility=hidden',
  `-ffile-prefix-map=${ROOT}=.`,
];
const cxx = ['-std=c++17', '-Wno-deprecated-declarations', '-Wno-nontrivial-memaccess'];

const overlayFiles = () => walk(path.join(ROOT, 'wasm/port/overlay'), /\.h$/);
/** Headers of ours that RocksDB's sources see. */
const sharedHeaders = () => [
  ...overlayFiles(),
  path.join(ROOT, 'wasm/port/timed_tasks.h'),
  SCOPE_HEADER,
];

/** Ours that need classes which one source of RocksDB's has to itself: see wasm/inside/children.h. */
const INSIDE = Object.fromEntries(
  ['db/forward_iterator', 'db/version_set', 'table/merging_iterator'].map((source) => [
    `${source}.cc`,
    ['wasm/inside/children.h', `wasm/inside/${path.basename(source)}.h`],
  ]),
);
/** Ours that use members which RocksDB has no accessor for. */
const READS_PRIVATE_MEMBERS = [
  'wasm/bindings/exported_files.cc',
  'wasm/bindings/family_copy.cc',
  'wasm/bindings/files.cc',
  'wasm/bindings/paced_deletion.cc',
  'wasm/bindings/pins.cc',
  'wasm/bindings/retained.cc',
  'wasm/bindings/stale_flushes.cc',
  'wasm/bindings/stalled_writes.cc',
  'wasm/bindings/transaction_db.cc',
];

/** What library.mjs is to compile for. */
export function wasmTarget(flavour) {
  const { optimize, cold, cxx: flavourCxx } = flavours[flavour];
  return {
    name: flavour,
    id: process.env.TOOLCHAIN_ID,
    cc: tool('emcc'),
    cxx: tool('em++'),
    args: [...optimize, ...common],
    coldArgs: cold,
    cxxArgs: [...cxx, ...flavourCxx],
    includes: [path.join(ROOT, 'wasm/port/overlay')],
    headersKey: hashFiles(sharedHeaders()),
    scoped: flavours[flavour].plain !== true,
    leftOut: REPLACED,
    inside: INSIDE,
  };
}

/** Our own C++. */
function ownSources(flavour) {
  const tools = flavours[flavour].tools === true;
  const files = walk(path.join(ROOT, 'wasm'), /\.cc$/).filter(
    (file) => tools || !file.endsWith('bindings/tools.cc'),
  );
  if (!flavours[flavour].plain) return files;
  const other = path.join(ROOT, 'bench/plain/allocator.cc');
  return files.map((file) => (file.endsWith('memory/allocator.cc') ? other : file));
}

/** The headers of ours that a file includes, and those that they include. */
function headersOf(file, found = new Set()) {
  for (const [, name] of read(file).matchAll(/^#include "(wasm\/[\w/]+\.h)"$/gm)) {
    const header = path.join(ROOT, name);
    if (found.has(header)) continue;
    found.add(header);
    headersOf(header, found);
  }
  return found;
}

/** One object a file. */
export function bindingTasks(target) {
  const args = [...rocksdbArgs(target), '-Wall', '-Wextra', '-Wno-unused-parameter'];
  return ownSources(target.name).map((file) => () => {
    const rel = path.relative(ROOT, file);
    const privately = READS_PRIVATE_MEMBERS.includes(rel) ? ['-fno-access-control'] : [];
    const fileArgs = [...args, ...privately];
    // RocksDB's headers include the overlay's.
    const headers = hashFiles([...new Set([...headersOf(file), ...sharedHeaders()])].sort());
    const parts = [target.id, sourcesId(), headers, fileArgs.map(relative), rel, read(file)];
    const key = hash('binding', ...parts);
    return cached('objects', `${key}.o`, `${target.name}: compiled ${rel}`, (out) =>
      run(target.cxx, [...fileArgs, '-c', file, '-o', out]),
    );
  });
}

export const linkFlags = [
  '-fwasm-exceptions',
  '-sSTANDALONE_WASM',
  '--no-entry',
  '-sALLOW_MEMORY_GROWTH',
  '-sINITIAL_MEMORY=16MB',
  '-sMAXIMUM_MEMORY=4GB',
  // First in memory, so that a stack that overflows leaves it and traps instead of running into data.
  '-sSTACK_SIZE=2MB',
  '-Wl,--stack-first',
  '-sERROR_ON_UNDEFINED_SYMBOLS=1',
  '-sABORTING_MALLOC=0',
  '-Wl,--fatal-warnings',
  '-Wl,--wrap=pthread_cond_wait',
  '-Wl,--wrap=pthread_cond_timedwait',
  '-Wl,--wrap=emscripten_resize_heap',
  '-Wl,--wrap=sbrk',
];

async function buildWasm(flavour) {
  const target = wasmTarget(flavour);
  const tasks = [...libraryTasks(target), ...bindingTasks(target)];
  progress.total += tasks.length + 1;
  const objects = await parallel(tasks);
  const { optimize, link } = flavours[flavour];
  const key = hash(
    'link',
    process.env.TOOLCHAIN_ID,
    objects.map((file) => path.basename(file)),
    link,
    linkFlags,
    optimize,
    read(path.join(ROOT, 'scripts/split-names.mjs')),
  );
  const linked = () =>
    cached('wasm', key, `${flavour}: linked`, async (out) => {
      progress.say(`${flavour}: linking (about a minute)`);
      fs.mkdirSync(out);
      const wasm = path.join(out, 'rocksdb.wasm');
      const debug = flavour === 'debug';
      await run(tool('em++'), [...link, ...linkFlags, '--profiling-funcs', ...objects, '-o', wasm]);
      const { splitNames } = await import('./split-names.mjs');
      if (!debug) splitNames(wasm, path.join(out, 'rocksdb.wasm.names'));
    });
  // Mostly on one processor: the next flavour compiles beside it.
  const folder = await inTurn(linked, { urgent: true });
  fs.mkdirSync(DIST, { recursive: true });
  const name = flavour === 'release' ? 'rocksdb.wasm' : `rocksdb.${flavour}.wasm`;
  fs.copyFileSync(path.join(folder, 'rocksdb.wasm'), path.join(DIST, name));
  stampContract(path.join(DIST, name));
  if (flavour === 'release')
    fs.copyFileSync(path.join(folder, 'rocksdb.wasm.names'), path.join(DIST, 'rocksdb.wasm.names'));
  progress.say(
    `${flavour}: dist/${name}, ${(fs.statSync(path.join(DIST, name)).size / 1e6).toFixed(2)} MB`,
  );
}

// --- finished products ---------------------------------------------------------------------------

const products = {
  release: ['rocksdb.wasm', 'rocksdb.wasm.names'],
  tools: ['rocksdb.tools.wasm'],
  debug: ['rocksdb.debug.wasm'],
  plain: ['rocksdb.plain.wasm'],
};

/** Over all inputs of ours and the pins of what is not: a hit needs no toolchain and no sources. */
function productKey(target) {
  const pathCompiler =
    spawnSync('em++', ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
  const scripts = [
    'apt.sh',
    'sources.sh',
    'steps.mjs',
    'library.mjs',
    'scopes.mjs',
    'compile.mjs',
    'split-names.mjs',
    'contract.mjs',
  ];
  const files = [
    ...walk(path.join(ROOT, 'wasm'), /\.(h|cc)$/),
    ...(target === 'plain' ? ['bench/plain/allocator.cc'] : []),
    'build.sh',
    'rocksdb-src/sources.lock',
    ...scripts.map((name) => `scripts/${name}`),
  ];
  return hash(target, pathCompiler, hashFiles(files.map((file) => path.resolve(ROOT, file))));
}

function fromCache(target) {
  const folder = path.join(CACHE, 'products', productKey(target));
  if (!fs.existsSync(folder)) return false;
  fs.mkdirSync(DIST, { recursive: true });
  for (const name of products[target]) {
    const from = path.join(folder, name);
    const to = path.join(DIST, name);
    if (
      !fs.existsSync(to) ||
      fs.statSync(to).mtimeMs < fs.statSync(from).mtimeMs ||
      fs.statSync(to).size !== fs.statSync(from).size
    ) {
      fs.copyFileSync(from, to);
    }
  }
  return true;
}

/** `key` is from before the build: what was changed during it may be in the product or not. */
function keep(target, key) {
  if (productKey(target) !== key) return;
  const folder = path.join(CACHE, 'products', key);
  const temporary = `${folder}.${process.pid}.tmp`;
  fs.mkdirSync(temporary, { recursive: true });
  for (const name of products[target])
    fs.copyFileSync(path.join(DIST, name), path.join(temporary, name));
  moveIn(temporary, folder);
}

async function main(args) {
  const onlyCached = args[0] === '--cached';
  const targets = args.slice(onlyCached ? 1 : 0);
  if (targets.length === 0) targets.push('release');
  const unknown = targets.find((target) => !(target in flavours));
  if (unknown !== undefined) throw new Error(`unknown target '${unknown}'`);
  const missing = targets.filter((target) => !fromCache(target));
  if (onlyCached && missing.length > 0) process.exit(1);
  await Promise.all(
    missing.map(async (target) => {
      const key = productKey(target);
      await buildWasm(target);
      keep(target, key);
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`build: ${error.message}\n`);
    process.exit(2);
  }
}
