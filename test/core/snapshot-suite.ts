import { HandleBusyError, HandleFreedError, ManualClock } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, type MakeHost } from './host.js';

export function snapshotSuite(makeHost: MakeHost): void {
  describe('the time of a snapshot', () => {
    it('is the clock’s when it was taken', async () => {
      const clock = new ManualClock({ startNs: 1_700_000_000_000_000_000n });
      const db = await create(makeHost(), { clock });
      await using first = await db.snapshot();
      clock.advance(90_000_000_000n);
      await using second = await db.snapshot();
      expect([await first.unixTime, await second.unixTime]).toEqual([1_700_000_000, 1_700_000_090]);
    });
  });

  describe('snapshots', () => {
    it('show what was there, whatever is written later', async () => {
      const db = await createText(makeHost());
      for (const key of ['a', 'b', 'c']) await db.put(key, 'old');
      await using snapshot = await db.snapshot();
      await db.put('a', 'new');
      await db.put('d', 'new');
      await db.delete('b');
      await db.deleteRange('c', 'd');
      const read = async () => {
        expect(await db.get('a', { snapshot })).toBe('old');
        expect(await db.getMany(['b', 'c', 'd'], { snapshot })).toEqual(['old', 'old', undefined]);
        expect(await db.has('b', { snapshot })).toBe(true);
        expect(await db.has('d', { snapshot })).toBe(false);
        await using iterator = await db.iterator({ snapshot });
        expect(await all(iterator.keys())).toEqual(['a', 'b', 'c']);
      };
      await read();
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      await read();
      expect(await db.getMany(['a', 'b', 'c', 'd'])).toEqual(['new', undefined, undefined, 'new']);
    });

    it('reach all column families', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('k', 'old', { columnFamily: family });
      await using snapshot = await db.snapshot();
      await db.put('k', 'new', { columnFamily: family });
      expect(await db.get('k', { columnFamily: family, snapshot })).toBe('old');
      expect(await db.get('k', { columnFamily: family })).toBe('new');
    });

    it('know their sequence number', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await using first = await db.snapshot();
      expect(first.sequenceNumber).toBe(await db.latestSequenceNumber);
      await db.put('a', '2');
      await using second = await db.snapshot();
      expect(second.sequenceNumber - first.sequenceNumber).toBe(1n);
    });

    it('keep old versions only as long as they live', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      const versions = async () => {
        await db.flush();
        await db.compactRange({ bottommostLevelCompaction: 'force' });
        return db.getIntProperty('rocksdb.estimate-num-keys');
      };
      await db.put('a', 'old');
      const snapshot = await db.snapshot();
      await db.put('a', 'new');
      expect(await versions()).toBe(2n);
      await snapshot.free();
      expect(await versions()).toBe(1n);
      expect(await db.get('a')).toBe('new');
    });

    it('cannot be freed while an iterator reads at them', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      const snapshot = await db.snapshot();
      const one = await db.iterator({ snapshot });
      const two = await db.iterator({ snapshot });
      const error = await errorOf(() => snapshot.free());
      expect(error).toBeInstanceOf(HandleBusyError);
      expect(error.code).toBe('ERR_ROCKSDB_HANDLE_BUSY');
      expect(error.message).toContain(`iterator #${one.id}, iterator #${two.id}`);
      expect(snapshot.freed).toBe(false);
      expect(await db.get('a', { snapshot })).toBe('1');
      await one.free();
      expect(await errorOf(() => snapshot.free())).toBeInstanceOf(HandleBusyError);
      await two.refresh();
      await snapshot.free();
      expect(snapshot.freed).toBe(true);
      expect(await two.next()).toEqual(['a', '1']);
      await two.free();
    });

    it('cannot be read at when they are freed, nor in another database', async () => {
      const host = makeHost();
      const db = await createText(host);
      const other = await createText(host);
      await using snapshot = await db.snapshot();
      for (const read of [
        () => other.get('k', { snapshot }),
        () => other.has('k', { snapshot }),
        () => other.getMany(['k'], { snapshot }),
        () => other.iterator({ snapshot }),
      ]) {
        expect((await errorOf(read)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      await snapshot.free();
      for (const read of [
        () => db.get('k', { snapshot }),
        () => db.has('k', { snapshot }),
        () => db.getMany(['k'], { snapshot }),
        () => db.iterator({ snapshot }),
      ]) {
        expect(await errorOf(read)).toBeInstanceOf(HandleFreedError);
      }
    });

    it('are independent of each other', async () => {
      const db = await create(makeHost());
      const snapshots = [];
      for (let i = 0; i < 50; i++) {
        await db.put('k', String(i));
        snapshots.push(await db.snapshot());
      }
      // Not in the order in which they were made.
      snapshots.sort((a, b) => (a.id % 7) - (b.id % 7));
      for (const snapshot of snapshots) {
        const value = await db.get('k', { snapshot, valueEncoding: 'utf8' });
        expect(BigInt(value ?? '-1') + 1n).toBe(snapshot.sequenceNumber);
        await snapshot.free();
      }
    });
  });
}
