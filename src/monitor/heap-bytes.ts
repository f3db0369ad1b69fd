import { type HeapLayout, layoutOf } from './heap-layout.js';
import { DamagedHeap, firstChunk, type HeapWords, walkHeap } from './heap-walk.js';

/** Where the monitor reads bytes: words of linear memory, which stay readable after a crash. */
export interface ByteSource {
  /** Address of rdb_memory_state. */
  readonly memoryState: number;
  /** The offsets of its fields, and its length. */
  readonly layout: Readonly<Record<StateField | 'byteLength', number>>;
  /** Names of the parts of the engine: the owners below their number. */
  readonly ownerNames: readonly string[];
  readonly ownerSlots: number;
  readonly stackLow: number;
  readonly stackHigh: number;
  readonly guardBytes: number;
  readonly linearMemoryBytes: number;
  /** Fresh views of linear memory; empty once the engine was freed. */
  words(): Uint32Array;
  /** What dlmalloc says is in use; undefined when no wasm can run any more. */
  allocatorInUse(): number | undefined;
}

type StateField =
  | 'inUseBytes'
  | 'blocks'
  | 'highWaterBytes'
  | 'headerBytes'
  | 'heapBegin'
  | 'heapEnd'
  | 'slotsUsed'
  | 'allocatedLow'
  | 'allocatedHigh';

export interface OwnerBytes {
  /** As asked for, without the allocator's headers. */
  readonly bytes: number;
  readonly blocks: number;
}

/** "Sum over owners + headers + allocator overhead = what the allocator says is in use", to the byte. */
export interface HeapIdentity {
  /** Kept by our allocator: the sum over its owners. */
  readonly ownerBytes: number;
  /** Kept by our allocator: the headers of live blocks. */
  readonly headerBytes: number;
  /** Found by the walk: what dlmalloc adds to each block. */
  readonly overheadBytes: number;
  /** dlmalloc's own figure; found by the walk when no wasm can run any more. */
  readonly allocatorInUseBytes: number;
  /** The last less the first three: 0. */
  readonly unexplainedBytes: number;
  /** Everything that is not as it should be; empty for a sound heap. */
  readonly problems: readonly string[];
}

/** The chunks of the heap, as a walk finds them. */
export interface HeapMap {
  readonly chunks: number;
  readonly inUseBytes: number;
  readonly freeBytes: number;
  /** Free chunks, the top among them. */
  readonly freeChunks: number;
  readonly largestFreeBytes: number;
  /** The free chunk at the end, from which the heap grows. */
  readonly topBytes: number;
  /** 0: all free bytes are in one piece; near 1: they are in many small ones. */
  readonly externalFragmentation: number;
  /** The last chunk in use: what keeps the heap from ending earlier. */
  readonly pinsTop:
    | { readonly address: number; readonly bytes: number; readonly owner: string }
    | undefined;
  /** Blocks in use by owner, recounted from their headers. */
  readonly owners: Readonly<Record<string, OwnerBytes>>;
}

export interface StackUse {
  readonly bytes: number;
  /** The deepest that it has ever been. */
  readonly highWaterBytes: number;
}

/** The bytes of one engine, by owner and by chunk. */
export class HeapBytes {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get inUseBytes(): number {
    return this.#field('inUseBytes');
  }

  get blocks(): number {
    return this.#field('blocks');
  }

  get highWaterBytes(): number {
    return this.#field('highWaterBytes');
  }

  /** Of all blocks that there have been, those that are freed too. */
  get allocatedBytes(): number {
    return this.#field('allocatedHigh') * 0x1_0000_0000 + this.#field('allocatedLow');
  }

  get linearMemoryBytes(): number {
    return this.#source.linearMemoryBytes;
  }

  /** Headers of live blocks: 8 bytes each, and what alignment costs. */
  get headerBytes(): number {
    return 8 * this.blocks + this.#field('headerBytes');
  }

  /** The wasm's stack. Deeper calls than the deepest so far overwrite zeros: that is how far it went. */
  get stack(): StackUse {
    const { stackLow, stackHigh } = this.#source;
    const words = this.#source.words();
    let at = stackLow;
    while (at < stackHigh && (words[at >>> 2] ?? 0) === 0) at += 4;
    return { bytes: stackHigh - stackLow, highWaterBytes: stackHigh - at };
  }

  /** Bytes and blocks by owner: parts of the engine by name, handles summed up under their kind. */
  owners(): Record<string, OwnerBytes> {
    const { ownerNames } = this.#source;
    const sums = ownerNames.map(() => ({ bytes: 0, blocks: 0 }));
    const words = this.#source.words();
    for (let owner = 0; owner < this.#slotsUsed; owner++) {
      const at = this.#ownerAddress(owner) >>> 2;
      const sum = sums[this.#kindOf(owner, words)] as { bytes: number; blocks: number };
      sum.bytes += words[at] as number;
      sum.blocks += words[at + 1] as number;
    }
    return Object.fromEntries(ownerNames.map((name, index) => [name, sums[index] as OwnerBytes]));
  }

  /** The bytes of one owner: of the handle whose C++ object names it. */
  ownerBytes(owner: number): OwnerBytes {
    const words = this.#source.words();
    const at = this.#ownerAddress(owner) >>> 2;
    return { bytes: words[at] ?? 0, blocks: words[at + 1] ?? 0 };
  }

  /** The name of the part that an owner is summed up under. */
  ownerName(owner: number): string {
    return this.#source.ownerNames[this.#kindOf(owner, this.#source.words())] as string;
  }

  /** Walks the chunks. Throws DamagedHeap. */
  walk(): HeapMap {
    const words = this.#source.words();
    const sums = this.#source.ownerNames.map(() => ({ bytes: 0, blocks: 0 }));
    let [chunks, inUseBytes, freeBytes, freeChunks, largestFreeBytes, topBytes] = [
      0, 0, 0, 0, 0, 0,
    ];
    let pin: { address: number; bytes: number; owner: number } | undefined;
    walkHeap(this.#heap(words), (chunk, bytes, inUse, block, blockBytes, owner) => {
      chunks++;
      if (!inUse) {
        freeChunks++;
        freeBytes += bytes;
        topBytes = bytes;
        if (bytes > largestFreeBytes) largestFreeBytes = bytes;
        return;
      }
      inUseBytes += bytes;
      topBytes = 0;
      pin = { address: block || chunk, bytes: block === 0 ? bytes : blockBytes, owner };
      if (block === 0) return;
      const sum = sums[this.#kindOf(owner, words)] as { bytes: number; blocks: number };
      sum.bytes += blockBytes;
      sum.blocks++;
    });
    const names = this.#source.ownerNames;
    return {
      chunks,
      inUseBytes,
      freeBytes,
      freeChunks,
      largestFreeBytes,
      topBytes,
      externalFragmentation: freeBytes === 0 ? 0 : 1 - largestFreeBytes / freeBytes,
      pinsTop: pin && { ...pin, owner: names[this.#kindOf(pin.owner, words)] as string },
      owners: Object.fromEntries(names.map((name, index) => [name, sums[index] as OwnerBytes])),
    };
  }

  /** The chunks in at most `cells` cells, in the order of addresses. Throws DamagedHeap. */
  layout(cells: number): HeapLayout {
    const words = this.#source.words();
    const partOf = (owner: number) => this.#kindOf(owner, words);
    return layoutOf(this.#heap(words), cells, partOf, this.#source.ownerNames);
  }

  /** Accounts for every byte of the heap twice, and compares. */
  verify(): HeapIdentity {
    const words = this.#source.words();
    const slots = this.#slotsUsed;
    // By owner: bytes, then blocks.
    const found = new Float64Array(2 * slots);
    const problems: string[] = [];
    let [overheadBytes, inUseBytes] = [0, 0];
    try {
      const heap = this.#heap(words);
      const { guardBytes } = heap;
      overheadBytes = inUseBytes = heap.begin === 0 ? 0 : firstChunk(heap.begin) - heap.begin;
      walkHeap(heap, (chunk, bytes, inUse, block, blockBytes, owner) => {
        if (!inUse) return;
        inUseBytes += bytes;
        if (block === 0) {
          problems.push(`the chunk at ${chunk} (${bytes} bytes) is in use by nobody`);
          return;
        }
        found[2 * owner] = (found[2 * owner] as number) + blockBytes;
        found[2 * owner + 1] = (found[2 * owner + 1] as number) + 1;
        overheadBytes += bytes - blockBytes - (block - chunk - 8) - guardBytes;
      });
    } catch (error) {
      if (!(error instanceof DamagedHeap)) throw error;
      problems.push(error.message);
    }
    let ownerBytes = 0;
    const first = this.#ownerAddress(0) >>> 2;
    for (let owner = 0; owner < slots; owner++) {
      const bytes = found[2 * owner] as number;
      const blocks = found[2 * owner + 1] as number;
      const counted = words[first + 2 * owner] ?? 0;
      const countedBlocks = words[first + 2 * owner + 1] ?? 0;
      ownerBytes += counted;
      if (bytes === counted && blocks === countedBlocks) continue;
      const name = this.#source.ownerNames[this.#kindOf(owner, words)];
      problems.push(
        `${name} (owner ${owner}) is counted with ${counted} bytes in ${countedBlocks} blocks, ` +
          `but ${bytes} bytes in ${blocks} blocks say that they are its`,
      );
    }
    const { headerBytes } = this;
    const allocatorInUseBytes = this.#source.allocatorInUse() ?? inUseBytes;
    const unexplainedBytes = allocatorInUseBytes - ownerBytes - headerBytes - overheadBytes;
    if (unexplainedBytes !== 0) problems.push(`${unexplainedBytes} bytes are not explained`);
    if (ownerBytes !== this.inUseBytes) {
      problems.push(`${this.inUseBytes} bytes are counted in use, and ${ownerBytes} by owner`);
    }
    return {
      ownerBytes,
      headerBytes,
      overheadBytes,
      allocatorInUseBytes,
      unexplainedBytes,
      problems,
    };
  }

  #heap(words: Uint32Array): HeapWords {
    return {
      words,
      begin: this.#field('heapBegin'),
      end: this.#field('heapEnd'),
      guardBytes: this.#source.guardBytes,
      owners: this.#slotsUsed,
    };
  }

  /** Owners' slots that are or were in use; no more than there are, also where memory was overwritten. */
  get #slotsUsed(): number {
    return Math.min(this.#field('slotsUsed'), this.#source.ownerSlots);
  }

  #field(name: StateField): number {
    const { memoryState, layout } = this.#source;
    return this.#source.words()[(memoryState + layout[name]) >>> 2] ?? 0;
  }

  #ownerAddress(owner: number): number {
    return this.#source.memoryState + this.#source.layout.byteLength + 8 * owner;
  }

  /** The part that an owner is summed up under. */
  #kindOf(owner: number, words: Uint32Array): number {
    const parts = this.#source.ownerNames.length;
    if (owner < parts) return owner;
    const at = this.#ownerAddress(this.#source.ownerSlots) + 2 * owner;
    const word = words[at >>> 2] ?? 0;
    const part = (at & 2) === 0 ? word & 0xffff : word >>> 16;
    return part < parts ? part : 0; // memory was overwritten
  }
}
