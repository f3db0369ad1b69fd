/** Rules on metrics, rates and ages: looked at with each sample, told when they hold and when no more. */
import {
  type Aggregate,
  type AlertEvent,
  type AlertLevel,
  type AlertPeriod,
  type AlertRule,
  type AlertSite,
  type CheckedLevel,
  type CheckedRule,
  checkRule,
  copyOfRule,
  type MetricReader,
} from './alert-rules.js';
import type { Invalid } from './checks.js';
import type { MonitorEvents } from './events.js';
import type { HandleKind, Ledger } from './ledger.js';
import type { Metric } from './metrics.js';
import type { HeapSample, Sampler } from './sampler.js';
import { firstLine, grouped } from './text.js';
import type { WebhookDeliveries } from './webhook.js';

/** What the rules of an engine read. */
export interface AlertParts {
  readonly ledger: Ledger;
  readonly events: MonitorEvents;
  readonly sampler: Sampler;
  /** All metrics: read once with a sample, when a rule wants them. */
  readonly metrics: () => readonly Metric[];
  /** The engine cannot be asked now. */
  readonly busy: () => boolean;
  readonly warn: (message: string) => void;
  readonly invalid: Invalid;
}

/** A rule and how it stands. */
export interface AlertState {
  readonly rule: AlertRule;
  /** `pending`: it holds, not for long enough yet. */
  readonly state: 'ok' | 'pending' | 'raised';
  /** Of a raised one. */
  readonly level: AlertLevel | undefined;
  /** Of the last sample. */
  readonly value: number | undefined;
  /** When it began to hold, milliseconds since 1970. */
  readonly since: number | undefined;
  readonly webhook: WebhookDeliveries | undefined;
}

interface Moment {
  readonly time: number;
  readonly operations: number;
}

/** The kinds of site that an alert names. */
const SITES_MAX = 5;

class Watched {
  readonly checked: CheckedRule;
  value: number | undefined;
  /** Of the sample before: what a rate is reckoned from. */
  before: (Moment & { readonly value: number }) | undefined;
  /** By level, the most severe first: since when its threshold has been passed. */
  readonly holding: (Moment | undefined)[];
  raised: CheckedLevel | undefined;
  /** Has the sites of the rule's kind taken, as long as there is something to be seen. */
  focus: (() => void) | undefined;
  since: Moment | undefined;
  /** Of the alert that was told last: its level, and since when it held. */
  last: { readonly level: CheckedLevel; readonly since: Moment } | undefined;
  toldAt: Moment | undefined;
  /** Its function gave no figure the last time, and that was told. */
  failed = false;

  constructor(checked: CheckedRule) {
    this.checked = checked;
    this.holding = checked.levels.map(() => undefined);
  }

  blur(): void {
    this.focus?.();
    this.focus = undefined;
  }

  /** Takes the figure of a sample; returns what changed. */
  judge(value: number | undefined, now: Moment): AlertEvent['change'] | undefined {
    this.value = value;
    const { levels, sign, rule } = this.checked;
    let reached: CheckedLevel | undefined;
    let earliest: Moment | undefined;
    levels.forEach((level, index) => {
      const keeps = this.raised !== undefined && index >= levels.indexOf(this.raised);
      const bound = keeps ? level.clear : level.threshold;
      const holds = value !== undefined && sign * value > sign * bound;
      this.holding[index] = holds ? (this.holding[index] ?? now) : undefined;
      const since = this.holding[index];
      if (since === undefined) return;
      earliest = earliest === undefined || since.time < earliest.time ? since : earliest;
      if (reached === undefined && (keeps || hasPassed(since, now, rule.for))) reached = level;
    });
    this.since = earliest;
    return this.#become(reached, now);
  }

  #become(level: CheckedLevel | undefined, now: Moment): AlertEvent['change'] | undefined {
    const { levels, rule } = this.checked;
    const before = this.raised;
    this.raised = level;
    if (before === undefined) this.last = undefined;
    if (level === before) {
      const again = level !== undefined && rule.repeat !== undefined && this.toldAt !== undefined;
      if (!again || !hasPassed(this.toldAt as Moment, now, rule.repeat)) return undefined;
      this.toldAt = now;
      return 'repeated';
    }
    this.toldAt = now;
    if (level === undefined) return 'cleared';
    this.last = { level, since: this.last?.since ?? this.since ?? now };
    if (before === undefined) return 'raised';
    return levels.indexOf(level) < levels.indexOf(before) ? 'escalated' : 'eased';
  }
}

/** `heap.alerts`: the rules of one engine. While there are any, samples are taken. */
export class Alerts {
  readonly #parts: AlertParts;
  readonly #rules = new Map<string, Watched>();
  #end: (() => void) | undefined;

  /** @internal */
  constructor(parts: AlertParts) {
    this.#parts = parts;
  }

  /**
   * Adds rules, from the next sample on; one whose name there is already is replaced, and begins anew. Throws
   * InvalidOptionError, and adds none.
   */
  add(rules: AlertRule | readonly AlertRule[]): void {
    const given = (Array.isArray(rules) ? rules : [rules]) as readonly AlertRule[];
    const { invalid, warn, sampler } = this.#parts;
    const checked = given.map((rule) => checkRule(invalid, rule, warn));
    for (const each of checked) {
      this.remove(each.rule.name);
      this.#rules.set(each.rule.name, new Watched(each));
    }
    if (this.#rules.size > 0) this.#end ??= sampler.observe((sample) => this.#look(sample));
  }

  /** False: there is none of that name. A raised alert is not told to be over. */
  remove(name: string): boolean {
    const watched = this.#rules.get(name);
    watched?.blur();
    watched?.checked.webhook?.end();
    const was = this.#rules.delete(name);
    if (this.#rules.size === 0) {
      this.#end?.();
      this.#end = undefined;
    }
    return was;
  }

  /** The rules in the order in which they came, and how they stand. */
  list(): AlertState[] {
    return [...this.#rules.values()].map(({ checked, raised, value, since }) => ({
      rule: copyOfRule(checked.rule),
      state: raised !== undefined ? 'raised' : since === undefined ? 'ok' : 'pending',
      level: raised?.level,
      value,
      since: since?.time,
      webhook: checked.webhook?.deliveries,
    }));
  }

  #look(sample: HeapSample): void {
    if (this.#parts.busy()) return;
    const read = this.#reader();
    // What is told is told later: a rule's callback finds all rules looked at.
    for (const watched of [...this.#rules.values()]) {
      const value = this.#isIn(watched) ? this.#figureOf(watched, sample, read) : undefined;
      // A rule's function may have removed it, and others.
      if (!this.#isIn(watched)) continue;
      const change = watched.judge(value, { time: sample.time, operations: sample.operations });
      if (change !== undefined) this.#tell(watched, change, sample);
      this.#focus(watched);
    }
  }

  #isIn(watched: Watched): boolean {
    return this.#rules.get(watched.checked.rule.name) === watched;
  }

  /** From when it may be raised on, sites are taken of what is made of the kind. */
  #focus(watched: Watched): void {
    const { kind } = watched.checked;
    if (kind === undefined) return;
    if (watched.since !== undefined) watched.focus ??= this.#parts.ledger.focus(kind);
    else watched.blur();
  }

  #figureOf(watched: Watched, sample: HeapSample, read: MetricReader): number | undefined {
    const { rule } = watched.checked;
    if (rule.of !== 'rate') return this.#valueOf(watched, sample, read);
    // What has not been counted yet stands at nothing.
    const value = this.#valueOf(watched, sample, read) ?? 0;
    const { time, operations } = sample;
    const { before } = watched;
    watched.before = { time, operations, value };
    if (before === undefined) return undefined;
    const passed =
      rule.per === 'operation' ? operations - before.operations : (time - before.time) / 1000;
    return passed > 0 ? (value - before.value) / passed : watched.value;
  }

  #valueOf(watched: Watched, sample: HeapSample, read: MetricReader): number | undefined {
    const { rule } = watched.checked;
    const { metric, age } = rule;
    if (age !== undefined) return this.#ageOf(age.kind, age.in ?? 'seconds', sample);
    if (typeof metric === 'string') return read(metric, rule.labels, rule.aggregate);
    return metric === undefined ? undefined : this.#ask(watched, metric, read);
  }

  /** What is wrong with a rule's function is told once, until it has given a figure again. */
  #ask(watched: Watched, metric: (read: MetricReader) => unknown, read: MetricReader) {
    let problem: string;
    try {
      const value = metric(read);
      if (value === undefined || typeof value === 'number') {
        watched.failed = false;
        return Number.isNaN(value) ? undefined : value;
      }
      if (value instanceof Promise) value.catch(() => {}); // that it is one is told
      problem = `expected a number or undefined, got ${String(value)}`;
    } catch (error) {
      problem = `it threw ${String(error)}`;
    }
    if (!watched.failed) {
      this.#parts.warn(`the metric of alert '${watched.checked.rule.name}': ${problem}`);
    }
    watched.failed = true;
    return undefined;
  }

  #ageOf(kind: HandleKind, unit: 'seconds' | 'operations', sample: HeapSample) {
    if (this.#parts.ledger.liveCount(kind) === 0) return undefined;
    const oldest = this.#parts.ledger.live().find((record) => record.kind === kind);
    if (oldest === undefined) return undefined;
    return unit === 'operations'
      ? sample.operations - oldest.bornOperation
      : (sample.time - oldest.bornTime) / 1000;
  }

  /** Metrics are made when the first rule asks, once. */
  #reader(): MetricReader {
    let all: ReadonlyMap<string, Metric> | undefined;
    return (name, labels = {}, aggregate: Aggregate = 'sum') => {
      all ??= new Map(this.#parts.metrics().map((metric) => [metric.name, metric]));
      const wanted = Object.entries(labels);
      const values = (all.get(name)?.samples ?? [])
        .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
        .map(({ value }) => value);
      if (values.length === 0) return undefined;
      if (aggregate === 'sum') return values.reduce((sum, value) => sum + value, 0);
      return values.reduce((a, b) => Math[aggregate](a, b));
    };
  }

  #tell(watched: Watched, change: AlertEvent['change'], sample: HeapSample): void {
    const { checked, value, last } = watched;
    const { rule, kind } = checked;
    if (last === undefined) return;
    const { level, since } = last;
    const sites = kind === undefined ? [] : this.#sitesOf(kind);
    const { time, operations } = sample;
    const plain = {
      rule: rule.name,
      change,
      level: level.level,
      value,
      threshold: level.threshold,
      operations,
      time,
      since: since.time,
      sites,
    };
    const event: AlertEvent = { ...plain, text: textOf(plain, checked) };
    this.#parts.events.emit('alert', event);
    if (rule.callback !== undefined) this.#parts.events.call('alert', rule.callback, event);
    checked.webhook?.send(event);
  }

  #sitesOf(kind: HandleKind): AlertSite[] {
    const { ledger } = this.#parts;
    const sites = new Map<string | undefined, { count: number; oldest: number }>();
    for (const record of ledger.live()) {
      if (record.kind !== kind) continue;
      const known = sites.get(record.site);
      if (known !== undefined) known.count++;
      else sites.set(record.site, { count: 1, oldest: record.bornOperation });
    }
    const all = [...sites].map(([site, { count, oldest }]) => {
      return { site, count, oldestAge: ledger.operations - oldest };
    });
    // Live handles come oldest first: so does the site of the oldest.
    const [oldest, ...others] = all;
    if (oldest === undefined) return [];
    others.sort((a, b) => b.count - a.count);
    return [oldest, ...others.slice(0, SITES_MAX - 1)].sort((a, b) => b.count - a.count);
  }
}

/** Whether so much has passed; nothing, when there is no period. */
function hasPassed(since: Moment, now: Moment, period: AlertPeriod | undefined): boolean {
  const { ms = 0, operations = 0 } = period ?? {};
  return now.time - since.time >= ms && now.operations - since.operations >= operations;
}

function textOf(event: Omit<AlertEvent, 'text'>, { rule, sign, kind }: CheckedRule): string {
  const { change, level, value, threshold, sites } = event;
  const what = change === 'cleared' ? 'is over' : `${change} (${level})`;
  const parts = [
    `alert '${rule.name}' ${what}: ${value === undefined ? 'no figure' : shown(value)}`,
  ];
  if (change !== 'cleared') parts.push(`${sign === 1 ? 'above' : 'below'} ${shown(threshold)}`);
  const named = sites.flatMap(({ site, count }) =>
    site === undefined ? [] : [`${grouped(count)} made ${firstLine(site)}`],
  );
  if (named.length > 0) parts.push(`live ${kind}: ${named.join('; ')}`);
  return parts.join(', ');
}

function shown(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(4)));
}
