import { BusyError, InvalidArgumentError, type LogUpdate, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type MakeHost, TEXT } from './host.js';

const decoder = new TextDecoder();

/** What a batch of the log does, in words. */
export function inWords({ sequence, batch }: LogUpdate): string {
  const operations = batch.map((operation) => {
    const key = 'key' in operation ? decoder.decode(operation.key) : '';
    const value = 'value' in operation ? `=${decoder.decode(operation.value)}` : '';
    const family = 'columnFamilyId' in operation ? operation.columnFamilyId : 0;
    return `${operation.type} ${family === 0 ? '' : `${family}:`}${key}${value}`;
  });
  return `${sequence}: ${operations.join(', ')}`;
}

/** Text databases keep archived logs for a day. */
const ARCHIVED = { walTtlSeconds: 24 * 60 * 60 };

async function wordsSince(db: RocksDB<'utf8', 'utf8'>, sequence: bigint | number) {
  return (await all(await db.getUpdatesSince(sequence))).map(inWords);
}

export function logSuite(makeHost: MakeHost): void {
  describe('updates since', () => {
    it('are the batches that were written, decoded', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('a', '1');
      await db.delete('a');
      await using batch = await db.batch();
      batch.put('b', '2').put('c', '3', { columnFamily: family }).singleDelete('d');
      await db.write(batch);
      await db.deleteRange('x', 'z');
      expect(await wordsSince(db, 0)).toEqual([
        '1: put a=1',
        '2: delete a',
        '3: put b=2, put 1:c=3, singleDelete d',
        '6: deleteRange x',
      ]);
      expect(await wordsSince(db, 6n)).toEqual(['6: deleteRange x']);
      expect(await db.latestSequenceNumber).toBe(6n);
    });

    it('begin with the batch that the number lies in, and say where the next one begins', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch();
      batch.put('a', '1').put('b', '2').put('c', '3');
      await db.write(batch);
      await db.put('d', '4');
      const updates = await all(await db.getUpdatesSince(2));
      expect(updates.map(({ sequence, nextSequence }) => [sequence, nextSequence])).toEqual([
        [1n, 4n],
        [4n, 5n],
      ]);
    });

    it('end where nothing is written yet, and go on when something is', async () => {
      const db = await createText(makeHost());
      await using updates = await db.getUpdatesSince(1);
      expect(await updates.next()).toBeUndefined();
      await db.put('a', '1');
      expect(inWords((await updates.next()) as LogUpdate)).toBe('1: put a=1');
      expect(await updates.next()).toBeUndefined();
      expect(await updates.nextSequence).toBe(2n);
      await db.put('b', '2');
      expect(inWords((await updates.next()) as LogUpdate)).toBe('2: put b=2');
      expect(await updates.next()).toBeUndefined();
      await using later = await db.getUpdatesSince(5);
      await db.put('c', '3');
      expect(await later.next()).toBeUndefined();
    });

    it('go on in the next file of the log, and in archived ones', async () => {
      const db = await createText(makeHost(), ARCHIVED);
      await using updates = await db.getUpdatesSince(1);
      const words: string[] = [];
      const take = async () => {
        for (let next = await updates.next(); next; next = await updates.next()) {
          words.push(inWords(next));
        }
      };
      for (let i = 1; i <= 3; i++) {
        await db.put('k', `${i}`);
        await db.put('l', `${i}`);
        if (i > 1) await take();
        await db.flush();
      }
      await db.put('last', 'one');
      await take();
      const expected = [
        '1: put k=1',
        '2: put l=1',
        '3: put k=2',
        '4: put l=2',
        '5: put k=3',
        '6: put l=3',
        '7: put last=one',
      ];
      expect(words).toEqual(expected);
      expect(await wordsSince(db, 0)).toEqual(expected);
      expect(await wordsSince(db, 4)).toEqual(expected.slice(3));
    });

    it('are still there after the database was closed', async () => {
      const host = makeHost();
      const first = await createText(host, ARCHIVED);
      await first.put('a', '1');
      await first.flush();
      await first.put('b', '2');
      await first.close();
      const db = await host.open(first.path, { ...TEXT, ...ARCHIVED });
      await db.put('c', '3');
      const words = await wordsSince(db, 1);
      expect(words[0]).toBe('1: put a=1');
      expect(words[1]).toBe('2: put b=2');
      expect(words.at(-1)).toMatch(/: put c=3$/);
    });

    it('that the log does not have are a gap, and may be passed over', async () => {
      const db = await createText(makeHost());
      for (let i = 0; i < 5; i++) await db.put(`k${i}`, 'v');
      await db.flush(); // without a TTL the log goes
      const nothing = await errorOf(() => wordsSince(db, 2));
      expect(nothing).toMatchObject({ code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 6n });
      await db.put('later', '1');
      const before = await errorOf(() => wordsSince(db, 2));
      expect(before).toMatchObject({ code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 6n });
      const past = await all(await db.getUpdatesSince(2, { allowGaps: true }));
      expect(past.map(inWords)).toEqual(['6: put later=1']);
      expect(await wordsSince(db, 6)).toEqual(['6: put later=1']);
    });

    it('see a gap between writes that went through the log and one that did not', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.put('b', '2', { disableWAL: true });
      await using updates = await db.getUpdatesSince(1);
      expect(inWords((await updates.next()) as LogUpdate)).toBe('1: put a=1');
      const atEnd = await errorOf(() => updates.next());
      expect(atEnd).toMatchObject({ code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 3n });
      await db.put('c', '3');
      const within = await errorOf(() => updates.next());
      expect(within).toMatchObject({ code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 3n });
      const past = await all(await db.getUpdatesSince(1, { allowGaps: true }));
      expect(past.map(inWords)).toEqual(['1: put a=1', '3: put c=3']);
    });

    it('of a file of the log that is deleted meanwhile are a gap', async () => {
      const host = makeHost();
      const db = await createText(host, ARCHIVED);
      for (let i = 1; i <= 3; i++) {
        await db.put('k', `${i}`);
        await db.flush();
      }
      await using updates = await db.getUpdatesSince(1);
      expect(inWords((await updates.next()) as LogUpdate)).toBe('1: put k=1');
      const [, second] = await db.getSortedWalFiles();
      host.fileSystem.removeFile(`${db.path}${second?.pathName}`);
      const gap = { code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 3n };
      expect(await errorOf(() => updates.next())).toMatchObject(gap);
      expect(await errorOf(() => updates.next())).toMatchObject(gap);
      expect(await errorOf(() => wordsSince(db, 2))).toMatchObject(gap);
      expect(await wordsSince(db, 3)).toEqual(['3: put k=3']);
    });

    it('are read where the database is open for reading only', async () => {
      const host = makeHost();
      const first = await createText(host, ARCHIVED);
      await first.put('a', '1');
      await first.flush();
      await first.put('b', '2');
      await first.close();
      const db = await host.open(first.path, { ...TEXT, readOnly: true });
      expect(await wordsSince(db, 1)).toEqual(['1: put a=1', '2: put b=2']);
      expect((await errorOf(() => db.lockWAL())).code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    });

    it('show also what manualWalFlush keeps back', async () => {
      const db = await createText(makeHost(), { manualWalFlush: true });
      await db.put('a', '1');
      await using updates = await db.getUpdatesSince(1);
      expect(inWords((await updates.next()) as LogUpdate)).toBe('1: put a=1');
      await db.put('b', '2');
      expect(inWords((await updates.next()) as LogUpdate)).toBe('2: put b=2');
    });

    it('refuse what is no sequence number, and options of the wrong kind', async () => {
      const db = await createText(makeHost());
      for (const [sequence, options] of [
        [-1, {}],
        [1.5, {}],
        ['1', {}],
        [2n ** 60n, {}],
        [1, null],
        [1, { follow: 1 }],
        [1, { allowGaps: 'yes' }],
        [1, { pollInterval: 0 }],
        [1, { signal: {} }],
      ] as const) {
        const get = () => db.getUpdatesSince(sequence as never, options as never);
        expect(await errorOf(get)).toBeInstanceOf(InvalidArgumentError);
      }
    });

    it('are freed by the loop, and by the database', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.put('b', '2');
      const left = await db.getUpdatesSince(1);
      for await (const { sequence } of left) if (sequence === 1n) break;
      expect(left.freed).toBe(true);
      const ended = await db.getUpdatesSince(1);
      expect(await all(ended)).toHaveLength(2);
      expect(ended.freed).toBe(true);
      const thrown = await db.getUpdatesSince(1);
      const loop = async () => {
        for await (const _ of thrown) throw new InvalidArgumentError('E', 'of the loop');
      };
      expect((await errorOf(loop)).message).toBe('of the loop');
      expect(thrown.freed).toBe(true);
      const kept = await db.getUpdatesSince(1);
      expect((await db.freeUnreleased()).map(({ kind }) => kind)).toEqual([
        'transactionLogIterator',
      ]);
      expect((await errorOf(() => kept.next())).code).toBe('ERR_ROCKSDB_HANDLE_FREED');
    });
  });

  describe('the files of the log', () => {
    it('are listed with their sequence numbers, archived or alive', async () => {
      const host = makeHost();
      const db = await createText(host, ARCHIVED);
      await db.put('a', '1');
      await db.flush();
      await db.put('b', '2');
      const files = await db.getSortedWalFiles();
      expect(files.map(({ type, startSequence }) => [type, startSequence])).toEqual([
        ['archived', 1n],
        ['alive', 2n],
      ]);
      for (const { pathName, sizeFileBytes } of files) {
        expect(host.fileSystem.stat(`${db.path}${pathName}`).size).toBe(sizeFileBytes);
      }
      expect(await db.getCurrentWalFile()).toMatchObject({
        type: 'alive',
        logNumber: files[1]?.logNumber,
        pathName: files[1]?.pathName,
      });
    });

    it('get what manualWalFlush keeps back with flushWAL, and not before', async () => {
      const host = makeHost();
      const db = await createText(host, { manualWalFlush: true });
      const size = async () =>
        host.fileSystem.stat(`${db.path}${(await db.getCurrentWalFile()).pathName}`).size;
      const before = await size();
      await db.put('a', '1');
      expect(await size()).toBe(before);
      await db.flushWAL();
      const after = await size();
      expect(after).toBeGreaterThan(before);
      await db.put('b', '2');
      await db.flushWAL(true);
      expect(await size()).toBeGreaterThan(after);
      expect((await errorOf(() => db.flushWAL(1 as never))).code).toBe(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
      );
    });
  });

  describe('a hold', () => {
    it('on the log refuses writes and flushes at once, until it is freed', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await using batch = await db.batch();
      batch.put('b', '2');
      const hold = await db.lockWAL();
      const inner = await db.lockWAL();
      for (const call of [
        () => db.put('b', '2'),
        () => db.delete('a'),
        () => db.deleteRange('a', 'b'),
        () => db.write(batch),
        () => db.put('b', '2', { disableWAL: true }),
        () => db.flush(),
        () => db.flush({ wait: false }),
        () => db.compactRange(),
        () => db.resume(),
        () => db.cancelAllBackgroundWork(),
      ]) {
        const error = await errorOf(call);
        expect(error).toBeInstanceOf(BusyError);
        expect(error.code).toBe('ERR_ROCKSDB_WAL_LOCKED');
      }
      expect(await db.get('a')).toBe('1');
      await inner.free();
      expect((await errorOf(() => db.put('b', '2'))).code).toBe('ERR_ROCKSDB_WAL_LOCKED');
      await hold.free();
      await db.write(batch);
      await db.flush();
      expect(await db.get('b')).toBe('2');
      await db.lockWAL();
      await db.unlockWAL();
      await db.put('c', '3');
      expect((await errorOf(() => db.unlockWAL())).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('on background work keeps memtables, and refuses what would wait for it', async () => {
      const db = await createText(makeHost(), {
        writeBufferSize: 64 << 10,
        maxWriteBufferNumber: 3,
        disableAutoCompactions: true,
      });
      const hold = await db.pauseBackgroundWork();
      for (const call of [
        () => db.flush(),
        () => db.compactRange(),
        () => db.resume(),
        () => db.cancelAllBackgroundWork(),
      ]) {
        const error = await errorOf(call);
        expect(error).toBeInstanceOf(BusyError);
        expect(error.code).toBe('ERR_ROCKSDB_BACKGROUND_PAUSED');
      }
      // Memtables fill up until RocksDB stops writes: an error, and no wait for a flush that does not come.
      let written = 0;
      const fill = async () => {
        for (; written < 1000; written++) await db.put(`k${written}`, 'x'.repeat(1024));
      };
      const stalled = await errorOf(fill);
      expect(stalled).toBeInstanceOf(BusyError);
      expect(stalled.code).toBe('ERR_ROCKSDB_INCOMPLETE');
      expect(written).toBeGreaterThan(100);
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      await hold.free();
      await db.put('k', 'v');
      expect(Number(await db.getProperty('rocksdb.num-files-at-level0'))).toBeGreaterThan(0);
      await db.pauseBackgroundWork();
      await db.flush({ wait: false });
      await db.continueBackgroundWork();
      expect((await errorOf(() => db.continueBackgroundWork())).code).toBe(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
      );
    });

    it('ends with the database', async () => {
      const host = makeHost();
      const kinds: string[] = [];
      const options = {
        onUnreleased: (handles: readonly { kind: string }[]) =>
          void kinds.push(...handles.map(({ kind }) => kind)),
      };
      const db = await createText(host, options);
      await db.put('a', '1', { disableWAL: true });
      await db.lockWAL();
      await db.pauseBackgroundWork();
      await db.close();
      expect(kinds).toEqual(['databaseHold', 'databaseHold']);
      const again = await host.open(db.path, TEXT);
      expect(await again.get('a')).toBe('1'); // closing has flushed it
    });
  });

  describe('background work', () => {
    it('leaves manual compactions out while they are disabled', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.flush();
      await db.disableManualCompaction();
      const error = await errorOf(() => db.compactRange());
      expect(error).toMatchObject({ subcode: 'manualCompactionPaused' });
      await db.enableManualCompaction();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      expect((await errorOf(() => db.enableManualCompaction())).code).toBe(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
      );
    });

    it('ends for good when it is cancelled; reading and closing go on', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('a', '1');
      await db.cancelAllBackgroundWork();
      expect((await errorOf(() => db.flush())).code).toBe('ERR_ROCKSDB_SHUTDOWN_IN_PROGRESS');
      expect(await db.get('a')).toBe('1');
      await db.close();
      const again = await host.open(db.path, TEXT);
      expect(await again.get('a')).toBe('1');
    });

    it('tells when the oldest file was made', async () => {
      const host = makeHost();
      const db = await createText(host);
      const before = Math.floor(Date.now() / 1000);
      await db.put('a', '1');
      await db.flush();
      const time = await db.getCreationTimeOfOldestFile();
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThan(before + 3600);
      await db.close();
      const limited = await host.open(db.path, { ...TEXT, maxOpenFiles: 100 });
      expect((await errorOf(() => limited.getCreationTimeOfOldestFile())).code).toBe(
        'ERR_ROCKSDB_NOT_SUPPORTED',
      );
    });
  });
}
