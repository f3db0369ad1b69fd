// RocksDB's tests as wasm: the debug flavour's library, RocksDB's test utilities, one test file each.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bindingTasks, linkFlags, tool, wasmTarget } from '../compile.mjs';
import { libraryTasks, rocksdbArgs, sourcesId } from '../library.mjs';
import { scopedSources } from '../scopes.mjs';
import {
  CACHE,
  cached,
  hash,
  hashFiles,
  moveIn,
  parallel,
  ROOT,
  read,
  relative,
  run,
  walk,
} from '../steps.mjs';
import { GTEST, makefileList, ROCKSDB, SUPPORT } from './sources.mjs';

const PREFIX = path.join(SUPPORT, 'prefix.h');
const OWN = ['support.cc'];

/** RocksDB's, compiled once and linked into every test. */
const UTILITY_LISTS = ['TEST_LIB_SOURCES', 'MOCK_LIB_SOURCES'];
/** A tool whose command line only gflags makes; its class is in the library already. */
const IO_TRACER = 'tools/io_tracer_parser_tool.cc';
/** Programs of RocksDB's that a few tests run: of these sources, and for tests that name them. */
const analyzerSources = () => [...makefileList('ANALYZER_LIB_SOURCES'), IO_TRACER];
const NAMES_ANALYZER = /trace_analyzer|io_tracer_parser/;

/**
 * Of RocksDB's sources that scripts/scopes.mjs puts lines into, the headers: tests see what the library was compiled
 * with, and are compiled anew for a change of one of these only.
 */
function scopedHeaders() {
  const from = scopedSources(ROCKSDB);
  const files = walk(from, /\.h$/).map((file) => path.relative(from, file));
  const texts = files.map((file) => read(path.join(from, file)));
  const folder = path.join(CACHE, 'generated', hash('scoped headers', ...files, ...texts));
  if (fs.existsSync(folder)) return folder;
  const part = `${folder}.${process.pid}.part`;
  files.forEach((file, index) => {
    fs.mkdirSync(path.dirname(path.join(part, file)), { recursive: true });
    fs.writeFileSync(path.join(part, file), texts[index]);
  });
  moveIn(part, folder);
  return folder;
}

/** Tests are not optimized: compiling them takes longer than running them. */
function compilerArgs(target, language) {
  const flags = target.args.filter((arg) => !/^-[Og]/.test(arg));
  const includes = [...target.includes, scopedHeaders()];
  const args = rocksdbArgs({ ...target, args: flags, includes, scoped: false });
  const forLanguage = language === 'c' ? args.filter((arg) => !arg.startsWith('-std=')) : args;
  const own = [
    '-O0',
    '-w',
    '-DGTEST_HAS_PTHREAD=0',
    '-DGFLAGS=1',
    `-I${SUPPORT}`,
    `-isystem${GTEST}`,
  ];
  return [...forLanguage, ...own];
}

/** What all objects of tests depend on beside their own source, which is pinned. */
function commonKey(target) {
  const headers = walk(SUPPORT, /\.h$/);
  return [target.id, sourcesId(), target.headersKey, hashFiles(headers)];
}

/** The prefix header, compiled: only on this machine and for this checkout, whose paths it holds. */
function precompiled(target, args) {
  const key = hash('test-prefix', ...commonKey(target), args, ROOT);
  return cached('tests', `${key}.pch`, 'tests: compiled the prefix header', (out) =>
    run(target.cxx, [
      ...[...args, '-Xclang', '-fno-pch-timestamp', '-fpch-instantiate-templates'],
      ...['-x', 'c++-header', PREFIX, '-o', out],
    ]),
  );
}

let prefix;

/** The object of one source. */
function object(target, file, what) {
  const c = file.endsWith('.c');
  const args = compilerArgs(target, c ? 'c' : 'c++');
  const own = path.relative(SUPPORT, file).startsWith('..') ? [] : [hashFiles([file])];
  if (file.endsWith(IO_TRACER)) args.push('-DIOTraceRecordParser=FlaggedIOTraceRecordParser');
  const plain = c || file.endsWith(IO_TRACER) || file.startsWith(GTEST) || file.startsWith(SUPPORT);
  const key = hash('test', ...commonKey(target), args.map(relative), relative(file), own, plain);
  return cached('tests', `${key}.o`, `tests: compiled ${what}`, async (out) => {
    let more = file.startsWith(GTEST) ? [`-I${GTEST}`] : [];
    if (!plain) {
      prefix ??= precompiled(target, args);
      more = ['-include-pch', await prefix];
    }
    await run(c ? target.cc : target.cxx, [...args, ...more, '-c', file, '-o', out]);
  });
}

/** Objects of the library and of the utilities: what every test is linked with. */
async function commonObjects(target, jobs) {
  const sources = [
    ...UTILITY_LISTS.flatMap(makefileList).map((file) => path.join(ROCKSDB, file)),
    path.join(GTEST, 'gtest/gtest-all.cc'),
    ...OWN.map((name) => path.join(SUPPORT, name)),
  ];
  return parallel(
    [
      ...libraryTasks(target),
      ...bindingTasks(target),
      ...sources.map((file) => () => object(target, file, path.relative(ROOT, file))),
    ],
    jobs,
  );
}

/**
 * Makes test programs. `compile(file)` resolves to its object, `link(file, out)` writes its wasm; `jobs` compilers at a
 * time is the caller's to keep to.
 */
export async function testBuilder(jobs) {
  fs.mkdirSync(path.join(CACHE, 'tests'), { recursive: true });
  const target = wasmTarget('debug');
  const common = await commonObjects(target, jobs);
  const compile = (file) => object(target, path.join(ROCKSDB, file), file);
  let analyzers;
  const moreFor = (file) => {
    if (!NAMES_ANALYZER.test(read(path.join(ROCKSDB, file)))) return [];
    analyzers ??= parallel(
      analyzerSources().map((source) => () => compile(source)),
      jobs,
    );
    return analyzers;
  };
  return {
    compile,
    async link(file, out) {
      const objects = [await compile(file), ...(await moreFor(file)), ...common];
      await run(tool('em++'), [
        '-O0',
        '-sASSERTIONS=0',
        ...linkFlags,
        '--profiling-funcs',
        ...objects,
        '-o',
        out,
      ]);
    },
  };
}
