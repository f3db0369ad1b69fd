import type { ByteSource } from '../monitor/heap-bytes.js';
import { MemoryStateLayout } from './exports.gen.js';
import type { Native } from './module.js';

/** Bytes that the debug flavour checks after each block. */
const DEBUG_GUARD_BYTES = 8;

/** What the monitor reads of an instance. */
export function byteSource(native: Native): ByteSource {
  const { info } = native;
  const ownerNames: string[] = [];
  for (let owner = 0; owner < info.ownerCount; owner++) {
    ownerNames.push(native.heap.readTerminated(native.calls.rdb_memory_owner_name(owner) >>> 0));
  }
  return {
    memoryState: info.memory,
    layout: MemoryStateLayout,
    ownerNames,
    ownerSlots: info.ownerSlots,
    stackLow: info.stackLow,
    stackHigh: info.stackHigh,
    guardBytes: info.debug === 1 ? DEBUG_GUARD_BYTES : 0,
    get linearMemoryBytes() {
      return native.heap.byteLength;
    },
    words: () => native.heap.HEAPU32,
    allocatorInUse: () =>
      native.stopped ? undefined : native.calls.rdb_memory_allocator_in_use() >>> 0,
  };
}
