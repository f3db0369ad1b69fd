import { MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectUntil } from './support/collect.js';
import { openTemp } from './support/open.js';

const open = () => openTemp({ fileSystem: new MemoryFileSystem(), tracking: 'track' });
type DB = Awaited<ReturnType<typeof open>>;

/** What V8 and JavaScriptCore have on Error, beside the standard. */
interface Stacks {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: Error, frames: unknown[]) => unknown) | undefined;
}
const stacks = Error as unknown as Stacks;

/** Makes an iterator by `make`; returns its site, line by line. */
function siteOf(db: DB, make: () => { free(): void }): string[] {
  const handle = make();
  const site = db.heap.handles('iterator').at(-1)?.site ?? '';
  handle.free();
  return site.split('\n');
}

/** Line and column. */
const placeOf = (line = '') => /:(\d+:\d+)\)?$/.exec(line)?.[1];

const HERE = /sites\.test\.[jt]s/;

describe('a creation site', () => {
  it('begins at the caller, whatever is between', async () => {
    const db = await open();
    const made: { free(): void }[] = [];
    [1].forEach(() => {
      made.push(db.iterator());
    });
    new Map([[1, 1]]).forEach(() => {
      made.push(db.iterator());
    });
    function* generate() {
      made.push(db.iterator());
      yield 1;
    }
    for (const _ of generate()) made.push(db.iterator());
    await Promise.resolve().then(() => made.push(db.iterator()));
    const sites = db.heap.handles('iterator').map(({ site }) => site?.split('\n')[0]);
    expect(sites.length).toBe(5);
    for (const site of sites) expect(site).toMatch(HERE);
    expect(new Set(sites).size).toBe(5);
    for (const handle of made) handle.free();
  });

  it('tells two calls on one line apart', async () => {
    const db = await open();
    for (let round = 0; round < 2; round++) {
      const made = [db.iterator(), db.iterator()];
      const places = db.heap.handles('iterator').map(({ site }) => placeOf(site?.split('\n')[0]));
      expect(places.every((place) => place !== undefined)).toBe(true);
      expect(new Set(places).size).toBe(2);
      for (const handle of made) handle.free();
    }
  });

  it('has the callers of the caller, in recursion, too', async () => {
    const db = await open();
    const descend = (depth: number): { free(): void } => {
      const handle = depth === 0 ? db.iterator() : descend(depth - 1);
      return handle;
    };
    const short = siteOf(db, () => descend(2));
    const long = siteOf(db, () => descend(3));
    const deep = siteOf(db, () => descend(100));
    expect(short).not.toEqual(long);
    expect(deep.length).toBeLessThan(12);
    for (const line of deep) expect(line).toMatch(HERE);
  });

  it('leaves the program’s settings of stacks as they are', async () => {
    const db = await open();
    const { stackTraceLimit, prepareStackTrace } = stacks;
    onTestFinished(() => {
      stacks.stackTraceLimit = stackTraceLimit;
      stacks.prepareStackTrace = prepareStackTrace;
    });
    const plain = siteOf(db, () => db.iterator());
    stacks.stackTraceLimit = 3;
    siteOf(db, () => db.iterator());
    expect([stacks.stackTraceLimit, stacks.prepareStackTrace]).toEqual([3, prepareStackTrace]);
    stacks.stackTraceLimit = 0;
    expect(siteOf(db, () => db.iterator())[0]).toMatch(HERE);
    expect(stacks.stackTraceLimit).toBe(0);
    expect(plain[0]).toMatch(HERE);
  });

  it('is written by whoever prepares stacks in the program, be it not as text', async () => {
    const db = await open();
    const { prepareStackTrace } = stacks;
    onTestFinished(() => {
      stacks.prepareStackTrace = prepareStackTrace;
    });
    const frames = (_: Error, list: unknown[]) => list;
    stacks.prepareStackTrace = frames;
    const raw = siteOf(db, () => db.iterator());
    const kept = stacks.prepareStackTrace === frames;
    const mapped = (_: Error, list: unknown[]) =>
      ['Error', ...list.map((_each, index) => `    at mapped (/source/file${index}.ts:1:2)`)].join(
        '\n',
      );
    stacks.prepareStackTrace = mapped;
    const site = siteOf(db, () => db.iterator());
    stacks.prepareStackTrace = prepareStackTrace;
    // Not before: what expect() throws would be prepared so, too.
    expect(raw[0]).toMatch(HERE);
    expect(kept).toBe(true);
    // Bun asks it only for some stacks.
    if (!('Bun' in globalThis)) expect(site[0]).toMatch(/mapped \(\/source\/file\d\.ts:1:2\)/);
  });

  it('keeps nothing of the stack alive', async () => {
    const db = await open();
    class Receiver {
      readonly ballast = new Uint8Array(100_000);
      make(argument: object) {
        const handle = db.iterator();
        return [handle, argument !== undefined] as const;
      }
    }
    const references: WeakRef<object>[] = [];
    const handles: { free(): void }[] = [];
    for (let i = 0; i < 10; i++) {
      await Promise.resolve().then(() => {
        const receiver = new Receiver();
        const argument = { i };
        handles.push(receiver.make(argument)[0]);
        references.push(new WeakRef(receiver), new WeakRef(argument));
      });
    }
    const gone = () => references.filter((each) => each.deref() === undefined).length;
    // Bun scans the stack as it is: the last ones may seem held.
    expect(await collectUntil(() => gone() >= ('Bun' in globalThis ? 14 : 20))).toBe(true);
    expect(db.heap.handles('iterator').every(({ site }) => HERE.test(site ?? ''))).toBe(true);
    for (const handle of handles) handle.free();
  });

  it('of a database that was opened is the place of open()', async () => {
    const db = await open();
    expect(db).toBeInstanceOf(RocksDB);
    expect(db.heap.handles('db')[0]?.site).toBeDefined();
    expect(db.engine.heap.handles('file')[0]?.site).toBeDefined();
  });
});
