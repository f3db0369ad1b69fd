import {
  type Access,
  Cache,
  HandleBusyError,
  HandleFreedError,
  type HeapReport,
  InvalidOptionError,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost } from './host.js';

/** Sites begin with a frame of this file. */
const HERE = /monitor-suite|monitor\.test|database\.test/;
const firstLine = (text: string | undefined) => text?.split('\n')[0] ?? '';

export function monitorSuite(makeHost: MakeHost): void {
  levels(makeHost);
  borrowing(makeHost);
  records(makeHost);
  texts(makeHost);
}

function levels(makeHost: MakeHost): void {
  describe('the level', () => {
    it('count: no sites, but when each handle was made and used', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      await using iterator = await db.iterator();
      const born = db.heap.report().operations;
      await db.get('k');
      await db.get('k');
      await iterator.next();
      await db.get('k');
      const record = db.heap.handles('iterator')[0];
      expect(record?.id).toBe(iterator.id);
      expect([record?.bornOperation, record?.lastUseOperation]).toEqual([born, born + 3]);
      expect([record?.site, record?.lastUseTime, record?.accesses]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(db.heap.handles('db')[0]?.lastUseOperation).toBe(born + 4);
    });

    it('sample: the first sites of each kind, and few of many', async () => {
      const db = await createText(makeHost(), { tracking: 'sample' });
      const made = [];
      for (let i = 0; i < 600; i++) made.push(await db.iterator());
      await using snapshot = await db.snapshot();
      const sampled = db.heap.handles('iterator').filter(({ site }) => site !== undefined);
      // 4, then one in n / 4: about 4 + 4 ln(512 / 4) up to 512, and one in 128 beyond.
      expect(sampled.length).toBeGreaterThan(8);
      expect(sampled.length).toBeLessThan(80);
      expect(sampled.slice(0, 4).map(({ id }) => id)).toEqual(made.slice(0, 4).map(({ id }) => id));
      expect(firstLine(sampled[0]?.site)).toMatch(HERE);
      expect(db.heap.handles('snapshot')[0]?.id).toBe(snapshot.id);
      expect(db.heap.handles('snapshot')[0]?.site).toBeDefined();
      for (const iterator of made) await iterator.free();
    });

    it('track: every site, and the time of the last use', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      const one = await db.iterator();
      const two = await db.iterator();
      await one.next();
      const [first, second] = db.heap.handles('iterator');
      expect(firstLine(first?.site)).toMatch(HERE);
      expect(firstLine(second?.site)).toMatch(HERE);
      expect(first?.site).not.toBe(second?.site);
      expect(first?.lastUseTime).toBeGreaterThanOrEqual(first?.bornTime ?? Number.NaN);
      expect(second?.lastUseTime).toBeUndefined();
      expect(first?.accesses).toBeUndefined();
      await one.free();
      await two.free();
    });

    it('access: the first and the newest uses, and some between', async () => {
      const db = await createText(makeHost(), { tracking: 'access' });
      await using iterator = await db.iterator();
      const record = db.heap.handles('iterator')[0];
      const operations: number[] = [];
      for (let i = 0; i < 500; i++) {
        await iterator.seek(keyOf(i));
        operations.push(db.heap.report().operations);
        const accesses = record?.accesses as readonly Access[];
        expect(accesses.length).toBe(Math.min(i + 1, 16));
        expect(accesses[0]?.operation).toBe(operations[0]);
        expect(accesses.at(-1)?.operation).toBe(operations[i]);
      }
      expect(record?.accessCount).toBe(500);
      const kept = (record?.accesses ?? []).map(({ operation }) => operation);
      expect([...kept].sort((a, b) => a - b)).toEqual(kept);
      // A fair choice of the middle: neither the oldest nor the newest of them only.
      const half = operations[250] as number;
      expect(kept.filter((operation) => operation < half).length).toBeGreaterThan(2);
      expect(kept.filter((operation) => operation > half).length).toBeGreaterThan(2);
      expect(firstLine(record?.accesses?.[0]?.site)).toMatch(HERE);
    });

    it('can be changed at any time, for what comes', async () => {
      const db = await createText(makeHost());
      const made = [];
      for (const level of ['count', 'track', 'access', 'exact', 'sample', 'count'] as const) {
        db.heap.tracking = level;
        expect(db.engine.heap.tracking).toBe(level);
        const batch = await db.batch();
        await batch.put('k', 'v');
        made.push(batch);
      }
      const records = db.heap.handles('writeBatch');
      expect(records.map(({ site }) => site !== undefined)).toEqual([
        false,
        true,
        true,
        true,
        true,
        false,
      ]);
      expect(records.map(({ accessCount }) => accessCount > 0)).toEqual([
        false,
        false,
        true,
        true,
        false,
        false,
      ]);
      for (const batch of made) await batch.free();
    });

    it('and the finalizer are checked', async () => {
      const host = makeHost();
      for (const options of [
        { tracking: 'all' },
        { finalizer: 'always' },
        { onFinalized: 'log' },
      ] as never[]) {
        const error = await errorOf(() => create(host, options));
        expect(error).toBeInstanceOf(InvalidOptionError);
      }
    });
  });
}

function borrowing(makeHost: MakeHost): void {
  describe('what is borrowed', () => {
    it('is in the record of the borrower, as long as it is', async () => {
      const db = await createText(makeHost());
      const snapshot = await db.snapshot();
      const iterator = await db.iterator({ snapshot });
      const borrows = () => db.heap.handles('iterator')[0]?.borrows;
      expect(borrows()).toEqual([snapshot.id]);
      expect(iterator.snapshot).toBe(snapshot);
      const other = await db.snapshot();
      await iterator.refresh(other);
      expect(borrows()).toEqual([other.id]);
      await snapshot.free();
      expect(await errorOf(() => other.free())).toBeInstanceOf(HandleBusyError);
      await iterator.refresh();
      expect(borrows()).toEqual([]);
      await other.free();
      await iterator.free();
    });

    it('is named with the place where the borrower was made', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      const snapshot = await db.snapshot();
      const iterator = await db.iterator({ snapshot });
      const { message } = await errorOf(() => snapshot.free());
      expect(message).toContain(`snapshot #${snapshot.id} is in use by iterator #${iterator.id} (`);
      expect(message).toMatch(HERE);
      await iterator.free();
      await snapshot.free();
    });

    it('may be a snapshot that is retained: the last release() frees it', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      await db.put('k', 'old');
      const snapshot = await db.snapshot();
      expect(await snapshot.retain()).toBe(snapshot);
      await snapshot.retain();
      await db.put('k', 'new');
      const { code, message } = await errorOf(() => snapshot.free());
      expect(code).toBe('ERR_ROCKSDB_HANDLE_BUSY');
      expect(message).toContain('2 more holds by retain() (');
      expect(message).toMatch(HERE);
      await snapshot.release();
      expect((await errorOf(() => snapshot.free())).message).toContain('1 more hold by retain()');
      await snapshot.release();
      expect(await db.get('k', { snapshot })).toBe('old');
      await snapshot.release();
      expect(snapshot.freed).toBe(true);
      await snapshot.free();
      for (const use of [() => snapshot.release(), () => snapshot.retain()]) {
        expect(await errorOf(use)).toBeInstanceOf(HandleFreedError);
      }
    });

    it('is freed by free() when there is one hold again, and not while an iterator reads', async () => {
      const db = await createText(makeHost());
      const snapshot = await db.snapshot();
      await snapshot.retain();
      const iterator = await db.iterator({ snapshot });
      const { message } = await errorOf(() => snapshot.free());
      expect(message).toContain(`iterator #${iterator.id}, 1 more hold by retain():`);
      await snapshot.release();
      expect(await errorOf(() => snapshot.release())).toBeInstanceOf(HandleBusyError);
      await iterator.free();
      await snapshot.free();
      expect(snapshot.freed).toBe(true);
    });

    it('goes with its database all the same', async () => {
      const db = await createText(makeHost(), { onUnreleased: () => {} });
      const snapshot = await db.snapshot();
      await snapshot.retain();
      const iterator = await db.iterator({ snapshot });
      const kinds = (await db.close()).map(({ kind }) => kind);
      expect(kinds).toEqual(['iterator', 'snapshot']);
      expect([snapshot.freed, iterator.freed]).toEqual([true, true]);
    });

    it('may be a dropped column family, which live iterators go on reading', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      for (let i = 0; i < 500; i++) await db.put(keyOf(i), 'v', { columnFamily: family });
      await db.flush({ columnFamily: family });
      for (let i = 500; i < 600; i++) await db.put(keyOf(i), 'v', { columnFamily: family });
      const iterator = await db.iterator({ columnFamily: family });
      expect(await iterator.next()).toEqual([keyOf(0), 'v']);
      await db.dropColumnFamily(family);
      await db.put('k', 'v');
      await db.flush();
      await db.compactRange();
      expect((await all(iterator.keys())).length).toBe(599);
      expect(db.heap.handles('iterator')[0]?.owner).toBe(family.id);
      await iterator.free();
      await family.free();
      expect(db.heap.handles('columnFamily').length).toBe(1);
    });

    it('may be a dropped column family whose handle is freed first: its iterators go before', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('k', 'v', { columnFamily: family });
      const iterator = await db.iterator({ columnFamily: family });
      await db.dropColumnFamily(family);
      await family.free();
      expect(iterator.freed).toBe(true);
      const error = await errorOf(() => iterator.next());
      expect(error.message).toContain('was freed when its owner was closed');
    });
  });
}

function records(makeHost: MakeHost): void {
  describe('the ledger of a database', () => {
    it('has its open files, under their database', async () => {
      const host = makeHost();
      const db = await createText(host);
      const files = () => db.heap.handles('file').map(({ name }) => name ?? '');
      await db.put('k', 'v');
      expect(files().some((name) => /\/\d+\.log$/.test(name))).toBe(true);
      expect(files().every((name) => name.startsWith(db.path))).toBe(true);
      expect(db.heap.handles('file').every(({ owner }) => owner === db.id)).toBe(true);
      expect(files().some((name) => name.endsWith('.sst'))).toBe(false);
      await db.flush();
      expect(await db.get('k')).toBe('v');
      expect(files().some((name) => name.endsWith('.sst'))).toBe(true);
      expect(db.heap.report().openFiles).toEqual(files());
      const { engine } = db;
      await db.close();
      expect(engine.heap.handles('file')).toEqual([]);
      const { created, freed } =
        engine.heap.report().kinds.find(({ kind }) => kind === 'file') ?? {};
      expect(created).toBeGreaterThan(3);
      expect(freed).toBe(created);
    });

    it('tells apart what closing it would have to report', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'x'.repeat(200_000));
      const kinds = db.engine.heap.handles().map(({ kind }) => kind);
      expect(kinds).toContain('file');
      expect(kinds).toContain('buffer');
      expect(await db.close()).toEqual([]);
    });

    it('has the blocks that the wrapper holds: one, between calls', async () => {
      const db = await createText(makeHost());
      const buffers = () => db.engine.heap.handles('buffer').map(({ name }) => name);
      expect(buffers()).toEqual(['out structs']);
      const created = () =>
        db.engine.heap.report().kinds.find(({ kind }) => kind === 'buffer')?.created;
      const before = created();
      await db.put('k', 'x'.repeat(2_000_000));
      expect(created()).toBe((before ?? 0) + 1);
      expect(buffers()).toEqual(['out structs']);
    });

    it('counts what belongs to it, and not what is the engine’s', async () => {
      const db = await createText(makeHost());
      using cache = new Cache(db.engine, { capacity: 1 << 20 });
      await using iterator = await db.iterator();
      await (await db.snapshot()).free();
      const kinds = (report: HeapReport) =>
        Object.fromEntries(report.kinds.map(({ kind, live, created }) => [kind, [live, created]]));
      const own = kinds(db.heap.report());
      expect(own.iterator).toEqual([1, 1]);
      expect(own.snapshot).toEqual([0, 1]);
      expect(own.db).toEqual([1, 1]);
      expect([own.engine, own.cache, own.buffer]).toEqual([undefined, undefined, undefined]);
      const whole = kinds(db.engine.heap.report());
      expect([whole.engine, whole.cache]).toEqual([
        [1, 1],
        [1, 1],
      ]);
      expect(whole.iterator).toEqual([1, 1]);
      const handles = db.heap.handles().map(({ id }) => id);
      expect(handles).toContain(iterator.id);
      expect(handles).not.toContain(cache.id);
      expect(db.heap.inUseBytes).toBe(db.engine.heap.inUseBytes);
    });

    it('gives reports that later calls do not change', async () => {
      const db = await createText(makeHost(), { tracking: 'access' });
      await using iterator = await db.iterator();
      await iterator.next();
      const report = db.heap.report();
      const text = JSON.stringify(report);
      await iterator.next();
      await (await db.iterator()).free();
      await db.put('k', 'v');
      expect(JSON.stringify(report)).toBe(text);
      expect(JSON.stringify(db.heap.report())).not.toBe(text);
    });
  });
}

function texts(makeHost: MakeHost): void {
  describe('reports as text', () => {
    it('top: by kind, site and owner', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      const made: { free(): void }[] = [await db.snapshot()];
      for (let i = 0; i < 3; i++) made.push(await db.iterator());
      for (let i = 0; i < 7; i++) await db.get('k');
      const { heap } = db;
      const line = (text: string, part: string) =>
        text.split('\n').find((each) => each.endsWith(part)) ?? '';
      expect(heap.top('kind').split('\n')[1]).toMatch(/^live +lost +oldest +unused for +kind$/);
      expect(line(heap.top('kind'), ' iterator')).toMatch(/^ *3 +0 +9 +7 +iterator$/);
      expect(line(heap.top('kind'), ' snapshot')).toMatch(/^ *1 +0 +10 +10 +snapshot$/);
      expect(heap.top('site')).toMatch(/ 3 +0 +9 +7 +iterator +.*(monitor|database)[-.]/);
      expect(heap.top('owner').split('\n')[1]).toMatch(/^ *bytes +share +blocks +owner$/);
      const { bytes, blocks } = heap.owners().iterator ?? { bytes: 0, blocks: 0 };
      const [shown, , , shownBlocks] = line(heap.top('owner'), ' iterator').trim().split(/ +/);
      expect(shown?.replaceAll(',', '')).toBe(String(bytes));
      expect(shownBlocks).toBe(String(blocks));
      expect(heap.top('kind', 1).split('\n').length).toBe(4);
      expect(heap.top('kind', 1)).toMatch(/\.\.\. and \d+ more$/);
      for (const handle of made) await handle.free();
    });

    it('tree: owners above, what they own below', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const snapshot = await db.snapshot();
      const iterator = await db.iterator({ columnFamily: family, snapshot });
      const lines = db.engine.heap.tree().split('\n');
      const depthOf = (start: string) => {
        const line = lines.find((each) => each.trimStart().startsWith(start)) ?? '';
        return [line.length - line.trimStart().length, line.trim()] as const;
      };
      expect(depthOf('engine #')[0]).toBe(0);
      expect(depthOf(`db #${db.id}`)[0]).toBe(2);
      expect(depthOf(`columnFamily #${family.id} (family)`)[0]).toBe(4);
      const [depth, text] = depthOf(`iterator #${iterator.id}`);
      expect(depth).toBe(6);
      expect(text).toContain(`borrows #${snapshot.id}`);
      await iterator.free();
      await snapshot.free();
    });

    it('diff: what came and went', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      const gone = await db.snapshot();
      const before = db.heap.report();
      const made = [await db.iterator(), await db.iterator()];
      await gone.free();
      const after = db.heap.report();
      const diff = db.heap.compare(before, after);
      expect(diff.added.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
      expect(diff.removed.map(({ id }) => id)).toEqual([gone.id]);
      expect(diff.kinds).toEqual([
        { kind: 'iterator', live: 2, created: 2, freed: 0 },
        { kind: 'snapshot', live: -1, created: 0, freed: 1 },
      ]);
      expect(diff.operations).toBe(2);
      expect(diff.inUseBytes).toBe(after.inUseBytes - before.inUseBytes);
      expect(diff.sites.map(({ count }) => count)).toEqual([1, 1, -1]);
      const text = db.heap.diff(before, after);
      expect(text).toMatch(/^2 operations, [+-]?[\d,]+ bytes in [+-]?[\d,]+ blocks\n/);
      expect(text).toMatch(/\n *\+2 +2 +0 +iterator\n/);
      expect(text).toMatch(/\n *-1 +0 +1 +snapshot\n/);
      for (const iterator of made) await iterator.free();
    });

    it('why: one handle in words', async () => {
      const db = await createText(makeHost(), { tracking: 'track' });
      const snapshot = await db.snapshot();
      const iterator = await db.iterator({ snapshot });
      for (let i = 0; i < 1200; i++) await db.get('k');
      const words = db.heap.why(iterator);
      expect(words).toContain(`iterator #${iterator.id}, made 1,200 operations ago at `);
      expect(words).toContain('last used 1,200 operations ago');
      expect(words).toContain(`belongs to db #${db.id}`);
      expect(words).toContain(`borrows snapshot #${snapshot.id}`);
      expect(db.heap.why(snapshot.id)).toContain(`borrowed by iterator #${iterator.id}`);
      await iterator.free();
      await snapshot.free();
      expect(db.heap.why(snapshot)).toBe(`no live handle has the number ${snapshot.id}`);
    });
  });
}
