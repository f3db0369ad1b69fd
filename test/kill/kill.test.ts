// runtime: node
/** A part of `npm run kill`: every scenario, killed a few times. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NativePrograms, provideNative } from '../../scripts/native.mjs';
import { bundleSuite } from '../../scripts/suite.mjs';
import { longLivedFolder, tempFolder, wasmModule } from '../support/open.js';
import { SCENARIOS, type Scenario } from './operations.js';
import { KillFailure, type KillPlan, KillSeries } from './rounds.js';

const native: NativePrograms | Error = await provideNative().catch((error: Error) => error);
if (native instanceof Error && process.env.CI === 'true') throw native;

let child = '';
let series: KillSeries;

async function planOf(root: string, seed: number): Promise<KillPlan> {
  const folder = `${root}/work`;
  fs.mkdirSync(folder);
  return {
    command: [process.execPath, child],
    ...(native instanceof Error ? {} : { driver: native.driver }),
    wasm: await wasmModule(),
    patienceMs: 60_000,
    folder,
    seed,
  };
}

beforeAll(async () => {
  child = path.join(await bundleSuite('kill', ['child']), 'child.js');
  series = await KillSeries.begin(await planOf(longLivedFolder(), Date.now() % 1_000_000));
});

afterAll(() => {
  series.end();
  // Vitest ends this process by a signal.
  fs.rmSync(path.dirname(child), { recursive: true, force: true });
});

describe('a process that is killed', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'loses nothing that was acknowledged, and leaves a database that native RocksDB opens, too: %s',
    async (_, scenario) => {
      for (let round = 0; round < 3; round++) {
        const report = await series.round(scenario).catch((error) => {
          throw new Error(`npm run kill -- --seed ${series.plan.seed}`, { cause: error });
        });
        if (!(native instanceof Error)) expect(report.native).toBe(true);
        // Where it was in the middle of its work, its lock was left behind, and taken over.
        if (scenario.at.includes('written')) expect(report.tookOver).toBe(true);
      }
    },
  );
});

describe('the check', () => {
  it('finds out that a write is gone', async () => {
    const plan = await planOf(tempFolder(), 7);
    const cut = (folder: string) => {
      const logs = fs.readdirSync(`${folder}/db`).filter((name) => name.endsWith('.log'));
      for (const log of logs) fs.truncateSync(`${folder}/db/${log}`, 0);
    };
    const broken = await KillSeries.begin({ ...plan, tamper: cut });
    try {
      const writing = SCENARIOS.find(({ name }) => name === 'writing') as Scenario;
      await expect(broken.round(writing)).rejects.toThrow(KillFailure);
    } finally {
      broken.end();
    }
  });
});
