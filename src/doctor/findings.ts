/** What can be found wrong with a database, and what a diagnosis says. docs/command-line.md has the table of codes. */

export type FindingCode =
  // The folder.
  | 'NOT_A_DATABASE'
  | 'CURRENT_MISSING'
  | 'CURRENT_DAMAGED'
  | 'MANIFEST_MISSING'
  | 'MANIFEST_DAMAGED'
  | 'MANIFEST_BEHIND'
  | 'OPTIONS_MISSING'
  | 'OPTIONS_DAMAGED'
  | 'OPTIONS_NEWER'
  | 'ACCESS_DENIED'
  | 'IN_USE'
  | 'DISK_NEARLY_FULL'
  // Encryption.
  | 'ENCRYPTED'
  | 'ENCRYPTION_KEY_MISSING'
  | 'ENCRYPTION_KEY_WRONG'
  | 'ENCRYPTION_DAMAGED'
  | 'NOT_ENCRYPTED'
  // Files.
  | 'TABLE_MISSING'
  | 'TABLE_SIZE_WRONG'
  | 'TABLE_DAMAGED'
  | 'TABLE_TWO_NAMES'
  | 'BLOB_MISSING'
  | 'BLOB_DAMAGED'
  | 'LOG_DAMAGED'
  | 'LOG_TORN'
  | 'FILES_LEFT_OVER'
  | 'REPAIRED_BEFORE'
  // Opening.
  | 'COMPARATOR_MISSING'
  | 'MERGE_OPERATOR_MISSING'
  | 'DOES_NOT_OPEN'
  // Space and speed.
  | 'DELETIONS_RETAINED'
  | 'VERSIONS_RETAINED'
  | 'SNAPSHOT_RETAINED'
  | 'BLOB_GARBAGE'
  | 'LEVEL0_PILEUP'
  | 'COMPACTION_DEBT'
  | 'LOG_PILEUP';

/** `error`: it cannot be opened, or data is lost. `warning`: it costs space or speed, or may become an error. */
export type FindingSeverity = 'error' | 'warning' | 'note';

export interface DatabaseFinding {
  /** Stable, for programs. */
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** What is wrong, and why, in a sentence. */
  readonly what: string;
  /** What was seen, a line each. */
  readonly evidence: readonly string[];
  /** What to do. */
  readonly remedy: string;
  /** Of which column family, if of one. */
  readonly columnFamily?: string;
}

/** A column family as it is on disk. */
export interface ColumnFamilyFacts {
  readonly name: string;
  readonly tables: number;
  readonly tableBytes: number;
  readonly blobFiles: number;
  readonly blobBytes: number;
  /** In tables: all versions, deletions among them. */
  readonly entries: number;
  readonly deletions: number;
  /** What a scan shows; undefined: it was not counted. */
  readonly visible: number | undefined;
}

export interface DatabaseFacts {
  /** The version that wrote the newest OPTIONS file; undefined: none says. */
  readonly rocksdbVersion: string | undefined;
  readonly logs: number;
  readonly logBytes: number;
  /** Of files that the MANIFEST does not name. */
  readonly leftOverBytes: number;
  /** Of all files in the folder. */
  readonly totalBytes: number;
  /** Free on its disk; undefined: it cannot be known. */
  readonly freeBytes: number | undefined;
  readonly columnFamilies: readonly ColumnFamilyFacts[];
}

export interface Diagnosis {
  /** Absolute. */
  readonly path: string;
  /** No error and no warning. */
  readonly healthy: boolean;
  /** Errors first, then warnings, then notes. */
  readonly findings: readonly DatabaseFinding[];
  /** What could not be looked at, and why. */
  readonly skipped: readonly { readonly check: string; readonly why: string }[];
  readonly facts: DatabaseFacts;
}

const ORDER: readonly FindingSeverity[] = ['error', 'warning', 'note'];

/** @internal In the order of a diagnosis; those of one severity as they were found. */
export function inOrder(findings: readonly DatabaseFinding[]): DatabaseFinding[] {
  return ORDER.flatMap((each) => findings.filter(({ severity }) => severity === each));
}
