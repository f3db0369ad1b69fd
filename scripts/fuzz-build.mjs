// Builds the fuzz targets, without their types, into dist/fuzz/.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Returns the folder. `into`: one of its own, for who may run beside others. */
export async function buildFuzz(into = path.join(ROOT, 'dist/fuzz')) {
  fs.rmSync(into, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['worker', 'pool', 'plan'].map((name) => `test/fuzz/${name}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    outdir: into,
    logLevel: 'warning',
    external: ['fast-check'],
    plugins: [
      {
        name: 'package',
        setup(builder) {
          builder.onResolve({ filter: /^rocksdb-wasm$/ }, () => ({
            path: pathToFileURL(path.join(ROOT, 'dist/index.js')).href,
            external: true,
          }));
        },
      },
    ],
  });
  return into;
}
