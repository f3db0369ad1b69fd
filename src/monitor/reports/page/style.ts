/** The page's style sheet. Light or dark as the system is; no font and no picture is fetched. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #f5f6f8; --surface: #fff; --ink: #15181c; --soft: #515a65; --muted: #6d7681; --line: #e2e5e9; --hover: #f3f5f8;
  --s1: #2f6fde; --s2: #d6720c; --s3: #0d8a7e; --s4: #8250c4; --s5: #c23f7d; --s6: #8a7708; --s7: #7d8691;
  --critical: #c42b2b; --warning: #9a5b00; --info: #2f6fde; --empty: #eceef1; }
@media (prefers-color-scheme: dark) { :root {
  --page: #101317; --surface: #181c21; --ink: #e9ebee; --soft: #aeb6bf; --muted: #8b949e; --line: #2a3038; --hover: #1f242b;
  --s1: #6aa1ff; --s2: #f09a45; --s3: #3fbfb1; --s4: #b193f2; --s5: #ec82b4; --s6: #cdb941; --s7: #89929d;
  --critical: #ff7a70; --warning: #e5b143; --info: #6aa1ff; --empty: #22272e; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 14px/1.45 -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1480px; margin: 0 auto; padding: 20px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px; }
a { color: var(--info); }
h1 { font-size: 20px; line-height: 1.25; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 0; font-weight: 650; }
header.top { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: flex-end; justify-content: space-between; margin-bottom: 16px; }
header.top p { margin: 4px 0 0; color: var(--soft); }
.brand { color: var(--soft); font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; }
nav.engines { margin-bottom: 16px; gap: 6px; }
nav.engines a { padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--soft); text-decoration: none; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav.engines a[aria-current] { color: var(--ink); border-color: var(--s1); font-weight: 600; }
#live { color: var(--soft); }
#live button { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 2px 10px; cursor: pointer; }
#live .late { color: var(--critical); font-weight: 600; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 16px; min-width: 0; }
.card, .pair { margin-bottom: 16px; }
.pair { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.pair > .card { margin: 0; }
.note { color: var(--soft); margin: 2px 0 0; font-size: 13px; }
.empty { color: var(--soft); margin: 12px 0 4px; }
.muted { color: var(--muted); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin-bottom: 16px; }
.tile { background: var(--surface); padding: 12px 16px; display: flex; flex-direction: column; }
.tile .name { color: var(--soft); font-size: 13px; }
.tile .value { font-size: 24px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; white-space: nowrap; }
.tile .more { color: var(--muted); font-size: 12px; }
.findings { list-style: none; margin: 0 0 16px; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; }
.finding { display: flex; gap: 10px; background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--info); border-radius: 8px; padding: 10px 14px; }
.finding > div { min-width: 0; flex: 1; }
.finding ul { margin: 4px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
.finding p { margin: 2px 0 0; overflow-wrap: anywhere; }
.finding .icon, .finding .tag { color: var(--info); }
.finding .tag { font-size: 12px; font-weight: 600; margin-left: 4px; }
.finding.warning { border-left-color: var(--warning); } .finding.warning .icon, .finding.warning .tag { color: var(--warning); }
.finding.critical { border-left-color: var(--critical); } .finding.critical .icon, .finding.critical .tag { color: var(--critical); }
pre { margin: 8px 0 2px; padding: 8px 10px; background: var(--page); border-radius: 6px; overflow-x: auto; white-space: pre; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 10px 0 8px; color: var(--soft); font-size: 13px; }
.legend b { color: var(--ink); font-weight: 600; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.dot { width: 10px; height: 10px; border-radius: 3px; background: currentColor; display: inline-block; }
.s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); } .s4 { color: var(--s4); }
.s5 { color: var(--s5); } .s6 { color: var(--s6); } .s7 { color: var(--s7); }
.chart { margin: 0; display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: 8px; }
.chart .legend { grid-column: 1 / -1; margin-bottom: 16px; }
.chart .y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; color: var(--muted); font-size: 12px; line-height: 1; margin: -6px 0; }
.chart .x { grid-column: 2; display: flex; justify-content: space-between; color: var(--muted); font-size: 12px; margin-top: 6px; }
.plot { position: relative; height: 220px; border-radius: 2px; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.plot:focus-visible { outline: 2px solid var(--s1); outline-offset: 4px; }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.line { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.area { fill: currentColor; opacity: 0.13; }
.cross { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--muted); pointer-events: none; }
.spark { display: block; width: 100%; min-width: 70px; height: 24px; overflow: visible; }
.spark .line { stroke-width: 1.5; }
th[scope="row"] { white-space: nowrap; }
.bar { display: block; width: 100%; height: 12px; border-radius: 3px; }
.fill { fill: currentColor; }
.scroll { overflow-x: auto; margin: 8px -16px 0; padding: 0 16px; }
table { border-collapse: collapse; width: 100%; }
table.rows { margin-top: 10px; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: 400; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
table.rows th, table.rows td { border: 0; padding-top: 4px; padding-bottom: 4px; white-space: nowrap; }
thead th { border-top: 0; color: var(--muted); font-size: 12px; white-space: nowrap; vertical-align: bottom; }
tbody tr:hover { background: var(--hover); }
.n { text-align: right; white-space: nowrap; }
.strong { font-weight: 600; }
.quiet { color: var(--muted); }
.bad { color: var(--critical); font-weight: 600; }
td.bars { width: 100%; }
td.bars.short { width: 110px; min-width: 90px; }
.bars .bar { margin-top: 4px; }
.plotted { width: 34%; min-width: 90px; }
.place { min-width: 180px; }
.words { min-width: 240px; color: var(--soft); }
.none { color: var(--muted); }
summary { cursor: pointer; overflow-wrap: anywhere; }
.map { display: grid; grid-template-columns: repeat(auto-fill, minmax(9px, 1fr)); gap: 2px; margin: 4px 0 12px; }
.map i { aspect-ratio: 1; border-radius: 2px; background: var(--empty); }
.map i[class] { background: currentColor; }
.map .f1 { opacity: 0.3; } .map .f2 { opacity: 0.5; } .map .f3 { opacity: 0.75; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px 16px; margin: 0; }
.facts dt { color: var(--muted); font-size: 12px; } .facts dd { margin: 0; font-weight: 600; }
footer { color: var(--muted); font-size: 12px; margin: 8px 0 0; }
#tip { position: fixed; z-index: 2; left: 0; top: 0; pointer-events: none; background: var(--ink); color: var(--page); padding: 6px 10px; border-radius: 6px; font-size: 12px; max-width: 280px; }
#tip[hidden] { display: none; }
#tip div { display: flex; gap: 8px; justify-content: space-between; } #tip b { font-weight: 600; }
@media (min-width: 1100px) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
@media (max-width: 640px) { main { padding: 12px; } .card { padding: 12px; } .scroll { margin: 8px -12px 0; padding: 0 12px; } .wide, .short { display: none; }
  .tiles { grid-template-columns: 1fr 1fr; } .tile { padding: 10px 12px; } .tile .value { font-size: 20px; } .plot { height: 180px; } }
@media print { body { background: #fff; } .card { break-inside: avoid; } #live, nav.engines { display: none; } }
`;
