import { Cache, MemoryFileSystem } from 'rocksdb-wasm';
import { assertNoLeak, LeakError } from 'rocksdb-wasm/testing';
import { describe, expect, it } from 'vitest';
import { openTemp } from '../support/open.js';
import { cases, PROGRAMS_FILE } from './expected.js';

/** A database that is closed with what was forgotten in it. */
async function context() {
  const fileSystem = new MemoryFileSystem();
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
  const db = await openTemp({ fileSystem, ...encodings, onUnreleased: () => {} });
  db.put('key', 'old');
  return { db, Cache };
}

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
  for (const { kind, shape, line, text, leaky, clean } of cases) {
    const throws = shape === 'throw';

    it(`finds one ${kind} forgotten in: ${shape}`, async () => {
      const world = await context();
      const { leaks, message, cause } = await leakOf(() => leaky(world), { throws });
      const [leak] = leaks;
      expect(leaks.length).toBe(1);
      expect(leak).toMatchObject({ kind, count: 1, line, sourceLine: text, round: 1 });
      expect(leak?.sourceFile).toBe(PROGRAMS_FILE);
      expect(message).toContain(`${PROGRAMS_FILE}:${line}:`);
      expect(message).toContain(`> ${line} | `);
      expect(cause instanceof Error).toBe(throws);
    });

    it(`passes the clean twin of ${kind}, ${shape}`, async () => {
      const world = await context();
      const live = world.db.engine.heap.handles().length;
      await assertNoLeak(() => clean(world), { throws });
      expect(world.db.engine.heap.handles().length).toBe(live);
    });
  }
});
