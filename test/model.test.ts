import { type Background, MemoryFileSystem, RocksDB, type Snapshot } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../src/wasi/random.js';
import { ledgerIsClean, makeEngine } from './support/open.js';

type Table = Map<string, string>;
type Tables = Record<'default' | 'index', Table>;

const OPERATIONS = 6000;
const OPTIONS = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  mergeOperator: 'stringappend',
  compression: 'lz4',
  writeBufferSize: 64 * 1024,
} as const;

/** Random operations beside the same ones on plain maps: whatever is read must agree. */
async function run(background: Background, seed: number): Promise<void> {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), background });
  const state = new Uint32Array([seed, 1, 2, 3]);
  const below = (limit: number) => xoshiro128(state) % limit;
  const key = () => `key${String(below(600)).padStart(4, '0')}`;
  const pair = () => [key(), key()].sort() as [string, string];
  const open = () => RocksDB.open('/db', { engine, ...OPTIONS });
  let db = await open();
  db.createColumnFamily('index', { mergeOperator: 'stringappend', writeBufferSize: 64 * 1024 });
  const model: Tables = { default: new Map(), index: new Map() };
  const snapshots: { snapshot: Snapshot; tables: Tables }[] = [];

  function scan(name: keyof Tables): void {
    const held = snapshots[below(snapshots.length + 1)];
    const [from, to] = pair();
    const [lower, upper] = [below(3), below(3)];
    const reverse = below(2) === 0;
    const entries = [...(held?.tables ?? model)[name]]
      .filter(([k]) => lower === 0 || k > from || (lower === 2 && k === from))
      .filter(([k]) => upper === 0 || k < to || (upper === 2 && k === to))
      .sort(([a], [b]) => (a < b !== reverse ? -1 : 1));
    const limit = below(3) === 0 ? below(20) : entries.length + 1;
    const iterator = db.iterator({
      ...(lower === 0 ? {} : { [lower === 1 ? 'gt' : 'gte']: from }),
      ...(upper === 0 ? {} : { [upper === 1 ? 'lt' : 'lte']: to }),
      ...(held === undefined ? {} : { snapshot: held.snapshot }),
      columnFamily: db.columnFamily(name) as never,
      reverse,
      limit,
    });
    expect([...iterator]).toEqual(entries.slice(0, limit));
    const sought = key();
    iterator.seek(sought);
    const found = entries.find(([k]) => (reverse ? k <= sought : k >= sought));
    expect(iterator.next()).toEqual(limit === 0 ? undefined : found);
    iterator.free();
  }

  function batch(): void {
    const updates = db.batch();
    for (let j = below(20); j > 0; j--) {
      const name = below(2) === 0 ? 'default' : 'index';
      const columnFamily = db.columnFamily(name) as never;
      const [k, value] = [key(), `batch${below(1e6)}`];
      if (below(4) === 0) {
        updates.delete(k, { columnFamily });
        model[name].delete(k);
      } else {
        updates.put(k, value, { columnFamily });
        model[name].set(k, value);
      }
    }
    db.write(updates, { sync: below(5) === 0 });
    updates.free();
  }

  function holdOrRelease(): void {
    if (snapshots.length < 4) {
      const tables = { default: new Map(model.default), index: new Map(model.index) };
      snapshots.push({ snapshot: db.snapshot(), tables });
    } else snapshots.splice(below(4), 1)[0]?.snapshot.free();
  }

  async function reopen(): Promise<void> {
    for (const { snapshot } of snapshots.splice(0)) snapshot.free();
    expect(db.close()).toEqual([]);
    db = await open();
  }

  for (let i = 0; i < OPERATIONS; i++) {
    const name = below(3) === 0 ? 'index' : 'default';
    const table = model[name];
    const target = { columnFamily: db.columnFamily(name) as never };
    const k = key();
    const choice = below(16);
    if (choice === 0) {
      db.delete(k, target);
      table.delete(k);
    } else if (choice === 1 && below(4) === 0) {
      const [from, to] = pair();
      db.deleteRange(from, to, target);
      for (const each of [...table.keys()]) if (each >= from && each < to) table.delete(each);
    } else if (choice === 2) {
      db.merge(k, `m${i}`, target);
      table.set(k, table.has(k) ? `${table.get(k)},m${i}` : `m${i}`);
    } else if (choice === 3) batch();
    else if (choice === 4) holdOrRelease();
    else if (choice === 5) scan(name);
    else if (choice === 6) expect(db.get(k, target)).toBe(table.get(k));
    else if (choice === 7) {
      const keys = Array.from({ length: below(20) }, key);
      expect(db.getMany(keys, target)).toEqual(keys.map((each) => table.get(each)));
    } else if (choice === 8) expect(db.has(k, target)).toBe(table.has(k));
    else if (choice === 9 && below(20) === 0) db.flush();
    else if (choice === 10 && below(40) === 0) db.compactRange(target);
    else if (choice === 11 && below(60) === 0) await reopen();
    else if (choice === 12 && background === 'manual') engine.pump(1);
    else if (choice === 12 && below(20) === 0) await new Promise((done) => setTimeout(done, 0));
    else {
      const value = `${i}${'x'.repeat(below(300))}`;
      db.put(k, value, target);
      table.set(k, value);
    }
  }
  await reopen();
  for (const name of ['default', 'index'] as const) {
    const iterator = db.iterator({ columnFamily: db.columnFamily(name) as never });
    expect([...iterator]).toEqual([...model[name]].sort(([a], [b]) => (a < b ? -1 : 1)));
    iterator.free();
  }
  db.close();
  ledgerIsClean(engine);
}

describe('random operations agree with plain maps', () => {
  for (const background of ['inline', 'idle', 'manual'] as const) {
    for (const seed of [1, 2]) {
      it(`${background}, seed ${seed}`, () => run(background, seed));
    }
  }
});
