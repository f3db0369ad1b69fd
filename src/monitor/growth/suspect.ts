/** What the growth detector suspects, as plain data: handles of one kind of which there are ever more. */
import type { HandleKind, Ledger, LedgerRecord } from '../ledger.js';
import type { Criterion } from './criteria.js';
import type { Population } from './population.js';

/** How many of the suspected handles were made at a place, of those whose creation stacks were taken. */
export interface SiteVotes {
  readonly site: string;
  readonly count: number;
}

export interface GrowthSuspect {
  readonly kind: HandleKind;
  /** The creation stack of most, innermost frame first; undefined when none of theirs was taken. */
  readonly site: string | undefined;
  readonly votes: readonly SiteVotes[];
  /** Idle handles: of that place, or of the kind. */
  readonly count: number;
  /** Numbers of the oldest of them, for `heap.why()`. */
  readonly handles: readonly number[];
  /** The operation at which the oldest of them was made. */
  readonly sinceOperation: number;
  /** The operation at which the suspicion arose, and milliseconds since 1970. */
  readonly operation: number;
  readonly time: number;
  readonly criteria: readonly Criterion[];
}

/** Numbers that a suspect names. */
const HANDLES_NAMED = 10;

/** `place`: of the same kind, where most of them were made. */
export function growthSuspect(
  population: Population,
  place: Population | undefined,
  criteria: readonly Criterion[],
  ledger: Ledger,
): GrowthSuspect {
  const records = [...population.stays].map(({ record }) => record).sort((a, b) => a.id - b.id);
  const votes = votesOf(records);
  const ofPlace = place === undefined ? undefined : votesOf(recordsOf(place))[0];
  return {
    kind: population.kind,
    site: ofPlace?.site ?? votes[0]?.site,
    votes,
    count: population.idle,
    handles: records.slice(0, HANDLES_NAMED).map(({ id }) => id),
    sinceOperation: records[0]?.bornOperation ?? ledger.operations,
    operation: ledger.operations,
    time: ledger.now(),
    criteria,
  };
}

const recordsOf = ({ stays }: Population) => [...stays].map(({ record }) => record);

/** Most first. */
function votesOf(records: readonly LedgerRecord[]): SiteVotes[] {
  const counts = new Map<string, number>();
  for (const { site } of records) {
    if (site !== undefined) counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  return [...counts].map(([site, count]) => ({ site, count })).sort((a, b) => b.count - a.count);
}
