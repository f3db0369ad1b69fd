/** The monitor's report: plain data, each time the same for the same state. */
import type { OwnerBytes } from './heap-bytes.js';
import type { HandleKind, HandleRecord, Ledger, LedgerRecord, TrackingLevel } from './ledger.js';

export interface KindReport {
  readonly kind: HandleKind;
  /** Those marked `finalized`, `expired` or `orphaned` among them. */
  readonly live: number;
  readonly created: number;
  readonly freed: number;
  /** Live ones that nobody holds any more: lost for good, unless their owner is closed. */
  readonly lost: number;
  /** Live ones whose time to live is over, and which cannot be used any more. */
  readonly expired: number;
  /** Live ones whose column family was dropped, whose data they keep. */
  readonly orphaned: number;
}

export interface SiteReport {
  readonly kind: HandleKind;
  readonly site: string;
  readonly count: number;
  /** Operations since the oldest of them was made. */
  readonly oldestAge: number;
}

export interface HeapReport {
  /** The engine's operation number. */
  readonly operations: number;
  readonly tracking: TrackingLevel;
  /** By name. */
  readonly kinds: readonly KindReport[];
  /** Live handles by creation site, most first; those whose site was taken. */
  readonly sites: readonly SiteReport[];
  /** Live handles, oldest first. */
  readonly handles: readonly HandleRecord[];
  /** Handles that were live when the engine crashed, oldest first; empty when it has not. */
  readonly atCrash: readonly HandleRecord[];
  readonly owners: Readonly<Record<string, OwnerBytes>>;
  readonly inUseBytes: number;
  readonly blocks: number;
  readonly highWaterBytes: number;
  /** Linear memory; it never shrinks. */
  readonly linearMemoryBytes: number;
  /** Paths of the open descriptors, oldest first. */
  readonly openFiles: readonly string[];
}

/** The part of a report that comes from linear memory. */
export type HeapBytes = Pick<
  HeapReport,
  'owners' | 'inUseBytes' | 'blocks' | 'highWaterBytes' | 'linearMemoryBytes'
>;

export function makeReport(
  ledger: Ledger,
  root: LedgerRecord | undefined,
  bytes: HeapBytes,
): HeapReport {
  const handles = recordsBelow(ledger.live(), root).map(copyOf);
  return {
    operations: ledger.operations,
    tracking: ledger.level,
    kinds: kindsOf(ledger, root, handles),
    sites: sitesOf(handles, ledger.operations),
    handles,
    atCrash: recordsBelow(ledger.atCrash, root).map(copyOf),
    ...bytes,
    openFiles: handles.filter(({ kind }) => kind === 'file').map(({ name }) => name ?? ''),
  };
}

/** The records that belong to `root`, and itself; all when there is none. */
export function recordsBelow(
  records: readonly LedgerRecord[],
  root: LedgerRecord | undefined,
): LedgerRecord[] {
  if (root === undefined) return [...records];
  const owners = new Map(records.map((record) => [record.id, record.owner]));
  return records.filter((record) => {
    let id = record.id;
    while (id !== root.id && id !== 0) id = owners.get(id) ?? 0;
    return id === root.id;
  });
}

/** As it is now. */
export function copyOf(record: HandleRecord): HandleRecord {
  return {
    id: record.id,
    kind: record.kind,
    name: record.name,
    owner: record.owner,
    site: record.site,
    bornOperation: record.bornOperation,
    bornTime: record.bornTime,
    lastUseOperation: record.lastUseOperation,
    lastUseTime: record.lastUseTime,
    state: record.state,
    borrows: [...record.borrows],
    accesses: record.accesses?.map((access) => ({ ...access })),
    accessCount: record.accessCount,
  };
}

function kindsOf(
  ledger: Ledger,
  root: LedgerRecord | undefined,
  handles: readonly HandleRecord[],
): KindReport[] {
  const marked = (kind: HandleKind, mark: HandleRecord['state']) => {
    return handles.filter((each) => each.kind === kind && each.state === mark).length;
  };
  return [...ledger.totals(root?.id)]
    .filter(([, { created }]) => created > 0)
    .map(([kind, { created, freed }]) => {
      return {
        kind,
        live: created - freed,
        created,
        freed,
        lost: marked(kind, 'finalized'),
        expired: marked(kind, 'expired'),
        orphaned: marked(kind, 'orphaned'),
      };
    })
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

function sitesOf(handles: readonly HandleRecord[], operations: number): SiteReport[] {
  const sites = new Map<string, { kind: HandleKind; site: string; count: number; born: number }>();
  for (const { kind, site, bornOperation } of handles) {
    if (site === undefined) continue;
    const key = `${kind}\n${site}`;
    const known = sites.get(key);
    if (known === undefined) sites.set(key, { kind, site, count: 1, born: bornOperation });
    else known.count++;
  }
  return [...sites.values()]
    .map(({ kind, site, count, born }) => ({ kind, site, count, oldestAge: operations - born }))
    .sort((a, b) => b.count - a.count);
}
