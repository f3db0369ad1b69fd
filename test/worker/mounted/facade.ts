/**
 * The package's classes as the core suites know them, synchronous, over the asynchronous ones of a worker: each call is
 * done by a second thread with the worker's client (bridge.mjs) while this one waits with Atomics.wait.
 */
import { Buffer } from 'node:buffer';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import * as real from 'rocksdb-wasm';
import { MEMBERS, STATICS } from '../../../src/worker/api.gen.js';

const MARK = '$facade';
type Members = Record<string, unknown>;
type Table = Readonly<Record<string, string>>;
type Fn = (...values: unknown[]) => unknown;
interface Reply {
  readonly request?: number;
  readonly failed?: boolean;
  readonly value?: unknown;
  readonly notify?: number;
  readonly values?: readonly unknown[];
}
interface Place {
  readonly id: number;
  readonly path: readonly string[];
}
const PLACE = Symbol('place');
type Facade = { readonly [PLACE]: Place };

// ---- The way to the bridge ---------------------------------------------------------------------

const signal = new Int32Array(new SharedArrayBuffer(4));
const bridge = new Worker(new URL('./bridge.mjs', import.meta.url), { workerData: { signal } });
const port = portOf(bridge);
let requests = 0;
const waiting = new Map<number, (reply: Reply) => void>();
const functions = new Map<number, Fn>();
const functionIds = new WeakMap<Fn, number>();

/** receiveMessageOnPort() takes ports, and not workers: the bridge speaks on one of its own. */
function portOf(worker: Worker) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(port2, [port2]);
  worker.unref();
  worker.on('error', (error) => {
    throw error;
  });
  port1.on('message', dispatch);
  port1.unref();
  return port1;
}

function dispatch(reply: Reply): void {
  if (reply.notify !== undefined) {
    functions.get(reply.notify)?.(...(reply.values ?? []).map(unpack));
    return;
  }
  const settle = waiting.get(reply.request ?? -1);
  waiting.delete(reply.request ?? -1);
  settle?.(reply);
}

function send(place: Place, operation: string, values: readonly unknown[]): number {
  const request = ++requests;
  const packed = values.map(pack);
  port.postMessage({ request, on: place.id, path: place.path, operation, values: packed });
  return request;
}

function result({ failed, value }: Reply): unknown {
  const unpacked = unpack(value);
  if (failed === true) throw unpacked;
  return unpacked;
}

/** Waits for the answer; what else has come before that is done first. */
function ask(place: Place, operation: string, ...values: unknown[]): unknown {
  const request = send(place, operation, values);
  let answer: Reply | undefined;
  waiting.set(request, (reply) => {
    answer = reply;
  });
  for (;;) {
    const seen = Atomics.load(signal, 0);
    for (
      let next = receiveMessageOnPort(port);
      next !== undefined;
      next = receiveMessageOnPort(port)
    ) {
      dispatch(next.message as Reply);
      if (answer !== undefined) return result(answer);
    }
    if (Atomics.wait(signal, 0, seen, 60_000) === 'timed-out') {
      throw new Error(`the worker has not answered ${operation} ${String(values[0])} for a minute`);
    }
  }
}

/** Of what is asynchronous in the classes, too. */
function askLater(place: Place, operation: string, ...values: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = send(place, operation, values);
    port.ref();
    waiting.set(request, (reply) => {
      if (waiting.size === 0) port.unref();
      try {
        resolve(result(reply));
      } catch (error) {
        reject(error);
      }
    });
  });
}

// ---- Values ------------------------------------------------------------------------------------

const signalIds = new WeakMap<AbortSignal, number>();
let counted = 0;

function pack(value: unknown): unknown {
  if (typeof value === 'function') return { [MARK]: 'function', id: functionId(value as Fn) };
  if (typeof value === 'symbol') return { [MARK]: 'symbol' };
  if (typeof value !== 'object' || value === null) return value;
  if (PLACE in value) return { [MARK]: 'handle', ...(value as Facade)[PLACE] };
  if (Buffer.isBuffer(value)) return { [MARK]: 'buffer', bytes: new Uint8Array(value) };
  if (ArrayBuffer.isView(value) || value instanceof Date) return value;
  if (value instanceof WebAssembly.Module) return packModule(value);
  if (value instanceof Error) return value;
  if (value instanceof AbortSignal) return packSignal(value);
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, pack(each)]));
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(pack);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pack(each)]));
}

const moduleIds = new WeakMap<WebAssembly.Module, number>();

/** It is sent once: what gets it compares it. */
function packModule(module: WebAssembly.Module): unknown {
  const known = moduleIds.get(module);
  if (known !== undefined) return { [MARK]: 'module', id: known };
  moduleIds.set(module, ++counted);
  return { [MARK]: 'module', id: counted, module };
}

function functionId(fn: Fn): number {
  const id = functionIds.get(fn) ?? ++counted;
  functionIds.set(fn, id);
  functions.set(id, fn);
  return id;
}

function packSignal(given: AbortSignal): unknown {
  let id = signalIds.get(given);
  if (id === undefined) {
    id = ++counted;
    signalIds.set(given, id);
    const number = id;
    given.addEventListener('abort', () =>
      port.postMessage({ abort: number, reason: given.reason }),
    );
  }
  return { [MARK]: 'signal', id, aborted: given.aborted, reason: given.reason };
}

const handles = new Map<number, WeakRef<object>>();

function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(unpack);
  if (value instanceof Map)
    return new Map([...value].map(([key, each]) => [unpack(key), unpack(each)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const marked = value as Members;
  switch (marked[MARK]) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpack(each)]));
    case 'handle':
      return handleOf(marked as never);
    case 'function':
      return (...values: unknown[]) =>
        ask({ id: marked.id as number, path: [] }, 'invoke', ...values);
    case 'loop':
      return loopOf({ id: marked.id as number, path: [] });
    case 'buffer':
      return Buffer.from(marked.bytes as Uint8Array);
    case 'logUpdate':
      return logUpdate(marked.values as [bigint, bigint, Uint8Array]);
    case 'error':
      return errorOf(marked as never);
    default:
      throw new Error(`facade: ${String(marked[MARK])}`);
  }
}

function logUpdate([sequence, nextSequence, data]: [bigint, bigint, Uint8Array]) {
  return {
    sequence,
    nextSequence,
    data,
    get batch() {
      return real.decodeWriteBatch(data);
    },
  };
}

function handleOf({ id, kind, facts }: { id: number; kind: string; facts: [string, unknown][] }) {
  const known = handles.get(id)?.deref();
  if (known !== undefined) return known;
  const made = Object.create(facadeClass(kind).prototype, { [PLACE]: { value: { id, path: [] } } });
  for (const [name, value] of facts) Object.defineProperty(made, name, { value: unpack(value) });
  handles.set(id, new WeakRef(made));
  return made;
}

interface PackedError {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly properties: readonly [string, unknown][];
}

function errorOf({ kind, name, message, stack, properties }: PackedError): Error {
  if (kind === 'DOMException') return new DOMException(message, name);
  const error = new Error(message);
  const known = (real as unknown as Members)[kind] ?? (globalThis as Members)[kind];
  if (typeof known === 'function') Object.setPrototypeOf(error, known.prototype);
  for (const [property, value] of [...properties, ['stack', stack] as const]) {
    const enumerable = property !== 'stack' && property !== 'cause';
    Object.defineProperty(error, property, {
      value: unpack(value),
      enumerable,
      configurable: true,
    });
  }
  return error;
}

// ---- Classes -----------------------------------------------------------------------------------

const classes = new Map<string, new (...values: unknown[]) => object>();
const PARTS: Readonly<Record<string, string>> = {
  heap: 'HeapMonitor',
  env: 'Env',
  perfContext: 'PerfContext',
  ioStatsContext: 'IOStatsContext',
  alerts: 'Alerts',
};

function facadeClass(name: string): new (...values: unknown[]) => object {
  const known = classes.get(name);
  if (known !== undefined) return known;
  const table: Table = name === 'WriteBatch' ? WRITE_BATCH : MEMBERS[name as keyof typeof MEMBERS];
  const base = table['@extends'];
  const Base = base === undefined ? Object : facadeClass(base);
  const Made = {
    [name]: class extends Base {
      constructor(...values: unknown[]) {
        super();
        if (new.target !== Made) return;
        // biome-ignore lint/correctness/noConstructorReturn: the object is made in the worker
        return ask(rootOf(name), 'call', 'create', ...values) as object;
      }
    },
  }[name] as new (
    ...values: unknown[]
  ) => object;
  classes.set(name, Made);
  for (const [member, kind] of Object.entries(table)) {
    if (!member.startsWith('@')) define(Made.prototype, member, kind);
  }
  const { prototype } = Made as { prototype: Members & Partial<Record<symbol, unknown>> };
  if (table['@iterate'] !== undefined) {
    Object.defineProperty(prototype, Symbol.iterator, { value: loop, configurable: true });
    Object.defineProperty(prototype, Symbol.asyncIterator, { value: loop, configurable: true });
  }
  if (base === undefined && !name.startsWith('Heap')) {
    const dispose = name === 'BulkWriter' ? Symbol.asyncDispose : Symbol.dispose;
    Object.defineProperty(prototype, Symbol.dispose, { value: disposed, configurable: true });
    if (dispose === Symbol.asyncDispose) prototype[dispose] = disposed;
  }
  if (name === 'BulkWriter') defineWriter(prototype);
  return Made;
}

const WRITE_BATCH: Table = {
  ...Object.fromEntries(
    [
      'put',
      'timedPut',
      'putEntity',
      'delete',
      'singleDelete',
      'merge',
      'deleteRange',
      'putLogData',
      'setSavePoint',
      'rollbackToSavePoint',
      'popSavePoint',
      'updateTimestamps',
      'clear',
    ].map((name) => [name, 'chain']),
  ),
  ...Object.fromEntries(
    ['freed', 'count', 'byteLength', 'capacityBytes', 'data'].map((name) => [name, 'get']),
  ),
  operations: 'call',
  free: 'call',
  id: 'fact',
  kind: 'fact',
};

function define(prototype: object, member: string, kind: string): void {
  const property = (descriptor: PropertyDescriptor) =>
    Object.defineProperty(prototype, member, { configurable: true, ...descriptor });
  switch (kind) {
    case 'call':
    case 'local':
      property({
        value(this: Facade, ...values: unknown[]) {
          return ask(this[PLACE], 'call', member, ...values);
        },
      });
      break;
    case 'async':
      property({
        value(this: Facade, ...values: unknown[]) {
          const { [PLACE]: place } = this;
          if (!values.some(isGathered)) return askLater(place, 'call', member, ...values);
          return Promise.all(values.map(gathered)).then((all) =>
            askLater(place, 'call', member, ...all),
          );
        },
      });
      break;
    case 'chain':
      property({
        value(this: Facade, ...values: unknown[]) {
          ask(this[PLACE], 'chain', member, ...values);
          return this;
        },
      });
      break;
    case 'get':
    case 'getset':
      property({
        get(this: Facade) {
          return ask(this[PLACE], 'get', member);
        },
        ...(kind === 'get'
          ? {}
          : {
              set(this: Facade, value: unknown) {
                ask(this[PLACE], 'call', `set${member[0]?.toUpperCase()}${member.slice(1)}`, value);
              },
            }),
      });
      break;
    case 'part':
      property({
        get(this: Facade) {
          return partOf(this, member);
        },
      });
      break;
  }
}

const isGathered = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && !(PLACE in value);

/** An asynchronous iterable stays in this thread: what it gives goes at once. */
async function gathered(value: unknown): Promise<unknown> {
  if (!isGathered(value)) return value;
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) items.push(item);
  return items;
}

const parts = new WeakMap<object, Map<string, object>>();

function partOf(owner: Facade, member: string): object {
  const own = parts.get(owner) ?? new Map<string, object>();
  parts.set(owner, own);
  const known = own.get(member);
  if (known !== undefined) return known;
  const { id, path } = owner[PLACE];
  const part = Object.create(facadeClass(PARTS[member] as string).prototype, {
    [PLACE]: { value: { id, path: [...path, member] } },
  });
  own.set(member, part);
  return part;
}

function disposed(this: Facade): unknown {
  return ask(this[PLACE], 'dispose');
}

function loop(this: Facade): unknown {
  return ask(this[PLACE], 'loop');
}

function loopOf(place: Place): object {
  return {
    next: () => ask(place, 'call', 'next'),
    return: () => ask(place, 'call', 'return'),
    [Symbol.iterator]() {
      return this;
    },
    [Symbol.asyncIterator]: () => ({
      next: () => askLater(place, 'call', 'next'),
      return: () => askLater(place, 'call', 'return'),
    }),
  };
}

function defineWriter(prototype: object): void {
  Object.defineProperty(prototype, 'writable', {
    configurable: true,
    get(this: Facade) {
      const { [PLACE]: place } = this;
      let stream = streams.get(place);
      if (stream === undefined) {
        const tell = async (...values: unknown[]) =>
          void (await askLater(place, 'stream', ...values));
        stream = new WritableStream({
          write: async (chunk) => tell('write', await chunkOf(chunk)),
          close: () => tell('close'),
          abort: (reason) => tell('abort', reason),
        });
        streams.set(place, stream);
      }
      return stream;
    },
  });
}

const streams = new WeakMap<Place, WritableStream>();

/** An entry, or an object with an iterable of them, which stays here. */
async function chunkOf(chunk: unknown): Promise<unknown> {
  if (typeof chunk !== 'object' || chunk === null || Array.isArray(chunk)) return chunk;
  if (!('entries' in chunk)) return chunk;
  return { entries: await gathered(chunk.entries) };
}

function rootOf(name: string): Place {
  return { id: 0, path: [name] };
}

/** The class of a name, with its static functions. */
export function mounted(name: string): unknown {
  const Made = facadeClass(name);
  const table: Table = (STATICS as Readonly<Record<string, Table>>)[name] ?? {};
  for (const [member, kind] of Object.entries(table)) {
    if (kind === 'new') continue;
    const asked = kind === 'async' ? askLater : ask;
    Object.defineProperty(Made, member, {
      value: (...values: unknown[]) => asked(rootOf(name), 'call', member, ...values),
    });
  }
  return Made;
}
