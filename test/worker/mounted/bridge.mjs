/**
 * The thread between the core suites, which call the synchronous API, and the worker: it has the worker's client,
 * does with that what it is told, awaits the answer and hands it on. See facade.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AsyncWriteBatch, RocksDBWorker } from '../../../dist/worker.js';

const { signal } = workerData;
/** To the facade: a port that can be read without an event loop. */
const facade = await new Promise((resolve) => parentPort.once('message', resolve));
const LINK = Symbol.for('rocksdb-wasm worker');
const MARK = '$facade';

const rocks = await RocksDBWorker.start();
const objects = new Map([[0, rocks]]);
const ids = new Map();
let made = 0;
const signals = new Map();
const modules = new Map();
const streams = new Map();

function post(message) {
  facade.postMessage(message);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

function keep(object) {
  let id = ids.get(object);
  if (id === undefined) {
    id = ++made;
    ids.set(object, id);
    objects.set(id, object);
  }
  return id;
}

/** What the facade needs to know of a result. */
function pack(value) {
  if (value instanceof AsyncWriteBatch) {
    return {
      [MARK]: 'handle',
      id: keep(value),
      kind: 'WriteBatch',
      facts: [
        ['id', value.id],
        ['kind', value.kind],
      ],
    };
  }
  if (typeof value === 'function') return { [MARK]: 'function', id: keep(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (
    LINK in value &&
    !(
      Symbol.asyncIterator in value &&
      typeof value.next === 'function' &&
      value.constructor === Object
    )
  ) {
    const facts = Object.entries(value).map(([name, fact]) => [name, pack(fact)]);
    return {
      [MARK]: 'handle',
      id: keep(value),
      kind: value.constructor.name.slice('Async'.length),
      facts,
    };
  }
  if (Symbol.asyncIterator in value && !(value instanceof ReadableStream))
    return { [MARK]: 'loop', id: keep(value) };
  if (value instanceof Error) return packError(value);
  if (Buffer.isBuffer(value)) return { [MARK]: 'buffer', bytes: new Uint8Array(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Map)
    return new Map([...value].map(([key, each]) => [pack(key), pack(each)]));
  if (value.constructor?.name === 'LogUpdate') {
    const { sequence, nextSequence, data } = value;
    return { [MARK]: 'logUpdate', values: [sequence, nextSequence, data] };
  }
  if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pack(each)]));
  }
  return value;
}

function packError(error) {
  const names = Object.getOwnPropertyNames(error).filter(
    (name) => name !== 'stack' && name !== 'message',
  );
  return {
    [MARK]: 'error',
    kind: error.constructor.name,
    name: error.name,
    message: error.message,
    stack: error.stack,
    properties: names.map((name) => [name, pack(error[name])]),
  };
}

function unpack(value) {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(unpack);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, unpack(each)]));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  switch (value[MARK]) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpack(each)]));
    case 'handle':
      return partOf(objects.get(value.id), value.path);
    case 'symbol':
      return Symbol('of the test');
    case 'module':
      if (value.module !== undefined) modules.set(value.id, value.module);
      return modules.get(value.id);
    case 'buffer':
      return Buffer.from(value.bytes);
    case 'function':
      return (...given) => post({ notify: value.id, values: given.map(pack) });
    case 'signal': {
      const controller = signals.get(value.id) ?? new AbortController();
      signals.set(value.id, controller);
      if (value.aborted) controller.abort(value.reason);
      return controller.signal;
    }
    default:
      throw new Error(`bridge: ${value[MARK]}`);
  }
}

const partOf = (object, path = []) => path.reduce((part, name) => part[name], object);

const OPERATIONS = {
  call: (target, [name, ...values]) => target[name](...values),
  get: (target, [name]) => target[name],
  chain: (target, [name, ...values]) =>
    Promise.resolve(target[name](...values)).then(() => undefined),
  dispose: (target) => target[Symbol.asyncDispose](),
  loop: (target) => target[Symbol.asyncIterator](),
  stream: (target, [name, ...values]) => {
    const writer = streams.get(target) ?? target.writable.getWriter();
    streams.set(target, writer);
    return writer[name](...values);
  },
  invoke: (target, values) => target(...values),
};

// Not by on('message'): see listen() in src/worker/messages.ts.
facade.addEventListener('message', async ({ data }) => {
  const { request, on, path, operation, values, abort, reason } = data;
  if (abort !== undefined) return signals.get(abort)?.abort(reason);
  try {
    const target = partOf(objects.get(on), path);
    const result = await OPERATIONS[operation](target, values.map(unpack));
    post({ request, value: pack(result) });
  } catch (error) {
    post({ request, failed: true, value: pack(error) });
  }
});
facade.start();
facade.ref();
