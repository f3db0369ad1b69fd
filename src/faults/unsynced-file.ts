/** What a disk has of one file: as it was synced, and everything that it may have been since. */
import { type FileHandle, FileSystemError } from '../wasi/file-system.js';
import { MemoryFile } from '../wasi/memory-file.js';

/** Which of so many later states is on the disk, or -1: the synced one. `moments`: when each came to be, ascending. */
export type Choose = (moments: readonly number[]) => number;

/** Files of disks that are made are held as a whole. */
const LENGTH_MAX = 2 ** 30;

interface Versions {
  readonly moments: number[];
  readonly contents: Uint8Array[];
  /** How long the file was with each. */
  readonly sizes: number[];
}

export interface FileModel {
  readonly sectorBytes: number;
  /** A file is never longer than what has been written of it. */
  readonly appendsInOrder: boolean;
}

/**
 * Each sector is on the disk as it was synced or as any later write left it, whatever became of the
 * others; the size is the synced one or any since, or ends with a sector of the last write. What neither a sync nor a
 * surviving write filled is zeros.
 */
export class UnsyncedFile {
  readonly #sectorBytes: number;
  readonly #appendsInOrder: boolean;
  readonly #synced = new MemoryFile();
  #syncedBytes = 0;
  readonly #sectors = new Map<number, Versions>();
  #sizes: number[] = [];
  #sizeMoments: number[] = [];
  #size = 0;
  #modified: bigint;
  #syncedModified: bigint;
  #modifiedMoment = 0;

  constructor({ sectorBytes, appendsInOrder }: FileModel, modifiedNs: bigint) {
    this.#sectorBytes = sectorBytes;
    this.#appendsInOrder = appendsInOrder;
    this.#modified = modifiedNs;
    this.#syncedModified = modifiedNs;
  }

  /** The time of its last change is this now; only fsync keeps it. */
  modified(modifiedNs: bigint, moment: number): void {
    this.#modified = modifiedNs;
    this.#modifiedMoment = moment;
  }

  /** The bytes from `from` to `to` have been written; `file` has the present content. */
  written(file: FileHandle, from: number, to: number, moment: number): void {
    const size = file.stat().size;
    this.#note(file, from, to, moment);
    if (size !== this.#size) this.#noteSize(size, moment);
  }

  truncated(file: FileHandle, size: number, moment: number): void {
    // What was cut off reads as zeros if the file grows again.
    const bytes = this.#sectorBytes;
    const first = Math.floor(size / bytes);
    for (const sector of [...this.#sectors.keys()]) {
      if (sector >= first) this.#note(file, sector * bytes, sector * bytes + 1, moment);
    }
    // Of a longer file there is no disk before it is synced again.
    const synced = this.#syncedBytes > LENGTH_MAX ? 0 : this.#syncedBytes;
    for (let sector = first; sector * bytes < synced; sector++) {
      if (this.#sectors.has(sector)) continue;
      this.#note(file, sector * bytes, sector * bytes + 1, moment);
    }
    this.#noteSize(size, moment);
  }

  /** From now on it is as it is. Without `size`, a disk that forgets how long the file has become. */
  sync(how: { size: boolean; modified: boolean }): void {
    const size = how.size ? this.#size : Math.min(this.#size, this.#syncedBytes);
    this.#synced.truncate(this.#size);
    for (const [sector, { contents }] of this.#sectors) {
      const at = sector * this.#sectorBytes;
      const content = contents.at(-1) as Uint8Array;
      if (at < this.#size) this.#synced.write(content.subarray(0, this.#size - at), at);
    }
    this.#sectors.clear();
    this.#syncedBytes = size;
    this.#sizes = size === this.#size ? [] : [this.#size];
    this.#sizeMoments = this.#sizes.length === 0 ? [] : this.#sizeMoments.slice(-1);
    if (how.modified) this.#syncedModified = this.#modified;
  }

  /** What is left of it. */
  surviving(choose: Choose): { content: Uint8Array; modifiedNs: bigint } {
    const size = this.#survivingSize(choose);
    const content = new Uint8Array(size);
    this.#synced.read(content, 0);
    for (const [sector, { moments, contents, sizes }] of this.#sectors) {
      const at = sector * this.#sectorBytes;
      let choice = choose(moments);
      const end = Math.min(size, at + this.#sectorBytes);
      if (this.#appendsInOrder && end > this.#syncedBytes) {
        choice = Math.max(
          choice,
          sizes.findIndex((written) => written >= end),
        );
      }
      const chosen = contents[choice];
      if (chosen !== undefined && at < size) content.set(chosen.subarray(0, size - at), at);
    }
    const late = this.#modified !== this.#syncedModified && choose([this.#modifiedMoment]) === 0;
    return { content, modifiedNs: late ? this.#modified : this.#syncedModified };
  }

  /** The last write that made the file longer may have come only to the end of a sector. */
  #survivingSize(choose: Choose): number {
    const choice = choose(this.#sizeMoments);
    const size = this.#sizes[choice] ?? this.#syncedBytes;
    if (size > LENGTH_MAX) {
      throw new FileSystemError('EFBIG', `${size} bytes are too many for a disk after a power cut`);
    }
    const before = this.#sizes[choice - 1] ?? this.#syncedBytes;
    const first = Math.floor(before / this.#sectorBytes) + 1;
    const ends: number[] = [];
    for (let end = first * this.#sectorBytes; end < size; end += this.#sectorBytes) ends.push(end);
    ends.push(size);
    return ends[choose(ends.map(() => this.#sizeMoments[choice] ?? 0))] ?? size;
  }

  #note(file: FileHandle, from: number, to: number, moment: number): void {
    const bytes = this.#sectorBytes;
    const { size } = file.stat();
    for (let sector = Math.floor(from / bytes); sector * bytes < to; sector++) {
      const content = new Uint8Array(bytes);
      file.read(content, sector * bytes);
      let versions = this.#sectors.get(sector);
      if (versions === undefined) {
        versions = { moments: [], contents: [], sizes: [] };
        this.#sectors.set(sector, versions);
      }
      versions.moments.push(moment);
      versions.contents.push(content);
      versions.sizes.push(size);
    }
  }

  #noteSize(size: number, moment: number): void {
    this.#size = size;
    this.#sizes.push(size);
    this.#sizeMoments.push(moment);
  }
}
