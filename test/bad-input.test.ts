import * as fs from 'node:fs';
import {
  DBWithTTL,
  type Engine,
  MAX_VALUE_BYTES,
  MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  type RocksDBError,
} from 'rocksdb-wasm';
import { FaultFileSystem, type FaultFunction } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import {
  errorOf,
  ledgerIsClean,
  makeEngine,
  openAt,
  openTemp,
  tempFolder,
} from './support/open.js';

/**
 * The error of `run`, which must leave the engine's heap, handles and files as they were. It runs
 * twice before: what RocksDB builds once and keeps is not a leak.
 */
async function failsCleanly(engine: Engine, run: () => unknown): Promise<RocksDBError> {
  await errorOf(run);
  await errorOf(run);
  engine.pump();
  const before = engine.heap.report();
  const error = await errorOf(run);
  engine.pump();
  const after = engine.heap.report();
  expect(after.owners).toEqual(before.owners);
  expect(after.handles.map(({ id }) => id)).toEqual(before.handles.map(({ id }) => id));
  expect(after.openFiles).toEqual(before.openFiles);
  return error;
}

async function faultyEngine(): Promise<{ engine: Engine; fileSystem: FaultFileSystem }> {
  const fileSystem = new FaultFileSystem(new MemoryFileSystem());
  return { engine: await makeEngine({ fileSystem }), fileSystem };
}

const BY_ERRNO: Readonly<Record<string, string>> = {
  EACCES: 'ERR_ROCKSDB_ACCESS_DENIED',
  ENOSPC: 'ERR_ROCKSDB_NO_SPACE',
  EROFS: 'ERR_ROCKSDB_READ_ONLY_FILE_SYSTEM',
  EMFILE: 'ERR_ROCKSDB_TOO_MANY_OPEN_FILES',
  EIO: 'ERR_ROCKSDB_IO_ERROR',
};

describe('opening what cannot be opened', () => {
  it('refuses a missing database without createIfMissing, and creates nothing', async () => {
    const engine = await makeEngine();
    const folder = `${tempFolder()}/missing`;
    const error = await failsCleanly(engine, () => RocksDB.open(folder, { engine }));
    expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
    expect(error.message).toContain(folder);
    expect(error.message).toContain('createIfMissing');
    expect(fs.existsSync(folder)).toBe(false);
  });

  it('refuses an existing database with errorIfExists', async () => {
    const engine = await makeEngine();
    const path = `${tempFolder()}/db`;
    (await RocksDB.open(path, { engine, createIfMissing: true })).close();
    const error = await failsCleanly(engine, () =>
      RocksDB.open(path, { engine, errorIfExists: true }),
    );
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
  });

  it('refuses a file in place of the folder', async () => {
    const engine = await makeEngine();
    const path = `${tempFolder()}/file`;
    fs.writeFileSync(path, 'not a folder');
    const error = await failsCleanly(engine, () =>
      RocksDB.open(path, { engine, createIfMissing: true }),
    );
    expect(error.code).toBe('ERR_ROCKSDB_NOT_A_DIRECTORY');
    expect(error.errno).toBe('ENOTDIR');
    expect(fs.readFileSync(path, 'utf8')).toBe('not a folder');
  });

  it.each(['', 7, null, undefined, 'a\0b'])('refuses the path %j', async (path) => {
    const error = await errorOf(() => RocksDB.open(path as string, { createIfMissing: true }));
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(error.message).toContain('path');
  });

  it('refuses unknown, malformed and misplaced options before it touches the disk', async () => {
    const folder = `${tempFolder()}/db`;
    const wrong: [unknown, string][] = [
      [{ writeBuferSize: 1 }, 'writeBufferSize'],
      [{ write_buffer_size: 1 }, 'writeBufferSize'],
      [{ writeBufferSize: '64MB' }, 'writeBufferSize'],
      [{ writeBufferSize: 2 ** 32 }, '4294967295'],
      [{ createIfMissing: 1 }, 'createIfMissing'],
      [{ columnFamilies: { users: { maxOpenFiles: 3 } } }, 'maxOpenFiles'],
      [{ columnFamilies: { default: {} } }, 'default'],
      [{ keyEncoding: 'utf-8' }, 'keyEncoding'],
      [{ background: 'later' }, 'background'],
      [{ tracking: true }, 'tracking'],
      [{ maxHeapBytes: -1 }, 'maxHeapBytes'],
      [null, 'options'],
    ];
    for (const [options, name] of wrong) {
      const error = await errorOf(() => RocksDB.open(folder, options as OpenOptions));
      expect(error.code, name).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(error.message).toContain(name);
    }
    expect(fs.existsSync(folder)).toBe(false);
  });

  it('refuses a second opener in this process, and names the holder', async () => {
    const path = `${tempFolder()}/db`;
    const db = await openAt(path, { createIfMissing: true });
    await db.put('k', 'v');
    const engine = await makeEngine();
    const error = await failsCleanly(engine, () => RocksDB.open(path, { engine }));
    expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
    expect(error).toMatchObject({ owner: { pid: process.pid, thisProcess: true } });
    expect(await db.get('k')).toEqual(new TextEncoder().encode('v'));
    await db.close();
    (await RocksDB.open(path, { engine })).close();
  });

  it('refuses column families that are not there, naming one', async () => {
    const engine = await makeEngine();
    const path = `${tempFolder()}/db`;
    (await RocksDB.open(path, { engine, createIfMissing: true })).close();
    const error = await failsCleanly(engine, () =>
      RocksDB.open(path, { engine, columnFamilies: { users: {} } }),
    );
    expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(error.message).toContain('users');
  });
});

describe('errors of the file system', () => {
  for (const [errno, code] of Object.entries(BY_ERRNO)) {
    it(`${errno} while creating a database is ${code}`, async () => {
      const { engine, fileSystem } = await faultyEngine();
      let n = 0;
      fileSystem.fault = (operation, path) =>
        operation === 'create' && path.includes('MANIFEST') ? errno : undefined;
      const error = await failsCleanly(engine, () =>
        RocksDB.open(`/db${n++}`, { engine, createIfMissing: true }),
      );
      expect(error.code).toBe(code);
      expect(error.errno).toBe(errno);
      expect(error.cause).toMatchObject({ code: errno });
    });

    it(`${errno} on reading a file is ${code}, and the next read succeeds`, async () => {
      const { engine, fileSystem } = await faultyEngine();
      const db = await openTemp({ engine, blockBasedTable: { noBlockCache: true } });
      await db.put('k', 'v');
      await db.flush();
      const fault: FaultFunction = (operation, path) =>
        operation === 'read' && path.endsWith('.sst') ? errno : undefined;
      const error = await failsCleanly(engine, async () => {
        fileSystem.fault = fault;
        try {
          await db.get('k');
        } finally {
          fileSystem.fault = undefined;
        }
      });
      expect(error.code).toBe(code);
      expect(await db.has('k')).toBe(true);
    });

    it(`${errno} on writing the log is ${code}; reopening loses nothing acknowledged`, async () => {
      const { engine, fileSystem } = await faultyEngine();
      const db = await openTemp({ engine });
      await db.put('before', '1', { sync: true });
      fileSystem.fault = (operation, path) =>
        operation === 'write' && path.endsWith('.log') ? errno : undefined;
      const error = await errorOf(() => db.put('during', '2'));
      expect(error.code).toBe(code);
      expect(error.errno).toBe(errno);
      fileSystem.fault = undefined;
      try {
        await db.close(); // RocksDB may report once more that the log could not be written
      } catch (again) {
        expect((again as RocksDBError).code).toBe('ERR_ROCKSDB_IO_ERROR');
      }
      const again = await openAt('/db', { engine });
      expect(await again.has('before')).toBe(true);
      await again.put('after', '3', { sync: true });
      expect(await again.has('after')).toBe(true);
    });

    it(`${errno} during a flush is ${code}, and resume() goes on once it is gone`, async () => {
      const { engine, fileSystem } = await faultyEngine();
      const db = await openTemp({ engine });
      await db.put('k', 'v');
      fileSystem.fault = (operation, path) =>
        (operation === 'write' || operation === 'create') && path.endsWith('.sst')
          ? errno
          : undefined;
      const error = await errorOf(() => db.flush());
      expect(error.code).toBe(code);
      fileSystem.fault = undefined;
      await db.close();
      const again = await openAt('/db', { engine });
      await again.flush();
      expect(await again.has('k')).toBe(true);
    });
  }

  it('a path outside the folders of the database is refused', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine });
    const error = await failsCleanly(engine, () =>
      db.createColumnFamily('elsewhere', {
        cfPaths: [{ path: '/outside', targetSize: 1 }],
      } as never),
    );
    expect(error.code).toMatch(/ERR_ROCKSDB_(INVALID_OPTION|OUTSIDE_DATABASE)/);
  });

  it('undoes a column family whose options cannot be written', async () => {
    const { engine, fileSystem } = await faultyEngine();
    const db = await openTemp({ engine });
    const error = await failsCleanly(engine, () => {
      fileSystem.fault = (operation, path) =>
        operation === 'rename' && path.includes('OPTIONS') ? 'EIO' : undefined;
      try {
        db.createColumnFamily('users');
      } finally {
        fileSystem.fault = undefined;
      }
    });
    expect(error.code).toBe('ERR_ROCKSDB_IO_ERROR');
    expect(db.columnFamilyNames).toEqual(['default']);
    const users = db.createColumnFamily('users');
    db.put('k', 'v', { columnFamily: users });
    users.free();
    db.close();
    expect(await RocksDB.listColumnFamilies(db.path, { engine })).toEqual(['default', 'users']);
  });
});

describe('options that a database was made with', () => {
  it('need not be given again: without its merge operator a log would end at the first merge', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const text = { keyEncoding: 'utf8', valueEncoding: 'utf8', engine } as const;
    const made = { ...text, createIfMissing: true, mergeOperator: 'stringappend' } as const;
    const db = await RocksDB.open('/db', { ...made, blockBasedTable: { blockSize: 8192 } });
    await db.merge('k', 'a');
    await db.merge('k', 'b');
    await db.put('later', 'x');
    await db.close();
    const again = await RocksDB.open('/db', text);
    expect(await again.get('k')).toBe('a,b');
    expect(await again.get('later')).toBe('x');
    expect((await again.getOptions()).blockBasedTable?.blockSize).toBe(8192);
    await again.close();
    const other = await RocksDB.open('/db', { ...text, blockBasedTable: { blockSize: 16384 } });
    expect((await other.getOptions()).blockBasedTable?.blockSize).toBe(16384);
    expect(await other.get('k')).toBe('a,b');
    await other.close();
  });
});

describe('damaged files', () => {
  async function damaged(damage: (folder: string) => void): Promise<string> {
    const path = `${tempFolder()}/db`;
    const db = await openAt(path, { createIfMissing: true });
    for (let i = 0; i < 1000; i++) await db.put(`key${i}`, 'x'.repeat(100));
    await db.flush();
    for (let i = 0; i < 1000; i++) await db.put(`log${i}`, 'y'.repeat(100));
    await db.close();
    damage(path);
    return path;
  }
  const find = (folder: string, pattern: RegExp) => {
    const name = fs
      .readdirSync(folder)
      .filter((file) => pattern.test(file))
      .sort()
      .at(-1);
    if (name === undefined) throw new Error(`no ${pattern} in ${folder}`);
    return `${folder}/${name}`;
  };
  const flip = (file: string, from: number, to: number) => {
    const bytes = fs.readFileSync(file);
    for (let i = from; i < Math.min(to, bytes.length); i++) bytes[i] = (bytes[i] as number) ^ 0xff;
    fs.writeFileSync(file, bytes);
  };

  it('a truncated CURRENT is Corruption', async () => {
    const path = await damaged((folder) => fs.writeFileSync(`${folder}/CURRENT`, 'MANIF'));
    const engine = await makeEngine();
    const error = await failsCleanly(engine, () => RocksDB.open(path, { engine }));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
  });

  it('a corrupted MANIFEST is Corruption, and repair() brings the data back', async () => {
    const path = await damaged((folder) => flip(find(folder, /^MANIFEST/), 20, 60));
    const engine = await makeEngine();
    const error = await failsCleanly(engine, () => RocksDB.open(path, { engine }));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    await RocksDB.repair(path, { engine });
    const db = await openAt(path, { engine });
    expect(await db.has('key999')).toBe(true);
    expect(await db.has('log999')).toBe(true);
  });

  it('repair() has the stored merge operators: what a log has of merges is not left out', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    const one = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    const made = await openAt(path, { engine, createIfMissing: true });
    const counters = made.createColumnFamily('counters', { mergeOperator: 'uint64add' });
    made.merge('count', one, { columnFamily: counters });
    made.flush();
    made.merge('count', one, { columnFamily: counters });
    made.close();
    fs.rmSync(`${path}/CURRENT`);
    await RocksDB.repair(path, { engine });
    const db = await openAt(path, { engine });
    const columnFamily = db.columnFamily('counters');
    expect(db.get('count', { columnFamily })?.[0]).toBe(2);
  });

  it('repair() leaves the times of a DBWithTTL where they are, and does without an OPTIONS file', async () => {
    const path = `${tempFolder()}/db`;
    const engine = await makeEngine();
    const made = await DBWithTTL.open(path, { engine, createIfMissing: true, timeToLive: 3600 });
    made.put('flushed', '1');
    made.flush();
    made.put('logged', '2');
    made.close();
    const read = async () => {
      const db = await DBWithTTL.open(path, { engine, valueEncoding: 'utf8' });
      const values = db.getMany(['flushed', 'logged']);
      db.close();
      return values;
    };
    fs.rmSync(`${path}/CURRENT`);
    await RocksDB.repair(path, { engine });
    expect(await read()).toEqual(['1', '2']);
    for (const name of fs.readdirSync(path)) {
      if (/^(CURRENT|OPTIONS)/.test(name)) fs.rmSync(`${path}/${name}`);
    }
    await RocksDB.repair(path, { engine });
    expect(await read()).toEqual(['1', '2']);
  });

  it('a corrupted SST is Corruption at the read that meets it', async () => {
    const path = await damaged((folder) => flip(find(folder, /\.sst$/), 0, 2000));
    const engine = await makeEngine();
    const db = await openAt(path, { engine });
    const error = await failsCleanly(engine, () => db.get('key0'));
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    const iterator = await db.iterator();
    const scan = await errorOf(() => [...iterator]);
    expect(scan.code).toBe('ERR_ROCKSDB_CORRUPTION');
    iterator.free();
  });

  it('a corrupted log is Corruption where the recovery mode insists', async () => {
    const path = await damaged((folder) => flip(find(folder, /\.log$/), 3000, 3100));
    const engine = await makeEngine();
    const error = await failsCleanly(engine, () =>
      RocksDB.open(path, { engine, walRecoveryMode: 'absoluteConsistency' }),
    );
    expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
    const db = await openAt(path, { engine });
    expect(await db.has('key999')).toBe(true);
    expect(await db.has('log0')).toBe(true);
    expect(await db.has('log999')).toBe(false);
  });
});

describe('wrong arguments', () => {
  it('keys and values of other types are refused by every call', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, mergeOperator: 'stringappend' });
    const batch = await db.batch();
    const iterator = await db.iterator();
    for (const bad of [
      1,
      null,
      undefined,
      {},
      ['a'],
      Symbol('s'),
      1n,
      new ArrayBuffer(2),
    ] as never[]) {
      const calls: (() => unknown)[] = [
        () => db.put(bad, 'v'),
        () => db.put('k', bad),
        () => db.get(bad),
        () => db.getMany(['ok', bad]),
        () => db.has(bad),
        () => db.delete(bad),
        () => db.singleDelete(bad),
        () => db.deleteRange('a', bad),
        () => db.deleteRange(bad, 'b'),
        () => db.merge('k', bad),
        () => batch.put(bad, 'v'),
        () => batch.put('k', bad),
        () => batch.delete(bad),
        () => iterator.seek(bad),
      ];
      for (const call of calls) {
        const error = await failsCleanly(engine, call);
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
        expect(error.message).toMatch(/key|value|operand/);
      }
    }
    expect(await batch.count).toBe(0);
    batch.free();
    iterator.free();
    expect(await db.get('k')).toBeUndefined();
  });

  it('options that are no objects, and column families without a name, are refused', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine });
    const batch = db.batch();
    for (const bad of [5, null, 'sync', true] as never[]) {
      for (const call of [
        () => db.put('k', 'v', bad),
        () => db.get('k', bad),
        () => db.delete('k', bad),
        () => db.iterator(bad),
        () => batch.put('k', 'v', bad),
        () => batch.delete('k', bad),
      ]) {
        const error = await failsCleanly(engine, call);
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
    }
    for (const name of ['', 7, null, undefined] as never[]) {
      const error = await failsCleanly(engine, () => db.createColumnFamily(name));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    for (const snapshot of [null, {}, 5] as never[]) {
      const error = await failsCleanly(engine, () => db.iterator({ snapshot }));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    expect(batch.count).toBe(0);
    batch.free();
  });

  it('a value above the maximum is refused before anything is allocated', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await openTemp({ engine, mergeOperator: 'stringappend' });
    const huge = new Uint8Array(MAX_VALUE_BYTES + 1);
    const linear = engine.heap.linearMemoryBytes;
    const batch = await db.batch();
    for (const call of [
      () => db.put('k', huge),
      () => batch.put('k', huge),
      () => db.merge('k', huge),
      () => db.put(huge, 'v'),
    ]) {
      const error = await failsCleanly(engine, call);
      expect(error.code).toBe('ERR_ROCKSDB_TOO_LARGE');
      expect(error.message).toContain(String(huge.length));
    }
    expect(batch.count).toBe(0);
    expect(engine.heap.linearMemoryBytes).toBe(linear);
    batch.free();
  });

  it('handles of another database are refused', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const one = await RocksDB.open('/one', { engine, createIfMissing: true });
    const two = await RocksDB.open('/two', { engine, createIfMissing: true });
    const snapshot = two.snapshot();
    const batch = two.batch().put('k', 'v');
    const family = two.createColumnFamily('users');
    for (const call of [
      () => one.get('k', { snapshot }),
      () => one.iterator({ snapshot }),
      () => one.write(batch),
      () => one.put('k', 'v', { columnFamily: family }),
      () => one.iterator({ columnFamily: family }),
      () => one.dropColumnFamily(family),
      () => one.flush({ columnFamily: family }),
    ]) {
      const error = await failsCleanly(engine, call);
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(error.message).toContain('another database');
    }
    snapshot.free();
    batch.free();
    one.close();
    two.close();
    ledgerIsClean(engine);
  });
});

describe('handles that are gone', () => {
  it('an iterator used after its database was closed throws HandleFreedError', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await RocksDB.open('/db', {
      engine,
      createIfMissing: true,
      onUnreleased: () => {},
    });
    await db.put('k', 'v');
    const iterator = db.iterator();
    const snapshot = db.snapshot();
    expect(db.close().map(({ kind }) => kind)).toEqual(['iterator', 'snapshot']);
    for (const call of [
      () => iterator.next(),
      () => iterator.seek('k'),
      () => iterator.refresh(),
      () => [...iterator],
      () => db.get('k'),
      () => db.put('k', 'v'),
      () => db.snapshot(),
      () => db.iterator({ snapshot }),
    ]) {
      expect((await failsCleanly(engine, call)).code).toBe('ERR_ROCKSDB_HANDLE_FREED');
    }
    iterator.free();
    snapshot.free();
    expect(db.close()).toEqual([]);
    ledgerIsClean(engine);
  });

  it('free() may be called again on every kind of handle', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const db = await RocksDB.open('/db', { engine, createIfMissing: true });
    const handles = [db.iterator(), db.snapshot(), db.batch(), db.createColumnFamily('users'), db];
    for (const handle of handles) {
      handle.free();
      const { inUseBytes } = engine.heap;
      handle.free();
      handle[Symbol.dispose]();
      expect(handle.freed).toBe(true);
      expect(engine.heap.inUseBytes).toBe(inUseBytes);
    }
    ledgerIsClean(engine);
    engine.free();
    engine.free();
  });
});

describe('maxHeapBytes', () => {
  it('refuses writes at the boundary, does nothing half, and goes on after a flush', async () => {
    const engine = await makeEngine({
      fileSystem: new MemoryFileSystem(),
      maxHeapBytes: 8 * 1024 * 1024,
    });
    const db = await openTemp({ engine, keyEncoding: 'utf8', valueEncoding: 'utf8' });
    const value = 'v'.repeat(10_000);
    let written = 0;
    const error = await errorOf(async () => {
      for (; written < 10_000; written++) await db.put(`key${written}`, value);
    });
    expect(error.code).toBe('ERR_ROCKSDB_HEAP_LIMIT');
    expect(error.message).toContain('maxHeapBytes');
    expect(written).toBeGreaterThan(100);
    expect(engine.heap.inUseBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(await db.get(`key${written - 1}`)).toBe(value);
    expect(await db.get(`key${written}`)).toBeUndefined();
    const batch = await db.batch();
    const refused = await errorOf(() => {
      for (let i = 0; i < 1000; i++) batch.put(`batch${i}`, value);
      db.write(batch);
    });
    expect(refused.code).toBe('ERR_ROCKSDB_HEAP_LIMIT');
    batch.free();
    expect(await db.get('batch0')).toBeUndefined();
    await db.flush();
    await db.put('after', 'flush');
    expect(await db.get('after')).toBe('flush');
  });
});
