import {
  CorruptionError,
  decodeWriteBatch,
  InvalidArgumentError,
  NotSupportedError,
  writeBatchHeader,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { create, createText, type MakeHost } from './host.js';

const bytes = (value: string) => new TextEncoder().encode(value);

export function batchContentSuite(makeHost: MakeHost): void {
  describe('the content of batches', () => {
    it('is told, operation by operation', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      const family = await db.createColumnFamily('family');
      await using batch = await db.batch();
      await batch.put('a', '1').delete('b').singleDelete('c').merge('d', 'o').deleteRange('e', 'f');
      await batch.putLogData('note').put('g', '2', { columnFamily: family });
      await batch.putEntity('h', { y: '2', x: '1' }).timedPut('i', '3', 1_700_000_000);
      expect(batch.count).toBe(8);
      const key = (text: string, columnFamilyId = 0) => ({ columnFamilyId, key: bytes(text) });
      const operations = [
        { type: 'put', ...key('a'), value: bytes('1') },
        { type: 'delete', ...key('b') },
        { type: 'singleDelete', ...key('c') },
        { type: 'merge', ...key('d'), operand: bytes('o') },
        { type: 'deleteRange', ...key('e'), endKey: bytes('f') },
        { type: 'logData', data: bytes('note') },
        { type: 'put', ...key('g', family.familyId), value: bytes('2') },
        {
          type: 'putEntity',
          ...key('h'),
          columns: [
            [bytes('x'), bytes('1')],
            [bytes('y'), bytes('2')],
          ],
        },
        { type: 'timedPut', ...key('i'), value: bytes('3'), writeUnixTime: 1_700_000_000n },
      ];
      expect(await batch.operations()).toEqual(operations);
      const data = await batch.data;
      expect(writeBatchHeader(data)).toEqual({ sequenceNumber: 0n, count: 8 });
      expect(decodeWriteBatch(data)).toEqual(operations);
      await db.write(batch);
      expect(await db.getMany(['a', 'd', 'i'])).toEqual(['1', 'o', '3']);
      await db.flush();
      expect(await db.getMany(['a', 'd', 'i'])).toEqual(['1', 'o', '3']);
      const { sequenceNumber } = writeBatchHeader(await batch.data);
      expect(sequenceNumber + 7n).toBe(await db.latestSequenceNumber);
    });

    it('makes another batch', async () => {
      const host = makeHost();
      const one = await createText(host, { mergeOperator: 'stringappend' });
      const two = await createText(host, { mergeOperator: 'stringappend' });
      const family = await one.createColumnFamily('family');
      await two.createColumnFamily('family');
      await using batch = await one.batch();
      await batch.put('a', '1').merge('m', 'x').putEntity('e', { n: 'v' }).putLogData('note');
      await batch.put('f', '2', { columnFamily: family }).delete('b').deleteRange('c', 'd');
      await using copy = await two.batchFrom(await batch.data);
      expect(copy.count).toBe(6);
      expect(await copy.operations()).toEqual(await batch.operations());
      await copy.put('later', '3');
      await two.write(copy);
      expect(await two.getMany(['a', 'm', 'later'])).toEqual(['1', 'x', '3']);
      expect(await two.getEntity('e')).toEqual(new Map([['n', 'v']]));
      const other = await two.columnFamily('family');
      expect(await two.get('f', { columnFamily: other })).toBe('2');
    });

    it('is taken back to save points', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await using batch = await db.batch();
      await batch.put('a', '1').setSavePoint();
      await batch.put('b', '1', { columnFamily: family }).setSavePoint();
      await batch.put('c', '1').rollbackToSavePoint();
      expect(batch.count).toBe(2);
      await batch.put('d', '1').setSavePoint().popSavePoint().rollbackToSavePoint();
      expect(batch.count).toBe(1);
      // The family is not among those of the batch any more.
      await db.dropColumnFamily(family);
      await db.write(batch);
      expect(await db.getMany(['a', 'b', 'c', 'd'])).toEqual([
        '1',
        undefined,
        undefined,
        undefined,
      ]);
      for (const call of ['rollbackToSavePoint', 'popSavePoint'] as const) {
        const error = await errorOf(() => batch[call]());
        expect(error.code).toBe('ERR_ROCKSDB_NOT_FOUND');
        expect(error.message).toContain(call);
      }
      await batch.setSavePoint().clear();
      expect((await errorOf(() => batch.popSavePoint())).code).toBe('ERR_ROCKSDB_NOT_FOUND');
      expect(batch.count).toBe(0);
    });

    it('is no larger than it may be', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch({ maxBytes: 100 });
      await batch.put('a', 'x'.repeat(50));
      const { byteLength } = batch;
      const error = await errorOf(() => batch.put('b', 'x'.repeat(50)));
      expect(error.code).toBe('ERR_ROCKSDB_TOO_LARGE');
      expect(error.message).toContain('limit is 100 bytes');
      expect([batch.count, batch.byteLength]).toEqual([1, byteLength]);
      expect((await errorOf(() => batch.putLogData('x'.repeat(90)))).code).toBe(
        'ERR_ROCKSDB_TOO_LARGE',
      );
      await batch.put('c', 'x'.repeat(20));
      await db.write(batch);
      expect(await db.getMany(['b', 'c'])).toEqual([undefined, 'x'.repeat(20)]);
      expect((await errorOf(() => db.batch({ maxBytes: -1 }))).message).toContain('maxBytes');
    });

    it('is looked through before it is taken', async () => {
      const host = makeHost();
      const db = await createText(host);
      const merging = await create(host, { mergeOperator: 'stringappend' });
      const timed = await db.createColumnFamily('timed', {
        comparator: 'leveldb.BytewiseComparator.u64ts',
      });
      const dropped = await db.createColumnFamily('dropped');
      const header = (count: number) => [...new Uint8Array(8), count, 0, 0, 0];
      const record = (...more: (number | string)[]) =>
        Uint8Array.from([
          ...header(1),
          ...more.flatMap((part) => (typeof part === 'number' ? [part] : [...bytes(part)])),
        ]);
      await using merge = await merging.batch();
      await merge.merge('m', 'x');
      await using droppedPut = await db.batch();
      await droppedPut.put('k', 'v', { columnFamily: dropped });
      const toDropped = await droppedPut.data;
      await db.dropColumnFamily(dropped);
      for (const [data, kind, why] of [
        [await merge.data, NotSupportedError, 'no merge operator'],
        [toDropped, InvalidArgumentError, 'is not open'],
        [record(0x05, 99, 1, 'k', 1, 'v'), InvalidArgumentError, 'id 99, which is not open'],
        [record(0x0f, 1, 'b', 1, 'a'), InvalidArgumentError, 'comes before'],
        [record(0x05, timed.familyId, 1, 'k', 1, 'v'), CorruptionError, 'no timestamp'],
        [record(0x17, timed.familyId, 1, 'k', 2, 1, 0), InvalidArgumentError, 'no entities'],
        [record(0x16, 1, 'k', 3, 1, 1, 5), CorruptionError, 'no wide columns'],
        [record(0x18, 1, 'k', 1, 'v'), CorruptionError, 'no time'],
        [record(0x11, 1, 'k', 1, 'v'), NotSupportedError, 'putBlobIndex'],
        [Uint8Array.from([...header(0), 0x0b, 1, 0x78]), NotSupportedError, 'commit'],
        [record(0x01, 1, 'k', 2, 'v'), CorruptionError, 'cut off'],
        [record(), CorruptionError, 'it says 1 operations'],
        [new Uint8Array(3), CorruptionError, '12 bytes'],
      ] as const) {
        const error = await errorOf(() => db.batchFrom(data));
        expect(error).toBeInstanceOf(kind);
        expect(error.message).toContain(why);
      }
      expect((await errorOf(() => db.batchFrom('text' as never))).code).toBe(
        'ERR_ROCKSDB_CORRUPTION',
      );
      // Nothing is left of those that were refused.
      expect(await db.heap.handles('writeBatch')).toHaveLength(1);
    });
  });

  describe('write options', () => {
    it('pass over column families that were dropped, when asked to', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await using batch = await db.batch();
      await batch.put('a', '1').put('b', '1', { columnFamily: family }).put('c', '1');
      await db.dropColumnFamily(family);
      expect((await errorOf(() => db.write(batch))).code).toBe('ERR_ROCKSDB_COLUMN_FAMILY_DROPPED');
      await db.write(batch, { ignoreMissingColumnFamilies: true });
      expect(await db.getMany(['a', 'c'])).toEqual(['1', '1']);
      await db.put('d', '1', { columnFamily: family, ignoreMissingColumnFamilies: true });
      expect(await db.get('d', { columnFamily: family })).toBeUndefined();
    });

    it('guard keys, give hints and take the rate limiter', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      const options = {
        protectionBytesPerKey: 8,
        memtableInsertHintPerBatch: true,
        rateLimiterPriority: 'user',
      } as const;
      await db.put('a', '1', options);
      await db.merge('a', '2', options);
      await using batch = await db.batch();
      await batch.put('b', '1').putEntity('c', { x: '1' }).deleteRange('d', 'e').delete('f');
      await db.write(batch, options);
      expect(await db.getMany(['a', 'b'])).toEqual(['1,2', '1']);
      expect(await db.getEntity('c')).toEqual(new Map([['x', '1']]));
      // RocksDB charges the log's writes only where there is a log.
      const error = await errorOf(() =>
        db.put('g', '1', { rateLimiterPriority: 'user', disableWAL: true }),
      );
      expect(error).toBeInstanceOf(InvalidArgumentError);
      for (const wrong of [
        { rateLimiterPriority: 'high' as 'user' },
        { protectionBytesPerKey: 4 as 8 },
      ]) {
        const refused = await errorOf(() => db.put('g', '1', wrong));
        expect(refused.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      }
      expect(await db.has('g')).toBe(false);
    });
  });
}
