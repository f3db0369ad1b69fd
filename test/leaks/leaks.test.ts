import type { HandleKind } from 'rocksdb-wasm';
import { assertNoLeak, LeakError } from 'rocksdb-wasm/testing';
import { describe, expect, it } from 'vitest';
import { HANDLE_KINDS } from '../../src/monitor/ledger.js';
import { makeContext } from './context.js';
import { cases } from './expected.js';
import type { Context } from './programs/base.js';

/** What no program can forget, since none makes it. */
const INTERNAL: readonly HandleKind[] = [
  // Descriptors, which RocksDB opens and closes.
  'file',
  // Blocks that the wrapper allocates and frees for its own use.
  'buffer',
  // Iterators of pools, which those open and free.
  'pooledIterator',
];

/** Handles of the program's. */
const liveIn = ({ db }: Context) =>
  db.engine.heap.handles().filter(({ kind }) => !INTERNAL.includes(kind)).length;

async function leakOf(...args: Parameters<typeof assertNoLeak>): Promise<LeakError> {
  try {
    await assertNoLeak(...args);
  } catch (error) {
    if (error instanceof LeakError) return error;
    throw error;
  }
  throw new Error('no leak was found');
}

describe('assertNoLeak', () => {
  for (const { name, kind, shape, file, line, text, leaky, clean } of cases) {
    const throws = shape === 'throw';

    it(`finds one ${name} forgotten in: ${shape}`, async () => {
      const world = await makeContext();
      const { leaks, message, cause } = await leakOf(() => leaky(world), { throws });
      const [leak] = leaks;
      expect(leaks.length).toBe(1);
      expect(leak).toMatchObject({ kind, count: 1, line, sourceLine: text, round: 1 });
      expect(leak?.sourceFile).toBe(file);
      expect(message).toContain(`${file}:${line}:`);
      expect(message).toContain(`> ${line} | `);
      expect(cause instanceof Error).toBe(throws);
    });

    it(`passes the clean twin of ${name}, ${shape}`, async () => {
      const world = await makeContext();
      const live = liveIn(world);
      await assertNoLeak(() => clean(world), { throws });
      expect(liveIn(world)).toBe(live);
    });
  }
});

describe('the programs', () => {
  it('forget each kind of handle, in each shape', () => {
    const forgotten = [...new Set(cases.map(({ kind }) => kind))];
    expect([...forgotten, ...INTERNAL].sort()).toEqual([...HANDLE_KINDS].sort());
    const names = new Set(cases.map(({ name }) => name));
    expect(cases.length).toBe(names.size * 4);
  });
});
