// runtime: node
/** Every public method of every kind of handle, with each odd argument in each place: typed errors, and nothing else. */
import {
  BackupEngine,
  Cache,
  DBWithTTL,
  type Engine,
  MemoryFileSystem,
  OptimisticTransactionDB,
  RateLimiter,
  RocksDB,
  RocksDBError,
  SstFileWriter,
  Statistics,
  TransactionDB,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { expect, it } from 'vitest';
import { publicMembers } from '../../scripts/fuzz-build.mjs';
import { makeEngine } from '../support/open.js';
import { isOfMonitor } from './world.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever is called, and given
type Anything = any;

const plain = (engine: Engine) =>
  RocksDB.openSync('/db', { engine, createIfMissing: true, onUnreleased: () => {} });
const locking = (engine: Engine) =>
  TransactionDB.openSync('/db', { engine, createIfMissing: true, onUnreleased: () => {} });
const optimistic = (engine: Engine) =>
  OptimisticTransactionDB.openSync('/db', {
    engine,
    createIfMissing: true,
    onUnreleased: () => {},
  });

const MAKERS: Readonly<Record<string, (engine: Engine) => Anything>> = {
  RocksDB: plain,
  TransactionDB: locking,
  OptimisticTransactionDB: optimistic,
  DBWithTTL: (engine) =>
    DBWithTTL.openSync('/db', {
      engine,
      createIfMissing: true,
      timeToLive: 10,
      onUnreleased: () => {},
    }),
  ColumnFamily: (engine) => plain(engine).createColumnFamily('users'),
  Snapshot: (engine) => plain(engine).snapshot(),
  DBIterator: (engine) => plain(engine).iterator(),
  WriteBatch: (engine) => plain(engine).batch(),
  WriteBatchWithIndex: (engine) => plain(engine).batchWithIndex(),
  Transaction: (engine) => locking(engine).beginTransaction(),
  OptimisticTransaction: (engine) => optimistic(engine).beginTransaction(),
  Cache: (engine) => new Cache(engine, { capacity: 100_000 }),
  Statistics: (engine) => new Statistics(engine),
  WriteBufferManager: (engine) => new WriteBufferManager(engine, { bufferSize: 100_000 }),
  RateLimiter: (engine) => new RateLimiter(engine, { bytesPerSecond: 1e6 }),
  BackupEngine: (engine) => BackupEngine.openSync('/backup', { engine }),
  SstFileWriter: (engine) => new SstFileWriter(engine),
  HeapMonitor: (engine) => engine.heap,
};

const ODD: readonly Anything[] = [
  null,
  -1,
  2n ** 70n,
  Symbol('odd'),
  {},
  [null],
  Object.create(null),
  { columnFamily: null, snapshot: null },
  {
    toString() {
      throw new Error('its text was asked for');
    },
  },
];
/** What comes before the odd one. */
const LEADS: readonly (readonly Anything[])[] = [
  [],
  ['a'],
  [1],
  ['/folder'],
  [[['a', 'b']]],
  ['a', 'b'],
];
/** They end what the next call is to be made on. */
const LEFT_OUT = new Set(['free', 'close']);
const SETTLED_MS = 20;

const MEMBERS = publicMembers();

function methodsOf(subject: object): string[] {
  const found = new Set<string>();
  for (let at = Object.getPrototypeOf(subject); at !== Object.prototype; ) {
    for (const name of MEMBERS[at.constructor.name.replace(/^_+|\d+$/g, '')] ?? []) {
      if (!LEFT_OUT.has(name)) found.add(name);
    }
    at = Object.getPrototypeOf(at);
  }
  return [...found];
}

const later = () => new Promise<undefined>((fulfil) => setTimeout(fulfil, SETTLED_MS));

/** A transaction that was committed refuses all calls, whatever they are given. */
const isOver = (subject: Anything) =>
  subject.freed === true || (subject.state ?? 'started') !== 'started';

/** What is wrong with how the call ended; undefined: nothing. */
async function wrongWith(
  engine: Engine,
  subject: Anything,
  name: string,
  given: readonly Anything[],
): Promise<string | undefined> {
  try {
    const member = subject[name];
    const result = typeof member === 'function' ? member.apply(subject, given) : undefined;
    if (result instanceof Promise) await Promise.race([result, later()]);
    else if (result !== subject && result !== engine) result?.free?.();
  } catch (error) {
    const typed = error instanceof RocksDBError || isOfMonitor(error);
    if (!typed || engine.crashed) return error instanceof Error ? error.stack : String(error);
  }
  return engine.crashed ? 'the engine has stopped' : undefined;
}

for (const [kind, make] of Object.entries(MAKERS)) {
  it(`${kind}`, async () => {
    const fresh = async () => {
      const engine = await makeEngine({
        fileSystem: new MemoryFileSystem(),
        maxMemoryBytes: 256 * 2 ** 20,
      });
      return { engine, subject: make(engine) };
    };
    let { engine, subject } = await fresh();
    const wrong: string[] = [];
    for (const name of methodsOf(subject)) {
      for (const lead of LEADS) {
        for (const [at, odd] of ODD.entries()) {
          if (engine.crashed || isOver(subject)) ({ engine, subject } = await fresh());
          const problem = await wrongWith(engine, subject, name, [...lead, odd]);
          if (problem === undefined) continue;
          wrong.push(`${name}(${[...lead, `ODD[${at}]`].join(', ')}): ${problem}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(engine.heap.verify().problems).toEqual([]);
  }, 120_000);
  it(`${kind} that was freed`, async () => {
    const wrong: string[] = [];
    const fresh = async () => {
      const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
      const subject = make(engine);
      subject.free?.();
      return { engine, subject };
    };
    let { engine, subject } = await fresh();
    for (const name of methodsOf(subject)) {
      for (const lead of LEADS) {
        if (engine.crashed) ({ engine, subject } = await fresh());
        const problem = await wrongWith(engine, subject, name, lead);
        if (problem !== undefined) wrong.push(`${name}(${lead.join(', ')}): ${problem}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(engine.heap.verify().problems).toEqual([]);
  });
}
