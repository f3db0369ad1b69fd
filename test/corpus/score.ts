/** What the outcomes come to: figures, goals and a table. */
import type { Outcome } from './exam.js';

export interface Score {
  /** Leaks that were found, of all alarms. */
  readonly precision: number;
  /** Leaks that were found, of all leaks. */
  readonly recall: number;
  /** Those of them with the right line. */
  readonly rightSite: number;
  readonly runs: number;
  readonly falseAlarms: number;
  /** Operations, or rounds, to the first alarm; of leaks that were found. */
  readonly medianDelay: number | undefined;
  readonly maxDelay: number | undefined;
}

/** A leak of one in so many operations, and rarer ones, are what the goal for the delay is about. */
const RARE = 5_000;
const DELAY_MAX = 200_000;

export function scoreOf(outcomes: readonly Outcome[]): Score {
  const leaky = outcomes.filter((outcome) => outcome.leaky);
  const found = leaky.filter((outcome) => outcome.found !== undefined);
  const falseAlarms = outcomes.reduce((sum, outcome) => sum + outcome.falseAlarms.length, 0);
  const delays = found.map((outcome) => outcome.found as number).sort((a, b) => a - b);
  return {
    precision: ratio(found.length, found.length + falseAlarms),
    recall: ratio(found.length, leaky.length),
    rightSite: ratio(found.filter(({ rightSite }) => rightSite).length, found.length),
    runs: outcomes.length,
    falseAlarms,
    medianDelay: delays[Math.floor(delays.length / 2)],
    maxDelay: delays.at(-1),
  };
}

const ratio = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);

/** The goals that are not met, in words. */
export function missedGoals(outcomes: readonly Outcome[]): string[] {
  const missed: string[] = [];
  const expect = (what: string, value: number, least: number) => {
    if (value < least) missed.push(`${what} is ${value.toFixed(3)}, not ${least}`);
  };
  const of = (mode: Outcome['mode']) => outcomes.filter((outcome) => outcome.mode === mode);
  const inTest = scoreOf(of('test'));
  expect('recall in tests', inTest.recall, 1);
  expect('precision in tests', inTest.precision, 1);
  expect('right lines in tests', inTest.rightSite, 1);
  if ((inTest.maxDelay ?? 1) > 1) missed.push(`a leak was found in round ${inTest.maxDelay}`);
  const production = scoreOf(of('production'));
  expect('precision in production', production.precision, 0.99);
  expect('recall in production', production.recall, 0.98);
  expect('right lines in production', production.rightSite, 0.95);
  const rare = of('production').filter(({ operationsPerLeak = 0 }) => operationsPerLeak >= RARE);
  const delay = scoreOf(rare).maxDelay ?? 0;
  if (delay > DELAY_MAX) missed.push(`a rare leak was found after ${delay} operations`);
  return missed;
}

/** A table in Markdown: a row for each program, and one for all. */
export function tableOf(outcomes: readonly Outcome[], mode: Outcome['mode']): string {
  const own = outcomes.filter((outcome) => outcome.mode === mode);
  const names = [...new Set(own.map(({ name }) => name))];
  const titles = ['program', 'runs', 'found', 'right line', 'false alarms', 'median', 'latest'];
  const rows = names.map((name) =>
    rowOf(
      name,
      own.filter((outcome) => outcome.name === name),
    ),
  );
  const total = scoreOf(own);
  const shares = [total.recall, total.rightSite].map((share) => share.toFixed(3));
  const all = `precision ${total.precision.toFixed(3)}, ${total.falseAlarms}`;
  const delays = [total.medianDelay, total.maxDelay].map(textOf);
  const last = ['**all**', String(total.runs), ...shares, all, ...delays];
  return [titles, titles.map(() => '---'), ...rows, last]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function rowOf(name: string, outcomes: readonly Outcome[]): string[] {
  const { runs, recall, rightSite, falseAlarms, medianDelay, maxDelay } = scoreOf(outcomes);
  const [first] = outcomes;
  if (first?.leaky !== true) return [name, String(runs), '', '', String(falseAlarms), '', ''];
  const found = Math.round(recall * runs);
  const right = String(Math.round(rightSite * found));
  const every = ` (1 in ${textOf(first.operationsPerLeak)})`;
  const delays = [medianDelay, maxDelay].map(textOf);
  return [name + every, String(runs), String(found), right, String(falseAlarms), ...delays];
}

const textOf = (value: number | undefined) =>
  value === undefined ? '' : String(value).replace(/\B(?=(\d{3})+$)/g, ',');
