/** The heap: whose its bytes are, and how they lie in it. */
import type { HeapCell } from '../../heap-layout.js';
import { grouped } from '../../text.js';
import type { HeapPicture } from '../picture.js';
import { bar, type Colour, legend } from './charts.js';
import { type Html, html } from './html.js';
import { section } from './overview.js';
import { bytesText, percentText } from './units.js';

/** Parts of the engine that belong together have one colour. */
const GROUPS = [
  ['memtables', 's1', ['memtable']],
  ['block cache', 's2', ['blockCache', 'cache']],
  ['table readers', 's3', ['tableReader', 'readahead', 'file']],
  [
    'handles',
    's5',
    ['iterator', 'snapshot', 'writeBatch', 'pinnedSlice', 'transaction', 'transactionLogIterator'],
  ],
  ['versions, log, background work', 's4', ['version', 'wal', 'flush', 'compaction', 'background']],
  ['the engine itself', 's7', []],
] as const satisfies readonly (readonly [string, Colour, readonly string[]])[];

const GROUP_OF = new Map(
  GROUPS.flatMap((group) => group[2].map((owner) => [owner as string, group])),
);

function groupOf(owner: string): (typeof GROUPS)[number] {
  return GROUP_OF.get(owner) ?? (GROUPS.at(-1) as (typeof GROUPS)[number]);
}

const LEGEND = legend(GROUPS.map(([name, colour]) => ({ name, colour })));
const OWNERS_MAX = 12;

export function ownersSection({ report }: HeapPicture): Html {
  const owners = Object.entries(report.owners)
    .filter(([, { bytes }]) => bytes > 0)
    .sort(([, a], [, b]) => b.bytes - a.bytes);
  const max = owners[0]?.[1].bytes ?? 1;
  const rows = owners.slice(0, OWNERS_MAX).map(([owner, { bytes, blocks }]) => {
    const parts = [{ name: groupOf(owner)[0], colour: groupOf(owner)[1], value: bytes }];
    return html`<tr><th scope="row">${owner}</th><td class="bars">${bar(parts, max, bytesText)}</td><td class="n strong">${bytesText(bytes)}</td><td class="n">${percentText(bytes / report.inUseBytes)}</td><td class="n wide" data-tip="blocks">${grouped(blocks)}</td></tr>`;
  });
  const rest = owners.slice(OWNERS_MAX).reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const more = rest > 0 ? html`<p class="note">and ${bytesText(rest)} in smaller parts</p>` : '';
  const note = 'Every byte in use has one owner, a part of RocksDB or a kind of handle.';
  const body = html`<table class="rows"><tbody>${rows}</tbody></table>${more}`;
  return section('owners', 'Bytes by owner', note, body);
}

/** The address space from left to right and top to bottom. */
export function mapSection({ map, layout }: HeapPicture): Html {
  const title = 'Map of the heap';
  if (map === undefined || layout === undefined) {
    const none = html`<p class="empty">The heap was not walked, or is damaged.</p>`;
    return section('map', title, '', none);
  }
  const { cellBytes, begin, cells } = layout;
  const squares = cells.map((cell, index) => square(cell, begin + index * cellBytes, cellBytes));
  const pin = map.pinsTop;
  const facts = [
    ['Free', `${bytesText(map.freeBytes)} in ${grouped(map.freeChunks)} pieces`],
    ['Largest free piece', bytesText(map.largestFreeBytes)],
    ['External fragmentation', percentText(map.externalFragmentation)],
    ['Last block in use', pin === undefined ? 'none' : `${bytesText(pin.bytes)} of ${pin.owner}`],
  ] as const;
  const label = `${title}: ${bytesText(map.inUseBytes)} in use, ${bytesText(map.freeBytes)} free`;
  const body = html`${LEGEND}<div class="map" role="img" aria-label="${label}">${squares}</div><dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
  const note = html`Each square is ${bytesText(cellBytes)} of linear memory, by rising address; the fuller, the stronger its colour, which is that of most bytes in it.`;
  return section('map', title, note, body);
}

/** Of four strengths. */
function square({ usedBytes, owner }: HeapCell, address: number, cellBytes: number): Html {
  const at = `0x${address.toString(16)}`;
  if (owner === undefined) return html`<i data-tip="${at}: free"></i>`;
  const share = Math.min(usedBytes / cellBytes, 1);
  const strength = Math.max(1, Math.ceil(share * 4));
  return html`<i class="${groupOf(owner)[1]} f${strength}" data-tip="${at}: ${percentText(share)} in use, mostly ${owner}"></i>`;
}
