/** What is being examined, and what has been found so far: every check gets it, and adds to it. */

import type { WasmSource } from '../native/wasm-source.js';
import type { OpenOptions } from '../open.js';
import type { FileSystem, LockHeldError } from '../wasi/file-system.js';
import type { DatabaseFile } from './files.js';
import type { ColumnFamilyFacts, DatabaseFinding } from './findings.js';
import type { ManifestState } from './manifest.js';

export interface DiagnoseOptions {
  /** The one that the database is on. Default: the host's real file system. */
  fileSystem?: FileSystem;
  /** One with RocksDB's tools in it. Default: the package's own, as each part needs it. */
  wasm?: WasmSource;
  /** How to open it, where the OPTIONS file cannot know: a comparator or merge operator of the program's, `dbPaths`. */
  options?: OpenOptions;
  /** Leave out what reads all tables: checksums, and how much of them is still needed. Default: false. */
  shallow?: boolean;
  /** Less free disk space than this is a finding. Default: 64 MiB, or the largest column family if that is more. */
  minFreeBytes?: number;
  /** Of fewer entries no share is a finding. Default: 1,000. */
  minEntries?: number;
  /** Garbage and logs of fewer bytes are no finding. Default: 1 MiB. */
  minBytes?: number;
  /** Ends it with the signal's reason at the next file or range of entries. */
  signal?: AbortSignal;
  /** Called now and then: `done` of `total` bytes of the step. */
  onProgress?: (progress: { step: string; done: number; total: number }) => void;
}

export class Examination {
  readonly findings: DatabaseFinding[] = [];
  readonly skipped: { check: string; why: string }[] = [];
  readonly columnFamilies: ColumnFamilyFacts[] = [];
  /** Of the database's own folder. */
  files: readonly DatabaseFile[] = [];
  /** Of all folders that its tables may be in. */
  dataFiles: readonly DatabaseFile[] = [];
  logs: readonly DatabaseFile[] = [];
  manifest: ManifestState | undefined;
  /** Who has the database open. */
  holder: LockHeldError | undefined;
  rocksdbVersion: string | undefined;
  /** Sequence numbers that the logs have; undefined: none, or they cannot be read. */
  logSequences: { first: bigint; last: bigint } | undefined;
  leftOverBytes = 0;
  freeBytes: number | undefined;

  constructor(
    readonly path: string,
    readonly fileSystem: FileSystem,
    readonly options: DiagnoseOptions,
  ) {}

  add(finding: DatabaseFinding): void {
    this.findings.push(finding);
  }

  skip(check: string, why: string): void {
    this.skipped.push({ check, why });
  }

  get hasErrors(): boolean {
    return this.findings.some(({ severity }) => severity === 'error');
  }

  get minBytes(): number {
    return this.options.minBytes ?? 1024 * 1024;
  }

  get minEntries(): number {
    return this.options.minEntries ?? 1000;
  }

  get toolOptions() {
    const { options } = this.options;
    return {
      ...this.engineOptions,
      ...(options === undefined ? {} : { options: withoutFileSystem(options) }),
    };
  }

  get engineOptions() {
    const { wasm } = this.options;
    return { fileSystem: this.fileSystem, ...(wasm === undefined ? {} : { wasm }) };
  }

  /** For opening it to read. */
  get openOptions(): OpenOptions<'view', 'view'> {
    return {
      ...(this.options.options as OpenOptions<'view', 'view'> | undefined),
      ...this.engineOptions,
      keyEncoding: 'view',
      valueEncoding: 'view',
    };
  }
}

function withoutFileSystem(options: OpenOptions): OpenOptions {
  const { fileSystem: _, ...others } = options;
  return others;
}

/** `3 files: a, b, c`; of many the first ones. */
export function namesOf(files: readonly { readonly name: string }[]): string {
  const shown = files.slice(0, 5).map(({ name }) => name);
  const more = files.length > shown.length ? [`and ${files.length - shown.length} more`] : [];
  return [...shown, ...more].join(', ');
}

export const bytesOf = (files: readonly { readonly size: number }[]) =>
  files.reduce((sum, { size }) => sum + size, 0);

/** In MB of 2^20 bytes where that is more than one. */
export function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${bytes.toLocaleString('en')} bytes`;
  return `${(bytes / (1024 * 1024)).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`;
}
