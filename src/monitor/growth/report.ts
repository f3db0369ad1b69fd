/** The growth detector's report, as data and in words. */
import type { HandleKind } from '../ledger.js';
import { grouped } from '../text.js';
import { type Criterion, judge } from './criteria.js';
import type { GrowthDetector } from './detector.js';
import type { HeldHandle } from './held.js';
import type { GrowthSettings } from './options.js';
import type { Population, Window } from './population.js';
import type { GrowthSuspect } from './suspect.js';

/** Handles of one kind, or of one place, that are not used. */
export interface IdleReport {
  readonly kind: HandleKind;
  /** The innermost frame of the place; undefined: all of the kind. */
  readonly place: string | undefined;
  readonly count: number;
  /** Operations that the figures are of: those of the window in which most criteria hold. */
  readonly span: number;
  readonly criteria: readonly Criterion[];
}

export interface GrowthReport {
  readonly operations: number;
  readonly settings: GrowthSettings;
  readonly suspects: readonly GrowthSuspect[];
  /** Single handles that are held for very long. */
  readonly held: readonly HeldHandle[];
  /** Of each kind that has idle handles. */
  readonly idle: readonly IdleReport[];
  /** Creation stacks that the watch had taken. */
  readonly stacks: number;
  /** Kinds of which more stacks are taken now. */
  readonly focused: readonly HandleKind[];
  /** All of it in words. */
  readonly text: string;
}

export function makeGrowthReport(detector: GrowthDetector): GrowthReport {
  const { idle, held, settings, suspects, budget, operations } = detector;
  const report = {
    operations,
    settings,
    suspects: suspects.map((suspect) => structuredClone(suspect)),
    held: held.map((handle) => ({ ...handle })),
    idle: [...idle.kinds.values()]
      .filter((population) => population.idle > 0)
      .map((population) => idleReport(population, settings)),
    stacks: budget.taken,
    focused: [...idle.kinds.keys()].filter((kind) => budget.isFocused(kind)),
  };
  return { ...report, text: textOf(report) };
}

function idleReport(population: Population, settings: GrowthSettings): IdleReport {
  const { kind, place } = population;
  const judged = population.windows.map((window) => ({
    span: spanOf(window),
    criteria: judge(population, window, settings),
  }));
  const holding = ({ criteria }: { criteria: readonly Criterion[] }) =>
    criteria.filter(({ holds }) => holds).length;
  const best = judged.reduce((a, b) => (holding(b) > holding(a) ? b : a));
  return { kind, place, count: population.idle, ...best };
}

function spanOf({ points }: Window): number {
  return (points.at(-1)?.operations ?? 0) - (points[0]?.operations ?? 0);
}

function textOf({ operations, suspects, held, idle }: Omit<GrowthReport, 'text'>): string {
  const suspected = new Set(suspects.map(({ kind }) => kind));
  const others = idle.filter(({ kind }) => !suspected.has(kind));
  const lines = [
    `growth after ${grouped(operations)} operations: ` +
      (suspects.length === 0 ? 'no suspect' : `${suspects.length} suspected`),
    ...suspects.map(suspectText),
    ...held.map(({ text, site }) => `held: ${text}\n${siteText(site)}`),
    ...others.map(idleText),
  ];
  return lines.join('\n\n');
}

/** A suspect in words: what, made where, and what each criterion said. */
export function suspectText(suspect: GrowthSuspect): string {
  const { kind, count, sinceOperation, operation, site } = suspect;
  const lines = [
    `${kind}: ${grouped(count)} idle handles, and ever more, ` +
      `since operation ${grouped(sinceOperation)} (found at ${grouped(operation)})`,
    siteText(site),
    ...suspect.criteria.map(criterionText),
  ];
  return lines.join('\n');
}

function siteText(site: string | undefined): string {
  if (site === undefined) return '  made at an unknown place';
  return `  made ${site.replaceAll('\n', '\n       ')}`;
}

function idleText({ kind, count, criteria }: IdleReport): string {
  return [`${kind}: ${grouped(count)} idle, no suspect`, ...criteria.map(criterionText)].join('\n');
}

const criterionText = ({ name, holds, text }: Criterion) =>
  `  ${holds ? 'yes' : 'no '}  ${name}: ${text}`;
