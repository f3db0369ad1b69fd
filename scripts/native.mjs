// Native RocksDB beside the wasm one: Debian's 9.10 with its tools and a driver against its
// library, for the tests of agreement; and the pinned sources compiled for this machine, for the
// benchmarks.
import * as path from 'node:path';
import { buildBenchmark } from './native-bench.mjs';
import { CACHE, cached, hash, ROOT, read, relative, run } from './steps.mjs';

/**
 * Debian's packages in the cache: the folders `clang` and `trixie`, and the `id` of their versions.
 * Rejects with the reason where they cannot be had.
 */
async function provide(...what) {
  const script = path.join(ROOT, 'scripts/native.sh');
  const output = await run('bash', [script, ...what], {
    env: { ...process.env, CACHE },
    echo: true,
  });
  const lines = output.split('\n').map((line) => line.split(/ (.*)/, 2));
  return Object.fromEntries(lines);
}

/** A program of the packages as a command line: run by their own loader, with their libraries. */
function commandOf(trixie, program) {
  const loader = path.join(trixie, 'usr/lib64/ld-linux-x86-64.so.2');
  return [loader, '--library-path', path.join(trixie, 'usr/lib/x86_64-linux-gnu'), program];
}

async function buildDriver({ clang, trixie, id }) {
  const source = path.join(ROOT, 'test/native/driver.cc');
  const compiler = path.join(clang, 'clang++');
  const args = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', `--sysroot=${trixie}`];
  const link = ['-fuse-ld=lld', '-lrocksdb'];
  const key = hash('driver', id, args.map(relative), link, read(source));
  return cached('native', key, 'compiled test/native/driver.cc', (out) =>
    run(compiler, [...args, source, ...link, '-o', out]),
  );
}

/**
 * Debian's native RocksDB, as command lines to be followed by arguments: `ldb`, `sstDump`, and
 * `driver` (test/native/driver.cc). Rejects with the reason where it cannot be provided.
 */
export async function provideNative() {
  const folders = await provide();
  const driver = await buildDriver(folders);
  const program = (name) => commandOf(folders.trixie, path.join(folders.trixie, 'usr/bin', name));
  return {
    ldb: program('ldb'),
    sstDump: program('sst_dump'),
    driver: commandOf(folders.trixie, driver),
  };
}

/** The native benchmark, a static program: its path. Rejects with the reason if there is none. */
export async function buildNative() {
  return { bench: await buildBenchmark(await provide('sources')) };
}
