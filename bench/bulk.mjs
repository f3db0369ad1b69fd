// bulk.mjs [--lines N] [--budget MIB] [--json]: log lines through db.bulkWriter() under a heap budget.
//
// Batches of 1,000, 5,000 and 10,000 entries, and as the heap has room for, each in a process of its own and a
// database on disk with default options. Latency is that of the call that writes a batch, the flushes and compactions
// that it causes included. Prints a table; fails when a run passes its budget.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RocksDB } from '../dist/index.js';

const { values: flags } = parseArgs({
  options: {
    lines: { type: 'string', default: '2000000' },
    budget: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
    entries: { type: 'string' },
  },
});

const MIB = 1024 * 1024;
const LINES = Number(flags.lines);
const BUDGET = Number(flags.budget) * MIB;
const PATHS = ['/', '/login', '/api/items', '/api/items/:id', '/static/app.js', '/health'];

/** Lines as a web server logs them, the same ones each time. */
function* logLines(count) {
  let state = 1;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  for (let i = 0; i < count; i++) {
    const time = new Date(1_700_000_000_000 + i * 7).toISOString();
    const key = `${time}#${String(i).padStart(8, '0')}`;
    const path = PATHS[random(PATHS.length)];
    const status = random(50) === 0 ? 500 : 200;
    const id = `${random(1 << 24).toString(16)}${random(1 << 24).toString(16)}`;
    yield [
      key,
      `10.0.${random(256)}.${random(256)} GET ${path} ${status} ${random(40_000)} ${random(900)}ms req=${id}`,
    ];
  }
}

async function run(maxBatchEntries) {
  const folder = fs.mkdtempSync(`${os.tmpdir()}/rocksdb-bulk-`);
  try {
    const db = await RocksDB.open(`${folder}/db`, { createIfMissing: true });
    const latencies = [];
    const writer = db.bulkWriter({
      heapBudgetBytes: BUDGET,
      // Those of a fixed number of entries are not to end by their bytes.
      ...(maxBatchEntries === undefined ? {} : { maxBatchEntries, maxBatchBytes: 16 * MIB }),
    });
    const begin = performance.now();
    for (const line of logLines(LINES)) {
      const before = performance.now();
      if (writer.add(line)) latencies.push(performance.now() - before);
    }
    const totals = writer.close();
    const seconds = (performance.now() - begin) / 1000;
    db.close();
    latencies.sort((a, b) => a - b);
    const at = (part) =>
      latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0;
    return {
      ...totals,
      linesPerSecond: totals.entries / seconds,
      mibPerSecond: totals.bytes / MIB / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (flags.json) {
  const entries = flags.entries === undefined ? undefined : Number(flags.entries);
  console.log(JSON.stringify(await run(entries)));
} else {
  const rows = [];
  let passed = false;
  for (const entries of [1000, 5000, 10_000, undefined]) {
    const name = entries === undefined ? 'adaptive' : entries.toLocaleString('en');
    process.stderr.write(`${name} ...\n`);
    const args = [
      fileURLToPath(import.meta.url),
      '--json',
      '--lines',
      flags.lines,
      '--budget',
      flags.budget,
    ];
    if (entries !== undefined) args.push('--entries', String(entries));
    const figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    if (figures.entries !== LINES)
      throw new Error(`${figures.entries} of ${LINES} lines were written`);
    passed ||= figures.peakHeapBytes > BUDGET;
    rows.push([
      name,
      String(figures.batches),
      (figures.bytes / figures.batches / 1024).toFixed(0),
      figures.p50Ms.toFixed(1),
      figures.p99Ms.toFixed(1),
      figures.maxMs.toFixed(0),
      (figures.linesPerSecond / 1000).toFixed(0),
      figures.mibPerSecond.toFixed(1),
      (figures.peakHeapBytes / MIB).toFixed(1),
    ]);
  }
  const head = [
    'entries a batch',
    'batches',
    'KiB a batch',
    'p50 ms',
    'p99 ms',
    'longest ms',
    '1,000 lines/s',
    'MiB/s',
    'peak heap MiB',
  ];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log(
    [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n'),
  );
  if (passed) {
    console.error(`a run passed its budget of ${flags.budget} MiB`);
    process.exitCode = 1;
  }
}
