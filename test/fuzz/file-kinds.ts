/** What a file of a base is, by its name. */
import { mutate } from './mutate.js';
import type { Choice } from './random.js';
import { mutateBlob, mutateLog } from './structure.js';

export type FileKind =
  | 'manifest'
  | 'current'
  | 'options'
  | 'identity'
  | 'table'
  | 'wal'
  | 'blob'
  | 'backupMeta'
  | 'trace';

const NAMES: readonly (readonly [FileKind, RegExp])[] = [
  ['manifest', /\/MANIFEST-\d+$/],
  ['current', /\/CURRENT$/],
  ['options', /\/OPTIONS-\d+$/],
  ['identity', /\/IDENTITY$/],
  ['table', /\.(sst|external)$/],
  ['wal', /\.log$/],
  ['blob', /\.blob$/],
  ['backupMeta', /\/meta\/\d+$/],
  ['trace', /\.trace$/],
];

export const FILE_KINDS = NAMES.map(([kind]) => kind);

export function kindOf(path: string): FileKind | undefined {
  return NAMES.find(([, name]) => name.test(path))?.[0];
}

/** Damage, with or without what keeps checksums right. */
export function damage(
  kind: FileKind | undefined,
  bytes: Uint8Array,
  choice: Choice,
  other: Uint8Array,
): Uint8Array {
  if (choice.once(4)) return mutate(bytes, choice, other);
  if (kind === 'manifest' || kind === 'wal') return mutateLog(bytes, choice, other);
  if (kind === 'blob') return mutateBlob(bytes, choice, other);
  return mutate(bytes, choice, other);
}
