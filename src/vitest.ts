/**
 * Leak checks for vitest: importing this adds matchers to `expect`; `test` has a database of its own for each
 * test. What the garbage collector finds forgotten is reported from then on.
 */
import { test as base, expect } from 'vitest';
import { setDefaults } from './monitor/registry.js';
import type { OpenOptions } from './open.js';
import type { RocksDB } from './rocksdb.js';
import { liveHandles } from './testing/live-handles.js';
import { findLeak, type NoLeakOptions } from './testing/no-leak.js';
import { pointAt } from './testing/places.js';
import { openForTest } from './testing/with-db.js';

export { type Leak, LeakError } from './testing/leak-error.js';
export type { NoLeakOptions } from './testing/no-leak.js';

setDefaults({ finalizer: 'report' });

/** What is added to `expect(...)`. */
export interface LeakMatchers {
  /** Runs the function that was given for some rounds: nothing may be left over. See assertNoLeak(). */
  toNotLeak(options?: NoLeakOptions): Promise<void>;
  /**
   * The RocksDB (or Engine) that was given has no live handles but itself, and the column families that it
   * was opened with.
   */
  toHaveNoLiveHandles(): void;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends LeakMatchers {}
}

expect.extend({
  async toNotLeak(received: unknown, options: NoLeakOptions = {}) {
    const { stack } = new Error();
    const leak = await findLeak(received as () => unknown, options);
    if (leak !== undefined && !this.isNot) throw pointAt(leak, stack);
    return {
      pass: leak === undefined,
      message: () => 'expected the function to leak, and nothing is left over',
    };
  },

  toHaveNoLiveHandles(received: unknown) {
    const { stack } = new Error();
    const leak = liveHandles(received);
    if (leak !== undefined && !this.isNot) throw pointAt(leak, stack);
    return { pass: leak === undefined, message: () => 'expected live handles, and there are none' };
  },
});

export interface DbFixtures {
  /** Options of the test's database, for `test.extend({ dbOptions: { ... } })`. */
  dbOptions: OpenOptions;
  /** A new, empty database, closed and removed after the test, which fails when it left handles live. */
  db: RocksDB;
}

/** vitest's `test` with a database for each test that names it: `test('...', ({ db }) => { ... })`. */
export const test = base.extend<DbFixtures>({
  dbOptions: {},
  db: async ({ dbOptions, task, onTestFinished }, use) => {
    const made = await openForTest(dbOptions as OpenOptions<'view', 'view'>);
    // After the hooks of the test. An error of the fixture itself would be reported twice.
    onTestFinished(async () => {
      try {
        // A test that failed on its way had no chance to free what it made.
        const leak = task.result?.state === 'fail' ? undefined : await made.leak();
        if (leak !== undefined) throw leak;
      } finally {
        made.dispose();
      }
    });
    await use(made.db);
  },
});

export { test as it };
