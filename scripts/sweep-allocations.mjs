// sweep-allocations.mjs [--workload NAME] [--allocation N] [--budget N] [--stride S] [--offset O] [--mode allocation|budget|all]
//                       [--workers N] [--timeout SECONDS]
// Fails the n-th allocation of each scripted workload (test/allocation/workloads.ts), for every n, and has each of their
// writes meet the budget `maxHeapBytes`. Each run must end in a typed error, or in an engine that is poisoned, and the
// database must open again with all that was acknowledged. A process that is silent for too long is ended from
// here, and what hangs is named. --stride S: every S-th only, from O on, and some 15 of each workload at least. --workload and --allocation: that one.
// ROCKSDB_WASM_FLAVOUR=debug: with the debug build. Ends with 1 when something is not as it must be.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import * as readline from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const flavour = process.env.ROCKSDB_WASM_FLAVOUR === 'debug' ? '.debug' : '';
const WASM = path.join(ROOT, `dist/rocksdb${flavour}.wasm`);
/** Cases that a process gets at a time. */
const CHUNK = 50;
/** With a stride, of each workload at least about so many. */
const CASES_MIN = 15;

const { values: flags } = parseArgs({
  options: {
    workload: { type: 'string' },
    allocation: { type: 'string' },
    budget: { type: 'string' },
    stride: { type: 'string', default: '1' },
    offset: { type: 'string', default: '1' },
    mode: { type: 'string', default: 'all' },
    workers: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '120' },
  },
});

function numberOf(name, least) {
  const value = Number(flags[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${flags[name]}: expected an integer, ${least} or more`);
}
const STRIDE = numberOf('stride', 1);
const OFFSET = numberOf('offset', 1);
const WORKERS = numberOf('workers', 1);
const TIMEOUT_MS = 1000 * numberOf('timeout', 1);
const MODES = flags.mode === 'all' ? ['allocation', 'budget'] : [flags.mode];
if (!['allocation', 'budget', 'all'].includes(flags.mode)) {
  throw new Error(`--mode ${flags.mode}: expected allocation, budget or all`);
}

/** The worker without its types; in a folder of this run's own. */
async function bundle() {
  const outdir = path.join(ROOT, 'dist', 'allocation', String(process.pid));
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/allocation/worker.ts'],
    bundle: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: 'inline',
    outdir,
    logLevel: 'warning',
    plugins: [
      {
        name: 'allocation',
        setup(builder) {
          const index = pathToFileURL(path.join(ROOT, 'dist/index.js')).href;
          const resolve = () => ({ path: index, external: true });
          builder.onResolve({ filter: /^rocksdb-wasm$/ }, resolve);
        },
      },
    ],
  });
  return outdir;
}

/** One process, and the lines that it writes. */
class Worker {
  constructor(file) {
    this.child = spawn(process.execPath, ['--enable-source-maps', file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdin.on('error', () => {}); // it has ended: its output says so
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  give(job) {
    this.child.stdin.write(`${JSON.stringify(job)}\n`);
  }

  /** The next line; undefined when it has ended, or was silent for too long and is ended. */
  async next() {
    let timer;
    const silence = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ done: true, silent: true }), TIMEOUT_MS);
    });
    const { value, done, silent } = await Promise.race([this.lines.next(), silence]);
    clearTimeout(timer);
    if (!done) return JSON.parse(value);
    this.silent = silent === true;
    this.end();
    return undefined;
  }

  end() {
    this.child.kill('SIGKILL');
  }

  get state() {
    return this.silent ? `hangs: nothing for ${TIMEOUT_MS / 1000} s` : 'has ended its process';
  }
}

async function started(file) {
  const worker = new Worker(file);
  const first = await worker.next();
  if (first === undefined) throw new Error(`a worker ${worker.state} before it began`);
  return { worker, workloads: first.workloads };
}

const command = (task, number) =>
  `npm run sweep:allocations -- --workload '${task.workload}' --${task.mode} ${number}`;

/** What is to be done: for each workload and mode, the numbers, in chunks. */
async function plan(file) {
  const { worker, workloads } = await started(file);
  const named = flags.workload === undefined ? workloads : [flags.workload];
  if (!named.every((name) => workloads.includes(name))) {
    worker.end();
    throw new Error(`--workload ${flags.workload}: expected one of ${workloads.join(', ')}`);
  }
  const tasks = [];
  for (const workload of named) {
    worker.give({ workload, mode: 'plan', numbers: [], wasm: WASM });
    const line = await worker.next();
    if (line?.plan === undefined) {
      throw new Error(`${workload}, without any failure: ${line?.broken ?? worker.state}`);
    }
    tasks.push(...tasksOf(workload, line.plan));
  }
  worker.end();
  return tasks;
}

function tasksOf(workload, { allocations, budgets }) {
  const one = flags.allocation ?? flags.budget;
  if (one !== undefined) {
    const mode = flags.allocation === undefined ? 'budget' : 'allocation';
    return [{ workload, mode, of: allocations, numbers: [Number(one)] }];
  }
  const some = (count) => Math.min(STRIDE, Math.max(1, Math.floor(count / CASES_MIN)));
  const everyAllocation = [];
  for (let n = OFFSET; n <= allocations; n += some(allocations)) everyAllocation.push(n);
  const step = some(budgets.length);
  const everyBudget = budgets.filter((_, index) => index % step === 0);
  return [
    { workload, mode: 'allocation', of: allocations, numbers: everyAllocation },
    { workload, mode: 'budget', of: budgets.length, numbers: everyBudget },
  ].filter(({ mode }) => MODES.includes(mode));
}

const chunksOf = (task) =>
  Array.from({ length: Math.ceil(task.numbers.length / CHUNK) }, (_, index) => ({
    task,
    numbers: task.numbers.slice(index * CHUNK, (index + 1) * CHUNK),
  }));

class Results {
  failures = [];
  done = 0;
  #told = Date.now();

  constructor(tasks) {
    this.tasks = tasks;
    this.all = tasks.reduce((sum, { numbers }) => sum + numbers.length, 0);
    for (const task of tasks) task.outcomes = new Map();
  }

  add(task, { number, failure, code, crashed }) {
    this.done++;
    const what = failure !== undefined ? 'FAILED' : crashed ? 'poisoned' : code;
    task.outcomes.set(what, (task.outcomes.get(what) ?? 0) + 1);
    if (failure !== undefined) this.#fail(task, number, failure);
    if (Date.now() - this.#told < 5000) return;
    this.#told = Date.now();
    const percent = Math.floor((100 * this.done) / this.all);
    console.log(
      `${this.done} of ${this.all}, ${percent} %: ${task.workload}, ${task.mode} ${number}`,
    );
  }

  #fail(task, number, failure) {
    this.failures.push({ task, number, failure });
    console.log(`FAILED ${task.workload}, ${task.mode} ${number}: ${failure}`);
    console.log(`  again: ${command(task, number)}`);
  }

  summary() {
    const rows = [['workload', 'what', 'of', 'cases', 'outcomes']];
    for (const { workload, mode, of, numbers, outcomes } of this.tasks) {
      const what = [...outcomes].map(([name, count]) => `${count} ${name}`).join(', ');
      rows.push([workload, mode, of, numbers.length, what].map(String));
    }
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    const line = (row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd();
    return rows.map(line).join('\n');
  }
}

/** Has one process do chunks until there are none; a new process after one that has ended. */
async function drain(file, chunks, results) {
  let worker;
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    const { task, numbers } = chunk;
    worker ??= (await started(file)).worker;
    worker.give({ workload: task.workload, mode: task.mode, numbers, wasm: WASM });
    let left = numbers;
    for (;;) {
      const line = await worker.next();
      if (line === undefined) {
        const [at, ...rest] = left;
        results.add(task, { number: at, failure: `the process ${worker.state}` });
        if (rest.length > 0) chunks.unshift({ task, numbers: rest });
        worker = undefined;
        break;
      }
      if (line.broken !== undefined) throw new Error(`${task.workload}: ${line.broken}`);
      if (line.done) break;
      if (line.number === undefined) continue;
      left = left.slice(1);
      results.add(task, line);
    }
  }
  worker?.end();
}

const start = performance.now();
const folder = await bundle();
try {
  const file = path.join(folder, 'worker.js');
  const tasks = await plan(file);
  const results = new Results(tasks);
  const chunks = tasks.flatMap(chunksOf);
  console.log(`${results.all} cases in ${tasks.length} sweeps, ${WORKERS} processes`);
  await Promise.all(Array.from({ length: WORKERS }, () => drain(file, chunks, results)));
  console.log(`\n${results.summary()}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const { length } = results.failures;
  console.log(`\n${results.done} cases, ${length === 0 ? 'none' : length} failed, ${seconds} s`);
  for (const { task, number } of results.failures) console.log(`  ${command(task, number)}`);
  process.exitCode = length === 0 ? 0 : 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
