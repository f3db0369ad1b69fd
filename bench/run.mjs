// run.mjs [--entries N] [--rounds R]: this package against native RocksDB, compiled from the same
// sources by the same compiler (bench/native/bench.cc), with the same options. Prints a table in
// Markdown.
//
// Keys have 16 bytes, values 100; nothing is compressed. The two take turns, workload by workload,
// so that what else the machine does meets both. The figures of this package include everything a
// caller pays for: each key goes in as a Uint8Array, each key and value comes out as one of its
// own.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { RocksDB } from '../dist/index.js';
import { buildNative } from '../scripts/native.mjs';

const VALUE_BYTES = 100;
const VALUES = 1000;
const BATCH_ENTRIES = 1000;
const BLOCK_CACHE_BYTES = 256 * 1024 * 1024;

const WORKLOADS = {
  get: 'get, random, from cached blocks',
  put: 'put, random, one at a time',
  batch: 'put, random, batches of 1,000',
  scan: 'scan of all, per entry',
};

const { values: flags } = parseArgs({
  options: {
    entries: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '7' },
  },
});
const entries = Number(flags.entries);
const rounds = Number(flags.rounds);

/** Marsaglia's xorshift32, as in bench.cc. */
function random(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

// ---- this package -------------------------------------------------------------------------------

const encoder = new TextEncoder();
// Odd, so that no two are the same; and in no order.
const keyOf = (i) => encoder.encode(String(Math.imul(i, 2654435761) >>> 0).padStart(16, '0'));
const keys = Array.from({ length: entries }, (_, i) => keyOf(i));
const nextByte = random(1);
const values = Array.from({ length: VALUES }, () =>
  Uint8Array.from({ length: VALUE_BYTES }, () => nextByte() & 0xff),
);

class Package {
  #folder;
  #loaded;

  constructor(folder) {
    this.#folder = folder;
  }

  async run(workload) {
    if (workload === 'put' || workload === 'batch') {
      const db = await this.#create('written');
      const took = this.#timed(() => (workload === 'put' ? this.#put(db) : this.#putBatches(db)));
      db.close();
      return took;
    }
    if (this.#loaded === undefined) await this.#load();
    return this.#timed(() => (workload === 'get' ? this.#get() : this.#scan()));
  }

  close() {
    this.#loaded?.close();
  }

  #timed(work) {
    const begin = performance.now();
    work();
    return ((performance.now() - begin) * 1000) / entries;
  }

  #create(name) {
    const folder = path.join(this.#folder, name);
    fs.rmSync(folder, { recursive: true, force: true });
    return RocksDB.open(folder, {
      createIfMissing: true,
      compression: 'none',
      blockBasedTable: { blockCache: BLOCK_CACHE_BYTES },
    });
  }

  #put(db) {
    for (let i = 0; i < entries; i++) db.put(keys[i], values[i % VALUES]);
  }

  #putBatches(db) {
    const batch = db.batch();
    for (let i = 0; i < entries; ) {
      batch.clear();
      for (let j = 0; j < BATCH_ENTRIES && i < entries; i++, j++) {
        batch.put(keys[i], values[i % VALUES]);
      }
      db.write(batch);
    }
    batch.free();
  }

  async #load() {
    this.#loaded = await this.#create('loaded');
    this.#putBatches(this.#loaded);
    this.#loaded.flush();
    this.#loaded.compactRange();
  }

  #get() {
    const next = random(2);
    let bytes = 0;
    for (let i = 0; i < entries; i++) bytes += this.#loaded.get(keys[next() % entries]).length;
    this.#expect(bytes, VALUE_BYTES);
  }

  #scan() {
    const iterator = this.#loaded.iterator();
    let bytes = 0;
    for (const [key, value] of iterator) bytes += key.length + value.length;
    iterator.free();
    this.#expect(bytes, 16 + VALUE_BYTES);
  }

  #expect(bytes, each) {
    if (bytes !== each * entries) throw new Error(`read ${bytes} bytes`);
  }
}

// ---- native -------------------------------------------------------------------------------------

class Native {
  #child;
  #answers;

  constructor(program, folder) {
    this.#child = spawn(program, [folder, String(entries)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async run(workload) {
    this.#child.stdin.write(`${workload}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the native benchmark ended');
    return Number(value);
  }

  close() {
    this.#child.stdin.end();
  }
}

// ---- report -------------------------------------------------------------------------------------

function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function cell(figures) {
  const [low, high] = [Math.min(...figures), Math.max(...figures)].map((each) => each.toFixed(2));
  return `${median(figures).toFixed(2)} (${low} to ${high})`;
}

function report(results, sides) {
  const names = Object.keys(sides);
  const { model } = os.cpus()[0];
  const each = entries.toLocaleString('en');
  console.log(`${os.cpus().length} x ${model}, ${os.type()}, Node ${process.versions.node};`);
  console.log(`${each} entries, ${rounds} rounds; microseconds, median (least to most)\n`);
  const ratio = names.length > 1;
  console.log(`| | ${names.join(' | ')} |${ratio ? ' wasm / native |' : ''}`);
  console.log(`|---|${names.map(() => '---|').join('')}${ratio ? '---|' : ''}`);
  for (const [workload, title] of Object.entries(WORKLOADS)) {
    const figures = names.map((name) => results[workload][name]);
    // Round by round: what slowed one down then slowed the other, too.
    const ratios = figures[0].map((figure, round) => figure / (figures[1]?.[round] ?? 1));
    const last = ratio ? ` ${median(ratios).toFixed(2)} |` : '';
    console.log(`| ${title} | ${figures.map(cell).join(' | ')} |${last}`);
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-bench-'));
const sides = { wasm: new Package(path.join(folder, 'wasm')) };
try {
  fs.mkdirSync(path.join(folder, 'native'));
  fs.mkdirSync(path.join(folder, 'wasm'));
  try {
    sides.native = new Native((await buildNative()).bench, path.join(folder, 'native'));
  } catch (error) {
    console.error(
      `bench: this package alone, since native RocksDB cannot be built: ${error.message}`,
    );
  }
  const results = {};
  for (const workload of Object.keys(WORKLOADS)) {
    results[workload] = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
    // The first round warms both up: code, caches, pages.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, side] of Object.entries(sides)) {
        const figure = await side.run(workload);
        if (round > 0) results[workload][name].push(figure);
      }
    }
  }
  report(results, sides);
} finally {
  for (const side of Object.values(sides)) side.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
