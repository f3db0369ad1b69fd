/** Who else has a database open: engines, threads and copies of the package within one process. */
import * as fs from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LockedError, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeEngine, openAt, tempFolder } from './support/open.js';
import { copyPackage, loadCopy } from './support/package-copy.js';

async function refusal(open: () => Promise<RocksDB>): Promise<LockedError> {
  try {
    (await open()).close();
  } catch (error) {
    if (error instanceof LockedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a database that this process has open', () => {
  for (const where of ['on disk', 'in memory']) {
    it(`is refused with the engine that has it, ${where}`, async () => {
      const onDisk = where === 'on disk';
      const before = Date.now();
      const fileSystem = onDisk ? undefined : new MemoryFileSystem();
      const options = fileSystem === undefined ? {} : { fileSystem };
      const path = onDisk ? `${tempFolder()}/db` : '/db';
      const engine = await makeEngine(options);
      const other = await makeEngine(options);
      const db = await RocksDB.open(path, { engine, createIfMissing: true });
      for (const [asked, sameEngine, remedy] of [
        [engine, true, ', by this engine: use the database that is open, or close it first'],
        [other, false, ', by another engine: share the open database, with RocksDB.shared'],
      ] as const) {
        const error = await refusal(() => RocksDB.open(path, { engine: asked }));
        expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
        const { owner, message } = error;
        const pid = onDisk ? process.pid : undefined;
        expect(owner).toMatchObject({ pid, thisProcess: true, sameEngine, native: false });
        expect(message.startsWith(`${path}/LOCK is held by this process since `)).toBe(true);
        expect(message.endsWith(remedy)).toBe(true);
        if (onDisk) {
          expect(Number(owner?.since)).toBeGreaterThanOrEqual(before);
          expect(Number(owner?.since)).toBeLessThanOrEqual(Date.now());
        }
      }
      db.close();
      (await RocksDB.open(path, { engine: other })).close();
    });
  }

  it('is known to be the same by any path', async () => {
    const folder = tempFolder();
    const engine = await makeEngine();
    const db = await RocksDB.open(`${folder}/db`, { engine, createIfMissing: true });
    fs.symlinkSync(folder, `${folder}/again`);
    const error = await refusal(() => RocksDB.open(`${folder}/again/db`, { engine }));
    expect(error.owner).toMatchObject({ thisProcess: true, sameEngine: true });
    db.close();
  });

  it('is refused to another copy of the package', async () => {
    const folder = tempFolder();
    const { RocksDB: Copy } = await loadCopy(`${folder}/copy`);
    const path = `${folder}/db`;
    const db = await openAt(path, { createIfMissing: true });
    const error: Partial<LockedError> = await Copy.open(path, {}).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_ROCKSDB_LOCKED',
      owner: { pid: process.pid, thisProcess: true, sameEngine: false },
    });
    db.close();
    const copied = await Copy.open(path, {});
    const back = await refusal(() => openAt(path));
    expect(back.owner).toMatchObject({ pid: process.pid, thisProcess: true, sameEngine: false });
    copied.close();
    (await openAt(path)).close();
  });
});

describe('a database that another thread has open', () => {
  const SCRIPT = (entry: string) => `
    import { parentPort, workerData } from 'node:worker_threads';
    import { RocksDB } from ${JSON.stringify(entry)};
    const opened = RocksDB.open(workerData, { createIfMissing: true });
    globalThis.kept = opened;
    opened.then(
      (db) => { db.put('k', 'v', { sync: true }); parentPort.postMessage('open'); },
      (error) => parentPort.postMessage(error.code + ' ' + error.owner?.thisProcess + ' ' + error.message),
    );
    parentPort.on('message', async () => { (await opened).close(); parentPort.postMessage('closed'); });
  `;

  async function withWorker(
    run: (path: string, start: () => Promise<[Worker, string]>) => Promise<void>,
  ): Promise<void> {
    const folder = tempFolder();
    fs.writeFileSync(`${folder}/worker.mjs`, SCRIPT(copyPackage(`${folder}/copy`)));
    const workers: Worker[] = [];
    try {
      await run(`${folder}/db`, async () => {
        const url = pathToFileURL(`${folder}/worker.mjs`);
        const worker = new Worker(url, { workerData: `${folder}/db` });
        workers.push(worker);
        return [worker, await said(worker)];
      });
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  }

  const said = (worker: Worker) =>
    new Promise<string>((resolve, reject) => {
      worker.once('message', (text) => resolve(String(text)));
      worker.once('error', reject);
    });

  it('is refused, both ways, until it is closed', () =>
    withWorker(async (path, start) => {
      const [worker, first] = await start();
      expect(first).toBe('open');
      const error = await refusal(() => openAt(path));
      expect(error.owner).toMatchObject({ pid: process.pid, thisProcess: false, native: false });
      expect(error.message.includes('this process: another thread')).toBe(true);
      const [, second] = await start();
      expect(second.startsWith('ERR_ROCKSDB_LOCKED false ')).toBe(true);
      expect(second.includes('this process: another thread')).toBe(true);
      worker.postMessage('close');
      expect(await said(worker)).toBe('closed');
      const db = await openAt(path);
      const [, third] = await start();
      expect(third.startsWith('ERR_ROCKSDB_LOCKED false ')).toBe(true);
      db.close();
    }));

  it.skipIf(process.platform !== 'linux')(
    'is free once that thread has ended (only Linux tells of threads)',
    () =>
      withWorker(async (path, start) => {
        const [worker, first] = await start();
        expect(first).toBe('open');
        const { owner } = await refusal(() => openAt(path));
        expect(owner?.pid).toBe(process.pid);
        await worker.terminate();
        const db = await openWithin(path);
        expect(new TextDecoder().decode(db.get('k'))).toBe('v');
        db.close();
      }),
  );

  /** terminate() may resolve before the system thread is gone. */
  async function openWithin(path: string): Promise<RocksDB> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await openAt(path);
      } catch (error) {
        if (!(error instanceof LockedError) || attempt === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
});

describe('a refused call', () => {
  it('leaves the folder as it was: the log of who has it open, too', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    const db = await openAt(path, { createIfMissing: true });
    db.put('k', 'v');
    const before = fs.readdirSync(path);
    await refusal(() => RocksDB.open(path, { engine }));
    for (const call of [RocksDB.destroy, RocksDB.repair]) {
      const error = await call(path, { engine }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LockedError);
    }
    expect(fs.readdirSync(path)).toEqual(before);
    db.close();
    await RocksDB.repair(path, { engine });
    await RocksDB.destroy(path, { engine });
    expect(fs.existsSync(`${path}/CURRENT`)).toBe(false);
  });

  it('is refused before what the holder may change is read', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    (await RocksDB.open(path, { engine, createIfMissing: true })).close();
    // Copies and backups come without it.
    fs.rmSync(`${path}/LOCK`);
    const db = await openAt(path);
    // As it is for a moment when its holder begins another MANIFEST.
    const manifest = fs.readdirSync(path).find((name) => name.startsWith('MANIFEST')) ?? '';
    fs.renameSync(`${path}/${manifest}`, `${path}/aside`);
    await refusal(() => RocksDB.open(path, { engine }));
    fs.rmSync(`${path}/LOCK`);
    await refusal(() => RocksDB.open(path, { engine }));
    fs.renameSync(`${path}/aside`, `${path}/${manifest}`);
    db.close();
    (await RocksDB.open(path, { engine })).close();
  });

  it('is one also where the folder or LOCK is not there yet', async () => {
    const path = `${tempFolder()}/db`;
    const db = await openAt(path, { createIfMissing: true });
    fs.rmSync(`${path}/LOCK`);
    await refusal(() => openAt(path));
    db.close();
    (await openAt(path)).close();
    expect(fs.readdirSync(path).filter((name) => name.startsWith('LOCK'))).toEqual(['LOCK']);
  });

  it('is not one where others create the folder at the same time', async () => {
    const fileSystem = new MemoryFileSystem();
    const create = fileSystem.createDirectory.bind(fileSystem);
    const made: string[] = [];
    fileSystem.createDirectory = (path) => {
      made.push(path);
      // Another process is quicker.
      create(path);
      create(path);
    };
    const engine = await makeEngine({ fileSystem });
    const db = await RocksDB.open('/data/db', {
      engine,
      createIfMissing: true,
      walDir: '/data/wal',
    });
    db.put('k', 'v');
    db.close();
    expect(new Set(made)).toEqual(new Set(['/data', '/data/db', '/data/wal']));
    (await RocksDB.open('/data/db', { engine, walDir: '/data/wal' })).close();
  });

  it('gives the lock back when the open fails for another reason', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    (await RocksDB.open(path, { engine, createIfMissing: true })).close();
    const current = fs.readFileSync(`${path}/CURRENT`);
    const before = fs.readdirSync(path).filter((name) => name.startsWith('LOCK'));
    await expect(RocksDB.open(path, { engine, errorIfExists: true })).rejects.toThrow();
    fs.writeFileSync(`${path}/CURRENT`, 'nonsense');
    await expect(RocksDB.open(path, { engine })).rejects.toThrow();
    expect(fs.readdirSync(path).filter((name) => name.startsWith('LOCK'))).toEqual(before);
    fs.writeFileSync(`${path}/CURRENT`, current);
    (await openAt(path)).close();
  });
});

describe('the LOCK file', () => {
  it('is made once and never opened again: to close it would free native locks on it', async () => {
    const fileSystem = new MemoryFileSystem();
    const opened: string[] = [];
    const open = fileSystem.open.bind(fileSystem);
    fileSystem.open = (path, flags) => {
      const handle = open(path, flags);
      if (path.endsWith('/LOCK')) opened.push(`exclusive ${flags.exclusive}`);
      return handle;
    };
    const engine = await makeEngine({ fileSystem });
    (await RocksDB.open('/db', { engine, createIfMissing: true })).close();
    expect(opened).toEqual(['exclusive true']);
    const db = await RocksDB.open('/db', { engine });
    await refusal(() => RocksDB.open('/db', { engine }));
    db.close();
    expect(opened).toEqual(['exclusive true']);
  });
});
