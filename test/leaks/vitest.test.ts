// runtime: node
import * as fs from 'node:fs';
import { LeakError, test as withFixture } from 'rocksdb-wasm/vitest';
import { describe, expect, it } from 'vitest';
import { wasmModule } from '../support/open.js';
import { makeContext } from './context.js';
import { cases } from './expected.js';

/** What the rejected or thrown promise of a matcher says. */
async function failureOf(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the matcher let it pass');
}

describe('expect(fn).toNotLeak', () => {
  for (const { name, kind, shape, file, line, leaky, clean } of cases) {
    const throws = shape === 'throw';

    it(`finds one ${name} forgotten in: ${shape}`, async () => {
      const world = await makeContext();
      const error = await failureOf(() =>
        expect(() => leaky(world)).toNotLeak({ rounds: 8, throws }),
      );
      expect(error).toBeInstanceOf(LeakError);
      const { leaks } = error as LeakError;
      expect(leaks).toMatchObject([{ kind, count: 1, line, round: 1, sourceFile: file }]);
    });

    it(`passes the clean twin of ${name}, ${shape}`, async () => {
      const world = await makeContext();
      await expect(() => clean(world)).toNotLeak({ rounds: 8, throws });
    });
  }

  it('is negated by .not, which fails for a function that leaks nothing', async () => {
    const { db } = await makeContext();
    await expect(() => db.snapshot()).not.toNotLeak();
    const error = await failureOf(() => expect(() => db.get('key')).not.toNotLeak());
    expect(error.message).toBe('expected the function to leak, and nothing is left over');
  });

  it('points at the call of the matcher', async () => {
    const { db } = await makeContext();
    const error = await failureOf(() => expect(() => db.snapshot()).toNotLeak());
    expect(error.stack?.split('\n').find((line) => /^\s+at /.test(line))).toContain(
      'vitest.test.ts:',
    );
  });
});

describe('expect(db).toHaveNoLiveHandles', () => {
  it('passes when nothing is live but what opening made, and names what is', async () => {
    const { db, snapshot } = await makeContext();
    snapshot.free();
    db.engine.heap.tracking = 'track';
    expect(db).toHaveNoLiveHandles();
    const iterator = db.iterator();
    expect(db).not.toHaveNoLiveHandles();
    const error = await failureOf(() => expect(db).toHaveNoLiveHandles());
    expect(error).toBeInstanceOf(LeakError);
    expect(error.message).toContain('leak: 1 iterator not freed');
    expect(error.message).toMatch(/> \d+ \| {5}const iterator = db\.iterator\(\);/);
    iterator.free();
    expect(db).toHaveNoLiveHandles();
    const negated = await failureOf(() => expect(db).not.toHaveNoLiveHandles());
    expect(negated.message).toBe('expected live handles, and there are none');
  });

  it('refuses what is no database', async () => {
    const error = await failureOf(() => expect({}).toHaveNoLiveHandles());
    expect(error).toBeInstanceOf(TypeError);
  });
});

describe('the db fixture', () => {
  const test = withFixture.extend('dbOptions', async () => ({ wasm: await wasmModule() }));
  let path = '';

  test('is an open, empty database that records where handles are made', ({ db }) => {
    path = db.path;
    expect(db.engine.heap.tracking).toBe('track');
    expect(db.iterator().next()).toBe(undefined);
    expect(db.freeUnreleased().length).toBe(1);
    db.put('key', 'value');
  });

  test('is another one in the next test, and the first is gone', ({ db }) => {
    expect(db.path).not.toBe(path);
    expect(fs.existsSync(path)).toBe(false);
    expect(db.get('key')).toBe(undefined);
  });
});
