// compile.mjs [TARGET ...]: compiles and links what build.sh has provided sources and a toolchain for.
//
// Everything is content-addressed: a step's key is the hash of its command and of the content of all that
// it reads, and its result is kept under CACHE. A build with nothing changed copies the results to dist/.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const ROOT = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const CACHE = process.env.CACHE;
const TOOLCHAIN = process.env.TOOLCHAIN;
const SOURCES = path.join(ROOT, 'rocksdb-src');
const ROCKSDB = path.join(SOURCES, 'rocksdb');
const DIST = path.join(ROOT, 'dist');
const UNITY_GROUPS = 20;
const tool = (name) => (TOOLCHAIN ? path.join(TOOLCHAIN, 'bin', name) : name);

// --- hashing and reading ---------------------------------------------------------------------------

const hash = (...parts) => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(typeof part === 'string' ? part : JSON.stringify(part)).update('\0');
  return digest.digest('hex').slice(0, 20);
};
const read = (file) => fs.readFileSync(file, 'utf8');
const walk = (dir, pattern) =>
  fs
    .readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(dir, entry.name);
      if (entry.isDirectory()) return walk(full, pattern);
      return pattern.test(entry.name) ? [full] : [];
    });
const hashFiles = (files) => hash(...files.map((file) => path.relative(ROOT, file) + '\0' + read(file)));

// --- progress --------------------------------------------------------------------------------------

const started = Date.now();
const progress = {
  total: 0,
  done: 0,
  say(what) {
    const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4);
    const share = this.total ? `${String(Math.floor((100 * this.done) / this.total)).padStart(3)} %` : '     ';
    process.stderr.write(`build: ${seconds} s ${share}  ${what}\n`);
  },
};

// --- steps -----------------------------------------------------------------------------------------

function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${path.basename(command)} failed (${code}):\n${output.slice(-12000)}`));
    });
  });
}

/** Runs `make(temporary)` unless the cache has `key`; returns the cached path. */
async function cached(kind, key, what, make) {
  const target = path.join(CACHE, kind, key);
  if (!fs.existsSync(target)) {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const temporary = `${target}.${process.pid}.tmp`;
    await make(temporary);
    fs.renameSync(temporary, target);
    progress.done++;
    progress.say(what);
  } else progress.done++;
  return target;
}

async function parallel(tasks, width = Math.max(1, os.cpus().length)) {
  const results = new Array(tasks.length);
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, worker));
  return results;
}

// --- what is compiled ------------------------------------------------------------------------------

/** RocksDB's own list, less what the port replaces. */
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

function rocksdbSources() {
  const lines = read(path.join(ROCKSDB, 'src.mk')).split('\n');
  const begin = lines.findIndex((line) => line.startsWith('LIB_SOURCES'));
  const sources = [];
  for (let i = begin; i < lines.length && (i === begin || /\S/.test(lines[i])); i++) {
    sources.push(...(lines[i].match(/[\w/.-]+\.cc/g) ?? []));
    if (!lines[i].trimEnd().endsWith('\\')) break;
  }
  return sources.filter((source) => !REPLACED.has(source));
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
  zlib: { dir: 'zlib', files: /^(adler32|compress|crc32|deflate|inffast|inflate|inftrees|trees|uncompr|zutil)\.c$/, flags: [] },
  zstd: { dir: 'zstd/lib', files: /\.c$/, subdirs: ['common', 'compress', 'decompress', 'dictBuilder'], flags: ['-DZSTD_DISABLE_ASM', '-DZSTD_MULTITHREAD=0', '-DXXH_NAMESPACE=ZSTD_'] },
  snappy: { dir: 'snappy', files: /^(snappy|snappy-sinksource|snappy-stubs-internal)\.cc$/, flags: ['-std=c++17'] },
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

const flavours = {
  release: { optimize: ['-O2', '-DNDEBUG'], link: ['-O3'] },
  debug: { optimize: ['-O1', '-g1', '-fno-inline-functions'], link: ['-O1'] },
};
const common = ['-fwasm-exceptions', '-msimd128', '-fvisibility=hidden', '-ffile-prefix-map=' + ROOT + '=.'];
const cxx = ['-std=c++17', '-fno-rtti', '-Wno-deprecated-declarations', '-Wno-nontrivial-memaccess'];

const sourcesId = () =>
  hash(...['rocksdb', 'lz4', 'zstd', 'snappy', 'zlib'].map((name) => read(path.join(SOURCES, name, '.sha256'))));
const overlayFiles = () => walk(path.join(ROOT, 'wasm/port/overlay'), /\.h$/);
/** Headers of ours that RocksDB's sources see. */
const sharedHeaders = () => [...overlayFiles(), path.join(ROOT, 'wasm/port/scheduler.h')];

/** The compression libraries and RocksDB as objects. */
function libraryTasks(flavour) {
  const { optimize } = flavours[flavour];
  const overlayKey = hashFiles(sharedHeaders());
  const tasks = [];
  const object = (what, key, source, args, text) => () =>
    cached('objects', `${key}.o`, `${flavour}: ${what}`, async (out) => {
      if (text !== undefined) fs.writeFileSync(source, text);
      await run(tool(source.endsWith('.c') ? 'emcc' : 'em++'), [...args, '-c', source, '-o', out]);
    });
  for (const library of Object.values(compression)) {
    const dir = path.join(SOURCES, library.dir);
    const dirs = library.subdirs ? library.subdirs.map((sub) => path.join(dir, sub)) : [dir];
    const files = dirs.flatMap((sub) => fs.readdirSync(sub).filter((file) => library.files.test(file)).sort().map((file) => path.join(sub, file)));
    const args = [...optimize.filter((flag) => flag !== '-fno-inline-functions'), ...common, ...library.flags, ...compressionIncludes()];
    for (const file of files) {
      const rel = path.relative(SOURCES, file);
      tasks.push(object(`compiled ${rel}`, hash('c', process.env.TOOLCHAIN_ID, sourcesId(), args.map(relative), rel), file, args));
    }
  }
  const args = [...optimize, ...common, ...cxx, ...defines, `-I${path.join(ROOT, 'wasm/port/overlay')}`, `-I${ROCKSDB}`, `-I${path.join(ROCKSDB, "include")}`, `-I${ROOT}`, ...compressionIncludes()];
  const groups = unityGroups(rocksdbSources(), UNITY_GROUPS);
  groups.forEach((group, index) => {
    const text = group.map((source) => `#include "${source}"\n`).join('');
    const key = hash('unity', process.env.TOOLCHAIN_ID, sourcesId(), overlayKey, args.map(relative), text);
    const source = path.join(CACHE, 'unity', `${key}.cc`);
    fs.mkdirSync(path.dirname(source), { recursive: true });
    tasks.push(object(`compiled RocksDB part ${index + 1} of ${groups.length}`, key, source, args, text));
  });
  return tasks;
}
const relative = (arg) => arg.replaceAll(ROOT, '.').replaceAll(CACHE, '~');

/** snappy's configured header, which its CMake would write. */
function generatedSnappyHeaders() {
  const dir = path.join(CACHE, 'generated', hash('snappy', sourcesId()));
  const file = path.join(dir, 'snappy-stubs-public.h');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dir, { recursive: true });
    const text = read(path.join(SOURCES, 'snappy/snappy-stubs-public.h.in'))
      .replaceAll('${HAVE_SYS_UIO_H_01}', '1')
      .replaceAll('${PROJECT_VERSION_MAJOR}', '1')
      .replaceAll('${PROJECT_VERSION_MINOR}', '2')
      .replaceAll('${PROJECT_VERSION_PATCH}', '2');
    fs.writeFileSync(file, text);
  }
  return dir;
}

/** Our own C++, one object a file. */
function bindingTasks(flavour) {
  const { optimize } = flavours[flavour];
  const headers = hashFiles([...walk(path.join(ROOT, 'wasm'), /\.h$/)]);
  const args = [...optimize, ...common, ...cxx, '-Wall', '-Wextra', '-Wno-unused-parameter', ...defines, `-I${path.join(ROOT, 'wasm/port/overlay')}`, `-I${ROCKSDB}`, `-I${path.join(ROCKSDB, "include")}`, `-I${ROOT}`, ...compressionIncludes()];
  return walk(path.join(ROOT, 'wasm'), /\.cc$/).map((file) => () => {
    const rel = path.relative(ROOT, file);
    const key = hash('binding', process.env.TOOLCHAIN_ID, sourcesId(), headers, args.map(relative), rel, read(file));
    return cached('objects', `${key}.o`, `${flavour}: compiled ${rel}`, (out) => run(tool('em++'), [...args, '-c', file, '-o', out]));
  });
}

const linkFlags = [
  '-fwasm-exceptions',
  '-sSTANDALONE_WASM',
  '--no-entry',
  '-sALLOW_MEMORY_GROWTH',
  '-sINITIAL_MEMORY=16MB',
  '-sMAXIMUM_MEMORY=4GB',
  '-sSTACK_SIZE=2MB',
  '-sERROR_ON_UNDEFINED_SYMBOLS=1',
  '-sABORTING_MALLOC=0',
  '-Wl,--fatal-warnings',
  '-Wl,--wrap=pthread_cond_wait',
  '-Wl,--wrap=pthread_cond_timedwait',
  '-Wl,--wrap=emscripten_resize_heap',
];

async function buildWasm(flavour) {
  const tasks = [...libraryTasks(flavour), ...bindingTasks(flavour)];
  progress.total += tasks.length + 1;
  const objects = await parallel(tasks);
  const { optimize, link } = flavours[flavour];
  const key = hash('link', process.env.TOOLCHAIN_ID, objects.map((file) => path.basename(file)), link, linkFlags, optimize, read(path.join(ROOT, 'scripts/split-names.mjs')));
  const folder = await cached('wasm', key, `${flavour}: linked`, async (out) => {
    progress.say(`${flavour}: linking (about a minute)`);
    fs.mkdirSync(out);
    const wasm = path.join(out, 'rocksdb.wasm');
    const debug = flavour === 'debug';
    await run(tool('em++'), [...link, ...linkFlags, '--profiling-funcs', ...objects, '-o', wasm]);
    if (debug) {
      // Every function checks the stack pointer; past its limit it traps.
      await run(tool('wasm-opt'), ['--all-features', '--stack-check', '-g', wasm, '-o', wasm]).catch(() => {});
    }
    const { splitNames } = await import('./split-names.mjs');
    if (!debug) splitNames(wasm, path.join(out, 'rocksdb.wasm.names'));
  });
  fs.mkdirSync(DIST, { recursive: true });
  const name = flavour === 'debug' ? 'rocksdb.debug.wasm' : 'rocksdb.wasm';
  fs.copyFileSync(path.join(folder, 'rocksdb.wasm'), path.join(DIST, name));
  if (flavour === 'release') fs.copyFileSync(path.join(folder, 'rocksdb.wasm.names'), path.join(DIST, 'rocksdb.wasm.names'));
  progress.say(`${flavour}: dist/${name}, ${(fs.statSync(path.join(DIST, name)).size / 1e6).toFixed(2)} MB`);
}

// --- finished products -----------------------------------------------------------------------------

const products = {
  release: ['rocksdb.wasm', 'rocksdb.wasm.names'],
  debug: ['rocksdb.debug.wasm'],
};

/** One key over all inputs of ours and the pins of what is not: a hit needs no toolchain and no sources. */
function productKey(target) {
  const pathCompiler = spawnSync('em++', ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
  const files = [...walk(path.join(ROOT, 'wasm'), /\.(h|cc)$/), 'build.sh', 'rocksdb-src/sources.lock', 'scripts/compile.mjs', 'scripts/split-names.mjs'];
  return hash(target, pathCompiler, hashFiles(files.map((file) => path.resolve(ROOT, file))));
}

function fromCache(target) {
  const folder = path.join(CACHE, 'products', productKey(target));
  if (!fs.existsSync(folder)) return false;
  fs.mkdirSync(DIST, { recursive: true });
  for (const name of products[target]) {
    const from = path.join(folder, name);
    const to = path.join(DIST, name);
    if (!fs.existsSync(to) || fs.statSync(to).mtimeMs < fs.statSync(from).mtimeMs || fs.statSync(to).size !== fs.statSync(from).size) {
      fs.copyFileSync(from, to);
    }
  }
  return true;
}

function keep(target) {
  const folder = path.join(CACHE, 'products', productKey(target));
  const temporary = `${folder}.${process.pid}.tmp`;
  fs.mkdirSync(temporary, { recursive: true });
  for (const name of products[target]) fs.copyFileSync(path.join(DIST, name), path.join(temporary, name));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(temporary, folder);
}

const onlyCached = process.argv[2] === '--cached';
const targets = process.argv.slice(onlyCached ? 3 : 2);
if (targets.length === 0) targets.push('release');
try {
  for (const target of targets) {
    if (!(target in flavours)) throw new Error(`unknown target '${target}'`);
    if (fromCache(target)) continue;
    if (onlyCached) process.exit(1);
    await buildWasm(target);
    keep(target);
  }
} catch (error) {
  process.stderr.write(`build: ${error.message}\n`);
  process.exit(2);
}
