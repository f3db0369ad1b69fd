import { Cache } from './cache.js';
import type { Engine } from './engine.js';
import {
  type CachePtr,
  WriteBufferManagerFiguresLayout,
  type WriteBufferManagerPtr,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { type Check, checkFields, flag, instanceOf, integer } from './option-checks.js';
import { SharedResource } from './shared-resource.js';

export interface WriteBufferManagerOptions {
  /** Bytes that the memtables of all its databases may take together; 0: no limit. */
  bufferSize: number;
  /** Charges the memtables' memory to this cache, whose blocks make room for it. Default: none. */
  cache?: Cache;
  /**
   * Writes wait beyond the limit, until flushes have made room. A write goes on all the same when no flush is left
   * that could: iterators hold the memory, or it is another database's, which its own writes flush. Default: false.
   */
  allowStall?: boolean;
}

const CHECKS: Readonly<Record<keyof WriteBufferManagerOptions, Check>> = {
  bufferSize: integer(0),
  cache: instanceOf(Cache),
  allowStall: flag,
};

/**
 * One limit for the memtables of all column families of the databases that are opened with it as
 * `writeBufferManager`. A write that passes 7/8 of it has its database flush its largest memtable first.
 */
export class WriteBufferManager extends SharedResource {
  constructor(engine: Engine, options: WriteBufferManagerOptions) {
    checkFields(options, CHECKS);
    CHECKS.bufferSize(options.bufferSize, 'bufferSize');
    engine.assertUsable();
    const { bufferSize, cache, allowStall = false } = options;
    const chargedTo = (cache?.pointerFor(engine, 'cache') ?? 0) as CachePtr;
    const { calls } = engine.native;
    const made = calls.rdb_write_buffer_manager_create(bufferSize, chargedTo, allowStall ? 1 : 0);
    super(engine, 'writeBufferManager', made, release);
  }

  /** Whether there is a limit. */
  get enabled(): boolean {
    return this.#word('enabled') === 1;
  }

  /** Whether the memory is charged to a cache. */
  get costToCache(): boolean {
    return this.#word('costToCache') === 1;
  }

  /** Whether the memtables take as much as the limit, or more. */
  get isOverLimit(): boolean {
    return this.#word('overLimit') === 1;
  }

  /** Bytes of all memtables. Of a manager without a limit and without a cache: 0. */
  get memoryUsage(): number {
    return this.#double('memoryUsage');
  }

  /** Bytes of those that are still written to. */
  get mutableMemtableMemoryUsage(): number {
    return this.#double('mutableMemoryUsage');
  }

  /** Bytes that are charged to the cache, in steps of 256 KiB. */
  get dummyEntriesInCacheUsage(): number {
    return this.#double('chargedToCache');
  }

  get bufferSize(): number {
    return this.#double('bufferSize');
  }

  /** Changes the limit, in bytes; at least 1. */
  setBufferSize(bytes: number): void {
    integer(1)(bytes, 'bufferSize');
    this.calls().rdb_write_buffer_manager_set_buffer_size(this.#pointer, bytes);
  }

  /** See `allowStall`. */
  setAllowStall(allow: boolean): void {
    flag(allow, 'allowStall');
    this.calls().rdb_write_buffer_manager_set_allow_stall(this.#pointer, allow ? 1 : 0);
  }

  get #pointer(): WriteBufferManagerPtr {
    return this.core.pointer as WriteBufferManagerPtr;
  }

  #word(name: keyof typeof WriteBufferManagerFiguresLayout): number {
    const { native, out } = this.used();
    native.calls.rdb_write_buffer_manager_read(this.#pointer, out);
    return native.heap.getWord(out + WriteBufferManagerFiguresLayout[name]);
  }

  #double(name: keyof typeof WriteBufferManagerFiguresLayout): number {
    const { native, out } = this.used();
    native.calls.rdb_write_buffer_manager_read(this.#pointer, out);
    return native.heap.getDouble(out + WriteBufferManagerFiguresLayout[name]);
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_write_buffer_manager_free(pointer as WriteBufferManagerPtr);
}
