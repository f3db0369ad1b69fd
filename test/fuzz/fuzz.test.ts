// runtime: node
/** The first cases of every target, on threads; `npm run fuzz` runs any number of them. docs/fuzzing.md. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildFuzz } from '../../scripts/fuzz-build.mjs';
import { wasmModule } from '../support/open.js';
import type { CaseFailure } from './runner.js';

const DEBUG = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
const SEED = 1;
const CASES = Number(process.env.ROCKSDB_WASM_FUZZ_CASES ?? (DEBUG ? 400 : 20_000));
/** RocksDB asserts what its files say; with assertions, only what reads none of them is run. */
const WITHOUT_FILES = ['calls', 'optionValues', 'statsText', 'lockOwners'];
const LIMIT_MS = 30_000;

const folder = `dist/fuzz-test-${DEBUG ? 'debug' : 'release'}`;
beforeAll(() => buildFuzz(folder));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

it(`${CASES} cases end well, or in an error of the package's: seed ${SEED}`, async () => {
  const built = pathToFileURL(`${fs.realpathSync(folder)}/`);
  const { plan, TARGETS, repeatOf } = await import(`${built.href}plan.js`);
  const { runPool } = await import(`${built.href}pool.js`);
  const names = TARGETS.map(({ name }: { name: string }) => name);
  const failures: CaseFailure[] = await runPool({
    wasm: await wasmModule(),
    worker: new URL('worker.js', built),
    seed: SEED,
    pieces: plan(CASES, DEBUG ? WITHOUT_FILES : names),
    workers: Math.min(2, os.availableParallelism()),
    limitMs: LIMIT_MS,
  });
  const told = failures.map((each) => `${repeatOf(each, SEED)}\n${each.kind}: ${each.message}`);
  expect(told).toEqual([]);
}, 1_800_000);
