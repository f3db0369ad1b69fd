// callbacks.mjs [--rounds N]: what a function of the program's costs each time that RocksDB calls it. For each kind, the
// same work with RocksDB's own object and with one that does the same in JavaScript, in one process, taking turns;
// prints the median ratio of the two times, how many calls there were, and the difference for one of them.
import process from 'node:process';

const { MemoryFileSystem, RocksDB } = await import('../dist/index.js');

const roundsAt = process.argv.indexOf('--rounds');
const ROUNDS = roundsAt < 0 ? 7 : Number(process.argv[roundsAt + 1]);
const ENTRIES = 20_000;

const keys = Array.from({ length: ENTRIES }, (_, i) => `key${String(i).padStart(13, '0')}`);
const shuffled = keys.map((_, i) => keys[(i * 7919) % ENTRIES]);
const value = new Uint8Array(100).fill(118);
let calls = 0;

const comparator = {
  name: 'bench.bytewise',
  bytewiseEqual: true,
  compare(a, b) {
    calls++;
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  },
};
const uint64 = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
const mergeOperator = {
  name: 'bench.uint64add',
  merge(_key, existing, operand) {
    calls++;
    const sum = (existing === undefined ? 0n : uint64(existing)) + uint64(operand);
    const result = new Uint8Array(8);
    new DataView(result.buffer).setBigUint64(0, sum, true);
    return result;
  },
};
const compactionFilter = {
  name: 'bench.keep',
  filter() {
    calls++;
    return 'keep';
  },
};
const prefixExtractor = {
  name: 'bench.fixed8',
  transform() {
    calls++;
    return 8;
  },
};
const tablePropertiesCollectorFactories = [
  {
    name: 'bench.collector',
    createCollector: () => ({
      addUserKey() {
        calls++;
      },
      finish: () => ({}),
    }),
  },
];

const one = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
const fill = (db) => {
  for (const key of keys) db.put(key, value);
  db.flush();
};
const prefixes = { filterPolicy: 'bloom:10', wholeKeyFiltering: false };

/** What is done, with the options of RocksDB's own object and with those of the function. */
const WORK = {
  'comparator: put': {
    own: {},
    host: { comparator },
    run: (db) => {
      for (const key of shuffled) db.put(key, value);
    },
  },
  'comparator: get from tables': {
    own: {},
    host: { comparator },
    prepare: fill,
    run: (db) => {
      for (const key of shuffled) db.get(key);
    },
  },
  'comparator: scan': {
    own: {},
    host: { comparator },
    prepare: fill,
    run: (db) => {
      const iterator = db.iterator();
      while (iterator.next() !== undefined);
      iterator.free();
    },
  },
  'merge operator: get of 10 operands': {
    own: { mergeOperator: 'uint64add' },
    host: { mergeOperator },
    prepare: (db) => {
      for (let i = 0; i < 10; i++) for (let k = 0; k < 1000; k++) db.merge(keys[k], one);
    },
    run: (db) => {
      for (let k = 0; k < 1000; k++) db.get(keys[k]);
    },
  },
  'compaction filter': {
    own: {},
    host: { compactionFilter },
    prepare: fill,
    run: (db) => db.compactRange({ bottommostLevelCompaction: 'force' }),
  },
  'prefix extractor: put and flush': {
    own: { prefixExtractor: 'fixed:8', blockBasedTable: prefixes },
    host: { prefixExtractor, blockBasedTable: prefixes },
    run: fill,
  },
  'table properties: flush': {
    own: {},
    host: { tablePropertiesCollectorFactories },
    prepare: (db) => {
      for (const key of keys) db.put(key, value);
    },
    run: (db) => db.flush(),
  },
};

/** Milliseconds, and calls of the function, of one round on a database of its own. */
async function measure({ prepare, run }, options) {
  const db = await RocksDB.open('/bench', {
    createIfMissing: true,
    fileSystem: new MemoryFileSystem(),
    ...options,
  });
  prepare?.(db);
  calls = 0;
  const start = performance.now();
  run(db);
  const milliseconds = performance.now() - start;
  db.close();
  return { milliseconds, calls };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

console.log(`${'work'.padEnd(38)} ratio      calls   ns a call`);
for (const [name, work] of Object.entries(WORK)) {
  const ratios = [];
  const costs = [];
  let counted = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const own = await measure(work, work.own);
    const host = await measure(work, work.host);
    if (round === 0) continue; // the compilers' own time
    ratios.push(host.milliseconds / own.milliseconds);
    costs.push(((host.milliseconds - own.milliseconds) * 1e6) / host.calls);
    counted = host.calls;
  }
  const ratio = `${median(ratios).toFixed(2)}x`.padStart(6);
  const cost = median(costs).toFixed(0).padStart(8);
  console.log(`${name.padEnd(38)} ${ratio} ${String(counted).padStart(10)} ${cost}`);
}
