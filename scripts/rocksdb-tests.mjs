// rocksdb-tests.mjs [OPTION ...]: RocksDB's own tests, compiled from the pinned sources and run on our port, environment and
// file systems. docs/rocksdb-tests.md says what is run and why not the rest.
//
//   --subset               the files of test/rocksdb/subset.json, in memory and on disk
//   --place PLACE          disk, memory or both (default)
//   --files TEXT           only test files whose path has this text; several with commas
//   --filter REGEXP        only tests whose full name (Instance/Suite.Name/0) matches
//   --instances N          of each body with parameters at most so many instances, evenly chosen
//   --jobs N               so many compilers and threads at a time (default: the processors)
//   --seconds N            time limit of each test (default 300)
//   --seed N               of the randomness that the host gives (default 1)
//   --also-not-run         those that are listed as not run, too; what becomes of them is only shown
//   --results FILE         keeps what became of each body, as JSON, with what an earlier run has kept there
//   --rest                 only what has not passed yet in the results that are kept
//   --report FILE          writes how many bodies have passed, failed unexpectedly and were left out
//   --check                only checks the list of what is not run against RocksDB's sources
//   --help                 says this
//   --write-docs           puts the table into docs/rocksdb-tests.md
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { inventory } from './rocksdb-tests/classify.mjs';
import {
  checkExpectations,
  expectations,
  keyOf,
  LEFT_OUT,
  whyNot,
} from './rocksdb-tests/expectations.mjs';
import { Results } from './rocksdb-tests/results.mjs';
import { ROOT, read } from './steps.mjs';

const OPTIONS = {
  subset: { type: 'boolean' },
  place: { type: 'string', default: 'both' },
  files: { type: 'string' },
  filter: { type: 'string' },
  instances: { type: 'string', default: '1000000' },
  jobs: { type: 'string', default: String(os.cpus().length) },
  seconds: { type: 'string', default: '300' },
  seed: { type: 'string', default: '1' },
  'also-not-run': { type: 'boolean' },
  results: { type: 'string' },
  rest: { type: 'boolean' },
  report: { type: 'string' },
  check: { type: 'boolean' },
  help: { type: 'boolean' },
  'write-docs': { type: 'boolean' },
};
const PLACES = { disk: ['disk'], memory: ['memory'], both: ['memory', 'disk'] };

class UsageError extends Error {}

function options() {
  let values;
  try {
    ({ values } = parseArgs({ options: OPTIONS }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const number = (name) => {
    if (!/^[1-9]\d{0,8}$/.test(values[name]))
      throw new UsageError(`--${name} ${values[name]}: a whole number from 1 on is wanted`);
    return Number(values[name]);
  };
  const places = PLACES[values.place];
  if (places === undefined) throw new UsageError(`--place ${values.place}: disk, memory or both`);
  if (values.rest && values.results === undefined)
    throw new UsageError('--rest: of which results? --results FILE names them');
  const names = ['instances', 'jobs', 'seconds', 'seed'];
  const numbers = Object.fromEntries(names.map((name) => [name, number(name)]));
  const filter = values.filter === undefined ? undefined : new RegExp(values.filter);
  return { ...values, ...numbers, places, filter };
}

/** What this file says of itself. */
const help = () =>
  read(path.join(ROOT, 'scripts/rocksdb-tests.mjs'))
    .split(/^import /m)[0]
    .replace(/^\/\/ ?/gm, '')
    .trimEnd();

/** The sources and the compiler come from build.sh, which runs this file again. */
function againWithToolchain() {
  const script = path.join(ROOT, 'scripts/rocksdb-tests.mjs');
  const args = [path.join(ROOT, 'build.sh'), 'run', script, ...process.argv.slice(2)];
  const { status } = spawnSync('bash', args, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** The programs to run, each with its bodies. */
function selected(all, expected, { subset, files, 'also-not-run': also }) {
  const wanted = subset ? JSON.parse(read(path.join(ROOT, 'test/rocksdb/subset.json'))) : undefined;
  const texts = files?.split(',');
  const programs = [...all]
    .filter(([file]) => wanted?.includes(file) ?? true)
    .filter(([file]) => texts?.some((text) => file.includes(text)) ?? true)
    .map(([file, bodies]) => ({
      file,
      bodies: bodies.map(keyOf).filter((key) => also || whyNot(expected, file, key) === undefined),
      leftOut: bodies.map(keyOf).filter((key) => whyNot(expected, file, key) === LEFT_OUT),
    }))
    .filter(({ bodies }) => bodies.length > 0);
  if (programs.length === 0) throw new UsageError('there is no such test file');
  // The long ones first, so that no worker is left with one of them at the end.
  return programs.sort((a, b) => b.bodies.length - a.bodies.length);
}

async function run(opts, all, expected) {
  const { testBuilder } = await import('./rocksdb-tests/build.mjs');
  const { bundleHost } = await import('./rocksdb-tests/pool.mjs');
  const { runPrograms } = await import('./rocksdb-tests/queue.mjs');
  const results = new Results(all, expected, opts.seed, opts.results);
  const programs = selected(all, expected, opts).map((program) => ({
    ...program,
    places: (body) =>
      opts.places.filter((place) => !(opts.rest && results.hasPassed(program.file, body, place))),
  }));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-tests-'));
  try {
    const builder = await testBuilder(opts.jobs);
    const host = await bundleHost(folder);
    const settings = { host, folder, seed: opts.seed };
    const { jobs, seconds, filter, instances } = opts;
    results.expect(programs);
    const tell = (event) => results.take(event);
    await runPrograms({
      ...{ programs, jobs, seconds, filter, instances },
      builder,
      settings,
      tell,
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return results;
}

async function main() {
  const opts = options();
  if (opts.help) return console.log(help());
  if (process.env.TOOLCHAIN_ID === undefined) againWithToolchain();
  const all = inventory();
  const expected = expectations();
  const wrong = checkExpectations(expected, all);
  for (const line of wrong) console.log(`  ${line}`);
  if (opts.check) {
    console.log(wrong.length === 0 ? 'the list is right' : `${wrong.length} entries are wrong`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
    return;
  }
  const results = await run(opts, all, expected);
  results.keep();
  if (opts.report) fs.writeFileSync(opts.report, JSON.stringify(results.counts()));
  console.log(results.table());
  console.log(results.summary());
  console.log(
    `${results.unexpected} failed unexpectedly, in ${results.minutes.toFixed(1)} minutes`,
  );
  if (opts['write-docs']) results.writeDocs();
  process.exitCode = results.ok && wrong.length === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`rocksdb-tests: ${error.message}`);
  process.exitCode = 2;
}
