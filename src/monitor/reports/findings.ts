/** What the monitor found by itself, in one form: alerts that are raised, suspects of the growth detector. */
import type { HeapMonitor } from '../heap-monitor.js';

export type FindingLevel = 'info' | 'warning' | 'critical';

export interface Finding {
  readonly level: FindingLevel;
  /** An alert rule that holds, or a kind of handle that grows without end. */
  readonly source: 'alert' | 'growth';
  /** The rule's name, or the kind. */
  readonly title: string;
  /** In a sentence, with figures. */
  readonly detail: string;
  /** The stack of the creation site, when there is one. */
  readonly site: string | undefined;
  /** Milliseconds since 1970, when it began. */
  readonly since: number | undefined;
}

const RANK: Readonly<Record<FindingLevel, number>> = { critical: 0, warning: 1, info: 2 };

/** Worst first; of one level the oldest first. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => RANK[a.level] - RANK[b.level] || (a.since ?? 0) - (b.since ?? 0),
  );
}

/** What an engine has found until now and still holds. */
export function findingsOf(_heap: HeapMonitor): Finding[] {
  return worstFirst([]);
}
