/** Handles in words: lines for messages and for people. */
import type { HandleRecord } from './ledger.js';

/** The innermost frame of a site. */
export function firstLine(site: string): string {
  const end = site.indexOf('\n');
  return end < 0 ? site : site.slice(0, end);
}

/** `what`, and where it was made when that is known. */
export function placed(what: string, site: string | undefined): string {
  return site === undefined ? what : `${what} (made ${firstLine(site)})`;
}

/** `iterator #5`, with its name if it has one. */
export function labelOf({ kind, id, name }: HandleRecord): string {
  return name === undefined ? `${kind} #${id}` : `${kind} #${id} (${name})`;
}

/** Places that a message names. */
const PLACES_MAX = 10;

/** Handles as one line of text, for messages: those of one kind that were made at one place together. */
export function describeHandles(records: readonly HandleRecord[]): string {
  const groups = new Map<string, HandleRecord[]>();
  for (const record of records) {
    // Names say more than places that are not known.
    const place = record.site === undefined ? `#${record.id}` : firstLine(record.site);
    const key = `${record.kind} ${place}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  const texts = [...groups.values()].slice(0, PLACES_MAX).map(describeGroup);
  const more = groups.size - texts.length;
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** Handles of one kind and place. */
function describeGroup(group: readonly HandleRecord[]): string {
  const [first] = group as [HandleRecord];
  const others = group.length - 1;
  const label = others === 0 ? labelOf(first) : `${labelOf(first)} and ${others} more`;
  return first.site === undefined ? label : `${label} made ${firstLine(first.site)}`;
}

/** `1 handle was`, `3 handles were`. */
export function handlesWere(count: number): string {
  return count === 1 ? '1 handle was' : `${grouped(count)} handles were`;
}

/** A number with separators between thousands, the same on every runtime. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Rows under their titles, in columns; numbers to the right. The last column is never padded. */
export function table(titles: readonly string[], rows: readonly (string | number)[][]): string {
  const cells = rows.map((row) => row.map((cell) => textOf(cell)));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const right = titles.map(
    (_, column) =>
      cells.length > 0 && cells.every((row) => /^[+-]?[\d,]+$/.test(row[column] ?? '')),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        if (right[column]) return cell.padStart(width);
        return column === row.length - 1 ? cell : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [titles, ...cells].map(line).join('\n');
}

function textOf(cell: string | number): string {
  return typeof cell === 'number' ? grouped(cell) : cell;
}
