// A chaos drill on real files: a program that writes orders while its disk fails now and then, and a check that
// nothing it was told is stored has gone.
//
//   node examples/chaos-drill.mjs [--seed 7] [--rounds 20]
//
// The same seed is the same drill: the same faults at the same calls. It prints what was injected, and ends with 1
// when an order is lost or one is there that was never placed.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** What may go wrong: a few percent of the syncs, some writes torn, slow reads, and a process out of descriptors. */
const RULES = [
  { operation: 'sync', probability: 0.03, errno: 'EIO' },
  { operation: 'write', path: '*.log', probability: 0.01, bytes: 40, errno: 'EIO' },
  { operation: 'write', path: '*.sst', probability: 0.02, errno: 'ENOSPC' },
  { operation: ['open', 'create'], probability: 0.02, errno: 'EMFILE' },
  { operation: 'rename', probability: 0.05, errno: 'EIO', fails: 'after' },
  { operation: 'read', bytes: 100, probability: 0.2 },
];

/**
 * Runs a drill in an empty folder. `modules` are rocksdb-wasm and rocksdb-wasm/faults. Returns what was found: the orders
 * that are lost and those that were made up (none, we hope), and what was injected.
 */
export async function drill(modules, folder, { seed = 7, rounds = 20, wasm } = {}) {
  const { FaultFileSystem, NodeFileSystem, RocksDB, RocksDBError } = modules;
  const files = new FaultFileSystem(new NodeFileSystem(), { seed, rules: RULES });
  const options = {
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    fileSystem: files,
    writeBufferSize: 64 * 1024,
    ...(wasm === undefined ? {} : { wasm }),
  };
  const placed = new Set();
  const stored = new Set();
  const errors = new Map();
  /** Runs one step. Only errors of the package's are expected; anything else ends the drill. */
  const attempt = async (step) => {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof RocksDBError)) throw error;
      errors.set(error.code, (errors.get(error.code) ?? 0) + 1);
      return undefined;
    }
  };

  for (let round = 0; round < rounds; round++) {
    const db = await attempt(() => RocksDB.open(folder, options));
    if (db === undefined) continue;
    for (let i = 0; i < 200; i++) {
      const order = `order ${round}-${i}`;
      placed.add(order);
      await attempt(() => {
        db.put(order, 'x'.repeat(500), { sync: i % 10 === 0 });
        stored.add(order);
      });
    }
    await attempt(() => db.flush());
    await attempt(() => db.close());
  }

  files.enabled = false; // the disk is mended
  const db = await RocksDB.open(folder, options);
  const found = new Set();
  try {
    const entries = db.iterator();
    for (const [order] of entries) found.add(order);
    entries.free();
  } finally {
    db.close();
  }
  return {
    lost: [...stored].filter((order) => !found.has(order)),
    invented: [...found].filter((order) => !placed.has(order)),
    stored: stored.size,
    errors: Object.fromEntries(errors),
    injected: files.injected,
    log: files.log,
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '7' },
      rounds: { type: 'string', default: '20' },
    },
  });
  const modules = { ...(await import('rocksdb-wasm')), ...(await import('rocksdb-wasm/faults')) };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'chaos-drill-'));
  try {
    const options = { seed: Number(values.seed), rounds: Number(values.rounds) };
    const { lost, invented, stored, errors, injected } = await drill(modules, folder, options);
    console.log(`seed ${values.seed}: ${stored} orders stored`);
    console.log('injected', Object.fromEntries(Object.entries(injected).filter(([, n]) => n > 0)));
    console.log('errors', errors);
    console.log(`lost ${lost.length}, made up ${invented.length}`, lost.slice(0, 5));
    process.exitCode = lost.length + invented.length > 0 ? 1 : 0;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
