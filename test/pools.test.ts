import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as fs from 'node:fs';
import {
  type HandleRecord,
  MemoryFileSystem,
  type MisuseMessage,
  RocksDB,
  type SharedOptions,
} from 'rocksdb-wasm';
import { assertNoLeak, assertNoLiveHandles } from 'rocksdb-wasm/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectAll, collectUntil } from './support/collect.js';
import { errorOf, openTemp, tempFolder, wasmModule } from './support/open.js';

const HERE = /pools\.test/;
/** Bun scans the stack as it is: some of what was made last may seem held. */
const BUN = 'Bun' in globalThis;

const share = async (
  path: string,
  options: SharedOptions & { fileSystem?: MemoryFileSystem } = {},
) => RocksDB.shared(path, { wasm: await wasmModule(), createIfMissing: true, ...options });

/** What is published on the channel of misuses, about these paths, until the test is over. */
function misuses(): MisuseMessage[] {
  const messages: MisuseMessage[] = [];
  const listen = (message: unknown) => messages.push(message as MisuseMessage);
  subscribe('rocksdb-wasm:misuse', listen);
  onTestFinished(() => {
    unsubscribe('rocksdb-wasm:misuse', listen);
  });
  return messages;
}

async function warnings(): Promise<string[]> {
  const { default: process } = await import('node:process');
  const texts: string[] = [];
  const listen = (warning: Error) => texts.push(`${warning.name}: ${warning.message}`);
  process.on('warning', listen);
  onTestFinished(() => {
    process.off('warning', listen);
  });
  return texts;
}

const turns = async (done: () => boolean) => {
  for (let turn = 0; turn < 200 && !done(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

describe('a shared database on disk', () => {
  it('is one by all its names: links, also before it is there, and relative paths', async () => {
    const folder = tempFolder();
    fs.mkdirSync(`${folder}/real`);
    fs.symlinkSync(`${folder}/real`, `${folder}/link`);
    const both = await Promise.all([share(`${folder}/link/db`), share(`${folder}/real/db`)]);
    expect(both[0].db).toBe(both[1].db);
    fs.symlinkSync(`${folder}/real/db`, `${folder}/alias`);
    const { default: process } = await import('node:process');
    const { relative } = await import('node:path');
    const third = await share(`${folder}/alias`);
    const fourth = await share(relative(process.cwd(), `${folder}/real/db`));
    expect([third.db, fourth.db]).toEqual([both[0].db, both[0].db]);
    for (const lease of [...both, third, fourth]) lease.free();
    expect(fs.readdirSync(`${folder}/real/db`).some((name) => name.startsWith('LOCK.owner'))).toBe(
      false,
    );
  });
});

describe('a lease that is forgotten', () => {
  it('is a leak with its place', async () => {
    const fileSystem = new MemoryFileSystem();
    const leases: { free(): void }[] = [];
    const request = async () => {
      leases.push(await share('/db', { fileSystem }));
    };
    const held = await share('/db', { fileSystem });
    const error = await assertNoLeak(request, { rounds: 2 }).then(
      () => 'no leak',
      (leak: Error) => leak.message,
    );
    expect(error).toContain('databaseLease');
    expect(error).toMatch(HERE);
    for (const lease of leases) lease.free();
    held.free();
  });
});

describe('a database that is opened for each request', () => {
  it('is told of once, with the place and the remedy', async () => {
    const told = misuses();
    const texts = await warnings();
    const fileSystem = new MemoryFileSystem();
    const wasm = await wasmModule();
    const request = async () => {
      const db = await RocksDB.open('/requests', { fileSystem, wasm, createIfMissing: true });
      db.close();
    };
    for (let i = 0; i < 7; i++) await request();
    expect(told).toEqual([]);
    for (let i = 0; i < 10; i++) await request();
    expect(told.length).toBe(1);
    const [message] = told;
    expect(message).toMatchObject({ misuse: 'openedAgain', path: '/requests', opens: 8 });
    expect(message?.site.split('\n')[0]).toMatch(HERE);
    expect(message?.remedy).toContain('RocksDB.shared');
    await turns(() => texts.length > 0);
    expect(texts.length).toBe(1);
    expect(texts[0]).toMatch(/^RocksDBWarning: \/requests was opened 8 times within a minute, the/);
    expect(texts[0]).toMatch(HERE);
    expect(texts[0]).toContain('RocksDB.shared');
  });

  it('is not one that is opened on another file system, or by another path', async () => {
    const told = misuses();
    const wasm = await wasmModule();
    const fileSystem = new MemoryFileSystem();
    for (let i = 0; i < 20; i++) {
      const where = i % 2 === 0 ? { fileSystem: new MemoryFileSystem() } : { fileSystem };
      const options = { ...where, wasm, createIfMissing: true };
      (await RocksDB.open(i % 2 === 0 ? '/same' : `/other${i}`, options)).close();
    }
    expect(told).toEqual([]);
  });

  it('is told of when it is open already, here', async () => {
    const told = misuses();
    const db = await openTemp();
    const wasm = await wasmModule();
    for (let i = 0; i < 3; i++) {
      const open = async () => {
        await RocksDB.open(db.path, { wasm });
      };
      const error = await errorOf(open);
      expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
      expect(error.message).toContain('RocksDB.shared');
    }
    expect(told.map(({ misuse, path }) => [misuse, path])).toEqual([['openedTwice', db.path]]);
    expect(told[0]?.site.split('\n')[0]).toMatch(HERE);
  });

  it('may be shared instead, and stays open between requests', async () => {
    const told = misuses();
    const fileSystem = new MemoryFileSystem();
    const seen = new Set<unknown>();
    for (let i = 0; i < 20; i++) {
      const lease = await share('/db', { fileSystem, idleCloseMs: 60_000 });
      seen.add(lease.db);
      lease.free();
    }
    expect([seen.size, told]).toEqual([1, []]);
    for (const db of seen) (db as RocksDB).close();
  });
});

describe('an iterator that a borrower of a pool has lost', () => {
  /** A pool in memory, and the handles that were found lost. */
  async function lossy() {
    const found: HandleRecord[] = [];
    const db = await openTemp({
      fileSystem: new MemoryFileSystem(),
      onFinalized: (handles) => found.push(...handles),
      tracking: 'track',
    });
    db.put('k', 'v');
    return { db, found };
  }

  it('comes back when the garbage collector finds its lease, and is told with its place', async () => {
    const { db, found } = await lossy();
    const times = BUN ? 40 : 4;
    const pool = db.iteratorPool({ max: times });
    for (let i = 0; i < times; i++) {
      pool.acquire().next();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(await collectUntil(() => found.length >= times * 0.75)).toBe(true);
    expect(found.every(({ kind }) => kind === 'iteratorLease')).toBe(true);
    expect(found[0]?.site?.split('\n')[0]).toMatch(HERE);
    expect(found[0]?.state).toBe('finalized');
    expect(pool.stats.reclaimed).toBe(found.length);
    const lease = pool.acquire();
    expect(lease.next()).toBeDefined();
    lease.free();
  });

  it('serves one who waits', async () => {
    const { db } = await lossy();
    const pool = db.iteratorPool({ max: 1, wait: { timeoutMs: 60_000 } });
    (() => pool.acquire().next())();
    let given: { free(): void } | undefined;
    const waits = pool.acquireAsync().then((lease) => {
      given = lease;
    });
    if (BUN) for (let i = 0; i < 20 && given === undefined; i++) await collectAll();
    else expect(await collectUntil(() => given !== undefined)).toBe(true);
    if (given === undefined) pool.free(); // Bun saw it on the stack
    await waits.catch(() => {});
    given?.free();
  });

  it('goes with a pool that is lost as a whole', async () => {
    const { db, found } = await lossy();
    const times = BUN ? 40 : 4;
    for (let i = 0; i < times; i++) {
      db.iteratorPool().acquire().free();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(await collectUntil(() => found.length >= times * 0.75)).toBe(true);
    expect(found.every(({ kind }) => kind === 'iteratorPool')).toBe(true);
    const left = times - found.length;
    expect(db.heap.handles('pooledIterator').length).toBe(left);
  });

  it('is seen by leak checks, and the pool is not', async () => {
    const { db } = await lossy();
    const pool = db.iteratorPool({ max: 64, idleTimeoutMs: 60_000 });
    let burst = 1;
    const bursts = () => {
      const leases = Array.from({ length: burst++ }, () => pool.acquire());
      for (const lease of leases) lease.free();
    };
    await assertNoLeak(bursts, { db, rounds: 4 });
    assertNoLiveHandles(db);
    const kept: { free(): void }[] = [];
    const forgets = () => {
      kept.push(pool.acquire());
    };
    const leak = await assertNoLeak(forgets, { db, rounds: 4 }).catch((error: Error) => error);
    expect(String(leak)).toContain('iteratorLease');
    expect(String(leak)).toMatch(HERE);
    expect(() => assertNoLiveHandles(db)).toThrow('iteratorLease');
    for (const lease of kept) lease.free();
  });
});

describe('a bulk writer that is left', () => {
  it('is told by the database that is closed, with the entries that are lost', async () => {
    const texts = await warnings();
    const unreleased: HandleRecord[] = [];
    const db = await RocksDB.open('/db', {
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      createIfMissing: true,
      onUnreleased: (handles) => unreleased.push(...handles),
    });
    const writer = db.bulkWriter();
    for (let i = 0; i < 3; i++) writer.add([`k${i}`, 'v']);
    db.close();
    expect(unreleased.map(({ kind, id }) => [kind, id])).toEqual([['bulkWriter', writer.id]]);
    await turns(() => texts.length > 0);
    expect(texts).toEqual([
      `RocksDBWarning: bulkWriter #${writer.id}: 3 entries were dropped, not written: call close()`,
    ]);
  });
});
