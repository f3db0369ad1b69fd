/**
 * Linear memory as the shim reads and writes it. Pointers are unsigned: callers pass `pointer >>>
 * 0`.
 */
import { FileSystemError } from './file-system.js';

/** Two views of the same memory. They go stale when it grows: take them anew for every call. */
export interface MemoryViews {
  readonly u8: Uint8Array;
  readonly view: DataView;
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws EFAULT unless all of it lies in memory: `subarray` would quietly give less. */
export function checkRange(u8: Uint8Array, pointer: number, length: number): void {
  if (pointer + length > u8.length) {
    throw new FileSystemError('EFAULT', `${length} bytes at ${pointer} are not in memory`);
  }
}

/** A text that the guest points to; EILSEQ when it is not UTF-8. */
export function readText(u8: Uint8Array, pointer: number, length: number): string {
  checkRange(u8, pointer, length);
  try {
    return DECODER.decode(u8.subarray(pointer, pointer + length));
  } catch {
    throw new FileSystemError('EILSEQ', 'a path that is not UTF-8');
  }
}
