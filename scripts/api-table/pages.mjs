// The table as Markdown: docs/api-table.md with the sums, docs/api-table/*.md with the rows.
import { isExcused, isThere } from './read.mjs';
import { REASONS } from './rows.mjs';

const HEAD =
  '<!-- Made by scripts/api-table.mjs from RocksDB and scripts/api-map/: do not edit. -->';

/** Name below docs/ -> text. */
export function pages(table) {
  const made = new Map([['api-table.md', summary(table)]]);
  made.set('api-table/c.md', cPage(table.c));
  for (const [page, headers] of cppPages(table.cpp))
    made.set(`api-table/${page}.md`, cppPage(page, headers));
  return made;
}

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const row = (...cells) => `| ${cells.join(' | ')} |`;
const escaped = (text) => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
const count = (rows) => [rows.length, rows.filter(isThere).length, rows.filter(isExcused).length];

/** header -> its rows, in the order of the headers. */
function byHeader(cpp) {
  const headers = new Map();
  for (const each of cpp) headers.set(each.header, [...(headers.get(each.header) ?? []), each]);
  return headers;
}

/** Pages of a size that can be read: by folder, and the main folder by initial. */
function pageOf(header) {
  if (header.startsWith('utilities/')) return 'utilities';
  return /^[a-d]/.test(header) ? 'a-d' : /^[e-l]/.test(header) ? 'e-l' : 'm-z';
}

function cppPages(cpp) {
  const made = new Map();
  for (const [header, rows] of byHeader(cpp)) {
    const page = pageOf(header);
    made.set(page, [...(made.get(page) ?? []), [header, rows]]);
  }
  return made;
}

function summary({ c, cpp }) {
  const [all, there, excused] = count(c);
  const lines = [HEAD, '', '# RocksDB, name by name', ''];
  lines.push(
    'Every function of `c.h`, and every public class, struct, enum, field and function of the other',
    'headers of RocksDB 9.10, with where it is in this package or the reason why it is not.',
    '',
    `Of the ${all} functions of \`c.h\`, **${there} (${percent(there, all)})** have a counterpart,`,
    `${excused} have none for one of the reasons below.`,
    '',
    'A name on the right is to be read so: `RocksDB#get` is a member of an instance, `RocksDB.open` a',
    'static one, `ReadOptions.snapshot` a property, `RocksDB#put({timestamp})` an option of a call,',
    "`f()[].x` a property of each that f returns, `CompressionType='lz4'` a value. All of them are",
    "looked up in the package's types when the table is made. Overloads share a row, with their number;",
    'so do the constructors, destructor and operators of a class. What is an object in C++ and a plain',
    'value here is named where that value is given or returned.',
    '',
    '## Reasons',
    '',
    row('Reason', '', 'c.h', 'C++'),
    row('---', '---', '--:', '--:'),
  );
  for (const [why, text] of Object.entries(REASONS)) {
    const times = (rows) => rows.filter(({ mapped }) => mapped?.why === why).length;
    lines.push(row(`\`${why}\``, text, times(c), times(cpp)));
  }
  lines.push('', '## Headers', '', row('Header', 'Rows', 'There', 'Not, for a reason'));
  lines.push(row('---', '--:', '--:', '--:'), row('[c.h](api-table/c.md)', ...count(c)));
  for (const [header, rows] of byHeader(cpp)) {
    lines.push(
      row(`[${header}](api-table/${pageOf(header)}.md#${anchor(header)})`, ...count(rows)),
    );
  }
  lines.push(row('all but c.h', ...count(cpp)), '');
  return lines.join('\n');
}

/** As GitHub makes it of the heading. */
const anchor = (header) => header.replace(/[^\w-]/g, '').toLowerCase();

function answer({ mapped }) {
  if (mapped === undefined || mapped.missing.length > 0) return '**missing**';
  const note = mapped.note ? escaped(mapped.note) : '';
  if (mapped.why !== undefined) return `*${mapped.why}*${note && `: ${note}`}`;
  const targets = mapped.at.map((target) => `\`${target.replaceAll('|', '\\|')}\``).join(', ');
  return note ? `${targets}: ${note}` : targets;
}

function cPage(c) {
  const lines = [
    HEAD,
    '',
    '# c.h',
    '',
    'What the words mean: [RocksDB, name by name](../api-table.md).',
    '',
  ];
  lines.push(row('c.h', 'Here'), row('---', '---'));
  for (const each of c) lines.push(row(`\`${each.name}\``, answer(each)));
  return `${lines.join('\n')}\n`;
}

function cppPage(page, headers) {
  const title = page === 'utilities' ? 'Headers in utilities/' : `Headers ${page}`;
  const lines = [
    HEAD,
    '',
    `# ${title}`,
    '',
    'What the words mean: [RocksDB, name by name](../api-table.md).',
  ];
  for (const [header, rows] of headers) {
    lines.push('', `## ${header}`, '', row('C++', '', 'Here'), row('---', '---', '---'));
    for (const each of rows) {
      const times = each.count > 1 ? ` (${each.count})` : '';
      const kind = each.kind === 'special' ? 'method' : each.kind;
      lines.push(row(`\`${each.name}\`${times}`, kind, answer(each)));
    }
  }
  return `${lines.join('\n')}\n`;
}
