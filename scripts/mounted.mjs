// test/worker/core.test.ts runs the core suites as they are with another package behind them: what that file imports from
// test/, and what those import, is taken once more, with test/worker/mounted/ in place of `rocksdb-wasm` and `vitest`.
import * as path from 'node:path';

const ENTRY = /[\\/]test[\\/]worker[\\/]core\.test\.ts$/;
const MOUNTED = /[\\/]test[\\/]worker[\\/]mounted[\\/]/;
const QUERY = '?mounted';

const isMounted = (importer) => ENTRY.test(importer) || importer.endsWith(QUERY);

/** The file that `source` is in a mounted file; undefined: as ever. */
function mountedFile(source, importer) {
  if (!isMounted(importer)) return undefined;
  const file = importer.replace(QUERY, '');
  const root = file.slice(0, file.search(/[\\/]test[\\/]/));
  // As the alias of vitest.config.ts has it, too.
  if (source === 'rocksdb-wasm' || /[\\/]src[\\/]index\.ts$/.test(source))
    return path.join(root, 'test/worker/mounted/index.ts');
  if (source === 'vitest') return path.join(root, 'test/worker/mounted/vitest.ts');
  if (!source.startsWith('.')) return undefined;
  const target = path.resolve(path.dirname(file), source.replace(/\.js$/, '.ts'));
  return MOUNTED.test(target) ? target : `${target}${QUERY}`;
}

/** For vitest. */
export const mountedForVite = {
  name: 'mounted',
  enforce: 'pre',
  resolveId: (source, importer) =>
    importer === undefined ? undefined : mountedFile(source, importer),
};

/** For esbuild. */
export const mountedForEsbuild = {
  name: 'mounted',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path: source, importer, pluginData }) => {
      const from = pluginData?.mounted ? `${importer}${QUERY}` : importer;
      const file = mountedFile(source, from);
      if (file === undefined) return undefined;
      const mounted = file.endsWith(QUERY);
      return mounted
        ? { path: file.replace(QUERY, ''), suffix: QUERY, pluginData: { mounted } }
        : { path: file };
    });
  },
};
