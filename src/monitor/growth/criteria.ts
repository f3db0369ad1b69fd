/** What must hold, all of it, for handles to be suspected of growing without end. */
import { grouped } from '../text.js';
import { cusum } from './cusum.js';
import { birthEpochs } from './epochs.js';
import { explainedBy } from './little.js';
import type { GrowthSettings } from './options.js';
import type { Point, Population, Window } from './population.js';
import { proportionAtMost } from './proportion.js';
import { theilSen } from './theil-sen.js';

export type CriterionName =
  | 'observed'
  | 'cusum'
  | 'slope'
  | 'little'
  | 'epochs'
  | 'untouched'
  | 'staying';

/** What one criterion said. */
export interface Criterion {
  readonly name: CriterionName;
  readonly holds: boolean;
  /** The figure that decides. */
  readonly value: number;
  /** What it was compared with. */
  readonly threshold: number;
  /** The same in words. */
  readonly text: string;
}

/** Birth epochs that a window is divided into, and those of them that must have survivors. */
const EPOCHS = 8;
const EPOCHS_OCCUPIED = 5;
/** Births in the later half of the epochs for each in the earlier: below, the growth levels off. */
const EPOCHS_RATIO = 1 / 3;
/** Of what is there, so much is to be beyond what Little's law explains. */
const LITTLE_FACTOR = 2;
/** Of the handles that are old enough, so many must be idle. */
const UNTOUCHED_SHARE = 0.8;
/** Of the idle ones, so many may be used or freed after all. */
const LEAVING_SHARE = 0.35;
/** Standard deviations. */
const CUSUM_DECISION = 4;

/** What all criteria say of a window, the quick ones first. */
export function judge(
  population: Population,
  window: Window,
  settings: GrowthSettings,
): Criterion[] {
  const { points } = window;
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    observed(first, last, settings),
    staying(first, last),
    untouched(last),
    little(first, last, settings),
    epochs(population, first, last, settings),
    netGrowth(points),
    steepness(points),
  ];
}

/** Whether a window is worth the figures: enough handles that are idle. */
export function isWorthwhile(window: Window, settings: GrowthSettings): boolean {
  const { points } = window;
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return false;
  return (
    last.idle - first.idle >= settings.handles &&
    last.operations - first.operations >= settings.spanOperations
  );
}

function observed(first: Point, last: Point, settings: GrowthSettings): Criterion {
  const span = last.operations - first.operations;
  const more = last.idle - first.idle;
  const { spanOperations, handles } = settings;
  return {
    name: 'observed',
    holds: span >= spanOperations && more >= handles,
    value: more,
    threshold: handles,
    text:
      `${grouped(more)} more idle handles than ${grouped(span)} operations before ` +
      `(needed: ${handles} over ${grouped(spanOperations)})`,
  };
}

function staying(first: Point, last: Point): Criterion {
  const judged = last.judged - first.judged;
  const left = Math.min(judged, last.left - first.left);
  const bound = proportionAtMost(left, judged);
  return {
    name: 'staying',
    holds: bound <= LEAVING_SHARE,
    value: bound,
    threshold: LEAVING_SHARE,
    text:
      `of ${grouped(judged)} that were idle, ${grouped(left)} were used again or freed: ` +
      `at most ${percent(bound)} do (95 %; below ${percent(LEAVING_SHARE)} needed)`,
  };
}

function untouched({ idle, old }: Point): Criterion {
  const share = old > 0 ? idle / old : 0;
  return {
    name: 'untouched',
    holds: share >= UNTOUCHED_SHARE,
    value: share,
    threshold: UNTOUCHED_SHARE,
    text:
      `${grouped(idle)} of the ${grouped(old)} old enough to be idle are: ${percent(share)} ` +
      `(from ${percent(UNTOUCHED_SHARE)} on)`,
  };
}

function little(first: Point, last: Point, settings: GrowthSettings): Criterion {
  const span = last.operations - first.operations;
  const explained = explainedBy({
    span,
    arrived: last.entered - first.entered,
    left: last.left - first.left,
    stayed: last.stayed - first.stayed,
    usual: settings.idleOperations,
  });
  const present = last.idle - first.idle;
  return {
    name: 'little',
    holds: present > LITTLE_FACTOR * explained,
    value: present,
    threshold: LITTLE_FACTOR * explained,
    text:
      `arrivals and the stays of those that left explain ${explained.toFixed(1)} idle handles; ` +
      `there are ${grouped(present)} more (above ${(LITTLE_FACTOR * explained).toFixed(1)} needed)`,
  };
}

function epochs(
  { stays }: Population,
  first: Point,
  last: Point,
  settings: GrowthSettings,
): Criterion {
  const born = [...stays].map(({ record }) => record.bornOperation);
  const from = Math.max(0, first.operations - settings.idleOperations);
  const births = birthEpochs(born, from, last.operations - settings.idleOperations, EPOCHS);
  return {
    name: 'epochs',
    holds: births.occupied >= EPOCHS_OCCUPIED && births.ratio >= EPOCHS_RATIO,
    value: births.occupied,
    threshold: EPOCHS_OCCUPIED,
    text:
      `survivors of ${births.occupied} of ${EPOCHS} birth epochs (${births.parts.join(', ')}), ` +
      `${births.ratio.toFixed(2)} of the later half for each of the earlier ` +
      `(needed: ${EPOCHS_OCCUPIED} epochs, ${EPOCHS_RATIO.toFixed(2)})`,
  };
}

/**
 * Created and freed are counted late: when a handle has been idle for long, and when one of those is freed (or
 * used). So what lives shortly, however much of it, is no noise.
 */
function netGrowth(points: readonly Point[]): Criterion {
  const steps = points.slice(1).map((point, index) => {
    const before = points[index] as Point;
    return { entered: point.entered - before.entered, left: point.left - before.left };
  });
  const n = Math.max(1, steps.length);
  const mean = steps.reduce((sum, { entered }) => sum + entered, 0) / n;
  const variance = steps.reduce((sum, { entered, left }) => sum + entered + left, 0) / n;
  const decision = CUSUM_DECISION * Math.sqrt(variance);
  const { sum, holds } = cusum(
    steps.map(({ entered, left }) => entered - left),
    { reference: mean / 2, decision },
  );
  return {
    name: 'cusum',
    holds,
    value: sum,
    threshold: decision,
    text: `created minus freed sums up to ${sum.toFixed(1)} (from ${decision.toFixed(1)} on)`,
  };
}

function steepness(points: readonly Point[]): Criterion {
  const slope = theilSen(
    points.map(({ operations }) => operations),
    points.map(({ idle }) => idle),
  ) ?? { slope: 0, lower: 0, upper: 0 };
  const per = (value: number) => (value * 10_000).toFixed(2);
  return {
    name: 'slope',
    holds: slope.lower > 0,
    value: slope.lower,
    threshold: 0,
    text:
      `${per(slope.slope)} more in 10,000 operations, with 95 % confidence from ` +
      `${per(slope.lower)} to ${per(slope.upper)}`,
  };
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
