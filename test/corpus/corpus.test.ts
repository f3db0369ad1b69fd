// runtime: node
import * as fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { HandleRecord } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { wasmModule } from '../support/open.js';
import { type CleanAnswer, corpus, type Entry, type LeakyAnswer, linesOf } from './answers.js';
import { Run } from './run.js';
import type { Mode } from './world.js';

const LONG = process.env.ROCKSDB_WASM_LONG === '1';
const WARM_UP_ROUNDS = 2;
const ROUNDS = 3;
/** Of the ledger; a leaky program runs for at least so many leaks. */
const PRODUCTION_OPERATIONS = LONG ? 300_000 : 15_000;
const LEAKS_MIN = LONG ? 20 : 6;
/** Operations in which two runs are compared. */
const SAME_OPERATIONS = LONG ? 20_000 : 1_000;
/** Points at which live handles are counted. */
const POINTS = 50;

async function start(entry: Entry, mode: Mode, tracking: 'count' | 'track', seed = 1) {
  const engine = { wasm: await wasmModule(), tracking };
  return Run.start(await entry.load(), { mode, seed, engine });
}

/** Live handles that a program has to free. */
function liveOf({ world }: Run): HandleRecord[] {
  return world.engine.heap.handles().filter(({ kind }) => kind !== 'file' && kind !== 'buffer');
}

/** How many of each kind were made at each line of the program. */
function countsOf(entry: Entry, run: Run): Map<string, number> {
  const place = new RegExp(`/${entry.half}/${entry.name}\\.ts:(\\d+):`);
  const counts = new Map<string, number>();
  for (const { kind, site = '' } of liveOf(run)) {
    const line = place.exec(site)?.[1] ?? 'outside';
    const key = `${kind}, line ${line}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** What there is more of, or less. */
function difference(before: Map<string, number>, after: Map<string, number>) {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const changes = [...keys].map((key) => [key, (after.get(key) ?? 0) - (before.get(key) ?? 0)]);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

const leaky = corpus.filter(({ answer }) => answer.leaky);
const clean = corpus.filter(({ answer }) => !answer.leaky);

describe('the corpus', () => {
  it('has as many programs as it should', () => {
    const counts = (entries: readonly Entry[]) =>
      (['tuning', 'held-out'] as const).map(
        (half) => entries.filter((entry) => entry.half === half).length,
      );
    expect(counts(leaky)).toEqual([15, 10]);
    expect(counts(clean)).toEqual([15, 10]);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  it('has an answer for each program, and no others', () => {
    for (const half of ['tuning', 'held-out']) {
      const files = fs.readdirSync(fileURLToPath(new URL(`./${half}/`, import.meta.url)));
      const names = files.map((file) => file.replace(/(\.answer\.json|\.ts)$/, ''));
      for (const name of names) expect(names.filter((each) => each === name)).toEqual([name, name]);
    }
  });

  it('names lines that are there once', () => {
    for (const entry of leaky) expect(linesOf(entry).length, entry.name).toBeGreaterThan(0);
  });
});

describe('test mode', () => {
  /** What changes from round to round. */
  async function rounds(entry: Entry) {
    const run = await start(entry, 'test', 'track');
    for (let round = 0; round < WARM_UP_ROUNDS; round++) await run.round();
    const changes: unknown[] = [];
    let before = countsOf(entry, run);
    for (let round = 0; round < ROUNDS; round++) {
      await run.round();
      const after = countsOf(entry, run);
      changes.push(difference(before, after));
      before = after;
    }
    await run.end();
    return changes;
  }

  for (const entry of leaky) {
    it(`${entry.half}/${entry.name} leaks in each round, where its answer says`, async () => {
      const { kind, alsoKinds = [], perRound } = entry.answer as LeakyAnswer;
      const [line, ...others] = linesOf(entry);
      for (const change of (await rounds(entry)) as Record<string, number>[]) {
        const { [`${kind}, line ${line}`]: leaked, ...rest } = change;
        expect(leaked).toBe(perRound);
        const allowed = alsoKinds.flatMap((also) =>
          [line, ...others].map((each) => `${also}, line ${each}`),
        );
        for (const key of Object.keys(rest)) expect(allowed).toContain(key);
      }
    });
  }

  for (const entry of clean) {
    it(`${entry.half}/${entry.name} leaves nothing behind`, async () => {
      expect(await rounds(entry)).toEqual(Array(ROUNDS).fill({}));
    });
  }
});

describe('production mode', () => {
  const timeout = LONG ? 600_000 : 60_000;

  for (const entry of leaky) {
    it(`${entry.half}/${entry.name} leaks as often as its answer says`, { timeout }, async () => {
      const { kind, operationsPerLeak } = entry.answer as LeakyAnswer;
      const [line] = linesOf(entry);
      const run = await start(entry, 'production', 'track');
      const before = countsOf(entry, run).get(`${kind}, line ${line}`) ?? 0;
      const setUp = run.ledgerOperations;
      await run.until(setUp + Math.max(PRODUCTION_OPERATIONS, LEAKS_MIN * operationsPerLeak));
      await run.settle();
      const expected = (run.ledgerOperations - setUp) / operationsPerLeak;
      const leaked = (countsOf(entry, run).get(`${kind}, line ${line}`) ?? 0) - before;
      await run.end();
      expect(leaked).toBeGreaterThan(0);
      // Three standard deviations of what happens by chance, and some for the rate, which is rounded.
      const tolerance = 3 * Math.sqrt(expected) + 0.25 * expected;
      expect(Math.abs(leaked - expected)).toBeLessThan(tolerance);
    });
  }

  for (const entry of clean) {
    it(`${entry.half}/${entry.name} stays within its bound`, { timeout }, async () => {
      const { bound } = entry.answer as CleanAnswer;
      const run = await start(entry, 'production', 'count');
      const first = liveOf(run).length;
      const setUp = run.ledgerOperations;
      for (let point = 1; point <= POINTS; point++) {
        await run.until(setUp + (PRODUCTION_OPERATIONS * point) / POINTS);
        expect(liveOf(run).length).toBeLessThanOrEqual(bound);
      }
      await run.settle();
      expect(liveOf(run).length).toBeLessThanOrEqual(first);
      await run.end();
    });
  }

  const same = 'does the same with the same seed, and something else with another';
  it(same, { timeout }, async () => {
    const totals = async (entry: Entry, seed: number) => {
      const run = await start(entry, 'production', 'count', seed);
      await run.until(run.ledgerOperations + SAME_OPERATIONS);
      const { kinds, operations } = run.world.engine.heap.report();
      const { bytes } = run.world.engine.fileSystem as { bytes?: number };
      await run.end();
      return JSON.stringify([operations, bytes, kinds]);
    };
    let different = 0;
    for (const entry of corpus) {
      const first = await totals(entry, 1);
      expect(await totals(entry, 1), entry.name).toBe(first);
      if ((await totals(entry, 2)) !== first) different++;
    }
    expect(different).toBeGreaterThan(corpus.length / 2);
  });
});
