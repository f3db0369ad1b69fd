/** A worker that databases live in, as its clients see it. */
import {
  MessageChannel,
  Worker,
  type WorkerOptions as WorkerThreadOptions,
} from 'node:worker_threads';
import { InvalidOptionError } from '../errors.js';
import type { HandleRecord } from '../monitor/ledger.js';
import { describeHandles, handlesWere } from '../monitor/text.js';
import { warn } from '../native/warning.js';
import type * as tools from '../tools.js';
import { type AsyncClasses, STATICS } from './api.gen.js';
import { type Alive, Connection } from './connection.js';
import { CURSORS } from './cursors.js';
import { DATABASES } from './databases.js';
import { type ConnectMessage, type LostMessage, type Port, whenClosed } from './messages.js';
import { extend } from './remote.js';
import type { WorkerStart } from './serve.js';
import { WorkerGoneError } from './worker-errors.js';

extend({ ...CURSORS, ...DATABASES });

const TOOLS = {
  ldb: 'async',
  sstDump: 'async',
  checkConsistency: 'async',
  dumpSst: 'async',
  dumpWal: 'async',
  dumpManifest: 'async',
} as const satisfies Readonly<Record<keyof typeof tools, 'async'>>;

/** Handles that were freed for a client that did not do it. */
export interface LostHandles {
  /** What they were: kind, name, and the line of the client's program that made them, where that was tracked. */
  readonly handles: readonly HandleRecord[];
  /** `collected`: the client's garbage collector found them forgotten. `client ended`: it went without freeing them. */
  readonly how: 'collected' | 'client ended';
}

export interface ClientOptions {
  /** Called with handles that this client has lost; of the one who started the worker, also with those of clients that ended. Default: a process warning. */
  onLost?: (lost: LostHandles) => void;
}

export interface WorkerOptions extends ClientOptions {
  /**
   * A module that the worker imports before all else: what it exports can be given as options, by `fromSetup(name)`, and
   * its functions run, by `rocks.run(name)`.
   */
  setup?: URL | string;
  /** Where the worker's code is, if a bundler has put it elsewhere. Default: beside this module. */
  worker?: URL | string;
  /** The thread's name, where the runtime shows one. Default: `rocksdb-wasm`. */
  name?: string;
}

/** What a client has: the classes, whose static functions run in the worker. */
export interface RocksDBWorker extends AsyncClasses {
  /** RocksDB's tools (`ldb`, `sstDump`, `dumpSst`, ...), with engines of their own in the worker. */
  readonly tools: typeof tools;
}

/**
 * A worker thread that databases are opened in: their calls, flushes and compactions take none of this thread's time. It has the
 * package's classes, with the same names and arguments; every answer is a promise. Close it when it is not needed: the
 * databases in it are closed then. It does not keep the process alive, except while a call is under way.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: its constructor makes all of them, by STATICS
export class RocksDBWorker {
  readonly #connection: Connection;
  readonly #port: Port;
  readonly #alive: Alive;
  /** Of the one who started it. */
  readonly #worker: Worker | undefined;
  #closing: Promise<void> | undefined;

  private constructor(port: Port, worker: Worker | undefined, options: ClientOptions) {
    this.#port = port;
    this.#worker = worker;
    const onLost = options.onLost ?? warnOf;
    // A worker that ends takes its port along, and what it leaves to be told must be waited for, too.
    this.#alive = {
      ref: () => {
        port.ref?.();
        worker?.ref();
      },
      unref: () => {
        port.unref?.();
        worker?.unref();
      },
    };
    this.#connection = new Connection(port, this.#alive, ({ handles, how }: LostMessage) =>
      onLost({ handles: handles as readonly HandleRecord[], how }),
    );
    for (const [name, table] of Object.entries({ ...STATICS, tools: TOOLS })) {
      const members = Object.keys(table).map((member) => [
        member,
        (...values: unknown[]) =>
          this.#connection.call({ link: undefined, on: name, name: member, values }),
      ]);
      Object.defineProperty(this, name, { value: Object.fromEntries(members), enumerable: true });
    }
  }

  /**
   * Starts a worker. Rejects with what the setup module throws, and with WorkerGoneError when there can be no worker
   * (its code is not there, say).
   */
  static async start(options: WorkerOptions = {}): Promise<RocksDBWorker> {
    checkOptions(options);
    const { setup, name = 'rocksdb-wasm' } = options;
    const { port1, port2 } = new MessageChannel();
    const port = port1 as unknown as Port;
    const workerData: WorkerStart = {
      setup: setup === undefined ? undefined : String(setup),
      port: port2 as unknown as Port,
    };
    const how = { workerData, transferList: [port2], name, type: 'module' } as WorkerThreadOptions;
    // As bundlers know it.
    const worker =
      options.worker === undefined
        ? new Worker(new URL('./worker-thread.js', import.meta.url), how)
        : new Worker(options.worker, how);
    const rocks = new RocksDBWorker(port, worker, options);
    const gone = (cause?: unknown) => rocks.#gone(cause);
    worker.on('error', gone);
    worker.on('exit', (code) => gone(code === 0 ? undefined : new Error(`it ended with ${code}`)));
    await rocks.#begun();
    return rocks;
  }

  /** Another client of a worker: of a port that `connect()` of one gave, here or in another thread. */
  static async attach(port: MessagePort, options: ClientOptions = {}): Promise<RocksDBWorker> {
    checkOptions(options);
    if (typeof port?.postMessage !== 'function') {
      throw new InvalidOptionError('port: expected a MessagePort of connect()', 'port', port);
    }
    const rocks = new RocksDBWorker(port as unknown as Port, undefined, options);
    whenClosed(port as unknown as Port, () => rocks.#gone());
    await rocks.#begun();
    return rocks;
  }

  /**
   * A port for another client, to be given to `RocksDBWorker.attach` in whatever thread it was sent to. Each client has handles of its own;
   * `RocksDB.shared` gives them one database. When its thread ends, what it has is freed.
   */
  connect(): MessagePort {
    this.#assertHere();
    const { port1, port2 } = new MessageChannel();
    const message: ConnectMessage = { type: 'connect', port: port2 as unknown as MessagePort };
    if (this.#worker === undefined) this.#connection.post(message, [port2]);
    else this.#worker.postMessage(port2, [port2]);
    return port1 as unknown as MessagePort;
  }

  /**
   * Runs a function that the setup module exports, in the worker, and gives what it returns. Handles among its arguments
   * are there what they are there: a `RocksDB`, with its synchronous calls.
   */
  run(name: string, ...values: readonly unknown[]): Promise<unknown> {
    return this.#connection.call({
      link: undefined,
      on: '',
      name: '@run',
      values: [name, ...values],
    });
  }

  /** Calls that wait for their answers. */
  get pending(): number {
    return this.#connection.pending;
  }

  /** About how many bytes of keys and values they took along. */
  get pendingBytes(): number {
    return this.#connection.pendingBytes;
  }

  /**
   * Resolves once no more than `bytes` are on their way (16 MiB by default): for a program that writes without awaiting each call.
   */
  drain(bytes = 16 * 1024 * 1024): Promise<void> {
    return this.#connection.drain(bytes);
  }

  /** Undefined: the worker is there. */
  get gone(): WorkerGoneError | undefined {
    return this.#connection.gone;
  }

  /**
   * Frees what this client has in the worker, dependants first, and returns once that is done; who started the worker ends
   * it, too. Calls that were made before are done before. Doing it again does nothing.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the worker at once: what was acknowledged is in its databases, and calls under way fail with WorkerGoneError. */
  async terminate(): Promise<void> {
    if (this.#worker === undefined)
      throw new TypeError('terminate: only who started the worker can');
    await this.#worker.terminate();
    this.#gone();
  }

  async #close(): Promise<void> {
    if (this.#connection.gone !== undefined) return;
    try {
      await this.#connection.call({ link: undefined, on: '', name: '@close', values: [] });
    } catch (error) {
      if (!(error instanceof WorkerGoneError)) throw error;
    }
    if (this.#worker !== undefined) await this.#worker.terminate();
    else {
      this.#connection.post({ type: 'leave' });
      this.#port.close?.();
    }
    this.#gone();
  }

  async #begun(): Promise<void> {
    this.#alive.ref();
    try {
      await this.#connection.ready;
    } catch (error) {
      await this.#worker?.terminate();
      throw error;
    } finally {
      if (this.#connection.pending === 0) this.#alive.unref();
    }
  }

  #gone(cause?: unknown): void {
    const closed = this.#closing !== undefined;
    const why = closed ? 'was closed' : 'has ended';
    const what = this.#worker === undefined ? 'the worker, or this way to it,' : 'the worker';
    const how = cause === undefined || closed ? undefined : { cause };
    const text = cause instanceof Error && !closed ? `: ${cause.message}` : '';
    this.#connection.end(new WorkerGoneError(`${what} ${why}${text}`, how));
  }

  #assertHere(): void {
    const { gone } = this.#connection;
    if (gone !== undefined) throw new WorkerGoneError(gone.message, { cause: gone.cause });
  }
}

function checkOptions(options: WorkerOptions): void {
  const { setup, worker, onLost } = options;
  for (const [name, value] of Object.entries({ setup, worker })) {
    if (value === undefined || value instanceof URL || typeof value === 'string') continue;
    throw new InvalidOptionError(`${name}: expected a URL or a string`, name, value);
  }
  if (onLost !== undefined && typeof onLost !== 'function') {
    throw new InvalidOptionError('onLost: expected a function', 'onLost', onLost);
  }
}

function warnOf({ handles, how }: LostHandles): void {
  const why = how === 'collected' ? 'before they were lost' : 'before their client ended';
  warn(`${handlesWere(handles.length)} not freed ${why}: ${describeHandles(handles)}`);
}
