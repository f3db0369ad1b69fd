/** Files of a database through whatever file system they are on: names, sizes and small contents. */
import { EncryptionError } from '../errors.js';
import type { FileStat, FileSystem } from '../wasi/file-system.js';

export type DatabaseFileKind =
  | 'table'
  | 'blob'
  | 'log'
  | 'manifest'
  | 'options'
  | 'temporary'
  | 'trash'
  | 'other';

export interface DatabaseFile {
  readonly name: string;
  readonly path: string;
  readonly kind: DatabaseFileKind;
  /** 0: the name has none. */
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  readonly links: number;
  /** Device and inode. */
  readonly identity: string;
}

const KINDS: readonly (readonly [RegExp, DatabaseFileKind])[] = [
  [/^(\d+)\.(?:sst|ldb)$/, 'table'],
  [/^(\d+)\.blob$/, 'blob'],
  [/^(\d+)\.log$/, 'log'],
  [/^MANIFEST-(\d+)$/, 'manifest'],
  [/^OPTIONS-(\d+)$/, 'options'],
  [/\.dbtmp$/, 'temporary'],
  [/\.trash$/, 'trash'],
];

/** The files of a folder, by name; empty when it is not there. What goes meanwhile is left out. */
export function filesIn(fileSystem: FileSystem, folder: string): DatabaseFile[] {
  const files: DatabaseFile[] = [];
  for (const { name } of ifThere(() => fileSystem.readDirectory(folder)) ?? []) {
    const path = `${folder}/${name}`;
    const kind = kindOf(name);
    const stat = ifThere(() => statOf(fileSystem, path, kind));
    if (stat?.type === 'file') files.push(fileOf(name, path, kind, stat));
  }
  return files;
}

function kindOf(name: string): DatabaseFileKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** Undefined for a file of others in an encrypted database, whose size cannot be told. */
function statOf(
  fileSystem: FileSystem,
  path: string,
  kind: DatabaseFileKind,
): FileStat | undefined {
  try {
    return fileSystem.stat(path);
  } catch (error) {
    const foreign = kind === 'other' && !path.endsWith('/CURRENT');
    if (foreign && error instanceof EncryptionError) return undefined;
    throw error;
  }
}

function fileOf(name: string, path: string, kind: DatabaseFileKind, stat: FileStat): DatabaseFile {
  return {
    name,
    path,
    kind,
    number: Number(/\d+/.exec(kind === 'other' ? '' : name)?.[0] ?? 0),
    size: stat.size,
    links: stat.links,
    identity: `${stat.device}:${stat.inode}`,
  };
}

/** Undefined: there is nothing of that name. */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

const READ_ONLY = { read: true, write: false, create: false, exclusive: false, truncate: false };

/** The first bytes of a file, all of them unless `most` says how many; undefined: it is not there. */
export function readWholeFile(
  fileSystem: FileSystem,
  path: string,
  most = Number.POSITIVE_INFINITY,
): Uint8Array | undefined {
  const handle = ifThere(() => fileSystem.open(path, READ_ONLY));
  if (handle === undefined) return undefined;
  try {
    const bytes = new Uint8Array(Math.min(most, handle.stat().size));
    let at = 0;
    while (at < bytes.length) {
      const read = handle.read(bytes.subarray(at), at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    handle.close();
  }
}
