/** What reads, entities and iterators over several column families leave behind: nothing; and what they pin. */
import { type FileSystem, ManualClock, MemoryFileSystem, NodeFileSystem } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from './support/open.js';
import { compact, fill, freesExactly, open, pinsOf, type Text } from './support/pins.js';

const FILE_SYSTEMS: readonly [string, () => FileSystem][] = [
  ['in memory', () => new MemoryFileSystem()],
  ['on disk', () => new NodeFileSystem()],
];

const U64 = { comparator: 'leveldb.BytewiseComparator.u64ts' } as const;

function ownersOf(db: Text) {
  db.engine.pump();
  db.engine.heap.verify();
  return db.engine.heap.owners();
}

/** Each leaves nothing that it made. */
function actions(db: Text): [name: string, run: () => unknown][] {
  const one = db.columnFamily('one');
  const two = db.columnFamily('two');
  const timed = db.columnFamily('timed');
  if (one === undefined || two === undefined || timed === undefined) throw new Error('not made');
  const first = db.defaultColumnFamily;
  const families = [one, two];
  const read = { columnFamily: timed, timestamp: 99n };
  const drain = (iterator: ReturnType<typeof db.iterator<'utf8', 'utf8'>>) => {
    for (const _ of iterator) void iterator.columns;
    iterator.free();
  };
  const fails = (run: () => unknown) => () => expect(run).toThrow();
  return [
    ['getEntity', () => db.getEntity('key000001', { columnFamily: one })],
    ['getManyEntity', () => db.getManyEntity(['key000001', 'none'], { columnFamilies: families })],
    ['getAttributeGroups', () => db.getAttributeGroups('key000001', [two, one, first])],
    ['getMany', () => db.getMany(['key000001', 'key000001'], { columnFamilies: families })],
    ['getResult', () => db.getResult('key000001', read)],
    ['getManyResults', () => db.getManyResults(['key000001', 'none'], read)],
    ['getPinned', () => db.getPinned('key000001', read)?.free()],
    ['a large value', () => db.getResult('large', read)],
    ['keyMayExist', () => db.keyMayExistWithValue('key000001')],
    ['getMergeOperands', () => db.getMergeOperands('key000001')],
    ['approximateSizes', () => db.approximateSizes([{ begin: 'a', end: 'z' }])],
    ['approximateMemTableStats', () => db.approximateMemTableStats({ begin: 'a', end: 'z' })],
    ['getAllKeyVersions', () => db.getAllKeyVersions({ columnFamily: timed })],
    ['getFullHistoryTsLow', () => db.getFullHistoryTsLow({ columnFamily: timed })],
    ['a coalescing iterator', () => drain(db.coalescingIterator(families, { columns: true }))],
    [
      'an attribute group iterator',
      () => {
        const iterator = db.attributeGroupIterator(families);
        expect([...iterator].length).toBeGreaterThan(10);
        iterator.free();
      },
    ],
    [
      'iterators of one state',
      () => {
        for (const each of db.iterators(families, { columns: true })) drain(each);
      },
    ],
    [
      'an iterator of history',
      () => {
        const iterator = db.iterator({ ...read, iterStartTimestamp: 0n });
        for (const _ of iterator) expect(iterator.timestamp).toBeDefined();
        iterator.free();
      },
    ],
    [
      'values that are prepared',
      () => {
        const iterator = db.coalescingIterator(families, { allowUnpreparedValue: true });
        for (const _ of iterator) iterator.prepareValue();
        iterator.free();
      },
    ],
    [
      'a batch',
      () => {
        const batch = db.batch().put('a', '1').putEntity('b', { x: '1' }).putLogData('note');
        batch.setSavePoint().put('c', 'x'.repeat(5000)).rollbackToSavePoint();
        const copy = db.batchFrom(batch.data);
        expect(copy.operations()).toEqual(batch.operations());
        copy.free();
        batch.free();
      },
    ],
    ['a batch that is none', fails(() => db.batchFrom(new Uint8Array(40)))],
    ['an entity that is none', fails(() => db.putEntity('k', { a: 1 as never }))],
    ['a read without a timestamp', fails(() => db.get('k', { columnFamily: timed }))],
    [
      'an iterator over what does not go together',
      fails(() => db.coalescingIterator([one, timed])),
    ],
    [
      'a read that gives up',
      fails(() => db.getManyEntity(['key000005'], { columnFamilies: [one], deadline: 1 })),
    ],
    ['an unknown column name', fails(() => db.getEntity('binary'))],
  ];
}

describe.each(FILE_SYSTEMS)('reads, %s', (_, make) => {
  it('leave no byte and no handle', async () => {
    // No timed work in the middle of it.
    const db = await open({
      fileSystem: make(),
      clock: new ManualClock(),
      blockBasedTable: { noBlockCache: true },
    });
    const one = db.createColumnFamily('one', { blockBasedTable: { noBlockCache: true } });
    const two = db.createColumnFamily('two', { blockBasedTable: { noBlockCache: true } });
    const timed = db.createColumnFamily('timed', U64);
    fill(db, 0, 20);
    fill(db, 0, 20, 'one', one);
    for (let i = 0; i < 20; i++) {
      const key = `key0000${String(i).padStart(2, '0')}`;
      db.putEntity(key, { x: 'two', '': String(i) }, { columnFamily: two });
      db.put(key, 'old', { columnFamily: timed, timestamp: 1n });
      db.put(key, 'new', { columnFamily: timed, timestamp: 2n });
    }
    db.put('large', 'x'.repeat(300_000), { columnFamily: timed, timestamp: 1n });
    db.putEntity('binary', [[Uint8Array.of(0xff), 'v']]);
    db.flush({ columnFamily: one });
    for (const [name, run] of actions(db)) {
      run();
      run();
      const before = ownersOf(db);
      const live = db.heap.handles().map(({ id }) => id);
      for (let i = 0; i < 3; i++) run();
      expect(ownersOf(db), name).toEqual(before);
      expect(
        db.heap.handles().map(({ id }) => id),
        name,
      ).toEqual(live);
    }
  });

  for (const kind of ['coalescing', 'attribute group'] as const) {
    it(`by a ${kind} iterator pin the states of all its families, to the byte`, async () => {
      const db = await open({ fileSystem: make() });
      const families = ['one', 'two'].map((name) => db.createColumnFamily(name));
      for (const family of families) {
        fill(db, 0, 500, 'x'.repeat(200), family);
        db.flush({ columnFamily: family });
        fill(db, 500, 600, 'memtable', family);
      }
      const iterator =
        kind === 'coalescing'
          ? db.coalescingIterator(families)
          : db.attributeGroupIterator(families);
      expect(iterator.nextMany(3)).toHaveLength(3);
      const fresh = pinsOf(db, iterator);
      expect([fresh.sstFiles.unique, fresh.memtables.unique]).toEqual([[], []]);
      expect([fresh.sstFiles.shared.length, fresh.memtables.shared.length]).toEqual([2, 2]);
      expect(fresh.cacheBlocks.unique.length).toBeGreaterThan(0);
      db.flush();
      for (const family of families) compact(db, family);
      const report = pinsOf(db, iterator);
      expect(report.sstFiles.unique.map(({ columnFamily }) => columnFamily).sort()).toEqual([
        'one',
        'two',
      ]);
      expect(report.memtables.unique.map(({ entries }) => entries)).toEqual([100, 100]);
      expect(report.versions.unique).toHaveLength(2);
      expect(db.heap.allPins().get(iterator.id)).toEqual(report);
      // A plain iterator over one of them shares what it can.
      const plain = db.iterator({ columnFamily: families[0] as never });
      expect(pinsOf(db, plain).sstFiles.unique).toEqual([]);
      plain.free();
      expect((await errorOf(() => families[0]?.free())).code).toBe('ERR_ROCKSDB_HANDLE_BUSY');
      expect(report.ownBytes).toBeGreaterThan(0);
      freesExactly(db, report, () => iterator.free(), ...families);
    });
  }
});
