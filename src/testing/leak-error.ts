import type { HandleKind, HandleRecord } from '../monitor/ledger.js';
import { excerptAt, sourceLineAt, userPlace } from './places.js';

/** What grew: handles of one kind made at one place, or the bytes of one owner. */
export interface Leak {
  readonly kind: HandleKind | 'bytes';
  /** Handles left over; of kind `bytes`: bytes. */
  readonly count: number;
  /** Of kind `bytes`: who holds them, as in `heap.owners()`. */
  readonly owner: string | undefined;
  /** The creation stack of one of them, innermost frame first; undefined when none was taken. */
  readonly site: string | undefined;
  /** The file of the user's that made it, a path; undefined when it is not known. */
  readonly sourceFile: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  /** From 1. */
  readonly column: number | undefined;
  /** The text of that line, without the spaces around it. */
  readonly sourceLine: string | undefined;
  /** The measured round that ended with it, from 1; 0 where there are no rounds. */
  readonly round: number;
}

/** Handles, or bytes, were left over. `message` names kind, count and place, and shows the source. */
export class LeakError extends Error {
  readonly leaks: readonly Leak[];

  /** `outcome` completes the first line: `left over in round 1 of 8`. */
  constructor(leaks: readonly Leak[], outcome: string, options?: { cause?: unknown }) {
    super([headline(leaks, outcome), ...leaks.map(describe)].join('\n\n'), options);
    this.name = 'LeakError';
    this.leaks = leaks;
  }
}

/** A leak of handles; `records` are of one kind and one place, and at least one. */
export function handleLeak(records: readonly HandleRecord[], count: number, round: number): Leak {
  const { kind, site } = records[0] as HandleRecord;
  return { kind, count, owner: undefined, site, ...placed(site), round };
}

/** A leak of bytes. */
export function byteLeak(owner: string, bytes: number, round: number, site?: string): Leak {
  return { kind: 'bytes', count: bytes, owner, site, ...placed(site), round };
}

function placed(site: string | undefined) {
  const place = site === undefined ? undefined : userPlace(site);
  return {
    sourceFile: place?.file,
    line: place?.line,
    column: place?.column,
    sourceLine: place === undefined ? undefined : sourceLineAt(place),
  };
}

const PLURALS: Readonly<Partial<Record<HandleKind, string>>> = {
  columnFamily: 'columnFamily handles',
  writeBatch: 'writeBatches',
  statistics: 'statistics',
  exportedFiles: 'exportedFiles',
};

const UNKNOWN_PLACE = "at an unknown place: `tracking: 'track'`, given when opening, records it";

function amount({ kind, count, owner }: Leak): string {
  if (kind === 'bytes') return `${count} bytes of ${owner}`;
  if (count === 1) return kind === 'columnFamily' ? '1 columnFamily handle' : `1 ${kind}`;
  return `${count} ${PLURALS[kind] ?? `${kind}s`}`;
}

function headline(leaks: readonly Leak[], outcome: string): string {
  return `leak: ${leaks.map(amount).join(', ')} ${outcome}`;
}

function describe(leak: Leak): string {
  const what = amount(leak);
  const { sourceFile, line, column } = leak;
  if (sourceFile === undefined || line === undefined || column === undefined) {
    if (leak.kind === 'bytes') return `${what}: grew in every measured round`;
    return `${what}, made ${leak.site === undefined ? UNKNOWN_PLACE : `\n${leak.site}`}`;
  }
  const where = `${what}, made at ${sourceFile}:${line}:${column}`;
  const excerpt = excerptAt({ file: sourceFile, line, column });
  return excerpt === '' ? where : `${where}\n\n${excerpt}`;
}
