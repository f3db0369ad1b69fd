// runtime: node
import { describe, expect, it } from 'vitest';
import { wasmModule } from '../support/open.js';
import { corpus } from './answers.js';
import { inTest, type Outcome, production } from './exam.js';
import { missedGoals, scoreOf, tableOf } from './score.js';

const SEEDS = [1, 2];
/** Programs whose runs in production mode are short; `npm run corpus` takes all. */
const IN_PRODUCTION = ['leaderboard', 'log-ingest', 'ledger-audit', 'undo-history'];

describe('the corpus, in tests', () => {
  it.each(corpus.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    for (const seed of SEEDS) {
      const { found, rightSite, falseAlarms } = await inTest(entry, seed, await wasmModule());
      expect(falseAlarms).toEqual([]);
      expect(found).toBe(entry.answer.leaky ? 1 : undefined);
      expect(rightSite).toBe(entry.answer.leaky);
    }
  });
});

describe('the corpus, in production', () => {
  const entries = corpus.filter(({ name }) => IN_PRODUCTION.includes(name));

  it.each(entries.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    for (const seed of SEEDS) {
      const outcome = await production(entry, seed, { wasm: await wasmModule() });
      expect(outcome.falseAlarms).toEqual([]);
      expect(outcome.found !== undefined).toBe(entry.answer.leaky);
      expect(outcome.rightSite).toBe(entry.answer.leaky);
    }
  });
});

describe('a score', () => {
  const outcome = (changes: Partial<Outcome>): Outcome => ({
    name: 'program',
    mode: 'production',
    seed: 1,
    leaky: true,
    found: 150_000,
    rightSite: true,
    falseAlarms: [],
    operationsPerLeak: 10_000,
    ...changes,
  });
  const inTests = outcome({ mode: 'test', found: 1 });
  const wrong = { kind: 'iterator', line: 3, at: 100_000 };

  it('counts what was found, where, and what was not there', () => {
    const outcomes = [
      outcome({}),
      outcome({ found: 120_000, rightSite: false }),
      outcome({ found: undefined, rightSite: false, falseAlarms: [wrong] }),
      outcome({ leaky: false, found: undefined, falseAlarms: [wrong, wrong] }),
    ];
    expect(scoreOf(outcomes)).toEqual({
      precision: 2 / 5,
      recall: 2 / 3,
      rightSite: 1 / 2,
      runs: 4,
      falseAlarms: 3,
      medianDelay: 150_000,
      maxDelay: 150_000,
    });
  });

  it('names each goal that is not met', () => {
    expect(missedGoals([inTests, outcome({})])).toEqual([]);
    expect(missedGoals([outcome({ mode: 'test', found: 2 })])).toEqual([
      'a leak was found in round 2',
    ]);
    expect(missedGoals([inTests, outcome({ found: 200_001 })])).toEqual([
      'a rare leak was found after 200001 operations',
    ]);
    expect(missedGoals([inTests, outcome({ rightSite: false })])).toEqual([
      'right lines in production is 0.000, not 0.95',
    ]);
    expect(missedGoals([outcome({ falseAlarms: [wrong] })])).toEqual([
      'precision in production is 0.500, not 0.99',
    ]);
    expect(missedGoals([outcome({ mode: 'test', found: undefined })])).toEqual([
      'recall in tests is 0.000, not 1',
    ]);
  });

  it('is a table', () => {
    const table = tableOf([outcome({}), outcome({ name: 'other', leaky: false })], 'production');
    expect(table.split('\n')[2]).toBe(
      '| program (1 in 10,000) | 1 | 1 | 1 | 0 | 150,000 | 150,000 |',
    );
    expect(table).toContain('precision 1.000, 0');
  });
});
