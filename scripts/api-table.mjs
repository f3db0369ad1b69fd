// api-table.mjs [--check] [--draft]: docs/api-table.md and docs/api-table/, from RocksDB's public
// headers and the map in scripts/api-map/. Every name of ours in it is looked up in our types. It
// fails when something of the headers is neither there nor excused, when the map names what is not
// there, and when less than 95 % of c.h's functions have a counterpart.
// --check: writes nothing, and fails when a page would change. --draft: only lists what is missing;
// never fails.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { draft } from './api-table/draft.mjs';
import { pages } from './api-table/pages.mjs';
import { faultsOf, readHeaders, readTable } from './api-table/read.mjs';
import { openTargets } from './api-table/targets.mjs';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const DOCS = path.join(ROOT, 'docs');
const SHOWN = 40;

/** Entries of the package, by what package.json exports: dist/types/x.d.ts is made of src/x.ts. */
function entries() {
  const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([, target]) => target.types !== undefined)
      .map(([entry, { types }]) => [
        entry,
        path.join(ROOT, types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts')),
      ]),
  );
}

/** Names of the pages that are there now. */
const present = () =>
  fs.existsSync(DOCS)
    ? fs
        .readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => /^api-table(?:\.md$|\/.*\.md$)/.test(name))
    : [];

function write(made) {
  for (const name of present()) if (!made.has(name)) fs.rmSync(path.join(DOCS, name));
  for (const [name, text] of made) {
    fs.mkdirSync(path.dirname(path.join(DOCS, name)), { recursive: true });
    fs.writeFileSync(path.join(DOCS, name), text);
  }
}

function stale(made) {
  const names = new Set([...made.keys(), ...present()]);
  return [...names].filter((name) => {
    const file = path.join(DOCS, name);
    return !fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== made.get(name);
  });
}

const targets = openTargets(ROOT, entries());
const table = readTable(readHeaders(path.join(ROOT, 'rocksdb-src/rocksdb')), targets);
if (process.argv.includes('--draft')) {
  console.log(draft(table));
} else {
  const faults = faultsOf(table, targets);
  const made = pages(table);
  if (!process.argv.includes('--check')) write(made);
  else
    for (const name of stale(made)) faults.push(`docs/${name} would change: run npm run generate`);
  for (const fault of faults.slice(0, SHOWN)) console.error(fault);
  if (faults.length > SHOWN) console.error(`... and ${faults.length - SHOWN} more`);
  if (faults.length > 0) process.exitCode = 1;
}
