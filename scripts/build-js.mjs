// Bundles src/ into dist/ (esbuild), an entry each of ENTRIES, and emits declarations (tsc). What the entries share
// stands in chunks beside them, so that there is one ledger registry, and rocksdb.wasm is next to its loader.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');

/** Name in dist/, and of the declarations in package.json: source. */
const ENTRIES = {
  index: 'src/index.ts',
  testing: 'src/testing/index.ts',
  vitest: 'src/vitest.ts',
  debug: 'src/debug/index.ts',
  faults: 'src/faults/index.ts',
  level: 'src/level/index.ts',
  cli: 'src/cli/main.ts',
  worker: 'src/worker/index.ts',
  'worker-thread': 'src/worker/worker-thread.ts',
};

export async function buildJs({ types = true } = {}) {
  const { build } = await import('esbuild');
  removeBundles();
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    // src/monitor/sites.ts knows its own file by this name.
    chunkNames: 'rocksdb-wasm-[hash]',
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*', 'vitest', 'abstract-level'],
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  if (!types) return;
  fs.rmSync(path.join(ROOT, 'dist/types'), { recursive: true, force: true });
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal'];
  const result = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.build.json', ...args, '--outDir', 'dist/types'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`tsc failed:\n${result.stdout}${result.stderr}`);
}

/** Of earlier builds, whose chunks had other names. */
function removeBundles() {
  const folder = path.join(ROOT, 'dist');
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    if (/\.js(\.map)?$/.test(name)) fs.rmSync(path.join(folder, name));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildJs();
