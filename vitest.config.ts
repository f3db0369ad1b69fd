import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';
import { mountedForVite } from './scripts/mounted.mjs';

const debug = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
const long = process.env.ROCKSDB_WASM_LONG === '1';

const source = (name: string) => fileURLToPath(new URL(`./src/${name}`, import.meta.url));

export default defineConfig({
  plugins: [mountedForVite as Plugin],
  resolve: {
    // The sources themselves, so that stacks and creation sites name them. scripts/runtimes.mjs takes
    // dist/ instead.
    alias: [
      { find: /^rocksdb-wasm$/, replacement: source('index.ts') },
      { find: /^rocksdb-wasm\/debug$/, replacement: source('debug/index.ts') },
      { find: /^rocksdb-wasm\/faults$/, replacement: source('faults/index.ts') },
      { find: /^rocksdb-wasm\/level$/, replacement: source('level/index.ts') },
      { find: /^rocksdb-wasm\/testing$/, replacement: source('testing/index.ts') },
      { find: /^rocksdb-wasm\/worker$/, replacement: source('worker/index.ts') },
      { find: /^rocksdb-wasm\/vitest$/, replacement: source('vitest.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/runtimes-only/**',
      // What these test is not the wasm, so its flavour says nothing.
      ...(debug
        ? [
            'test/wasi/**',
            'test/corpus/**',
            'test/growth/**',
            'test/{reports,debug,debug-server,docs,page,leaky-log-service}.test.ts',
            'test/encryption/**',
            'test/options/**',
            'test/options.test.ts',
            'test/native/**',
            // scripts/crash.mjs --flavour debug runs it all.
            'test/crash/**',
            'test/kill/**',
            'test/level/**',
            'test/worker/**',
            'test/package/**',
            'test/docs/**',
            'test/wasm-source.test.ts',
            'test/ecosystem/**',
            'test/race.test.ts',
            'test/cli/**',
            'test/rocksdb-tests.test.ts',
            'test/leaks/places.test.ts',
            'test/leaks/runners.test.ts',
          ]
        : []),
    ],
    pool: 'forks',
    maxWorkers: 2,
    // What hangs is to end; a slow or busy machine is not to fail.
    testTimeout: long ? 1_800_000 : debug ? 240_000 : 120_000,
    hookTimeout: 60_000,
  },
});
