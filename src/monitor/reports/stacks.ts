/**
 * Handles and bytes by stack, as profilers want them. The sums are those of the ledger and of the heap: each live handle
 * counts once, and each byte in use once, with the handle or the part of the engine that owns it.
 */
import type { HandleRecord } from '../ledger.js';
import type { PinHolders, PinReport } from '../pins.js';
import { framesOf, type StackFrame } from './frames.js';
import type { HeapPicture } from './picture.js';

/** What a profile says of a stack. */
export interface StackWeights {
  /** Live handles. */
  readonly inuseObjects: number;
  /** Bytes on the heap. */
  readonly inuseSpace: number;
  /** Handles that were made. */
  readonly allocObjects: number;
  /** Bytes of all blocks that there have been. */
  readonly allocSpace: number;
  /**
   * Bytes of memtables, files and cache blocks that nothing but handles keeps alive; what several hold counts with the
   * oldest of them. Of a snapshot: the superseded versions that only it keeps, by estimate.
   */
  readonly pinnedSpace: number;
}

export interface WeighedStack extends StackWeights {
  /** Innermost first; one without a place for what has no stack. */
  readonly frames: readonly StackFrame[];
  /** A kind of handle, or a part of the engine. */
  readonly kind: string;
  /** `live`, or how it is beside that: see HandleState. `freed`: what is gone. */
  readonly state: string;
}

type Weights = { -readonly [Name in keyof StackWeights]: StackWeights[Name] };

const NOTHING: StackWeights = {
  inuseObjects: 0,
  inuseSpace: 0,
  allocObjects: 0,
  allocSpace: 0,
  pinnedSpace: 0,
};

/** A frame that stands for what has no stack. */
const named = (name: string): StackFrame => ({ name, file: '', line: 0, column: 0 });

export function weighedStacks(picture: HeapPicture): WeighedStack[] {
  const { report, ownBytes, allocatedBytes } = picture;
  const parts = new Map(Object.entries(report.owners).map(([name, { bytes }]) => [name, bytes]));
  const stacks = handleStacks(picture, (record) => {
    const bytes = ownBytes[record.id] ?? 0;
    const left = parts.get(record.kind);
    if (left === undefined || left < bytes) return 0; // the part keeps them
    parts.set(record.kind, left - bytes);
    return bytes;
  });
  for (const [kind, bytes] of parts) {
    if (bytes > 0) stacks.push(part(kind, 'live', { inuseSpace: bytes, allocSpace: bytes }));
  }
  for (const { kind, freed } of report.kinds) {
    const gone = freed - report.atCrash.filter((record) => record.kind === kind).length;
    if (gone > 0) stacks.push(part(kind, 'freed', { allocObjects: gone }));
  }
  const freedBytes = allocatedBytes - report.inUseBytes;
  if (freedBytes > 0) stacks.push(part('bytes', 'freed', { allocSpace: freedBytes }));
  return stacks;
}

/** Handles of one kind and state that were made at one place, together; in the order of the first of each. */
function handleStacks(
  { report, pins }: HeapPicture,
  bytesOf: (record: HandleRecord) => number,
): WeighedStack[] {
  const pinned = new Map(pins.map((each) => [each.handles[0] as number, pinnedBytes(each)]));
  const groups = new Map<string, Weights & { record: HandleRecord }>();
  for (const record of [...report.handles, ...report.atCrash]) {
    const key = `${record.kind}\n${record.state}\n${record.site ?? ''}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { ...NOTHING, record };
      groups.set(key, group);
    }
    const bytes = bytesOf(record);
    group.inuseObjects++;
    group.allocObjects++;
    group.inuseSpace += bytes;
    group.allocSpace += bytes;
    group.pinnedSpace += pinned.get(record.id) ?? 0;
  }
  return [...groups.values()].map(({ record, ...weights }) => {
    const { site, kind, state } = record;
    const frames = site === undefined ? [named(`(${kind}, site not taken)`)] : framesOf(site);
    return { ...weights, frames, kind, state };
  });
}

/** What a handle keeps alive and no older handle does. */
export function pinnedBytes({ handles, retained, ...groups }: PinReport): number {
  if (retained !== undefined) return retained.bytes + retained.blobBytes;
  const [handle] = handles;
  let sum = 0;
  const add = (items: readonly { readonly bytes: number; readonly holders: PinHolders }[]) => {
    for (const { bytes, holders } of items) {
      const alive = holders.current || holders.background;
      if (!alive && holders.handles[0] === handle) sum += bytes;
    }
  };
  for (const group of [
    groups.memtables,
    groups.sstFiles,
    groups.blobFiles,
    groups.versions,
    groups.cacheBlocks,
  ]) {
    add(group.unique);
    add(group.shared);
  }
  return sum;
}

function part(kind: string, state: string, weights: Partial<StackWeights>): WeighedStack {
  const name = state === 'freed' ? `(${kind}, freed)` : `rocksdb-wasm: ${kind}`;
  return { ...NOTHING, ...weights, frames: [named(name)], kind, state };
}
