// What became of RocksDB's tests: progress while they run, a table by file, a summary, the table of the docs.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT, read } from '../steps.mjs';
import { keyOf, whyNot } from './expectations.mjs';

const DOCS = path.join(ROOT, 'docs/rocksdb-tests.md');
const MARKS = ['<!-- table -->', '<!-- end of table -->'];

/** Adds up the fields that are numbers. */
const sumOf = (rows) => {
  const total = {};
  for (const row of rows)
    for (const [name, value] of Object.entries(row))
      if (typeof value === 'number') total[name] = (total[name] ?? 0) + value;
  return total;
};
const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

export class Results {
  #all;
  #expected;
  #seed;
  #reports = new Map(); // file: Map of 'Suite.Name': { place: report }
  #broken = new Map(); // file: why it could not be run
  #total = 0;
  #done = 0;
  #unexpected = 0;
  #begin = performance.now();
  #said = 0;

  #keepIn;

  /** `keepIn`: a file that holds results; those that it has already count, too, unless they come anew. */
  constructor(all, expected, seed, keepIn) {
    this.#all = all;
    this.#expected = expected;
    this.#seed = seed;
    this.#keepIn = keepIn;
    if (keepIn === undefined || !fs.existsSync(keepIn)) return;
    for (const [file, reports] of Object.entries(JSON.parse(read(keepIn)))) {
      this.#reports.set(file, new Map(Object.entries(reports)));
    }
  }

  /** Whether an earlier run, or this one, has had it pass there. */
  hasPassed(file, body, place) {
    return this.#reports.get(file)?.get(body)?.[place]?.failures.length === 0;
  }

  expect(programs) {
    for (const { file, bodies, places } of programs) {
      this.#total += bodies.reduce((sum, body) => sum + places(body).length, 0);
      if (!this.#reports.has(file)) this.#reports.set(file, new Map());
    }
  }

  take({ file, body, place, report, broken }) {
    if (broken !== undefined) {
      this.#broken.set(file, broken);
      this.#unexpected++;
      this.#say(`BROKEN ${file}: ${broken}`);
      return;
    }
    this.#done++;
    const bodies = this.#reports.get(file);
    bodies.set(body, { ...bodies.get(body), [place]: report });
    const known = this.#expected.fails[file]?.[body] ?? whyNot(this.#expected, file, body);
    for (const { name, what } of report.failures) {
      this.#say(`${known ? `fails, as known (${known})` : 'FAILED'} ${file} ${name} (${place})`);
      if (!known) {
        const again = `--files ${file} --filter '^${name}$' --place ${place} --seed ${this.#seed}`;
        console.log(what.replace(/^/gm, '    '));
        console.log(`    again: node scripts/rocksdb-tests.mjs ${again}`);
      }
    }
    if (report.failures.length > 0 && !known) this.#unexpected++;
    if (report.failures.length === 0 && this.#expected.fails[file]?.[body]) {
      this.#say(`passes, but is listed as failing: ${file} ${body} (${place})`);
    }
    if (performance.now() - this.#said > 10000) this.#say(`${file} ${body} (${place})`);
  }

  #say(what) {
    this.keep();
    this.#said = performance.now();
    const seconds = ((this.#said - this.#begin) / 1000).toFixed(0);
    console.log(`${seconds.padStart(5)} s  ${this.#done} of ${this.#total} bodies  ${what}`);
  }

  /** A row of the table for each file that was run. */
  #rows() {
    return [...this.#reports].map(([file, reports]) => {
      const row = {
        file,
        bodies: 0,
        run: 0,
        passed: 0,
        failed: 0,
        tests: 0,
        bypassed: 0,
        simple: 0,
        simpleRun: 0,
        simplePassed: 0,
        known: 0,
      };
      row.notRun = {};
      for (const body of this.#all.get(file)) {
        const key = keyOf(body);
        const simple = body.needs === 'plain' || body.needs === 'callbacks';
        row.bodies++;
        row.simple += simple ? 1 : 0;
        const places = Object.values(reports.get(key) ?? {});
        const why = whyNot(this.#expected, file, key);
        if (why !== undefined) {
          row.notRun[why] = (row.notRun[why] ?? 0) + 1;
          continue;
        }
        if (places.length === 0) continue;
        const passed = places.every(({ failures }) => failures.length === 0);
        row.run++;
        row.simpleRun += simple ? 1 : 0;
        row[passed ? 'passed' : 'failed']++;
        if (!passed && this.#expected.fails[file]?.[key]) row.known++;
        if (passed && simple) row.simplePassed++;
        const { passed: tests, bypassed } = sumOf(places);
        row.tests += tests;
        row.bypassed += bypassed;
      }
      return row;
    });
  }

  get unexpected() {
    return this.#unexpected;
  }

  get ok() {
    return this.#unexpected === 0 && this.#done > 0;
  }

  /** For scripts/test.mjs. */
  counts() {
    const { passed, notRun } = this.#totals();
    const skipped = Object.values(notRun).reduce((sum, count) => sum + count, 0);
    return { passed, failed: this.#unexpected, skipped };
  }

  #totals() {
    const rows = this.#rows();
    return { file: 'all', ...sumOf(rows), notRun: sumOf(rows.map(({ notRun }) => notRun)) };
  }

  /** The table's cells, its head first and the totals last. */
  #cells() {
    const rows = this.#rows().sort((a, b) => (a.file < b.file ? -1 : 1));
    const reasons = Object.keys(this.#totals().notRun).sort();
    const cells = ({ file, bodies, run, passed, failed, notRun }) =>
      [file, bodies, run, passed, failed, ...reasons.map((name) => notRun[name] ?? '')].map(String);
    const head = ['file', 'bodies', 'run', 'passed', 'failed', ...reasons];
    return [head, ...[...rows, this.#totals()].map(cells)];
  }

  table() {
    const all = this.#cells();
    const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
    return all
      .map((row) =>
        row
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
          .join('  '),
      )
      .join('\n');
  }

  summary() {
    const sums = sumOf(this.#rows());
    const { bodies, run, passed, failed, known, tests, bypassed } = sums;
    const { simple, simpleRun, simplePassed } = sums;
    return [
      `plain or with SyncPoint callbacks only: ${simple} bodies, ${simpleRun} run (${percent(simpleRun, simple)}), ` +
        `of those ${simplePassed} passed (${percent(simplePassed, simpleRun)})`,
      `${bodies} bodies, ${run} run (${this.#byPlace()}), ${passed} passed, ${failed} failed, ${known} of them as listed`,
      `${tests} tests passed, a body being one for each of its parameters and places, ${bypassed} of them left ` +
        `themselves out; seed ${this.#seed}`,
    ].join('\n');
  }

  get minutes() {
    return (performance.now() - this.#begin) / 60000;
  }

  /** How many bodies have been run where. */
  #byPlace() {
    const counts = { memory: 0, disk: 0 };
    for (const reports of this.#reports.values()) {
      for (const places of reports.values())
        for (const place of Object.keys(places)) counts[place]++;
    }
    return `${counts.memory} in memory, ${counts.disk} on disk`;
  }

  /** Puts the table, the summary and the lists of expectations.json into the docs. */
  writeDocs() {
    const [head, ...rows] = this.#cells();
    const line = (cells) => `| ${cells.join(' | ')} |`;
    const { reasons, fails } = this.#expected;
    const failing = Object.entries(fails).flatMap(([file, entries]) =>
      Object.entries(entries).map(([key, reason]) => `- \`${key}\` (${file}): ${reasons[reason]}`),
    );
    const used = Object.keys(this.#totals().notRun).sort();
    const text = [
      this.summary().replaceAll('\n', '\n\n'),
      '',
      '### What fails',
      '',
      ...(failing.length > 0 ? failing : ['Nothing.']),
      '',
      '### Why bodies are not run',
      '',
      ...used.map((name) => `- **${name}**: ${reasons[name]}`),
      '',
      '### By file',
      '',
      line(head),
      line(head.map((_, index) => (index === 0 ? '---' : '--:'))),
      ...rows.map(line),
    ].join('\n');
    const page = read(DOCS);
    const [begin, end] = MARKS.map((mark) => page.indexOf(mark));
    if (begin < 0 || end < begin) throw new Error(`${DOCS} has no place for the table`);
    const before = page.slice(0, begin + MARKS[0].length);
    fs.writeFileSync(DOCS, `${before}\n${text}\n${page.slice(end)}`);
  }

  /** Writes them to the file that they are kept in. */
  keep() {
    if (this.#keepIn === undefined) return;
    const plain = [...this.#reports].map(([file, reports]) => [file, Object.fromEntries(reports)]);
    fs.writeFileSync(this.#keepIn, JSON.stringify(Object.fromEntries(plain), null, 1));
  }
}
