// The demo: npm run demo [-- FILE]
//
// 1. streams a log into a database on disk, with a column family as an index: FILE, or a text that the
//    sources bring and then a seeded stream of service-log records
// 2. answers prefix queries, and reads at a snapshot while it writes
// 3. runs a reader that forgets an iterator on one path and holds a snapshot, shows what the monitor sees,
//    frees them, and compares every owner's bytes with the same run without the leaks
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { Cache, Engine, ManualClock, RocksDB, SeededRandom } from '../dist/index.js';

const RECORDS = 1_000_000;
const BATCH = 1000;
const TEXT = new URL('../rocksdb-src/rocksdb/HISTORY.md', import.meta.url);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-demo-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const heading = (text) => console.log(`\n${bold(text)}`);
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const number = (value) => value.toLocaleString('en-US');

/** A line that is written over on a terminal, and now and then elsewhere. */
function progress(label, total) {
  let shown = -1;
  const start = performance.now();
  return (done) => {
    const tenth = Math.floor((done / total) * 10);
    if (process.stdout.isTTY) {
      const bar = '#'.repeat(tenth * 3).padEnd(30);
      process.stdout.write(`\r  ${label} [${bar}] ${number(done)}${done >= total ? '\n' : ''}`);
    } else if (tenth !== shown) {
      shown = tenth;
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`  ${label}: ${number(done)} of ${number(total)} (${seconds} s)`);
    }
  };
}

/** Numbers that follow from the seed (a linear congruential generator is good enough for a demo). */
function seeded(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const SERVICES = ['auth', 'billing', 'cart', 'catalog', 'mail', 'orders', 'search', 'users'];
const LEVELS = ['debug', 'info', 'info', 'info', 'info', 'warn', 'error'];
const EVENTS = [
  'request served',
  'cache miss, read from the store',
  'session renewed',
  'retrying upstream',
];

/** The record that is the n-th of its stream. */
function record(n, random) {
  const service = SERVICES[random(SERVICES.length)];
  const level = LEVELS[random(LEVELS.length)];
  const time = new Date(1_700_000_000_000 + n * 37).toISOString();
  const user = random(100_000);
  return {
    key: `${time}#${String(n).padStart(9, '0')}`,
    service,
    level,
    line: `${time} ${level} ${service}: ${EVENTS[random(EVENTS.length)]} user=${user} took=${random(2000)}us`,
  };
}

// --- 1. the log -----------------------------------------------------------------------------------

const db = await RocksDB.open(path.join(folder, 'log'), {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  compression: 'lz4',
  writeBufferSize: 16 * 1024 * 1024,
});
const index = db.createColumnFamily('by-service', {
  compression: 'lz4',
  writeBufferSize: 8 * 1024 * 1024,
});
console.log(`RocksDB ${db.engine.rocksdbVersion} in WebAssembly, in ${db.path}`);

/** Streams a text file, a record a line. */
async function streamFile(file, name) {
  const { size } = fs.statSync(file);
  const show = progress('bytes', size);
  const lines = readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity });
  const batch = db.batch();
  let count = 0;
  let bytes = 0;
  for await (const line of lines) {
    const key = `${name}#${String(count++).padStart(9, '0')}`;
    batch.put(key, line);
    for (const word of new Set(line.toLowerCase().match(/[a-z]{5,}/g))) {
      batch.put(`word/${word}/${key}`, '', { columnFamily: index });
    }
    bytes += Buffer.byteLength(line) + 1;
    if (batch.count >= BATCH) {
      db.write(batch);
      batch.clear();
      show(Math.min(bytes, size - 1));
    }
  }
  db.write(batch, { sync: true });
  batch.free();
  show(size);
  return count;
}

const given = process.argv[2];
const text = given === undefined ? TEXT : path.resolve(given);
const name = given === undefined ? 'HISTORY.md' : path.basename(given);
heading(`1. Streaming ${name} and ${number(RECORDS)} service-log records`);
if (given !== undefined && !fs.existsSync(text)) {
  console.error(`${given}: there is no such file`);
  process.exit(1);
}
const lines = await streamFile(text, name);
console.log(`  ${number(lines)} lines of ${name}`);

const random = seeded(2024);
const show = progress('records', RECORDS);
const begin = performance.now();
const batch = db.batch();
for (let n = 0; n < RECORDS; n++) {
  const { key, service, level, line } = record(n, random);
  batch.put(key, line);
  batch.put(`${service}/${level}/${key}`, '', { columnFamily: index });
  if (batch.count >= 2 * BATCH || n === RECORDS - 1) {
    db.write(batch, { sync: n === RECORDS - 1 });
    batch.clear();
    if ((n + 1) % 20_000 === 0) show(n + 1);
  }
}
batch.free();
const seconds = (performance.now() - begin) / 1000;
const files = (family) =>
  db
    .getProperty('rocksdb.levelstats', { columnFamily: family })
    .split('\n')
    .slice(2)
    .filter((line) => !/ 0\s+0$/.test(line))
    .join('\n  ');
console.log(
  `  ${number(Math.round(RECORDS / seconds))} records a second, each with an index entry`,
);
console.log(
  `  heap in use ${mib(db.engine.heap.inUseBytes)}, at most ${mib(db.engine.heap.highWaterBytes)}`,
);
console.log(`  level, files, MB:\n  ${files(db.defaultColumnFamily)}\n  index:\n  ${files(index)}`);

// --- 2. queries -----------------------------------------------------------------------------------

heading('2. Queries');
for (const prefix of [
  'billing/error/',
  'users/warn/',
  ...(given === undefined ? ['word/compaction/'] : []),
]) {
  const start = performance.now();
  const iterator = db.iterator({ columnFamily: index, prefix });
  let count = 0;
  let first;
  for (const key of iterator.keys()) {
    first ??= key.slice(prefix.length);
    count++;
  }
  iterator.free();
  console.log(
    `  ${prefix}*  ${number(count)} entries in ${(performance.now() - start).toFixed(0)} ms`,
  );
  if (first !== undefined) console.log(`      the first: ${db.get(first)?.slice(0, 100)}`);
}

const snapshot = db.snapshot();
const count = (options) => {
  const iterator = db.iterator({ columnFamily: index, prefix: 'cart/error/', ...options });
  let entries = 0;
  for (const _ of iterator.keys()) entries++;
  iterator.free();
  return entries;
};
const before = count({ snapshot });
for (let n = 0; n < 5000; n++) db.put(`cart/error/late#${n}`, '', { columnFamily: index });
console.log(
  `  cart/error/* at the snapshot, while 5,000 are written: ${number(count({ snapshot }))} ` +
    `(before ${number(before)}); now: ${number(count())}`,
);
snapshot.free();
db.close();

// --- 3. leaks -------------------------------------------------------------------------------------

heading('3. A reader that forgets');

/** Looks a service's latest error up. */
function latestError(store, service, leaky) {
  const iterator = store.iterator({ prefix: `${service}/error/`, reverse: true });
  const found = iterator.next();
  if (leaky && service === 'mail') return found?.[1]; // the early return that forgets the iterator
  iterator.free();
  return found?.[1];
}

/** The same seeded service, with its leaks or without. Clock and randomness are injected. */
async function service(leaky, watch) {
  const engine = await Engine.create({
    clock: new ManualClock({ stepNs: 1000n }),
    random: new SeededRandom(5),
    tracking: 'track',
  });
  // One shard, so that the cache's own tables grow alike in both runs.
  const cache = new Cache(engine, { capacity: 8 * 1024 * 1024, shardBits: 0 });
  const where = path.join(folder, 'service');
  const store = await RocksDB.open(where, {
    engine,
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    writeBufferSize: 1024 * 1024,
    blockBasedTable: { blockCache: cache },
  });
  const draw = seeded(99);
  let held;
  for (let n = 0; n < 40_000; n++) {
    const { key, service: name, level, line } = record(n, draw);
    store.put(`${name}/${level}/${key}`, line);
    if (n === 1000) held = store.snapshot(); // meant for one report
    if (n === 1100 && !leaky) held.free();
    if (n % 500 === 0) latestError(store, SERVICES[(n / 500) % SERVICES.length], leaky);
    if (watch && n % 8000 === 7999) watch(n + 1, engine, store);
  }
  const report = engine.heap.report();
  // What nobody freed: the handles are found through their database when it is closed; a service would
  // mend its code. Here they are freed as the monitor lists them, dependants first.
  let freed = 0;
  if (leaky) freed = store.freeUnreleased().length;
  // Both runs come to rest: one version of each key, nothing cached.
  store.flush();
  store.compactRange({ bottommostLevelCompaction: 'force' });
  cache.eraseUnused();
  const rest = engine.heap.owners();
  store.close();
  cache.free();
  engine.free();
  await RocksDB.destroy(where);
  return { report, rest, freed };
}

console.log('  writes   live iterators   snapshots   in use      pinned memtables   files kept');
const leaky = await service(true, (n, { heap }, store) => {
  const property = (text) => Number(store.getIntProperty(`rocksdb.${text}`));
  const pinned = property('size-all-mem-tables') - property('cur-size-all-mem-tables');
  const kept = property('total-sst-files-size') - property('live-sst-files-size');
  console.log(
    `  ${number(n).padStart(6)}   ${String(heap.handles('iterator').length).padStart(14)}   ` +
      `${String(heap.handles('snapshot').length).padStart(9)}   ${mib(heap.inUseBytes).padStart(9)}   ` +
      `${mib(pinned).padStart(16)}   ${mib(kept).padStart(10)}`,
  );
});
console.log('\n  What the monitor knows of it:');
for (const { kind, live, created, freed } of leaky.report.kinds) {
  if (['iterator', 'snapshot'].includes(kind)) {
    console.log(`    ${kind}: ${live} live (${created} made, ${freed} freed)`);
  }
}
for (const { kind, count: live, site, oldestAge } of leaky.report.sites) {
  if (!['iterator', 'snapshot'].includes(kind)) continue;
  console.log(
    `    ${live} ${kind}${live === 1 ? '' : 's'}, the oldest ${number(oldestAge)} operations old, made`,
  );
  for (const frame of site.split('\n').slice(0, 2))
    console.log(`        ${frame.replace(/file:\/\/.*\/examples/, 'examples')}`);
}

const clean = await service(false);
console.log(
  `\n  Freed the ${leaky.freed} handles. Bytes by owner at rest, beside the same run without the leaks:`,
);
let same = true;
for (const [owner, { bytes, blocks }] of Object.entries(leaky.rest)) {
  const other = clean.rest[owner];
  const equal = bytes === other.bytes && blocks === other.blocks;
  same &&= equal;
  console.log(
    `    ${owner.padEnd(14)} ${number(bytes).padStart(10)} ${number(other.bytes).padStart(10)}  ${equal ? 'equal' : 'DIFFERENT'}`,
  );
}
console.log(same ? '  Equal to the byte.' : '  They differ.');
process.exitCode = same ? 0 : 1;
