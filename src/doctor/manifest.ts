/** The state that a MANIFEST's edits come to: column families, their files, and which logs are needed. */
import type { ManifestEdit } from '../tools.js';

export interface ManifestTable {
  readonly number: number;
  readonly level: number;
  /** Bytes, as written. */
  readonly size: number;
  readonly family: ManifestFamily;
}

export interface ManifestFamily {
  readonly id: number;
  readonly name: string;
  comparator: string;
  /** What is in older logs has been flushed. */
  logNumber: number;
  readonly tables: Map<number, ManifestTable>;
  /** Blobs that are not garbage, by the number of their file. */
  readonly blobs: Map<number, number>;
}

export interface ManifestState {
  readonly families: ReadonlyMap<number, ManifestFamily>;
  /** Logs below are not needed any more. */
  readonly minLogNumber: number;
  readonly nextFileNumber: number;
  readonly lastSequence: number;
}

interface EditFile {
  readonly Level: number;
  readonly FileNumber: number;
  readonly FileSize: number;
}

interface EditBlob {
  readonly BlobFileNumber: number;
  readonly TotalBlobCount: number;
}

interface EditGarbage {
  readonly BlobFileNumber: number;
  readonly GarbageBlobCount: number;
}

/** Edits as `ldb manifest_dump --json` gives them. */
interface Edit {
  readonly ColumnFamily?: number;
  readonly ColumnFamilyAdd?: string;
  readonly ColumnFamilyDrop?: unknown;
  readonly Comparator?: string;
  readonly LogNumber?: number;
  readonly MinLogNumberToKeep?: number;
  readonly NextFileNumber?: number;
  readonly LastSeq?: number;
  readonly AddedFiles?: readonly EditFile[];
  readonly DeletedFiles?: readonly EditFile[];
  readonly BlobFileAdditions?: readonly EditBlob[];
  readonly BlobFileGarbages?: readonly EditGarbage[];
}

export function manifestState(edits: readonly ManifestEdit[]): ManifestState {
  const families = new Map<number, ManifestFamily>([[0, newFamily(0, 'default')]]);
  let minLogNumberToKeep = 0;
  let nextFileNumber = 0;
  let lastSequence = 0;
  for (const edit of edits as readonly Edit[]) {
    const id = edit.ColumnFamily ?? 0;
    if (edit.ColumnFamilyDrop !== undefined) {
      families.delete(id);
      continue;
    }
    if (edit.ColumnFamilyAdd !== undefined) families.set(id, newFamily(id, edit.ColumnFamilyAdd));
    const family = families.get(id);
    if (family !== undefined) apply(edit, family);
    minLogNumberToKeep = Math.max(minLogNumberToKeep, edit.MinLogNumberToKeep ?? 0);
    nextFileNumber = Math.max(nextFileNumber, edit.NextFileNumber ?? 0);
    lastSequence = Math.max(lastSequence, edit.LastSeq ?? 0);
  }
  const lowest = Math.min(...[...families.values()].map(({ logNumber }) => logNumber));
  return {
    families,
    minLogNumber: Math.max(minLogNumberToKeep, lowest),
    nextFileNumber,
    lastSequence,
  };
}

function newFamily(id: number, name: string): ManifestFamily {
  return { id, name, comparator: '', logNumber: 0, tables: new Map(), blobs: new Map() };
}

function apply(edit: Edit, family: ManifestFamily): void {
  if (edit.Comparator !== undefined) family.comparator = edit.Comparator;
  if (edit.LogNumber !== undefined) family.logNumber = Math.max(family.logNumber, edit.LogNumber);
  // A file that is moved to another level is deleted and added in one edit.
  for (const { FileNumber } of edit.DeletedFiles ?? []) family.tables.delete(FileNumber);
  for (const { FileNumber, FileSize, Level } of edit.AddedFiles ?? []) {
    family.tables.set(FileNumber, { number: FileNumber, size: FileSize, level: Level, family });
  }
  for (const { BlobFileNumber, TotalBlobCount } of edit.BlobFileAdditions ?? []) {
    family.blobs.set(BlobFileNumber, TotalBlobCount);
  }
  // No edit deletes them: one whose blobs are all garbage goes by itself.
  for (const { BlobFileNumber, GarbageBlobCount } of edit.BlobFileGarbages ?? []) {
    const left = (family.blobs.get(BlobFileNumber) ?? 0) - GarbageBlobCount;
    if (left > 0) family.blobs.set(BlobFileNumber, left);
    else family.blobs.delete(BlobFileNumber);
  }
}
