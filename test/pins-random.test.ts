// runtime: node
import {
  type AnyColumnFamily,
  type Engine,
  MemoryFileSystem,
  RocksDB,
  type Snapshot,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../src/wasi/random.js';
import { makeEngine } from './support/open.js';
import { compact, fill, freesExactly, open, pinsOf, TEXT, type Text } from './support/pins.js';
import { dropsExactly, familiesOf } from './support/retained.js';

describe('random work with iterators', () => {
  it.each([1, 2, 3, 4, 5, 6])('frees exactly what was reported, seed %d', async (seed) => {
    const state = new Uint32Array([seed, 1, 2, 3]);
    const below = (limit: number) => xoshiro128(state) % limit;
    const db = await open({
      writeBufferSize: 64 * 1024,
      arenaBlockSize: 4096,
      targetFileSizeBase: 16 * 1024,
      disableAutoCompactions: false,
      enableBlobFiles: seed % 2 === 0,
      minBlobSize: 250,
    });
    const family = db.createColumnFamily('family', { writeBufferSize: 64 * 1024 });
    const families = [db.defaultColumnFamily, family];
    const tailing = seed % 3 === 0; // which RocksDB does not have together with range deletions
    const live: { free(): void; id: number; family: AnyColumnFamily }[] = [];
    let checked = 0;
    for (let i = 0; i < 600; i++) {
      const choice = below(12);
      const columnFamily = families[below(2)] as AnyColumnFamily;
      if (choice < 6) {
        const from = below(2000);
        fill(db, from, from + 30, 'r'.repeat(below(400)), columnFamily);
      } else if (choice === 6 && !tailing)
        db.deleteRange(`key${below(9)}`, 'key999', { columnFamily });
      else if (choice === 7) db.flush({ columnFamily });
      else if (choice === 8 && below(4) === 0) compact(db, columnFamily);
      else if (choice < 11 && live.length < 8) {
        const iterator = db.iterator({ columnFamily, tailing: tailing && below(2) === 0 });
        iterator.nextMany(below(50));
        live.push({ id: iterator.id, free: () => iterator.free(), family: columnFamily });
      } else if (live.length > 0) {
        const [victim] = live.splice(below(live.length), 1);
        if (victim === undefined) continue;
        const report = pinsOf(db, victim);
        freesExactly(db, report, () => victim.free(), victim.family);
        if (report.sstFiles.unique.length > 0) checked++;
      }
    }
    for (const { free } of live) free();
    expect(checked).toBeGreaterThan(3);
  });
});

/** A small database of random history; one of its snapshots is released in the end. */
async function history(engine: Engine, seed: number): Promise<number> {
  const state = new Uint32Array([seed, 1, 2, 3]);
  const below = (limit: number) => xoshiro128(state) % limit;
  const blobs = below(2) === 0;
  const db: Text = await RocksDB.open(`/db${seed}`, {
    ...{ engine, ...TEXT },
    mergeOperator: 'stringappend',
    enableBlobFiles: blobs,
    minBlobSize: 20,
    compactionStyle: below(3) === 0 ? 'kCompactionStyleUniversal' : 'kCompactionStyleLevel',
  });
  db.createColumnFamily('other', {
    mergeOperator: below(2) === 0 ? 'stringappend' : 'stringappendtest',
    disableAutoCompactions: true,
  });
  const anyFamily = () => {
    const family = familiesOf(db)[below(2)];
    if (family === undefined) throw new Error('there are two');
    return family;
  };
  const key = () => `key${below(20)}`;
  const single = new Set<string>();
  const snapshots: Snapshot[] = [];
  const singly = () => {
    const family = anyFamily();
    const name = `single${below(8)}`;
    const id = `${family.columnFamily.name} ${name}`;
    if (single.delete(id)) db.singleDelete(name, family);
    else {
      single.add(id);
      db.put(name, 'once', family);
    }
  };
  for (let i = 0; i < 150; i++) {
    const choice = below(14);
    if (choice < 4) db.put(key(), `value${i}${'x'.repeat(below(40))}`, anyFamily());
    else if (choice < 6) db.delete(key(), anyFamily());
    else if (choice < 8) db.merge(key(), `operand${i}`, anyFamily());
    else if (choice === 8) {
      const [begin = '', end = ''] = [key(), key()].sort();
      db.deleteRange(begin, end, anyFamily());
    } else if (choice < 11) singly();
    else if (choice === 11 && snapshots.length < 5) snapshots.push(db.snapshot());
    else if (choice === 11) snapshots.splice(below(5), 1)[0]?.free();
    else if (choice === 12 && below(3) === 0) db.flush(anyFamily());
    else if (choice === 13 && below(6) === 0) db.compactRange(anyFamily());
  }
  const sequences = snapshots.map(({ sequenceNumber }) => sequenceNumber);
  const alone = snapshots.filter(
    ({ sequenceNumber }) => sequences.filter((each) => each === sequenceNumber).length === 1,
  );
  const victim = alone[below(alone.length || 1)] ?? db.snapshot();
  const { versions } = dropsExactly(db, victim, blobs);
  for (const snapshot of snapshots) snapshot.free();
  expect(db.close()).toEqual([]);
  return versions;
}

describe('random histories with snapshots', () => {
  it('of 200 databases: dropped is what was counted', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    let versions = 0;
    for (let seed = 1; seed <= 200; seed++) versions += await history(engine, seed);
    expect(versions).toBeGreaterThan(500);
  });
});
