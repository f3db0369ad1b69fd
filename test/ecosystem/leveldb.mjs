// leveldb.mjs FOLDER LEVEL_URL: what becomes of a LevelDB directory that RocksLevel opens.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ClassicLevel } from 'classic-level';

const [folder, levelUrl] = process.argv.slice(2);
const { RocksLevel } = await import(levelUrl);

const at = path.join(folder, 'db');
fs.mkdirSync(folder, { recursive: true });
const classic = new ClassicLevel(at, { valueEncoding: 'view', writeBufferSize: 64 * 1024 });
await classic.open();
const value = (i) => new Uint8Array(100 + (i % 50)).fill(i);
for (let round = 0; round < 3; round++) {
  for (let from = 0; from < 20_000; from += 500) {
    const batch = classic.batch();
    for (let i = from; i < from + 500; i++) {
      if ((i + round) % 7 === 0) batch.del(`k${i % 9000}`);
      else batch.put(`k${(i * 7) % 30_000}`, value(i + round));
    }
    await batch.write();
  }
  if (round === 1) await classic.compactRange('k', 'l');
}
const entries = async (db) =>
  (await db.iterator().all()).map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString('hex')}`);
const before = await entries(classic);
await classic.close();
const tables = fs.readdirSync(at).filter((name) => name.endsWith('.ldb')).length > 3;

// Entry by entry into a new one: what was there stays as it was.
const source = new ClassicLevel(at, { keyEncoding: 'view', valueEncoding: 'view' });
const target = new RocksLevel(path.join(folder, 'copy'), {
  keyEncoding: 'view',
  valueEncoding: 'view',
});
const all = source.iterator();
for (let part = await all.nextv(1000); part.length > 0; part = await all.nextv(1000)) {
  await target.batch(part.map(([key, bytes]) => ({ type: 'put', key, value: bytes })));
}
await all.close();
await source.close();
await target.close();
const copy = new RocksLevel(path.join(folder, 'copy'), { valueEncoding: 'view' });
const copied = JSON.stringify(await entries(copy)) === JSON.stringify(before);
await copy.close();

const rocks = new RocksLevel(at, { valueEncoding: 'view' });
const same = JSON.stringify(await entries(rocks)) === JSON.stringify(before);
await rocks.put('new', value(1));
const written = (await rocks.get('new'))?.length === 101;
rocks.rocksdb.flush();
rocks.rocksdb.compactRange({ bottommostLevelCompaction: 'force' });
const after = await entries(rocks);
const compacted = after.length === before.length + 1;
await rocks.close();

const again = new RocksLevel(at, { valueEncoding: 'view' });
const reopened = JSON.stringify(await entries(again)) === JSON.stringify(after);
await again.close();
const left = fs.readdirSync(at).filter((name) => name.endsWith('.ldb'));

const back = new ClassicLevel(at);
const classicAgain = await back.open().then(
  () => 'opened',
  (error) => error.cause?.code ?? error.code,
);
fs.writeFileSync(
  path.join(folder, 'result.json'),
  JSON.stringify({ tables, same, written, compacted, reopened, left, copied, classicAgain }),
);
