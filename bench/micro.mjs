// micro.mjs: single calls, by tinybench, in memory: what the boundary costs. Not a comparison; see run.mjs.
import { Bench } from 'tinybench';
import { MemoryFileSystem, RocksDB } from '../dist/index.js';

const ENTRIES = 100_000;
const keys = Array.from({ length: ENTRIES }, (_, i) => `key${String(i).padStart(13, '0')}`);
const byteKeys = keys.map((key) => new TextEncoder().encode(key));
const value = new Uint8Array(100).fill(118);

const db = await RocksDB.open('/micro', {
  createIfMissing: true,
  fileSystem: new MemoryFileSystem(),
});
for (const key of keys) db.put(key, value);
db.flush();

let at = 0;
const next = (list) => {
  at = (at + 7919) % ENTRIES;
  return list[at];
};
const batch = db.batch();
const iterator = db.iterator();

const bench = new Bench({ time: 500 });
bench
  .add('get, string key', () => db.get(next(keys)))
  .add('get, Uint8Array key', () => db.get(next(byteKeys)))
  .add('get to utf8', () => db.get(next(keys), { valueEncoding: 'utf8' }))
  .add('get of a missing key', () => db.get('nothing'))
  .add('has', () => db.has(next(keys)))
  .add('getMany of 100', () => db.getMany(keys.slice(0, 100)))
  .add('put', () => db.put(next(keys), value))
  .add('append to a batch', () => {
    if (batch.count >= 1000) batch.clear();
    batch.put(next(keys), value);
  })
  .add('iterator: next', () => {
    if (iterator.next() === undefined) iterator.seekToStart();
  })
  .add('iterator: make, seek, free', () => {
    const short = db.iterator();
    short.seek(next(keys));
    short.free();
  })
  .add('snapshot: make, free', () => db.snapshot().free());
await bench.run();
console.table(bench.table());
batch.free();
iterator.free();
db.close();
