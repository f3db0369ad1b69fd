// What is still to be done, as text: the targets of the map that are not there, by area.
import { isExcused, isMissing, isThere } from './read.mjs';

export function draft({ c, cpp, unused }) {
  const out = ['# Not there yet', ''];
  out.push(...section('c.h', c), ...section('C++', cpp));
  if (unused.length > 0)
    out.push('## In the map, not in the headers', '', ...unused.map((name) => `- ${name}`), '');
  return out.join('\n');
}

function section(title, rows) {
  const count = (test) => rows.filter(test).length;
  const sums = `${count(isThere)} are there, ${count(isExcused)} have a reason`;
  const out = [`## ${title}: of ${rows.length}, ${sums}, ${count(isMissing)} are missing`, ''];
  const areas = groupBy(rows.filter(isMissing), ({ mapped }) => mapped?.area ?? 'not in the map');
  for (const [area, missing] of areas) {
    out.push(`### ${title}, ${area}: ${missing.length}`, '');
    const lists = groupBy(missing, ({ mapped }) =>
      (mapped?.missing ?? []).map((target) => `\`${target}\``).join(' + '),
    );
    for (const [what, those] of lists)
      out.push(`- ${what}: ${those.map(({ name }) => name).join(', ')}`);
    out.push('');
  }
  return out;
}

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}
