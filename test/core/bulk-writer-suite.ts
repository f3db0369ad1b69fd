import {
  type BulkEntry,
  type BulkProgress,
  BulkWriteError,
  HandleFreedError,
  HeapLimitError,
  InvalidArgumentError,
  InvalidOptionError,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost, noise, same } from './host.js';

const MIB = 1024 * 1024;

const entriesTo = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => [keyOf(i), `value ${i}`]);

export function bulkWriterSuite(makeHost: MakeHost): void {
  describe('a bulk writer', () => {
    taking(makeHost);
    budget(makeHost);
    failing(makeHost);
    streaming(makeHost);
  });
}

function taking(makeHost: MakeHost): void {
  it('writes everything, in batches, and says so', async () => {
    const db = await createText(makeHost());
    const progress: BulkProgress[] = [];
    const writer = await db.bulkWriter({
      maxBatchEntries: 100,
      onProgress: (each) => progress.push(each),
    });
    await writer.write(entriesTo(950));
    expect([writer.pending, writer.totals.entries, writer.totals.batches]).toEqual([50, 900, 9]);
    expect(await db.has(keyOf(900))).toBe(false);
    await writer.commit();
    expect(await db.has(keyOf(900))).toBe(true);
    await writer.put('put', 'v');
    await writer.delete(keyOf(0));
    expect(await writer.add(['tuple', 'v'])).toBe(false);
    const totals = await writer.close();
    expect(await writer.close()).toEqual(totals);
    expect([totals.entries, totals.batches]).toEqual([953, 11]);
    expect(totals.peakHeapBytes).toBeGreaterThan(0);
    expect(progress.length).toBe(11);
    expect(progress[0]).toMatchObject({ entries: 100, batches: 1, batchEntries: 100 });
    expect(progress.reduce((sum, { batchBytes }) => sum + batchBytes, 0)).toBe(totals.bytes);
    await using iterator = await db.iterator();
    const found = await all(iterator);
    expect(found.length).toBe(951);
    expect(found.at(-1)).toEqual(['tuple', 'v']);
    expect(await errorOf(() => writer.add(['k', 'v']))).toBeInstanceOf(HandleFreedError);
    expect(db.heap.handles('bulkWriter')).toEqual([]);
  });

  it('takes operations of all kinds, for several column families', async () => {
    const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
    const family = await db.createColumnFamily('family', { mergeOperator: 'stringappend' });
    const writer = await db.bulkWriter({ columnFamily: family });
    const entries: BulkEntry<'utf8', 'utf8'>[] = [
      ['a', '1'],
      { key: 'b', value: '2' },
      { type: 'merge', key: 'a', value: '3' },
      { type: 'delete', key: 'b' },
      { type: 'put', key: 'c', value: '4', columnFamily: await db.columnFamily('default') },
    ];
    async function* slowly() {
      for (const entry of entries) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        yield entry;
      }
    }
    await writer.write(slowly());
    await writer.merge('a', '5');
    await writer.close();
    expect(await db.get('a', { columnFamily: family })).toBe('1,3,5');
    expect(await db.has('b', { columnFamily: family })).toBe(false);
    expect([await db.get('c'), await db.get('a')]).toEqual(['4', undefined]);
  });

  it('writes a batch when it is as large as it may be', async () => {
    const db = await createText(makeHost());
    const sizes: number[] = [];
    const writer = await db.bulkWriter({
      maxBatchBytes: 10_000,
      onProgress: ({ batchBytes }) => sizes.push(batchBytes),
    });
    for (let i = 0; i < 500; i++) await writer.put(keyOf(i), 'x'.repeat(100));
    await writer.put('large', 'y'.repeat(200_000));
    await writer.put('small', 'z');
    const { entries } = await writer.close();
    expect(entries).toBe(502);
    const large = sizes.findIndex((size) => size > 20_000);
    expect(sizes.slice(0, large - 1).every((size) => size >= 10_000 && size < 10_120)).toBe(true);
    expect(sizes.slice(large + 1).every((size) => size < 10_120)).toBe(true);
    expect((await db.get('large'))?.length).toBe(200_000);
  });

  it('is disposed of as it is left: closed, or freed with a warning', async () => {
    const db = await createText(makeHost());
    {
      await using writer = await db.bulkWriter();
      await writer.put('k', 'v');
    }
    expect(await db.get('k')).toBe('v');
    const writer = await db.bulkWriter();
    await writer.put('lost', 'v');
    expect((await writer.abort()).entries).toBe(0);
    expect(await writer.abort()).toEqual(await writer.close());
    expect(await db.has('lost')).toBe(false);
    const { default: process } = await import('node:process');
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    try {
      const forgotten = await db.bulkWriter();
      await forgotten.put('lost', 'v');
      await forgotten.free();
      for (let turn = 0; turn < 100 && warnings.length === 0; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(warnings).toEqual([
        `bulkWriter #${forgotten.id}: 1 entry was dropped, not written: call close()`,
      ]);
    } finally {
      process.off('warning', listen);
    }
  });

  it('uses its buffer again, and gives every byte back', async () => {
    const db = await createText(makeHost());
    const round = async () => {
      const writer = await db.bulkWriter({ maxBatchEntries: 50 });
      await writer.write(entriesTo(60));
      const { bytes, blocks } = db.heap.owners().writeBatch ?? { bytes: 0, blocks: 0 };
      await writer.write(entriesTo(200));
      expect(db.heap.owners().writeBatch).toEqual({ bytes, blocks });
      await writer.close();
      await writer.free();
      await db.flush();
    };
    await round();
    await round();
    expect(db.heap.owners().writeBatch).toEqual({ bytes: 0, blocks: 0 });
    expect(db.heap.verify().problems).toEqual([]);
  });

  it('has batches that say what they hold', async () => {
    const db = await createText(makeHost());
    await using batch = await db.batch();
    const empty = batch.capacityBytes;
    for (let i = 0; i < 100; i++) await batch.put(keyOf(i), 'x'.repeat(100));
    const { capacityBytes, byteLength } = batch;
    expect(capacityBytes).toBeGreaterThanOrEqual(byteLength);
    expect(capacityBytes).toBeGreaterThan(empty);
    const own = db.heap.pins(batch)?.ownBytes ?? 0;
    expect(own - capacityBytes).toBeGreaterThanOrEqual(0);
    expect(own - capacityBytes).toBeLessThan(256);
    await batch.clear();
    expect(batch.capacityBytes).toBe(capacityBytes);
    await batch.free();
    expect(batch.capacityBytes).toBe(0);
  });
}

function budget(makeHost: MakeHost): void {
  it('stays below its heap budget, whatever the write buffer', async () => {
    const db = await create(makeHost(), { compression: 'lz4' });
    const heapBudgetBytes = 16 * MIB;
    const sizes = new Set<number>();
    const writer = await db.bulkWriter({
      heapBudgetBytes,
      onProgress: ({ batchBytes, inUseBytes }) => {
        sizes.add(batchBytes);
        expect(inUseBytes).toBeLessThan(heapBudgetBytes);
      },
    });
    const value = noise(2000);
    for (let i = 0; i < 20_000; i++) await writer.add([keyOf(i), value]);
    const totals = await writer.close();
    expect(totals.entries).toBe(20_000);
    expect(totals.bytes).toBeGreaterThan(2 * heapBudgetBytes);
    expect(totals.peakHeapBytes).toBeLessThan(heapBudgetBytes);
    expect(totals.peakHeapBytes).toBe(db.heap.highWaterBytes);
    expect(sizes.size).toBeGreaterThan(5);
    expect(await db.getIntProperty('rocksdb.estimate-num-keys')).toBe(20_000n);
    expect(same(await db.get(keyOf(19_999)), value)).toBe(true);
  });

  it('refuses what has no room in the budget, and names who has it', async () => {
    const db = await createText(makeHost());
    const writer = await db.bulkWriter({ heapBudgetBytes: 8 * MIB });
    await writer.put('k', 'v');
    const large = 'x'.repeat(3 * MIB);
    const error = await errorOf(() => writer.put('large', large));
    expect([error.constructor, error.code]).toEqual([HeapLimitError, 'ERR_ROCKSDB_HEAP_LIMIT']);
    expect(error.message).toMatch(/heapBudgetBytes: \d+ bytes are in use after a flush/);
    expect(error.message).toMatch(/In use: \w+ [\d,.]+ (bytes|MB)/);
    // It was not taken, and the writer goes on.
    await writer.put('l', 'w');
    expect((await writer.close()).entries).toBe(2);
    expect([await db.get('k'), await db.get('l'), await db.get('large')]).toEqual([
      'v',
      'w',
      undefined,
    ]);
    // Room that others have taken stops it, and nothing is lost in silence.
    const other = await db.batch();
    await other.put('big', 'x'.repeat(9 * MIB));
    const second = await db.bulkWriter({ heapBudgetBytes: 8 * MIB });
    await second.put('m', 'v');
    const stopped = (await errorOf(() => second.close())) as BulkWriteError;
    expect(stopped).toBeInstanceOf(BulkWriteError);
    expect(stopped.cause).toBeInstanceOf(HeapLimitError);
    expect(stopped.message).toContain('writeBatch');
    expect([stopped.unwritten, stopped.totals.entries]).toEqual([1, 0]);
    await other.free();
  });
}

function failing(makeHost: MakeHost): void {
  it('refuses options that make no sense', async () => {
    const db = await createText(makeHost());
    const wrong: [object, string][] = [
      [{ maxBatchBytes: 0 }, 'maxBatchBytes'],
      [{ maxBatchEntries: 1.5 }, 'maxBatchEntries'],
      [{ heapBudgetBytes: 1000 }, 'heapBudgetBytes'],
      [{ sync: true }, 'sync'],
      [{ sync: 'batch', disableWAL: true }, 'sync'],
      [{ onProgress: 5 }, 'onProgress'],
      [{ noSlowdown: true }, 'noSlowdown'],
      [{ protectionBytesPerKey: 3 }, 'protectionBytesPerKey'],
    ];
    for (const [options, option] of wrong) {
      const error = await errorOf(() => db.bulkWriter(options));
      expect([error.constructor, (error as InvalidOptionError).option]).toEqual([
        InvalidOptionError,
        option,
      ]);
    }
    expect(db.heap.handles('bulkWriter')).toEqual([]);
  });

  it('goes on after an entry that is none', async () => {
    const db = await createText(makeHost());
    const writer = await db.bulkWriter();
    for (const wrong of [5, null, ['k'], ['k', 'v', 'w'], { key: 'k' }, { key: 5, value: 'v' }]) {
      const error = await errorOf(() => writer.add(wrong as never));
      expect([wrong, error.constructor]).toEqual([wrong, InvalidArgumentError]);
    }
    const unknown = { type: 'rename', key: 'k', value: 'v' };
    expect((await errorOf(() => writer.add(unknown as never))).message).toContain('rename');
    expect(await errorOf(() => writer.write('text' as never))).toBeInstanceOf(InvalidArgumentError);
    expect(await errorOf(() => writer.write({} as never))).toBeInstanceOf(InvalidArgumentError);
    const some = [['a', '1'], ['b', '2'], 5, ['c', '3']] as never;
    expect(await errorOf(() => writer.write(some))).toBeInstanceOf(InvalidArgumentError);
    expect(writer.pending).toBe(2);
    expect((await writer.close()).entries).toBe(2);
    expect([await db.get('b'), await db.get('c')]).toEqual(['2', undefined]);
  });

  it('stops at a batch that cannot be written, and says how far it came', async () => {
    const db = await createText(makeHost());
    const family = await db.createColumnFamily('family');
    const writer = await db.bulkWriter({ columnFamily: family, maxBatchEntries: 10 });
    await writer.write(entriesTo(15));
    const hold = await db.lockWAL();
    const error = (await errorOf(() => writer.write(entriesTo(10)))) as BulkWriteError;
    expect(error).toBeInstanceOf(BulkWriteError);
    expect((error.cause as { code: string }).code).toBe('ERR_ROCKSDB_WAL_LOCKED');
    expect([error.totals.entries, error.unwritten]).toEqual([10, 10]);
    await hold.free();
    for (const use of [
      () => writer.add(['k', 'v']),
      () => writer.put('k', 'v'),
      () => writer.commit(),
      () => writer.close(),
      () => writer.close(),
    ]) {
      expect(await errorOf(use)).toBe(error);
    }
    expect(writer.freed).toBe(true);
    await using iterator = await db.iterator({ columnFamily: family });
    expect((await all(iterator)).length).toBe(10);
  });

  it('is not stopped by what onProgress throws', async () => {
    const db = await createText(makeHost());
    let calls = 0;
    const writer = await db.bulkWriter({
      maxBatchEntries: 2,
      onProgress: () => {
        if (++calls === 1) throw new Error('mine');
      },
    });
    await expect(writer.write(entriesTo(4))).rejects.toThrow('mine');
    await writer.put('k', 'v');
    expect((await writer.close()).entries).toBe(3);
  });

  it('does not write where nothing can be written', async () => {
    const host = makeHost();
    const path = host.path();
    const db = await host.open(path, { createIfMissing: true });
    await db.close();
    const reader = await host.open(path, { readOnly: true });
    expect((await errorOf(() => reader.bulkWriter())).code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
  });
}

function streaming(makeHost: MakeHost): void {
  it('is a stream that holds its source up', async () => {
    const db = await createText(makeHost());
    const writer = await db.bulkWriter({ maxBatchEntries: 10 });
    let pulled = 0;
    const source = new ReadableStream<[string, string]>(
      {
        pull: (controller) => {
          if (pulled === 95) controller.close();
          else controller.enqueue([keyOf(pulled++), 'v']);
          // Never far ahead of what is written.
          expect(pulled - writer.totals.entries - writer.pending).toBeLessThan(5);
        },
      },
      { highWaterMark: 0 },
    );
    expect(writer.writable).toBe(writer.writable);
    await source.pipeTo(writer.writable);
    expect([writer.freed, writer.totals.entries]).toEqual([true, 95]);
    await using iterator = await db.iterator();
    expect((await all(iterator)).length).toBe(95);
  });

  it('takes many entries a chunk, and what Node has for streams', async () => {
    const { Readable, Writable } = await import('node:stream');
    const { pipeline } = await import('node:stream/promises');
    const db = await createText(makeHost());
    const chunks = [{ entries: entriesTo(30) }, ['k', 'v'], { type: 'delete', key: keyOf(3) }];
    const writer = await db.bulkWriter();
    await pipeline(Readable.from(chunks), Writable.fromWeb(writer.writable, { objectMode: true }));
    expect(writer.totals.entries).toBe(32);
    await using iterator = await db.iterator();
    expect((await all(iterator)).length).toBe(30);
  });

  it('ends with the stream: by its abort, and by an error of an entry', async () => {
    const db = await createText(makeHost());
    const first = await db.bulkWriter();
    const aborted = first.writable.getWriter();
    await aborted.write(['k', 'v']);
    await aborted.abort(new Error('mine'));
    expect([first.freed, await db.has('k')]).toEqual([true, false]);
    const second = await db.bulkWriter({ maxBatchEntries: 1 });
    const stream = second.writable.getWriter();
    await stream.write(['a', '1']);
    const error = (await errorOf(() => stream.write([5, 'v'] as never))) as BulkWriteError;
    expect(error).toBeInstanceOf(BulkWriteError);
    expect(error.cause).toBeInstanceOf(InvalidArgumentError);
    expect(error.totals.entries).toBe(1);
    await expect(stream.closed).rejects.toBe(error);
    expect(second.freed).toBe(true);
  });
}
