/** The heap in the order of addresses, in so many cells, to be drawn. */
import { type HeapWords, walkHeap } from './heap-walk.js';

/** A part of the address space. */
export interface HeapCell {
  /** Bytes of blocks in use, with what the allocator adds to them. */
  readonly usedBytes: number;
  /** Whose most of them are; undefined when nothing is in use. */
  readonly owner: string | undefined;
}

export interface HeapLayout {
  /** Address at which the first cell begins. */
  readonly begin: number;
  /** Address at which the heap ends. */
  readonly end: number;
  /** Bytes of each cell; the last one may be shorter. */
  readonly cellBytes: number;
  readonly cells: readonly HeapCell[];
}

/** Cells are of at least so many bytes. */
const CELL_BYTES_MIN = 1024;

/** Puts the chunks into at most `cells` cells. Throws DamagedHeap. */
export function layoutOf(
  heap: HeapWords,
  cells: number,
  partOf: (owner: number) => number,
  names: readonly string[],
): HeapLayout {
  const { begin, end } = heap;
  const cellBytes = Math.max(CELL_BYTES_MIN, Math.ceil((end - begin) / cells));
  const count = Math.ceil((end - begin) / cellBytes);
  // By cell, then by part.
  const bytes = new Float64Array(count * names.length);
  walkHeap(heap, (chunk, chunkBytes, inUse, block, _, owner) => {
    if (!inUse) return;
    const part = block === 0 ? 0 : partOf(owner);
    for (let at = chunk, last = chunk + chunkBytes; at < last; ) {
      const cell = Math.floor((at - begin) / cellBytes);
      const next = Math.min(last, begin + (cell + 1) * cellBytes);
      const index = cell * names.length + part;
      bytes[index] = (bytes[index] as number) + (next - at);
      at = next;
    }
  });
  const found: HeapCell[] = [];
  for (let cell = 0; cell < count; cell++) {
    const parts = bytes.subarray(cell * names.length, (cell + 1) * names.length);
    found.push(cellOf(parts, names));
  }
  return { begin, end, cellBytes, cells: found };
}

function cellOf(parts: Float64Array, names: readonly string[]): HeapCell {
  let [usedBytes, most] = [0, 0];
  parts.forEach((bytes, part) => {
    usedBytes += bytes;
    if (bytes > (parts[most] as number)) most = part;
  });
  return { usedBytes, owner: usedBytes === 0 ? undefined : names[most] };
}
