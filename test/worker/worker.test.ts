import { Worker } from 'node:worker_threads';
import {
  BusyError,
  HandleFreedError,
  InvalidArgumentError,
  InvalidOptionError,
  LockConflictError,
  MAX_KEY_BYTES,
  NotSupportedError,
} from 'rocksdb-wasm';
import {
  type AsyncRocksDB,
  fromSetup,
  type LostHandles,
  RocksDBWorker,
  WorkerGoneError,
} from 'rocksdb-wasm/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectAll, collectUntil } from '../support/collect.js';
import { tempFolder } from '../support/open.js';
import { until } from '../support/until.js';
import { SETUP, startWorker } from './support.js';

type Text = AsyncRocksDB<'utf8', 'utf8'>;
const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

async function openText(rocks: RocksDBWorker, options: object = {}): Promise<Text> {
  return rocks.RocksDB.open(`${tempFolder()}/db`, { createIfMissing: true, ...TEXT, ...options });
}

async function errorOf(run: () => unknown): Promise<Error & { code?: string }> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of from) items.push(item);
  return items;
}

/** Deno's terminate() comes back before the thread is gone, which the lock waits for. */
async function openFreed(rocks: RocksDBWorker, path: string): Promise<Text> {
  for (let tries = 0; ; tries++) {
    try {
      return await rocks.RocksDB.open(path, TEXT);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_ROCKSDB_LOCKED' || tries > 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const keyOf = (index: number) => `k${String(index).padStart(6, '0')}`;

async function fill(db: Text, count: number): Promise<void> {
  const batch = db.batch();
  for (let i = 0; i < count; i++) batch.put(keyOf(i), `v${i}`);
  await db.write(batch);
  batch.free();
}

describe('a database in a worker', () => {
  it('answers with promises, in the order of the calls', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    // Nobody waits for one before the next.
    const answers = [db.put('a', '1'), db.get('a'), db.delete('a'), db.get('a'), db.has('a')];
    expect(await Promise.all(answers)).toEqual([undefined, '1', undefined, undefined, false]);
    expect(db.path.endsWith('/db')).toBe(true);
    expect(await db.engine.rocksdbVersion).toBe('9.10.0');
    expect(await db.close()).toEqual([]);
    expect(await db.freed).toBe(true);
    expect(await errorOf(() => db.get('a'))).toBeInstanceOf(HandleFreedError);
  });

  it('gives bytes of one’s own, whatever their size, and takes those of the caller as they are', async () => {
    const rocks = await startWorker();
    await using db = await rocks.RocksDB.open(`${tempFolder()}/db`, { createIfMissing: true });
    for (const size of [0, 1, 1000, 100_000, 20_000_000]) {
      const value = new Uint8Array(size).map((_, index) => index * 7);
      await db.put('k', value.subarray(0));
      expect(value.length).toBe(size);
      const read = (await db.get('k')) as Uint8Array;
      expect(read.length).toBe(size);
      expect(read.every((byte, index) => byte === value[index])).toBe(true);
      read.fill(1);
      expect(Buffer.compare((await db.get('k')) as Uint8Array, value)).toBe(0);
    }
  });

  it('has handles of its parts, which are the same each time', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    expect(db.heap).toBe(db.heap);
    expect(db.engine.heap).toBe(db.engine.heap);
    const family = await db.createColumnFamily('family');
    expect(await db.columnFamily('family')).toBe(family);
    expect([family.name, family.familyId, family.kind]).toEqual(['family', 1, 'columnFamily']);
    const snapshot = await db.snapshot();
    const iterator = await db.iterator({ snapshot });
    expect(await iterator.snapshot).toBe(snapshot);
    await iterator.free();
    await snapshot.free();
    await db.heap.setTracking('track');
    expect(await db.heap.tracking).toBe('track');
  });

  it('has its errors: class, code and properties, with the stack of the call', async () => {
    const rocks = await startWorker();
    const path = `${tempFolder()}/db`;
    const error = (await errorOf(() =>
      rocks.RocksDB.open(path, { maxOpenFiles: 'x' } as object),
    )) as InvalidOptionError;
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect([error.code, error.option, error.name]).toEqual([
      'ERR_ROCKSDB_INVALID_OPTION',
      'maxOpenFiles',
      'InvalidOptionError',
    ]);
    const db = await openText(rocks);
    const refused = await errorOf(() => db.merge('k', 'v'));
    expect(refused).toBeInstanceOf(NotSupportedError);
    const [head, first] = refused.stack?.split('\n') ?? [];
    expect(head).toContain('has no merge operator');
    expect(first).toMatch(/worker\.test/);
    expect(refused.stack).toContain('in the worker:');
    expect(await errorOf(() => db.put('k', Symbol('s') as never))).toBeInstanceOf(
      InvalidArgumentError,
    );
    expect(await errorOf(() => db.get(5 as never))).toBeInstanceOf(InvalidArgumentError);
    expect((await errorOf(() => db.flush({ columnFamily: {} as never }))).code).toBe(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
    );
  });

  it('refuses handles of another worker, and names that no class has', async () => {
    const [one, two] = [await startWorker(), await startWorker()];
    const [db, other] = [await openText(one), await openText(two)];
    const snapshot = await other.snapshot();
    const error = await errorOf(() => db.get('k', { snapshot }));
    expect(error.message).toContain('another worker');
    await snapshot.free();
    const batch = other.batch().put('k', 'v');
    expect((await errorOf(() => db.write(batch))).message).toContain('another worker');
    expect('withPerfContext' in db).toBe(false);
    expect('core' in db).toBe(false);
  });
});

describe('batches of a client', () => {
  it('are made without the worker, in RocksDB’s representation', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks, { mergeOperator: 'stringappend' });
    const family = await db.createColumnFamily('family');
    const before = rocks.pending;
    const batch = db.batch();
    batch.put('a', '1').put('b', '2').delete('a').merge('m', 'x').merge('m', 'y');
    batch.setSavePoint().put('gone', '1').rollbackToSavePoint();
    batch.put('c', '3', { columnFamily: family }).deleteRange('b', 'bb').putLogData('note');
    batch.putEntity('e', { one: '1', two: '2' });
    expect(rocks.pending).toBe(before);
    expect([batch.count, batch.operations().map(({ type }) => type)]).toEqual([
      8,
      ['put', 'put', 'delete', 'merge', 'merge', 'put', 'deleteRange', 'logData', 'putEntity'],
    ]);
    await db.write(batch);
    await db.write(batch, { sync: true });
    expect(await db.getMany(['a', 'b', 'm', 'gone'])).toEqual([
      undefined,
      undefined,
      'x,y,x,y',
      undefined,
    ]);
    expect(await db.get('c', { columnFamily: family })).toBe('3');
    expect([...((await db.getEntity('e')) ?? [])]).toEqual([
      ['one', '1'],
      ['two', '2'],
    ]);
    const copy = await db.batchFrom(batch.data);
    expect(copy.count).toBe(8);
    copy.clear().put('z', 'z');
    await db.write(copy);
    expect(await db.get('z')).toBe('z');
    batch.free();
    expect(await errorOf(() => batch.put('k', 'v'))).toBeInstanceOf(HandleFreedError);
    expect(await errorOf(() => db.write(batch))).toBeInstanceOf(HandleFreedError);
  });

  it('refuse what cannot be written, and stay as they were', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    const other = await openText(rocks);
    const strange = await other.createColumnFamily('strange');
    const batch = db.batch({ maxBytes: 200 }).put('a', '1');
    const wrong: [() => unknown, string][] = [
      [() => batch.put('k', 'v', { columnFamily: strange }), 'ERR_ROCKSDB_INVALID_ARGUMENT'],
      [() => batch.put('k', 'v', { columnFamily: 'x' as never }), 'ERR_ROCKSDB_INVALID_ARGUMENT'],
      [() => batch.put(1 as never, 'v'), 'ERR_ROCKSDB_INVALID_ARGUMENT'],
      [() => batch.put('k', 'v'.repeat(500)), 'ERR_ROCKSDB_TOO_LARGE'],
      [() => batch.put('k'.repeat(MAX_KEY_BYTES + 1), 'v'), 'ERR_ROCKSDB_TOO_LARGE'],
      [() => batch.merge('k', 'v'), 'ERR_ROCKSDB_NOT_SUPPORTED'],
      [() => batch.popSavePoint(), 'ERR_ROCKSDB_NOT_FOUND'],
      [() => db.batchFrom(Uint8Array.of(1, 2, 3)), 'ERR_ROCKSDB_CORRUPTION'],
      [() => other.write(batch), 'ERR_ROCKSDB_INVALID_ARGUMENT'],
      [() => db.batch({ maxBytes: -1 }), 'ERR_ROCKSDB_INVALID_ARGUMENT'],
    ];
    for (const [run, code] of wrong) expect((await errorOf(run)).code).toBe(code);
    expect(batch.count).toBe(1);
    const reversed = db.batch().put('x', '1').deleteRange('z', 'a');
    expect((await errorOf(() => db.write(reversed))).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(await db.has('x')).toBe(false);
    await db.write(batch);
    expect(await db.get('a')).toBe('1');
    // Nothing of theirs is left in the worker.
    expect(await db.engine.heap.handles('writeBatch')).toEqual([]);
  });
});

describe('iterators', () => {
  it('come in blocks, and give every entry once, in both directions', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    await fill(db, 20_000);
    await using forward = await db.iterator();
    const keys = (await all(forward)).map(([key]) => key);
    expect(keys).toEqual(Array.from({ length: 20_000 }, (_, i) => keyOf(i)));
    expect(await forward.next()).toBeUndefined();
    await using backward = await db.iterator({
      reverse: true,
      gte: keyOf(100),
      lt: keyOf(9000),
      limit: 8000,
    });
    const back = (await all(backward)).map(([key]) => key);
    expect([back.length, back[0], back.at(-1)]).toEqual([8000, keyOf(8999), keyOf(1000)]);
    await using bytes = await db.iterator({
      keyEncoding: 'view',
      valueEncoding: 'buffer',
      limit: 300,
    });
    const entries = await all(bytes);
    expect(entries.length).toBe(300);
    expect(entries[299]?.[0]).toEqual(new TextEncoder().encode(keyOf(299)));
    expect(Buffer.isBuffer(entries[0]?.[1])).toBe(true);
  });

  it('mix next, nextMany and seek as they are called, also without waiting', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    await fill(db, 5000);
    await using it = await db.iterator();
    const first = [it.next(), it.next(), it.nextMany(3), it.next()];
    expect((await Promise.all(first)).flat(1)).toEqual([
      ...[0, 1].flatMap((i) => [keyOf(i), `v${i}`]),
      ...[2, 3, 4].map((i) => [keyOf(i), `v${i}`]),
      ...[5].flatMap((i) => [keyOf(i), `v${i}`]),
    ]);
    const moved = [
      it.seek(keyOf(4000)),
      it.next(),
      it.seekForPrev('k0020005'),
      it.next(),
      it.seekToStart(),
      it.next(),
    ];
    const at = await Promise.all(moved);
    expect([at[1], at[3], at[5]].map((entry) => (entry as [string, string])[0])).toEqual([
      keyOf(4000),
      keyOf(2000),
      keyOf(0),
    ]);
    expect((await it.nextMany(10_000)).length).toBe(4999);
    expect(await it.nextMany(5)).toEqual([]);
    await db.put('z', 'new');
    await it.refresh();
    expect(await it.nextMany(1)).toEqual([[keyOf(0), 'v0']]);
    await it.seek('z');
    expect(await it.next()).toEqual(['z', 'new']);
    expect((await all(it.keys())).length).toBe(0);
  });

  it('tell of the entry that was given last, where that is asked for', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    await db.putEntity('a', { x: '1' });
    await db.putEntity('b', { x: '2' });
    await using it = await db.iterator({ columns: true });
    await it.next();
    expect([...(await it.columns)]).toEqual([['x', '1']]);
    await it.next();
    expect([...(await it.columns)]).toEqual([['x', '2']]);
  });

  it('that are left in the middle of a block can go on, and be freed', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    await fill(db, 1000);
    const it = await db.iterator();
    for await (const [key] of it) if (key === keyOf(10)) break;
    expect((await it.next())?.[0]).toBe(keyOf(11));
    await it.free();
    await it.free();
    expect(await errorOf(() => it.next())).toBeInstanceOf(HandleFreedError);
    expect(await db.heap.handles('iterator')).toEqual([]);
  });
});

describe('what runs in the worker', () => {
  it('are operators of the setup module', async () => {
    const rocks = await startWorker({ setup: SETUP });
    const db = await openText(rocks, {
      comparator: fromSetup('backwards'),
      mergeOperator: fromSetup('joined'),
    });
    await fill(db, 10);
    await db.merge('m', '1');
    await db.merge('m', '2');
    expect(await db.get('m')).toBe('1,2');
    await using it = await db.iterator({ limit: 2 });
    expect((await all(it)).map(([key]) => key)).toEqual(['m', keyOf(9)]);
    const missing = await errorOf(() => openText(rocks, { comparator: fromSetup('forwards') }));
    expect(missing).toBeInstanceOf(InvalidArgumentError);
    expect(missing.message).toMatch(/no value 'forwards': there are .*backwards/);
  });

  it('are its functions, with handles as they are there', async () => {
    const rocks = await startWorker({ setup: SETUP });
    const db = await openText(rocks);
    await fill(db, 1000);
    expect(await rocks.run('valueBytes', db)).toBe(3890);
    expect(await rocks.run('perfOf', db, keyOf(1))).toBe('v1');
    const error = await errorOf(() => rocks.run('fails'));
    expect([error instanceof RangeError, error.message]).toEqual([true, 'as it was told']);
    for (const name of ['none', 'notAFunction']) {
      expect(await errorOf(() => rocks.run(name))).toBeInstanceOf(InvalidArgumentError);
    }
  });

  it('are no functions of another thread’s, which is said', async () => {
    const rocks = await startWorker();
    const comparator = { name: 'mine', compare: () => 0 };
    const error = await errorOf(() => openText(rocks, { comparator }));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.message).toMatch(/compare: .*fromSetup/);
  });

  it('tells listeners of the client before the call ends that made the events', async () => {
    const rocks = await startWorker();
    const told: string[] = [];
    const db = await openText(rocks, {
      listeners: [{ onFlushCompleted: ({ jobId }: { jobId: number }) => told.push(typeof jobId) }],
    });
    await db.put('k', 'v');
    await db.flush();
    expect(told).toEqual(['number']);
    const stop = await db.heap.on('expired', () => told.push('expired'));
    await stop();
  });

  it('are RocksDB’s tools', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    await fill(db, 100);
    await db.flush();
    const [file] = await db.getLiveFilesMetaData();
    await db.close();
    const dump = await rocks.tools.dumpSst(`${file?.directory}/${file?.relativeFilename}`);
    expect(dump.entries.length).toBe(100);
  });

  it('takes objects of its own as options', async () => {
    const rocks = await startWorker();
    const fileSystem = await rocks.MemoryFileSystem.create();
    const engine = await rocks.Engine.create({ fileSystem });
    const blockCache = await rocks.Cache.create(engine, { capacity: 1 << 20 });
    const db = await rocks.RocksDB.open('/db', {
      createIfMissing: true,
      engine,
      blockBasedTable: { blockCache },
      ...TEXT,
    });
    await db.put('k', 'v');
    await db.flush();
    expect(await db.get('k')).toBe('v');
    expect(db.engine).toBe(engine);
    expect(await blockCache.capacity).toBe(1 << 20);
    await db.close();
    await engine.free();
  });
});

describe('transactions in a worker', () => {
  it('lock, conflict and commit', async () => {
    const rocks = await startWorker();
    const db = await rocks.TransactionDB.open(`${tempFolder()}/db`, {
      createIfMissing: true,
      ...TEXT,
    });
    const [one, two] = [await db.beginTransaction(), await db.beginTransaction()];
    await one.put('k', '1');
    expect(await one.get('k')).toBe('1');
    const error = (await errorOf(() => two.put('k', '2'))) as LockConflictError;
    expect(error).toBeInstanceOf(LockConflictError);
    expect(error.reason).toBe('lockTimeout');
    await one.commit();
    await two.put('k', '2');
    await two.commit();
    expect(await db.get('k')).toBe('2');
    await using batch = await db.batchWithIndex();
    // One after the other, without waiting; the last one tells what went wrong.
    await batch.put('x', '1').put('y', '2').delete('x');
    expect(await batch.getFromBatch('y')).toBe('2');
    expect(await errorOf(async () => batch.put(5 as never, '1').put('z', '3'))).toBeInstanceOf(
      InvalidArgumentError,
    );
    await db.write(batch);
    expect(await db.get('y')).toBe('2');
    for (const each of [one, two]) await each.free();
  });
});

describe('the log and signals', () => {
  it('follows the log across threads, until the signal', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    const abort = new AbortController();
    const log = await db.getUpdatesSince(1n, { follow: true, signal: abort.signal });
    const seen: string[] = [];
    const following = (async () => {
      for await (const update of log) {
        for (const operation of update.batch)
          if (operation.type === 'put') seen.push(new TextDecoder().decode(operation.key));
        if (seen.length === 3) abort.abort(new Error('enough'));
      }
    })();
    for (const key of ['a', 'b', 'c']) await db.put(key, '1');
    const error = await errorOf(() => following);
    expect(error.message).toBe('enough');
    expect(abort.signal.reason).toBe(error);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(await db.heap.handles('transactionLogIterator')).toEqual([]);
  });

  it('ends waits by their signals', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    const pool = await db.iteratorPool({ max: 1, wait: { timeoutMs: 60_000 } });
    const lease = await pool.acquire();
    const already = AbortSignal.abort(new Error('before'));
    expect((await errorOf(() => pool.acquireAsync({ signal: already }))).message).toBe('before');
    const abort = new AbortController();
    const waiting = errorOf(() => pool.acquireAsync({ signal: abort.signal }));
    abort.abort();
    expect((await waiting).name).toBe('AbortError');
    expect(await errorOf(() => pool.acquire())).toBeInstanceOf(BusyError);
    await lease.free();
  });
});

describe('bulk writing and back-pressure', () => {
  it('feeds a writer in parts', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    const writer = await db.bulkWriter();
    let most = 0;
    async function* entries() {
      for (let i = 0; i < 20_000; i++) {
        most = Math.max(most, rocks.pendingBytes);
        yield [keyOf(i), 'v'.repeat(50)] as const;
      }
    }
    await writer.write(entries());
    const stream = writer.writable.getWriter();
    await stream.write(['last', 'one']);
    await stream.close();
    expect(await writer.freed).toBe(true);
    expect(await db.getIntProperty('rocksdb.estimate-num-keys')).toBe(20_001n);
    expect(most).toBeLessThan(1024 * 1024);
  });

  it('says how much is on its way, and when it is less', async () => {
    const rocks = await startWorker();
    const db = await openText(rocks);
    const value = 'v'.repeat(100_000);
    const writes = Array.from({ length: 50 }, (_, i) => db.put(keyOf(i), value));
    expect(rocks.pending).toBe(50);
    expect(rocks.pendingBytes).toBeGreaterThan(5_000_000);
    await rocks.drain(1_000_000);
    expect(rocks.pendingBytes).toBeLessThanOrEqual(1_000_000);
    await Promise.all(writes);
    expect([rocks.pending, rocks.pendingBytes]).toEqual([0, 0]);
  });
});

describe('the end of a worker', () => {
  it('is told to all who wait, and loses nothing that was acknowledged', async () => {
    const rocks = await startWorker({ setup: SETUP });
    const path = `${tempFolder()}/db`;
    const db = await rocks.RocksDB.open(path, { createIfMissing: true, ...TEXT });
    for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'v');
    const waiting = [errorOf(() => rocks.run('busy', 2000)), errorOf(() => db.put('late', 'v'))];
    await rocks.terminate();
    for (const error of await Promise.all(waiting)) {
      expect(error).toBeInstanceOf(WorkerGoneError);
      expect(error.code).toBe('ERR_ROCKSDB_WORKER_GONE');
      expect(error.stack).toMatch(/worker\.test/);
    }
    expect(await errorOf(() => db.get('k'))).toBeInstanceOf(WorkerGoneError);
    expect(rocks.gone).toBeInstanceOf(WorkerGoneError);
    expect(await errorOf(() => rocks.connect())).toBeInstanceOf(WorkerGoneError);
    await rocks.close();
    const again = await startWorker();
    await using db2 = await openFreed(again, path);
    expect(
      (await db2.getMany(Array.from({ length: 100 }, (_, i) => keyOf(i)))).every((v) => v === 'v'),
    ).toBe(true);
  });

  it('is a WorkerGoneError with its cause when its program fails', async () => {
    const rocks = await startWorker({ setup: SETUP });
    await rocks.run('crash');
    const waiting = errorOf(() => rocks.run('busy', 10).then(() => new Promise(() => {})));
    await until(() => expect(rocks.gone).toBeDefined());
    expect(rocks.gone?.message).toContain('the worker made a mistake');
    void waiting;
  });

  it('is what close() waits for, after the calls that were made before', async () => {
    const rocks = await startWorker();
    const path = `${tempFolder()}/db`;
    const db = await rocks.RocksDB.open(path, { createIfMissing: true, ...TEXT });
    const last = db.put('last', 'v');
    await Promise.all([rocks.close(), rocks.close()]);
    await last;
    const again = await startWorker();
    await using db2 = await again.RocksDB.open(path, TEXT);
    expect(await db2.get('last')).toBe('v');
  });

  it('comes before its beginning when the setup module fails, or the code is not there', async () => {
    const setup = new URL('data:text/javascript,throw new TypeError("no setup")');
    const error = await errorOf(() => startWorker({ setup }));
    expect([error instanceof TypeError, error.message]).toEqual([true, 'no setup']);
    const nowhere = new URL('./nowhere.mjs', import.meta.url);
    expect(await errorOf(() => startWorker({ worker: nowhere }))).toBeInstanceOf(WorkerGoneError);
    for (const options of [{ setup: 5 }, { worker: {} }, { onLost: 'x' }]) {
      expect(await errorOf(() => RocksDBWorker.start(options as object))).toBeInstanceOf(
        InvalidOptionError,
      );
    }
    expect(await errorOf(() => RocksDBWorker.attach(5 as never))).toBeInstanceOf(
      InvalidOptionError,
    );
  });
});

describe('several clients', () => {
  it('share a database, and what one leaves behind is freed and told with its lines', async () => {
    const lost: LostHandles[] = [];
    const rocks = await startWorker({ onLost: (handles) => lost.push(handles) });
    const path = `${tempFolder()}/db`;
    const options = { createIfMissing: true };
    const lease = await rocks.RocksDB.shared(path, { tracking: 'track', ...options });
    const db = await lease.db;
    await db.put('first', 'of this thread');
    const port = rocks.connect();
    const client = new Worker(new URL('./client.mjs', import.meta.url), {
      workerData: { port, path, options },
      transferList: [port as never],
    });
    onTestFinished(() => void client.terminate());
    const { seen } = await new Promise<{ seen: string }>((resolve, reject) => {
      client.once('message', resolve);
      client.once('error', reject);
    });
    expect(seen).toBe('of this thread');
    expect(await db.get('from', { valueEncoding: 'utf8' })).toBe('the other thread');
    expect((await db.heap.handles('iterator')).length).toBe(1);
    client.postMessage('end');
    await until(() => expect(lost.length).toBe(1));
    expect(lost[0]?.how).toBe('client ended');
    const kinds = lost[0]?.handles.map(({ kind }) => kind) ?? [];
    expect(kinds).toContain('iterator');
    expect(lost[0]?.handles.find(({ kind }) => kind === 'iterator')?.site).toMatch(/client\.mjs/);
    expect(await db.heap.handles('iterator')).toEqual([]);
    expect(await db.get('from', { valueEncoding: 'utf8' })).toBe('the other thread');
    await lease.free();
  });

  it('have handles of their own', async () => {
    const rocks = await startWorker();
    const other = await RocksDBWorker.attach(rocks.connect());
    const db = await openText(rocks);
    expect((await errorOf(() => other.RocksDB.open(db.path))).code).toBe('ERR_ROCKSDB_LOCKED');
    const mine = await openText(other);
    await mine.put('k', 'v');
    await other.close();
    expect(await errorOf(() => mine.get('k'))).toBeInstanceOf(WorkerGoneError);
    // It was closed with its client.
    await using again = await rocks.RocksDB.open(mine.path, TEXT);
    expect(await again.get('k')).toBe('v');
    expect(await errorOf(() => other.terminate())).toBeInstanceOf(TypeError);
  });

  it('hold what their handles need, and no more', async () => {
    const lost: LostHandles[] = [];
    const rocks = await startWorker({ onLost: (handles) => lost.push(handles) });
    const make = async () => {
      const db = await openText(rocks);
      await fill(db, 100);
      const snapshot = await db.snapshot();
      return { iterator: await db.iterator({ snapshot }), batch: db.batch().put('a', '1') };
    };
    const { iterator, batch } = await make();
    await collectAll();
    expect(lost).toEqual([]);
    expect((await all(iterator)).length).toBe(100);
    expect(batch.count).toBe(1);
    await iterator.free();
  });

  it('that go while something is made for them leave nothing open', async () => {
    const rocks = await startWorker();
    const other = await RocksDBWorker.attach(rocks.connect());
    const path = `${tempFolder()}/db`;
    const opening = errorOf(() => other.RocksDB.open(path, { createIfMissing: true, ...TEXT }));
    await other.close();
    expect(await opening).toBeInstanceOf(WorkerGoneError);
    const db = await openFreed(rocks, path);
    await db.close();
  });

  it('lose handles, which are freed in the worker and told with the line that made them', async () => {
    const lost: LostHandles[] = [];
    const rocks = await startWorker({ onLost: (handles) => lost.push(handles) });
    const db = await openText(rocks, { tracking: 'track' });
    await db.put('k', 'v');
    const forget = async () => {
      for (let i = 0; i < 3; i++) await (await db.iterator()).next();
      await db.snapshot();
    };
    await forget();
    await collectUntil(() => lost.flatMap(({ handles }) => handles).length >= 4);
    const handles = lost.flatMap(({ handles: each }) => each);
    expect(handles.map(({ kind }) => kind).sort()).toEqual([
      'iterator',
      'iterator',
      'iterator',
      'snapshot',
    ]);
    expect(handles.every(({ site }) => /worker\.test/.test(site?.split('\n')[0] ?? ''))).toBe(true);
    const live = await db.heap.handles();
    expect(live.filter(({ kind }) => kind === 'iterator' || kind === 'snapshot')).toEqual([]);
    expect(await db.get('k')).toBe('v');
  });
});
