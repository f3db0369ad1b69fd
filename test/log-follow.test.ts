import { type LogUpdate, MemoryFileSystem, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { TEXT } from './core/host.js';
import { inWords } from './core/log-suite.js';
import { ledgerIsClean, makeEngine, openAt } from './support/open.js';

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

async function opened(options: object = {}): Promise<RocksDB<'utf8', 'utf8'>> {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), ...options });
  return openAt('/db', { engine, createIfMissing: true, walTtlSeconds: 3600, ...TEXT });
}

/** Follows the log in the background; `done` is how it ended. */
function follow(updates: AsyncIterable<LogUpdate>, each: (update: LogUpdate) => void = () => {}) {
  const words: string[] = [];
  const done = (async () => {
    for await (const update of updates) {
      words.push(inWords(update));
      each(update);
    }
    return 'ended';
  })().catch((error: unknown) => error);
  return { words, done };
}

describe('following the log', () => {
  it('waits for writes, through flushes and new files of the log', async () => {
    const db = await opened();
    db.put('before', '1');
    const controller = new AbortController();
    const { signal } = controller;
    const { words, done } = follow(db.getUpdatesSince(1, { follow: true, signal }));
    await turn();
    expect(words).toEqual(['1: put before=1']);
    db.put('a', '2');
    expect(words).toHaveLength(1); // never within the writer's call
    await turn();
    expect(words).toEqual(['1: put before=1', '2: put a=2']);
    db.flush();
    db.put('b', '3');
    db.flush();
    db.delete('a');
    await turn();
    expect(words.slice(2)).toEqual(['3: put b=3', '4: delete a']);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await done).toBe(reason);
    ledgerHasNoIterator(db);
  });

  it('begins beyond the end, and with a signal that was given already it does not begin', async () => {
    const db = await opened();
    const { words, done } = follow(db.getUpdatesSince(3, { follow: true }));
    db.put('a', '1');
    await turn();
    db.put('b', '2');
    db.put('c', '3');
    await turn();
    expect(words).toEqual(['3: put c=3']);
    const { done: never } = follow(
      db.getUpdatesSince(1, { follow: true, signal: AbortSignal.abort(new Error('too late')) }),
    );
    expect(await never).toMatchObject({ message: 'too late' });
    db.freeUnreleased();
    expect(await done).toBe('ended');
  });

  it('ends when the database or the iterator is closed meanwhile', async () => {
    const db = await opened();
    const one = db.getUpdatesSince(1, { follow: true });
    const other = db.getUpdatesSince(1, { follow: true });
    const first = follow(one);
    const second = follow(other);
    await turn();
    one.free();
    expect(await first.done).toBe('ended');
    db.freeUnreleased();
    expect(await second.done).toBe('ended');
    db.put('a', '1'); // wakes nobody
    await turn();
  });

  it('ends with return(), also while it waits', async () => {
    const db = await opened();
    const updates = db.getUpdatesSince(1, { follow: true });
    const iterator = updates[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await turn();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(updates.freed).toBe(true);
  });

  it('ends with the error of the engine when that crashes', async () => {
    const db = await opened();
    const { done } = follow(db.getUpdatesSince(1, { follow: true }));
    await turn();
    const { engine } = db as unknown as {
      engine: { native: { calls: { rdb_memory_free(at: number): void } } };
    };
    // A block that is none: what is there to be taken for its header is not.
    expect(() => engine.native.calls.rdb_memory_free(0xfffffff0)).toThrow();
    expect(await done).toMatchObject({ code: 'ERR_ROCKSDB_ENGINE_CRASHED' });
  });

  it('reports what the log does not have, and goes on behind it when told so', async () => {
    const db = await opened();
    db.put('a', '1');
    const strict = follow(db.getUpdatesSince(1, { follow: true }));
    const lax = follow(db.getUpdatesSince(1, { follow: true, allowGaps: true }));
    await turn();
    db.put('b', '2', { disableWAL: true });
    await turn();
    expect(await strict.done).toMatchObject({ code: 'ERR_ROCKSDB_LOG_GAP', from: 2n, next: 3n });
    db.put('c', '3');
    await turn();
    expect(lax.words).toEqual(['1: put a=1', '3: put c=3']);
    db.freeUnreleased();
    expect(await lax.done).toBe('ended');
  });

  it('looks by itself where writes cannot be noticed', async () => {
    const db = await opened();
    let looks = 0;
    const updates = db.getUpdatesSince(1, { follow: true, pollInterval: 1 });
    const next = updates.next.bind(updates);
    updates.next = () => {
      looks++;
      return next();
    };
    const { done } = follow(updates);
    while (looks < 3) await turn();
    updates.free();
    expect(await done).toBe('ended');
  });

  it('leaves no handle and no byte, whatever ends it', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openAt('/db', { engine, createIfMissing: true, ...TEXT });
    for (let i = 0; i < 20; i++) db.put(`k${i}`, 'x'.repeat(100));
    const round = async () => {
      for await (const { sequence } of db.getUpdatesSince(1)) if (sequence === 7n) break;
      for (const _ of db.getUpdatesSince(3)) {
      }
      const error = await follow(db.getUpdatesSince(1), () => {
        throw new Error('of the body');
      }).done;
      expect(error).toMatchObject({ message: 'of the body' });
      const controller = new AbortController();
      const { done } = follow(db.getUpdatesSince(1, { follow: true, signal: controller.signal }));
      await turn();
      controller.abort();
      await done;
      db.lockWAL().free();
      db.pauseBackgroundWork().free();
      db.getSortedWalFiles();
    };
    await round();
    await round();
    const before = engine.heap.owners();
    await round();
    expect(engine.heap.owners()).toEqual(before);
    expect(before.transactionLogIterator?.bytes).toBe(0);
    expect(() => engine.heap.verify()).not.toThrow();
    db.close();
    ledgerIsClean(engine);
  });
});

function ledgerHasNoIterator(db: RocksDB<'utf8', 'utf8'>): void {
  const kinds = db.engine.heap.report().handles.map(({ kind }) => kind);
  expect(kinds).not.toContain('transactionLogIterator');
}
