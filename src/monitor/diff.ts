/** What changed between two reports. */

import type { OwnerBytes } from './heap-bytes.js';
import type { HandleKind, HandleRecord } from './ledger.js';
import type { HeapReport, KindReport } from './report.js';

export interface KindDiff {
  readonly kind: HandleKind;
  /** Live after minus live before. */
  readonly live: number;
  readonly created: number;
  readonly freed: number;
}

export interface SiteDiff {
  readonly kind: HandleKind;
  readonly site: string;
  /** Live after minus live before. */
  readonly count: number;
}

export interface OwnerDiff {
  readonly owner: string;
  readonly bytes: number;
  readonly blocks: number;
}

export interface HeapDiff {
  readonly operations: number;
  /** Kinds of which some were created or freed, by name. */
  readonly kinds: readonly KindDiff[];
  /** Sites with more or fewer live handles, most growth first. */
  readonly sites: readonly SiteDiff[];
  /** Live after and not before, oldest first. */
  readonly added: readonly HandleRecord[];
  /** Live before and not after, oldest first, as they were then. */
  readonly removed: readonly HandleRecord[];
  /** Owners whose bytes or blocks changed, most growth first. */
  readonly owners: readonly OwnerDiff[];
  readonly inUseBytes: number;
  readonly blocks: number;
  readonly linearMemoryBytes: number;
}

export function compareReports(before: HeapReport, after: HeapReport): HeapDiff {
  const old = new Set(before.handles.map(({ id }) => id));
  const now = new Set(after.handles.map(({ id }) => id));
  return {
    operations: after.operations - before.operations,
    kinds: kinds(before.kinds, after.kinds),
    sites: sites(before, after),
    added: after.handles.filter(({ id }) => !old.has(id)),
    removed: before.handles.filter(({ id }) => !now.has(id)),
    owners: owners(before.owners, after.owners),
    inUseBytes: after.inUseBytes - before.inUseBytes,
    blocks: after.blocks - before.blocks,
    linearMemoryBytes: after.linearMemoryBytes - before.linearMemoryBytes,
  };
}

function kinds(before: readonly KindReport[], after: readonly KindReport[]): KindDiff[] {
  const names = [...new Set([...before, ...after].map(({ kind }) => kind))].sort();
  const none = { live: 0, created: 0, freed: 0 };
  return names
    .map((kind) => {
      const old = before.find((each) => each.kind === kind) ?? none;
      const now = after.find((each) => each.kind === kind) ?? none;
      return {
        kind,
        live: now.live - old.live,
        created: now.created - old.created,
        freed: now.freed - old.freed,
      };
    })
    .filter(({ created, freed }) => created !== 0 || freed !== 0);
}

function sites(before: HeapReport, after: HeapReport): SiteDiff[] {
  const counts = new Map<string, { kind: HandleKind; site: string; count: number }>();
  const add = (report: HeapReport, sign: number) => {
    for (const { kind, site, count } of report.sites) {
      const key = `${kind}\n${site}`;
      const known = counts.get(key) ?? { kind, site, count: 0 };
      counts.set(key, known);
      known.count += sign * count;
    }
  };
  add(before, -1);
  add(after, 1);
  return [...counts.values()].filter(({ count }) => count !== 0).sort((a, b) => b.count - a.count);
}

function owners(before: HeapReport['owners'], after: HeapReport['owners']): OwnerDiff[] {
  const none: OwnerBytes = { bytes: 0, blocks: 0 };
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((owner) => {
      const old = before[owner] ?? none;
      const now = after[owner] ?? none;
      return { owner, bytes: now.bytes - old.bytes, blocks: now.blocks - old.blocks };
    })
    .filter(({ bytes, blocks }) => bytes !== 0 || blocks !== 0)
    .sort((a, b) => b.bytes - a.bytes);
}
