/** Databases that native RocksDB has open: it locks LOCK with fcntl(), which Linux shows. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { copyDatabase, LockedError, LockHeldError, NodeFileSystem, RocksDB } from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeEngine, tempFolder } from '../support/open.js';
import { until } from '../support/until.js';
import { command, native, skipWithoutNative } from './programs.js';

beforeEach(skipWithoutNative);

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
const hex = (text: string) => Buffer.from(text).toString('hex');

/** Opens a database natively, and keeps it open while `work` runs. */
async function whileNative(
  folder: string,
  work: (driver: ChildProcess & { pid: number }) => Promise<void>,
): Promise<void> {
  const [program, ...args] = command('driver', ['write', folder]);
  const driver = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => driver.on('close', resolve));
  try {
    driver.stdin.write(`open\nput default ${hex('native')} ${hex('1')}\n`);
    await until(() => expect(fs.readFileSync('/proc/locks', 'utf8')).toContain(` ${driver.pid} `));
    await work(driver as ChildProcess & { pid: number });
  } finally {
    driver.stdin.destroy();
    driver.kill('SIGKILL');
    await ended;
  }
}

async function refusal(run: () => Promise<unknown>): Promise<LockedError> {
  const error = await run().then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(LockedError);
  return error;
}

describe('a database that native RocksDB has open', () => {
  it('is refused, with its process and program, and free when that was killed', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    const open = () => RocksDB.open(path, { engine, ...TEXT });
    (await RocksDB.open(path, { engine, createIfMissing: true, ...TEXT })).close();
    const before = Date.now();
    await whileNative(path, async (driver) => {
      const error = await refusal(open);
      expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
      expect(error.owner).toMatchObject({
        pid: driver.pid,
        since: undefined,
        thisProcess: false,
        sameEngine: false,
        native: true,
      });
      // It is run by its loader, so that is its program.
      expect(error.owner?.program).toMatch(/^ld-linux/);
      const { message } = error;
      expect(message).toContain(
        `${path}/LOCK is locked natively by process ${driver.pid} (ld-linux`,
      );
      const started = Date.parse(/since (\S+Z)/.exec(message)?.[1] ?? '');
      // The system counts from its start, in hundredths, and knows that start to the second.
      expect(Math.abs(started - before)).toBeLessThan(600_000);
      expect(fs.readdirSync(path).filter((name) => name.startsWith('LOCK.'))).toEqual([]);

      // Whatever else takes the lock of a closed database.
      expect(() =>
        copyDatabase(
          { fileSystem: new NodeFileSystem(), path },
          { fileSystem: new NodeFileSystem(), path: `${path}-copy` },
        ),
      ).toThrow(LockHeldError);
      await refusal(() => RocksDB.destroy(path, { engine }));
      expect(fs.existsSync(`${path}/CURRENT`)).toBe(true);

      // What takes no lock is not refused.
      const reader = await RocksDB.open(path, { engine, readOnly: true, ...TEXT });
      reader.close();
      const secondary = await RocksDB.openAsSecondary(path, `${path}-secondary`, {
        engine,
        ...TEXT,
      });
      secondary.tryCatchUpWithPrimary();
      expect(secondary.get('native')).toBe('1');
      secondary.close();
      await refusal(open);
      driver.kill('SIGKILL');
      await new Promise((resolve) => driver.once('exit', resolve));
      const db = await open();
      expect(db.get('native')).toBe('1');
      db.close();
    });
    expect(native.read(path)).toContain(`${hex('native')} ${hex('1')}`);
  });

  it('is refused though another process has looked at it meanwhile', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    (await RocksDB.open(path, { engine, createIfMissing: true })).close();
    await whileNative(path, async ({ pid }) => {
      for (let attempt = 0; attempt < 3; attempt++) {
        const { owner } = await refusal(() => RocksDB.open(path, { engine }));
        expect(owner?.pid).toBe(pid);
      }
      expect(() => native.ldb(path, 'put', 'a', 'b')).toThrow(/lock/i);
    });
  });

  it('says nothing of a native lock on another database', async () => {
    const folder = tempFolder();
    const engine = await makeEngine();
    for (const name of ['one', 'two']) {
      (await RocksDB.open(`${folder}/${name}`, { engine, createIfMissing: true })).close();
    }
    await whileNative(`${folder}/one`, async () => {
      (await RocksDB.open(`${folder}/two`, { engine })).close();
    });
    expect(process.platform).toBe('linux');
  });
});
