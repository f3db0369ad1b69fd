import type { Engine } from './engine.js';
import {
  SstFileManagerFiguresLayout,
  SstFileManagerOptionsLayout,
  type SstFileManagerPtr,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { takeRecord } from './native/records.js';
import { type Check, checkFields, instanceOf, integer, number } from './option-checks.js';
import { SharedResource } from './shared-resource.js';
import { Statistics } from './statistics.js';

export interface SstFileManagerOptions {
  /**
   * Bytes a second that are deleted of tables, blob files and logs that nobody needs any more: they become
   * `.trash` files first. 0 (default): files are deleted at once.
   */
  deleteRateBytesPerSecond?: number;
  /** Beyond this share of trash in all bytes, files are deleted at once after all. Default: 0.25. */
  maxTrashDBRatio?: number;
  /** A larger file is cut by so many bytes at a time; 0: deleted in one. Default: 67,108,864. */
  bytesMaxDeleteChunk?: number;
  /** Bytes of tables and blob files beyond which writes fail. 0 (default): no limit. */
  maxAllowedSpaceUsage?: number;
  /** Bytes that a compaction leaves free below that limit. Default: 0. */
  compactionBufferSize?: number;
}

const bytes = integer(0, Number.MAX_SAFE_INTEGER);
const ratio = number(0, Number.MAX_VALUE);
const CHECKS: Readonly<Record<keyof SstFileManagerOptions, Check>> = {
  deleteRateBytesPerSecond: bytes,
  maxTrashDBRatio: ratio,
  bytesMaxDeleteChunk: bytes,
  maxAllowedSpaceUsage: bytes,
  compactionBufferSize: bytes,
};

/**
 * Watches the tables and blob files of the databases that are opened with it as `sstFileManager`: their space in
 * all, and how fast they are deleted.
 *
 * When `maxAllowedSpaceUsage` is reached, the flush that reached it is the last, and writes fail with
 * `ERR_ROCKSDB_SPACE_LIMIT` from then on. Make room (raise the limit, delete and compact) and call `db.resume()`.
 * What is deleted at a rate goes in the engine's background work.
 */
export class SstFileManager extends SharedResource {
  constructor(engine: Engine, options: SstFileManagerOptions = {}) {
    checkFields(options, CHECKS);
    engine.assertUsable();
    super(engine, 'sstFileManager', create(engine, options), release);
  }

  /** Bytes of all files that it watches, trash included. */
  get totalSize(): number {
    return this.#double('totalSize');
  }

  get totalTrashSize(): number {
    return this.#double('trashSize');
  }

  get deleteRateBytesPerSecond(): number {
    return this.#double('deleteRate');
  }

  set deleteRateBytesPerSecond(rate: number) {
    bytes(rate, 'deleteRateBytesPerSecond');
    this.calls().rdb_sst_file_manager_set_delete_rate(this.#pointer, rate);
  }

  get maxTrashDBRatio(): number {
    return this.#double('maxTrashDbRatio');
  }

  set maxTrashDBRatio(share: number) {
    ratio(share, 'maxTrashDBRatio');
    this.calls().rdb_sst_file_manager_set_max_trash_ratio(this.#pointer, share);
  }

  get isMaxAllowedSpaceReached(): boolean {
    return this.#word('spaceReached') === 1;
  }

  /** Whether it would be when the compactions that run now have written what they may. */
  get isMaxAllowedSpaceReachedIncludingCompactions(): boolean {
    return this.#word('spaceReachedWithCompactions') === 1;
  }

  /** Bytes; 0: no limit. */
  setMaxAllowedSpaceUsage(space: number): void {
    bytes(space, 'maxAllowedSpaceUsage');
    this.calls().rdb_sst_file_manager_set_max_space(this.#pointer, space);
  }

  /** Bytes that compactions leave free beside what they are going to write. */
  setCompactionBufferSize(space: number): void {
    bytes(space, 'compactionBufferSize');
    this.calls().rdb_sst_file_manager_set_compaction_buffer(this.#pointer, space);
  }

  /** Where it counts the files that it deletes; undefined: nowhere. A database that opens with it sets its own. */
  setStatistics(statistics: Statistics | undefined): void {
    const engine = this.used();
    if (statistics !== undefined) instanceOf(Statistics)(statistics, 'statistics');
    const pointer = statistics?.pointerFor(engine, 'statistics') ?? 0;
    engine.native.calls.rdb_sst_file_manager_set_statistics(this.#pointer, pointer);
  }

  /** The files that it watches, by path, and their bytes. */
  getTrackedFiles(): Map<string, number> {
    const engine = this.used();
    const { calls } = engine.native;
    engine.native.check(calls.rdb_sst_file_manager_tracked_files(this.#pointer, engine.out));
    const { native, out } = engine;
    const sizes = takeRecord(native, out, (reader) => reader.map(() => Number(reader.text())));
    return new Map(Object.entries(sizes));
  }

  get #pointer(): SstFileManagerPtr {
    return this.core.pointer as SstFileManagerPtr;
  }

  #word(name: keyof typeof SstFileManagerFiguresLayout): number {
    const { native, out } = this.used();
    native.calls.rdb_sst_file_manager_read(this.#pointer, out);
    return native.heap.getWord(out + SstFileManagerFiguresLayout[name]);
  }

  #double(name: keyof typeof SstFileManagerFiguresLayout): number {
    const { native, out } = this.used();
    native.calls.rdb_sst_file_manager_read(this.#pointer, out);
    return native.heap.getDouble(out + SstFileManagerFiguresLayout[name]);
  }
}

function create(engine: Engine, options: SstFileManagerOptions): SstFileManagerPtr {
  const { native, staging, out } = engine;
  const layout = SstFileManagerOptionsLayout;
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    const put = (offset: number, value: number) => native.heap.setDouble(at + offset, value);
    put(layout.deleteRate, options.deleteRateBytesPerSecond ?? 0);
    put(layout.maxTrashDbRatio, options.maxTrashDBRatio ?? 0.25);
    put(layout.maxDeleteChunk, options.bytesMaxDeleteChunk ?? 64 * 1024 * 1024);
    put(layout.maxAllowedSpace, options.maxAllowedSpaceUsage ?? 0);
    put(layout.compactionBuffer, options.compactionBufferSize ?? 0);
    native.check(native.calls.rdb_sst_file_manager_create(at, out));
    return native.heap.getWord(out) as SstFileManagerPtr;
  } finally {
    staging.end();
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_sst_file_manager_free(pointer as SstFileManagerPtr);
}
