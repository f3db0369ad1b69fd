/** Any file system, with calls that fail by rules: what RocksDB's FaultInjectionTestFS is to RocksDB's own tests. */
import type { Clock } from '../wasi/clock.js';
import type {
  DirectoryEntry,
  DirectoryHandle,
  FileHandle,
  FileStat,
  FileSystem,
  HeldLock,
  LockManager,
  OpenFlags,
} from '../wasi/file-system.js';
import { DiskSpace } from './disk-space.js';
import { faultyFile } from './faulty-file.js';
import { type Counts, type FaultFunction, type InjectedFault, Injector } from './injector.js';
import { checkInteger, type FaultRule, invalid } from './rules.js';

export interface FaultFileSystemOptions {
  /** Decides what is left to chance. The same seed, rules and calls: the same faults. Default: 0. */
  readonly seed?: number | bigint;
  /** Default: none. */
  readonly rules?: readonly FaultRule[];
  /** How many bytes there is room for until the disk is full: see `freeBytes`. Default: no limit. */
  readonly freeBytes?: number;
  /** What delays sleep on. Default: the host's clock. */
  readonly clock?: Clock;
}

/**
 * A file system over another, whose calls fail by rules: `new FaultFileSystem(new NodeFileSystem(), { seed: 7, rules:
 * [{ operation: 'sync', path: '*.log', call: 3, errno: 'EIO' }] })`. Give it to an engine or a database as `fileSystem`.
 *
 * It holds nothing that has to be freed. Calls are counted from its making, or from `reset()`, on.
 */
export class FaultFileSystem implements FileSystem {
  readonly locks: LockManager;
  readonly #inner: FileSystem;
  readonly #injector: Injector;
  readonly #space: DiskSpace;

  /** Throws InvalidOptionError, which names the rule and what is wrong with it. */
  constructor(inner: FileSystem, options: FaultFileSystemOptions = {}) {
    const { seed = 0, rules = [], freeBytes, clock } = options;
    const injector = new Injector(seed, clock);
    this.#inner = inner;
    this.#injector = injector;
    this.#space = new DiskSpace(inner, (operation, path, bytes) =>
      injector.note(operation, path, { errno: 'ENOSPC', bytes }, []),
    );
    this.rules = rules;
    this.freeBytes = freeBytes;
    this.locks = faultyLocks(inner.locks, injector);
  }

  /** The rules at work. Setting them checks them, and begins to count what fits them anew. */
  get rules(): readonly FaultRule[] {
    return this.#injector.rules;
  }

  set rules(rules: readonly FaultRule[]) {
    this.#injector.rules = rules;
  }

  /** False: calls are counted, and neither rules nor the fault function strike. A full disk stays full. */
  get enabled(): boolean {
    return this.#injector.enabled;
  }

  set enabled(enabled: boolean) {
    this.#injector.enabled = enabled;
  }

  /** Asked about every call that no rule fails, for what rules cannot say. What it throws, the call throws. */
  get fault(): FaultFunction | undefined {
    return this.#injector.fault;
  }

  set fault(fault: FaultFunction | undefined) {
    this.#injector.fault = fault;
  }

  /**
   * Bytes that files can grow by until the disk is full: a write does what there is room for, and the next one fails
   * with ENOSPC. What is truncated, or removed and open no more, gives its room back. Undefined: no limit.
   */
  get freeBytes(): number | undefined {
    return this.#space.freeBytes;
  }

  set freeBytes(bytes: number | undefined) {
    checkInteger(bytes, 'freeBytes', 0);
    this.#space.freeBytes = bytes;
  }

  /** How many calls there were. */
  get callCount(): number {
    return this.#injector.calls;
  }

  /** How many there were, by operation. */
  get calls(): Readonly<Counts> {
    return { ...this.#injector.callsOf };
  }

  /** How many faults were injected, by operation. */
  get injected(): Readonly<Counts> {
    return { ...this.#injector.injectedOf };
  }

  /** What was injected, in order: the newest 10,000. */
  get log(): readonly InjectedFault[] {
    return [...this.#injector.log];
  }

  /** Begins anew: counts, log and chance; not the rules, and not the room on the disk. */
  reset(): void {
    this.#injector.reset();
  }

  /**
   * Flips bits of a file as it lies on the disk, chosen by the seed among the bytes from `from` to `to` (default: all).
   * Returns them, counted from the beginning of the file. Throws what the file system below throws, and
   * InvalidOptionError when there are not so many bits.
   */
  flipBits(path: string, count = 1, range: { from?: number; to?: number } = {}): number[] {
    const { from = 0, to } = range;
    checkInteger(count, 'count', 1);
    checkInteger(from, 'from', 0);
    checkInteger(to, 'to', 0);
    const flags = { read: true, write: true, create: false, exclusive: false, truncate: false };
    const file = this.#inner.open(path, flags);
    try {
      const end = Math.min(to ?? Number.POSITIVE_INFINITY, file.stat().size);
      if ((end - from) * 8 < count) throw invalid('count', count, `is more than ${path} has there`);
      const bits = this.#injector.chooseBits(from * 8, end * 8, count);
      for (const bit of bits) flipBit(file, bit);
      this.#injector.note('write', path, {}, [], bits);
      return bits;
    } finally {
      file.close();
    }
  }

  open(path: string, flags: OpenFlags): FileHandle {
    const open = () => this.#inner.open(path, flags);
    const file = this.#injector.run(
      flags.create ? 'create' : 'open',
      path,
      () => (flags.truncate ? this.#space.truncating(path, open) : open()),
      (opened) => opened.close(),
    );
    try {
      return faultyFile(file, path, this.#injector, this.#space);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  openDirectory(path: string): DirectoryHandle {
    const injector = this.#injector;
    const folder = injector.run(
      'openDirectory',
      path,
      () => this.#inner.openDirectory(path),
      (opened) => opened.close(),
    );
    return {
      sync: () => injector.run('syncDirectory', path, () => folder.sync()),
      stat: () => injector.run('stat', path, () => folder.stat()),
      close: () => injector.run('close', path, () => folder.close()),
    };
  }

  stat(path: string): FileStat {
    return this.#injector.run('stat', path, () => this.#inner.stat(path));
  }

  setModified(path: string, modifiedNs: bigint): void {
    this.#injector.run('setModified', path, () => this.#inner.setModified(path, modifiedNs));
  }

  readDirectory(path: string): DirectoryEntry[] {
    return this.#injector.run('readDirectory', path, () => this.#inner.readDirectory(path));
  }

  createDirectory(path: string): void {
    this.#injector.run('createDirectory', path, () => this.#inner.createDirectory(path));
  }

  removeDirectory(path: string): void {
    this.#injector.run('removeDirectory', path, () => this.#inner.removeDirectory(path));
  }

  removeFile(path: string): void {
    this.#injector.run('removeFile', path, () =>
      this.#space.unnaming(path, () => this.#inner.removeFile(path)),
    );
  }

  rename(from: string, to: string): void {
    this.#injector.run('rename', from, () =>
      this.#space.unnaming(to, () => this.#inner.rename(from, to), from),
    );
  }

  link(from: string, to: string): void {
    this.#injector.run('link', from, () => this.#inner.link(from, to));
  }
}

/** A lock that is reported as taken in vain is given back. */
function faultyLocks(locks: LockManager, injector: Injector): LockManager {
  return {
    acquire(path): HeldLock {
      const lock = injector.run(
        'lock',
        path,
        () => locks.acquire(path),
        (taken) => taken.release(),
      );
      const { token } = lock;
      return { path, token, release: () => injector.run('unlock', path, () => lock.release()) };
    },
    forget: (path) => injector.run('lock', path, () => locks.forget(path)),
  };
}

function flipBit(file: FileHandle, bit: number): void {
  const byte = new Uint8Array(1);
  file.read(byte, Math.floor(bit / 8));
  byte[0] = (byte[0] as number) ^ (1 << (bit % 8));
  file.write(byte, Math.floor(bit / 8));
}
