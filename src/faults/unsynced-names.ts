/** What a disk has of the names in its folders: what was synced, and the changes since. */
import type { UnsyncedFile } from './unsynced-file.js';

/** A folder as it is on the disk; what is in it does not depend on its own name. */
export class DiskFolder {
  readonly synced = new Map<string, DiskNode>();
  constructor(readonly number: number) {}
}

export type DiskNode = DiskFolder | UnsyncedFile;

/** An entry of a folder; without a node it is removed. */
interface Entry {
  readonly folder: DiskFolder;
  readonly name: string;
  readonly node: DiskNode | undefined;
}

interface Change {
  readonly moment: number;
  readonly entries: readonly Entry[];
}

/**
 * `ordered`: of all changes of names, a beginning is on the disk, as a journal has it. `strict`: each is or is not,
 * whatever became of others; only those of one and the same name happen in their order.
 */
export type PowerCutModel = 'strict' | 'ordered';

const keyOf = ({ folder, name }: Entry) => `${folder.number}/${name}`;

export class UnsyncedNames {
  readonly #model: PowerCutModel;
  #pending: Change[] = [];

  constructor(model: PowerCutModel) {
    this.#model = model;
  }

  /** Entries that change together: a rename is whole, or has not happened. */
  note(moment: number, entries: readonly Entry[]): void {
    this.#pending.push({ moment, entries });
  }

  /** The folder is synced: so is every change of its entries, and what those rest on. */
  sync(folder: DiskFolder): void {
    const kept: Change[] = [];
    const taken: Change[] = [];
    const last = this.#pending.findLastIndex((change) => isOf(change, folder));
    const needed = new Set<string>();
    for (let index = this.#pending.length - 1; index >= 0; index--) {
      const change = this.#pending[index] as Change;
      const keys = change.entries.map(keyOf);
      const take =
        this.#model === 'ordered'
          ? index <= last
          : isOf(change, folder) || keys.some((key) => needed.has(key));
      if (take) for (const key of keys) needed.add(key);
      (take ? taken : kept).push(change);
    }
    this.#pending = kept.reverse();
    for (const { entries } of taken.reverse()) {
      for (const entry of entries) apply(entry, entry.folder.synced);
    }
  }

  /** The entries of the folders that are not as they were synced. `survives`: whether a change did, by its moment. */
  surviving(survives: (moment: number) => boolean): Map<DiskFolder, Map<string, DiskNode>> {
    const folders = new Map<DiskFolder, Map<string, DiskNode>>();
    const lost = new Set<string>();
    for (const { moment, entries } of this.#pending) {
      const keys = entries.map(keyOf);
      if (keys.some((key) => lost.has(key)) || !survives(moment)) {
        if (this.#model === 'ordered') break;
        for (const key of keys) lost.add(key);
        continue;
      }
      for (const entry of entries) {
        const names = folders.get(entry.folder) ?? new Map(entry.folder.synced);
        folders.set(entry.folder, names);
        apply(entry, names);
      }
    }
    return folders;
  }
}

function isOf({ entries }: Change, folder: DiskFolder): boolean {
  return entries.some((entry) => entry.folder === folder);
}

function apply({ name, node }: Entry, names: Map<string, DiskNode>): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}
