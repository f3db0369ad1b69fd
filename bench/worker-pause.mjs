// worker-pause.mjs [--mib N] [--json] [--limit MS]: the longest pause of the main thread's event loop while a worker compacts.
//
// Fills a database on disk in a worker with N MiB of values that do not compress (default: 1,024), in tables of one level, without
// compaction; then compacts all of it while this thread does nothing but look at its own event loop: a timer a millisecond,
// and Node's own monitor. Prints the longest pause of both; fails when one is above the limit (default: 20 ms).
import * as fs from 'node:fs';
import * as os from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { RocksDBWorker } from '../dist/worker.js';

const { values: flags } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    limit: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const MIB = 1024 * 1024;
const BYTES = Number(flags.mib) * MIB;
const VALUE_BYTES = 4096;
const BATCH_BYTES = 2 * MIB;

/** Bytes that do not compress, the same ones each time. */
function noise(length) {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

async function fill(db, count) {
  const pool = noise(VALUE_BYTES + 65536);
  const step = 1_000_003; // prime to the count: keys come in no order, so that every table has to be read
  const batch = db.batch();
  for (let i = 0; i < count; i++) {
    const key = String((i * step) % count).padStart(12, '0');
    batch.put(key, pool.subarray(i % 65536, (i % 65536) + VALUE_BYTES));
    if (batch.byteLength < BATCH_BYTES) continue;
    await db.write(batch, { disableWAL: true });
    batch.clear();
  }
  await db.write(batch, { disableWAL: true });
  await db.flush();
}

/** The longest time between two turns of a timer while `work` goes on, beyond the millisecond that was asked for. */
async function longestPause(work) {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(timer);
  monitor.disable();
  return { seconds, timerMs: longest, monitorMs: monitor.max / 1e6 };
}

const folder = fs.mkdtempSync(`${os.tmpdir()}/rocksdb-worker-pause-`);
const rocks = await RocksDBWorker.start();
try {
  const db = await rocks.RocksDB.open(`${folder}/db`, {
    createIfMissing: true,
    disableAutoCompactions: true,
    writeBufferSize: 32 * MIB,
    level0SlowdownWritesTrigger: 1 << 20,
    level0StopWritesTrigger: 1 << 20,
    compression: 'none',
  });
  await fill(db, Math.floor(BYTES / VALUE_BYTES));
  const before = (await db.getColumnFamilyMetaData()).size;
  const idle = await longestPause(() => new Promise((resolve) => setTimeout(resolve, 2000)));
  const compacting = await longestPause(() =>
    db.compactRange({ bottommostLevelCompaction: 'force' }),
  );
  await db.close();
  const result = { mib: Math.round(before / MIB), idle, compacting };
  if (flags.json) console.log(JSON.stringify(result));
  else {
    const row = (name, { seconds, timerMs, monitorMs }) =>
      console.log(
        `  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(8)} s   longest pause: timer ${timerMs.toFixed(1)} ms, monitor ${monitorMs.toFixed(1)} ms`,
      );
    console.log(`compaction of ${result.mib} MiB in a worker, main thread:`);
    row('idle', idle);
    row('compacting', compacting);
  }
  const limit = Number(flags.limit);
  if (Math.max(compacting.timerMs, compacting.monitorMs) > limit) {
    console.error(`the main thread paused for more than ${limit} ms`);
    process.exitCode = 1;
  }
} finally {
  await rocks.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
