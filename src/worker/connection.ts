/** A client's end of the way to the worker: calls that wait for their answers, and handles that it was given. */

import { InvalidArgumentError } from '../errors.js';
import { callerSite } from '../monitor/sites.js';
import { warn } from '../native/warning.js';
import { LogUpdate } from '../transaction-log.js';
import { AsyncWriteBatch, dataOf } from './batch.js';
import { unpackBlock } from './blocks.js';
import { SetupReference } from './handles.js';
import {
  type AnswerMessage,
  type LostMessage,
  listen,
  type NotifyMessage,
  type Port,
  type ToClient,
  type ToWorker,
} from './messages.js';
import { type HandleMessage, isRemote, LINK, Link, make, type Remote } from './remote.js';
import { type Packer, pack, type Unpacker, unpack } from './wire.js';
import { joinStacks } from './wire-errors.js';
import { WorkerGoneError } from './worker-errors.js';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Where the call was made, for errors. */
  readonly at: Error;
  /** Handles that it needs; they are not lost before it is over. */
  readonly uses: unknown;
  readonly bytes: number;
  readonly end: readonly (() => void)[];
}

/** What keeps the process alive while answers are waited for. */
export interface Alive {
  ref(): void;
  unref(): void;
}

/** What a call is made of. */
export interface Call {
  readonly link: Link | undefined;
  /** Of a static function or constructor: the class. */
  readonly on?: string;
  readonly name: string;
  readonly values: readonly unknown[];
}

/** Functions that answer nothing, and so may be of another thread: by the name that they are given under. */
const TOLD = /^(on[A-Z]\w*|log|progress|sink|callback)$/;

export class Connection {
  readonly #port: Port;
  readonly #alive: Alive;
  readonly #onLost: (message: LostMessage) => void;
  #calls = 0;
  readonly #pending = new Map<number, Pending>();
  #pendingBytes = 0;
  #waiting: (() => void)[] = [];
  #sites = false;
  #gone: WorkerGoneError | undefined;
  readonly #handles = new Map<number, WeakRef<Remote>>();
  /** How often the worker told of each. */
  readonly #received = new Map<number, number>();
  readonly #lost: [number, number][] = [];
  readonly #collected: FinalizationRegistry<number>;
  readonly #functions = new Map<number, (...values: unknown[]) => unknown>();
  readonly #functionIds = new WeakMap<object, number>();
  #functionCount = 0;
  readonly #signals = new Map<number, AbortSignal>();
  readonly #signalIds = new WeakMap<AbortSignal, number>();
  #signalCount = 0;
  /** The worker has them, each once. */
  readonly #modules = new WeakMap<WebAssembly.Module, number>();
  #moduleCount = 0;
  #ready: { resolve(): void; reject(error: unknown): void } | undefined;
  /** When the worker has begun. */
  readonly ready: Promise<void>;

  constructor(port: Port, alive: Alive, onLost: (message: LostMessage) => void) {
    this.#port = port;
    this.#alive = alive;
    this.#onLost = onLost;
    const held = new WeakRef(this);
    this.#collected = new FinalizationRegistry((id) => {
      const connection = held.deref();
      if (connection !== undefined) connection.#forget(id);
    });
    this.ready = new Promise<void>((resolve, reject) => {
      this.#ready = { resolve, reject };
    });
    // Whoever does not wait for it hears of it with the first call.
    this.ready.catch(() => {});
    listen<ToClient>(port, (message) => this.#receive(message));
  }

  get pending(): number {
    return this.#pending.size;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get gone(): WorkerGoneError | undefined {
    return this.#gone;
  }

  /** Resolves once no more than so many bytes are on their way. */
  async drain(bytes: number): Promise<void> {
    while (this.#pendingBytes > bytes && this.#gone === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  call(call: Call): Promise<unknown> {
    const at = placeOfCall();
    if (this.#gone !== undefined) return Promise.reject(goneAt(this.#gone, at));
    return new Promise((resolve, reject) => {
      const end: (() => void)[] = [];
      const transfer: ArrayBufferLike[] = [];
      try {
        const id = ++this.#calls;
        const { value, packed } = pack(call.values, this.#packer(end, transfer, call.name));
        const values = value as readonly unknown[];
        const { link } = call;
        const site = this.#sites || link === undefined ? callerSite() : undefined;
        const bytes = sizeOf(values);
        this.post(
          {
            type: 'call',
            call: id,
            on: link?.id ?? call.on ?? '',
            ...(link === undefined || link.path.length === 0 ? {} : { path: link.path }),
            name: call.name,
            values,
            packed,
            ...(site === undefined ? {} : { site }),
          },
          transfer,
        );
        if (this.#pending.size === 0) this.#alive.ref();
        this.#pending.set(id, { resolve, reject, at, uses: held(call), bytes, end });
        this.#pendingBytes += bytes;
      } catch (error) {
        for (const each of end) each();
        reject(isUncloneable(error) ? unsendable(call, error) : error);
      }
    });
  }

  post(message: ToWorker, transfer: readonly unknown[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Nothing comes any more: everything that waits fails. */
  end(error: WorkerGoneError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#ready?.reject(error);
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#alive.unref();
    for (const { reject, at, end } of waiting) {
      for (const each of end) each();
      reject(goneAt(error, at));
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#functions.clear();
  }

  #receive(message: ToClient): void {
    switch (message.type) {
      case 'answer':
        this.#answer(message);
        break;
      case 'notify':
        this.#notify(message);
        break;
      case 'forget':
        this.#functions.delete(message.fn);
        break;
      case 'sites':
        this.#sites = message.wanted;
        break;
      case 'lost':
        this.#onLost(message);
        break;
      case 'ready':
        this.#begin(message.failed, message.value);
        break;
    }
  }

  #begin(failed: boolean, value: unknown): void {
    if (!failed) this.#ready?.resolve();
    else this.#ready?.reject(unpack({ value, packed: true }, this.#unpacker(undefined)));
    this.#ready = undefined;
  }

  #answer({ call, failed, value, packed }: AnswerMessage): void {
    const pending = this.#pending.get(call);
    if (pending === undefined) return;
    this.#pending.delete(call);
    this.#pendingBytes -= pending.bytes;
    if (this.#pending.size === 0) this.#alive.unref();
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve();
    for (const each of pending.end) each();
    try {
      const result = unpack({ value, packed }, this.#unpacker(pending.uses));
      if (!failed) pending.resolve(result);
      else {
        if (result instanceof Error && packed) joinStacks(result, pending.at);
        pending.reject(result);
      }
    } catch (error) {
      pending.reject(error);
    }
  }

  /** Functions that the client gave are called as they come; what they throw is nobody's call. */
  #notify({ fn, values, packed }: NotifyMessage): void {
    const called = this.#functions.get(fn);
    if (called === undefined) return;
    const failed = (error: unknown) =>
      warn(
        `a function that was given to a worker threw: ${String((error as Error)?.stack ?? error)}`,
      );
    try {
      const given = unpack({ value: values, packed }, this.#unpacker(undefined)) as unknown[];
      const result = called(...given);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #packer(end: (() => void)[], transfer: ArrayBufferLike[], call: string): Packer {
    return {
      special: (value, key) => {
        if (isRemote(value)) return { kind: 'handle', value: this.#reference(value[LINK]) };
        if (value instanceof AsyncWriteBatch) {
          const { db, data, families } = dataOf(value, call);
          transfer.push(data.buffer);
          const named = families.map((each) => this.#reference(each));
          return { kind: 'batch', value: { db: this.#reference(db), data, families: named } };
        }
        if (value instanceof WebAssembly.Module)
          return { kind: 'module', value: this.#module(value) };
        if (value instanceof SetupReference) return { kind: 'setup', value: value.setupExport };
        if (typeof AbortSignal !== 'undefined' && value instanceof AbortSignal) {
          return { kind: 'signal', value: this.#signal(value, end, call) };
        }
        if (typeof value === 'function')
          return { kind: 'function', value: this.#function(value, key, call) };
        return undefined;
      },
    };
  }

  #module(module: WebAssembly.Module): { id: number; module?: WebAssembly.Module } {
    const known = this.#modules.get(module);
    if (known !== undefined) return { id: known };
    const id = ++this.#moduleCount;
    this.#modules.set(module, id);
    return { id, module };
  }

  #reference(link: Link): { id: number; path: readonly string[] } {
    if (link.connection !== this) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        'the handle belongs to another worker, or to another client of it: make one here',
      );
    }
    return { id: link.id, path: link.path };
  }

  #function(value: object, key: string, call: string): number {
    if (!TOLD.test(key) && call !== 'on') {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `${key || call}: a function that has to answer at once cannot be called in another thread: ` +
          "export what it is for from the worker's setup module, and give fromSetup('its name')",
      );
    }
    let id = this.#functionIds.get(value);
    if (id === undefined) {
      id = ++this.#functionCount;
      this.#functionIds.set(value, id);
    }
    this.#functions.set(id, value as (...values: unknown[]) => unknown);
    return id;
  }

  #signal(signal: AbortSignal, end: (() => void)[], call: string): unknown {
    let id = this.#signalIds.get(signal);
    if (id === undefined) {
      id = ++this.#signalCount;
      this.#signalIds.set(signal, id);
    }
    const number = id;
    this.#signals.set(number, signal);
    if (signal.aborted) return { id: number, aborted: true };
    const aborted = () => {
      if (this.#gone === undefined) this.post({ type: 'abort', signal: number });
    };
    signal.addEventListener('abort', aborted, { once: true });
    if (!FOLLOWS.has(call)) end.push(() => signal.removeEventListener('abort', aborted));
    return { id: number, aborted: false };
  }

  #unpacker(uses: unknown): Unpacker {
    return {
      special: (kind, value) => {
        switch (kind) {
          case 'handle':
            return this.#handle(value as HandleMessage, uses);
          case 'reason':
            return this.#signals.get(value as number)?.reason;
          case 'logUpdate':
            return logUpdate(value as LogUpdate);
          case 'block':
            return unpackBlock(value);
          case 'entries':
            return value;
          default:
            throw new TypeError(`a worker of another version of this package: ${kind}`);
        }
      },
    };
  }

  #handle({ id, kind, facts }: HandleMessage, uses: unknown): Remote | unknown {
    this.#received.set(id, (this.#received.get(id) ?? 0) + 1);
    const known = this.#handles.get(id)?.deref();
    if (known !== undefined) return known;
    const remote = make(kind, new Link(this, id, [], uses), facts);
    this.#handles.set(id, new WeakRef(remote as Remote));
    this.#collected.register(remote as Remote, id);
    return remote;
  }

  /** The program has no way to the handle any more. */
  #forget(id: number): void {
    if (this.#handles.get(id)?.deref() !== undefined) return; // it was told of again meanwhile
    this.#handles.delete(id);
    const received = this.#received.get(id);
    if (received === undefined || this.#gone !== undefined) return;
    this.#received.delete(id);
    if (this.#lost.push([id, received]) > 1) return;
    queueMicrotask(() => {
      if (this.#gone === undefined) this.post({ type: 'drop', handles: this.#lost.splice(0) });
    });
  }
}

function logUpdate({ sequence, nextSequence, data }: LogUpdate): LogUpdate {
  return new LogUpdate(sequence, nextSequence, data);
}

const isUncloneable = (error: unknown) => (error as Error | undefined)?.name === 'DataCloneError';

function unsendable({ name }: Call, cause: unknown): InvalidArgumentError {
  const why = (cause as Error).message;
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${name}: an argument cannot be sent to a worker: ${why}`,
    { cause },
  );
}

/** The handles of a call: neither they nor what they lead to is lost before it is over, nor before its result is. */
function held({ link, values }: Call): readonly unknown[] {
  const found: unknown[] = link === undefined ? [] : [link.remote?.deref(), link.uses];
  for (const value of values) {
    if (isRemote(value)) found.push(value);
    else if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    else for (const each of Object.values(value)) if (isRemote(each)) found.push(each);
  }
  return found;
}

/** Frames of ours between the program and a call. */
const OWN_FRAMES = 10;

/** An error with the program's frames, to be looked at if the call fails. */
function placeOfCall(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = stackTraceLimit + OWN_FRAMES;
  const at = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return at;
}

/** Calls whose result goes on looking at the signal that they were given. */
const FOLLOWS: ReadonlySet<string> = new Set(['getUpdatesSince']);

function goneAt(gone: WorkerGoneError, at: Error): WorkerGoneError {
  const error = new WorkerGoneError(gone.message, { cause: gone.cause ?? gone });
  joinStacks(error, at);
  return error;
}

/** About what values take on their way: bytes and text, not what holds them together. */
function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (depth > 3) return 8;
  let size = 8;
  if (Array.isArray(value)) for (const each of value) size += sizeOf(each, depth + 1);
  else for (const key in value) size += sizeOf((value as Record<string, unknown>)[key], depth + 1);
  return size;
}
