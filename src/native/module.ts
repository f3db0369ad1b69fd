/** Loads, compiles and instantiates the wasm. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CallbackError,
  define,
  EncryptionError,
  EngineCrashedError,
  errorFromStatus,
  LockedError,
  RocksDBError,
} from '../errors.js';
import { shown } from '../shown.js';
import { errnoName, errnoOf, missingPermission } from '../wasi/abi.js';
import type { Clock } from '../wasi/clock.js';
import type { DescriptorObserver } from '../wasi/fd-table.js';
import { type FileSystem, LockHeldError } from '../wasi/file-system.js';
import { createWasi, type Wasi } from '../wasi/imports.js';
import type { Random } from '../wasi/random.js';
import {
  bindExports,
  CallbackStateLayout,
  CONTRACT_ID,
  EngineInfoLayout,
  type Exports,
  type HostState,
  MemoryStateLayout,
  type RawExports,
} from './exports.gen.js';
import { Heap } from './heap.js';
import { HostCallbacks } from './host-callbacks.js';
import { packageFile } from './package-files.js';
import type { WasmSource } from './wasm-source.js';

/** The package's modules, each compiled once. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

/**
 * The compiled module; the package's own ones are compiled once and shared by all engines. `tools`: the one with
 * RocksDB's own tools.
 */
export function loadModule(
  source?: WasmSource,
  flavour: 'release' | 'tools' = 'release',
): Promise<WebAssembly.Module> {
  if (source !== undefined) return checked(compile(source));
  let module = modules.get(flavour);
  if (module === undefined) {
    module = compileOwn(flavour).catch((error) => {
      modules.delete(flavour); // the next open tries again
      throw error;
    });
    modules.set(flavour, module);
  }
  return module;
}

async function compileOwn(flavour: 'release' | 'tools'): Promise<WebAssembly.Module> {
  return checked(compile(packageFile(flavour)));
}

/** Refuses the wasm of another version of the package: its calls may mean something else. */
async function checked(compiled: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  const module = await compiled;
  const [section] = WebAssembly.Module.customSections(module, 'rocksdb-wasm-contract');
  const id = section === undefined ? undefined : new TextDecoder().decode(section);
  if (id === CONTRACT_ID) return module;
  throw new RocksDBError(
    'ERR_ROCKSDB_WASM_INVALID',
    `this wasm is not of this version of rocksdb-wasm (its contract is ${id ?? 'not said'}, this one's is ` +
      `${CONTRACT_ID}): take the rocksdb.wasm of the installed package`,
  );
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === 'string' || source instanceof URL) {
    const url = urlOf(source);
    return compileBytes(await readUrl(url), url.href);
  }
  if (source instanceof Response) {
    const url = source.url || 'the response given';
    if (!source.ok) throw notFound(url, new Error(`HTTP ${source.status}`));
    return compileBytes(await source.arrayBuffer().catch(invalid(url)), url);
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return compileBytes(source as BufferSource, 'what was given');
  }
  throw new RocksDBError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `wasm: ${shown(source)} is neither a WebAssembly.Module, a Response, bytes, a URL nor a path`,
  );
}

function notFound(where: string, cause: unknown): RocksDBError {
  const what = cause instanceof Error ? cause.message : String(cause);
  const message = `the wasm cannot be loaded from ${where}: ${what}`;
  return new RocksDBError('ERR_ROCKSDB_WASM_NOT_FOUND', message, { cause });
}

/** For what cannot be read or compiled. */
function invalid(from: string): (cause: unknown) => never {
  return (cause) => {
    const what = cause instanceof Error ? cause.message : String(cause);
    const message = `${from} is no sound WebAssembly: ${what}`;
    throw new RocksDBError('ERR_ROCKSDB_WASM_INVALID', message, { cause });
  };
}

/** A string that is no URL is a path. */
function urlOf(source: string | URL): URL {
  if (source instanceof URL) return source;
  return URL.canParse(source) && !path.isAbsolute(source)
    ? new URL(source)
    : pathToFileURL(path.resolve(source));
}

async function readUrl(url: URL): Promise<BufferSource> {
  try {
    if (url.protocol === 'file:') return await fs.promises.readFile(url);
    const response = await fetch(url);
    if (response.ok) return await response.arrayBuffer();
    throw new Error(`HTTP ${response.status}`);
  } catch (error) {
    throw notFound(url.href, error);
  }
}

function compileBytes(bytes: BufferSource, from: string): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  if (view[0] !== 0 || view[1] !== 0x61 || view[2] !== 0x73 || view[3] !== 0x6d) {
    const start = new TextDecoder().decode(view.subarray(0, 16));
    throw new RocksDBError(
      'ERR_ROCKSDB_WASM_INVALID',
      `${from} is not WebAssembly: it begins with ${JSON.stringify(start)}. Copy rocksdb.wasm to where ` +
        'the bundle looks for it, or pass it as the option `wasm`',
    );
  }
  return WebAssembly.compile(view as BufferSource).catch(invalid(from));
}

/** rocksdb_wasm::FatalReason */
const FATAL_CODES: Readonly<Record<number, string>> = {
  1: 'ERR_ROCKSDB_DEADLOCK',
  2: 'ERR_ROCKSDB_OUT_OF_MEMORY',
  3: 'ERR_ROCKSDB_ENGINE_CRASHED',
  4: 'ERR_ROCKSDB_HEAP_CORRUPTED',
};

export interface NativeOptions {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every descriptor that is opened and closed. */
  readonly descriptors?: DescriptorObserver;
}

/** Is told of each allocation and free, amid the engine's work. Nothing of it may throw. */
export interface AllocationListener {
  allocated(address: number, bytes: number, owner: number): void;
  freed(address: number, bytes: number, owner: number): void;
  /** The engine has crashed or was freed: nothing more will come. */
  ended(): void;
}

/** One instance of the wasm: its exports, memory and file descriptors. */
export class Native {
  readonly calls: Exports;
  readonly heap: Heap;
  readonly wasi: Wasi;
  /** Addresses from rdb_engine_info. */
  readonly info: Readonly<Record<Exclude<keyof typeof EngineInfoLayout, 'byteLength'>, number>>;
  #crash: Error | undefined;
  #disposed = false;
  #printed: string | undefined;
  #fatal: { reason: number; message: string } | undefined;
  #onCrash: (() => void) | undefined;
  #allocations: AllocationListener | undefined;
  /** Functions of the program's that the wasm may call. */
  readonly callbacks: HostCallbacks;
  readonly #host: HostState = { active: false, failure: undefined };
  readonly #stop: () => void;

  constructor(module: WebAssembly.Module, options: NativeOptions) {
    let heap: Heap | undefined;
    const views = () => {
      const { HEAPU8, view } = heap as Heap;
      return { u8: HEAPU8, view };
    };
    // What the guest prints says why it aborts: a failed assertion, above all.
    const stderr = (line: string) => {
      this.#printed = line;
    };
    const host = this.#host;
    const inBackground = () =>
      (heap as Heap).getWord(this.info.callbacks + CallbackStateLayout.inBackground) !== 0;
    this.callbacks = new HostCallbacks(host, inBackground);
    this.wasi = createWasi({ ...options, memory: views, stderr, host });
    const text = (address: number, length: number) =>
      (heap as Heap).readText(address >>> 0, length >>> 0);
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: this.wasi.imports as WebAssembly.ModuleImports,
      rocksdb_host: {
        fatal: (reason: number, address: number, length: number) => {
          this.#fatal = { reason, message: text(address, length) };
        },
        memory_grown: () => heap?.refresh(),
        trace_allocation: (block: number, bytes: number, owner: number) => {
          host.active = true;
          this.#allocations?.allocated(block >>> 0, bytes >>> 0, owner);
          host.active = false;
        },
        trace_free: (block: number, bytes: number, owner: number) => {
          host.active = true;
          this.#allocations?.freed(block >>> 0, bytes >>> 0, owner);
          host.active = false;
        },
        call: (callback: number, method: number, at: number) =>
          this.callbacks.call(callback, method, at >>> 0),
        retain: (callback: number) => this.callbacks.retain(callback),
        release: (callback: number) => this.callbacks.release(callback),
        lock_file: (address: number, length: number) => this.wasi.lockFile(text(address, length)),
        unlock_file: (address: number, length: number) =>
          this.wasi.unlockFile(text(address, length)),
      },
    });
    const raw = instance.exports as unknown as RawExports;
    this.heap = heap = new Heap(raw.memory);
    const { calls, stop } = bindExports(
      raw,
      host,
      (error) => this.#trapped(error),
      () => this.refusal(),
      reentered,
      (status) => this.takeFailure(status),
    );
    this.calls = calls;
    this.#stop = stop;
    try {
      raw._initialize();
    } catch (error) {
      throw this.#trapped(error);
    }
    this.info = this.#readInfo();
  }

  /** True while the wasm waits for the host. */
  get busy(): boolean {
    return this.#host.active;
  }

  /** Throws while the wasm waits for the host: what belongs to the call that is under way is not to be touched. */
  assertIdle(): void {
    if (this.busy) throw reentered();
  }

  /** True after a crash or dispose(): nothing enters the wasm any more. */
  get stopped(): boolean {
    return this.#crash !== undefined || this.#disposed;
  }

  /** True after a trap, exhausted memory or a deadlock. */
  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** What every call throws after a crash. */
  refusal(): Error {
    const crash = this.#crash;
    if (crash === undefined) {
      return new EngineCrashedError('ERR_ROCKSDB_ENGINE_CLOSED', 'the engine was closed');
    }
    return new EngineCrashedError(
      'ERR_ROCKSDB_ENGINE_CRASHED',
      `the engine has stopped: ${crash.message}`,
      { cause: crash },
    );
  }

  /** Called once when the engine crashes, after its files and locks were given up. */
  set onCrash(callback: () => void) {
    this.#onCrash = callback;
  }

  /** From now on, this listener is told of each allocation and free; undefined: nobody. */
  set allocations(listener: AllocationListener | undefined) {
    const before = this.#allocations;
    this.#allocations = undefined;
    if (listener !== undefined) before?.ended();
    this.#allocations = listener;
    if (this.stopped) {
      this.#allocations = undefined;
      listener?.ended();
      return;
    }
    this.heap.setWord(this.info.memory + MemoryStateLayout.trace, listener === undefined ? 0 : 1);
  }

  /**
   * Throws the error that a status other than 0 stands for, and that of a callback that threw in a call that
   * made an object (others throw it themselves).
   */
  check(status: number): void {
    if (status !== 0) throw this.takeError(status);
    if (this.#host.failure !== undefined) throw this.takeFailure();
  }

  /**
   * The error of the callback that threw in the last call; the call is over by now, and ended with this
   * status (0: it did what it was to do).
   */
  takeFailure(status = 0): CallbackError {
    const { failure } = this.#host;
    this.#host.failure = undefined;
    this.heap.setWord(this.info.callbacks + CallbackStateLayout.failing, 0);
    if (status !== 0) this.calls.rdb_status_clear();
    const cause = failure?.error;
    const what = cause instanceof Error ? cause.message : String(cause);
    const background = failure?.background === true;
    const where = background ? ' in background work' : '';
    const message = `a callback threw${where}: ${what}`;
    const error = new CallbackError('ERR_ROCKSDB_CALLBACK', message, { cause });
    define(error, 'background', background);
    define(error, 'applied', status === 0);
    return withoutFrames(error);
  }

  /** The error for a status; its message and cause are taken from the wasm and the file system. */
  takeError(status: number): RocksDBError {
    if (this.#host.failure !== undefined) return this.takeFailure(status);
    const { heap, calls } = this;
    const slice = this.info.errorMessage;
    const message = heap.readText(heap.getWord(slice), heap.getWord(slice + 4));
    calls.rdb_status_clear();
    const cause = this.wasi.takeLastError()?.error;
    if (cause instanceof LockHeldError && message.includes('[EAGAIN]')) {
      return withoutFrames(this.lockedError(cause));
    }
    if (cause instanceof EncryptionError && message.includes('[EIO]')) {
      const { code, path } = cause;
      return withoutFrames(new EncryptionError(code, cause.message, path, { cause }));
    }
    // A file error that was dealt with in the meantime is not this error's cause.
    const known = message.includes(`[${errnoName(errnoOf(cause))}]`);
    if (!known) return withoutFrames(errorFromStatus(status, message));
    const text = [message, missingPermission(cause)].filter(Boolean).join(': ');
    return withoutFrames(errorFromStatus(status, text, cause));
  }

  /** The error for a lock that is held. */
  lockedError(held: LockHeldError): LockedError {
    const { owner } = held;
    const sameEngine = owner?.token !== undefined && this.wasi.holdsLock(owner.token);
    let remedy = '';
    if (sameEngine) remedy = ', by this engine: use the database that is open, or close it first';
    else if (owner?.thisProcess) {
      remedy = ', by another engine: share the open database, with RocksDB.shared';
    }
    const error = new LockedError('ERR_ROCKSDB_LOCKED', held.message + remedy, { cause: held });
    if (owner === undefined) return error;
    const { pid, program, host, thisProcess, native } = owner;
    const since = owner.since === undefined ? undefined : new Date(owner.since);
    define(error, 'owner', { pid, program, since, host, thisProcess, sameEngine, native });
    return error;
  }

  /** Ends the engine: closes its files, releases its locks, refuses all calls. */
  dispose(): unknown[] {
    this.#allocations?.ended();
    this.#disposed = true;
    this.callbacks.clear();
    this.#stop();
    const errors = this.wasi.dispose();
    this.heap.release();
    return errors;
  }

  #trapped(error: unknown): Error {
    if (this.#crash !== undefined) return this.refusal();
    const fatal = this.#fatal;
    const code = FATAL_CODES[fatal?.reason ?? 3] as string;
    const trap = error instanceof Error ? error.message : String(error);
    const what = fatal?.message ?? [this.#printed, trap].filter(Boolean).join(': ');
    const crash = new EngineCrashedError(
      code,
      `${what}. The engine has stopped; open its databases anew, they recover what was synced`,
      { cause: error },
    );
    this.#crash = withoutFrames(crash);
    this.#host.active = false;
    this.callbacks.clear();
    this.#allocations?.ended();
    this.#stop();
    this.wasi.dispose();
    this.#onCrash?.();
    return crash;
  }

  #readInfo(): Native['info'] {
    const { calls, heap } = this;
    const at = calls.rdb_memory_alloc(EngineInfoLayout.byteLength) >>> 0;
    calls.rdb_engine_get_info(at);
    const info: Record<string, number> = {};
    for (const [name, offset] of Object.entries(EngineInfoLayout)) {
      if (name !== 'byteLength') info[name] = heap.getWord(at + offset);
    }
    calls.rdb_memory_free(at);
    return info as Native['info'];
  }
}

function reentered(): RocksDBError {
  return new RocksDBError(
    'ERR_ROCKSDB_REENTRANT',
    'the engine was called from within its own file system, clock, randomness, allocation trace or callback',
  );
}

/**
 * V8 keeps the frames of an error, and with a wasm frame its instance and all of linear memory, until the
 * stack is asked for. An error that a program keeps must not keep 4 GiB.
 */
function withoutFrames<E extends Error>(error: E): E {
  for (let each: unknown = error; each instanceof Error; each = each.cause) void each.stack;
  return error;
}
