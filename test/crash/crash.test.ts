// runtime: node
/** A part of `npm run crash`: every workload, a few dozen states each. What it says of a failure, that command repeats. */
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { wasmModule } from '../support/open.js';
import type { Broken } from './file-systems.js';
import { type CrashPlan, crash } from './run.js';
import { WORKLOADS } from './workloads.js';

// A database is opened for every state: that is no misuse here.
process.removeAllListeners('warning');

function planOf(name: string, more: Partial<CrashPlan> = {}): CrashPlan {
  const workload = WORKLOADS.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  return {
    ...{ workload, seed: 1, model: 'strict', lives: 2, size: 0.5, cuts: 1 },
    permille: { sync: 160, other: 25 },
    statesMax: 20,
    ...more,
  };
}

describe('after a power cut', () => {
  let states = 0;

  it.each(WORKLOADS.map(({ name }) => name))('nothing is lost or invented: %s', async (name) => {
    for (const model of ['strict', 'ordered'] as const) {
      const report = await crash(planOf(name, { model }), await wasmModule());
      const repeat = `npm run crash -- --workload '${name}' --subset --model ${model}`;
      expect(report.failures, repeat).toEqual([]);
      states += report.digests.length;
    }
  });

  it('in some hundreds of states', () => expect(states).toBeGreaterThan(450));
});

/** What the suite must find out about a build, and where. */
const MUTANTS: readonly [Broken, string, RegExp][] = [
  ['without file sync', 'puts', /cannot be opened/],
  ['without sync of logs', 'puts', /no state of the writes is this one/],
  ['without sync of tables', 'flush and compaction', /no state of|cannot be opened|Corruption/],
  ['without directory sync', 'puts', /there is no database/],
  ['without sizes in fdatasync', 'puts', /cannot be opened/],
];

describe('a build that does not keep its word is found out', () => {
  it.each(MUTANTS)('%s', async (broken, name, message) => {
    const more = { broken, statesMax: 200, permille: { sync: 400, other: 50 }, cuts: 3 };
    const { failures } = await crash(planOf(name, more), await wasmModule());
    expect(failures.map((each) => each.message).join()).toMatch(message);
  });
});
