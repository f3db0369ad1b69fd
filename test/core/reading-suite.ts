import {
  BusyError,
  InvalidArgumentError,
  InvalidOptionError,
  NotSupportedError,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost } from './host.js';

export function readingSuite(makeHost: MakeHost): void {
  describe('reading', () => {
    it('gets keys of several column families at once', async () => {
      const db = await createText(makeHost());
      const texts = await db.createColumnFamily('texts');
      const json = await db.createColumnFamily('json', { valueEncoding: 'json' });
      await db.put('k', 'default');
      await db.put('k', 'text', { columnFamily: texts });
      await db.put('k', { a: 1 } as never, { columnFamily: json });
      await using snapshot = await db.snapshot();
      const first = await db.defaultColumnFamily;
      const columnFamilies = [json, texts, first, texts];
      const keys = ['k', 'k', 'k', 'none'];
      const values = [{ a: 1 }, 'text', 'default', undefined];
      expect(await db.getMany(keys, { columnFamilies })).toEqual(values);
      await db.put('k', 'later', { columnFamily: texts });
      expect(await db.getMany(keys, { columnFamilies, snapshot })).toEqual(values);
      await db.flush();
      expect(await db.getMany(['k'], { columnFamilies: [texts] })).toEqual(['later']);
      const encoded = { columnFamilies, valueEncoding: 'utf8' } as const;
      expect(await db.getMany(keys, encoded)).toEqual(['{"a":1}', 'later', 'default', undefined]);
      for (const wrong of [[texts], [], 'texts', [1, 2, 3, 4]] as never[]) {
        const error = await errorOf(() => db.getMany(keys, { columnFamilies: wrong }));
        expect(error).toBeInstanceOf(InvalidArgumentError);
        expect(error.message).toContain('columnFamil');
      }
    });

    it('refuses options that it does not know', async () => {
      const db = await createText(makeHost());
      await using snapshot = await db.snapshot();
      const typo = { snapshott: snapshot } as object;
      for (const read of [
        () => db.get('k', typo),
        () => db.getResult('k', typo),
        () => db.getMany(['k'], typo),
        () => db.getManyResults(['k'], typo),
        () => db.getManyEntity(['k'], typo),
        () => db.getEntity('k', typo),
        () => db.getPinned('k', typo),
        () => db.has('k', typo),
        () => db.keyMayExist('k', typo),
        () => db.getMergeOperands('k', typo),
        () => db.iterator(typo),
      ]) {
        const error = await errorOf(read);
        const told = [error.code, error.message];
        const message = "unknown option 'snapshott'; did you mean 'snapshot'?";
        expect([read.toString(), ...told]).toEqual([
          read.toString(),
          'ERR_ROCKSDB_INVALID_OPTION',
          message,
        ]);
      }
      expect(await db.get('k', { snapshott: undefined } as object)).toBeUndefined();
    });

    it('looks where the read tier says', async () => {
      const db = await createText(makeHost());
      await db.put('file', '1');
      await db.flush();
      await db.put('memtable', '2', { disableWAL: true });
      expect(await db.getMany(['file', 'memtable'])).toEqual(['1', '2']);
      const persisted = { readTier: 'persisted' } as const;
      expect(await db.get('memtable', persisted)).toBeUndefined();
      expect(await db.getMany(['file', 'memtable'], persisted)).toEqual(['1', undefined]);
      await using it = await db.iterator({ readTier: 'memtable' });
      expect(await all(it)).toEqual([['memtable', '2']]);
      const wrong = { readTier: 'memtable' as 'all' };
      const error = await errorOf(() => db.get('file', wrong));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toContain("one of 'all', 'blockCache', 'persisted', got 'memtable'");
      const iterator = await errorOf(() => db.iterator({ readTier: 'persisted' as 'all' }));
      expect(iterator).toBeInstanceOf(InvalidOptionError);
    });

    it('takes only blocks that are cached, when told so', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      await db.flush();
      const cached = { readTier: 'blockCache', fillCache: false } as const;
      expect(await errorOf(() => db.get('k', cached))).toBeInstanceOf(BusyError);
      expect(await db.get('k')).toBe('v');
      expect(await db.get('k', cached)).toBe('v');
      await using it = await db.iterator(cached);
      expect(await it.next()).toEqual(['k', 'v']);
    });

    it('gives up at the deadline, when a file must be read', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      expect(await db.get('k', { deadline: 1 })).toBe('v');
      await db.flush();
      for (const read of [
        () => db.get('k', { deadline: 1 }),
        () => db.has('k', { deadline: 1 }),
        () => db.getMany(['k'], { deadline: 1 }),
        () => db.getPinned('k', { deadline: 1 }),
      ]) {
        const error = await errorOf(read);
        expect(error).toBeInstanceOf(BusyError);
        expect(error.code).toBe('ERR_ROCKSDB_TIMED_OUT');
      }
      expect(await db.get('k', { deadline: Date.now() + 600_000, ioTimeout: 10_000 })).toBe('v');
      for (const wrong of [0, -1, Number.NaN, 'soon', new Date()] as never[]) {
        const error = await errorOf(() => db.get('k', { deadline: wrong }));
        expect(error).toBeInstanceOf(InvalidOptionError);
        expect(error.message).toContain('deadline: expected a number of milliseconds');
      }
    });

    it('stops many values at a size', async () => {
      const db = await createText(makeHost());
      const keys = Array.from({ length: 50 }, (_, i) => keyOf(i));
      for (const key of keys) await db.put(key, 'x'.repeat(100));
      await db.flush();
      expect(await db.getMany(keys, { valueSizeSoftLimit: 5000 })).toHaveLength(50);
      const error = await errorOf(() => db.getMany(keys, { valueSizeSoftLimit: 1000 }));
      expect(error).toBeInstanceOf(BusyError);
      expect(error.code).toBe('ERR_ROCKSDB_ABORTED');
      const wrong = await errorOf(() => db.getMany(keys, { valueSizeSoftLimit: -1 }));
      expect(wrong).toBeInstanceOf(InvalidOptionError);
    });

    it('passes over range deletions, when told to', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      await db.flush();
      await db.deleteRange('a', 'z');
      await db.flush();
      expect(await db.get('k')).toBeUndefined();
      expect(await db.get('k', { ignoreRangeDeletions: true })).toBe('v');
      await using it = await db.iterator({ ignoreRangeDeletions: true });
      expect(await all(it)).toEqual([['k', 'v']]);
    });

    it('tells what would be merged', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      await db.put('k', 'base');
      const operands = ['base'];
      for (let i = 0; i < 40; i++) {
        await db.merge('k', String(i));
        operands.push(String(i));
      }
      await db.put('plain', 'v');
      for (const place of ['memory', 'files']) {
        if (place === 'files') await db.flush();
        const found = await db.getMergeOperands('k', { maxOperands: 41 });
        // In files flush may have merged them.
        expect(found.join(',')).toBe(operands.join(','));
        if (place === 'memory') expect(found).toEqual(operands);
        expect(await db.getMergeOperands('k')).toEqual(found);
      }
      expect(await db.getMergeOperands('plain')).toEqual(['v']);
      expect(await db.getMergeOperands('none')).toEqual([]);
    });

    it('tells when more was merged than a threshold', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      for (const operand of ['a', 'b', 'c', 'd']) await db.merge('k', operand);
      expect(await db.getMergeOperands('k')).toEqual(['a', 'b', 'c', 'd']);
      const error = await errorOf(() => db.getMergeOperands('k', { maxOperands: 3 }));
      expect(error.code).toBe('ERR_ROCKSDB_INCOMPLETE');
      const at = async (mergeOperandCountThreshold: number) => {
        const one = await db.getResult('k', { mergeOperandCountThreshold });
        const [many] = await db.getManyResults(['k'], { mergeOperandCountThreshold });
        expect(many).toEqual(one);
        expect(one?.value).toBe('a,b,c,d');
        return one?.mergeOperandThresholdExceeded;
      };
      expect(await at(3)).toBe(true);
      expect(await at(4)).toBe(false);
    });

    it('tells whether a key may exist, without reading files', async () => {
      const db = await createText(makeHost(), {
        blockBasedTable: { filterPolicy: 'bloomfilter:10:false' },
      });
      await db.put('k', 'v');
      expect(await db.keyMayExist('k')).toBe(true);
      expect(await db.keyMayExistWithValue('k')).toEqual({ mayExist: true, value: 'v' });
      expect(await db.keyMayExist('none')).toBe(false);
      await db.flush();
      expect(await db.keyMayExistWithValue('k')).toEqual({ mayExist: true, value: undefined });
      expect(await db.keyMayExistWithValue('none')).toEqual({ mayExist: false, value: undefined });
      await db.get('k');
      expect(await db.keyMayExistWithValue('k')).toEqual({ mayExist: true, value: 'v' });
      await using snapshot = await db.snapshot();
      await db.put('later', 'v');
      expect(await db.keyMayExist('later', { snapshot })).toBe(false);
    });

    it('estimates what ranges take', async () => {
      const db = await createText(makeHost(), { compression: 'none' });
      for (let i = 0; i < 2000; i++) await db.put(keyOf(i), 'x'.repeat(100));
      const range = { begin: keyOf(500), end: keyOf(1500) };
      const everything = { begin: '', end: 'z' };
      const inMemory = { includeMemtables: true };
      expect(await db.approximateSizes([range])).toEqual([0]);
      const [some = 0, most = 0] = await db.approximateSizes([range, everything], inMemory);
      expect(some).toBeGreaterThan(30_000);
      expect(most).toBeGreaterThan(some);
      const stats = await db.approximateMemTableStats(range);
      expect(stats.count).toBeGreaterThan(300);
      expect(stats.bytes).toBeGreaterThan(30_000);
      await db.flush();
      expect(await db.approximateMemTableStats(range)).toEqual({ count: 0, bytes: 0 });
      const [filed = 0, all = 0] = await db.approximateSizes([range, everything]);
      expect(filed).toBeGreaterThan(80_000);
      expect(filed).toBeLessThan(150_000);
      expect(all).toBeGreaterThan(200_000);
      const memoryOnly = { includeFiles: false, includeMemtables: true };
      expect(await db.approximateSizes([range], memoryOnly)).toEqual([0]);
      const [margin = 0] = await db.approximateSizes([range], { filesSizeErrorMargin: 0.5 });
      expect(margin).toBeGreaterThan(0);
      expect(await db.approximateSizes([])).toEqual([]);
      for (const [wrong, options] of [
        [[{ begin: 'b', end: 'a' }], {}],
        [[{ begin: 'b' }], {}],
        [[null], {}],
        ['ab', {}],
        [[range], { includeFiles: false }],
        [[range], { filesSizeErrorMargin: 'small' }],
      ] as [never, object][]) {
        const error = await errorOf(() => db.approximateSizes(wrong, options));
        expect(error).toBeInstanceOf(InvalidArgumentError);
      }
      const backwards = () => db.approximateMemTableStats({ begin: 'b', end: 'a' });
      expect(await errorOf(backwards)).toBeInstanceOf(InvalidArgumentError);
    });

    it('lists the versions of keys', async () => {
      const db = await createText(makeHost(), {
        mergeOperator: 'stringappend',
        disableAutoCompactions: true,
      });
      await db.put('a', '1');
      await db.flush();
      await using snapshot = await db.snapshot();
      await db.delete('a');
      await db.put('a', '3');
      await db.merge('b', 'o');
      await db.singleDelete('c');
      await db.putEntity('d', { x: '1' });
      const versions = await db.getAllKeyVersions();
      const text = new TextDecoder();
      expect(versions.map(({ key, type, value }) => [key, type, text.decode(value)])).toEqual([
        ['a', 'put', '3'],
        ['a', 'delete', ''],
        ['a', 'put', '1'],
        ['b', 'merge', 'o'],
        ['c', 'singleDelete', ''],
        ['d', 'putEntity', '\x01\x01\x01x\x011'],
      ]);
      const [newest, , oldest] = versions;
      expect(newest?.sequenceNumber).toBe(oldest === undefined ? 0n : oldest.sequenceNumber + 2n);
      expect(newest?.timestamp).toBeUndefined();
      const keys = async (options: object) =>
        (await db.getAllKeyVersions(options)).map(({ key }) => key).join('');
      expect(await keys({ begin: 'b' })).toBe('bcd');
      expect(await keys({ end: 'b' })).toBe('aaab');
      expect(await keys({ begin: 'b', end: 'c' })).toBe('bc');
      expect(await keys({ maxKeys: 2 })).toBe('aa');
      expect(await keys({ maxKeys: 0 })).toBe('');
      expect(await errorOf(() => keys({ maxKeys: -1 }))).toBeInstanceOf(InvalidOptionError);
      expect(await db.get('a', { snapshot })).toBe('1');
    });
  });

  describe('iterators that are told more', () => {
    it('give up after keys that are of no use', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      for (let i = 0; i < 100; i++) await db.delete(keyOf(i));
      await db.put('z', '1');
      await using patient = await db.iterator({ maxSkippableInternalKeys: 200 });
      expect(await all(patient.keys())).toEqual(['a', 'z']);
      await using it = await db.iterator({ maxSkippableInternalKeys: 10 });
      expect(await it.next()).toEqual(['a', '1']);
      const error = await errorOf(() => it.next());
      expect(error.code).toBe('ERR_ROCKSDB_INCOMPLETE');
    });

    it('read the same, however they read ahead, pin and purge', async () => {
      const db = await createText(makeHost(), { compression: 'none' });
      const keys = Array.from({ length: 500 }, (_, i) => keyOf(i));
      for (const key of keys) await db.put(key, 'x'.repeat(200));
      await db.flush();
      for (const options of [
        { readaheadSize: 65536 },
        { autoReadaheadSize: false },
        { adaptiveReadahead: true },
        { pinData: true },
        { backgroundPurgeOnIteratorCleanup: true },
        { rateLimiterPriority: 'low' },
        { autoPrefixMode: true },
        { totalOrderSeek: true },
        { ioTimeout: 1000 },
      ] as const) {
        await using it = await db.iterator({ ...options, lt: keyOf(400) });
        expect(await all(it.keys()), JSON.stringify(options)).toEqual(keys.slice(0, 400));
      }
      for (const wrong of [
        { readaheadSize: -1 },
        { maxSkippableInternalKeys: 1.5 },
        { rateLimiterPriority: 'first' as 'low' },
        { columnNames: 'hex' as 'view' },
      ]) {
        expect(await errorOf(() => db.iterator(wrong))).toBeInstanceOf(InvalidOptionError);
      }
    });

    it('keep their blocks, when they pin data', async () => {
      const db = await createText(makeHost(), {
        blockBasedTable: { useDeltaEncoding: false, blockSize: 1024 },
        compression: 'none',
      });
      for (let i = 0; i < 200; i++) await db.put(keyOf(i), 'x'.repeat(100));
      await db.flush();
      const pinned = async (pinData: boolean) => {
        await using it = await db.iterator({ pinData });
        await all(it.keys());
        await it.seek(keyOf(100));
        expect(await it.getProperty('rocksdb.iterator.is-key-pinned')).toBe(pinData ? '1' : '0');
        return (await db.heap.pins(it))?.cacheBlocks.unique.length ?? 0;
      };
      expect(await pinned(true)).toBeGreaterThan((await pinned(false)) + 10);
    });

    it('leave the deletion of files to background work, when told so', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.flush();
      const it = await db.iterator({ backgroundPurgeOnIteratorCleanup: true });
      expect(await it.next()).toEqual(['a', '1']);
      await db.put('a', '2');
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      const files = async () =>
        (await db.getIntProperty('rocksdb.total-sst-files-size')) ===
        (await db.getIntProperty('rocksdb.live-sst-files-size'));
      expect(await files()).toBe(false);
      await it.free();
      expect(await files()).toBe(true);
    });

    it('load values of blob files only when they are asked for', async () => {
      const db = await createText(makeHost(), { enableBlobFiles: true, minBlobSize: 100 });
      const large = 'x'.repeat(1000);
      for (const key of ['a', 'b', 'c']) await db.put(key, large);
      await db.put('small', 'v');
      await db.flush();
      await using it = await db.iterator({ allowUnpreparedValue: true });
      expect(await it.next()).toEqual(['a', '']);
      expect(await it.next()).toEqual(['b', '']);
      expect(await it.prepareValue()).toBe(large);
      expect(await it.prepareValue()).toBe(large);
      expect(await it.next()).toEqual(['c', '']);
      expect(await it.next()).toEqual(['small', '']);
      expect(await it.prepareValue()).toBe('v');
      expect(await it.next()).toBeUndefined();
      expect((await errorOf(() => it.prepareValue())).message).toContain('call next() first');
    });

    it('know the state that they read', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await using it = await db.iterator();
      const current = () => db.getProperty('rocksdb.current-super-version-number');
      const own = () => it.getProperty('rocksdb.iterator.super-version-number');
      expect(await own()).toBe(await current());
      await db.flush();
      expect(await own()).not.toBe(await current());
      await it.refresh();
      expect(await own()).toBe(await current());
      const error = await errorOf(() => it.getProperty('rocksdb.iterator.write-time'));
      expect(error).toBeInstanceOf(NotSupportedError);
    });

    it('come with empty values that are no JSON, when values are not read', async () => {
      const db = await create(makeHost(), { keyEncoding: 'utf8', valueEncoding: 'json' });
      await db.put('k', [1]);
      await using it = await db.iterator({ values: false });
      expect(await it.next()).toEqual(['k', undefined]);
    });
  });
}
