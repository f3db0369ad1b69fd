// runtimes.mjs [--files TEXT] [--report FILE] [--after-vitest] [RUNTIME ...]: runs the tests on every runtime, bundled
// once, against dist/index.js and one and the same dist/rocksdb.wasm. RUNTIME: node20 node24 node26 deno bun.
//
// With --after-vitest, the version of Node that this runs on, and vitest ran on, has those of test/runtimes-only alone, and so has
// Node 24, which is between two that have all, but for ROCKSDB_WASM_LONG=1.
// Tests that say `// runtime: node` in their first line, and those of test/native, are left to vitest; with ROCKSDB_WASM_LONG=1
// not those that add `in the long run all`.
import * as fs from 'node:fs';
import { SourceMap } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mountedForEsbuild } from './mounted.mjs';
import { environment, provide, RUNTIMES, run, SYSTEM } from './runtime-binaries.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LONG = process.env.ROCKSDB_WASM_LONG === '1';
/** For all tests of one runtime. Synchronous code cannot be timed out from inside. */
const RUNTIME_MS = (LONG ? 60 : 15) * 60_000;
const TEST_MS = LONG ? 1_800_000 : 60_000;
/** As many as the cores that a small machine has. */
const AT_ONCE = 2;
/** What is tested on no runtime but by this. */
const ONLY_HERE = 'test/runtimes-only/';

// ---- Bundling ----------------------------------------------------------------------------------

function testFiles(filter) {
  const files = [];
  const walk = (folder) => {
    for (const entry of fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(file);
      else if (file.endsWith('.test.ts')) files.push(file);
    }
  };
  walk('test');
  const forNodeOnly = (file) => {
    const [line] = fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n', 1);
    if (LONG && line.endsWith('in the long run all')) return false;
    return file.startsWith('test/native/') || line.startsWith('// runtime: node');
  };
  const chosen = files.filter((file) => file.includes(filter) && !forNodeOnly(file)).sort();
  // Before the code is hot: of functions that V8 has inlined by then, Deno tells places from which no names can be found.
  const first = (file) => file.startsWith(ONLY_HERE);
  return [...chosen.filter(first), ...chosen.filter((file) => !first(file))];
}

const plugin = {
  name: 'test-bundle',
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: `${ROOT}test/support/runner.ts` }));
    build.onResolve(
      { filter: /^rocksdb-wasm(\/(testing|debug|faults|level|worker))?$/ },
      ({ path: entry }) => {
        const name = entry === 'rocksdb-wasm' ? 'index' : path.basename(entry);
        return { path: pathToFileURL(`${ROOT}dist/${name}.js`).href, external: true };
      },
    );
    // Tests find files beside their source, wherever the bundle is.
    build.onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, ({ path: file, pluginData }) => ({
      pluginData,
      contents: fs
        .readFileSync(file, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href)),
      loader: 'ts',
    }));
  },
};

const COMMONJS_BANNER = [
  "import { createRequire as requireFor } from 'node:module';",
  "import { fileURLToPath as pathOfUrl } from 'node:url';",
  'const require = requireFor(import.meta.url);',
  'const bundledFile = pathOfUrl(import.meta.url);',
  "const bundledFolder = pathOfUrl(new URL('.', import.meta.url));",
].join('');

/** Bundles the tests into `folder`; returns the plan for test/support/matrix.ts. */
async function bundle(files, folder) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/support/matrix.ts', ...files],
    outdir: folder,
    outbase: 'test',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    sourcemap: 'linked',
    plugins: [mountedForEsbuild, plugin],
    // What CommonJS packages use of Node's.
    banner: { js: COMMONJS_BANNER },
    define: { __filename: 'bundledFile', __dirname: 'bundledFolder' },
    logLevel: 'warning',
  });
  fs.writeFileSync(`${folder}/package.json`, '{"type":"module"}');
  const url = (file) =>
    pathToFileURL(`${folder}/${file.slice('test/'.length).replace(/\.ts$/, '.js')}`).href;
  return { testTimeout: TEST_MS, files: files.map((file) => ({ path: file, url: url(file) })) };
}

const maps = new Map();

function mapOf(file) {
  if (!maps.has(file)) {
    const exists = fs.existsSync(`${file}.map`);
    const text = exists ? fs.readFileSync(`${file}.map`, 'utf8') : undefined;
    maps.set(file, text && new SourceMap(JSON.parse(text)));
  }
  return maps.get(file);
}

/** A stack with places in the sources instead of the bundle, and without the test runner's frames. */
function mapped(stack) {
  const frames = withSources(stack).split('\n');
  return frames
    .filter((line) => !/node_modules\/@vitest\/|at new Promise \(/.test(line))
    .join('\n');
}

/** Deno has done that itself. */
function withSources(stack) {
  const short = stack.replaceAll(pathToFileURL(ROOT).href, '');
  return short.replace(
    /(?:file:\/\/)?(\/[^\s():]+\.js):(\d+):(\d+)/g,
    (whole, file, line, column) => {
      const entry = mapOf(file)?.findEntry(line - 1, column - 1);
      if (entry?.originalSource === undefined) return whole;
      const source = path.resolve(path.dirname(file), entry.originalSource);
      return `${path.relative(ROOT, source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    },
  );
}

// ---- Running -----------------------------------------------------------------------------------

async function runOn(key, plan, folder) {
  const runtime = RUNTIMES[key];
  const binary = await provide(runtime);
  if (binary === undefined) return { key, missing: true };
  const planFile = `${folder}/${key}.json`;
  const reportFile = `${folder}/${key}.jsonl`;
  fs.writeFileSync(planFile, JSON.stringify(plan));
  fs.writeFileSync(reportFile, '');
  const start = performance.now();
  const args = [...runtime.run, `${folder}/support/matrix.js`, planFile, reportFile];
  const env = {
    ...environment(),
    // What is random has had its share on Node, under vitest.
    ...(LONG ? {} : { ROCKSDB_WASM_IDENTITY_OPERATIONS: '50000' }),
    // Where test/determinism.test.ts compares runtimes with one another.
    ROCKSDB_WASM_SHARED_FOLDER: folder,
    DENO_NO_PACKAGE_JSON: '1',
  };
  const ended = await run(binary, args, { cwd: ROOT, env, timeoutMs: RUNTIME_MS });
  const lines = fs.readFileSync(reportFile, 'utf8').split('\n').filter(Boolean);
  const events = lines.map((line) => JSON.parse(line));
  const records = events.flatMap(({ record }) => record ?? []);
  const complete = events.at(-1)?.complete === true && ended.code === 0;
  return {
    key,
    records,
    seconds: (performance.now() - start) / 1000,
    crash: complete ? undefined : crashOf(ended, events),
  };
}

function crashOf({ code, signal, output, timedOut }, events) {
  const last = events.findLast(({ started, file }) => started ?? file) ?? {};
  const how = timedOut
    ? `did not end within ${RUNTIME_MS / 1000} s`
    : `ended with ${signal ?? code}`;
  return `${how}, last seen at: ${last.started ?? last.file ?? 'its start'}\n${output.slice(-4000)}`;
}

function indent(text) {
  return text.replace(/^/gm, '      ');
}

/** Prints what became of a runtime; returns its counts. A crash counts as one failure. */
function report({ key, records = [], seconds, crash, missing }) {
  const { title } = RUNTIMES[key];
  if (missing) {
    console.log(`  ${title}: left out, no npm package has it for ${SYSTEM}`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const count = (state) => records.filter((record) => record.state === state).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  const { passed, failed, skipped } = counts;
  const time = `(${seconds.toFixed(1)} s)`;
  console.log(
    `  ${title.padEnd(14)} ${passed} passed, ${failed} failed, ${skipped} skipped ${time}`,
  );
  if (crash !== undefined) console.log(`    CRASHED: ${indent(mapped(crash)).trimStart()}`);
  else if (records.length === 0) console.log('    FAILED: no test ran');
  if (crash !== undefined || records.length === 0) counts.failed++;
  return counts;
}

/** A skipped test may say why in its title, in parentheses at the end. */
const REASON = / \(([^)]*)\)$/;
const titleOf = ({ name, state }) => (state === 'skipped' ? name.replace(REASON, '') : name);
const reasonOf = ({ name, notes }) => notes[0] ?? REASON.exec(name)?.[1] ?? 'no reason given';

/** The records of a state by test, with the runtimes that they are of. */
function byTest(results, state) {
  const tests = new Map();
  for (const { key, records } of results) {
    for (const record of records.filter((each) => each.state === state)) {
      const title = titleOf(record);
      if (!tests.has(title)) tests.set(title, { record, keys: [] });
      tests.get(title).keys.push(key);
    }
  }
  const where = (keys) => (keys.length === results.length ? 'everywhere' : `on ${keys.join(', ')}`);
  return [...tests].map(([title, { record, keys }]) => ({ title, record, where: where(keys) }));
}

/** Prints each test that failed or was skipped once, with the stack of the first failure. */
function reportTests(results) {
  for (const { title, record, where } of byTest(results, 'failed')) {
    console.log(`    FAILED ${where}: ${title}`);
    for (const note of record.notes) console.log(indent(mapped(note)));
  }
  for (const { title, record, where } of byTest(results, 'skipped')) {
    console.log(`    skipped ${where}: ${title}: ${reasonOf(record)}`);
  }
}

/** Tests that one runtime knows and another does not. */
function differences(results) {
  const names = results.map(({ records }) => new Set(records.map(titleOf)));
  const all = new Set(names.flatMap((set) => [...set]));
  const lines = [...all].flatMap((name) => {
    const without = results.filter((_, index) => !names[index].has(name)).map(({ key }) => key);
    return without.length === 0 ? [] : [`${name} is not on ${without.join(', ')}`];
  });
  const counts = results.map(({ key, records }) => `${records.length} on ${key}`);
  const alike = new Set(results.map(({ records }) => records.length)).size <= 1;
  return alike || lines.length > 0 ? lines : [`there are ${counts.join(', ')}`];
}

async function inTurn(keys, work) {
  const results = [];
  const queue = [...keys.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, key] = next;
      results[index] = await work(key).catch((error) => ({
        key,
        seconds: 0,
        crash: String(error?.stack ?? error),
      }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function matrix(keys, filter, afterVitest) {
  const files = testFiles(filter);
  if (files.length === 0) throw new Error(`no test file matches ${JSON.stringify(filter)}`);
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-runtimes-')));
  try {
    const plan = await bundle(files, folder);
    console.log(`  ${files.length} files, on ${keys.map((key) => RUNTIMES[key].title).join(', ')}`);
    const between = (key) => key === 'node24' && !LONG;
    const inPart = (key) => afterVitest && (RUNTIMES[key].own === true || between(key));
    const part = { ...plan, files: plan.files.filter((file) => file.path.startsWith(ONLY_HERE)) };
    const results = await inTurn(keys, (key) => runOn(key, inPart(key) ? part : plan, folder));
    const totals = { passed: 0, failed: 0, skipped: 0 };
    for (const result of results) {
      const counts = report(result);
      for (const name of Object.keys(totals)) totals[name] += counts[name];
    }
    const ran = results.filter(({ records }) => records !== undefined);
    reportTests(ran);
    const different = differences(ran.filter(({ key }) => !inPart(key)));
    if (different.length > 0) {
      console.log('    FAILED: the runtimes did not run the same tests');
      for (const line of different.slice(0, 20)) console.log(`      ${line}`);
      totals.failed++;
    }
    return totals;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const take = (name) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const takeFlag = (name) => args.includes(name) && args.splice(args.indexOf(name), 1).length > 0;
const filter = take('--files') ?? '';
const afterVitest = takeFlag('--after-vitest');
const reportFile = take('--report');
const unknown = args.find((key) => !Object.hasOwn(RUNTIMES, key));
if (unknown !== undefined)
  throw new Error(`${unknown}: not one of ${Object.keys(RUNTIMES).join(' ')}`);
const totals = await matrix(args.length > 0 ? args : Object.keys(RUNTIMES), filter, afterVitest);
if (reportFile !== undefined) fs.writeFileSync(reportFile, JSON.stringify(totals));
else console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
