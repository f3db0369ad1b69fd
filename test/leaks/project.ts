/** A project of a user's: the built package is installed in it, and its tests leak. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAMS_FOLDER } from './expected.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Tests of all programs, the leaky ones and their twins. `check` is the call that does it. */
const testsOf = (imports: string, check: string) => `
${imports}
import * as rocksdb from 'rocksdb-wasm';
import { programs } from './programs/index.ts';

const options = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  onUnreleased() {},
} as const;

for (const [name, { shapes, inRunners }] of Object.entries(programs)) {
  for (const shape of inRunners) {
    const program = shapes[shape];
    for (const version of ['leaky', 'clean'] as const) {
      test(\`\${version}: \${name}, \${shape}\`, async () => {
        const fileSystem = new rocksdb.MemoryFileSystem();
        const db = await rocksdb.OptimisticTransactionDB.open('/db', { ...options, fileSystem });
        db.put('key', 'old');
        const snapshot = db.snapshot();
        const pool = db.iteratorPool({ max: 100 });
        const run = () => program[version]({ db, snapshot, pool, rocksdb });
        try {
          ${check}
        } finally {
          db.close();
        }
      });
    }
  }
}
`;

const ASSERT = `await assertNoLeak(run, { throws: shape === 'throw' });`;
const TESTING = `import { assertNoLeak } from 'rocksdb-wasm/testing';`;

/** The same tests, by runner. */
const TESTS = {
  node: testsOf(`import test from 'node:test';\n${TESTING}`, ASSERT),
  deno: testsOf(`const { test } = (globalThis as any).Deno;\n${TESTING}`, ASSERT),
  bun: testsOf(`import { test } from 'bun:test';\n${TESTING}`, ASSERT),
  vitest: testsOf(
    `import { expect } from 'vitest';\nimport { test } from 'rocksdb-wasm/vitest';`,
    `await expect(run).toNotLeak({ throws: shape === 'throw' });`,
  ),
};

/** The line of a test in `fixture.test.ts`, from 1, whose handle is not freed. */
export const FIXTURE_LEAK_LINE = 5;
const FIXTURE_TESTS = `import { expect } from 'vitest';
import { test } from 'rocksdb-wasm/vitest';

test('forgets', ({ db }) => {
  const iterator = db.iterator();
  expect(iterator.next()).toBe(undefined);
});

test('frees', ({ db }) => {
  const iterator = db.iterator();
  iterator.free();
  expect(db).toHaveNoLiveHandles();
});

test('fails before it frees', ({ db }) => {
  const iterator = db.iterator();
  expect(iterator.next()).toBe('something');
  iterator.free();
});
`;

export type Runner = keyof typeof TESTS;

/** Makes the project in an empty folder; `RUNNER.test.ts` has the tests for each runner. */
export function makeProject(folder: string): void {
  const manifest = { type: 'module', dependencies: { 'rocksdb-wasm': '*' } };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  copyPrograms(path.join(folder, 'programs'));
  for (const [runner, text] of Object.entries(TESTS)) {
    fs.writeFileSync(path.join(folder, `${runner}.test.ts`), text);
  }
  fs.writeFileSync(path.join(folder, 'fixture.test.ts'), FIXTURE_TESTS);
  installPackage(path.join(folder, 'node_modules/rocksdb-wasm'));
  const vitest = fs.realpathSync(path.join(ROOT, 'node_modules/vitest'));
  fs.symlinkSync(vitest, path.join(folder, 'node_modules/vitest'), 'junction');
}

/** The programs import each other as what they are there: runtimes that strip types look for nothing else. */
function copyPrograms(folder: string): void {
  fs.mkdirSync(folder);
  for (const name of fs.readdirSync(PROGRAMS_FOLDER)) {
    const text = fs.readFileSync(path.join(PROGRAMS_FOLDER, name), 'utf8');
    const own = text.replace(/from '(\.\/[^']+)\.js'/g, "from '$1.ts'");
    fs.writeFileSync(path.join(folder, name), own);
  }
}

/** Copies what npm would install. */
function installPackage(folder: string): void {
  const { files } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const isPublished = (name: string) =>
    (files as string[]).some((pattern) => {
      const [before = '', after] = pattern.split('*');
      return after === undefined
        ? name === pattern || name.startsWith(`${pattern}/`)
        : name.startsWith(before) && name.endsWith(after);
    });
  fs.mkdirSync(path.join(folder, 'dist'), { recursive: true });
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
  for (const name of fs.readdirSync(path.join(ROOT, 'dist'))) {
    if (!isPublished(`dist/${name}`)) continue;
    fs.cpSync(path.join(ROOT, 'dist', name), path.join(folder, 'dist', name), { recursive: true });
  }
}

/**
 * Bundles the project's tests for a runner to JavaScript with a source map, into `out/`; returns the file.
 * `whole`: the package is in the bundle, too.
 */
export async function bundleTests(folder: string, runner: Runner, whole = false): Promise<string> {
  const { build } = await import('esbuild');
  const out = whole ? 'whole' : 'out';
  await build({
    absWorkingDir: folder,
    entryPoints: [`${runner}.test.ts`],
    outdir: out,
    bundle: true,
    packages: whole ? 'bundle' : 'external',
    external: ['bun:test'],
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    sourcemap: 'linked',
    minify: true,
    logLevel: 'warning',
  });
  if (whole) {
    const wasm = path.join(folder, 'node_modules/rocksdb-wasm/dist/rocksdb.wasm');
    fs.copyFileSync(wasm, path.join(folder, out, 'rocksdb.wasm'));
  }
  return path.join(folder, out, `${runner}.test.js`);
}
