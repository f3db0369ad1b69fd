/** Handles one by one: how old, made where, what they keep alive. */
import { type HandleRecord, isInternal } from '../../ledger.js';
import { pinText } from '../../pins.js';
import { firstLine, grouped, labelOf } from '../../text.js';
import { framesOf } from '../frames.js';
import type { HeapPicture } from '../picture.js';
import { pinnedBytes } from '../stacks.js';
import { type BarPart, bar, type Colour, legend } from './charts.js';
import { type Html, html } from './html.js';
import { section } from './overview.js';
import { bytesText, countText, durationText } from './units.js';

/** One colour a kind, whatever else is there. */
const KIND_COLOURS: Readonly<Record<string, Colour>> = {
  iterator: 's1',
  snapshot: 's2',
  transaction: 's3',
  writeBatch: 's4',
  pinnedSlice: 's5',
  columnFamily: 's6',
};

const colourOf = (kind: string): Colour => KIND_COLOURS[kind] ?? 's7';
const nameOf = (kind: string) => (kind in KIND_COLOURS ? kind : 'other');

const AGES = [
  ['under 1 s', 1000],
  ['1 to 10 s', 10_000],
  ['10 s to 1 min', 60_000],
  ['1 to 10 min', 600_000],
  ['10 min to 1 h', 3_600_000],
  ['1 h to 1 d', 86_400_000],
  ['over 1 d', Number.POSITIVE_INFINITY],
] as const;

/** Handles that users make; those that were live at a crash, too. */
function usersHandles({ report }: HeapPicture): HandleRecord[] {
  return [...report.handles, ...report.atCrash].filter(
    ({ kind }) => !isInternal(kind) && kind !== 'engine',
  );
}

/** Live handles by age. */
export function agesSection(picture: HeapPicture): Html {
  const handles = usersHandles(picture);
  const counts = AGES.map(() => new Map<string, number>());
  for (const { kind, bornTime } of handles) {
    const bin = counts[AGES.findIndex(([, below]) => picture.time - bornTime < below)];
    bin?.set(nameOf(kind), (bin.get(nameOf(kind)) ?? 0) + 1);
  }
  const totals = counts.map((bin) => [...bin.values()].reduce((sum, count) => sum + count, 0));
  const names = [...Object.keys(KIND_COLOURS), 'other'];
  const present = names.filter((name) => counts.some((bin) => bin.has(name)));
  const max = Math.max(...totals, 1);
  const rows = AGES.map(([label], index) => {
    const bin = counts[index] as Map<string, number>;
    const parts = present.map<BarPart>((name) => {
      return { name, colour: colourOf(name), value: bin.get(name) ?? 0 };
    });
    return html`<tr><th scope="row">${label}</th><td class="bars">${bar(parts, max, countText)}</td><td class="n${totals[index] === 0 && ' none'}">${countText(totals[index] as number)}</td></tr>`;
  });
  const body = html`${legend(present.map((name) => ({ name, colour: colourOf(name) })))}<table class="rows"><tbody>${rows}</tbody></table>`;
  return section('ages', 'Age of live handles', 'Time since they were made.', body);
}

/** Handles of one kind that were made by one line, whoever called it. */
interface SiteGroup {
  readonly kind: string;
  count: number;
  born: number;
  used: number;
  bytes: number;
  pinned: number;
  /** How many were made on each stack. */
  readonly sites: Map<string, number>;
}

const SITES_MAX = 20;

/** Live handles by where they were made, most first. */
export function sitesSection(picture: HeapPicture): Html {
  const groups = siteGroups(picture);
  const known = groups.some(({ sites }) => sites.size > 0);
  const max = Math.max(...groups.map(({ count }) => count), 1);
  const { operations } = picture.report;
  const rows = groups.slice(0, SITES_MAX).map((group, index) => {
    const { kind, count, born, used, bytes, pinned } = group;
    const parts = [{ name: kind, colour: colourOf(kind), value: count }];
    return html`<tr><td class="n strong">${countText(count)}</td><td class="bars short">${bar(parts, max, countText)}</td><td>${kind}</td><td class="place">${placeOf(group.sites, `site-${index}`)}</td><td class="n">${durationText(picture.time - born)}</td><td class="n wide">${countText(operations - used)}</td><td class="n wide">${bytes > 0 ? bytesText(bytes) : ''}</td><td class="n">${pinned > 0 ? bytesText(pinned) : ''}</td></tr>`;
  });
  const more = groups.length - SITES_MAX;
  const hint = known
    ? 'Where live handles were made, most first. Unused: operations since any of them was used. Holds: bytes of their own on the heap.'
    : html`Sites are not taken at level <code>count</code>: set <code>engine.heap.tracking</code> to <code>'sample'</code> or <code>'track'</code>.`;
  const body = html`<div class="scroll"><table><thead><tr><th scope="col" class="n">Live</th><th scope="col" class="short"></th><th scope="col">Kind</th><th scope="col">Made at</th><th scope="col" class="n">Oldest</th><th scope="col" class="n wide">Unused</th><th scope="col" class="n wide">Holds</th><th scope="col" class="n">Keeps alive</th></tr></thead><tbody>${rows}</tbody></table></div>${more > 0 && html`<p class="note">and ${grouped(more)} more</p>`}`;
  return section('sites', 'Top sites', hint, body);
}

function siteGroups(picture: HeapPicture): SiteGroup[] {
  const pinned = new Map(
    picture.pins.map((each) => [each.handles[0] as number, pinnedBytes(each)]),
  );
  const groups = new Map<string, SiteGroup>();
  for (const { id, kind, site, bornTime, lastUseOperation } of usersHandles(picture)) {
    const key = `${kind}\n${firstLine(site ?? '')}`;
    const group = groups.get(key) ?? {
      kind,
      count: 0,
      born: bornTime,
      used: 0,
      bytes: 0,
      pinned: 0,
      sites: new Map<string, number>(),
    };
    groups.set(key, group);
    group.count++;
    group.used = Math.max(group.used, lastUseOperation);
    group.bytes += picture.ownBytes[id] ?? 0;
    group.pinned += pinned.get(id) ?? 0;
    if (site !== undefined) group.sites.set(site, (group.sites.get(site) ?? 0) + 1);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || b.pinned - a.pinned);
}

const STACKS_MAX = 5;

/** The innermost frame; the whole stacks, most handles first, when it is opened. */
function placeOf(sites: ReadonlyMap<string, number>, id: string): Html {
  const stacks = [...sites].sort(([, a], [, b]) => b - a);
  const frame = stacks[0] && framesOf(stacks[0][0])[0];
  if (frame === undefined) return html`<span class="muted">not taken</span>`;
  const place = frame.file === '' ? '' : `${shortPath(frame.file)}:${frame.line}`;
  const name = frame.name === '' ? '' : html`<span class="muted"> ${frame.name}</span>`;
  const texts = stacks.slice(0, STACKS_MAX).map(([site, count]) => {
    const title = stacks.length > 1 && html`<p class="note">${grouped(count)} by</p>`;
    return html`${title}<pre>${site}</pre>`;
  });
  const more = stacks.length - STACKS_MAX;
  return html`<details id="${id}"><summary><code>${place || frame.name}</code>${place !== '' && name}</summary>${texts}${more > 0 && html`<p class="note">and ${grouped(more)} more stacks</p>`}</details>`;
}

/** The file with the folder that it is in. */
function shortPath(file: string): string {
  return file.split('/').slice(-2).join('/');
}

const PINS_MAX = 12;

/** What single handles keep alive, most first. */
export function pinsSection(picture: HeapPicture): Html {
  const records = new Map(picture.report.handles.map((record) => [record.id, record]));
  const all = picture.pins
    .flatMap((pins) => {
      const record = records.get(pins.handles[0] as number);
      return record === undefined ? [] : [{ pins, record, bytes: pinnedBytes(pins) }];
    })
    .sort((a, b) => b.bytes - a.bytes || a.record.id - b.record.id);
  if (all.length === 0) {
    const none = html`<p class="empty">No iterator, pinned slice or snapshot is live.</p>`;
    return section('pins', 'Kept alive by single handles', '', none);
  }
  const max = Math.max(...all.map(({ bytes }) => bytes), 1);
  const rows = all.slice(0, PINS_MAX).map(({ pins, record, bytes }) => {
    const parts = [{ name: labelOf(record), colour: colourOf(record.kind), value: bytes }];
    return html`<tr><td class="n strong">${bytesText(bytes)}</td><td class="bars short">${bar(parts, max, bytesText)}</td><th scope="row">${labelOf(record)}</th><td class="n">${durationText(picture.time - record.bornTime)}</td><td class="place">${placeOf(sitesOf(record), `pin-${record.id}`)}</td><td class="words">${pinText(pins) ?? ''}</td></tr>`;
  });
  const more = all.length - PINS_MAX;
  const body = html`<div class="scroll"><table><thead><tr><th scope="col" class="n">Bytes</th><th scope="col" class="short"></th><th scope="col">Handle</th><th scope="col" class="n">Age</th><th scope="col">Made at</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table></div>${more > 0 && html`<p class="note">and ${grouped(more)} more</p>`}`;
  const note =
    'Memtables, files and cache blocks that the database itself has done with. What several hold counts with the oldest.';
  return section('pins', 'Kept alive by single handles', note, body);
}

const sitesOf = ({ site }: HandleRecord) => new Map(site === undefined ? [] : [[site, 1]]);
