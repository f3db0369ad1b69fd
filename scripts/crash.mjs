// crash.mjs [--seed N] [--seeds N] [--states N] [--workload TEXT] [--state L.O.C] [--model strict|ordered] [--broken HOW]
//           [--flavour debug] [--workers N]
// Cuts the power of the disk below every workload of test/crash at its syncs and at random moments between, and opens
// each state that can be left. Until --states (20,000) distinct ones were checked, over seeds from --seed (1) on,
// or for --seeds of them; --subset: those of `npm test`. --state, with --seed, --workload and --model: that state alone. --broken: through a file
// system that does not keep its word; then the suite must fail. Ends with 1 when a state was wrong.
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { bundleSuite, checkOptions, flag, option, ROOT, runTasks } from './suite.mjs';

checkOptions([
  ...[
    'seed',
    'seeds',
    'states',
    'workload',
    'state',
    'model',
    'broken',
    'flavour',
    'workers',
    'all',
  ],
]);
const FIRST = Number(option('seed', '1'));
const STATES = Number(option('states', '20000'));
const SEEDS = option('seeds') === undefined ? undefined : Number(option('seeds'));
const ONLY = option('state');
const WORKERS = Number(option('workers', '2'));

process.env.ROCKSDB_WASM_FILE = path.join(
  ROOT,
  option('flavour') === 'debug' ? 'dist/rocksdb.debug.wasm' : 'dist/rocksdb.wasm',
);
const built = await bundleSuite('crash', ['crash-worker', 'workloads']);
const { WORKLOADS } = await import(pathToFileURL(path.join(built, 'workloads.js')).href);
const names = WORKLOADS.map(({ name }) => name).filter((name) =>
  name.includes(option('workload', '')),
);
if (names.length === 0) throw new Error(`no workload has ${option('workload')} in its name`);

const totals = new Map(
  names.map((name) => [
    name,
    { runs: 0, checked: 0, beyond: 0, twice: 0, failed: 0, ms: 0, digests: new Set() },
  ]),
);
const failures = [];

const SUBSET = {
  ...{ lives: 2, size: 0.5, cuts: 1, statesMax: 20 },
  permille: { sync: 160, other: 25 },
};

/** Every workload once; strict and ordered disks in turn, unless one is asked for. */
function tasksOf(seed) {
  const model = option('model', seed % 2 === 0 ? 'ordered' : 'strict');
  return names.map((name, index) => ({
    ...{ name, seed, model, lives: 3, size: 1, cuts: 2 },
    permille: { sync: 180, other: 40 },
    // As in crash.test.ts.
    ...(flag('subset') ? SUBSET : {}),
    ...(ONLY === undefined ? {} : { only: ONLY }),
    ...(option('broken') === undefined ? {} : { broken: option('broken') }),
    index,
  }));
}

function repeat({ name, seed, model }, state) {
  const broken = option('broken') === undefined ? '' : ` --broken '${option('broken')}'`;
  const subset = flag('subset') ? ' --subset' : '';
  const which = `--workload '${name}' --seed ${seed} --model ${model} --state ${state}`;
  return `npm run crash -- ${which}${broken}${subset}`;
}

let runs = 0;

function done(task, { report, ms }) {
  const total = totals.get(task.name);
  if (++runs % 6 === 0) console.log(`  ${runs} runs, the last: ${task.name}, seed ${task.seed}`);
  total.runs++;
  total.ms += ms;
  total.checked += report.checked;
  total.beyond += report.beyond;
  total.twice += report.twice;
  total.failed += report.failures.length;
  for (const digest of report.digests) total.digests.add(digest);
  for (const { state, message } of report.failures) {
    failures.push(task.name);
    console.log(
      `FAILED ${task.name}, seed ${task.seed}, ${task.model}, state ${state}: ${message}`,
    );
    console.log(`  again: ${repeat(task, state)}`);
  }
}

/** Distinct over all workloads. */
function distinct() {
  const all = new Set();
  for (const { digests } of totals.values()) for (const digest of digests) all.add(digest);
  return all.size;
}

function table() {
  const rows = [...totals].map(([name, total]) =>
    [name, total.runs, total.checked, total.digests.size, total.beyond, total.twice, total.failed]
      .concat(`${(total.ms / 1000).toFixed(1)} s`)
      .map(String),
  );
  const head = ['workload', 'runs', 'checked', 'distinct', 'beyond', 'cut twice', 'failed', 'time'];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
        .join('  '),
    )
    .join('\n');
}

const start = performance.now();
const once = ONLY !== undefined || flag('subset');
const end = once ? 1 : (SEEDS ?? Number.POSITIVE_INFINITY);
for (let round = 0; round < end; round++) {
  await runTasks(path.join(built, 'crash-worker.js'), tasksOf(FIRST + round), WORKERS, done);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  console.log(
    `seed ${FIRST + round}: ${distinct()} distinct states, ${failures.length} failures, ${minutes} min`,
  );
  if (SEEDS === undefined && distinct() >= STATES) break;
  if (failures.length > 0 && !flag('all')) break;
}
console.log(`\n${table()}\n\n${distinct()} distinct states, ${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;
