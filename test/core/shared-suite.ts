import {
  HandleBusyError,
  HandleFreedError,
  InvalidArgumentError,
  InvalidOptionError,
  ManualClock,
  type OpenOptions,
  RocksDB,
  type SharedOptions,
  TransactionDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { type Host, type MakeHost, TEXT } from './host.js';

const HERE = /shared-suite|database\.test/;
const MS = 1_000_000n;

type Text = OpenOptions<'utf8', 'utf8'> & SharedOptions;

/** Takes a lease on the database at `path`; with the host's file system. */
const sharing =
  (host: Host) =>
  async (path: string, options: Text = {}) =>
    RocksDB.shared(path, {
      ...(await host.engineOptions()),
      createIfMissing: true,
      ...TEXT,
      ...options,
    });

export function sharedSuite(makeHost: MakeHost): void {
  describe('a shared database', () => {
    counting(makeHost);
    opening(makeHost);
    differing(makeHost);
  });
}

function counting(makeHost: MakeHost): void {
  it('is one for all callers, and closed when the last lets go', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const one = await share(path);
    const two = await share(path);
    const { db } = one;
    expect(two.db).toBe(db);
    await db.put('k', 'v');
    await one.release();
    await one.release();
    await one.free();
    expect([one.freed, db.freed]).toEqual([true, false]);
    expect(await errorOf(() => one.db)).toBeInstanceOf(HandleFreedError);
    expect(await two.db.get('k')).toBe('v');
    await two.free();
    expect(db.freed).toBe(true);
    await using again = await share(path);
    expect(again.db).not.toBe(db);
    expect(await again.db.get('k')).toBe('v');
  });

  it('is not closed under others', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const one = await share(path);
    const two = await share(path);
    const error = await errorOf(() => one.db.close());
    expect([error.constructor, error.code]).toEqual([
      HandleBusyError,
      'ERR_ROCKSDB_DATABASE_SHARED',
    ]);
    expect(error.message).toContain(`databaseLease #${one.id}`);
    expect(error.message).toContain(`databaseLease #${two.id}`);
    expect(error.message).toMatch(HERE);
    await two.db.put('k', 'v');
    await one.release();
    await two.release();
  });

  it('has leases in its ledger, with their sites at any level', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    await using one = await share(path);
    const two = await share(path);
    const leases = one.db.heap.handles('databaseLease');
    expect(leases.map(({ id }) => id)).toEqual([one.id, two.id]);
    for (const { site, owner } of leases) {
      expect(site?.split('\n')[0]).toMatch(HERE);
      expect(owner).toBe(one.db.id);
    }
    await two.free();
    expect(one.db.heap.handles('databaseLease').map(({ id }) => id)).toEqual([one.id]);
    expect(await one.db.freeUnreleased()).toEqual([]);
    expect(one.freed).toBe(false);
  });

  it('stays open for a while after the last, if that is wanted', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const clock = new ManualClock();
    const one = await share(path, { clock, idleCloseMs: 100 });
    const { db } = one;
    await one.free();
    clock.advance(99n * MS);
    await db.heap.poll();
    expect(db.freed).toBe(false);
    const two = await share(path, { clock });
    expect(two.db).toBe(db);
    clock.advance(500n * MS);
    await db.heap.poll();
    await two.db.put('k', 'v');
    await two.free();
    clock.advance(100n * MS);
    await db.heap.poll();
    expect(db.freed).toBe(true);
    await using three = await share(path);
    expect(await three.db.get('k')).toBe('v');
  });

  it('is closed by a timer of the host, or by whoever closes it while nobody has it', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const one = await share(path, { idleCloseMs: 5 });
    const { db } = one;
    await one.free();
    for (let turn = 0; turn < 1000 && !db.freed; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(db.freed).toBe(true);
    const two = await share(path, { idleCloseMs: 60_000 });
    const open = two.db;
    await two.free();
    await open.close();
    await using three = await share(path, { idleCloseMs: 0 });
    expect(three.db).not.toBe(open);
  });

  it('goes with its engine, and with its crash nothing stays behind', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const one = await share(path, { onUnreleased: () => {} });
    const { db } = one;
    await db.engine.free();
    expect([one.freed, db.freed]).toEqual([true, true]);
    await one.release();
    const two = await share(path);
    await two.db.put('k', 'v');
    const crashed = two.db;
    expect(await errorOf(() => crash(crashed))).toBeDefined();
    expect(two.freed).toBe(true);
    await two.release();
    await using three = await share(path);
    expect(three.db).not.toBe(crashed);
  });
}

/** The engine of a database stops, as by a trap. */
function crash(db: { engine: unknown }): void {
  const { native } = db.engine as {
    native: { calls: { rdb_snapshot_sequence_number(pointer: number): unknown } };
  };
  native.calls.rdb_snapshot_sequence_number(0xfffffff0);
  throw new Error('it goes on');
}

function opening(makeHost: MakeHost): void {
  it('is opened once by callers that come together', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const leases = await Promise.all([share(path), share(path), share(path)]);
    expect(new Set(leases.map(({ db }) => db)).size).toBe(1);
    for (const lease of leases) await lease.free();
  });

  it('is not closed before all who wait for it have it', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const first = share(path).then((lease) => lease.free());
    const second = await share(path);
    await first;
    await second.db.put('k', 'v');
    await second.free();
  });

  it('is tried again after an opening that failed', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const missing = () => share(path, { createIfMissing: false });
    const errors = await Promise.all([errorOf(missing), errorOf(missing)]);
    expect(errors.map(({ code }) => code)).toEqual(Array(2).fill('ERR_ROCKSDB_DATABASE_MISSING'));
    await using lease = await share(path);
    await lease.db.put('k', 'v');
  });

  it('is known by any of its paths', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const name = path.slice(path.lastIndexOf('/') + 1);
    await using one = await share(path);
    await using two = await share(`${path}/../${name}/`);
    expect(two.db).toBe(one.db);
  });

  it('is another one on another engine or file system', async () => {
    const host = makeHost();
    const share = sharing(host);
    await using one = await share(host.path());
    await using other = await share(host.path());
    expect(one.db).not.toBe(other.db);
    const { engine } = one.db;
    const path = host.path();
    const third = await RocksDB.shared(path, { engine, createIfMissing: true });
    const fourth = await RocksDB.shared(path, { engine });
    const { db } = third;
    expect(fourth.db).toBe(db);
    expect(db.engine).toBe(engine);
    await third.free();
    await fourth.free();
    expect([db.freed, engine.freed]).toEqual([true, false]);
  });
}

function differing(makeHost: MakeHost): void {
  it('refuses options that are not those it was opened with, by name', async () => {
    const host = makeHost();
    const share = sharing(host);
    const path = host.path();
    const filterPolicy = { blockBasedTable: { blockSize: 8192 } };
    await using one = await share(path, { maxOpenFiles: 100, ...filterPolicy });
    const wrong: [Text, string][] = [
      [{ maxOpenFiles: 200 }, 'maxOpenFiles'],
      [{ writeBufferSize: 1 << 20 }, 'writeBufferSize'],
      [{ blockBasedTable: { blockSize: 4096 } }, 'blockBasedTable'],
      [{ keyEncoding: 'json' } as unknown as Text, 'keyEncoding'],
      [{ valueEncoding: undefined } as unknown as Text, 'valueEncoding'],
      [{ idleCloseMs: 10 }, 'idleCloseMs'],
      [{ idleCloseMs: -1 }, 'idleCloseMs'],
      [{ onUnreleased: () => {} }, 'onUnreleased'],
      [{ readOnly: true }, 'readOnly'],
    ];
    for (const [options, option] of wrong) {
      const error = await errorOf(() => share(path, options));
      expect([error.constructor, (error as InvalidOptionError).option]).toEqual([
        InvalidOptionError,
        option,
      ]);
    }
    const error = await errorOf(() => share(path, { maxOpenFiles: 200 }));
    expect(error.message).toContain(`${path} is shared and was opened with 100, not with 200`);
    // The same, and less.
    for (const options of [{ maxOpenFiles: 100, ...filterPolicy }, { createIfMissing: false }]) {
      await (await share(path, options)).free();
    }
    expect(one.db.heap.handles('databaseLease').length).toBe(1);
    const type = await errorOf(async () =>
      TransactionDB.shared(path, { ...(await host.engineOptions()), ...TEXT }),
    );
    expect(type).toBeInstanceOf(InvalidArgumentError);
    expect(type.message).toContain('shared as a RocksDB, not as a TransactionDB');
  });

  it('can be one of transactions', async () => {
    const host = makeHost();
    const path = host.path();
    const options = { ...(await host.engineOptions()), createIfMissing: true };
    await using one = await TransactionDB.shared(path, options);
    await using two = await TransactionDB.shared(path, options);
    expect(two.db).toBe(one.db);
    const transaction = await two.db.beginTransaction();
    await transaction.put('k', 'v');
    await transaction.commit();
    await transaction.free();
    expect(await one.db.has('k')).toBe(true);
  });

  it('is what the error of a second open says', async () => {
    const host = makeHost();
    const path = host.path();
    await using one = await sharing(host)(path);
    await one.db.put('k', 'v');
    const error = await errorOf(() => host.open(path));
    expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
    expect(error.message).toContain('share the open database, with RocksDB.shared');
  });
}
