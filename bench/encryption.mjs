// encryption.mjs [--entries N] [--rounds R]: what an EncryptedFileSystem costs, against the plain one below
// it. Prints a table in Markdown.
//
// Keys have 16 bytes, values 100; nothing is compressed and no block is cached, so that every read reaches
// the files. The two take turns, workload by workload, so that what else the machine does meets both; the
// ratio is the median of the rounds' own ratios.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { EncryptedFileSystem, NodeFileSystem, RocksDB } from '../dist/index.js';

const VALUE_BYTES = 100;
const BATCH_ENTRIES = 1000;
const SYNCED_PART = 1 / 100;
const READ_PART = 1 / 10;

const { values: flags } = parseArgs({
  options: {
    entries: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
  },
});
const entries = Number(flags.entries);
const rounds = Number(flags.rounds);

const encoder = new TextEncoder();
// Odd, so that no two are the same; and in no order.
const keys = Array.from({ length: entries }, (_, i) =>
  encoder.encode(String(Math.imul(i, 2654435761) >>> 0).padStart(16, '0')),
);
const value = crypto.randomBytes(VALUE_BYTES);

/** By name: [what a run does, how many entries it is about]. */
const WORKLOADS = {
  'put, one at a time': [(side) => side.put(entries, false), entries],
  'put with sync': [(side) => side.put(entries * SYNCED_PART, true), entries * SYNCED_PART],
  'put, batches of 1,000, flush and compaction': [(side) => side.fill(), entries],
  'get, random, from files': [(side) => side.get(), entries * READ_PART],
  'scan of all, from files': [(side) => side.scan(), entries],
  'open and close': [(side) => side.reopen(), 1],
};

class Side {
  #folder;
  #fileSystem;

  constructor(folder, fileSystem) {
    this.#folder = folder;
    this.#fileSystem = fileSystem;
  }

  async put(count, sync) {
    const db = await this.#open('put', true);
    const took = timed(() => {
      for (let i = 0; i < count; i++) db.put(keys[i], value, { sync });
    });
    db.close();
    return took;
  }

  async fill() {
    const db = await this.#open('filled', true);
    const took = timed(() => {
      const batch = db.batch();
      for (let i = 0; i < entries; ) {
        batch.clear();
        for (let j = 0; j < BATCH_ENTRIES && i < entries; i++, j++) batch.put(keys[i], value);
        db.write(batch);
      }
      batch.free();
      db.flush();
      db.compactRange({ bottommostLevelCompaction: 'force' });
    });
    db.close();
    return took;
  }

  async get() {
    const db = await this.#open('filled', false);
    const count = entries * READ_PART;
    const took = timed(() => {
      for (let i = 0; i < count; i++) expectBytes(db.get(keys[(i * 7919) % entries]).length);
    });
    db.close();
    return took;
  }

  async scan() {
    const db = await this.#open('filled', false);
    const took = timed(() => {
      const iterator = db.iterator();
      for (const [, found] of iterator) expectBytes(found.length);
      iterator.free();
    });
    db.close();
    return took;
  }

  async reopen() {
    const begin = performance.now();
    (await this.#open('filled', false)).close();
    return performance.now() - begin;
  }

  #open(name, anew) {
    const folder = path.join(this.#folder, name);
    if (anew) fs.rmSync(folder, { recursive: true, force: true });
    return RocksDB.open(folder, {
      fileSystem: this.#fileSystem,
      createIfMissing: true,
      compression: 'none',
      blockBasedTable: { noBlockCache: true },
    });
  }
}

function timed(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function expectBytes(length) {
  if (length !== VALUE_BYTES) throw new Error(`read ${length} bytes`);
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-bench-'));
try {
  const disk = new NodeFileSystem();
  const plain = new Side(path.join(root, 'plain'), disk);
  const encryption = new EncryptedFileSystem(disk, { keys: { bench: crypto.randomBytes(32) } });
  const encrypted = new Side(path.join(root, 'encrypted'), encryption);
  const times = Object.keys(WORKLOADS).map((name) => ({ name, plain: [], encrypted: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const row of times) {
      const [run] = WORKLOADS[row.name];
      row.plain.push(await run(plain));
      row.encrypted.push(await run(encrypted));
    }
  }
  console.log('| workload | plain, µs each | encrypted, µs each | ratio |\n|---|---|---|---|');
  for (const row of times) {
    const [, count] = WORKLOADS[row.name];
    const ratio = median(row.plain.map((took, round) => row.encrypted[round] / took));
    const each = (side) => ((median(side) * 1000) / count).toFixed(2);
    console.log(
      `| ${row.name} | ${each(row.plain)} | ${each(row.encrypted)} | ${ratio.toFixed(2)} |`,
    );
  }
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}
