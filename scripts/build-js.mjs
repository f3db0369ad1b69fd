// Bundles src/ into dist/index.js (esbuild) and emits declarations (tsc).
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');

export async function buildJs({ types = true } = {}) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/index.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*'],
    outfile: 'dist/index.js',
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildJs();
