/** What alert rules can be, and how they are checked. */
import { fieldsOf, finite, type Invalid, nameOf, wholeFrom } from './checks.js';
import type { HandleKind } from './ledger.js';
import { checkWebhook, type Webhook, type WebhookOptions } from './webhook.js';

export type AlertLevel = 'info' | 'warning' | 'critical';

/** From the least to the most severe. */
export const ALERT_LEVELS = ['info', 'warning', 'critical'] as const;

/** The figure of a metric, undefined when it has none: summed over its samples, of those labels if given. */
export type MetricReader = (
  name: string,
  labels?: Readonly<Record<string, string>>,
  aggregate?: Aggregate,
) => number | undefined;

/** How the samples of a metric become one figure. */
export type Aggregate = 'sum' | 'max' | 'min';

/** One for all levels: the rule's `level`. By level: the alert has that of the most severe threshold passed. */
export type AlertThreshold = number | Readonly<Partial<Record<AlertLevel, number>>>;

/** Both that are given must have passed. */
export interface AlertPeriod {
  /** Milliseconds by the engine's clock. */
  ms?: number;
  operations?: number;
}

export interface AlertRule {
  /** One of its own. */
  name: string;
  /**
   * A metric as `heap.metrics()` names it, or a function of metrics; undefined is a figure that does not hold. Either this
   * or `age`.
   */
  metric?: string | ((read: MetricReader) => number | undefined);
  /** Only the samples of the metric that have these labels. */
  labels?: Readonly<Record<string, string>>;
  /** Default: `sum`. */
  aggregate?: Aggregate;
  /** The figure, or how fast it grows from one sample to the next (from 0, when there was none). Default: `value`. */
  of?: 'value' | 'rate';
  /** Of a rate. Default: `second`. */
  per?: 'second' | 'operation';
  /** The age of the oldest live handle of a kind, in seconds or operations (default: seconds). */
  age?: { kind: HandleKind; in?: 'seconds' | 'operations' };
  /** When it holds: above, or below. */
  when: { above: AlertThreshold } | { below: AlertThreshold };
  /**
   * Hysteresis: what a raised alert must come back to before it is cleared, or eased to a lower level. Default: the
   * thresholds themselves.
   */
  clear?: AlertThreshold;
  /** How long it must hold, in each sample, before it is raised. Default: one sample. */
  for?: AlertPeriod;
  /** Default: `warning`. */
  level?: AlertLevel;
  /** Told again, as `repeated`, each time that so much has passed while it is raised. Default: never. */
  repeat?: AlertPeriod;
  /** Whose sites the alert names. Default: the kind of `age`, or the label `kind`. */
  kind?: HandleKind;
  /** Called as listeners are, beside the event `alert`; what it throws becomes a warning of the process. */
  callback?: (alert: AlertEvent) => unknown;
  /** Gets the event as JSON, by POST. */
  webhook?: string | WebhookOptions;
}

/** Handles that were made at one site. */
export interface AlertSite {
  /** Undefined of those whose site was not taken. */
  readonly site: string | undefined;
  readonly count: number;
  /** Operations since the oldest of them was made. */
  readonly oldestAge: number;
}

/** An alert was raised, got another level, was told again, or is over. Plain data. */
export interface AlertEvent {
  readonly rule: string;
  readonly change: 'raised' | 'escalated' | 'eased' | 'repeated' | 'cleared';
  readonly level: AlertLevel;
  /** Of an alert that is cleared: undefined when there is no figure any more. */
  readonly value: number | undefined;
  /** That of the level. */
  readonly threshold: number;
  readonly operations: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  /** When it began to hold, likewise. */
  readonly since: number;
  /** Of the rule's kind: those with most live handles, and that of the oldest one, five at most. */
  readonly sites: readonly AlertSite[];
  /** In words. */
  readonly text: string;
}

/** A level and when it is reached and left. */
export interface CheckedLevel {
  readonly level: AlertLevel;
  readonly threshold: number;
  readonly clear: number;
}

export interface CheckedRule {
  readonly rule: AlertRule;
  /** 1: above; -1: below. */
  readonly sign: 1 | -1;
  /** The most severe first. */
  readonly levels: readonly CheckedLevel[];
  readonly kind: HandleKind | undefined;
  readonly webhook: Webhook | undefined;
}

const FIELDS = [
  'name',
  'metric',
  'labels',
  'aggregate',
  'of',
  'per',
  'age',
  'when',
  'clear',
  'for',
  'level',
  'repeat',
  'kind',
  'callback',
  'webhook',
] as const satisfies readonly (keyof AlertRule)[];

/** With objects of its own, functions aside. */
export function copyOfRule(rule: AlertRule): AlertRule {
  const fields = Object.entries(rule).map(([name, value]) => [name, copyOf(value)]);
  return Object.fromEntries(fields) as unknown as AlertRule;
}

function copyOf(value: unknown): unknown {
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, part]) => [name, copyOf(part)]),
  );
}

/** Throws what `invalid` makes. */
export function checkRule(
  invalid: Invalid,
  given: AlertRule,
  warn: (message: string) => void,
): CheckedRule {
  const rule = copyOfRule(fieldsOf<AlertRule>(invalid, 'alert', given, FIELDS));
  const { name } = rule;
  if (typeof name !== 'string' || name === '') throw invalid('alert.name', name, 'a name');
  const at = (field: string) => `alert '${name}'.${field}`;
  checkFigure(invalid, at, rule);
  for (const field of ['for', 'repeat'] as const) {
    checkPeriod(invalid, at(field), rule[field], field === 'repeat' ? 1 : 0);
  }
  const { callback, webhook } = rule;
  if (callback !== undefined && typeof callback !== 'function') {
    throw invalid(at('callback'), callback, 'a function');
  }
  const checked = {
    rule,
    ...checkWhen(invalid, at, rule),
    kind: rule.kind ?? rule.age?.kind ?? (rule.labels?.kind as HandleKind | undefined),
  };
  // Last: it is the only part that does something.
  const hook =
    webhook === undefined ? undefined : checkWebhook(invalid, at('webhook'), webhook, warn);
  return { ...checked, webhook: hook };
}

function checkFigure(invalid: Invalid, at: (field: string) => string, rule: AlertRule): void {
  const { metric, labels, age } = rule;
  if ((metric === undefined) === (age === undefined)) {
    throw invalid(at('metric'), metric, 'a metric, or else age');
  }
  if (age !== undefined) {
    const fields = fieldsOf<NonNullable<AlertRule['age']>>(invalid, at('age'), age, ['kind', 'in']);
    if (typeof fields.kind !== 'string') throw invalid(at('age.kind'), fields.kind, 'a kind');
    nameOf(invalid, at('age.in'), fields.in, ['seconds', 'operations'], 'seconds');
  } else if (typeof metric !== 'function' && (typeof metric !== 'string' || metric === '')) {
    throw invalid(at('metric'), metric, 'the name of a metric or a function');
  }
  const named = (value: unknown) => typeof value === 'object' && value !== null;
  if (labels !== undefined && !named(labels)) throw invalid(at('labels'), labels, 'an object');
  nameOf(invalid, at('aggregate'), rule.aggregate, ['sum', 'max', 'min'], 'sum');
  nameOf(invalid, at('of'), rule.of, ['value', 'rate'], 'value');
  nameOf(invalid, at('per'), rule.per, ['second', 'operation'], 'second');
}

function checkWhen(invalid: Invalid, at: (field: string) => string, rule: AlertRule) {
  type When = { above?: AlertThreshold; below?: AlertThreshold };
  const { above, below } = fieldsOf<When>(invalid, at('when'), rule.when, ['above', 'below']);
  if ((above === undefined) === (below === undefined)) {
    throw invalid(at('when'), rule.when, 'either above or below');
  }
  const sign: 1 | -1 = above === undefined ? -1 : 1;
  const side = sign === 1 ? 'when.above' : 'when.below';
  const level = nameOf(invalid, at('level'), rule.level, ALERT_LEVELS, 'warning');
  const thresholds = byLevel(invalid, at(side), above ?? below, level);
  const clears = rule.clear === undefined ? {} : byLevel(invalid, at('clear'), rule.clear, level);
  const levels: CheckedLevel[] = [];
  for (const each of [...ALERT_LEVELS].reverse()) {
    const threshold = thresholds[each];
    if (threshold === undefined) continue;
    // One figure to clear by is of all levels.
    const clear = (typeof rule.clear === 'number' ? rule.clear : clears[each]) ?? threshold;
    if (sign * clear > sign * threshold) {
      const expected = `no ${sign === 1 ? 'more' : 'less'} than the threshold ${threshold}`;
      throw invalid(at('clear'), clear, expected);
    }
    levels.push({ level: each, threshold, clear });
  }
  levels.forEach(({ threshold }, index) => {
    const lower = levels[index + 1];
    if (lower === undefined || sign * lower.threshold <= sign * threshold) return;
    throw invalid(at(side), lower.threshold, `levels in order, ${lower.level} before ${threshold}`);
  });
  return { sign, levels };
}

function byLevel(
  invalid: Invalid,
  at: string,
  given: AlertThreshold | undefined,
  level: AlertLevel,
): Partial<Record<AlertLevel, number>> {
  if (typeof given === 'number') return { [level]: finite(invalid, at, given) };
  const levels = fieldsOf<Partial<Record<AlertLevel, number>>>(invalid, at, given, ALERT_LEVELS);
  for (const [each, value] of Object.entries(levels)) finite(invalid, `${at}.${each}`, value);
  if (Object.values(levels).every((value) => value === undefined)) {
    throw invalid(at, given, 'a number, or one by level');
  }
  return levels;
}

function checkPeriod(
  invalid: Invalid,
  at: string,
  period: AlertPeriod | undefined,
  least: number,
): void {
  if (period === undefined) return;
  const { ms, operations } = fieldsOf<AlertPeriod>(invalid, at, period, ['ms', 'operations']);
  wholeFrom(invalid, `${at}.ms`, ms, least);
  wholeFrom(invalid, `${at}.operations`, operations, least);
  if (ms === undefined && operations === undefined) {
    throw invalid(at, period, 'ms, operations or both');
  }
}
