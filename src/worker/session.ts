/** One client in the worker: the handles that it has, and the calls that it makes. */
import type { BulkWriter } from '../bulk-writer.js';
import { ColumnFamily } from '../column-family.js';
import { InvalidArgumentError } from '../errors.js';
import { DBIterator } from '../iterator.js';
import { type Ledger, LedgerRecord } from '../monitor/ledger.js';
import { copyOf } from '../monitor/report.js';
import { calledFrom } from '../monitor/sites.js';
import { NativeObject } from '../native/native-object.js';
import type { RocksDB } from '../rocksdb.js';
import { LogUpdate } from '../transaction-log.js';
import type { WriteBatch } from '../write-batch.js';
import type { WriteOptions } from '../write-options.js';
import { classNameOf, factsOf, memberKind, staticOf } from './classes.js';
import {
  type CallMessage,
  type LostMessage,
  listen,
  type Port,
  type ToClient,
  type ToWorker,
  whenClosed,
} from './messages.js';
import {
  databaseOf,
  exactly,
  handOver,
  Loop,
  lookThrough,
  PendingBlock,
  readBlock,
  type Source,
  stream,
  withoutDropped,
} from './session-work.js';
import { type Packer, pack, type Unpacker, unpack } from './wire.js';

type Members = Record<string, unknown>;
type Method = (...values: unknown[]) => unknown;
type AnyDatabase = RocksDB<never, never>;

/** Something that the client has a handle of. */
interface Entry {
  readonly id: number;
  readonly object: object;
  /** How often the client was told of it. */
  sent: number;
  /** It was made for the client: whoever made it frees it. */
  readonly owned: boolean;
  /** An iterator of which more than its entries is asked for, or a pool of such. */
  readonly exact: boolean;
}

/** What the sessions of a worker share. */
export interface Home {
  /** What the setup module exports. */
  readonly setup: Readonly<Record<string, unknown>>;
  connect(port: Port): void;
  /** A client is gone; what it left behind was freed. */
  left(session: Session, lost: LostMessage | undefined): void;
}

/** Calls that give what is there already, and belongs to somebody else. */
const FINDS: ReadonlySet<string> = new Set([
  'columnFamily',
  'getTransactionByName',
  'getWriteBatch',
  '@get',
  '@run',
]);

/** What a signal of the client's was aborted with; the client knows the reason itself. */
class SignalReason {
  constructor(readonly signal: number) {}
}

/** An argument that is freed when its call is over. */
interface Borrowed {
  readonly temporary: (() => void)[];
  /** Operations on column families that were dropped are left out of batches. */
  readonly ignoreMissing: boolean;
}

/** A batch of the client's. */
interface BatchMessage {
  readonly db: { readonly id: number };
  readonly data: Uint8Array;
  /** Those that it names, the default one aside. */
  readonly families: readonly { readonly id: number }[];
}

export class Session {
  readonly #port: Port;
  readonly #home: Home;
  readonly #entries = new Map<number, Entry>();
  readonly #byObject = new Map<object, Entry>();
  #made = 0;
  readonly #signals = new Map<number, AbortController>();
  readonly #modules = new Map<number, WebAssembly.Module>();
  readonly #stubs = new Map<number, WeakRef<Method>>();
  readonly #forgotten: FinalizationRegistry<number>;
  /** Ledgers that want to know where handles are made. */
  readonly #tracked = new Set<Ledger>();
  #sites = false;
  #ended = false;

  constructor(port: Port, home: Home) {
    this.#port = port;
    this.#home = home;
    this.#forgotten = new FinalizationRegistry((fn) => {
      if (this.#stubs.get(fn)?.deref() !== undefined) return;
      this.#stubs.delete(fn);
      if (!this.#ended) this.post({ type: 'forget', fn });
    });
    listen<ToWorker>(port, (message) => this.#receive(message));
    whenClosed(port, () => this.end());
    port.ref?.();
  }

  post(message: ToClient, transfer: readonly unknown[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Tells the client that the worker has begun, or why it could not. */
  begin(error?: unknown): void {
    const failed = error !== undefined;
    const { value } = pack(error, this.#packer(false));
    this.post({ type: 'ready', failed, value });
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'call':
        this.#call(message);
        break;
      case 'drop':
        this.#drop(message.handles);
        break;
      case 'abort':
        this.#signals.get(message.signal)?.abort(new SignalReason(message.signal));
        this.#signals.delete(message.signal);
        break;
      case 'connect':
        this.#home.connect(message.port as unknown as Port);
        break;
      case 'leave':
        this.end();
        break;
    }
  }

  #call(message: CallMessage): void {
    const { call, name, site } = message;
    const options = message.values[1] as WriteOptions | null | undefined;
    const ignoreMissing = name === 'write' && options?.ignoreMissingColumnFamilies === true;
    const borrowed: Borrowed = { temporary: [], ignoreMissing };
    const failed = (error: unknown) => {
      release(borrowed);
      this.#answer(call, true, error, name);
    };
    try {
      const values = unpack(
        { value: message.values, packed: message.packed },
        this.#unpacker(borrowed, name),
      ) as unknown[];
      const run = () => this.#run(message, values);
      const result = site === undefined ? run() : calledFrom(site, run);
      const answered = (value: unknown) => {
        release(borrowed);
        // The client went while it was made: nobody else would free it.
        if (this.#ended && value instanceof NativeObject && !FINDS.has(name)) isFreed(value);
        this.#watch(value);
        this.#answer(call, false, value, name, this.#isExact(message, values));
      };
      if (isThenable(result)) result.then(answered, failed);
      else answered(result);
    } catch (error) {
      failed(error);
    }
  }

  #isExact({ on }: CallMessage, values: readonly unknown[]): boolean {
    return exactly(values) || (typeof on === 'number' && this.#entries.get(on)?.exact === true);
  }

  #run({ on, path, name }: CallMessage, values: unknown[]): unknown {
    if (typeof on === 'string') {
      if (name === '@run') return this.#runExport(values);
      if (name === '@close') return this.#free();
      const { call, on: own } = staticOf(on, name);
      return call.apply(own, values as never[]);
    }
    const entry = this.#entries.get(on);
    if (entry === undefined) throw wrong(`handle ${on} is not one of this client`);
    const target = this.#part(entry.object, path ?? []);
    if (name.startsWith('@')) return this.#special(target, name, values);
    const kind = this.#kindOf(target, name);
    if (kind !== 'call' && kind !== 'async' && kind !== 'chain')
      throw wrong(`${name}: not to be called in a worker`);
    const result = ((target as Members)[name] as Method).apply(target, values);
    this.#watch(target);
    return result;
  }

  #kindOf(target: object, name: string) {
    const className = classNameOf(target);
    const kind = className === undefined ? undefined : memberKind(className, name);
    if (kind === undefined)
      throw wrong(`${className ?? 'object'}.${name}: there is no such member in a worker`);
    return kind;
  }

  #part(object: object, path: readonly string[]): object {
    let part = object;
    for (const name of path) {
      if (this.#kindOf(part, name) !== 'part') throw wrong(`${name}: not a part`);
      part = (part as Members)[name] as object;
    }
    return part;
  }

  /** What is no method. */
  #special(target: object, name: string, values: unknown[]): unknown {
    const members = target as Members & Partial<Record<symbol, Method>>;
    switch (name) {
      case '@get': {
        const member = values[0] as string;
        const kind = this.#kindOf(target, member);
        if (kind !== 'get' && kind !== 'getset')
          throw wrong(`${member}: not to be read in a worker`);
        return members[member];
      }
      case '@set': {
        const member = values[0] as string;
        if (this.#kindOf(target, member) !== 'getset') throw wrong(`${member}: not to be set`);
        members[member] = values[1];
        this.#watch(target);
        return undefined;
      }
      case '@dispose':
        return (members[Symbol.asyncDispose] ?? members[Symbol.dispose])?.call(target);
      case '@block':
        return new PendingBlock(
          readBlock(target as Source, values[0] as number, values[1] as number),
        );
      case '@iterator': {
        const begin = members[Symbol.asyncIterator] ?? members[Symbol.iterator];
        if (begin === undefined || this.#kindOf(target, '@iterate') !== 'call')
          throw wrong('nothing to loop over');
        return new Loop(begin.call(target) as AsyncIterator<unknown>);
      }
      case '@next':
        return (target as Loop).of.next();
      case '@return':
        return (target as Loop).of.return?.() ?? { done: true, value: undefined };
      case '@invoke':
        return (target as unknown as Method)(...values);
      case '@write':
      case '@end':
      case '@abort':
        return stream(target as BulkWriter<never, never>, name, values[0]);
      case '@batchFrom':
        return lookThrough(target as AnyDatabase, values);
      default:
        throw wrong(`${name}: not known`);
    }
  }

  /** A function of the setup module's, with the client's handles as they are here. */
  #runExport([name, ...values]: unknown[]): unknown {
    return (this.#exportOf(name, 'function') as Method)(...values);
  }

  #exportOf(name: unknown, type?: string): unknown {
    const { setup } = this.#home;
    const found = typeof name === 'string' && Object.hasOwn(setup, name) ? setup[name] : undefined;
    if (found !== undefined && (type === undefined || typeof found === type)) return found;
    const names = Object.keys(setup);
    const there =
      names.length === 0
        ? 'it was started without a setup module'
        : `there are ${names.join(', ')}`;
    throw wrong(
      `the worker's setup module exports no ${type ?? 'value'} '${String(name)}': ${there}`,
    );
  }

  #answer(call: number, failed: boolean, result: unknown, name: string, exact = false): void {
    if (this.#ended) return;
    const transfer: ArrayBufferLike[] = [];
    try {
      const { value, packed } = pack(result, this.#packer(!FINDS.has(name), transfer, exact));
      if (!failed) handOver(name, value, transfer);
      this.post({ type: 'answer', call, failed, value, packed }, transfer);
    } catch (error) {
      if (failed) throw error;
      this.#answer(call, true, error, name);
    }
  }

  #packer(owned: boolean, transfer: ArrayBufferLike[] = [], exact = false): Packer {
    return {
      special: (value) => {
        if (value instanceof SignalReason) return { kind: 'reason', value: value.signal };
        if (value instanceof LogUpdate) {
          const { sequence, nextSequence, data } = value;
          return { kind: 'logUpdate', value: { sequence, nextSequence, data } };
        }
        if (value instanceof LedgerRecord) return { kind: 'object', value: copyOf(value) };
        if (value instanceof PendingBlock)
          return value.pack(transfer, (each) => this.#packed(each));
        if (value instanceof Loop)
          return { kind: 'handle', value: this.#tell(value, 'iterator', false, {}) };
        if (typeof value === 'function') {
          return { kind: 'handle', value: this.#tell(value, 'function', false, {}) };
        }
        const className = classNameOf(value);
        if (className === undefined) return undefined;
        const facts: Members = {};
        for (const name of factsOf(className)) facts[name] = this.#fact(value as Members, name);
        if (value instanceof ColumnFamily) {
          facts.encodings = { key: value.keys.name, value: value.values.name };
          facts['@canMerge'] = value.canMerge;
        }
        if (exact || (value instanceof DBIterator && value.timed)) facts['@exact'] = true;
        if (value instanceof NativeObject) facts['@database'] = databaseOf(value);
        const mine = owned && value instanceof NativeObject && !(value instanceof ColumnFamily);
        return { kind: 'handle', value: this.#tell(value, className, mine, facts, exact) };
      },
    };
  }

  #packed(value: unknown): unknown {
    return pack(value, this.#packer(false)).value;
  }

  /** Handles among them are told of, too. */
  #fact(object: Members, name: string): unknown {
    return pack(object[name], this.#packer(false)).value;
  }

  #tell(object: object, kind: string, owned: boolean, facts: Members, exact = false) {
    let entry = this.#byObject.get(object);
    if (entry === undefined) {
      entry = { id: ++this.#made, object, sent: 0, owned, exact };
      this.#entries.set(entry.id, entry);
      this.#byObject.set(object, entry);
    }
    entry.sent++;
    return { id: entry.id, kind, facts };
  }

  #unpacker(borrowed: Borrowed, call: string): Unpacker {
    return {
      special: (kind, value) => {
        switch (kind) {
          case 'handle': {
            const { id, path } = value as { id: number; path: readonly string[] };
            const entry = this.#entries.get(id);
            if (entry === undefined) throw wrong(`handle ${id} is not one of this client`);
            return this.#part(entry.object, path);
          }
          case 'batch': {
            const batch = this.#batch(value as BatchMessage, borrowed.ignoreMissing);
            borrowed.temporary.push(() => batch.free());
            return batch;
          }
          case 'setup':
            return this.#exportOf(value);
          case 'module':
            return this.#module(value as { id: number; module?: WebAssembly.Module });
          case 'function':
            return this.#stub(value as number);
          case 'signal':
            return this.#signal(value as { id: number; aborted: boolean });
          default:
            throw wrong(`${call}: a client of another version of this package: ${kind}`);
        }
      },
    };
  }

  /** The client's batch, as one of its database; what cannot be written of it is found now. */
  #batch({ db, data, families }: BatchMessage, ignoreMissing: boolean): WriteBatch<never, never> {
    const owner = this.#entries.get(db.id)?.object as AnyDatabase;
    const batch = owner.batch();
    try {
      const named = families.map(({ id }) => this.#entries.get(id)?.object as ColumnFamily);
      const kept = ignoreMissing ? withoutDropped(data, named) : data;
      batch.append(kept, [owner.defaultColumnFamily, ...named]);
      return batch;
    } catch (error) {
      batch.free();
      throw error;
    }
  }

  /** Tells the client; nothing is waited for. */
  #stub(fn: number): Method {
    const known = this.#stubs.get(fn)?.deref();
    if (known !== undefined) return known;
    const stub: Method = (...given) => {
      if (this.#ended) return;
      const { value, packed } = pack(given, this.#packer(false));
      this.post({ type: 'notify', fn, values: value as unknown[], packed });
    };
    this.#stubs.set(fn, new WeakRef(stub));
    this.#forgotten.register(stub, fn);
    return stub;
  }

  /** One object for one of the client's: it is compared. */
  #module({ id, module }: { id: number; module?: WebAssembly.Module }): WebAssembly.Module {
    if (module !== undefined) this.#modules.set(id, module);
    return this.#modules.get(id) as WebAssembly.Module;
  }

  #signal({ id, aborted }: { id: number; aborted: boolean }): AbortSignal {
    const controller = this.#signals.get(id) ?? new AbortController();
    this.#signals.set(id, controller);
    if (aborted) controller.abort(new SignalReason(id));
    return controller.signal;
  }

  /** Whether the client is to say where it makes handles. */
  #watch(object: unknown): void {
    if (!(object instanceof NativeObject)) return;
    const { ledger } = object.core.context;
    if (ledger.level === 'count' || (object.freed && object.kind === 'engine')) {
      this.#tracked.delete(ledger);
    } else this.#tracked.add(ledger);
    const wanted = this.#tracked.size > 0;
    if (wanted === this.#sites) return;
    this.#sites = wanted;
    this.post({ type: 'sites', wanted });
  }

  #drop(handles: readonly (readonly [id: number, received: number])[]): void {
    const lost: Entry[] = [];
    for (const [id, received] of handles) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      entry.sent -= received;
      if (entry.sent > 0) continue; // it was told of again meanwhile
      this.#remove(entry);
      lost.push(entry);
    }
    const records = freeAll(lost);
    if (records.length > 0) this.post({ type: 'lost', handles: records, how: 'collected' });
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#byObject.delete(entry.object);
    if (entry.object instanceof Loop) endLoop(entry.object);
  }

  /** Frees all that the client has; returns the records of what was not freed. */
  #free(): readonly unknown[] {
    const entries = [...this.#entries.values()];
    for (const entry of entries) this.#remove(entry);
    return freeAll(entries);
  }

  /** The client is gone. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const handles = this.#free();
    this.#port.close?.();
    this.#home.left(
      this,
      handles.length > 0 ? { type: 'lost', handles, how: 'client ended' } : undefined,
    );
  }
}

/** Frees what belongs to a client, the newest first, what others borrow last; returns the records of what was live. */
function freeAll(entries: readonly Entry[]): readonly unknown[] {
  const live = entries
    .filter(({ object, owned }) => owned && object instanceof NativeObject && !object.freed)
    .reverse()
    .map(({ object }) => object as NativeObject);
  const records = live.map((object) => copyOf(object.core.record));
  let waiting = live;
  while (waiting.length > 0) {
    const busy = waiting.filter((object) => !isFreed(object));
    if (busy.length === waiting.length) break;
    waiting = busy;
  }
  return records;
}

function isFreed(object: NativeObject): boolean {
  try {
    object.free();
  } catch {
    return object.freed; // others borrow it, or its engine has crashed
  }
  return true;
}

function endLoop({ of }: Loop): void {
  Promise.resolve(of.return?.()).catch(() => {});
}

function release({ temporary }: Borrowed): void {
  for (const free of temporary.splice(0)) free();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Members).then === 'function'
  );
}

function wrong(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
