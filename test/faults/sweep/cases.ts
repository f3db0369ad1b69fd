/** Which faults each call of a workload is put to. */
import type { FaultRule, Operation } from 'rocksdb-wasm/faults';

/**
 * `once`: the call alone. `always`: it and all after it that the errno can come from. `after`: the call alone, and it is
 * done nevertheless. `torn`: a write of a few bytes that then fails. `short`: it and all after it do less than they are asked.
 */
export const MODES = ['once', 'always', 'after', 'torn', 'short'] as const;
export type Mode = (typeof MODES)[number];

export interface Case {
  readonly workload: string;
  /** The number of the call, from 1. */
  readonly call: number;
  readonly operation: Operation;
  readonly mode: Mode;
  /** Of `short` there is none. */
  readonly errno: string;
}

const OPENS: readonly Operation[] = ['open', 'create', 'openDirectory'];
/** What takes room on a disk. */
const GROWS: readonly Operation[] = [
  'create',
  'createDirectory',
  'link',
  'rename',
  'write',
  'sync',
];
const CHANGES: readonly Operation[] = [...GROWS, 'removeFile', 'removeDirectory', 'truncate'];
const TRANSFERS: readonly Operation[] = ['read', 'write'];
const NAMES: readonly Operation[] = [...OPENS, 'removeFile', 'rename', 'createDirectory', 'lock'];

/** Operations that an errno comes from for ever, once it does. Others: all. */
const SOURCES: Readonly<Record<string, readonly Operation[]>> = {
  ENOSPC: GROWS,
  EMFILE: OPENS,
};

/** All cases of a workload, given the operations of its calls. */
export function casesOf(workload: string, operations: readonly Operation[]): Case[] {
  return operations.flatMap((operation, index) => {
    const call = index + 1;
    const of = (mode: Mode, errno: string): Case => ({ workload, call, operation, mode, errno });
    return [
      of('once', 'EIO'),
      of('always', 'EIO'),
      ...(GROWS.includes(operation) ? [of('once', 'ENOSPC'), of('always', 'ENOSPC')] : []),
      ...(OPENS.includes(operation) ? [of('once', 'EMFILE'), of('always', 'EMFILE')] : []),
      ...(NAMES.includes(operation) ? [of('once', 'EACCES')] : []),
      ...(CHANGES.includes(operation) ? [of('after', 'EIO')] : []),
      ...(operation === 'write' ? [of('torn', 'ENOSPC'), of('torn', 'EIO')] : []),
      ...(TRANSFERS.includes(operation) ? [of('short', '')] : []),
    ];
  });
}

/** The rules that make a case. */
export function rulesOf(
  { call, operation, mode, errno }: Case,
  all: readonly Operation[],
): FaultRule[] {
  if (mode === 'after') return [{ call, errno, fails: 'after' }];
  if (mode === 'torn') return [{ operation, call: among(all, call, [operation]), errno, bytes: 3 }];
  if (mode === 'short') {
    // Each kind by itself, so that the other goes on as it did.
    const first = among(all, call, [operation]);
    return [{ operation, call: first, times: 'always', bytes: 200 + ((call * 37) % 900) }];
  }
  if (mode === 'once') return [{ call, errno }];
  const sources = SOURCES[errno];
  if (sources === undefined) return [{ call, times: 'always', errno }];
  return [{ operation: sources, call: among(all, call, sources), times: 'always', errno }];
}

/** The number of a call among those of some operations. */
function among(all: readonly Operation[], call: number, operations: readonly Operation[]): number {
  return all.slice(0, call).filter((each) => operations.includes(each)).length;
}

export function nameOf({ workload, call, operation, mode, errno }: Case): string {
  return `${workload}, call ${call} (${operation}), ${mode}${errno === '' ? '' : ` ${errno}`}`;
}
