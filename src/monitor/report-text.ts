/** Reports as text, for people. */
import type { HeapDiff } from './diff.js';
import type { HandleRecord } from './ledger.js';
import type { HeapReport } from './report.js';
import { firstLine, grouped, labelOf, table } from './text.js';

/** Handles by kind or by where they were made; bytes on the heap by owner. */
export const TOP_BY = ['kind', 'site', 'owner'] as const;
export type TopBy = (typeof TOP_BY)[number];

/** Marks of live handles, and what they are called. Only lost ones have a column always. */
const MARKS = { finalized: 'lost', expired: 'expired', orphaned: 'orphaned' } as const;
type Mark = keyof typeof MARKS;

const UNKNOWN_SITE = '(site not taken)';

interface Group {
  readonly label: string;
  readonly kind: string;
  count: number;
  readonly marks: Record<Mark, number>;
  oldest: number;
  lastUse: number;
}

/**
 * Handles by kind or site, or bytes by owner, most first; `limit` rows at most. After a crash, the handles that
 * were live then.
 */
export function topText(report: HeapReport, by: TopBy, limit: number): string {
  const { handles, atCrash, operations } = report;
  const counts = [
    `${grouped(handles.length)} live handles after ${grouped(operations)} operations`,
  ];
  if (atCrash.length > 0) {
    counts.push(`the engine has crashed, ${grouped(atCrash.length)} handles were live then`);
  }
  counts.push(
    `${grouped(report.inUseBytes)} bytes in use of ${grouped(report.linearMemoryBytes)} in linear memory`,
  );
  const marks = marksOf(report);
  const rows = by === 'owner' ? ownerRows(report) : handleRows(report, by, marks);
  const named = marks.map((mark) => MARKS[mark]);
  const titles =
    by === 'owner'
      ? ['bytes', 'share', 'blocks', 'owner']
      : ['live', ...named, 'oldest', 'unused for', ...(by === 'site' ? ['kind'] : []), by];
  const lines = [counts.join('; '), table(titles, rows.slice(0, limit))];
  if (rows.length > limit) lines.push(`... and ${rows.length - limit} more`);
  return lines.join('\n');
}

function ownerRows({ owners, inUseBytes }: HeapReport): (string | number)[][] {
  return Object.entries(owners)
    .filter(([, { blocks }]) => blocks > 0)
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([owner, { bytes, blocks }]) => {
      return [bytes, `${((100 * bytes) / inUseBytes).toFixed(1)} %`, blocks, owner];
    });
}

/** Those that a table has columns for. */
function marksOf({ handles, atCrash }: HeapReport): Mark[] {
  const present = new Set<string>([...handles, ...atCrash].map(({ state }) => state));
  return (Object.keys(MARKS) as Mark[]).filter((mark) => mark === 'finalized' || present.has(mark));
}

function handleRows(report: HeapReport, by: 'kind' | 'site', columns: readonly Mark[]) {
  return groupsOf(report, by).map(({ label, kind, count, marks, oldest, lastUse }) => {
    const ages = [report.operations - oldest, report.operations - lastUse];
    const marked = columns.map((mark) => marks[mark]);
    return [count, ...marked, ...ages, ...(by === 'site' ? [kind] : []), label];
  });
}

function groupsOf({ handles, atCrash }: HeapReport, by: 'kind' | 'site'): Group[] {
  const label = ({ kind, site }: HandleRecord) => {
    if (by === 'kind') return kind;
    return site === undefined ? UNKNOWN_SITE : firstLine(site);
  };
  const groups = new Map<string, Group>();
  for (const record of [...handles, ...atCrash]) {
    // Sites that differ further out are shown by their first lines, and counted apart.
    const key = `${record.kind}\n${by === 'site' ? record.site : ''}`;
    let group = groups.get(key);
    if (group === undefined) {
      const { kind, bornOperation: oldest } = record;
      const marks = { finalized: 0, expired: 0, orphaned: 0 };
      group = { label: label(record), kind, count: 0, marks, oldest, lastUse: 0 };
      groups.set(key, group);
    }
    group.count++;
    if (record.state in MARKS) group.marks[record.state as Mark]++;
    group.oldest = Math.min(group.oldest, record.bornOperation);
    group.lastUse = Math.max(group.lastUse, record.lastUseOperation);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Handles under their owners, oldest first: those that are live, or were when the engine crashed. */
export function treeText(report: HeapReport): string {
  const records = [...report.handles, ...report.atCrash];
  const ids = new Set(records.map(({ id }) => id));
  const children = new Map<number, HandleRecord[]>();
  for (const record of records) {
    const owner = ids.has(record.owner) ? record.owner : 0;
    const siblings = children.get(owner) ?? [];
    children.set(owner, siblings);
    siblings.push(record);
  }
  const lines: string[] = [];
  const visit = (owner: number, depth: number) => {
    for (const record of children.get(owner) ?? []) {
      lines.push('  '.repeat(depth) + nodeText(record, report.operations));
      visit(record.id, depth + 1);
    }
  };
  visit(0, 0);
  return lines.join('\n');
}

function nodeText(record: HandleRecord, now: number): string {
  const parts = [labelOf(record), `age ${grouped(now - record.bornOperation)}`];
  const unused = now - record.lastUseOperation;
  if (unused > 0) parts.push(`unused for ${grouped(unused)}`);
  if (record.borrows.length > 0)
    parts.push(`borrows ${record.borrows.map((id) => `#${id}`).join(', ')}`);
  if (record.state in MARKS) parts.push(MARKS[record.state as Mark].toUpperCase());
  if (record.site !== undefined) parts.push(firstLine(record.site));
  return parts.join(', ');
}

/** What changed, in sections; those without a change are left out. */
export function diffText(diff: HeapDiff): string {
  const bytes = `${signed(diff.inUseBytes)} bytes in ${signed(diff.blocks)} blocks`;
  const sections = [`${grouped(diff.operations)} operations, ${bytes}`];
  const section = (titles: readonly string[], rows: (string | number)[][]) => {
    if (rows.length > 0) sections.push(table(titles, rows));
  };
  section(
    ['live', 'created', 'freed', 'kind'],
    diff.kinds.map(({ kind, live, created, freed }) => [signed(live), created, freed, kind]),
  );
  section(
    ['live', 'kind', 'site'],
    diff.sites.map(({ kind, site, count }) => [signed(count), kind, firstLine(site)]),
  );
  section(
    ['bytes', 'blocks', 'owner'],
    diff.owners.map(({ owner, bytes, blocks }) => [signed(bytes), signed(blocks), owner]),
  );
  return sections.join('\n\n');
}

function signed(number: number): string {
  return number > 0 ? `+${grouped(number)}` : grouped(number);
}

/** One handle in words. */
export function whyText(
  record: HandleRecord,
  live: readonly HandleRecord[],
  operations: number,
  explain: ((id: number) => string | undefined) | undefined,
): string {
  const ago = (operation: number) => `${grouped(operations - operation)} operations ago`;
  const made = record.site === undefined ? '' : ` ${firstLine(record.site)}`;
  const parts = [`${labelOf(record)}, made ${ago(record.bornOperation)}${made}`];
  parts.push(`last used ${ago(record.lastUseOperation)}`);
  const nameOf = (id: number) => {
    const other = live.find((each) => each.id === id);
    return other === undefined ? `#${id}` : labelOf(other);
  };
  if (record.owner !== 0) parts.push(`belongs to ${nameOf(record.owner)}`);
  if (record.borrows.length > 0) parts.push(`borrows ${record.borrows.map(nameOf).join(', ')}`);
  const borrowers = live.filter(({ borrows }) => borrows.includes(record.id));
  if (borrowers.length > 0) parts.push(`borrowed by ${borrowers.map(labelOf).join(', ')}`);
  if (record.state === 'finalized') parts.push('nobody holds it any more');
  if (record.state === 'expired') parts.push('its time to live is over');
  if (record.state === 'orphaned') parts.push('its column family was dropped, whose data it keeps');
  if (record.state === 'crashed') parts.push('it went with its engine, which crashed');
  const more = explain?.(record.id);
  if (more !== undefined) parts.push(more);
  return parts.join(', ');
}
