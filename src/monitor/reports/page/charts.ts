/** Plots as inline SVG, which stretch to the width that there is; their text is HTML, which does not. */
import type { HistoryPoint } from '../history.js';
import { type Html, html } from './html.js';
import { bytesText, countText, durationText, niceMax } from './units.js';

/** A colour of the page's style: `s1` ... `s7`. */
export type Colour = `s${1 | 2 | 3 | 4 | 5 | 6 | 7}`;

export interface Series {
  readonly name: string;
  readonly colour: Colour;
  readonly values: readonly number[];
  /** Filled down to 0. */
  readonly area?: boolean;
}

export interface TimeChart {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly history: readonly HistoryPoint[];
  readonly series: readonly Series[];
}

const WIDTH = 1000;
const HEIGHT = 220;
/** Parts of the vertical axis, which begins at 0. */
const STEPS = 4;

/** Bytes over time. Its figures are in the page as data, too, for the tooltip. */
export function bytesChart({ id, title, history, series }: TimeChart): Html {
  const top = niceMax(Math.max(...series.flatMap(({ values }) => values)), STEPS);
  const ticks = Array.from({ length: STEPS + 1 }, (_, step) => (top * (STEPS - step)) / STEPS);
  const times = history.map(({ time }) => time);
  const data = {
    times,
    operations: history.map(({ operations }) => operations),
    series: series.map(({ name, colour, values }) => ({ name, colour, values })),
  };
  const summary = series
    .map(({ name, values }) => `${name} ${bytesText(values.at(-1) ?? 0)}`)
    .join(', ');
  return html`<figure class="chart">
<figcaption class="legend">${series.map(legendOf)}</figcaption>
<div class="y">${ticks.map((tick) => html`<span>${bytesText(tick)}</span>`)}</div>
<div class="plot" id="${id}" tabindex="0" role="img" aria-label="${title}: now ${summary}" data-chart="${JSON.stringify(data)}">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
${ticks.map((_, step) => gridLine((step * HEIGHT) / STEPS))}
${series.map((each) => seriesPaths(each, times, top))}
</svg></div>
<div class="x">${timeTicks(times)}</div>
</figure>`;
}

function legendOf({ name, colour, values }: Series): Html {
  return html`<span class="key"><i class="dot ${colour}"></i>${name} <b>${bytesText(values.at(-1) ?? 0)}</b></span>`;
}

function gridLine(y: number): Html {
  return html`<line class="grid" x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/>`;
}

function seriesPaths(
  { colour, values, area }: Series,
  times: readonly number[],
  top: number,
): Html {
  const points = pointsOf(values, times, top, WIDTH, HEIGHT);
  if (points.length === 0) return html``;
  const [first, last] = [points[0] as Point, points.at(-1) as Point];
  const fill = `M${first[0]},${HEIGHT}L${join(points)}L${last[0]},${HEIGHT}Z`;
  return html`${area === true && html`<path class="area ${colour}" d="${fill}"/>`}<path class="line ${colour}" d="M${join(points)}"/>`;
}

type Point = readonly [x: number, y: number];

const join = (points: readonly Point[]) => points.map(([x, y]) => `${x},${y}`).join('L');

/** By time; evenly when all are of one time, as on a clock that stands. */
function pointsOf(
  values: readonly number[],
  times: readonly number[],
  top: number,
  width: number,
  height: number,
): Point[] {
  const [begin, end] = [times[0] ?? 0, times.at(-1) ?? 0];
  const count = Math.max(values.length - 1, 1);
  return values.map((value, index) => {
    const share = end > begin ? ((times[index] as number) - begin) / (end - begin) : index / count;
    return [round(share * width), round(height - (value / top) * height)];
  });
}

const round = (value: number) => Math.round(value * 10) / 10;

function timeTicks(times: readonly number[]): Html[] {
  const [begin, end] = [times[0] ?? 0, times.at(-1) ?? 0];
  if (end <= begin) return [html`<span></span><span>now</span>`];
  const ago = (share: number) => `${durationText((end - begin) * share)} ago`;
  return [html`<span>${ago(1)}</span><span>${ago(0.5)}</span><span>now</span>`];
}

/** A small line without axes, from 0 to its own maximum. */
export function sparkline(
  values: readonly number[],
  times: readonly number[],
  label: string,
): Html {
  const top = Math.max(...values, 1);
  const points = pointsOf(values, times, top, 120, 22);
  if (points.length < 2) return html``;
  // What never changes needs no weight.
  const fill = values.some((value) => value !== values[0]);
  const peak = `peak ${countText(Math.max(...values))}`;
  return html`<svg class="spark" viewBox="0 -1 120 24" preserveAspectRatio="none" role="img" aria-label="${label}: ${peak}">${fill && html`<path class="area s1" d="M0,22L${join(points)}L120,22Z"/>`}<path class="line s1" d="M${join(points)}"/></svg>`;
}

export interface BarPart {
  readonly name: string;
  readonly colour: Colour;
  readonly value: number;
}

/** A bar of parts, of which `max` is the whole width. */
export function bar(
  parts: readonly BarPart[],
  max: number,
  format: (value: number) => string,
): Html {
  let at = 0;
  const rects = parts
    .filter(({ value }) => value > 0)
    .map(({ name, colour, value }) => {
      const width = (100 * value) / Math.max(max, 1);
      const rect = html`<rect class="fill ${colour}" x="${round(at * 10) / 10}%" width="${round(width * 10) / 10}%" height="100%" data-tip="${name}: ${format(value)}"/>`;
      at += width;
      return rect;
    });
  return html`<svg class="bar" aria-hidden="true">${rects}</svg>`;
}

export function legend(entries: readonly { name: string; colour: Colour }[]): Html {
  return html`<div class="legend">${entries.map(({ name, colour }) => html`<span class="key"><i class="dot ${colour}"></i>${name}</span>`)}</div>`;
}
