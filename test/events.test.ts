import {
  type BackgroundErrorInfo,
  BackupEngine,
  CallbackError,
  type Engine,
  type EventListener,
  MemoryFileSystem,
  NodeFileSystem,
  type OpenOptions,
  RocksDB,
  RocksDBError,
  stderrLogger,
} from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { type Delivery, EventQueue, MAX_PENDING_EVENTS } from '../src/native/event-queue.js';
import { recorder } from './core/events-suite.js';
import { TEXT } from './core/host.js';
import {
  errorOf,
  ledgerIsClean,
  makeEngine,
  openAt,
  openTemp,
  tempFolder,
  wasmModule,
} from './support/open.js';

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** A database with these listeners, for each file system. */
function each(name: string, run: (open: OpenTemp) => Promise<void>): void {
  it.each([['on disk'], ['in memory']])(`${name}, %s`, async (where) => {
    const fileSystem = where === 'on disk' ? new NodeFileSystem() : new MemoryFileSystem();
    await run((options) => openTemp({ ...TEXT, fileSystem, ...options }));
  });
}
type OpenTemp = (
  options: OpenOptions<'utf8', 'utf8'>,
) => ReturnType<typeof openTemp<'utf8', 'utf8'>>;

describe('a listener', () => {
  each('may use the database, before the call that it is told of returns', async (open) => {
    let db: RocksDB<'utf8', 'utf8'>;
    const listener: EventListener = {
      onFlushCompleted({ flushReason, tableProperties }) {
        db.put(`seen ${flushReason}`, String(tableProperties.numEntries));
        expect(db.get('k')).toBe('v');
        // The events of this one come after it, in the same call.
        if (db.get('again') === undefined) {
          db.put('again', 'yes');
          db.flush();
          db.put('not yet', String(db.get('order')));
        } else db.put('order', 'second');
      },
    };
    db = await open({ listeners: [listener] });
    db.put('k', 'v');
    db.flush();
    expect(db.get('seen manualFlush')).toBe('2'); // of the second flush
    expect(db.get('not yet')).toBe('undefined');
    expect(db.get('order')).toBe('second');
  });

  each('that throws ends the call with its error; the others are told still', async (open) => {
    const told: string[] = [];
    const cause = new Error('of the first');
    const db = await open({
      listeners: [
        {
          onFlushBegin: () => {
            throw cause;
          },
        },
        {
          onFlushBegin: () => void told.push('begin'),
          onFlushCompleted: () => {
            told.push('completed');
            throw new Error('a later one');
          },
        },
      ],
    });
    db.put('k', 'v');
    const error = await errorOf(() => db.flush());
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.code).toBe('ERR_ROCKSDB_CALLBACK');
    expect(error.cause).toBe(cause);
    expect(told).toEqual(['begin', 'completed']);
    // The flush was done, and nothing is left over for the next call.
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('1');
    db.put('k', 'w');
    expect(db.get('k')).toBe('w');
    expect(() => db.heap.verify()).not.toThrow();
  });

  each('is told of what closing does, when the database is closed', async (open) => {
    const told: string[] = [];
    let db: RocksDB<'utf8', 'utf8'>;
    const listener: EventListener = {
      onFlushCompleted({ flushReason }) {
        told.push(flushReason);
        expect(() => db.get('k')).toThrow(/was freed/);
        throw new Error('at the end');
      },
    };
    db = await open({ listeners: [listener] });
    db.put('k', 'v', { disableWAL: true });
    const error = await errorOf(() => db.close());
    expect((error.cause as Error).message).toBe('at the end');
    expect(told).toEqual(['shutDown']);
    expect(db.freed).toBe(true);
    expect(db.engine.freed).toBe(true);
    expect(db.close()).toEqual([]);
  });

  it('is told of what freeing the engine does, too', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const onFlushCompleted = () => {
      throw new Error('at the very end');
    };
    const db = await openAt('/db', {
      engine,
      createIfMissing: true,
      listeners: [{ onFlushCompleted }],
    });
    db.put('k', 'v', { disableWAL: true });
    const error = await errorOf(() => engine.free());
    expect((error.cause as Error).message).toBe('at the very end');
    expect(engine.freed).toBe(true);
    expect(db.freed).toBe(true);
    engine.free();
  });

  it('that throws at open leaves nothing open', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const options = { engine, createIfMissing: true, ...TEXT };
    const first = await openAt('/db', options);
    first.put('k', 'v');
    first.close();
    const throwing: EventListener = {
      onTableFileCreated() {
        throw new Error('at open');
      },
    };
    const reopen = () => RocksDB.open('/db', { ...options, listeners: [throwing] });
    expect(((await errorOf(reopen)).cause as Error).message).toBe('at open');
    ledgerIsClean(engine);
    const again = await openAt('/db', options);
    expect(again.get('k')).toBe('v');
  });

  it('in idle mode is told in the idle turn; what it throws, the next call throws', async () => {
    const told: string[] = [];
    const db = await openTemp({
      ...TEXT,
      fileSystem: new MemoryFileSystem(),
      background: 'idle',
      level0FileNumCompactionTrigger: 2,
      listeners: [
        {
          onCompactionCompleted() {
            told.push('compaction');
            throw new Error('in the turn');
          },
        },
      ],
    });
    for (let i = 0; i < 2; i++) {
      db.put('k', `v${i}`);
      db.flush();
    }
    expect(told).toEqual([]);
    while (told.length === 0) await turn();
    const error = await errorOf(() => db.get('k'));
    expect((error.cause as Error).message).toBe('in the turn');
    expect(db.get('k')).toBe('v1');
  });

  it('in manual mode is told by pump()', async () => {
    const { listener, names } = recorder('onCompactionBegin', 'onCompactionCompleted');
    const db = await openTemp({
      ...TEXT,
      fileSystem: new MemoryFileSystem(),
      background: 'manual',
      level0FileNumCompactionTrigger: 2,
      listeners: [listener],
    });
    for (let i = 0; i < 2; i++) {
      db.put('k', `v${i}`);
      db.flush();
    }
    expect(names).toEqual([]);
    db.engine.pump();
    expect(names).toEqual(['onCompactionBegin', 'onCompactionCompleted']);
  });

  it('of file operations cannot enter the engine, which goes on', async () => {
    const errors: unknown[] = [];
    let db: RocksDB<'utf8', 'utf8'> | undefined;
    const listener: EventListener = {
      onFileWriteFinish({ path }) {
        if (db === undefined || !path.endsWith('.log')) return;
        try {
          db.get('k');
        } catch (error) {
          errors.push(error);
        }
        throw new Error('of the write');
      },
    };
    db = await openTemp({ ...TEXT, fileSystem: new MemoryFileSystem(), listeners: [listener] });
    const error = await errorOf(() => db.put('k', 'v'));
    expect((error.cause as Error).message).toBe('of the write');
    expect(errors).toMatchObject([{ code: 'ERR_ROCKSDB_REENTRANT' }]);
    expect(db.get('k')).toBe('v');
    // A read tells of itself with the next call.
    expect(db.heap.verify()).toBeDefined();
  });

  it('is told of background errors and of the recovery from them, which it may leave to resume()', async () => {
    const fileSystem = new FaultFileSystem(new MemoryFileSystem());
    const begun: BackgroundErrorInfo[] = [];
    const { listener, of, names } = recorder(
      'onBackgroundError',
      'onErrorRecoveryCompleted',
      'onErrorRecoveryEnd',
      'onTableFileCreated',
      'onIOError',
    );
    const decides: EventListener = {
      onErrorRecoveryBegin(info) {
        begun.push(info);
        return false;
      },
    };
    const db = await openTemp({ ...TEXT, fileSystem, listeners: [listener, decides] });
    db.put('k', 'v');
    fileSystem.fault = (operation, path) =>
      operation === 'write' && path.endsWith('.sst') ? 'ENOSPC' : undefined;
    await errorOf(() => db.flush());
    await turn();
    const [info] = of<BackgroundErrorInfo>('onBackgroundError');
    expect(info?.reason).toBe('flushNoWAL'); // RocksDB's word for every failed write of a table
    expect(info?.error).toBeInstanceOf(RocksDBError);
    expect(info?.error).toMatchObject({ code: 'ERR_ROCKSDB_NO_SPACE', errno: 'ENOSPC' });
    expect(of<{ status: unknown }>('onTableFileCreated')[0]?.status).toBeInstanceOf(RocksDBError);
    expect(of<{ path: string }>('onIOError')[0]?.path).toMatch(/\.sst$/);
    fileSystem.fault = undefined;
    db.resume();
    db.flush();
    expect(db.get('k')).toBe('v');
    expect(names).toContain('onErrorRecoveryEnd');
    expect(of<{ newError: unknown }>('onErrorRecoveryEnd').at(-1)?.newError).toBeUndefined();
    expect(begun).toMatchObject([{ reason: 'flushNoWAL', error: { errno: 'ENOSPC' } }]);
  });
});

describe('a logger', () => {
  it('that throws or enters the engine is told so at the end of the call', async () => {
    let armed = false;
    let db: RocksDB<'utf8', 'utf8'> | undefined;
    let entered: unknown;
    const logger = {
      log() {
        if (!armed) return;
        try {
          db?.put('k', 'from the log');
        } catch (error) {
          entered = error;
          throw error;
        }
      },
    };
    db = await openTemp({ ...TEXT, fileSystem: new MemoryFileSystem(), logger });
    db.put('k', 'v');
    armed = true;
    const error = await errorOf(() => db.flush());
    armed = false;
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.cause).toMatchObject({ code: 'ERR_ROCKSDB_REENTRANT' });
    expect(entered).toMatchObject({ code: 'ERR_ROCKSDB_REENTRANT' });
    expect(db.get('k')).toBe('v');
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('1');
  });

  it('of stderrLogger() writes lines of its level to the error output', async () => {
    const lines: unknown[] = [];
    const { error } = console;
    console.error = (line: unknown) => void lines.push(line);
    try {
      const logger = stderrLogger({ level: 'info', prefix: 'rocksdb ' });
      const db = await openTemp({ ...TEXT, fileSystem: new MemoryFileSystem(), logger });
      db.put('k', 'v');
      lines.length = 0;
      db.flush();
      const quiet = stderrLogger({ level: 'fatal' });
      expect(quiet.infoLogLevel).toBe('fatal');
    } finally {
      console.error = error;
    }
    expect(lines.join('\n')).toMatch(/^rocksdb \[info\] .*Manual flush start/m);
    expect(() => stderrLogger({ level: 'loud' as never })).toThrow(/expected one of debug, info/);
  });

  it('that throws at open leaves nothing open', async () => {
    const folder = tempFolder();
    const options = { ...TEXT, createIfMissing: true, wasm: await wasmModule() };
    const logger = {
      log() {
        throw new Error('no log');
      },
    };
    const open = () => RocksDB.open(`${folder}/db`, { ...options, logger });
    expect(((await errorOf(open)).cause as Error).message).toBe('no log');
    const db = await openAt(`${folder}/db`, options);
    db.put('k', 'v');
  });
});

describe('host objects', () => {
  it('are let go with their database, and leave no byte', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const { listener } = recorder('onFlushCompleted', 'onFileWriteFinish');
    const round = async () => {
      const db = await openAt('/db', {
        engine,
        createIfMissing: true,
        listeners: [listener],
        logger: { log() {} },
        walFilter: { name: 'f', logRecordFound: () => undefined },
      });
      db.put('k', 'v');
      db.flush();
      db.put('k', 'w');
      db.close();
      expect(callbacksOf(engine)).toBe(0);
      expect(bytesOf(engine, 'callback')).toBe(0);
      expect(() => engine.heap.verify()).not.toThrow();
    };
    await round();
    await round();
    const bytes = engine.heap.inUseBytes;
    await round();
    expect(engine.heap.inUseBytes).toBe(bytes);
    // Nor when open fails.
    const refused = () =>
      RocksDB.open('/db', {
        engine,
        errorIfExists: true,
        logger: { log() {} },
        listeners: [listener],
      });
    await errorOf(refused);
    expect(callbacksOf(engine)).toBe(0);
    expect(bytesOf(engine, 'callback')).toBe(0);
  });

  it('are let go with their backup engine, and leave no byte', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const path = '/backups';
    const round = () => {
      const backups = BackupEngine.openSync(path, { engine, logger: { log() {} } });
      expect(callbacksOf(engine)).toBe(1);
      expect(backups.getBackupInfo()).toEqual([]);
      expect(callbacksOf(engine)).toBe(1);
      backups.free();
      expect(callbacksOf(engine)).toBe(0);
      expect(bytesOf(engine, 'callback')).toBe(0);
      const logger = {
        log() {
          throw new Error('no log');
        },
      };
      expect(() => BackupEngine.openSync(path, { engine, logger })).toThrow('no log');
      expect(callbacksOf(engine)).toBe(0);
      expect(() => ledgerIsClean(engine)).not.toThrow();
      expect(() => engine.heap.verify()).not.toThrow();
    };
    round();
    round();
    const bytes = engine.heap.inUseBytes;
    round();
    expect(engine.heap.inUseBytes).toBe(bytes);
  });
});

/** How many objects of the host's C++ holds. */
function callbacksOf(engine: Engine): number {
  return (engine as unknown as { native: { callbacks: { size: number } } }).native.callbacks.size;
}

function bytesOf(engine: Engine, owner: string): number {
  return engine.heap.owners()[owner]?.bytes ?? 0;
}

describe('events that are too many to keep', () => {
  it('are counted, and told as lost after those that were kept', () => {
    const queue = new EventQueue();
    let delivered = 0;
    const lost: number[] = [];
    const event: Delivery = {
      deliver: (guard) => guard(() => delivered++),
      lost: (count, guard) => guard(() => lost.push(count)),
    };
    for (let i = 0; i < MAX_PENDING_EVENTS + 7; i++) queue.push(event);
    queue.settle();
    expect(delivered).toBe(MAX_PENDING_EVENTS);
    expect(lost).toEqual([7]);
    queue.push(event);
    queue.settle();
    expect(delivered).toBe(MAX_PENDING_EVENTS + 1);
    expect(lost).toEqual([7]);
  });

  it('come soon when no call ends that could bring them, and an error waits for the next', async () => {
    const queue = new EventQueue();
    let delivered = 0;
    const failing: Delivery = {
      deliver: (guard) =>
        guard(() => {
          delivered++;
          throw new Error('late');
        }),
      lost: () => {},
    };
    queue.push(failing);
    expect(delivered).toBe(0);
    await Promise.resolve();
    expect(delivered).toBe(1);
    expect(() => queue.assertNoFailure()).toThrow('a callback threw: late');
    expect(() => queue.assertNoFailure()).not.toThrow();
  });
});
