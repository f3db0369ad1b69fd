import process from 'node:process';
import {
  CallbackError,
  type CompactionFilter,
  type CompactionFilterContext,
  type Comparator,
  InvalidArgumentError,
  type MergeOperator,
  type SliceTransform,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost, noise, same, TEXT } from './host.js';

/** RocksDB asserts that keys are in order; a comparator that throws is beyond what it is written for. */
const inRelease = it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug');

const decoder = new TextDecoder();
const text = (bytes: Uint8Array | undefined) => decoder.decode(bytes);

/** Numbers as text, by their value. */
const byNumber: Comparator = {
  name: 'test.by-number',
  compare: (a, b) => {
    const [left, right] = [Number(text(a)), Number(text(b))];
    if (Number.isNaN(left) || Number.isNaN(right)) throw new RangeError(`not a number: ${text(a)}`);
    return left - right;
  },
};

/** Sums of numbers as text. */
const sums = { calls: 0 };
const adding: MergeOperator = {
  name: 'test.adding',
  fullMerge: (_key, existing, operands) => {
    sums.calls++;
    return String(
      operands.reduce((sum, each) => sum + Number(text(each)), Number(text(existing) || '0')),
    );
  },
};

/** Throws as long as it is on. */
const trouble = (message: string) => {
  const state = { on: false, message, countdown: -1 };
  return {
    state,
    check: () => {
      if (state.countdown > 0 && --state.countdown === 0) throw new Error(message);
      if (state.on) throw new Error(message);
    },
  };
};

async function callbackError(run: () => unknown): Promise<CallbackError> {
  const error = await errorOf(run);
  expect(error).toBeInstanceOf(CallbackError);
  expect(error.code).toBe('ERR_ROCKSDB_CALLBACK');
  return error as CallbackError;
}

export function callbacksSuite(makeHost: MakeHost): void {
  describe('a comparator of the program', () => {
    it('orders memtables, tables, iterators and bounds', async () => {
      const host = makeHost();
      const db = await createText(host, { comparator: byNumber });
      for (const n of [10, 9, 100, 1, 55]) await db.put(String(n), `value ${n}`);
      await db.flush();
      for (const n of [2, 1000, 54]) await db.put(String(n), `value ${n}`);
      const keys = ['1', '2', '9', '10', '54', '55', '100', '1000'];
      await using it = await db.iterator();
      expect(await all(await it.keys())).toEqual(keys);
      await using back = await db.iterator({ reverse: true, gte: '9', lt: '100' });
      expect(await all(await back.keys())).toEqual(['55', '54', '10', '9']);
      await using closed = await db.iterator({ gt: '9', lte: '100' });
      expect(await all(await closed.keys())).toEqual(['10', '54', '55', '100']);
      await db.compactRange();
      await using after = await db.iterator();
      expect(await all(await after.keys())).toEqual(keys);
      // 1.0 is another spelling of 1: the same key.
      expect(await db.get('1.0')).toBe('value 1');
      await db.deleteRange('9', '100');
      expect(await db.getMany(['2', '9', '10', '55', '100'])).toEqual([
        'value 2',
        undefined,
        undefined,
        undefined,
        'value 100',
      ]);
    });

    it('is asked for again when the database is opened, by its name', async () => {
      const host = makeHost();
      const db = await createText(host, { comparator: byNumber });
      await db.put('10', 'ten');
      await db.put('9', 'nine');
      await db.close();
      const missing = await errorOf(() => host.open(db.path, TEXT));
      expect(missing).toBeInstanceOf(InvalidArgumentError);
      expect(missing.message).toContain('test.by-number');
      expect(missing.message).toContain('comparator');
      const other = { ...byNumber, name: 'test.other' };
      const wrong = await errorOf(() => host.open(db.path, { comparator: other }));
      expect(wrong.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(wrong.message).toContain('test.by-number');
      const again = await host.open(db.path, { ...TEXT, comparator: byNumber });
      await using it = await again.iterator();
      expect(await all(await it.keys())).toEqual(['9', '10']);
      expect((await again.getOptions()).comparator).toBe('test.by-number');
    });

    it('refuses the write of a key that it throws for, before anything is done', async () => {
      const host = makeHost();
      const db = await createText(host, { comparator: byNumber });
      await db.put('1', 'one');
      const sequence = await db.latestSequenceNumber;
      const error = await callbackError(() => db.put('x', 'not a number'));
      expect(error.message).toContain('not a number: x');
      expect(error.cause).toBeInstanceOf(RangeError);
      expect([error.applied, error.background]).toEqual([false, false]);
      await callbackError(() => db.delete('x'));
      await callbackError(() => db.deleteRange('1', 'x'));
      await callbackError(() => db.get('x'));
      {
        await using batch = await db.batch();
        await batch.put('2', 'two');
        await batch.put('x', 'no');
        await callbackError(() => db.write(batch));
      }
      expect(await db.latestSequenceNumber).toBe(sequence);
      expect(await db.get('2')).toBeUndefined();
      await db.put('3', 'three');
      await db.close();
      const again = await host.open(db.path, { ...TEXT, comparator: byNumber });
      await using it = await again.iterator();
      expect(await all(await it)).toEqual([
        ['1', 'one'],
        ['3', 'three'],
      ]);
    });

    inRelease('misplaces and loses nothing when it throws in the middle of a write', async () => {
      const host = makeHost();
      const { state, check } = trouble('in the middle');
      const comparator: Comparator = {
        name: 'test.trouble',
        compare: (a, b) => {
          check();
          return Number(text(a)) - Number(text(b));
        },
      };
      const db = await createText(host, { comparator });
      const expected: string[] = [];
      let thrown = 0;
      for (let i = 0; i < 200; i++) {
        const key = String((i * 7919) % 1000);
        state.countdown = i % 5 === 0 ? 2 + (i % 8) : -1;
        try {
          await db.put(key, `value ${i}`);
          expected.push(key);
        } catch (error) {
          thrown++;
          expect(error).toBeInstanceOf(CallbackError);
          if ((error as CallbackError).applied) expected.push(key);
        }
        state.countdown = -1;
      }
      expect(thrown).toBeGreaterThan(20);
      const sorted = [...new Set(expected)].sort((a, b) => Number(a) - Number(b));
      await using it = await db.iterator();
      expect(await all(await it.keys())).toEqual(sorted);
      for (const key of sorted) expect(await db.get(key)).toBeDefined();
      await db.flush();
      await using flushed = await db.iterator();
      expect(await all(await flushed.keys())).toEqual(sorted);
    });

    inRelease('that throws in flush and compaction leaves the files as they were', async () => {
      const host = makeHost();
      const { state, check } = trouble('in a job');
      const comparator: Comparator = {
        name: 'test.trouble',
        compare: (a, b) => {
          check();
          return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
        },
      };
      const db = await createText(host, { comparator, disableAutoCompactions: true });
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 300; i++) await db.put(keyOf(i * 2 + round), `value ${round}`);
        state.on = true;
        const error = await callbackError(() => db.flush());
        expect(error.message).toContain('in a job');
        state.on = false;
        await db.resume();
        await db.flush();
      }
      state.on = true;
      await callbackError(() => db.compactRange());
      await callbackError(() => db.get(keyOf(7)));
      state.on = false;
      await db.resume();
      await db.compactRange();
      await using it = await db.iterator();
      const keys = await all(await it.keys());
      expect(keys).toEqual(Array.from({ length: 600 }, (_, i) => keyOf(i)));
      await db.put('z', 'still written');
      expect(await db.get('z')).toBe('still written');
    });

    inRelease('loses an iterator its place, until it seeks', async () => {
      const { state, check } = trouble('while it moved');
      const comparator: Comparator = {
        name: 'test.trouble',
        compare: (a, b) => {
          check();
          return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
        },
      };
      const db = await createText(makeHost(), { comparator });
      for (let i = 0; i < 10; i++) await db.put(keyOf(i), 'value');
      await using it = await db.iterator();
      expect(await it.next()).toEqual([keyOf(0), 'value']);
      state.on = true;
      await callbackError(() => it.seek(keyOf(5)));
      state.on = false;
      const lost = await errorOf(() => it.next());
      expect(lost.message).toContain('seek');
      await it.seek(keyOf(5));
      expect(await it.next()).toEqual([keyOf(5), 'value']);
    });

    // Going back over a key with many versions, it sought the same place again and again, until memory was exhausted.
    inRelease('ends an iterator that goes back, at whichever call it throws', async () => {
      let callsLeft = -1;
      const comparator: Comparator = {
        name: 'test.fuse',
        compare: (a, b) => {
          if (callsLeft >= 0 && callsLeft-- === 0) throw new Error('thrown on the way back');
          return text(a) < text(b) ? 1 : text(a) > text(b) ? -1 : 0;
        },
      };
      const db = await createText(makeHost(), { comparator, mergeOperator: 'stringappend' });
      for (let table = 0; table < 4; table++) {
        for (let i = 0; i < 60; i++) {
          await db.put(keyOf(i), `value ${table}`);
          if (i % 3 === 0) await db.merge(keyOf(i), 'more');
        }
        if (table < 3) await db.flush();
      }
      let thrown = 0;
      for (let calls = 0; calls < 200; calls++) {
        const it = await db.iterator({ gte: keyOf(calls % 60), reverse: true });
        callsLeft = calls;
        try {
          await it.nextMany(30);
        } catch (error) {
          if (!(error instanceof CallbackError)) throw error;
          thrown++;
        } finally {
          callsLeft = -1;
          await it.free();
        }
      }
      expect(thrown).toBeGreaterThan(50);
      expect(await db.get(keyOf(59))).toBe('value 3');
    });

    inRelease('fails the open when it throws there, and nothing is lost', async () => {
      const host = makeHost();
      const { state, check } = trouble('during recovery');
      const comparator: Comparator = {
        name: 'test.trouble',
        compare: (a, b) => {
          check();
          return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
        },
      };
      const db = await createText(host, { comparator });
      for (let i = 0; i < 10; i++) await db.put(keyOf(i), `value ${i}`);
      await db.close();
      for (const avoidFlushDuringRecovery of [true, false]) {
        state.on = true;
        const error = await callbackError(() =>
          host.open(db.path, { ...TEXT, comparator, avoidFlushDuringRecovery }),
        );
        expect(error.applied).toBe(false);
        state.on = false;
        const again = await host.open(db.path, { ...TEXT, comparator, avoidFlushDuringRecovery });
        for (let i = 0; i < 10; i++) expect(await again.get(keyOf(i))).toBe(`value ${i}`);
        await again.close();
      }
    });

    it('shortens keys in the index, and only where they stay in order', async () => {
      const asked = { separator: 0, successor: 0 };
      const comparator: Comparator = {
        name: 'test.shortening',
        compare: (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0),
        findShortestSeparator: (start, limit) => {
          asked.separator++;
          // Every second time something that is not between the two.
          if (asked.separator % 2 === 0) return '';
          const length = start.findIndex((byte, i) => byte !== limit[i]) + 1;
          return `${text(start.subarray(0, length))}~`;
        },
        findShortSuccessor: () => {
          asked.successor++;
          return '~';
        },
      };
      const db = await createText(makeHost(), {
        comparator,
        blockBasedTable: { blockSize: 256, indexShortening: 'shortenSeparatorsAndSuccessor' },
      });
      for (let i = 0; i < 500; i++) await db.put(`key ${keyOf(i)} with a long end`, `value ${i}`);
      await db.flush();
      expect(asked.separator).toBeGreaterThan(10);
      expect(asked.successor).toBeGreaterThan(0);
      for (let i = 0; i < 500; i++) {
        expect(await db.get(`key ${keyOf(i)} with a long end`)).toBe(`value ${i}`);
      }
    });

    it('is refused where it is no order', async () => {
      const db = await createText(makeHost(), {
        comparator: { name: 'test.no-order', compare: () => -1 },
      });
      const error = await errorOf(() => db.put('a', 'b'));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(error.message).toContain('test.no-order');
    });
  });

  describe('a merge operator of the program', () => {
    it('merges on reads, in memtables, tables and compactions', async () => {
      const host = makeHost();
      const db = await createText(host, { mergeOperator: adding });
      await db.put('with a value', '100');
      for (let i = 1; i <= 4; i++) {
        await db.merge('with a value', String(i));
        await db.merge('without', String(i));
        await db.flush();
      }
      expect(await db.getMany(['with a value', 'without'])).toEqual(['110', '10']);
      {
        await using it = await db.iterator();
        expect(await all(await it)).toEqual([
          ['with a value', '110'],
          ['without', '10'],
        ]);
      }
      await db.compactRange();
      const { calls } = sums;
      expect(await db.get('with a value')).toBe('110');
      expect(sums.calls).toBe(calls);
      await db.close();
      const missing = await errorOf(() => host.open(db.path, TEXT));
      expect(missing.message).toContain('test.adding');
      expect(missing.message).toContain('mergeOperator');
      const again = await host.open(db.path, { ...TEXT, mergeOperator: adding });
      await again.merge('without', '1');
      expect(await again.get('without')).toBe('11');
    });

    it('gets operands in order, and joins them where it can', async () => {
      const seen: string[] = [];
      const mergeOperator: MergeOperator = {
        name: 'test.listing',
        fullMerge: (key, existing, operands) => {
          seen.push(`full ${text(key)} ${existing && text(existing)} ${operands.map(text)}`);
          return [existing && text(existing), ...operands.map(text)].filter(Boolean).join('+');
        },
        partialMerge: (_key, left, right) => `${text(left)}&${text(right)}`,
      };
      const db = await createText(makeHost(), { mergeOperator });
      await db.put('k', 'base');
      await db.flush();
      for (const operand of ['a', 'b', 'c']) await db.merge('k', operand);
      await using snapshot = await db.snapshot();
      await db.flush();
      expect(await db.get('k')).toBe('base+a&b&c');
      expect(seen).toEqual(['full k base a&b&c']);
      await db.merge('k', 'd');
      expect(await db.get('k', { snapshot })).toBe('base+a&b&c');
    });

    it('may be associative', async () => {
      const db = await createText(makeHost(), {
        mergeOperator: {
          name: 'test.longest',
          merge: (_key, existing, operand) =>
            existing !== undefined && existing.length >= operand.length ? existing : operand,
        },
      });
      for (const value of ['aa', 'bbbb', 'c']) await db.merge('k', value);
      expect(await db.get('k')).toBe('bbbb');
      await db.flush();
      await db.merge('k', 'ddddd');
      await db.compactRange();
      expect(await db.get('k')).toBe('ddddd');
    });

    it('takes results of any size', async () => {
      const mergeOperator: MergeOperator = {
        name: 'test.growing',
        fullMerge: (_key, existing, operands) => {
          const parts = [...(existing ? [existing] : []), ...operands];
          const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
          let at = 0;
          for (const part of parts) {
            whole.set(part, at);
            at += part.length;
          }
          return whole;
        },
      };
      const db = await create(makeHost(), { mergeOperator });
      const parts = [0, 1, 65_536, 65_537, 3_000_000].map((length) => noise(length, length + 1));
      for (const part of parts) await db.merge('k', part);
      const whole = new Uint8Array(parts.flatMap((part) => [...part]));
      expect(same(await db.get('k'), whole)).toBe(true);
      await db.flush();
      expect(same(await db.get('k'), whole)).toBe(true);
    });

    it('that throws fails the read; flush and compaction keep the operands', async () => {
      const host = makeHost();
      const { state, check } = trouble('cannot merge');
      const mergeOperator: MergeOperator = {
        ...adding,
        fullMerge: (...given) => {
          check();
          return adding.fullMerge(...given);
        },
      };
      const db = await createText(host, { mergeOperator });
      await db.put('a', '1');
      await db.put('k', '100');
      await db.merge('k', '1');
      state.on = true;
      const error = await callbackError(() => db.get('k'));
      expect([error.applied, error.background]).toEqual([false, false]);
      expect((error.cause as Error).message).toBe('cannot merge');
      await callbackError(() => db.getMany(['a', 'k']));
      await callbackError(() => db.getPinned('k'));
      expect(await db.get('a')).toBe('1');
      {
        await using it = await db.iterator();
        expect(await it.next()).toEqual(['a', '1']);
        await callbackError(() => it.next());
      }
      const inFlush = await callbackError(() => db.flush());
      expect(inFlush.background).toBe(true);
      await db.merge('k', '2');
      await db.flush();
      await callbackError(() => db.compactRange({ bottommostLevelCompaction: 'force' }));
      state.on = false;
      expect(await db.get('k')).toBe('103');
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      expect(await db.get('k')).toBe('103');
      await db.close();
      const again = await host.open(db.path, { ...TEXT, mergeOperator });
      expect(await again.get('k')).toBe('103');
    });

    it('has its results checked', async () => {
      const db = await createText(makeHost(), {
        mergeOperator: {
          name: 'test.wrong',
          fullMerge: (async () => 'later') as unknown as MergeOperator['fullMerge'],
        },
      });
      await db.merge('k', 'v');
      const error = await callbackError(() => db.get('k'));
      expect(error.message).toContain(
        'fullMerge: expected a Uint8Array or a string, got a promise',
      );
    });

    it('cannot use the database', async () => {
      const found: unknown[] = [];
      let inner: (() => unknown) | undefined;
      const db = await createText(makeHost(), {
        mergeOperator: {
          name: 'test.reentrant',
          fullMerge: () => {
            try {
              inner?.();
            } catch (error) {
              found.push((error as { code: string }).code);
            }
            return 'merged';
          },
        },
      });
      inner = () => db.put('other', 'value');
      await db.merge('k', 'v');
      expect(await db.get('k')).toBe('merged');
      expect(found).toEqual(['ERR_ROCKSDB_REENTRANT']);
    });
  });

  describe('a compaction filter of the program', () => {
    it('keeps, removes and changes', async () => {
      const levels = new Set<number>();
      const compactionFilter: CompactionFilter = {
        name: 'test.filter',
        filter: (key, value, level) => {
          levels.add(level);
          const [what] = text(key).split(' ');
          if (what === 'remove' || what === 'purge' || what === 'keep') return what;
          if (what === 'change') return { value: `${text(value)}!` };
          if (what === 'skip') return { skipUntil: 'skip 3' };
          return undefined;
        },
      };
      const db = await createText(makeHost(), { compactionFilter });
      for (const what of ['change', 'keep', 'other', 'purge', 'remove', 'skip']) {
        for (let i = 0; i < 5; i++) await db.put(`${what} ${i}`, String(i));
      }
      await db.flush();
      await using before = await db.iterator();
      expect((await all(await before)).length).toBe(30);
      await db.compactRange({ bottommostLevelCompaction: 'skip' });
      await using it = await db.iterator();
      const entries = (await all(await it)).map((entry) => entry.join('='));
      const five = [0, 1, 2, 3, 4];
      expect(entries).toEqual([
        ...five.map((i) => `change ${i}=${i}!`),
        ...five.map((i) => `keep ${i}=${i}`),
        ...five.map((i) => `other ${i}=${i}`),
        'skip 3=3',
        'skip 4=4',
      ]);
      expect(levels.size).toBeGreaterThan(0);
    });

    it('sees merge operands', async () => {
      const db = await createText(makeHost(), {
        mergeOperator: { type: 'stringappend', delimiter: ',' },
        compactionFilter: {
          name: 'test.operands',
          filterMergeOperand: (_key, operand) =>
            text(operand).startsWith('no') ? 'remove' : { value: `<${text(operand)}>` },
        },
      });
      for (const operand of ['yes', 'no', 'maybe']) {
        await db.merge('k', operand);
        await db.flush();
      }
      expect(await db.get('k')).toBe('yes,no,maybe');
      await db.compactRange({ bottommostLevelCompaction: 'skip' });
      expect(await db.get('k')).toBe('<yes>,<maybe>');
    });

    it('that throws keeps the entry', async () => {
      const { state, check } = trouble('cannot filter');
      const db = await createText(makeHost(), {
        compactionFilter: {
          name: 'test.throwing',
          filter: (key) => {
            if (text(key) === keyOf(3)) check();
            return 'remove';
          },
        },
      });
      for (let i = 0; i < 5; i++) await db.put(keyOf(i), 'value');
      await db.flush();
      state.on = true;
      const error = await callbackError(() =>
        db.compactRange({ bottommostLevelCompaction: 'force' }),
      );
      expect(error.background).toBe(true);
      await using it = await db.iterator();
      expect(await all(await it.keys())).toEqual([keyOf(3)]);
      state.on = false;
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      await using after = await db.iterator();
      expect(await all(await after.keys())).toEqual([]);
    });

    it('is made by a factory for each job', async () => {
      const contexts: CompactionFilterContext[] = [];
      const reasons = new Set<string>();
      const db = await createText(makeHost(), {
        compactionFilterFactory: {
          name: 'test.factory',
          createFilter: (context) => {
            contexts.push(context);
            if (contexts.length === 1) return undefined;
            return { filter: (key) => (text(key) === 'b' ? 'remove' : 'keep') };
          },
          shouldFilterTableFileCreation: (reason) => {
            reasons.add(reason);
            return reason === 'compaction';
          },
        },
      });
      for (const key of ['a', 'b', 'c']) await db.put(key, 'value');
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'skip' });
      expect(await db.getMany(['a', 'b', 'c'])).toEqual(['value', 'value', 'value']);
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      expect(await db.getMany(['a', 'b', 'c'])).toEqual(['value', undefined, 'value']);
      expect(contexts[0]).toMatchObject({
        isManualCompaction: true,
        columnFamilyId: 0,
        reason: 'compaction',
      });
      // Each job's own inputs: what the first wrote is what the second reads.
      const [first, second] = contexts.map(({ inputTableProperties }) => [...inputTableProperties]);
      for (const tables of [first, second]) {
        expect(tables).toHaveLength(1);
        const [path, table] = tables?.[0] ?? ['', undefined];
        expect(path.startsWith(`${db.path}/`)).toBe(true);
        expect(path).toMatch(/\/\d{6}\.sst$/);
        expect(table).toMatchObject({ numEntries: 3, columnFamilyName: 'default' });
      }
      expect(first?.[0]?.[0]).not.toBe(second?.[0]?.[0]);
      expect([...reasons].sort()).toEqual(['compaction', 'flush']);
    });

    it('of a factory that throws is left out', async () => {
      const db = await createText(makeHost(), {
        compactionFilterFactory: {
          name: 'test.factory',
          createFilter: () => {
            throw new Error('no filter');
          },
        },
      });
      await db.put('a', 'value');
      await db.flush();
      await callbackError(() => db.compactRange({ bottommostLevelCompaction: 'force' }));
      expect(await db.get('a')).toBe('value');
    });
  });

  describe('a prefix extractor of the program', () => {
    const { state, check } = trouble('no prefix');
    const prefixExtractor: SliceTransform = {
      name: 'test.before-colon',
      inDomain: (key) => key.includes(58),
      transform: (key) => {
        check();
        return key.subarray(0, key.indexOf(58) + 1);
      },
    };
    const options = {
      prefixExtractor,
      blockBasedTable: { filterPolicy: 'bloom:10', wholeKeyFiltering: false },
    } as const;

    it('bounds iterators and filters tables', async () => {
      for (const memtablePrefixBloomSizeRatio of [0, 0.1]) {
        const db = await createText(makeHost(), { ...options, memtablePrefixBloomSizeRatio });
        for (const user of ['ann', 'bob', 'carl']) {
          for (let i = 0; i < 3; i++) await db.put(`${user}:${i}`, `${user} ${i}`);
          if (user === 'bob') await db.flush();
        }
        await db.put('no prefix', 'value');
        for (const user of ['ann', 'bob', 'carl']) {
          await using it = await db.iterator({ prefixSameAsStart: true });
          await it.seek(`${user}:`);
          const keys = await all(await it.keys());
          expect(keys).toEqual([`${user}:0`, `${user}:1`, `${user}:2`]);
          expect(await db.get(`${user}:1`)).toBe(`${user} 1`);
        }
        expect(await db.get('no prefix')).toBe('value');
        await db.close();
      }
    });

    it('that throws refuses the write, and fails the flush', async () => {
      const db = await createText(makeHost(), options);
      await db.put('a:1', 'value');
      state.on = true;
      const error = await callbackError(() => db.put('b:1', 'value'));
      expect(error.applied).toBe(false);
      await callbackError(() => db.flush());
      state.on = false;
      expect(await db.get('b:1')).toBeUndefined();
      await db.resume();
      await db.put('b:1', 'value');
      await db.flush();
      expect(await db.getMany(['a:1', 'b:1'])).toEqual(['value', 'value']);
    });

    it('must give what the key begins with', async () => {
      const db = await createText(makeHost(), {
        prefixExtractor: { name: 'test.wrong', transform: () => 'something else' },
      });
      const error = await callbackError(() => db.put('key', 'value'));
      expect(error.message).toContain('not how the key begins');
    });
  });
}
