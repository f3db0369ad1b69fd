// monitor.mjs [--pairs N] [--only LEVEL]: what the monitor costs. The package at each tracking level beside a build of it without
// ledger and allocator wrapper (bench/plain), in one process, in pairs of short runs that take turns: 80 % get,
// 10 % put, 10 % scans of 20 entries, 16-byte keys and 100-byte values in memory. Prints the median ratio to that
// build, the middle half of all ratios, and the same for the build against itself. Then headers and the time
// of a heap walk.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const pairsAt = process.argv.indexOf('--pairs');
const PAIRS = pairsAt < 0 ? 30 : Number(process.argv[pairsAt + 1]);
const onlyAt = process.argv.indexOf('--only');
const ONLY = onlyAt < 0 ? undefined : process.argv[onlyAt + 1];
const ENTRIES = 100_000;
/** Of each of the two in a pair, which take turns every SLICE operations. */
const OPERATIONS = 20_000;
const SLICE = 1_000;

/** The package with the ledger that keeps nothing, beside the wasm whose allocator keeps nothing. */
async function plainPackage() {
  const folder = path.join(ROOT, 'dist/plain');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/index.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*'],
    outfile: `${folder}/index.js`,
    logLevel: 'warning',
    plugins: [
      {
        name: 'plain',
        setup(builder) {
          const file = path.join(ROOT, 'bench/plain/ledger.ts');
          builder.onResolve({ filter: /\/ledger\.js$/ }, () => ({ path: file }));
        },
      },
    ],
  });
  fs.copyFileSync(path.join(ROOT, 'dist/rocksdb.plain.wasm'), `${folder}/rocksdb.wasm`);
  return import(pathToFileURL(`${folder}/index.js`).href);
}

const full = await import('../dist/index.js');
const plain = await plainPackage();

const keys = Array.from({ length: ENTRIES }, (_, i) => `key${String(i).padStart(13, '0')}`);
const value = new Uint8Array(100).fill(118);

async function subject(name, library, tracking, prepare) {
  const db = await library.RocksDB.open('/bench', {
    createIfMissing: true,
    fileSystem: new library.MemoryFileSystem(),
    tracking: 'count',
  });
  for (const key of keys) db.put(key, value);
  db.flush();
  db.compactRange();
  if (tracking !== undefined) db.engine.heap.tracking = tracking;
  prepare?.(db.engine.heap);
  return { name, db, at: 0, random: 1 };
}

/** Milliseconds for a slice. */
function run(it) {
  const { db } = it;
  let random = it.random;
  let found = 0;
  const start = performance.now();
  for (let i = 0; i < SLICE; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const key = keys[random % ENTRIES];
    const choice = (random >>> 16) % 10;
    if (choice === 0) db.put(key, value);
    else if (choice === 1) {
      const iterator = db.iterator({ gte: key, limit: 20 });
      for (let entry = iterator.next(); entry !== undefined; entry = iterator.next()) found++;
      iterator.free();
    } else if (db.get(key) !== undefined) found++;
  }
  const time = performance.now() - start;
  it.random = random;
  if (found < SLICE / 2) throw new Error(`${it.name} found only ${found}`);
  return time;
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, q) => sorted(numbers)[Math.round((numbers.length - 1) * q)];

function compare(it, base, operations) {
  for (let i = 0; i < 10; i++) for (const each of [base, it]) run(each);
  const ratios = [];
  const times = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    let [own, other] = [0, 0];
    for (let slice = 0; slice < operations / SLICE; slice++) {
      // Who goes first changes, so that what grows meanwhile strikes both.
      if (slice % 2 === 0) {
        own += run(it);
        other += run(base);
      } else {
        other += run(base);
        own += run(it);
      }
    }
    ratios.push(own / other);
    times.push((own / operations) * 1000);
  }
  return {
    'us an operation': quantile(times, 0.5).toFixed(2),
    'ratio, median': quantile(ratios, 0.5).toFixed(3),
    'middle half': `${quantile(ratios, 0.25).toFixed(3)} .. ${quantile(ratios, 0.75).toFixed(3)}`,
  };
}

const levels = [
  ['plain against itself', plain],
  ['count', full, 'count'],
  ['sample', full, 'sample'],
  ['track', full, 'track'],
  ['access', full, 'access', undefined, true],
  ['exact, no stacks', full, 'count', (heap) => heap.trace({ stacks: false, to: () => {} })],
  ['exact, with stacks', full, 'count', (heap) => heap.trace({ to: () => {} }), true],
];
if (ONLY !== undefined && !levels.some(([name]) => name === ONLY)) {
  throw new Error(`--only ${ONLY}: not one of ${levels.map(([name]) => name).join(', ')}`);
}
const table = {};
for (const [name, library, level, prepare, slow] of levels) {
  if (ONLY !== undefined && name !== ONLY) continue;
  // Both anew: a database that has been written to for longer is a slower one.
  const base = await subject('plain', plain);
  const it = await subject(name, library, level, prepare);
  table[name] = compare(it, base, slow === true ? OPERATIONS / 10 : OPERATIONS);
  if (name === 'count') headers('the workload’s heap', it.db.engine.heap);
  it.db.close();
  base.db.close();
}
console.table(table);

// --- headers and walks ----------------------------------------------------------------------------

const db = await full.RocksDB.open('/walk', {
  createIfMissing: true,
  fileSystem: new full.MemoryFileSystem(),
  writeBufferSize: 256 * 1024 * 1024,
});
const { heap } = db.engine;
for (let i = 0; heap.inUseBytes < 64 * 1024 * 1024; i++) db.put(`key${i}`, value);
headers('a heap of entries', heap);
walkTime('as it is');
// Small blocks: a heap that a walk takes long for.
const batches = Array.from({ length: 10_000 }, () => db.batch());
const iterators = Array.from({ length: 5_000 }, () => db.iterator());
walkTime('with 10,000 batches and 5,000 iterators');
for (const handle of [...batches, ...iterators]) handle.free();
db.close();

function headers(what, { headerBytes, inUseBytes, blocks }) {
  const share = ((100 * headerBytes) / inUseBytes).toFixed(3);
  console.log(`headers of ${what}: ${share} % of ${inUseBytes} bytes in ${blocks} blocks`);
}

function walkTime(what) {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    heap.walk();
    return performance.now() - start;
  });
  const { chunks, inUseBytes } = heap.walk();
  const mib = (inUseBytes / 1024 / 1024).toFixed(1);
  console.log(
    `a walk ${what}: ${quantile(times, 0.5).toFixed(2)} ms, ${chunks} chunks, ${mib} MiB`,
  );
}
