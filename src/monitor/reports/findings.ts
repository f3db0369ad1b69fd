/** What the monitor found by itself, in one form: alerts that are raised, suspects of the growth detector. */
import type { HeldHandle } from '../growth/held.js';
import type { GrowthSuspect } from '../growth/suspect.js';
import type { HeapReport } from '../report.js';
import { firstLine, grouped } from '../text.js';

export type FindingLevel = 'info' | 'warning' | 'critical';

export interface Finding {
  readonly level: FindingLevel;
  /** An alert rule that holds, or a kind of handle that grows without end. */
  readonly source: 'alert' | 'growth';
  /** The rule's name, or the kind. */
  readonly title: string;
  /** In a sentence, with figures. */
  readonly detail: string;
  /** What each criterion says, of a growth suspect. */
  readonly why?: readonly string[];
  /** The stack of the creation site, when there is one. */
  readonly site: string | undefined;
  /** Milliseconds since 1970, when it began. */
  readonly since: number | undefined;
}

/** What is shown of an alert rule: `heap.alerts.list()`. */
export interface AlertFigures {
  readonly rule: {
    readonly name: string;
    readonly kind?: string;
    readonly age?: { readonly kind: string };
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly state: 'ok' | 'pending' | 'raised';
  readonly level: FindingLevel | undefined;
  readonly value: number | undefined;
  readonly since: number | undefined;
}

const RANK: Readonly<Record<FindingLevel, number>> = { critical: 0, warning: 1, info: 2 };

/** Worst first; of one level the oldest first. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => RANK[a.level] - RANK[b.level] || (a.since ?? 0) - (b.since ?? 0),
  );
}

/** Alerts that are raised, each with the place that most live handles of its kind are from. */
export function alertFindings(alerts: readonly AlertFigures[], report: HeapReport): Finding[] {
  return alerts
    .filter(({ state }) => state === 'raised')
    .map(({ rule, level = 'warning', value, since }) => {
      const kind = rule.kind ?? rule.age?.kind ?? rule.labels?.kind;
      const site = report.sites.find((each) => each.kind === kind);
      const parts = [`at ${value === undefined ? 'no figure' : figureText(value)}`];
      if (site !== undefined) {
        parts.push(`${grouped(site.count)} live of ${site.kind} made ${firstLine(site.site)}`);
      }
      const detail = parts.join('; ');
      return { level, source: 'alert', title: rule.name, detail, site: site?.site, since };
    });
}

/** What is shown of a suspect: `watch.suspects`. */
export type SuspectFigures = Pick<
  GrowthSuspect,
  'kind' | 'site' | 'count' | 'sinceOperation' | 'time'
> & { readonly criteria: readonly Pick<GrowthSuspect['criteria'][number], 'holds' | 'text'>[] };

export function suspectFindings(suspects: readonly SuspectFigures[]): Finding[] {
  return suspects.map(({ kind, site, count, sinceOperation, time, criteria }) => {
    const what = `${grouped(count)} idle, the first of operation ${grouped(sinceOperation)}`;
    const made = site === undefined ? '' : `, made ${firstLine(site)}`;
    const why = criteria.filter(({ holds }) => holds).map(({ text }) => text);
    const detail = `${what}${made}`;
    return { level: 'warning', source: 'growth', title: kind, detail, why, site, since: time };
  });
}

function figureText(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(4)));
}

/** Handles that are held for longer than others of their kind ever were: `watch.held`. */
export function heldFindings(held: readonly HeldHandle[]): Finding[] {
  return held.map(({ kind, site, text }) => {
    return { level: 'info', source: 'growth', title: kind, detail: text, site, since: undefined };
  });
}
