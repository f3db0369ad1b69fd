/** The top of the page: what was found, the figures, the heap over time, handles by kind. */
import { isInternal } from '../../ledger.js';
import type { Finding } from '../findings.js';
import type { HeapPicture } from '../picture.js';
import { pinnedBytes } from '../stacks.js';
import { bytesChart, sparkline } from './charts.js';
import { type Html, type HtmlPart, html } from './html.js';
import { bytesText, countText, durationText, percentText, timeText } from './units.js';

/** A section of the page. `note`: what its figures mean. */
export function section(id: string, title: string, note: HtmlPart, body: HtmlPart): Html {
  return html`<section class="card" id="${id}"><h2>${title}</h2>${note !== '' && html`<p class="note">${note}</p>`}${body}</section>`;
}

const ICONS = { critical: '■', warning: '▲', info: '●' } as const;

/** Alerts and suspects; nothing when there are none. */
export function findingsSection({ findings, time }: HeapPicture): Html {
  if (findings.length === 0) return html``;
  const items = findings.map(
    ({ level, source, title, detail, why = [], site, since }: Finding, index) => {
      const kind = source === 'growth' ? 'growth suspect' : 'alert';
      const age = since === undefined ? '' : `, for ${durationText(time - since)}`;
      return html`<li class="finding ${level}"><span class="icon" aria-hidden="true">${ICONS[level]}</span><div><strong>${title}</strong> <span class="tag">${level} ${kind}${age}</span><p>${detail}</p>${why.length > 0 && html`<details id="why-${index}"><summary>Why</summary><ul>${why.map((each) => html`<li>${each}</li>`)}</ul></details>`}${site !== undefined && html`<details id="finding-${index}"><summary>Stack</summary><pre>${site}</pre></details>`}</div></li>`;
    },
  );
  return html`<section id="findings" aria-label="Alerts and suspects"><ul class="findings">${items}</ul></section>`;
}

export function crashNote({ report }: HeapPicture): Html {
  if (report.atCrash.length === 0) return html``;
  return html`<ul class="findings"><li class="finding critical"><span class="icon" aria-hidden="true">■</span><div><strong>The engine has crashed</strong><p>${countText(report.atCrash.length)} handles were live then; they are shown below.</p></div></li></ul>`;
}

/** The figures that say most. */
export function tiles({ report, map, pins, time }: HeapPicture): Html {
  const own = [...report.handles, ...report.atCrash].filter(({ kind }) => !isInternal(kind));
  const leased = own.filter(({ kind }) => !LASTING.has(kind));
  const oldest = leased[0];
  const pinned = pins.reduce((sum, each) => sum + pinnedBytes(each), 0);
  const oldestAge = oldest === undefined ? 'none' : durationText(time - oldest.bornTime);
  const files = countText(report.openFiles.length);
  return html`<section class="tiles" aria-label="Figures">
${tile('In use', bytesText(report.inUseBytes), `at most ${bytesText(report.highWaterBytes)} so far`)}
${tile('Linear memory', bytesText(report.linearMemoryBytes), 'never shrinks while the engine lives')}
${tile('Live handles', countText(own.length), `and ${files} open ${files === '1' ? 'file' : 'files'}`)}
${tile('Oldest to be freed', oldestAge, oldest === undefined ? 'no iterator, snapshot, batch, ...' : `${oldest.kind} #${oldest.id}`)}
${tile('Kept alive by handles', bytesText(pinned), 'would go if all of them were freed')}
${tile('Fragmentation', map === undefined ? '-' : percentText(map.externalFragmentation), map === undefined ? 'the heap was not walked' : `largest free piece ${bytesText(map.largestFreeBytes)}`)}
</section>`;
}

/** Kinds that are meant to live as long as the database. */
const LASTING: ReadonlySet<string> = new Set([
  'engine',
  'db',
  'columnFamily',
  'cache',
  'statistics',
]);

function tile(name: string, value: string, more: string): Html {
  return html`<div class="tile"><span class="name">${name}</span><span class="value">${value}</span><span class="more">${more}</span></div>`;
}

const NO_HISTORY = html`<p class="empty">No samples yet. <code>engine.heap.watch()</code> takes one per second and per 1,000 operations; the live page does so by itself.</p>`;

export function memorySection({ history }: HeapPicture): Html {
  if (history.length < 2) return section('memory', 'Memory over time', '', NO_HISTORY);
  const chart = bytesChart({
    id: 'memory-chart',
    title: 'Bytes over time',
    history,
    series: [
      {
        name: 'Linear memory',
        colour: 's2',
        values: history.map(({ linearMemoryBytes }) => linearMemoryBytes),
      },
      {
        name: 'In use',
        colour: 's1',
        values: history.map(({ inUseBytes }) => inUseBytes),
        area: true,
      },
    ],
  });
  const note = 'Bytes of live blocks, and the linear memory that was reserved for them.';
  return section('memory', 'Memory over time', note, chart);
}

export function kindsSection({ report, history, time }: HeapPicture): Html {
  const times = history.map((point) => point.time);
  const oldest = new Map<string, number>();
  for (const { kind, bornTime } of report.handles) {
    if (!oldest.has(kind)) oldest.set(kind, bornTime);
  }
  const rows = [...report.kinds]
    .filter(({ kind }) => kind !== 'engine')
    .sort((a, b) => Number(isInternal(a.kind)) - Number(isInternal(b.kind)) || b.live - a.live)
    .map(({ kind, live, created, freed, lost }) => {
      const values = history.map((point) => point.live[kind] ?? 0);
      const born = oldest.get(kind);
      return html`<tr${isInternal(kind) ? html` class="quiet"` : ''}><th scope="row">${kind}</th><td class="plotted">${sparkline(values, times, `live ${kind} handles over time`)}</td><td class="n strong">${countText(live)}</td><td class="n">${values.length === 0 ? '' : countText(Math.max(...values, live))}</td><td class="n wide">${countText(created)}</td><td class="n wide">${countText(freed)}</td><td class="n${lost > 0 ? ' bad' : ''}">${lost === 0 ? '' : countText(lost)}</td><td class="n">${born === undefined ? '' : durationText(time - born)}</td></tr>`;
    });
  const body = html`<div class="scroll"><table><thead><tr><th scope="col">Kind</th><th scope="col" class="plotted">Over time</th><th scope="col" class="n">Live</th><th scope="col" class="n">Peak</th><th scope="col" class="n wide">Made</th><th scope="col" class="n wide">Freed</th><th scope="col" class="n">Lost</th><th scope="col" class="n">Oldest</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const note =
    'Each line is from 0 to its own peak. Lost: nobody holds them any more, and they were not freed.';
  return section('kinds', 'Live handles by kind', note, body);
}

export function aboutLine({ report, time }: HeapPicture): Html {
  return html`${timeText(time)} · ${countText(report.operations)} operations · tracking level <code>${report.tracking}</code>`;
}
