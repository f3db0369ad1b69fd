/**
 * What the page runs: tooltips, a cross-hair on plots (pointer or arrow keys), and on the live page a new body every
 * two seconds. It is text, since it runs in a browser and nothing may be put around it; it makes no HTML from data.
 */
export const SCRIPT = `'use strict';
(() => {
  const tip = document.getElementById('tip');
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const bytes = (value) => {
    let unit = 0;
    while (unit < units.length - 1 && value >= 999.5) { value /= 1000; unit++; }
    return (unit && value < 99.5 ? value.toFixed(value < 9.95 ? 2 : 1) : Math.round(value)) + ' ' + units[unit];
  };

  function showTip(x, y, fill) {
    tip.replaceChildren();
    fill(tip);
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = x + 14 + width > innerWidth - 8 ? x - 14 - width : x + 14;
    const top = y - height - 12 < 8 ? y + 16 : y - height - 12;
    tip.style.transform = 'translate(' + Math.max(left, 8) + 'px,' + top + 'px)';
  }
  const add = (parent, name, text) => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    return element;
  };

  const chosen = new Map();
  function hideTip() {
    tip.hidden = true;
    for (const cross of document.querySelectorAll('.cross')) cross.remove();
  }
  function mark(plot, index) {
    const data = JSON.parse(plot.dataset.chart);
    const { times, operations, series } = data;
    const last = times.length - 1;
    index = Math.max(0, Math.min(last, index));
    chosen.set(plot.id, index);
    const span = times[last] - times[0];
    const share = span > 0 ? (times[index] - times[0]) / span : index / Math.max(last, 1);
    hideTip();
    const cross = plot.appendChild(document.createElement('div'));
    cross.className = 'cross';
    cross.style.left = 100 * share + '%';
    const box = plot.getBoundingClientRect();
    showTip(box.left + share * box.width, box.top + 60, (into) => {
      add(into, 'b', new Date(times[index]).toISOString().slice(11, 19) + ' UTC, operation ' + operations[index].toLocaleString('en'));
      for (const each of series) {
        const line = into.appendChild(document.createElement('div'));
        add(line, 'span', each.name);
        add(line, 'b', bytes(each.values[index]));
      }
    });
  }
  function nearest(plot, clientX) {
    const { times } = JSON.parse(plot.dataset.chart);
    const last = times.length - 1;
    const box = plot.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    const span = times[last] - times[0];
    if (!(span > 0)) return Math.round(share * last);
    const time = times[0] + share * span;
    let best = 0;
    for (let at = 1; at <= last; at++) if (Math.abs(times[at] - time) < Math.abs(times[best] - time)) best = at;
    return best;
  }
  addEventListener('pointermove', (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const plot = target.closest('[data-chart]');
    if (plot) return mark(plot, nearest(plot, event.clientX));
    const tipped = target.closest('[data-tip]');
    if (!tipped) return hideTip();
    showTip(event.clientX, event.clientY, (into) => add(into, 'span', tipped.dataset.tip));
  });
  document.addEventListener('pointerleave', hideTip);
  addEventListener('focusout', hideTip);
  addEventListener('keydown', (event) => {
    const plot = document.activeElement && document.activeElement.closest('[data-chart]');
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape') hideTip();
    if (!plot || !step) return;
    event.preventDefault();
    const last = JSON.parse(plot.dataset.chart).times.length - 1;
    mark(plot, (chosen.get(plot.id) ?? last) + step);
  });

  const live = document.getElementById('live');
  if (!live) return;
  const everyMs = Number(live.dataset.everyMs);
  const said = live.querySelector('span');
  const button = live.querySelector('button');
  let paused = false;
  let failed = 0;
  button.addEventListener('click', () => {
    paused = !paused;
    button.textContent = paused ? 'Resume' : 'Pause';
    said.textContent = paused ? 'paused' : 'live';
  });
  async function update() {
    if (paused || document.hidden) return;
    try {
      const response = await fetch(live.dataset.from, { cache: 'no-store' });
      if (!response.ok) throw new Error(response.status + ' ' + response.statusText);
      const text = await response.text();
      if (paused) return; // meanwhile
      replace(text);
      failed = 0;
      said.textContent = 'live';
      said.className = '';
    } catch {
      failed++;
      said.textContent = 'not reached, ' + failed + (failed === 1 ? ' try' : ' tries');
      said.className = 'late';
    }
  }
  function replace(text) {
    const body = document.getElementById('body');
    if (!tip.hidden && body.querySelector('.cross')) return; // a figure is being read
    const selection = getSelection();
    if (selection && !selection.isCollapsed && body.contains(selection.anchorNode)) return;
    const open = [...body.querySelectorAll('details[open]')].map((each) => each.id);
    const scrolled = [...body.querySelectorAll('.scroll')].map((each) => each.scrollLeft);
    const focused = body.contains(document.activeElement) ? document.activeElement.id : '';
    body.innerHTML = text;
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    body.querySelectorAll('.scroll').forEach((each, at) => { each.scrollLeft = scrolled[at] ?? 0; });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  const turn = () => setTimeout(() => update().finally(turn), everyMs);
  turn();
})();
`;
