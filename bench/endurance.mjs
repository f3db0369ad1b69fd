// endurance.mjs [--entries N] [--background inline|idle|manual] [--option name=value ...] [--json]
//
// N random puts (16-byte keys, 100-byte values) into a database on disk, then a scan that checks every
// value, then the same after reopening. Prints the heap as a curve and the latency of single puts; fails
// when a value is wrong or the heap passes its bounds.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { RocksDB } from '../dist/index.js';

const MIB = 1024 * 1024;
const HEAP_LIMIT = 192 * MIB;
const LINEAR_LIMIT = 256 * MIB;

const { values: flags } = parseArgs({
  options: {
    entries: { type: 'string', default: '5000000' },
    background: { type: 'string', default: 'inline' },
    option: { type: 'string', multiple: true, default: [] },
    // One line of JSON at the end and nothing else: for bench/pauses.mjs.
    json: { type: 'boolean', default: false },
  },
});
const entries = Number(flags.entries);
const options = Object.fromEntries(
  flags.option.map((text) => {
    const [name, value] = text.split('=');
    return [name, /^\d+$/.test(value) ? Number(value) : value];
  }),
);

/** A permutation of 0 .. 2^k - 1 >= entries, so that keys are random and yet known. */
const bits = Math.ceil(Math.log2(entries));
const mask = 2 ** bits - 1;
function scramble(i) {
  let x = i;
  for (let round = 0; round < 3; round++) {
    x = (Math.imul(x, 0x9e3779b1) + 0x7f4a7c15) & mask;
    x ^= x >>> (bits >> 1);
  }
  return x >>> 0;
}

const key = new Uint8Array(16);
const value = new Uint8Array(100);
const keyView = new DataView(key.buffer);
const valueView = new DataView(value.buffer);
function setKey(number) {
  keyView.setUint32(4, number);
  keyView.setUint32(12, number ^ 0x5bd1e995);
}
/** 100 bytes that follow from the key's number. */
function setValue(number) {
  let x = number | 1;
  for (let at = 0; at < 100; at += 4) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    valueView.setUint32(at, x);
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-endurance-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const open = () =>
  RocksDB.open(folder, { createIfMissing: true, background: flags.background, ...options });

const print = (text) => {
  if (!flags.json) console.log(text);
};
let failed = false;
const fail = (message) => {
  failed = true;
  console.error(`FAILED: ${message}`);
};
let db = await open();
let linearPeak = 0;
let inUsePeak = 0;
function sample(label) {
  const { inUseBytes, highWaterBytes, linearMemoryBytes } = db.engine.heap;
  linearPeak = Math.max(linearPeak, linearMemoryBytes);
  inUsePeak = Math.max(inUsePeak, highWaterBytes);
  if (flags.json) return;
  const bar = '#'.repeat(Math.round(inUseBytes / MIB / 4));
  const figures = [inUseBytes, highWaterBytes, linearMemoryBytes].map((bytes) =>
    (bytes / MIB).toFixed(1).padStart(6),
  );
  print(
    `${label.padEnd(12)} in use ${figures[0]}  peak ${figures[1]}  linear ${figures[2]} MiB  ${bar}`,
  );
}

/** Nanoseconds of every put. */
const latencies = new Float64Array(entries);
const started = process.hrtime.bigint();
for (let i = 0; i < entries; i++) {
  const number = scramble(i);
  setKey(number);
  setValue(number);
  const before = process.hrtime.bigint();
  db.put(key, value);
  latencies[i] = Number(process.hrtime.bigint() - before);
  if ((i + 1) % Math.ceil(entries / 25) === 0) sample(`${((i + 1) / 1e6).toFixed(2)} M puts`);
}
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
latencies.sort();
const percentile = (share) => latencies[Math.min(entries - 1, Math.floor(entries * share))];
const summary = {
  usPerPut: (seconds * 1e6) / entries,
  p50Us: percentile(0.5) / 1e3,
  p99Us: percentile(0.99) / 1e3,
  p999Us: percentile(0.999) / 1e3,
  longestMs: latencies[entries - 1] / 1e6,
  over250Ms: latencies.filter((ns) => ns > 250e6).length,
};
print(
  `puts: ${entries} in ${seconds.toFixed(1)} s, ${summary.usPerPut.toFixed(2)} us each; ` +
    `p50 ${summary.p50Us.toFixed(1)} us, p99 ${summary.p99Us.toFixed(1)} us, ` +
    `p99.9 ${summary.p999Us.toFixed(1)} us, longest ${summary.longestMs.toFixed(0)} ms, ` +
    `over 250 ms: ${summary.over250Ms}`,
);

const present = new Uint8Array(Math.ceil((mask + 1) / 8));
for (let i = 0; i < entries; i++) {
  const number = scramble(i);
  present[number >>> 3] |= 1 << (number & 7);
}
function check(label) {
  const begin = Date.now();
  const iterator = db.iterator();
  let count = 0;
  for (let entry = iterator.next(); entry !== undefined; entry = iterator.next()) {
    const [k, v] = entry;
    const view = new DataView(k.buffer, k.byteOffset, k.byteLength);
    const number = view.getUint32(4);
    setValue(number);
    const known = (present[number >>> 3] >>> (number & 7)) & 1;
    if (!known || view.getUint32(12) !== (number ^ 0x5bd1e995) >>> 0)
      fail(`a key that was never put: ${number}`);
    if (Buffer.compare(v, value) !== 0) fail(`a wrong value at key ${number}`);
    if (failed) break;
    count++;
  }
  iterator.free();
  const expected = countPresent();
  if (count !== expected) fail(`${label}: ${count} entries, expected ${expected}`);
  sample(label);
  print(`${label}: ${count} entries checked in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}
function countPresent() {
  let count = 0;
  for (const byte of present) for (let b = byte; b !== 0; b &= b - 1) count++;
  return count;
}

check('scan');
print(db.getProperty('rocksdb.levelstats'));
db.close();
db = await open();
check('reopened');
db.close();

print(
  `peak in use ${(inUsePeak / MIB).toFixed(1)} MiB, peak linear memory ${(linearPeak / MIB).toFixed(1)} MiB`,
);
if (inUsePeak >= HEAP_LIMIT)
  fail(`in-use heap reached ${inUsePeak} bytes, the limit is ${HEAP_LIMIT}`);
if (linearPeak >= LINEAR_LIMIT)
  fail(`linear memory reached ${linearPeak} bytes, the limit is ${LINEAR_LIMIT}`);
if (flags.json) console.log(JSON.stringify({ ...summary, inUsePeak, linearPeak }));
process.exit(failed ? 1 : 0);
