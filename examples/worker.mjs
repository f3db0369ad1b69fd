// A service whose main thread goes on while its database compacts in a worker.
//
//   node examples/worker.mjs        writes 64 MiB, compacts them, and says how late a timer of this thread was meanwhile
//
// What is written goes in batches that this thread makes; a scan comes back in blocks.
import * as fs from 'node:fs';
import * as os from 'node:os';
import { RocksDBWorker } from 'rocksdb-wasm/worker';

const folder = fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-worker-`);
const rocks = await RocksDBWorker.start();
try {
  const db = await rocks.RocksDB.open(`${folder}/db`, {
    createIfMissing: true,
    keyEncoding: 'utf8',
    disableAutoCompactions: true,
  });
  const value = new Uint8Array(1024).fill(120);
  const batch = db.batch();
  for (let i = 0; i < 65_536; i++) {
    batch.put(`k${String((i * 7919) % 65_536).padStart(6, '0')}`, value);
    if (batch.count < 1024) continue;
    await db.write(batch);
    batch.clear();
  }
  batch.free();
  await db.flush();

  let latest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    latest = Math.max(latest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const begin = performance.now();
  await db.compactRange();
  clearInterval(timer);
  const ms = Math.round(performance.now() - begin);
  console.log(
    `compacted in ${ms} ms; a timer of the main thread was at most ${latest.toFixed(1)} ms late`,
  );

  const iterator = await db.iterator();
  let entries = 0;
  for await (const _ of iterator) entries++;
  await iterator.free();
  console.log(`${entries} entries`);
  await db.close();
} finally {
  await rocks.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
