import { type ExpiredEvent, HandleExpiredError, HandleLimitError } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { createText, keyOf, type MakeHost } from './host.js';

/** What policies and alerts do to a database, wherever its files are. test/monitor/ has each outcome of each. */
export function policySuite(makeHost: MakeHost): void {
  describe('policies', () => {
    it('free iterators at the end of their time, and with them the files that they kept', async () => {
      const host = makeHost();
      const db = await createText(host);
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'old');
      await db.flush();
      await db.heap.setPolicy('iterator', { ttl: { operations: 300, onExpire: 'free' } });
      const forgotten = await db.iterator();
      await forgotten.next();
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'new');
      await db.flush();
      await db.compactRange();
      const figure = async () => {
        const metrics = await db.heap.metrics();
        const pinned = metrics.find(({ name }) => name === 'rocksdb_wasm_pinned_bytes');
        return pinned?.samples.find(({ labels }) => labels.resource === 'sst_files')?.value;
      };
      expect(await figure()).toBeGreaterThan(0);
      for (let i = 0; i < 300; i++) await db.get(keyOf(i % 100));
      expect(await figure()).toBe(0);
      expect(await errorOf(() => forgotten.next())).toBeInstanceOf(HandleExpiredError);
      expect(await db.get(keyOf(1))).toBe('new');
      await db.close();
      const again = await host.open(db.path, { valueEncoding: 'utf8' });
      expect(await again.get(keyOf(1))).toBe('new');
    });

    it('refresh a long scan, which misses and repeats nothing', async () => {
      const db = await createText(makeHost());
      for (let i = 0; i < 300; i++) await db.put(keyOf(i), 'v');
      const expired: ExpiredEvent[] = [];
      await db.heap.on('expired', (event) => expired.push(event));
      await db.heap.setPolicy('iterator', { ttl: { operations: 50, onExpire: 'refresh' } });
      const iterator = await db.iterator();
      const keys: string[] = [];
      for (let entry = await iterator.next(); entry; entry = await iterator.next()) {
        keys.push(entry[0]);
        await db.put(entry[0], 'seen');
        if (keys.length % 70 === 0) await db.flush();
      }
      await iterator.free();
      expect(keys).toEqual(Array.from({ length: 300 }, (_, i) => keyOf(i)));
      expect(expired.length).toBeGreaterThan(5);
      expect(expired.every(({ outcome }) => outcome === 'refresh')).toBe(true);
    });

    it('refuse one handle too many', async () => {
      const db = await createText(makeHost());
      await db.heap.setPolicy('snapshot', { maxLive: 2 });
      await using first = await db.snapshot();
      await using second = await db.snapshot();
      expect(await errorOf(() => db.snapshot())).toBeInstanceOf(HandleLimitError);
      await db.heap.setPolicy('snapshot', { maxLive: 3 });
      await using third = await db.snapshot();
      expect([first, second, third].every(({ freed }) => !freed)).toBe(true);
    });

    it('raise alerts on metrics of the database', async () => {
      const db = await createText(makeHost());
      const told: string[] = [];
      await db.heap.alerts.add({
        name: 'files',
        metric: 'rocksdb_wasm_live_sst_bytes',
        labels: { database: db.path },
        when: { above: 0 },
        callback: ({ change }) => told.push(change),
      });
      for (let i = 0; i < 2000; i++) await db.get('none');
      expect(told).toEqual([]);
      await db.put('k', 'v');
      await db.flush();
      for (let i = 0; i < 2000; i++) await db.get('none');
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(told).toEqual(['raised']);
    });
  });
}
