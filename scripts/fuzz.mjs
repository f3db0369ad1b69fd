// fuzz.mjs [--cases N] [--seed S] [--target T[,T]] [--case K [--after-others]] [--workers N] [--limit SECONDS] [--debug]
// Damaged files, hostile options and random calls: no case may trap, hang, leak, exhaust the memory or end in an error
// that is none of the package's. --case: that one alone; --after-others: with the cases before it that share its engine.
// --debug: the flavour with assertions, for targets that damage no files. Ends with 1 when a case fails. docs/fuzzing.md.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildFuzz } from './fuzz-build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OPTIONS = ['cases', 'seed', 'target', 'case', 'workers', 'limit'];
const FLAGS = ['after-others', 'debug'];

function readArguments(args) {
  const given = {};
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--/, '');
    if (FLAGS.includes(name)) given[name] = true;
    else if (OPTIONS.includes(name) && i + 1 < args.length) given[name] = args[++i];
    else throw new Error(`${args[i]}: not one of ${[...OPTIONS, ...FLAGS].join(' ')}`);
  }
  return given;
}

function number(given, name, fallback) {
  const value = Number(given[name] ?? fallback);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name}: not a number`);
  return value;
}

/** Frames of the release wasm with the names of their functions. */
function withNames(text) {
  const names = new Map();
  for (const line of fs
    .readFileSync(path.join(ROOT, 'dist/rocksdb.wasm.names'), 'utf8')
    .split('\n')) {
    const [, index, name] = /^(\d+) \d+ (.*)$/.exec(line) ?? [];
    if (name !== undefined) names.set(index, name.replaceAll('std::__2::', 'std::').slice(0, 120));
  }
  return text.replaceAll(
    /wasm:\/\/\S*wasm-function\[(\d+)\]\S*/g,
    (frame, index) => names.get(index) ?? frame,
  );
}

const given = readArguments(process.argv.slice(2));
const seed = number(given, 'seed', 1);
const flavour = given.debug ? 'rocksdb.debug.wasm' : 'rocksdb.wasm';
const wasm = await WebAssembly.compile(fs.readFileSync(path.join(ROOT, 'dist', flavour)));
const built = await buildFuzz();
const load = (name) => import(pathToFileURL(path.join(built, `${name}.js`)).href);
const { runPool, piecesOf } = await load('pool');
const { CASES_A_PIECE, plan, TARGETS, tableOf, repeatOf } = await load('plan');

const names = given.target?.split(',') ?? TARGETS.map(({ name }) => name);
const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) {
  throw new Error(`--target ${unknown}: not one of ${TARGETS.map(({ name }) => name).join(' ')}`);
}

let pieces;
if (given.case === undefined) {
  pieces = plan(number(given, 'cases', 20_000), names);
} else {
  if (names.length !== 1) throw new Error('--case: wants one --target, too');
  const at = number(given, 'case', 0);
  const first = given['after-others'] ? at - (at % CASES_A_PIECE) : at;
  pieces = piecesOf(names[0], first, at - first + 1);
}
const all = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
console.log(`${all} cases, seed ${seed}, ${flavour}`);

const totals = new Map();
const begun = performance.now();
let done = 0;
let told = begun;
const failures = await runPool({
  wasm,
  worker: pathToFileURL(path.join(built, 'worker.js')),
  seed,
  pieces,
  workers: number(given, 'workers', 2),
  limitMs: 1000 * number(given, 'limit', 30),
  progress({ target, from, to }, outcome) {
    done += to - from;
    const total = totals.get(target) ?? { cases: 0, failed: 0, met: {} };
    totals.set(target, total);
    total.cases += to - from;
    total.failed += outcome.failures.length;
    for (const [code, times] of Object.entries(outcome.met)) {
      total.met[code] = (total.met[code] ?? 0) + times;
    }
    for (const failure of outcome.failures) {
      console.log(
        `FAILED ${failure.target} case ${failure.case}, ${failure.kind}: ${failure.about}`,
      );
      console.log(`  ${withNames(failure.message).split('\n').slice(0, 12).join('\n  ')}`);
      console.log(`  ${repeatOf(failure, seed)}`);
    }
    const now = performance.now();
    if (now - told < 5_000) return;
    told = now;
    const rate = (done / (now - begun)) * 1000;
    console.log(`${done} of ${all}, ${rate.toFixed(0)} cases/s`);
  },
});
console.log(`\n${tableOf(totals)}\n`);
const seconds = (performance.now() - begun) / 1000;
console.log(
  `${done} cases in ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)} cases/s, ${failures.length} failed`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
