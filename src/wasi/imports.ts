/**
 * The host's side of wasi_snapshot_preview1, over an injected file system, clock and source of
 * randomness. No import throws into the guest, but for proc_exit: errors become errnos, and the
 * last one is kept for whoever turns the guest's answer into an exception.
 */
import { Errno, errnoOf } from './abi.js';
import type { Clock } from './clock.js';
import { type Call, CallContext, type Calls, type HostState } from './context.js';
import { fdCalls } from './fd-calls.js';
import { type DescriptorObserver, FdTable } from './fd-table.js';
import { type FileSystem, FileSystemError, type HeldLock } from './file-system.js';
import type { MemoryViews } from './guest-memory.js';
import { pathCalls } from './path-calls.js';
import { normalizeAbsolute } from './paths.js';
import { GuestExit, processCalls } from './process-calls.js';
import type { Random } from './random.js';
import { readdirCalls } from './readdir.js';

export { GuestExit } from './process-calls.js';

export interface WasiOptions {
  readonly fileSystem: FileSystem;
  /** Views of the guest's memory as it is now: asked for in every call. */
  readonly memory: () => MemoryViews;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Gets what the guest writes to standard output or error, a line at a time. Default:
   * console.error.
   */
  readonly stderr?: (text: string) => void;
  /** Default: empty. The host's own is never passed on. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly descriptors?: DescriptorObserver;
  /** Says `active` while the guest waits for one of these functions: it cannot be entered then. */
  readonly host?: HostState;
}

/** Why the last import that failed did so. */
export interface LastError {
  readonly error: unknown;
  readonly path: string | undefined;
  /** Name of the import; `lock_file` and `unlock_file` for the two of rocksdb_host. */
  readonly operation: string;
}

export interface Wasi {
  /**
   * For `wasi_snapshot_preview1`: all of its functions; ENOSYS from those that make no sense here.
   */
  readonly imports: Readonly<Record<string, Call>>;
  /** Descriptors and preopened folders. */
  readonly fds: FdTable;
  /**
   * Takes the database lock that a LOCK file stands for. Returns an errno: EAGAIN when it is held.
   */
  lockFile(path: string): number;
  /**
   * Takes the lock before the guest asks for it, and throws as the file system does: the next lockFile() of that
   * path takes it over. Returns what releases it when none has.
   */
  lockEarly(path: string): () => void;
  /** Releases what lockFile() took. Returns an errno. */
  unlockFile(path: string): number;
  /** Paths of the locks that are held. */
  heldLocks(): string[];
  /** Whether a lock that was met is one of these. */
  holdsLock(token: string): boolean;
  /** The last failure, once; undefined when none came since. */
  takeLastError(): LastError | undefined;
  /**
   * Closes all descriptors, then releases all locks; idempotent. Returns the errors that it met.
   */
  dispose(): unknown[];
}

/** Functions of preview1 that a database has no use for. */
const NOT_IMPLEMENTED = [
  'fd_fdstat_set_rights',
  'fd_renumber',
  'proc_raise',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
];

export function createWasi(options: WasiOptions): Wasi {
  const { fileSystem, memory, clock, random, environment = {}, host = { active: false } } = options;
  const fds = new FdTable(options.stderr ?? ((text) => console.error(text)), options.descriptors);
  const context = new CallContext(host, fileSystem, fds, memory, clock, random, environment);
  const locks = new Map<string, HeldLock>();
  const early = new Map<string, HeldLock>();
  let lastError: LastError | undefined;

  const fail = (operation: string, error: unknown): number => {
    lastError = { error, path: context.path, operation };
    return errnoOf(error);
  };

  const calls: Calls = {
    ...fdCalls(context),
    ...readdirCalls(context),
    ...pathCalls(context),
    ...processCalls(context),
  };
  const imports: Record<string, Call> = {};
  for (const name of NOT_IMPLEMENTED) imports[name] = () => Errno.ENOSYS;
  for (const [name, call] of Object.entries(calls))
    imports[name] = guard(name, call, context, fail);

  /** Runs a function of rocksdb_host like an import of WASI. */
  const lockCall = (operation: string, path: string, run: (path: string) => void): number => {
    context.path = path;
    context.host.active = true;
    try {
      const normal = normalizeAbsolute(path);
      if (!fds.reaches(normal)) {
        throw new FileSystemError('ENOTCAPABLE', `${path} is in no folder of this engine`);
      }
      run(normal);
      return Errno.ESUCCESS;
    } catch (error) {
      return fail(operation, error);
    } finally {
      context.host.active = false;
    }
  };

  return {
    imports,
    fds,
    lockFile: (path) =>
      lockCall('lock_file', path, (normal) => {
        locks.set(normal, early.get(normal) ?? fileSystem.locks.acquire(normal));
        early.delete(normal);
      }),
    lockEarly: (path) => {
      const normal = normalizeAbsolute(path);
      const lock = fileSystem.locks.acquire(normal);
      early.set(normal, lock);
      return () => {
        if (early.delete(normal)) lock.release();
      };
    },
    unlockFile: (path) =>
      lockCall('unlock_file', path, (normal) => {
        const lock = locks.get(normal);
        if (lock === undefined) throw new FileSystemError('EINVAL', `${path} is not locked`);
        locks.delete(normal);
        lock.release();
      }),
    heldLocks: () => [...locks.keys()],
    holdsLock: (token) => [...locks.values()].some((lock) => lock.token === token),
    takeLastError() {
      const taken = lastError;
      lastError = undefined;
      return taken;
    },
    dispose() {
      // Files first: who gets the lock must find nobody writing.
      const errors = fds.closeAll();
      lastError = undefined; // its stack holds the instance, and with it the guest's memory
      for (const [path, lock] of locks) {
        locks.delete(path);
        try {
          lock.release();
        } catch (error) {
          errors.push(error);
        }
      }
      return errors;
    },
  };
}

/**
 * Turns what a call throws into an errno. Nine parameters, the most that a function of preview1
 * has, are written out since a rest parameter would allocate an array for each call.
 */
function guard(
  name: string,
  call: Call,
  context: CallContext,
  fail: (operation: string, error: unknown) => number,
): Call {
  const run = call as (...args: unknown[]) => number;
  return (
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
    f?: unknown,
    g?: unknown,
    h?: unknown,
    i?: unknown,
  ) => {
    context.path = undefined;
    context.host.active = true;
    try {
      return run(a, b, c, d, e, f, g, h, i);
    } catch (error) {
      if (error instanceof GuestExit) throw error;
      return fail(name, error);
    } finally {
      context.host.active = false;
    }
  };
}
