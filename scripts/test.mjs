// test.mjs [--long] [STAGE ...]: all tests, from a fresh clone. STAGE: setup checks vitest debug runtimes
// rocksdb, and with --long endurance.
//
// Every stage runs, whatever became of those before it. The last line sums up all tests of all stages;
// a check counts as a test, and so does a stage that broke down.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEMP = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-npm-test-'));

const args = process.argv.slice(2);
const long = args.includes('--long');
const env = { ...process.env, ...(long ? { ROCKSDB_WASM_LONG: '1' } : {}) };

/** Runs node on a file of the checkout; resolves to whether it succeeded. */
function runNode(file, fileArgs, moreEnv = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...fileArgs], {
      cwd: ROOT,
      env: { ...env, ...moreEnv },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', (error) => {
      console.log(`${file}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code, signal) => {
      if (signal !== null) console.log(`${file} was ended by ${signal}`);
      resolve(code === 0);
    });
  });
}

async function setUp() {
  const ok = await runNode('scripts/setup.mjs', [
    ...['release', 'tools', 'debug', 'sources', 'js', 'chromium'],
  ]);
  return { passed: 0, failed: ok ? 0 : 1, skipped: 0, withoutTests: true };
}

const CHECKS = {
  'types (tsc)': ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false'],
  'style (biome)': ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off'],
  'exports are generated': ['scripts/gen-exports.mjs', '--check'],
  "the worker's calls are generated": ['scripts/gen-worker.mjs', '--check'],
  'names of figures are generated': ['scripts/gen-statistics.mjs', '--check'],
  'every name of RocksDB has its place': ['scripts/api-table.mjs', '--check'],
};

async function checks() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, [file, ...fileArgs]] of Object.entries(CHECKS)) {
    const ok = await runNode(file, fileArgs);
    counts[ok ? 'passed' : 'failed']++;
    console.log(`  ${ok ? 'ok' : 'FAILED'}: ${name}`);
  }
  return counts;
}

async function vitest(flavour) {
  const report = path.join(TEMP, `vitest-${flavour}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ok = await runNode('node_modules/vitest/vitest.mjs', ['run', ...reporters], {
    ROCKSDB_WASM_FLAVOUR: flavour,
    NO_COLOR: '1',
  });
  const result = JSON.parse(fs.readFileSync(report, 'utf8'));
  // A file that could not be loaded has no tests that could fail.
  const broken = result.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  for (const test of result.testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (!['passed', 'failed'].includes(test.status)) console.log(`  skipped ${test.fullName}`);
  }
  const failed = result.numFailedTests + broken.length;
  return {
    passed: result.numPassedTests,
    // Errors outside of all tests make vitest fail, too.
    failed: failed === 0 && !ok ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

async function runtimes() {
  const report = path.join(TEMP, 'runtimes.json');
  const which = long ? [] : ['--after-vitest'];
  const ok = await runNode('scripts/runtimes.mjs', [...which, '--report', report]);
  const counts = JSON.parse(fs.readFileSync(report, 'utf8'));
  return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** RocksDB's own tests: with --long all of them. */
async function rocksdb() {
  const report = path.join(TEMP, 'rocksdb.json');
  const which = long ? [] : ['--subset'];
  const ok = await runNode('scripts/rocksdb-tests.mjs', [...which, '--report', report]);
  const counts = JSON.parse(fs.readFileSync(report, 'utf8'));
  return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** 5,000,000 puts, checked by scans, with bounds on the heap: with --long only. */
async function endurance() {
  const ok = await runNode('bench/endurance.mjs', []);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

const STAGES = {
  setup: { title: 'Set-up', run: setUp },
  checks: { title: 'Static checks', run: checks },
  vitest: { title: `Tests on Node ${process.versions.node}`, run: () => vitest('release') },
  debug: { title: 'Tests with the debug build', run: () => vitest('debug') },
  runtimes: { title: 'Tests on every runtime', run: runtimes },
  rocksdb: { title: "RocksDB's own tests", run: rocksdb },
  ...(long ? { endurance: { title: 'Endurance', run: endurance } } : {}),
};

/** Runs a stage. It fails when it throws, and when it ran no test though it should. */
async function runStage({ title, run }) {
  console.log(`\n=== ${title}`);
  const start = performance.now();
  let counts;
  try {
    counts = await run();
    if (!counts.withoutTests && counts.passed + counts.failed === 0) {
      console.log(`${title}: no test ran`);
      counts.failed = 1;
    }
  } catch (error) {
    console.log(`${title} broke down: ${error.stack ?? error}`);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(`--- ${title}: ${counts.failed === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
  return { title, seconds, ...counts };
}

function table(results) {
  const rows = results.map(({ title, seconds, passed, failed, skipped }) =>
    [title, `${seconds.toFixed(1)} s`, passed, failed, skipped].map(String),
  );
  const all = [['stage', 'time', 'passed', 'failed', 'skipped'], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  '),
    )
    .join('\n');
}

const names = args.filter((arg) => arg !== '--long');
const unknown = names.find((name) => !Object.hasOwn(STAGES, name));
if (unknown !== undefined) {
  console.error(`${unknown}: not one of ${Object.keys(STAGES).join(' ')}`);
  process.exit(2);
}
const results = [];
try {
  for (const name of names.length > 0 ? names : Object.keys(STAGES)) {
    results.push(await runStage(STAGES[name]));
  }
} finally {
  fs.rmSync(TEMP, { recursive: true, force: true });
}
const sum = (key) => results.reduce((total, counts) => total + counts[key], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`\n${table(results)}\n`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
