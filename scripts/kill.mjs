// kill.mjs [--seed N] [--rounds N] [--scenario TEXT] [--runtime node20|node24|node26|deno|bun]
// Kills processes that work on a database (kill -9) at random moments, --rounds (500) times, and has each database
// opened by native RocksDB (a copy) and by this package. Ends with 1 when something was not as it should be; what the
// process left is kept then, and said where. The same --seed does the same things, but dies at other moments.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { provideNative } from './native.mjs';
import { provide, RUNTIMES } from './runtime-binaries.mjs';
import { bundleSuite, checkOptions, option } from './suite.mjs';

checkOptions(['seed', 'rounds', 'scenario', 'runtime']);
const ROUNDS = Number(option('rounds', '500'));
const SEED = Number(option('seed', '1'));
const key = option('runtime');
if (key !== undefined && !Object.hasOwn(RUNTIMES, key)) {
  throw new Error(`${key}: not one of ${Object.keys(RUNTIMES).join(' ')}`);
}
// A database is opened in every round: that is no misuse here.
process.removeAllListeners('warning');

const built = await bundleSuite('kill', ['child', 'rounds', 'operations']);
const load = (name) => import(pathToFileURL(path.join(built, `${name}.js`)).href);
const { KillSeries } = await load('rounds');
const { SCENARIOS } = await load('operations');
const scenarios = SCENARIOS.filter(({ name }) => name.includes(option('scenario', '')));
if (scenarios.length === 0) throw new Error(`no scenario has ${option('scenario')} in its name`);

const runtime = key === undefined ? { run: [] } : RUNTIMES[key];
const binary = key === undefined ? process.execPath : await provide(runtime);
const driver = await provideNative().then(
  (programs) => programs.driver,
  (error) => {
    if (process.env.CI === 'true') throw error;
    console.log(`native RocksDB is not asked: ${error.message}`);
  },
);
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-kill-')));
const series = await KillSeries.begin({
  command: [binary, ...runtime.run, path.join(built, 'child.js')],
  ...(driver === undefined ? {} : { driver }),
  folder: path.join(folder, 'work'),
  seed: SEED,
  patienceMs: 60_000,
});
fs.mkdirSync(path.join(folder, 'work'));

const totals = new Map(
  scenarios.map(({ name }) => [
    name,
    { rounds: 0, acknowledged: 0, beyond: 0, tookOver: 0, native: 0 },
  ]),
);
const start = performance.now();
let failed = false;
try {
  for (let round = 0; round < ROUNDS; round++) {
    // Some rounds of one kind on one database, then of the next.
    const scenario = scenarios[Math.floor(round / 4) % scenarios.length];
    const report = await series.round(scenario);
    const total = totals.get(scenario.name);
    total.rounds++;
    total.acknowledged += report.acknowledged;
    total.beyond += report.beyond;
    total.tookOver += report.tookOver ? 1 : 0;
    total.native += report.native ? 1 : 0;
    if ((round + 1) % 20 === 0 || round + 1 === ROUNDS) {
      const minutes = ((performance.now() - start) / 60_000).toFixed(1);
      console.log(`${round + 1} of ${ROUNDS} rounds, ${minutes} min`);
    }
  }
} catch (error) {
  failed = true;
  console.log(`FAILED, seed ${SEED}: ${error.stack ?? error}\n  what it left: ${folder}`);
} finally {
  series.end();
}
if (!failed) fs.rmSync(folder, { recursive: true, force: true });
for (const [name, { rounds, acknowledged, beyond, tookOver, native }] of totals) {
  console.log(
    `${name.padEnd(26)} ${String(rounds).padStart(4)} rounds, ${acknowledged} writes acknowledged, ` +
      `${beyond} more found, ${tookOver} locks taken over, ${native} opened by native RocksDB`,
  );
}
process.exitCode = failed ? 1 : 0;
