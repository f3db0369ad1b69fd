/** The page as a whole: one file that fetches nothing. */
import type { HeapPicture } from '../picture.js';
import { agesSection, pinsSection, sitesSection } from './handles.js';
import { mapSection, ownersSection } from './heap.js';
import { Html, html } from './html.js';
import {
  aboutLine,
  crashNote,
  findingsSection,
  kindsSection,
  memorySection,
  tiles,
} from './overview.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

/** A page that brings itself up to date. */
export interface LivePage {
  /** Where the body comes from, a path with a query. */
  readonly from: string;
  readonly everyMs: number;
  /** The engines that can be looked at, this one among them. */
  readonly engines: readonly {
    readonly name: string;
    readonly href: string;
    readonly current: boolean;
  }[];
  /** Other forms of the same report. */
  readonly links: readonly { readonly name: string; readonly href: string }[];
}

/** The same in every page, so that a policy can name it by its hash. */
export const PAGE_SCRIPT = SCRIPT;
export const PAGE_STYLE = STYLE;

/** Nothing may be fetched, whatever is in the page. */
const OFFLINE =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML page with plots: a file of its own that fetches nothing, in light or dark as the system is. What
 * comes from the program (paths, sites, names) is escaped.
 */
export function heapPage(picture: HeapPicture): string {
  return pageOf(picture, undefined);
}

/** @internal The same with what makes it live. */
export function livePage(picture: HeapPicture, live: LivePage): string {
  return pageOf(picture, live);
}

function pageOf(picture: HeapPicture, live: LivePage | undefined): string {
  const policy = html`<meta http-equiv="Content-Security-Policy" content="${OFFLINE}">`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${live === undefined && policy}
<title>Heap of ${picture.name}</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<main>
${live !== undefined && engineTabs(live)}
<div id="body">${new Html(pageBody(picture))}</div>
<footer>rocksdb-wasm heap report${live !== undefined && liveLinks(live)}</footer>
</main>
<div id="tip" role="tooltip" hidden></div>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`.text;
}

/** @internal What changes from one look to the next. */
export function pageBody(picture: HeapPicture): string {
  return html`<header class="top"><div><h1><span class="brand">Heap of</span> ${picture.name}</h1><p>${aboutLine(picture)}</p></div></header>
${crashNote(picture)}${findingsSection(picture)}
${tiles(picture)}
<div class="pair">${memorySection(picture)}${kindsSection(picture)}</div>
${sitesSection(picture)}
<div class="pair">${agesSection(picture)}${ownersSection(picture)}</div>
${pinsSection(picture)}
${mapSection(picture)}`.text;
}

function engineTabs({ engines, from, everyMs }: LivePage): Html {
  const tabs = engines.map(({ name, href, current }) => {
    return html`<a href="${href}"${current && html` aria-current="page"`}>${name}</a>`;
  });
  return html`<nav class="engines" aria-label="Engines">${engines.length > 1 && tabs}<span id="live" data-from="${from}" data-every-ms="${everyMs}"><span role="status">live</span> <button type="button">Pause</button></span></nav>`;
}

function liveLinks({ links }: LivePage): Html {
  return html`: ${links.map(({ name, href }, index) => html`${index > 0 && ' · '}<a href="${href}">${name}</a>`)}`;
}
