import { BusyError, CallbackError, NotSupportedError, type WideColumns } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type MakeHost, TEXT } from './host.js';
import { createTransactional } from './transaction-suite.js';

const U64 = { comparator: 'leveldb.BytewiseComparator.u64ts' } as const;

/** Where the rest of RocksDB meets transactions, and batches with an index. */
export function transactionFeaturesSuite(makeHost: MakeHost): void {
  describe('in transactions', () => {
    entities(makeHost);
    severalFamilies(makeHost);
    timestamps(makeHost);
    callbacks(makeHost);
    holds(makeHost);
  });
}

const plain = (columns: WideColumns<string> | undefined) => columns && Object.fromEntries(columns);

function entities(makeHost: MakeHost): void {
  it('entities are written, read over those of the database, and locked', async () => {
    const db = await createTransactional(makeHost());
    await db.putEntity('e', { city: 'Oslo', zip: '1' });
    await db.put('plain', 'value');
    await using transaction = await db.beginTransaction();
    await using rival = await db.beginTransaction();
    await transaction.putEntity('e', { city: 'Rome' });
    await transaction.putEntityUntracked('u', { '': 'default', a: 'b' });
    expect(await transaction.numPutEntities).toBe(2);
    expect(plain(await transaction.getEntity('e'))).toEqual({ city: 'Rome' });
    expect(plain(await db.getEntity('e'))).toEqual({ city: 'Oslo', zip: '1' });
    expect(await transaction.get('u')).toBe('default');
    const several = await transaction.getManyEntity(['plain', 'none', 'u', 'e']);
    expect(several.map(plain)).toEqual([
      { '': 'value' },
      undefined,
      { '': 'default', a: 'b' },
      { city: 'Rome' },
    ]);
    for (const key of ['e', 'u']) {
      const taken = await errorOf(() => rival.putEntity(key, { x: 'y' }));
      expect(taken.code).toBe('ERR_ROCKSDB_LOCK_TIMEOUT');
    }
    expect(plain(await rival.getEntityForUpdate('plain'))).toEqual({ '': 'value' });
    const locked = await errorOf(() => transaction.put('plain', 'x'));
    expect(locked.code).toBe('ERR_ROCKSDB_LOCK_TIMEOUT');
    {
      await using it = await transaction.iterator({ columns: true });
      expect((await it.next())?.[0]).toBe('e');
      expect(plain(await it.columns)).toEqual({ city: 'Rome' });
    }
    await transaction.commit();
    expect(plain(await db.getEntity('e'))).toEqual({ city: 'Rome' });
    expect(plain(await db.getEntity('u'))).toEqual({ '': 'default', a: 'b' });
  });

  it('entities of batches with an index are read alone and over the database', async () => {
    const db = await createText(makeHost());
    await db.putEntity('below', { a: '1' });
    await using batch = await db.batchWithIndex({ overwriteKey: true });
    batch.putEntity('above', { b: '2' });
    expect(plain(await batch.getEntityFromBatch('above'))).toEqual({ b: '2' });
    expect(await batch.getEntityFromBatch('below')).toBeUndefined();
    expect(plain(await batch.getEntityFromBatchAndDB('below'))).toEqual({ a: '1' });
    expect(plain(await batch.getEntityFromBatchAndDB('above'))).toEqual({ b: '2' });
    const both = await batch.getManyEntityFromBatchAndDB(['none', 'below', 'above']);
    expect(both.map(plain)).toEqual([undefined, { a: '1' }, { b: '2' }]);
    expect(await db.getEntity('above')).toBeUndefined();
    {
      await using it = await batch.iterator();
      expect((await all(it)).map(([key, { type }]) => [key, type])).toEqual([
        ['above', 'putEntity'],
      ]);
      for (const option of ['columns', 'tailing', 'snapshot']) {
        const error = await errorOf(() => batch.iterator({ [option]: true }));
        expect(error.message).toContain(option);
      }
    }
    await db.write(batch);
    expect(plain(await db.getEntity('above'))).toEqual({ b: '2' });
  });
}

function severalFamilies(makeHost: MakeHost): void {
  it('cursors over several column families see the changes, and go with the transaction', async () => {
    const db = await createTransactional(makeHost());
    const other = await db.createColumnFamily('other', TEXT);
    const families = [await db.defaultColumnFamily, other];
    await db.putEntity('a', { x: '1' });
    await db.putEntity('a', { y: '2' }, { columnFamily: other });
    await db.put('z', 'old', { columnFamily: other });
    await db.flush();
    const transaction = await db.beginTransaction();
    await transaction.putEntity('a', { x: 'changed' });
    await transaction.put('b', 'new', { columnFamily: other });
    await transaction.delete('z', { columnFamily: other });
    {
      await using it = await transaction.coalescingIterator(families, { columns: true });
      const seen: unknown[] = [];
      for (let entry = await it.next(); entry !== undefined; entry = await it.next()) {
        seen.push([entry[0], plain(await it.columns)]);
      }
      expect(seen).toEqual([
        ['a', { x: 'changed', y: '2' }],
        ['b', { '': 'new' }],
      ]);
      // It stands on the database's iterators, one a column family.
      const report = await db.heap.pins(await it.id);
      expect(report?.sstFiles.shared.length).toBe(2);
      expect((await errorOf(() => other.free())).code).toBe('ERR_ROCKSDB_HANDLE_BUSY');
    }
    const groups = await transaction.attributeGroupIterator(families);
    const seen = (await all(groups)).map(([key, each]) => [
      key,
      each.map(({ columnFamily, columns }) => [columnFamily.name, plain(columns)]),
    ]);
    expect(seen).toEqual([
      [
        'a',
        [
          ['default', { x: 'changed' }],
          ['other', { y: '2' }],
        ],
      ],
      ['b', [['other', { '': 'new' }]]],
    ]);
    await transaction.free();
    expect(await groups.freed).toBe(true);
  });
}

function timestamps(makeHost: MakeHost): void {
  it('keys get the timestamp of the commit, and are read at one', async () => {
    const db = await createTransactional(makeHost(), U64);
    await using transaction = await db.beginTransaction();
    await transaction.put('k', 'v');
    await transaction.delete('d');
    expect(await transaction.get('k', { timestamp: 5n })).toBe('v');
    expect((await errorOf(() => transaction.get('k'))).message).toContain('timestamp');
    {
      // What is not committed has no timestamp to be told; what comes after it is read all the same.
      await using it = await transaction.iterator({ timestamp: 5n });
      expect(await all(it)).toEqual([['k', 'v']]);
      const history = { timestamp: 5n, iterStartTimestamp: 1n };
      const error = await errorOf(() => transaction.iterator(history));
      expect(error.message).toContain('iterStartTimestamp');
    }
    await transaction.setReadTimestampForValidation(7n);
    expect(await transaction.getForUpdate('k')).toBe('v');
    expect(await transaction.getManyForUpdate(['other', 'k'])).toEqual([undefined, 'v']);
    await transaction.setCommitTimestamp(10n);
    await transaction.commit();
    expect(await db.get('k', { timestamp: 9n })).toBeUndefined();
    expect((await db.getResult('k', { timestamp: 10n }))?.timestamp).toBe(10n);
    await using late = await db.beginTransaction();
    await late.setReadTimestampForValidation(9n);
    const conflict = await errorOf(() => late.getForUpdate('k'));
    expect(conflict.code).toBe('ERR_ROCKSDB_WRITE_CONFLICT');
  });

  it('entries of a batch with an index are read where keys have timestamps', async () => {
    const db = await createText(makeHost(), U64);
    await db.put('b', 'below', { timestamp: 3n });
    await using batch = await db.batchWithIndex();
    batch.put('a', '1').put('c', '2');
    expect(await batch.getFromBatch('a')).toBe('1');
    {
      await using it = await batch.iterator();
      expect((await all(it)).map(([key, { value }]) => [key, value])).toEqual([
        ['a', '1'],
        ['c', '2'],
      ]);
    }
    await using it = await batch.iteratorWithBase({ timestamp: 4n });
    expect(await all(it)).toEqual([
      ['a', '1'],
      ['b', 'below'],
      ['c', '2'],
    ]);
  });
}

function callbacks(makeHost: MakeHost): void {
  it('a key that the comparator throws for is refused, and the transaction goes on', async () => {
    const decoder = new TextDecoder();
    const order = {
      name: 'test.order',
      compare: (a: Uint8Array, b: Uint8Array) => {
        const [left, right] = [decoder.decode(a), decoder.decode(b)];
        if (left.startsWith('!') || right.startsWith('!')) throw new RangeError('not a key');
        return left < right ? -1 : left > right ? 1 : 0;
      },
    };
    const db = await createTransactional(makeHost(), { comparator: order });
    await using transaction = await db.beginTransaction();
    await using batch = await db.batchWithIndex();
    await transaction.put('a', '1');
    batch.put('b', '2');
    for (const write of [
      () => transaction.put('!', 'x'),
      () => transaction.delete('!'),
      () => transaction.putUntracked('!', 'x'),
      () => batch.put('!', 'x'),
      () => db.singleDelete('!'),
      () => transaction.get('!'),
    ]) {
      const error = await errorOf(write);
      expect(error).toBeInstanceOf(CallbackError);
      expect((error.cause as Error).message).toBe('not a key');
    }
    expect(await batch.count).toBe(1);
    await transaction.commit();
    await db.write(batch);
    await using it = await db.iterator();
    expect(await all(it)).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });
}

function holds(makeHost: MakeHost): void {
  it('a locked log refuses at once what would write to it, and nothing else', async () => {
    const db = await createTransactional(makeHost());
    await using ready = await db.beginTransaction();
    await ready.setName('ready');
    await ready.put('r', '1');
    await ready.prepare();
    await using transaction = await db.beginTransaction();
    await transaction.setName('open');
    await using batch = await db.batchWithIndex();
    batch.put('b', '2');
    const hold = await db.lockWAL();
    await transaction.put('a', '1');
    for (const write of [
      () => transaction.prepare(),
      () => transaction.commit(),
      () => transaction.commitAndTryCreateSnapshot(1n),
      () => ready.commit(),
      () => ready.rollback(),
      () => db.write(batch),
      () => db.write(batch, { skipConcurrencyControl: true }),
      () => db.singleDelete('s'),
    ]) {
      const error = await errorOf(write);
      expect(error).toBeInstanceOf(BusyError);
      expect(error.code).toBe('ERR_ROCKSDB_WAL_LOCKED');
    }
    await hold.free();
    await transaction.commit();
    await ready.commit();
    await db.write(batch);
    expect(await db.getMany(['a', 'b', 'r'])).toEqual(['1', '2', '1']);
  });

  it('what is in the log before the commit is taken back while that is locked', async () => {
    const db = await createTransactional(makeHost(), {
      transactionDBOptions: { writePolicy: 'writeUnprepared' },
    });
    const transaction = await db.beginTransaction({ writeBatchFlushThreshold: 1 });
    await transaction.setName('early');
    await transaction.put('a', '1');
    const hold = await db.lockWAL();
    expect(await errorOf(() => transaction.put('b', '2'))).toBeInstanceOf(BusyError);
    expect(await errorOf(() => transaction.rollback())).toBeInstanceOf(BusyError);
    await transaction.free();
    expect((await errorOf(() => db.put('c', '3'))).code).toBe('ERR_ROCKSDB_WAL_LOCKED');
    await hold.free();
    await db.put('c', '3');
    expect(await db.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, '3']);
  });

  it('a commit that would wait for paused background work fails', async () => {
    const db = await createTransactional(makeHost(), {
      writeBufferSize: 64 << 10,
      maxWriteBufferNumber: 2,
      disableAutoCompactions: true,
    });
    const hold = await db.pauseBackgroundWork();
    let written = 0;
    const stalled = await errorOf(async () => {
      for (; written < 1000; written++) {
        await using transaction = await db.beginTransaction();
        await transaction.put(`k${written}`, 'x'.repeat(1024));
        await transaction.commit();
      }
    });
    expect(stalled).toBeInstanceOf(BusyError);
    expect(written).toBeGreaterThan(50);
    await hold.free();
    await using transaction = await db.beginTransaction();
    await transaction.put('after', '1');
    await transaction.commit();
    expect(await db.get('after')).toBe('1');
    expect(await db.get(`k${written}`)).toBeUndefined();
  });

  it('what a transaction has put into the log is written to other databases as it is', async () => {
    const host = makeHost();
    const from = await createTransactional(host);
    const copies = [await createText(host), await createTransactional(host)];
    await using transaction = await from.beginTransaction();
    await transaction.put('a', '1');
    await transaction.putEntity('e', { x: 'y' });
    await transaction.commit();
    await using updates = await from.getUpdatesSince(1);
    const update = await updates.next();
    for (const to of copies) {
      await using batch = await to.batchFrom(update?.data as Uint8Array);
      await to.write(batch, { noSlowdown: true });
      expect(await to.get('a')).toBe('1');
      expect(plain(await to.getEntity('e'))).toEqual({ x: 'y' });
    }
  });

  it('the log is followed to what was prepared, and not past it', async () => {
    const db = await createTransactional(makeHost());
    await db.put('a', '1');
    await using plainOne = await db.beginTransaction();
    await plainOne.put('b', '2');
    await plainOne.commit();
    await using transaction = await db.beginTransaction();
    await transaction.setName('prepared');
    await transaction.put('c', '3');
    await transaction.prepare();
    await transaction.commit();
    await db.put('d', '4');
    const seen: string[] = [];
    const error = await errorOf(async () => {
      await using updates = await db.getUpdatesSince(1);
      for (let each = await updates.next(); each !== undefined; each = await updates.next()) {
        for (const operation of each.batch) {
          if ('key' in operation) seen.push(new TextDecoder().decode(operation.key));
        }
      }
    });
    expect(error).toBeInstanceOf(NotSupportedError);
    expect(error.message).toContain('prepared');
    expect(seen).toEqual(['a', 'b']);
  });
}
