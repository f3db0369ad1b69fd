// race.mjs [--seed N] [--rounds N] [--processes N] [--runtimes NAME,...] [--no-native] [--keep]: real processes race
// for one database, again and again; holders and others are killed. Two at once, none though nobody has it, or
// anything lost is a violation, and makes this fail.
//
// NAME: node (this one), node20 node24 node26 deno bun. --keep: the folder stays, with the log of who had it.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { provideNative } from './native.mjs';
import { race } from './race/coordinator.mjs';
import { provide, RUNTIMES } from './runtime-binaries.mjs';
import { ROOT } from './steps.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '200' },
    processes: { type: 'string', default: '64' },
    runtimes: { type: 'string', default: 'node' },
    'no-native': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

function number(name, least) {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${values[name]}: a whole number from ${least}`);
}

async function commandOf(name) {
  if (name === 'node') return [process.execPath];
  const runtime = RUNTIMES[name];
  if (runtime === undefined) {
    throw new Error(`--runtimes ${name}: not one of node ${Object.keys(RUNTIMES).join(' ')}`);
  }
  const binary = await provide(runtime);
  if (binary === undefined) throw new Error(`no npm package has ${runtime.title} for this system`);
  return [binary, ...runtime.run];
}

async function nativeDriver() {
  if (values['no-native']) return undefined;
  try {
    return (await provideNative()).driver;
  } catch (error) {
    console.log(`without native RocksDB: ${error.message}`);
    return undefined;
  }
}

const seed = number('seed', 0);
const rounds = number('rounds', 1);
const processes = number('processes', 3);
const names = values.runtimes.split(',');
const commands = [];
for (const name of names) commands.push(await commandOf(name));
const native = await nativeDriver();

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-race-')));
const again = `npm run race -- --seed ${seed} --rounds ${rounds} --processes ${processes} --runtimes ${names}`;
console.log(`${processes} processes (${names}) race ${rounds} times; seed ${seed}`);
const start = performance.now();
const seconds = () => ((performance.now() - start) / 1000).toFixed(0);
let last = start;
let failed = true;
try {
  const result = await race({
    ...{ seed, rounds, processes, folder, commands, native },
    entry: pathToFileURL(path.join(ROOT, 'dist/index.js')).href,
    onRound(round, violations) {
      if (performance.now() - last < 5000 && round < rounds) return;
      last = performance.now();
      console.log(`  ${seconds()} s  round ${round} of ${rounds}, ${violations} violations`);
    },
  });
  const { attempts, entered, kills, reused, foreign, native: natively, violations } = result;
  for (const line of violations.slice(0, 20)) console.log(`VIOLATION ${line}`);
  console.log(
    `${attempts} attempts or more, ${entered} times opened, ${kills} processes killed, ${reused} pids reused, ` +
      `${foreign} holders on other hosts, ${natively} native holders; ${seconds()} s`,
  );
  failed = violations.length > 0;
  console.log(failed ? `${violations.length} violations; again: ${again}` : '0 violations');
} catch (error) {
  console.log(`broke down: ${error.stack ?? error}\nagain: ${again}`);
} finally {
  if (values.keep) console.log(`kept: ${folder}`);
  else fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed ? 1 : 0;
