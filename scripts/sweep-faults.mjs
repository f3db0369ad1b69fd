// sweep-faults.mjs [--workload NAME,...] [--stride N] [--offset N] [--workers N] [--limit SECONDS]
// sweep-faults.mjs --workload NAME --call N [--mode once|always|after|torn|short] [--errno E]
// Fails every file-system call of every workload of test/faults/sweep, in every way of its cases.ts, and says what does not end
// as it should: with a typed error or well, nothing left over, nothing lost. --stride N: only every Nth case, beginning
// with --offset. --limit: what takes longer hangs (60). The second form repeats one call's cases. Ends with 1 on a failure.
import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    stride: { type: 'string', default: '1' },
    offset: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    limit: { type: 'string', default: '60' },
    call: { type: 'string' },
    mode: { type: 'string' },
    errno: { type: 'string' },
    flavour: { type: 'string', default: 'release' },
  },
});
const [STRIDE, OFFSET, WORKERS, LIMIT_S] = ['stride', 'offset', 'workers', 'limit'].map((name) => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= (name === 'offset' ? 0 : 1)) return number;
  throw new Error(`--${name} ${values[name]}: not a number`);
});
const WASM = path.join(
  ROOT,
  values.flavour === 'debug' ? 'dist/rocksdb.debug.wasm' : 'dist/rocksdb.wasm',
);

/** The sources as they are, so that nothing else has to be built. Removed when the sweep is over. */
async function bundle(folder) {
  const source = (name) => path.join(ROOT, 'src', name);
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/faults/sweep/worker.ts'],
    bundle: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    outfile: path.join(folder, 'worker.mjs'),
    logLevel: 'warning',
    alias: {
      'rocksdb-wasm/faults': source('faults/index.ts'),
      'rocksdb-wasm': source('index.ts'),
    },
  });
  return path.join(folder, 'worker.mjs');
}

/** A process that answers one message at a time; `ask` rejects when it takes too long or dies. */
class Worker {
  #child;
  #settle = () => {};

  constructor(file) {
    this.file = file;
    this.#start();
  }

  #start() {
    this.#child = fork(this.file, [WASM], { execArgv: ['--enable-source-maps'] });
    const child = this.#child;
    child.on('message', (reply) => {
      if (reply.names === undefined) this.#settle({ reply });
      else this.names?.(reply.names);
    });
    child.on('exit', (code, signal) => {
      if (child === this.#child) this.#settle({ died: `${signal ?? code}` });
    });
  }

  /** The names of the workloads. */
  ready() {
    return new Promise((resolve, reject) => {
      this.names = resolve;
      this.#settle = ({ died }) => reject(new Error(`the worker ended with ${died}`));
    });
  }

  /** Returns the reply; of what hangs or dies, so much. */
  ask(message) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle({ hangs: true }), LIMIT_S * 1000);
      this.#settle = async (what) => {
        clearTimeout(timer);
        this.#settle = () => {};
        if (what.reply === undefined) {
          this.stop();
          this.#start();
          await this.ready();
        }
        resolve(what);
      };
      this.#child.send(message);
    });
  }

  stop() {
    const child = this.#child;
    this.#child = undefined;
    child.kill('SIGKILL');
  }
}

function failureOf({ reply, died, hangs }) {
  if (hangs) return { kind: 'hang', text: `it does not end within ${LIMIT_S} s` };
  if (died !== undefined) return { kind: 'trap', text: `the process ended with ${died}` };
  if (reply.broken !== undefined) return { kind: 'untyped', text: reply.broken };
  return reply.failure;
}

const wanted = ({ call, mode, errno }, index) => {
  if (values.call === undefined) return index % STRIDE === OFFSET % STRIDE;
  if (call !== Number(values.call)) return false;
  return (values.mode ?? mode) === mode && (values.errno ?? errno) === errno;
};

async function sweep(worker, workload) {
  const row = { workload, calls: 0, cases: 0, errors: 0, successes: 0, failures: [] };
  const { reply, ...lost } = await worker.ask({ workload });
  if (reply?.cases === undefined) {
    row.failures.push({ task: { workload }, ...failureOf({ reply, ...lost }) });
    return row;
  }
  row.calls = reply.calls;
  const tasks = reply.cases.filter(wanted);
  if (tasks.length === 0) throw new Error(`${workload}: no such case`);
  const covered = new Set();
  for (const task of tasks) {
    const answer = await worker.ask({ task });
    const failure = failureOf(answer);
    row.cases++;
    covered.add(task.call);
    if (failure !== undefined) {
      row.failures.push({ task, ...failure });
      console.log(describe(task, failure));
    } else if (answer.reply.errors.length > 0) row.errors++;
    else row.successes++;
    if (row.cases % 500 === 0) console.log(`${workload}: ${row.cases} of ${tasks.length} cases`);
    if (values.call !== undefined) console.log(`${JSON.stringify(task)}\n  ${text(answer)}`);
  }
  row.covered = covered.size;
  return row;
}

const text = ({ reply }) => (reply?.errors?.length > 0 ? reply.errors.join('\n  ') : 'no error');

function describe({ workload, call, operation, mode, errno }, { kind, text }) {
  const again = [`--workload ${workload}`, `--call ${call}`, `--mode ${mode}`];
  if (errno !== '') again.push(`--errno ${errno}`);
  return `FAILED, ${kind}: npm run sweep:faults -- ${again.join(' ')}\n  ${operation}: ${text}`;
}

const KINDS = ['trap', 'hang', 'leak', 'lost', 'untyped', 'unfinished', 'unsteady'];

function table(rows) {
  const count = (row, kind) => row.failures.filter((each) => each.kind === kind).length;
  const lines = rows.map((row) => [
    row.workload,
    row.calls,
    row.covered ?? 0,
    row.cases,
    row.errors,
    row.successes,
    ...KINDS.map((kind) => count(row, kind)),
  ]);
  const sum = (column) => lines.reduce((total, line) => total + line[column], 0);
  const total = ['all', ...Array.from({ length: 5 + KINDS.length }, (_, i) => sum(i + 1))];
  const head = ['workload', 'calls', 'struck', 'cases', 'errors', 'well', ...KINDS];
  const all = [head, ...lines, total].map((line) => line.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all
    .map((line) =>
      line.map((cell, i) => cell[i === 0 ? 'padEnd' : 'padStart'](widths[i])).join('  '),
    )
    .join('\n');
}

const folder = fs.mkdtempSync(path.join(ROOT, 'dist/sweep-faults-'));
const workers = [];
try {
  const bundled = await bundle(folder);
  const first = new Worker(bundled);
  workers.push(first);
  const all = await first.ready();
  const names = values.workload?.split(',') ?? all;
  const start = performance.now();
  const rows = [];
  const queue = names.entries();
  const work = async (worker) => {
    for (const [at, name] of queue) {
      rows[at] = await sweep(worker, name);
      const seconds = Math.round((performance.now() - start) / 1000);
      const { calls, cases, failures } = rows[at];
      const what = `${calls} calls, ${cases} cases, ${failures.length} failures`;
      console.log(`${name}: ${what} (${at + 1} of ${names.length}, ${seconds} s)`);
    }
  };
  const more = Array.from({ length: Math.min(WORKERS, names.length) - 1 }, async () => {
    const worker = new Worker(bundled);
    workers.push(worker);
    await worker.ready();
    await work(worker);
  });
  await Promise.all([work(first), ...more]);
  console.log(`\n${table(rows)}\n`);
  const failures = rows.flatMap((row) => row.failures);
  for (const failure of failures) console.log(describe(failure.task, failure));
  console.log(failures.length === 0 ? 'no failure' : `${failures.length} failures`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  for (const worker of workers) worker.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
