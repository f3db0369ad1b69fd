/**
 * Walks the chunks of dlmalloc, and the headers of ours in them, in linear memory alone: no wasm runs, so it
 * works after a trap as well. The layouts are those of wasm/memory/allocator.h and of Emscripten's dlmalloc.
 *
 * A chunk begins 8 bytes before what malloc returned: the size of the chunk before it if that one is free, then
 * its own size with two flags. Chunks lie one after another; the last one, free, is the top, from
 * which the heap grows.
 */

/** What the walk reads, and between which addresses. */
export interface HeapWords {
  readonly words: Uint32Array;
  readonly begin: number;
  readonly end: number;
  /** Bytes checked after each block: 8 in the debug flavour, else 0. */
  readonly guardBytes: number;
  /** Owners are below it. */
  readonly owners: number;
}

/** What is told of a chunk. `block` is 0 when it is free, or in use but not by a block of ours. */
export type ChunkVisitor = (
  chunk: number,
  chunkBytes: number,
  inUse: boolean,
  block: number,
  blockBytes: number,
  owner: number,
) => void;

const PREVIOUS_IN_USE = 1;
const IN_USE = 2;
const FLAGS = 7;
const SMALLEST_CHUNK = 16;
/** dlmalloc keeps this much beyond the top. */
const TOP_FOOT_BYTES = 40;
/** Of a chunk in use: its size word. */
const CHUNK_OVERHEAD = 4;
const HEADER_BYTES = 8;
const LIVE = 0xa400;
const PREFIX_MASK = 0x3ff;
/** In place of a size: the block begins further on (it is aligned). */
const FILLER = 0xffffffff;

/** The heap is not what the allocator left: something has written where it should not. */
export class DamagedHeap extends Error {
  constructor(
    readonly address: number,
    what: string,
  ) {
    super(`the heap is damaged at ${address}: ${what}`);
    this.name = 'DamagedHeap';
  }
}

/** Where the first chunk begins. */
export function firstChunk(begin: number): number {
  return (begin + 7) & ~7;
}

/** Visits each chunk in the order of addresses, the top last. Throws DamagedHeap. */
export function walkHeap(heap: HeapWords, visit: ChunkVisitor): void {
  const { words, end } = heap;
  if (heap.begin === 0) return;
  const last = end - TOP_FOOT_BYTES;
  let previousInUse = true;
  for (let chunk = firstChunk(heap.begin); chunk !== last; ) {
    const head = words[(chunk + 4) >>> 2] as number;
    const bytes = (head & ~FLAGS) >>> 0;
    if (bytes < SMALLEST_CHUNK || chunk + bytes > last) {
      throw new DamagedHeap(chunk, `a chunk cannot have ${bytes} bytes`);
    }
    if (((head & PREVIOUS_IN_USE) !== 0) !== previousInUse) {
      throw new DamagedHeap(chunk, 'the chunk and the one before it disagree');
    }
    const inUse = (head & IN_USE) !== 0;
    if (inUse) visitInUse(heap, chunk, bytes, visit);
    else visit(chunk, bytes, false, 0, 0, 0);
    previousInUse = inUse;
    chunk += bytes;
  }
}

function visitInUse(heap: HeapWords, chunk: number, bytes: number, visit: ChunkVisitor): void {
  const { words } = heap;
  let header = chunk + 8;
  let kind = (words[(header + 4) >>> 2] as number) >>> 16;
  if (words[header >>> 2] === FILLER && (kind & ~PREFIX_MASK) === 0) {
    header += (kind & PREFIX_MASK) * 8 - HEADER_BYTES;
    kind = (words[(header + 4) >>> 2] as number) >>> 16;
  }
  const block = header + HEADER_BYTES;
  if ((kind & ~PREFIX_MASK) !== LIVE || block - (kind & PREFIX_MASK) * 8 !== chunk + 8) {
    visit(chunk, bytes, true, 0, 0, 0);
    return;
  }
  const blockBytes = words[header >>> 2] as number;
  const owner = (words[(header + 4) >>> 2] as number) & 0xffff;
  if (owner >= heap.owners) throw new DamagedHeap(block, `there is no owner ${owner}`);
  if (block + blockBytes + heap.guardBytes > chunk + bytes + CHUNK_OVERHEAD) {
    throw new DamagedHeap(block, `a block of ${blockBytes} bytes in a chunk of ${bytes}`);
  }
  visit(chunk, bytes, true, block, blockBytes, owner);
}
