/**
 * What handles keep alive beside their own bytes, as plain data and in words. `unique`: goes when the handle
 * is freed. `shared`: others hold it too.
 */
import type { HandleKind } from './ledger.js';
import { grouped } from './text.js';

/** Who holds something. */
export interface PinHolders {
  /** Ids of the handles, ascending, the reported one among them. */
  readonly handles: readonly number[];
  /** It is part of what the column family is now. */
  readonly current: boolean;
  /** A job that is under way holds it: the input of a compaction, say. */
  readonly background: boolean;
}

export interface PinnedMemtable {
  readonly columnFamily: string;
  /** Unique within the column family; newer ones have larger numbers. */
  readonly id: number;
  /** Allocated bytes. */
  readonly bytes: number;
  /** Those in use, as RocksDB's properties count them. */
  readonly usedBytes: number;
  readonly entries: number;
  readonly holders: PinHolders;
}

/** An SST or a blob file. */
export interface PinnedFile {
  readonly columnFamily: string;
  /** Unique within the database. */
  readonly number: number;
  readonly path: string;
  /** Bytes on disk. */
  readonly bytes: number;
  readonly holders: PinHolders;
}

/** RocksDB's Version: a set of files. */
export interface PinnedVersion {
  readonly columnFamily: string;
  readonly number: number;
  readonly files: number;
  /** Of its lists; the metadata of a file belongs to all versions that have it. An estimate. */
  readonly bytes: number;
  readonly holders: PinHolders;
}

/**
 * A block in a cache that cannot be evicted. Not those that the reader of an open SST file has there for
 * itself (range deletions; index and filter when they are pinned): they go with the file.
 */
export interface PinnedBlock {
  /** What the cache charges for it. */
  readonly bytes: number;
  readonly holders: PinHolders;
}

export interface PinGroup<T> {
  readonly unique: readonly T[];
  readonly uniqueBytes: number;
  readonly shared: readonly T[];
  readonly sharedBytes: number;
}

/** Superseded versions of keys that only a snapshot keeps: what a full compaction would drop without it. */
export interface RetainedVersions {
  /** Entries. */
  readonly versions: number;
  /** Of their internal keys and values, before compression. */
  readonly bytes: number;
  /** Of what they refer to in blob files. */
  readonly blobBytes: number;
  /** Range deletions, cut where they overlap. */
  readonly tombstones: number;
  /**
   * Other snapshots at the same sequence number. With any, all is 0: nothing goes before the last of them
   * is released.
   */
  readonly sameSnapshots: number;
  /** A guess from sequence numbers and averages, not a count. */
  readonly estimated: boolean;
}

export interface PinReport {
  /** The handles that it is about: one, or several as if they were freed together. */
  readonly handles: readonly number[];
  readonly kind: HandleKind;
  readonly memtables: PinGroup<PinnedMemtable>;
  readonly sstFiles: PinGroup<PinnedFile>;
  readonly blobFiles: PinGroup<PinnedFile>;
  readonly versions: PinGroup<PinnedVersion>;
  readonly cacheBlocks: PinGroup<PinnedBlock>;
  /** Only of a snapshot, which holds nothing else. */
  readonly retained: RetainedVersions | undefined;
  /**
   * Bytes on the wasm heap that are the handle's own: buffers, a batch's entries. Undefined beyond some
   * 16,000 handles, which have no account each.
   */
  readonly ownBytes: number | undefined;
}

export interface PinOptions {
  /**
   * Of a snapshot: count exactly, by a compaction of everything that writes nothing. It reads the
   * whole database twice. Default: an estimate.
   */
  count?: boolean;
}

/** Who knows what handles keep alive. */
export interface PinSource {
  /** Of a live iterator, pinned slice, snapshot, batch, transaction or cache; otherwise undefined. */
  pins(id: number, options?: PinOptions): PinReport | undefined;
  /** As if these iterators and slices were freed together. */
  pinsTogether(ids: readonly number[]): PinReport | undefined;
  /** Of each live iterator and pinned slice, by id. */
  allPins(): ReadonlyMap<number, PinReport>;
  /** The own bytes of each handle that `pins` knows and that has an account, by id. */
  ownBytes(): ReadonlyMap<number, number>;
}

const NONE: PinGroup<never> = { unique: [], uniqueBytes: 0, shared: [], sharedBytes: 0 };

/** @internal A report of nothing held, to be filled in. */
export function emptyPins(handles: readonly number[], kind: HandleKind): PinReport {
  return {
    handles,
    kind,
    memtables: NONE,
    sstFiles: NONE,
    blobFiles: NONE,
    versions: NONE,
    cacheBlocks: NONE,
    retained: undefined,
    ownBytes: undefined,
  };
}

/** @internal Splits what `handles` hold. */
export function groupPins<T extends { readonly bytes: number; readonly holders: PinHolders }>(
  items: readonly T[],
  handles: ReadonlySet<number>,
): PinGroup<T> {
  const unique: T[] = [];
  const shared: T[] = [];
  let uniqueBytes = 0;
  let sharedBytes = 0;
  for (const item of items) {
    const { current, background, handles: by } = item.holders;
    const alone =
      !current && !background && by.length <= handles.size && by.every((id) => handles.has(id));
    (alone ? unique : shared).push(item);
    if (alone) uniqueBytes += item.bytes;
    else sharedBytes += item.bytes;
  }
  return { unique, uniqueBytes, shared, sharedBytes };
}

/**
 * Bytes that would go with the handles of a report: memtables, files and cache blocks that they alone hold; versions
 * that only a snapshot keeps; of others their own bytes.
 */
export function pinnedBytes(report: PinReport): number {
  const { memtables, sstFiles, blobFiles, cacheBlocks, retained, kind, ownBytes } = report;
  if (retained !== undefined) return retained.bytes + retained.blobBytes;
  if (kind !== 'iterator' && kind !== 'pinnedSlice') return ownBytes ?? 0;
  return (
    memtables.uniqueBytes + sstFiles.uniqueBytes + blobFiles.uniqueBytes + cacheBlocks.uniqueBytes
  );
}

/** `8.2 MB`; what is less than a tenth of one in bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 100_000) return `${grouped(Math.round(bytes))} bytes`;
  const tenths = Math.round(bytes / 100_000);
  return `${grouped(Math.floor(tenths / 10))}.${tenths % 10} MB`;
}

/** Kinds that pin memtables, files and blocks. */
const READERS: ReadonlySet<HandleKind> = new Set(['iterator', 'pooledIterator', 'pinnedSlice']);

/**
 * What a handle keeps alive, as the end of a sentence about it: `alone pins 2 memtables (8.2 MB)`. Undefined
 * when there is nothing to say.
 */
export function pinText(report: PinReport): string | undefined {
  if (report.retained !== undefined) return retainedText(report.retained);
  if (!READERS.has(report.kind)) {
    const { ownBytes } = report;
    return ownBytes === undefined ? undefined : `holds ${sizeText(ownBytes)}`;
  }
  const groups = [
    ['memtable', report.memtables],
    ['SST file', report.sstFiles],
    ['blob file', report.blobFiles],
    ['cache block', report.cacheBlocks],
  ] as const;
  const list = (part: 'unique' | 'shared') => {
    const texts = groups
      .filter(([, group]) => group[part].length > 0)
      .map(
        ([name, group]) =>
          `${counted(group[part].length, name)} (${sizeText(group[`${part}Bytes`])})`,
      );
    return joined(texts);
  };
  const alone = list('unique');
  const shared = list('shared');
  const parts = [];
  if (alone !== '') parts.push(`alone pins ${alone}`);
  if (shared !== '') parts.push(`${alone === '' ? 'pins nothing alone; ' : ''}shares ${shared}`);
  return parts.length === 0 ? 'pins nothing' : parts.join(', ');
}

function retainedText(retained: RetainedVersions): string {
  const { versions, bytes, blobBytes, tombstones, sameSnapshots, estimated } = retained;
  if (sameSnapshots > 0) {
    return `alone keeps nothing: ${counted(sameSnapshots, 'other snapshot')} at the same sequence number`;
  }
  if (versions === 0 && tombstones === 0) return 'alone keeps no superseded version';
  const parts = [
    `${counted(versions, 'superseded version')} (${sizeText(bytes + blobBytes)})`,
    ...(tombstones > 0 ? [counted(tombstones, 'range deletion')] : []),
  ];
  return `alone keeps ${estimated ? 'an estimated ' : ''}${joined(parts)}`;
}

function counted(count: number, name: string): string {
  return `${grouped(count)} ${name}${count === 1 ? '' : 's'}`;
}

function joined(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}
