// runtime: node
/**
 * Every function of the program's that the package calls throws, at its first call, in the middle and at its
 * last: the error arrives where it should, the database goes on, and nothing is left over.
 */
import process from 'node:process';
import {
  EncryptedFileSystem,
  type Engine,
  ManualClock,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
  SeededRandom,
} from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { MonitorEvents } from '../src/monitor/events.js';
import { errorOf, ledgerIsClean, makeEngine, tempFolder } from './support/open.js';
import { functionsOfTheProgram } from './throwing/callables.js';
import { PLACES } from './throwing/places.js';
import { Gate, live } from './throwing/round.js';

const DEBUG = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';

/** How many objects of the program's an engine holds. */
const heldBy = (engine: Engine) =>
  (engine as unknown as { native: { callbacks: { size: number } } }).native.callbacks.size;

function assertNothingIsLeft(engine: Engine): void {
  expect(heldBy(engine)).toBe(0);
  ledgerIsClean(engine);
  expect(engine.heap.verify().problems).toEqual([]);
}

/** What is on disk is not the debug build's. */
const FILES = DEBUG ? [['in memory']] : [['in memory'], ['on disk']];

describe.each(FILES)('a function that throws, %s', (where) => {
  /** Of lives with the same throw: two of them can be compared by their bytes after a first one. */
  const repeated = where === 'in memory' ? 3 : 1;
  const start = async () => {
    const onDisk = where === 'on disk';
    const files = new FaultFileSystem(onDisk ? new NodeFileSystem() : new MemoryFileSystem());
    // So that the calls are the same in each life.
    const fixed = { clock: new ManualClock(), random: new SeededRandom(1) };
    const engine = await makeEngine({ fileSystem: files, ...fixed });
    return { files, engine, path: onDisk ? `${tempFolder()}/db` : '/db' };
  };

  for (const [name, place] of Object.entries(PLACES)) {
    it.skipIf(DEBUG && place.notInDebug === true)(name, async () => {
      const { files, engine, path } = await start();
      const life = async (at: number) => {
        const gate = new Gate(at);
        const lived = await live(engine, files, path, place, gate);
        expect(gate.thrown === undefined, `call ${at} throws`).toBe(at === 0);
        assertNothingIsLeft(engine);
        return { ...lived, bytes: engine.heap.report().owners };
      };
      await life(0);
      const { calls, contents } = await life(0);
      expect(calls).toBeGreaterThan(1);
      const told = new Set<string | undefined>();
      for (const at of [1, Math.ceil(calls / 2), calls]) {
        const bytes: unknown[] = [];
        for (let times = 0; times < repeated; times++) {
          const lived = await life(at);
          told.add(lived.told);
          expect(lived.contents).toEqual(contents);
          bytes.push(lived.bytes);
        }
        expect(bytes[2]).toEqual(bytes[1]);
      }
      expect([...told].sort()).toEqual([...place.told].sort());
    });
  }

  it('Comparator.compareTimestamp', async () => {
    const { engine, path } = await start();
    const stamp = (time: number) => new Uint8Array([time]);
    for (const at of [1, 3]) {
      let gate = new Gate(0);
      const comparator = {
        name: 'test.timestamps',
        timestampSize: 1,
        compare: (a: Uint8Array, b: Uint8Array) => (a[0] ?? 0) - (b[0] ?? 0),
        compareTimestamp: (a: Uint8Array, b: Uint8Array) => {
          gate.enter();
          return (a[0] ?? 0) - (b[0] ?? 0);
        },
      };
      const db = await RocksDB.open(path, { engine, createIfMissing: true, comparator });
      for (const time of [1, 2, 3]) db.put('k', `at ${time}`, { timestamp: stamp(time) });
      gate = new Gate(at);
      const read = () => db.get('k', { timestamp: stamp(2) });
      let error: unknown;
      for (let i = 0; i < 4 && error === undefined; i++) {
        try {
          read();
        } catch (thrown) {
          error = thrown;
        }
      }
      expect(error).toMatchObject({ code: 'ERR_ROCKSDB_CALLBACK', cause: gate.thrown });
      expect(new TextDecoder().decode(read())).toBe('at 2');
      db.put('k', 'at 4', { timestamp: stamp(4) });
      db.flush();
      db.close();
      await RocksDB.destroy(path, { engine });
      assertNothingIsLeft(engine);
    }
  });

  it('OpenOptions.onUnreleased', async () => {
    const { engine, path } = await start();
    for (let round = 0; round < 2; round++) {
      const gate = new Gate(1);
      const options = { engine, createIfMissing: true, onUnreleased: gate.enter };
      const db = await RocksDB.open(path, options);
      db.put('k', `${round}`);
      const iterator = db.iterator();
      expect(() => db.close()).toThrow(gate.thrown ?? 'call 1');
      expect([db.freed, iterator.freed]).toEqual([true, true]);
      assertNothingIsLeft(engine);
      const again = await RocksDB.open(path, { engine });
      expect(new TextDecoder().decode(again.get('k'))).toBe(`${round}`);
      again.close();
    }
  });

  it('RotateOptions.onProgress', async () => {
    const { files, path } = await start();
    const keys = { old: new Uint8Array(32).fill(1), new: new Uint8Array(32).fill(2) };
    const make = async (currentKey: 'old' | 'new') => {
      const fileSystem = new EncryptedFileSystem(files, { keys, currentKey });
      return { fileSystem, engine: await makeEngine({ fileSystem }) };
    };
    const before = await make('old');
    const db = await RocksDB.open(path, { engine: before.engine, createIfMissing: true });
    db.put('k', 'v');
    db.close();
    const { fileSystem, engine } = await make('new');
    const gate = new Gate(2);
    expect(() => fileSystem.rotateKeys(path, { onProgress: gate.enter })).toThrow('call 2');
    // The lock is given up, and the next one does the rest.
    const { files: count, rotated } = fileSystem.rotateKeys(path);
    expect(rotated).toBe(count - 2);
    const again = await RocksDB.open(path, { engine });
    expect(new TextDecoder().decode(again.get('k'))).toBe('v');
    again.close();
  });
});

/** Tested elsewhere, or never called here. */
const ELSEWHERE: readonly RegExp[] = [
  // Tests of their own above.
  /^(Comparator\.compareTimestamp|RotateOptions\.onProgress|\w+\.onUnreleased)$/,
  // It ends the examination: cli/doctor.test.ts.
  /^DiagnoseOptions\.onProgress$/,
  // The monitor's listeners, which no call of the engine's waits for: below.
  /^on\(listener\)$/,
  // The same functions as those of CompactionFilterMethods.
  /^CompactionFilter\./,
  // files-faults, durability and crash tests: what a file system throws is an errno, and an IOError.
  /^FileSystem\./,
  // The program's in the sense of a machine's part: what they throw is theirs (engine.test.ts, wasi/).
  /^(Clock|Random)\./,
  // A warning, and the next sample asks again: monitor/alerts.test.ts.
  /^(AlertRule\.(callback|metric)|RecommendedAlertOptions\.callback)$/,
  // What is lent comes back, and what was taken is written: core/iterator-pool-suite.ts, core/bulk-writer-suite.ts.
  /^(withIterator(Async)?\(read\)|BulkWriterOptions\.onProgress)$/,
  // Called by the garbage collector's leave: finalizers.test.ts.
  /\.onFinalized$/,
  // Comes after 16,384 events of one call, in the queue of events.test.ts.
  /^EventListener\.onEventsLost$/,
  // Asked before a table is moved as it is; no life here has such a move.
  /^SstPartitioner\.canDoTrivialMove$/,
  // RocksDB truncates with direct I/O only, which is refused here.
  /^EventListener\.onFileTruncateFinish$/,
];

/** Places that are no function in a type. */
const UNTYPED = ['toJSON()', 'an iterable of keys'];

describe('a listener of the monitor that throws', () => {
  it('is a warning; the others are told still, and it is told the next time', async () => {
    const warnings: string[] = [];
    const events = new MonitorEvents(
      1,
      (call) => call(),
      (message) => warnings.push(message),
    );
    const gate = new Gate(1);
    let told = 0;
    events.on('limit', gate.enter);
    events.on('limit', () => told++);
    const limit = { limit: 'softMaxBytes', kind: undefined, value: 2, max: 1 } as const;
    for (let i = 0; i < 2; i++) events.emit('limit', limit);
    expect([gate.calls, told]).toEqual([2, 2]);
    expect(warnings).toEqual(["a listener of 'limit' threw: Error: call 1"]);
  });
});

describe('the table of functions that throw', () => {
  it('has a row for each that is in the types', () => {
    const all = functionsOfTheProgram();
    const missing = all.filter(
      (name) => !Object.hasOwn(PLACES, name) && !ELSEWHERE.some((row) => row.test(name)),
    );
    expect(missing).toEqual([]);
    const gone = Object.keys(PLACES).filter(
      (name) => !all.includes(name) && !UNTYPED.includes(name),
    );
    expect(gone).toEqual([]);
    for (const row of ELSEWHERE) expect(all.some((name) => row.test(name))).toBe(true);
  });

  it('leaves truncated files out because they cannot be', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const open = () => RocksDB.open('/db', { engine, useDirectIoForFlushAndCompaction: true });
    expect((await errorOf(open)).code).toBe('ERR_ROCKSDB_INVALID_OPTION');
  });
});
