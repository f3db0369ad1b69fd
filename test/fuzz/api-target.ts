/**
 * Calls of any public method with any argument: right ones and wrong ones, freed handles, handles of another engine,
 * detached buffers, lengths that are too much, callbacks that throw or call back.
 */
import fc from 'fast-check';
import {
  BackupEngine,
  Cache,
  DBWithTTL,
  Engine,
  MemoryFileSystem,
  OptimisticTransactionDB,
  RateLimiter,
  RocksDB,
  SstFileReader,
  SstFileWriter,
  Statistics,
  TransactionDB,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { type Argument, FIELDS, STEPS, type Step } from './arguments.js';
import { WITHOUT_NOTES } from './files.js';
import type { Choice } from './random.js';
import type { Case, Target, World } from './world.js';

/** Public members by class, from the sources: see scripts/fuzz-build.mjs. */
declare const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>>;

// biome-ignore lint/suspicious/noExplicitAny: objects of all classes, called in all ways
type Anything = any;

/** What these do is not over when they return, waits for the world outside, or ends the engine of all cases. */
const LEFT_OUT = new Set([
  'HeapMonitor.watch',
  'HeapMonitor.watchGrowth',
  'HeapMonitor.on',
  'HeapMonitor.setPolicy',
  'HeapMonitor.trace',
  'HeapMonitor.alerts',
  'HeapMonitor.tracking',
  'HeapMonitor.finalizer',
  'IteratorPool.acquireAsync',
  'Engine.free',
]);

const HANDLES_MAX = 40;
const CALLED_MAX = 200;
const LONG_BYTES = 70_000;
/** What is smallest by then is told. */
const SHRINK_MS = 5_000;

const NEW = { createIfMissing: true, ...WITHOUT_NOTES };

/** Databases and what else a case may begin with; options of all sorts are another target's. */
const OPENINGS: readonly ((engine: Engine) => Anything)[] = [
  (engine) => RocksDB.openSync('/db', { engine, ...NEW, mergeOperator: 'put' }),
  (engine) => TransactionDB.openSync('/tdb', { engine, ...NEW }),
  (engine) => OptimisticTransactionDB.openSync('/odb', { engine, ...NEW }),
  (engine) => DBWithTTL.openSync('/ttl', { engine, ...NEW, timeToLive: 9 }),
  (engine) => RocksDB.openSync('/times', { engine, ...NEW, comparator: 'bytewiseU64Ts' }),
  (engine) => new SstFileWriter(engine),
  (engine) => new Cache(engine, { capacity: 100_000 } as never),
  (engine) => new Statistics(engine),
  (engine) => new WriteBufferManager(engine, { bufferSize: 100_000 } as never),
  (engine) => new RateLimiter(engine, { bytesPerSecond: 1e6 } as never),
  (engine) => BackupEngine.openSync('/backup', { engine }),
  (engine) => new SstFileReader(engine, '/file.sst'),
];

class Session {
  readonly live: Anything[] = [];
  readonly freed: Anything[] = [];
  #called = 0;

  constructor(
    readonly world: World,
    readonly foreign: readonly Anything[],
  ) {}

  add(value: Anything): void {
    if (typeof value?.free !== 'function' || this.live.includes(value)) return;
    if (value instanceof Engine || this.live.length >= HANDLES_MAX) return;
    this.live.push(this.world.own(value));
  }

  async step({ on, member, given }: Step): Promise<void> {
    const { engine } = this.world;
    const subject = this.#subject(on);
    if (OPENINGS.includes(subject)) {
      this.add(this.world.attempt(() => subject(engine)));
      return;
    }
    const names = membersOf(subject);
    if (names.length === 0) return;
    const name = names[member % names.length] as string;
    const values = given.map((each, at) => this.value(each, name, at));
    const result = await this.world.attemptLater(async () => call(subject, name, values));
    this.#keep(result);
    if (subject.freed === true && !this.freed.includes(subject)) {
      this.freed.push(subject);
      this.live.splice(this.live.indexOf(subject), 1);
    }
  }

  /** A live handle, mostly. */
  #subject(on: number): Anything {
    const which = Math.floor(on / 10);
    if (on % 10 === 9) return OPENINGS[which % OPENINGS.length];
    const { live, freed, world } = this;
    const others = [...freed.slice(-2), world.engine.heap];
    if (on % 10 === 8 || live.length === 0) return others[which % others.length];
    return live[which % live.length];
  }

  #keep(result: Anything): void {
    if (Array.isArray(result)) for (const each of result.slice(0, 4)) this.add(each);
    else this.add(result);
  }

  value(given: Argument, method: string, at: number): Anything {
    switch (given.t) {
      case 'likely':
        return this.#likely(given.n, method, at);
      case 'number':
      case 'text':
        return given.v;
      case 'bigint':
        return BigInt(given.v);
      case 'bytes':
        return new Uint8Array(given.length).fill(107);
      case 'handle':
        return this.live[given.n % (this.live.length || 1)];
      case 'freed':
        return this.freed[given.n % (this.freed.length || 1)];
      case 'foreign':
        return this.foreign[given.n % this.foreign.length];
      case 'odd':
        return ODD[given.n % ODD.length]?.();
      case 'call':
        return this.#callback(given.n);
      case 'list':
        return given.items.map((each) => this.value(each, method, at));
      case 'object':
        return Object.fromEntries(
          given.entries.map(([field, each]) => {
            const name = FIELDS[field % FIELDS.length] as string;
            return [name, this.value(each, name, at)];
          }),
        );
    }
  }

  /** What the call would take, if it is known: most cases are to get beyond the checks of arguments. */
  #likely(n: number, method: string, at: number): Anything {
    const families = this.live.filter(({ kind, name }) => kind === undefined && name !== undefined);
    const keys = [
      '',
      'a',
      'b',
      'key',
      new Uint8Array([107]),
      'z'.repeat(n % 5 === 0 ? LONG_BYTES : 3),
    ];
    const key = keys[n % keys.length];
    if (/famil/i.test(method)) return n % 2 === 0 ? 'users' : families[n % (families.length || 1)];
    if (/snapshot/i.test(method))
      return n % 2 === 0 ? undefined : this.live[n % (this.live.length || 1)];
    if (/Many|batchFrom|ranges|Sizes|Ranges/.test(method)) return at === 0 ? [[key, 'zz']] : {};
    if (/^(write|backup|createNew|verifyBackup|restore)/.test(method) && at === 0) {
      return this.live[n % (this.live.length || 1)];
    }
    if (/file|checkpoint|export|trace|path/i.test(method))
      return ['/db/x', '/file.sst', '/none/x'][n % 3];
    if (/property/i.test(method)) return ['rocksdb.stats', 'rocksdb.num-snapshots'][n % 2];
    if (/sequence|time|ttl|size|count|limit|number|max|level/i.test(method)) return n;
    return at >= 2 ? {} : key;
  }

  /** Throws, gives nonsense, or uses the engine that it is called from. */
  #callback(n: number): Anything {
    const { live, world } = this;
    return (...given: Anything[]) => {
      if (++this.#called > CALLED_MAX) return undefined;
      switch (n % 5) {
        case 0:
          throw new Error('thrown by a callback');
        case 1:
          return given[0];
        case 2:
          return n;
        case 3:
          return live[0]?.get?.('a');
        default:
          world.engine.pump();
          return live[n % (live.length || 1)]?.free?.();
      }
    };
  }
}

const ODD: readonly (() => Anything)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => ({}),
  () => [],
  () => Symbol('odd'),
  () => /odd/,
  () => new Date(Number.NaN),
  () => Object.create(null),
  () => new ArrayBuffer(8),
  () => new DataView(new ArrayBuffer(8)),
  () => new Float64Array(2),
  () => detached(),
  () => Object.freeze({ get: 1 }),
  () => 'ä€😀\ud800',
  () => 'x'.repeat(LONG_BYTES),
  () => new Map([['a', 1]]),
  () => new Set(['a']),
  () => Promise.resolve(1),
  () => ({ [Symbol.iterator]: () => ({ next: () => ({ done: true, value: 0 }) }) }),
  () => new Proxy({}, {}),
];

function detached(): Uint8Array {
  const bytes = new Uint8Array(16);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const members = new Map<object, readonly string[]>();

/** Methods and properties that the declarations show. */
function membersOf(subject: object): readonly string[] {
  const first = Object.getPrototypeOf(subject);
  let names = members.get(first);
  if (names === undefined) {
    const found = new Set<string>();
    for (let at = first; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      const name = (at.constructor?.name ?? '').replace(/^_+|\d+$/g, '');
      for (const member of PUBLIC_MEMBERS[name] ?? []) {
        if (!LEFT_OUT.has(`${name}.${member}`)) found.add(member);
      }
    }
    names = [...found];
    members.set(first, names);
  }
  return names;
}

function call(subject: Anything, name: string, values: readonly Anything[]): Anything {
  const member = subject[name];
  return typeof member === 'function' ? member.apply(subject, values) : member;
}

interface Foreign {
  readonly engine: Engine;
  readonly handles: readonly Anything[];
}

let foreign: Foreign | undefined;

/** Handles of another engine; made anew when a case has freed one. */
async function foreignHandles(world: World): Promise<readonly Anything[]> {
  if (foreign?.handles.every(({ freed }) => freed !== true)) return foreign.handles;
  foreign?.engine.free();
  const engine = await Engine.create({ wasm: world.wasm, fileSystem: new MemoryFileSystem() });
  const db = RocksDB.openSync('/db', { engine, createIfMissing: true, onUnreleased: () => {} });
  const users = db.createColumnFamily('users');
  const handles = [db, users, db.snapshot(), db.iterator(), db.batch(), db.batchWithIndex()];
  foreign = { engine, handles };
  return handles;
}

function caseOf(steps: readonly Step[]): Case {
  const work = async (world: World) => {
    const session = new Session(world, await foreignHandles(world));
    const first = steps[0]?.on ?? 0;
    session.add(world.attempt(() => OPENINGS[first % 5]?.(world.engine)));
    for (const step of steps) await session.step(step);
  };
  return Object.assign(work, { about: JSON.stringify(steps) });
}

export const API_TARGET: Target = {
  name: 'calls',
  weight: 20,
  make: (choice: Choice) => {
    const [steps] = fc.sample(STEPS, { seed: choice.word() | 0, numRuns: 1 });
    return caseOf(steps as readonly Step[]);
  },
  /** The smallest case of fast-check's that fails, too. */
  async shrink(choice, fails) {
    const property = fc.asyncProperty(STEPS, async (steps) => !(await fails(caseOf(steps))));
    const seed = choice.word() | 0;
    const { counterexample } = await fc.check(property, {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: SHRINK_MS,
    });
    return counterexample === null ? undefined : caseOf(counterexample[0]);
  },
};

/** A case that was found once: its steps as JSON. */
export const stepsCase = (text: string): Case => caseOf(JSON.parse(text));
