import { BusyError, InvalidArgumentError, NotSupportedError, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type Host, type MakeHost } from './host.js';

const U64 = { comparator: 'leveldb.BytewiseComparator.u64ts' } as const;

type Db = RocksDB<'utf8', 'utf8'>;

/** a: 1 at 10, 2 at 20, deleted at 30, 4 at 40; b: 1 at 10. */
async function history(host: Host): Promise<Db> {
  const db = await createText(host, U64);
  await db.put('a', '1', { timestamp: 10n });
  await db.put('b', '1', { timestamp: 10n });
  await db.put('a', '2', { timestamp: 20n });
  await db.delete('a', { timestamp: 30n });
  await db.put('a', '4', { timestamp: 40n });
  return db;
}

interface Version {
  key: string;
  value: string;
  timestamp: unknown;
  deleted: boolean;
}

/** What an iterator gives, with timestamps. */
async function versions(db: Db, options: Parameters<Db['iterator']>[0]): Promise<Version[]> {
  await using it = await db.iterator(options);
  const seen: Version[] = [];
  for (let entry = await it.next(); entry !== undefined; entry = await it.next()) {
    const [key, value] = entry as [string, string];
    seen.push({ key, value, timestamp: await it.timestamp, deleted: await it.deleted });
  }
  return seen;
}

const short = (seen: Version[]) =>
  seen.map(({ key, value, timestamp, deleted }) =>
    deleted ? `${key}@${timestamp} deleted` : `${key}@${timestamp}=${value}`,
  );

export function timestampSuite(makeHost: MakeHost): void {
  describe('user-defined timestamps', () => {
    it('are the time that is read at, in memory and in files', async () => {
      const db = await history(makeHost());
      const read = async () => {
        for (const [timestamp, value] of [
          [9n, undefined],
          [10n, '1'],
          [19n, '1'],
          [20n, '2'],
          [30n, undefined],
          [39n, undefined],
          [40n, '4'],
          [2n ** 64n - 1n, '4'],
        ] as const) {
          expect(await db.get('a', { timestamp }), `at ${timestamp}`).toBe(value);
          expect(await db.has('a', { timestamp })).toBe(value !== undefined);
          const expected = [value, timestamp >= 10n ? '1' : undefined];
          expect(await db.getMany(['a', 'b'], { timestamp })).toEqual(expected);
          await using pinned = await db.getPinned('a', { timestamp });
          expect(pinned && new TextDecoder().decode(await pinned.copy())).toBe(value);
        }
      };
      await read();
      await db.flush();
      await read();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      await read();
    });

    it('come with what was read', async () => {
      const db = await history(makeHost());
      const result = { mergeOperandThresholdExceeded: false };
      expect(await db.getResult('a', { timestamp: 25n })).toEqual({
        value: '2',
        timestamp: 20n,
        ...result,
      });
      expect(await db.getResult('a', { timestamp: 35n })).toBeUndefined();
      expect(await db.getManyResults(['b', 'none', 'a'], { timestamp: 99n })).toEqual([
        { value: '1', timestamp: 10n, ...result },
        undefined,
        { value: '4', timestamp: 40n, ...result },
      ]);
      expect(await db.keyMayExist('a', { timestamp: 5n })).toBe(false);
      expect(await db.keyMayExistWithValue('a', { timestamp: 25n })).toEqual({
        mayExist: true,
        value: '2',
      });
    });

    it('are bytes as well as numbers', async () => {
      const db = await createText(makeHost(), U64);
      const timestamp = Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0);
      await db.put('a', 'v', { timestamp });
      expect((await db.getResult('a', { timestamp }))?.timestamp).toBe(0x201n);
      expect(await db.get('a', { timestamp: 0x200n })).toBeUndefined();
    });

    it('come with the entries of iterators', async () => {
      const db = await history(makeHost());
      for (const place of ['memory', 'files']) {
        if (place === 'files') await db.flush();
        expect(short(await versions(db, { timestamp: 25n }))).toEqual(['a@20=2', 'b@10=1']);
        expect(short(await versions(db, { timestamp: 35n }))).toEqual(['b@10=1']);
        expect(short(await versions(db, { timestamp: 99n, reverse: true }))).toEqual([
          'b@10=1',
          'a@40=4',
        ]);
        expect(short(await versions(db, { timestamp: 99n, gt: 'a' }))).toEqual(['b@10=1']);
        expect(short(await versions(db, { timestamp: 99n, lte: 'a' }))).toEqual(['a@40=4']);
        const backwards = { timestamp: 99n, lte: 'a', reverse: true };
        expect(short(await versions(db, backwards))).toEqual(['a@40=4']);
      }
      await using it = await db.iterator({ timestamp: 99n });
      await it.seek('b');
      expect(await it.next()).toEqual(['b', '1']);
      expect(await it.timestamp).toBe(10n);
      await it.refresh();
      expect((await errorOf(() => it.timestamp)).message).toContain('call next() first');
    });

    it('list the history of keys', async () => {
      const db = await history(makeHost());
      for (const place of ['memory', 'files']) {
        if (place === 'files') await db.flush();
        expect(short(await versions(db, { timestamp: 99n, iterStartTimestamp: 0n }))).toEqual([
          'a@40=4',
          'a@30 deleted',
          'a@20=2',
          'a@10=1',
          'b@10=1',
        ]);
        const between = { timestamp: 30n, iterStartTimestamp: 20n };
        expect(short(await versions(db, between))).toEqual(['a@30 deleted', 'a@20=2']);
        const bounded = { timestamp: 99n, iterStartTimestamp: 0n, gt: 'a', lte: 'b' };
        expect(short(await versions(db, bounded))).toEqual(['b@10=1']);
      }
    });

    it('are of range deletions and merges, too', async () => {
      const db = await createText(makeHost(), { ...U64, mergeOperator: 'stringappend' });
      for (const key of ['a', 'b', 'c']) await db.put(key, 'v', { timestamp: 10n });
      await db.deleteRange('a', 'c', { timestamp: 20n });
      await db.merge('c', 'w', { timestamp: 30n });
      await db.singleDelete('c', { timestamp: 40n });
      const at = (timestamp: bigint) => db.getMany(['a', 'b', 'c'], { timestamp });
      expect(await at(19n)).toEqual(['v', 'v', 'v']);
      expect(await at(20n)).toEqual([undefined, undefined, 'v']);
      expect(await at(30n)).toEqual([undefined, undefined, 'v,w']);
      await db.flush();
      expect(await at(20n)).toEqual([undefined, undefined, 'v']);
      const error = await errorOf(() => db.iterator({ timestamp: 99n, iterStartTimestamp: 0n }));
      expect(error).toBeInstanceOf(NotSupportedError);
      expect(error.message).toContain('merge operator');
    });

    it('are forgotten by compaction below the low mark, and not above', async () => {
      const db = await history(makeHost());
      expect(await db.getFullHistoryTsLow()).toBeUndefined();
      await db.increaseFullHistoryTsLow(25n);
      expect(await db.getFullHistoryTsLow()).toBe(25n);
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      const kept = await db.getAllKeyVersions();
      // What was the youngest at 25 stays, but not as a version of a time: RocksDB zeroes its timestamp.
      expect(kept.map(({ key, type, timestamp }) => [key, type, timestamp])).toEqual([
        ['a', 'put', 40n],
        ['a', 'delete', 30n],
        ['a', 'put', 0n],
        ['b', 'put', 0n],
      ]);
      expect(await db.get('a', { timestamp: 26n })).toBe('2');
      const old = await errorOf(() => db.get('a', { timestamp: 20n }));
      expect(old).toBeInstanceOf(InvalidArgumentError);
      expect(old.message).toContain('full_history_ts_low');
      const back = await errorOf(() => db.increaseFullHistoryTsLow(24n));
      expect(back).toBeInstanceOf(InvalidArgumentError);
      expect(await db.getFullHistoryTsLow()).toBe(25n);
    });

    it('survive a reopening, from the log', async () => {
      const host = makeHost();
      const path = host.path();
      const options = { keyEncoding: 'utf8', valueEncoding: 'utf8', ...U64 } as const;
      const first = await host.open(path, { createIfMissing: true, ...options });
      await first.put('a', '1', { timestamp: 10n });
      await first.put('a', '2', { timestamp: 20n });
      await first.close();
      const second = await host.open(path, options);
      expect(await second.getResult('a', { timestamp: 15n })).toMatchObject({
        value: '1',
        timestamp: 10n,
      });
    });

    it('can be kept in memory only', async () => {
      const db = await createText(makeHost(), {
        ...U64,
        persistUserDefinedTimestamps: false,
        allowConcurrentMemtableWrite: false, // RocksDB cannot do both
      });
      await db.put('a', '1', { timestamp: 10n });
      await db.put('a', '2', { timestamp: 20n });
      expect(await db.get('a', { timestamp: 10n })).toBe('1');
      await db.increaseFullHistoryTsLow(21n);
      await db.flush();
      expect(await db.getResult('a', { timestamp: 99n })).toMatchObject({
        value: '2',
        timestamp: 0n,
      });
    });

    it('order keys backwards with the other comparator', async () => {
      const comparator = 'rocksdb.ReverseBytewiseComparator.u64ts';
      const db = await createText(makeHost(), { comparator });
      for (const key of ['a', 'b', 'c']) await db.put(key, key, { timestamp: 10n });
      expect(short(await versions(db, { timestamp: 10n, gt: 'c' }))).toEqual(['b@10=b', 'a@10=a']);
      await db.deleteRange('c', 'a', { timestamp: 20n });
      expect(short(await versions(db, { timestamp: 20n }))).toEqual(['a@10=a']);
      const error = await errorOf(() => db.deleteRange('a', 'c', { timestamp: 20n }));
      expect(error.message).toContain('comes before');
    });

    it('are given to operations of batches, or to all of them later', async () => {
      const db = await createText(makeHost(), U64);
      const plain = await db.createColumnFamily('plain');
      const timed = await db.createColumnFamily('timed', U64);
      await using batch = await db.batch();
      await batch.put('a', '1', { timestamp: 10n }).put('a', '2', { timestamp: 20n });
      await batch.delete('a', { timestamp: 30n });
      await db.write(batch);
      expect(await db.get('a', { timestamp: 25n })).toBe('2');
      expect(await db.get('a', { timestamp: 35n })).toBeUndefined();

      await batch.clear();
      await batch.put('b', '1').put('p', 'v', { columnFamily: plain });
      await batch.put('t', 'v', { columnFamily: timed }).deleteRange('x', 'y');
      const error = await errorOf(() => db.write(batch));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toContain('3 operations');
      expect(error.message).toContain('updateTimestamps');
      await batch.updateTimestamps(50n);
      await db.write(batch);
      expect(await db.getResult('b', { timestamp: 50n })).toMatchObject({ timestamp: 50n });
      expect(await db.get('b', { timestamp: 49n })).toBeUndefined();
      expect(await db.get('t', { timestamp: 50n, columnFamily: timed })).toBe('v');
      expect(await db.get('p', { columnFamily: plain })).toBe('v');
      const operations = await batch.operations();
      expect(operations.map((each) => 'timestamp' in each && each.timestamp)).toEqual([
        50n,
        false,
        50n,
        50n,
      ]);
      // Again, at another time.
      await batch.updateTimestamps(60n);
      await db.write(batch);
      expect(await db.getResult('b', { timestamp: 99n })).toMatchObject({ timestamp: 60n });
    });

    it('are given to all of a batch with an index, which stays as it is', async () => {
      const db = await createText(makeHost(), U64);
      const plain = await db.createColumnFamily('plain');
      const timed = await db.createColumnFamily('timed', U64);
      await using batch = await db.batchWithIndex({ overwriteKey: true });
      await batch.put('b', '1').put('a', '2').delete('c').put('p', 'v', { columnFamily: plain });
      await batch.put('t', 'v', { columnFamily: timed });
      expect(await errorOf(() => db.write(batch))).toBeInstanceOf(InvalidArgumentError);
      const entries = async () => {
        await using iterator = await batch.iterator();
        return await all(iterator);
      };
      const firstTime = async () => {
        await using iterator = await batch.iterator();
        await iterator.next();
        return await iterator.timestamp;
      };
      expect(await firstTime()).toBe(0n);
      const before = await entries();
      expect(before).toHaveLength(3);
      const length = await batch.byteLength;
      for (const wrong of [5, -1n, new Uint8Array(7), undefined]) {
        const error = await errorOf(() => batch.updateTimestamps(wrong as bigint));
        expect(error).toBeInstanceOf(InvalidArgumentError);
      }
      expect(await errorOf(() => db.write(batch))).toBeInstanceOf(InvalidArgumentError);
      await batch.updateTimestamps(50n);
      expect(await entries()).toEqual(before);
      expect(await batch.byteLength).toBe(length);
      expect(await firstTime()).toBe(50n);
      expect(await batch.getFromBatch('a')).toBe('2');
      await batch.put('a', '3');
      expect(await batch.getFromBatch('a')).toBe('3');
      await batch.updateTimestamps(60n);
      await db.write(batch);
      expect(await db.getResult('a', { timestamp: 99n })).toMatchObject({
        value: '3',
        timestamp: 60n,
      });
      expect(await db.get('b', { timestamp: 59n })).toBeUndefined();
      expect(await db.get('t', { timestamp: 60n, columnFamily: timed })).toBe('v');
      expect(await db.get('p', { columnFamily: plain })).toBe('v');

      const untimed = await createText(makeHost());
      await using none = await untimed.batchWithIndex();
      const error = await errorOf(() => none.put('k', 'v').updateTimestamps(1n));
      expect(error.message).toContain('no column family of the batch');
    });

    it('are refused when they are missing, of the wrong size, or where there are none', async () => {
      const db = await createText(makeHost(), U64);
      const plain = await db.createColumnFamily('plain');
      await using batch = await db.batch();
      const before = await db.latestSequenceNumber;
      const calls = (options: object): (() => unknown)[] => [
        () => db.put('k', 'v', options),
        () => db.delete('k', options),
        () => db.singleDelete('k', options),
        () => db.deleteRange('a', 'b', options),
        () => db.get('k', options),
        () => db.getResult('k', options),
        () => db.has('k', options),
        () => db.getMany(['k'], options),
        () => db.getPinned('k', options),
        () => db.getEntity('k', options),
        () => db.keyMayExist('k', options),
        () => db.getMergeOperands('k', options),
        () => db.iterator(options),
      ];
      for (const [options, why] of [
        [{}, "column family 'default' has user-defined timestamps: give the option timestamp"],
        [{ timestamp: -1n }, 'a bigint from 0 to 2n ** 64n - 1n, got -1'],
        [{ timestamp: 2n ** 64n }, 'a bigint from 0 to'],
        [{ timestamp: 5 }, 'expected a bigint or Uint8Array of 8 bytes, got number 5'],
        [{ timestamp: 'soon' }, 'got string soon'],
        [{ timestamp: new Uint8Array(7) }, 'got one of 7 bytes'],
        [{ timestamp: 1n, columnFamily: plain }, "column family 'plain' has no user-defined"],
      ] as const) {
        for (const call of calls(options)) {
          const error = await errorOf(call);
          expect(error).toBeInstanceOf(InvalidArgumentError);
          expect(error.message).toContain(why);
        }
      }
      const put = () => batch.put('k', 'v', { timestamp: new Uint8Array(9) });
      expect((await errorOf(put)).message).toContain('got one of 9 bytes');
      const entity = await errorOf(() => db.putEntity('k', {}, { timestamp: 1n }));
      expect(entity.message).toContain('no entities');
      expect((await errorOf(() => batch.putEntity('k', {}))).message).toContain('no entities');
      const start = () => db.iterator({ timestamp: 1n, iterStartTimestamp: new Uint8Array(1) });
      expect((await errorOf(start)).message).toContain('iterStartTimestamp');
      const low = () => db.increaseFullHistoryTsLow(1n, { columnFamily: plain });
      expect((await errorOf(low)).message).toContain('no user-defined timestamps');
      const getLow = () => db.getFullHistoryTsLow({ columnFamily: plain });
      expect((await errorOf(getLow)).message).toContain('no user-defined timestamps');
      const none = () => batch.clear().updateTimestamps(new Uint8Array(3));
      expect((await errorOf(none)).message).toContain('got one of 3 bytes');
      expect(batch.count).toBe(0);
      expect(await db.latestSequenceNumber).toBe(before);
      expect(
        await errorOf(() =>
          db.getMany(['k', 'k'], { timestamp: 1n, columnFamilies: [plain, plain] }),
        ),
      ).not.toBeInstanceOf(BusyError);
    });
  });
}
