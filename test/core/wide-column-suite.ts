import {
  type AnyColumnFamily,
  CorruptionError,
  InvalidArgumentError,
  InvalidOptionError,
  NotSupportedError,
  type WideColumnsInput,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost } from './host.js';

const text = (value: string) => new TextEncoder().encode(value);

export function wideColumnSuite(makeHost: MakeHost): void {
  describe('wide columns', () => {
    it('come back by name, in the order of their bytes, from memory and from files', async () => {
      const host = makeHost();
      const path = host.path();
      let db = await host.open(path, {
        createIfMissing: true,
        keyEncoding: 'utf8',
        valueEncoding: 'utf8',
      });
      // '10' before '9': an object would have sorted them as numbers.
      await db.putEntity('k', { '9': 'nine', '10': 'ten', '': 'default', ü: 'ü' });
      await db.putEntity('empty', {});
      await db.put('plain', 'value');
      const read = async () => {
        const entity = await db.getEntity('k');
        expect([...(entity ?? [])]).toEqual([
          ['', 'default'],
          ['10', 'ten'],
          ['9', 'nine'],
          ['ü', 'ü'],
        ]);
        expect(await db.get('k')).toBe('default');
        expect(await db.getEntity('empty')).toEqual(new Map());
        expect(await db.get('empty')).toBe('');
        expect(await db.has('empty')).toBe(true);
        expect(await db.getEntity('plain')).toEqual(new Map([['', 'value']]));
        expect(await db.getEntity('missing')).toBeUndefined();
      };
      await read();
      await db.flush();
      await read();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      await read();
      await db.close();
      db = await host.open(path, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
      await read();
    });

    it('are given as an object, a Map or entries, with names as text or bytes', async () => {
      const db = await createText(makeHost());
      const given: WideColumnsInput<string>[] = [
        { b: '2', a: '1' },
        new Map([
          ['b', '2'],
          ['a', '1'],
        ]),
        [
          [text('b'), '2'],
          ['a', '1'],
        ],
        (function* () {
          yield ['b', '2'] as const;
          yield ['a', '1'] as const;
        })(),
      ];
      for (const [i, columns] of given.entries()) {
        await db.putEntity(keyOf(i), columns);
        expect([...((await db.getEntity(keyOf(i))) ?? [])]).toEqual([
          ['a', '1'],
          ['b', '2'],
        ]);
      }
    });

    it('have names that are no text, when asked for as bytes', async () => {
      const db = await create(makeHost());
      const name = Uint8Array.of(0xff, 0x00, 0xfe);
      await db.putEntity('k', [
        [name, 'v'],
        ['a', Uint8Array.of(1)],
      ]);
      expect(await db.getEntity('k', { columnNames: 'view' })).toEqual([
        [text('a'), Uint8Array.of(1)],
        [name, text('v')],
      ]);
      const error = await errorOf(() => db.getEntity('k'));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toContain("0xff00fe is no UTF-8: read it with columnNames: 'view'");
      const names = 'hex' as 'view';
      const wrong = await errorOf(() => db.getEntity('k', { columnNames: names }));
      expect(wrong).toBeInstanceOf(InvalidOptionError);
    });

    it('are encoded as the values of their column family', async () => {
      const db = await create(makeHost(), { keyEncoding: 'utf8', valueEncoding: 'json' });
      await db.putEntity('k', { list: [1, null], object: { a: true } });
      expect(await db.getEntity('k')).toEqual(
        new Map<string, unknown>([
          ['list', [1, null]],
          ['object', { a: true }],
        ]),
      );
      const asText = await db.getEntity('k', { valueEncoding: 'utf8' });
      expect(asText?.get('list')).toBe('[1,null]');
      await using it = await db.iterator({ columns: true });
      // It has no default column, and no bytes are no JSON.
      expect(await it.next()).toEqual(['k', undefined]);
    });

    it('can be long, many and large', async () => {
      const db = await createText(makeHost());
      const columns = new Map<string, string>();
      for (let i = 0; i < 300; i++) columns.set(keyOf(i), 'x'.repeat(i));
      columns.set('n'.repeat(20_000), 'y'.repeat(300_000));
      await db.putEntity('k', columns);
      expect(await db.getEntity('k')).toEqual(columns);
      await db.flush();
      expect(await db.getEntity('k')).toEqual(columns);
    });

    it('are read of many keys and families at once', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.putEntity('a', { x: '1' });
      await db.putEntity('a', { x: '2' }, { columnFamily: family });
      await db.put('b', 'plain');
      expect(await db.getManyEntity(['a', 'none', 'b'])).toEqual([
        new Map([['x', '1']]),
        undefined,
        new Map([['', 'plain']]),
      ]);
      const defaultFamily = await db.defaultColumnFamily;
      const columnFamilies = [family, defaultFamily, family];
      expect(await db.getManyEntity(['a', 'a', 'b'], { columnFamilies })).toEqual([
        new Map([['x', '2']]),
        new Map([['x', '1']]),
        undefined,
      ]);
      expect(await db.getManyEntity([])).toEqual([]);
    });

    it('are seen as of a snapshot', async () => {
      const db = await createText(makeHost());
      await db.putEntity('k', { a: 'old' });
      await using snapshot = await db.snapshot();
      await db.putEntity('k', { a: 'new' });
      expect(await db.getEntity('k', { snapshot })).toEqual(new Map([['a', 'old']]));
      expect(await db.getEntity('k')).toEqual(new Map([['a', 'new']]));
    });

    it('are merged into their default column', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      await db.putEntity('k', { '': 'x', other: 'kept' });
      await db.merge('k', 'y');
      const read = async () => {
        expect(await db.get('k')).toBe('x,y');
        expect(await db.getEntity('k')).toEqual(
          new Map([
            ['', 'x,y'],
            ['other', 'kept'],
          ]),
        );
      };
      await read();
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      await read();
    });

    it('are part of batches', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await using batch = await db.batch();
      await batch.put('k', 'plain').putEntity('k', { a: '1' });
      await batch.putEntity('f', { '': 'd' }, { columnFamily: family });
      expect(batch.count).toBe(3);
      await db.write(batch);
      expect(await db.getEntity('k')).toEqual(new Map([['a', '1']]));
      expect(await db.get('f', { columnFamily: family })).toBe('d');
    });

    it('come with the entries of iterators', async () => {
      const db = await createText(makeHost());
      await db.put('a', 'plain');
      await db.putEntity('b', { '': 'default', x: '1' });
      await db.putEntity('c', { y: '2' });
      await using it = await db.iterator({ columns: true });
      const seen: unknown[] = [];
      for (let entry = await it.next(); entry !== undefined; entry = await it.next()) {
        seen.push([...entry, [...(await it.columns)]]);
      }
      expect(seen).toEqual([
        ['a', 'plain', [['', 'plain']]],
        [
          'b',
          'default',
          [
            ['', 'default'],
            ['x', '1'],
          ],
        ],
        ['c', '', [['y', '2']]],
      ]);
      // At the end there is none; after a seek there is again.
      expect((await errorOf(() => it.columns)).message).toContain('call next() first');
      await it.seek('b');
      expect((await errorOf(() => it.columns)).message).toContain('call next() first');
      await it.next();
      expect([...(await it.columns).keys()]).toEqual(['', 'x']);
      await using backwards = await db.iterator({ columns: true, reverse: true, lte: 'b' });
      await backwards.next();
      expect((await backwards.columns).get('x')).toBe('1');
      await using plain = await db.iterator();
      await plain.next();
      expect((await errorOf(() => plain.columns)).message).toContain('columns: true');
      await using keysOnly = await db.iterator({ columns: true, values: false });
      await keysOnly.next();
      expect((await errorOf(() => keysOnly.columns)).message).toContain('was not read');
    });

    it('are refused when they are none, and nothing is written', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch();
      const before = await db.latestSequenceNumber;
      for (const [wrong, why] of [
        [null, 'got null'],
        [undefined, 'got undefined'],
        ['text', 'got string'],
        [new Uint8Array(2), 'got object'],
        [['ab'], 'an array of a name and a value'],
        [[['a', '1', '2']], 'an array of a name and a value'],
        [[[1, 'v']], 'name of a column'],
        [{ a: 1 }, 'value of a column'],
        [
          [
            ['a', '1'],
            [text('a'), '2'],
          ],
          "the column 'a' was given twice",
        ],
      ] as [never, string][]) {
        for (const put of [() => db.putEntity('k', wrong), () => batch.putEntity('k', wrong)]) {
          const error = await errorOf(put);
          expect(error).toBeInstanceOf(InvalidArgumentError);
          expect(error.message).toContain(why);
        }
      }
      expect(batch.count).toBe(0);
      expect(await db.latestSequenceNumber).toBe(before);
    });
  });

  describe('attribute groups', () => {
    it('split an entity over column families, atomically', async () => {
      const db = await createText(makeHost());
      const hot = await db.createColumnFamily('hot');
      const cold = await db.createColumnFamily('cold', { valueEncoding: 'json' });
      const before = await db.latestSequenceNumber;
      await db.putAttributeGroups('k', [
        { columnFamily: hot, columns: { a: '1' } },
        { columnFamily: cold, columns: { b: { c: 2 } } },
      ]);
      expect((await db.latestSequenceNumber) - before).toBe(2n);
      await db.put('plain', 'v', { columnFamily: hot });
      const defaultFamily = await db.defaultColumnFamily;
      const read = async () => {
        const groups = await db.getAttributeGroups('k', [cold, defaultFamily, hot]);
        expect(groups.map((group) => group.columnFamily.name)).toEqual(['cold', 'hot']);
        expect(groups.map(({ columns }) => columns)).toEqual([
          new Map([['b', { c: 2 }]]),
          new Map([['a', '1']]),
        ]);
        const many = await db.getManyAttributeGroups(['none', 'plain'], [hot, cold]);
        expect(many.map((each) => each.map(({ columns }) => columns))).toEqual([
          [],
          [new Map([['', 'v']])],
        ]);
      };
      await read();
      await db.flush();
      await read();
    });

    it('are refused as a whole when one cannot be written', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const dropped = await db.createColumnFamily('dropped');
      await db.dropColumnFamily(dropped);
      for (const groups of [
        [
          { columnFamily: family, columns: { a: '1' } },
          { columnFamily: dropped, columns: { a: '1' } },
        ],
        [],
        [{ columnFamily: family, columns: null as never }],
        [{ columnFamily: 'family' as never, columns: {} }],
      ]) {
        await errorOf(() => db.putAttributeGroups('k', groups));
      }
      expect(await db.getEntity('k', { columnFamily: family })).toBeUndefined();
      const error = await errorOf(() => db.getAttributeGroups('k', []));
      expect(error.message).toContain('columnFamilies');
    });
  });

  describe('iterators over several column families', () => {
    /** a: in both; b: in the first; c: in the second. */
    async function three() {
      const db = await createText(makeHost());
      const one = await db.createColumnFamily('one');
      const two = await db.createColumnFamily('two');
      await db.putEntity('a', { x: '1', y: '1' }, { columnFamily: one });
      await db.putEntity('a', { y: '2', z: '2' }, { columnFamily: two });
      await db.put('b', 'plain', { columnFamily: one });
      await db.putEntity('c', { '': 'd' }, { columnFamily: two });
      return { db, one, two };
    }

    it('coalesce what is under one key, the last family first', async () => {
      const { db, one, two } = await three();
      for (const place of ['memory', 'files']) {
        if (place === 'files') await db.flush();
        await using it = await db.coalescingIterator([one, two], { columns: true });
        const seen: unknown[] = [];
        for (let entry = await it.next(); entry !== undefined; entry = await it.next()) {
          seen.push([...entry, [...(await it.columns)].join(' ')]);
        }
        expect(seen).toEqual([
          ['a', '', 'x,1 y,2 z,2'],
          ['b', 'plain', ',plain'],
          ['c', 'd', ',d'],
        ]);
        await it.seek('b');
        expect(await it.next()).toEqual(['b', 'plain']);
        await it.seekForPrev('b');
        expect(await it.next()).toEqual(['b', 'plain']);
        await using backwards = await db.coalescingIterator([two, one], { reverse: true });
        expect(await all(backwards)).toEqual([
          ['c', 'd'],
          ['b', 'plain'],
          ['a', ''],
        ]);
      }
    });

    it('take bounds, limits and snapshots', async () => {
      const { db, one, two } = await three();
      await using snapshot = await db.snapshot();
      await db.put('d', 'new', { columnFamily: one });
      const keys = async (options: object) => {
        await using it = await db.coalescingIterator([one, two], options);
        return await all(it.keys());
      };
      expect(await keys({})).toEqual(['a', 'b', 'c', 'd']);
      expect(await keys({ snapshot })).toEqual(['a', 'b', 'c']);
      expect(await keys({ gt: 'a', lte: 'c' })).toEqual(['b', 'c']);
      expect(await keys({ gte: 'b', lt: 'd', reverse: true })).toEqual(['c', 'b']);
      expect(await keys({ limit: 2 })).toEqual(['a', 'b']);
      expect(await keys({ prefix: 'b' })).toEqual(['b']);
      await using groups = await db.attributeGroupIterator([one, two], { snapshot, gt: 'b' });
      expect(await all(groups.keys())).toEqual(['c']);
    });

    it('tell which family has what', async () => {
      const { db, one, two } = await three();
      await db.flush();
      await using it = await db.attributeGroupIterator([one, two]);
      const seen: unknown[] = [];
      for (const [key, groups] of await all(it)) {
        seen.push([
          key,
          groups.map((group) => [group.columnFamily.name, ...group.columns].join(' ')),
        ]);
      }
      expect(seen).toEqual([
        ['a', ['one x,1 y,1', 'two y,2 z,2']],
        ['b', ['one ,plain']],
        ['c', ['two ,d']],
      ]);
      await using asBytes = await db.attributeGroupIterator([two], { columnNames: 'view' });
      await asBytes.seek('c');
      const [, groups] = (await asBytes.next()) ?? [];
      expect(groups?.[0]?.columns).toEqual([[new Uint8Array(), 'd']]);
    });

    it('load values only when they are asked for', async () => {
      const { db, one, two } = await three();
      await db.flush();
      const options = { allowUnpreparedValue: true, columns: true } as const;
      await using it = await db.coalescingIterator([one, two], options);
      expect(await it.next()).toEqual(['a', '']);
      expect(await it.next()).toEqual(['b', '']);
      expect((await errorOf(() => it.columns)).message).toContain('prepareValue');
      expect(await it.prepareValue()).toBe('plain');
      expect(await it.columns).toEqual(new Map([['', 'plain']]));
      expect(await it.next()).toEqual(['c', '']);
      expect(await it.prepareValue()).toBe('d');
      expect(await it.next()).toBeUndefined();
      await using groups = await db.attributeGroupIterator([one, two], {
        allowUnpreparedValue: true,
      });
      await groups.next();
      expect((await groups.prepareValue()).map(({ columns }) => columns.get('y'))).toEqual([
        '1',
        '2',
      ]);
    });

    it('keep their families from being freed', async () => {
      const { db, one, two } = await three();
      await using snapshot = await db.snapshot();
      const it = await db.coalescingIterator([one, two], { snapshot });
      for (const lender of [one, two, snapshot]) {
        const error = await errorOf(() => lender.free());
        expect(error.code).toBe('ERR_ROCKSDB_HANDLE_BUSY');
        expect(error.message).toContain(`iterator #${it.id}`);
      }
      await it.free();
      await one.free();
      expect(one.freed).toBe(true);
    });

    it('refuse what does not go together', async () => {
      const { db, one, two } = await three();
      const reverse = await db.createColumnFamily('reverse', {
        comparator: 'rocksdb.ReverseBytewiseComparator',
      });
      const timed = await db.createColumnFamily('timed', {
        comparator: 'leveldb.BytewiseComparator.u64ts',
      });
      type Make = (families: never, options?: object) => ReturnType<typeof db.iterator>;
      const coalescing: Make = (families, options) => db.coalescingIterator(families, options);
      const groups = ((families: never, options?: object) =>
        db.attributeGroupIterator(families, options)) as unknown as Make;
      const several: Make = (families) => db.iterators(families) as never;
      for (const make of [coalescing, groups, several]) {
        for (const families of [[], [1], 'one'] as never[]) {
          expect(await errorOf(() => make(families))).toBeInstanceOf(InvalidArgumentError);
        }
      }
      for (const make of [coalescing, groups]) {
        const of = (families: AnyColumnFamily[], options?: object) =>
          make(families as never, options);
        expect((await errorOf(() => of([one, one]))).message).toContain('twice');
        const comparators = await errorOf(() => of([one, reverse]));
        expect(comparators.message).toContain('Different comparators');
        const mixed = await errorOf(() => of([timed, two], { timestamp: 1n }));
        expect(mixed.message).toContain('timestamps');
        const refreshed = await of([one, two]);
        expect(await errorOf(() => refreshed.refresh())).toBeInstanceOf(NotSupportedError);
        await refreshed.free();
      }
      const plain = await db.iterator();
      expect((await errorOf(() => plain.prepareValue())).message).toContain('allowUnpreparedValue');
      await plain.free();
    });

    it('can be one for each family, of one state of the database', async () => {
      const { db, one, two } = await three();
      const [first, second] = await db.iterators([one, two], { gte: 'b' });
      await db.put('bb', 'later', { columnFamily: one });
      await db.put('bb', 'later', { columnFamily: two });
      expect(await all(first.keys())).toEqual(['b']);
      expect(await all(second.keys())).toEqual(['c']);
      await first.free();
      await second.free();
    });

    it('leave no iterator behind when one of several cannot be made', async () => {
      const { db, one, two } = await three();
      const live = (await db.heap.handles('iterator')).length;
      await db.dropColumnFamily(two);
      const timed = await db.createColumnFamily('timed', {
        comparator: 'leveldb.BytewiseComparator.u64ts',
      });
      await errorOf(() => db.iterators([one, timed]));
      await errorOf(() => db.iterators([one, timed], { timestamp: 1n }));
      // The first can be made, the second cannot: its history is gone.
      const other = await db.createColumnFamily('other', {
        comparator: 'leveldb.BytewiseComparator.u64ts',
      });
      await db.increaseFullHistoryTsLow(10n, { columnFamily: other });
      // Readers are told of the mark with the next state.
      await db.put('k', 'v', { timestamp: 11n, columnFamily: other });
      await db.flush({ columnFamily: other });
      const gone = await errorOf(() => db.iterators([timed, other], { timestamp: 5n }));
      expect(gone.message).toContain('full_history_ts_low');
      await errorOf(() => db.iterators([one, one], { limit: -2 }));
      expect((await db.heap.handles('iterator')).length).toBe(live);
    });

    it('report what is no entity', async () => {
      const db = await create(makeHost());
      const corrupt = Uint8Array.from([...new Uint8Array(8), 1, 0, 0, 0, 0x16, 1, 0x6b, 1, 9]);
      const error = await errorOf(() => db.batchFrom(corrupt));
      expect(error).toBeInstanceOf(CorruptionError);
    });
  });
}
