/** How much of the heap a bulk writer may use, and how large its batches are to be. */
import { HeapLimitError } from './errors.js';
import type { HeapMonitor } from './monitor/heap-monitor.js';
import { sizeText } from './monitor/pins.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/** What a write allocates beside its entries: blocks of the memtable's arena, buffers of the log. */
const SLACK_BYTES = MIB + 256 * KIB;
/** What an entry takes in a memtable beside its bytes. */
const ENTRY_BYTES = 64;
/** Part of the budget, and the most, that is left free for a flush and the compactions that follow it. */
const RESERVE_PART = 4;
const RESERVE_MAX = 16 * MIB;
const BATCH_MIN = 16 * KIB;
/** A batch is to be so small a part of what is free. */
const BATCH_PART = 8;
/** Owners that an error names. */
const OWNERS_NAMED = 4;

/** @internal */
export class BulkHeap {
  readonly #heap: HeapMonitor;
  readonly #budget: number;
  readonly #reserve: number;
  readonly #maxBatchBytes: number;
  readonly #highBefore: number;
  #peak = 0;

  constructor(heap: HeapMonitor, budgetBytes: number, maxBatchBytes: number) {
    this.#heap = heap;
    this.#budget = budgetBytes;
    this.#reserve = Math.min(budgetBytes / RESERVE_PART, RESERVE_MAX);
    this.#maxBatchBytes = maxBatchBytes;
    this.#highBefore = heap.highWaterBytes;
    this.look();
  }

  /** Takes note of what is in use now; returns it. */
  look(): number {
    const { inUseBytes } = this.#heap;
    if (inUseBytes > this.#peak) this.#peak = inUseBytes;
    return inUseBytes;
  }

  get peakBytes(): number {
    const { highWaterBytes } = this.#heap;
    return highWaterBytes > this.#highBefore ? highWaterBytes : this.#peak;
  }

  /** Bytes at which the next batch is written. `held`: bytes that its buffer has already. */
  batchBytes(held: number): number {
    if (this.#budget === Number.POSITIVE_INFINITY) return this.#maxBatchBytes;
    const free = this.#budget - this.#reserve - this.look() + held;
    return Math.min(Math.max(Math.floor(free / BATCH_PART), BATCH_MIN), this.#maxBatchBytes);
  }

  /** Sees to it that so many bytes more, and entries in memtables, have room: by `flush`, if that must be. */
  makeRoom(bytes: number, entries: number, flush: () => void): void {
    if (this.#budget === Number.POSITIVE_INFINITY) return;
    const needed = bytes + ENTRY_BYTES * entries + SLACK_BYTES;
    if (this.look() + needed <= this.#budget - this.#reserve) return;
    flush();
    const inUse = this.look();
    if (inUse + needed <= this.#budget) return;
    throw new HeapLimitError(
      'ERR_ROCKSDB_HEAP_LIMIT',
      `heapBudgetBytes: ${inUse} bytes are in use after a flush, and ${needed} more would pass ${this.#budget}. ` +
        `Raise it, or free handles and make the block cache smaller. In use: ${this.#owners()}`,
    );
  }

  #owners(): string {
    return Object.entries(this.#heap.owners())
      .sort(([, a], [, b]) => b.bytes - a.bytes)
      .slice(0, OWNERS_NAMED)
      .map(([name, { bytes }]) => `${name} ${sizeText(bytes)}`)
      .join(', ');
  }
}
