/** bench: a small db_bench, for a look at what a machine does. Figures of this package itself are made in bench/. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nearest } from '../../option-errors.js';
import { RocksDB } from '../../rocksdb.js';
import { SeededRandom } from '../../wasi/random.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { openOptions } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf } from '../text.js';
import { turns } from '../turns.js';

const DEFAULT_BENCHMARKS = ['fillseq', 'readrandom', 'readseq'];
const KEY_BYTES = 16;

interface Plan {
  readonly db: RocksDB;
  readonly num: number;
  readonly valueSize: number;
  readonly batchEntries: number;
  readonly sync: boolean;
  readonly draw: (below: number) => number;
  readonly value: () => Uint8Array;
}

/** One timed call: returns operations and bytes; undefined when there is nothing left to do. */
type Step = (index: number) => { operations: number; bytes: number };

interface Benchmark {
  /** The database must have been filled. */
  readonly reads: boolean;
  readonly calls: (plan: Plan) => number;
  /** Makes the step and what frees it. */
  readonly begin: (plan: Plan) => { step: Step; end?: () => void };
}

/** The key of a number: 16 digits, in the order of the numbers. */
const keyOf = (number: number) => String(number).padStart(KEY_BYTES, '0');

function writes(order: (plan: Plan, index: number) => number): Benchmark {
  return {
    reads: false,
    calls: ({ num, batchEntries }) => Math.ceil(num / batchEntries),
    begin: (plan) => {
      const { db, num, batchEntries, sync, valueSize } = plan;
      const batch = db.batch();
      const step: Step = (index) => {
        const first = index * batchEntries;
        const count = Math.min(batchEntries, num - first);
        if (batchEntries === 1) db.put(keyOf(order(plan, first)), plan.value(), { sync });
        else {
          batch.clear();
          for (let i = 0; i < count; i++) batch.put(keyOf(order(plan, first + i)), plan.value());
          db.write(batch, { sync });
        }
        return { operations: count, bytes: count * (KEY_BYTES + valueSize) };
      };
      return { step, end: () => batch.free() };
    },
  };
}

function gets(key: (plan: Plan) => string): Benchmark {
  return {
    reads: true,
    calls: ({ num }) => num,
    begin: (plan) => ({
      step: () => {
        const value = plan.db.get(key(plan));
        return { operations: 1, bytes: value === undefined ? 0 : KEY_BYTES + value.length };
      },
    }),
  };
}

function scans(reverse: boolean): Benchmark {
  return {
    reads: true,
    calls: ({ num }) => num,
    begin: ({ db }) => {
      const iterator = db.iterator({ reverse });
      const step: Step = () => {
        const entry = iterator.next();
        if (entry === undefined) return { operations: 0, bytes: 0 };
        return { operations: 1, bytes: entry[0].length + entry[1].length };
      };
      return { step, end: () => iterator.free() };
    },
  };
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  fillseq: writes((_, index) => index),
  fillrandom: writes(({ draw, num }) => draw(num)),
  overwrite: { ...writes(({ draw, num }) => draw(num)), reads: true },
  readrandom: gets(({ draw, num }) => keyOf(draw(num))),
  readmissing: gets(({ draw, num }) => `${keyOf(draw(num))}.`),
  readseq: scans(false),
  readreverse: scans(true),
  seekrandom: {
    reads: true,
    calls: ({ num }) => num,
    begin: ({ db, draw, num }) => {
      const iterator = db.iterator();
      const step: Step = () => {
        iterator.seek(keyOf(draw(num)));
        const entry = iterator.next();
        return {
          operations: 1,
          bytes: entry === undefined ? 0 : entry[0].length + entry[1].length,
        };
      };
      return { step, end: () => iterator.free() };
    },
  },
  deleterandom: {
    reads: true,
    calls: ({ num }) => num,
    begin: ({ db, draw, num, sync }) => ({
      step: () => {
        db.delete(keyOf(draw(num)), { sync });
        return { operations: 1, bytes: KEY_BYTES };
      },
    }),
  },
};

export interface BenchResult {
  readonly benchmark: string;
  readonly operations: number;
  readonly seconds: number;
  readonly opsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of calls, in microseconds. */
  readonly micros: Readonly<Record<'p50' | 'p95' | 'p99' | 'max', number>>;
}

export async function bench(context: Context): Promise<number> {
  const { given, out } = context;
  const names = given.arguments.length > 0 ? given.arguments : DEFAULT_BENCHMARKS;
  for (const name of names) assertBenchmark(name);
  const { path, clean } = folderOf(given.hasDatabase ? given.database : undefined);
  try {
    const db = await RocksDB.open(path, { ...openOptions(given), createIfMissing: true });
    const results: BenchResult[] = [];
    try {
      const plan = planOf(context, db);
      if (BENCHMARKS[names[0] as string]?.reads) await fill(context, plan);
      for (const name of names) {
        const result = await run(context, name, plan);
        results.push(result);
        if (!given.json) out.write(`${resultText(result)}\n`);
        await out.drain();
      }
      if (given.json) {
        const { num, valueSize, batchEntries, sync } = plan;
        const settings = { num, valueSize, batchEntries, sync, seed: seedOf(context) };
        out.write(`${jsonOf({ ...settings, results }, 2)}\n`);
      }
    } finally {
      db.close();
    }
    return EXIT.ok;
  } finally {
    if (!given.flag('keep')) clean();
    else context.note(`the database is left in ${path}`);
  }
}

function assertBenchmark(name: string): void {
  if (Object.hasOwn(BENCHMARKS, name)) return;
  const names = Object.keys(BENCHMARKS);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`;
  throw new UsageError(`bench: there is no benchmark '${name}'; ${hint}`);
}

/** A new folder; never one with something in it, since it is deleted afterwards. */
function folderOf(path: string | undefined): { path: string; clean: () => void } {
  if (path === undefined) {
    const made = mkdtempSync(join(realpathSync(tmpdir()), 'rocksdb-wasm-bench-'));
    return { path: made, clean: () => rmSync(made, { recursive: true, force: true }) };
  }
  let names: string[] = [];
  try {
    names = readdirSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  }
  if (names.length > 0) {
    throw new UsageError(
      `bench: ${path} is not empty: give a folder that may be deleted afterwards`,
    );
  }
  return { path, clean: () => rmSync(path, { recursive: true, force: true }) };
}

const seedOf = ({ given }: Context) => given.integer('seed', 0, 2 ** 32 - 1) ?? 1;

function planOf(context: Context, db: RocksDB): Plan {
  const { given } = context;
  const num = given.integer('num', 1, 1e12) ?? 100_000;
  const valueSize = given.integer('value-size', 0, 64 * 1024 * 1024) ?? 100;
  const batchEntries = given.integer('batch-entries', 1, 1_000_000) ?? 1;
  const random = new SeededRandom(seedOf(context));
  const word = new Uint8Array(4);
  const draw = (below: number) => {
    random.fill(word);
    return Math.floor((new DataView(word.buffer).getUint32(0) / 2 ** 32) * below);
  };
  // A window that moves over random bytes, half of which repeat: it compresses to about a half, as db_bench's values.
  const pool = new Uint8Array(1024 * 1024 + valueSize);
  random.fill(pool);
  for (let i = 0; i < pool.length; i++) if (i % 64 >= 32) pool[i] = 97;
  const value = () => {
    const at = draw(1024 * 1024);
    return pool.subarray(at, at + valueSize);
  };
  return { db, num, valueSize, batchEntries, sync: given.flag('sync'), draw, value };
}

/** What is read must be there. */
async function fill(context: Context, plan: Plan): Promise<void> {
  const { step, end } = writes((_, index) => index).begin({ ...plan, sync: false });
  const turn = turns(context.signal);
  try {
    for (let i = 0; i < Math.ceil(plan.num / plan.batchEntries); i++) {
      step(i);
      await turn();
    }
  } finally {
    end?.();
  }
}

/** Calls whose times are kept for the percentiles, evenly over all of them. */
const SAMPLES_MAX = 1_000_000;

async function run(context: Context, benchmark: string, plan: Plan): Promise<BenchResult> {
  const { calls: countOf, begin } = BENCHMARKS[benchmark] as Benchmark;
  const calls = countOf(plan);
  const every = Math.ceil(calls / SAMPLES_MAX);
  const times = new Float64Array(Math.ceil(calls / every));
  const { step, end } = begin(plan);
  const progress = context.progress(benchmark, 'calls', calls);
  const turn = turns(context.signal);
  let operations = 0;
  let bytes = 0;
  let total = 0;
  let slowest = 0;
  try {
    for (let i = 0; i < calls; i++) {
      const before = performance.now();
      const did = step(i);
      const time = performance.now() - before;
      operations += did.operations;
      bytes += did.bytes;
      total += time;
      slowest = Math.max(slowest, time);
      if (i % every === 0) times[i / every] = time;
      progress.at(i);
      await turn();
    }
  } finally {
    progress.end();
    end?.();
  }
  times.sort();
  const micros = (share: number) =>
    Math.round((times[Math.floor(share * (times.length - 1))] ?? 0) * 1000);
  const seconds = total / 1000;
  return {
    benchmark,
    operations,
    seconds,
    opsPerSecond: Math.round(operations / seconds),
    bytesPerSecond: Math.round(bytes / seconds),
    micros: {
      p50: micros(0.5),
      p95: micros(0.95),
      p99: micros(0.99),
      max: Math.round(slowest * 1000),
    },
  };
}

function resultText(result: BenchResult): string {
  const { p50, p95, p99, max } = result.micros;
  return (
    `${result.benchmark.padEnd(12)} ${amount(result.opsPerSecond, 'ops/s').padStart(16)}, ` +
    `${amount(result.bytesPerSecond, 'bytes')}/s; us a call: p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max}`
  );
}
