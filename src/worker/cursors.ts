/** Cursors of a client: entries come in blocks, and the next block is on its way while one is used. */
import type { Block } from './blocks.js';
import { LINK, type Link, type Remote } from './remote.js';

/** What a block has at most: of the first one of a scan, and of the largest. */
const FIRST_ENTRIES = 16;
const LARGEST_ENTRIES = 4096;
const FIRST_BYTES = 16 * 1024;
const LARGEST_BYTES = 256 * 1024;

interface Cursor {
  readonly link: Link;
  /** One entry at a time: what the worker says of its entry must be of the one that was given last. */
  readonly exact: boolean;
  entries: readonly unknown[];
  at: number;
  /** There is nothing behind `entries`. */
  done: boolean;
  /** Comes once the entries before it are taken. */
  error: unknown;
  /** The next block, on its way. */
  coming: Promise<Block> | undefined;
  size: number;
  /** Calls that wait for each other, in their order. */
  last: Promise<unknown> | undefined;
}

const cursors = new WeakMap<object, Cursor>();

function cursorOf(remote: Remote): Cursor {
  let cursor = cursors.get(remote);
  if (cursor === undefined) {
    const exact = (remote as unknown as { '@exact'?: boolean })['@exact'] === true;
    const link = remote[LINK];
    cursor = { link, exact, ...EMPTY, coming: undefined, size: FIRST_ENTRIES, last: undefined };
    cursors.set(remote, cursor);
  }
  return cursor;
}

const EMPTY = { entries: [], at: 0, done: false, error: undefined } as const;

/** One after the other, as the calls were made. */
function inTurn<T>(cursor: Cursor, work: () => Promise<T>): Promise<T> {
  const before = cursor.last;
  const now = before === undefined ? work() : before.then(work, work);
  const quiet = now.then(
    () => {},
    () => {},
  );
  cursor.last = quiet;
  quiet.then(() => {
    if (cursor.last === quiet) cursor.last = undefined;
  });
  return now;
}

/** Asks for the next block. */
function fetch(cursor: Cursor, entries: number, bytes: number): Promise<Block> {
  const coming = cursor.link.call('@block', [entries, bytes]) as Promise<Block>;
  coming.catch(() => {}); // told by whoever takes it
  return coming;
}

function ahead(cursor: Cursor): void {
  if (cursor.coming !== undefined || cursor.done || cursor.error !== undefined) return;
  const bytes = Math.min((cursor.size / FIRST_ENTRIES) * FIRST_BYTES, LARGEST_BYTES);
  cursor.coming = fetch(cursor, cursor.size, bytes);
  cursor.size = Math.min(cursor.size * 4, LARGEST_ENTRIES);
}

/** Takes the next block in. */
async function advance(cursor: Cursor): Promise<void> {
  ahead(cursor);
  const coming = cursor.coming as Promise<Block>;
  let block: Block;
  try {
    block = await coming;
  } finally {
    if (cursor.coming === coming) cursor.coming = undefined;
  }
  cursor.entries = block.entries;
  cursor.at = 0;
  cursor.done = block.done;
  cursor.error = block.error;
}

/** What was read ahead does not count any more. */
function forget(cursor: Cursor): void {
  Object.assign(cursor, EMPTY);
  cursor.coming = undefined;
  cursor.size = FIRST_ENTRIES;
}

/** The next entry of those that are here. */
function take(cursor: Cursor): unknown {
  const entry = cursor.entries[cursor.at++];
  if (cursor.at === cursor.entries.length >> 1) ahead(cursor);
  return entry;
}

async function nextSlowly(cursor: Cursor): Promise<unknown> {
  for (;;) {
    if (cursor.at < cursor.entries.length) return take(cursor);
    if (cursor.error !== undefined) {
      const { error } = cursor;
      forget(cursor);
      throw error;
    }
    // At the end, too: the worker knows whether that is still so, and whether the cursor lives.
    const atEnd = cursor.done;
    if (atEnd) forget(cursor);
    await advance(cursor);
    if (cursor.entries.length === 0 && cursor.error === undefined) return undefined;
  }
}

async function many(cursor: Cursor, count: number): Promise<unknown[]> {
  const entries: unknown[] = [];
  while (entries.length < count) {
    const here = cursor.entries.slice(cursor.at, cursor.at + count - entries.length);
    entries.push(...here);
    cursor.at += here.length;
    if (entries.length === count) break;
    if (cursor.error !== undefined) {
      const { error } = cursor;
      forget(cursor);
      throw error;
    }
    if (cursor.done && entries.length > 0) break;
    if (cursor.done) forget(cursor);
    cursor.coming ??= fetch(cursor, count - entries.length, LARGEST_BYTES * 4);
    await advance(cursor);
    if (cursor.entries.length === 0 && cursor.error === undefined) break;
  }
  return entries;
}

/** Moves the cursor in the worker, and asks at once for what is there. */
function moved(remote: Remote, name: string, values: readonly unknown[]): Promise<unknown> {
  const cursor = cursorOf(remote);
  if (cursor.exact) return cursor.link.call(name, values);
  return inTurn(cursor, () => {
    forget(cursor);
    return cursor.link.call(name, values);
  });
}

/** The members of all cursors. */
const common = {
  next(this: Remote): Promise<unknown> {
    const cursor = cursorOf(this);
    if (cursor.exact) return cursor.link.call('next', []);
    if (cursor.last === undefined && cursor.at < cursor.entries.length) {
      return Promise.resolve(take(cursor));
    }
    return inTurn(cursor, () => nextSlowly(cursor));
  },
  seek(this: Remote, ...values: unknown[]) {
    return moved(this, 'seek', values);
  },
  seekForPrev(this: Remote, ...values: unknown[]) {
    return moved(this, 'seekForPrev', values);
  },
  seekToStart(this: Remote) {
    return moved(this, 'seekToStart', []);
  },
  free(this: Remote) {
    const cursor = cursorOf(this);
    forget(cursor);
    return cursor.link.call('free', []);
  },
  async [Symbol.asyncDispose](this: Remote): Promise<void> {
    const cursor = cursorOf(this);
    forget(cursor);
    await cursor.link.call('@dispose', []);
  },
  async *[Symbol.asyncIterator](this: { next(): Promise<unknown> }) {
    for (let entry = await this.next(); entry !== undefined; entry = await this.next()) yield entry;
  },
};

const ofDatabases = {
  ...common,
  nextMany(this: Remote, count: number): Promise<unknown> {
    const cursor = cursorOf(this);
    if (cursor.exact || !Number.isInteger(count) || count < 1) {
      return cursor.link.call('nextMany', [count]);
    }
    return inTurn(cursor, () => many(cursor, count));
  },
  refresh(this: Remote, ...values: unknown[]) {
    return moved(this, 'refresh', values);
  },
  async *keys(this: AsyncIterable<[unknown, unknown]>) {
    for await (const [key] of this) yield key;
  },
  async *values(this: AsyncIterable<[unknown, unknown]>) {
    for await (const [, value] of this) yield value;
  },
};

/** @internal What is written by hand of the classes of cursors. */
export const CURSORS = {
  DBIterator: ofDatabases,
  IteratorLease: ofDatabases,
  SstFileIterator: common,
  SstRawIterator: common,
};
