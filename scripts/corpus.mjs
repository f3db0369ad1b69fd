// corpus.mjs [--seeds N] [--half tuning|held-out] [--only NAME] [--mode test|production] [--workers N] [--write] [--explain]
// Puts the programs of the leak corpus to the leak check of tests and to the growth detector, with the seeds 1 to N
// (25), and prints how they do. --write: puts the tables into docs/growth.md. --explain: prints what is
// suspected, and each outcome that is not right. Ends with 1 when a goal is not met.
import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = path.join(ROOT, 'dist/corpus');
const GUIDE = path.join(ROOT, 'docs/growth.md');

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}
const flag = (name) => process.argv.includes(`--${name}`);
const SEEDS = Number(option('seeds', '25'));
const HALF = option('half', 'held-out');
const ONLY = option('only');
const MODES = option('mode') === undefined ? ['test', 'production'] : [option('mode')];
const WORKERS = Number(option('workers', '2'));

/** The programs without their types. Stacks are of their sources' lines, by source maps. */
async function bundle() {
  fs.rmSync(BUILT, { recursive: true, force: true });
  const names = ['score-worker', 'score', 'answers'];
  await build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => `test/corpus/${name}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    outdir: BUILT,
    logLevel: 'warning',
    plugins: [
      {
        name: 'corpus',
        setup(builder) {
          builder.onResolve({ filter: /^rocksdb-wasm(\/testing)?$/ }, ({ path: entry }) => {
            const name = entry === 'rocksdb-wasm' ? 'index' : path.basename(entry);
            return { path: pathToFileURL(path.join(ROOT, `dist/${name}.js`)).href, external: true };
          });
          // Files are looked for beside the source.
          builder.onLoad({ filter: /answers\.ts$/ }, ({ path: file }) => ({
            contents: fs
              .readFileSync(file, 'utf8')
              .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href)),
            loader: 'ts',
          }));
        },
      },
    ],
  });
  const load = (name) => import(pathToFileURL(path.join(BUILT, `${name}.js`)).href);
  return { ...(await load('score')), ...(await load('answers')) };
}

/** Outcomes of all tasks, in their order. */
async function runAll(tasks) {
  const outcomes = [];
  let next = 0;
  let done = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const worker = fork(path.join(BUILT, 'score-worker.js'), {
        execArgv: ['--enable-source-maps'],
      });
      let at = -1;
      const give = () => {
        at = next++;
        if (at < tasks.length) worker.send(tasks[at]);
        else worker.disconnect();
      };
      worker.on('message', ({ outcome, ms }) => {
        outcomes[at] = outcome;
        done++;
        progress(done, tasks.length, outcome, ms);
        give();
      });
      worker.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`the process of ${JSON.stringify(tasks[at])} ended with ${code}`));
      });
      give();
    });
  await Promise.all(Array.from({ length: WORKERS }, one));
  return outcomes;
}

function progress(done, all, { name, mode, seed, leaky, found, rightSite, falseAlarms }, ms) {
  const right = leaky ? found !== undefined && rightSite : true;
  const bad = !right || falseAlarms.length > 0;
  if (bad || flag('explain')) {
    const what = JSON.stringify({ found, rightSite, falseAlarms });
    console.log(`${name}, ${mode}, seed ${seed}, ${Math.round(ms)} ms: ${what}`);
  } else if (done % 20 === 0 || done === all) console.log(`${done} of ${all}`);
}

/** Replaces what is between the marks of a table. */
function write(tables) {
  let text = fs.readFileSync(GUIDE, 'utf8');
  for (const [mode, table] of Object.entries(tables)) {
    const [from, to] = [`<!-- corpus ${mode} -->`, `<!-- end of corpus ${mode} -->`];
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`${GUIDE} has no ${from} ... ${to}`);
    text = `${text.slice(0, start + from.length)}\n${table}\n${text.slice(end)}`;
  }
  fs.writeFileSync(GUIDE, text);
}

const { corpus, tableOf, missedGoals } = await bundle();
const entries = corpus.filter(
  ({ half, name }) => (HALF === 'all' || half === HALF) && (ONLY === undefined || name === ONLY),
);
if (entries.length === 0) throw new Error(`no program: ${HALF} ${ONLY ?? ''}`);
const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
const tasks = MODES.flatMap((mode) =>
  seeds.flatMap((seed) =>
    entries.map(({ name }) => ({ name, mode, seed, explain: flag('explain') })),
  ),
);
const outcomes = await runAll(tasks);
const tables = Object.fromEntries(MODES.map((mode) => [mode, tableOf(outcomes, mode)]));
for (const [mode, table] of Object.entries(tables)) console.log(`\n${mode}\n\n${table}`);
if (flag('write')) write(tables);
const missed = missedGoals(outcomes);
console.log(missed.length === 0 ? '\nall goals are met' : `\n${missed.join('\n')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
