// runtime: node
import * as path from 'node:path';
import process from 'node:process';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { environment, provide, RUNTIMES, run } from '../../scripts/runtime-binaries.mjs';
import { longLivedFolder } from '../support/open.js';
import { cases as all } from './expected.js';
import { bundleTests, FIXTURE_LEAK_LINE, makeProject, type Runner } from './project.js';

const counted = (...words: (string | number)[]) => new RegExp(`\\b${words.join(' ')}\\b`);

const cases = all.filter(({ inRunners }) => inRunners);
/** Tests that pass, and tests that fail. */
const COUNT = cases.length;

// Each is a whole run of a user's tests.
vi.setConfig({ testTimeout: 240_000 });

/** What the test runner of this test has set is nothing to the one in the test. */
function freshEnvironment() {
  const own = /^(VITEST|TEST$|NODE_OPTIONS$|NODE_ENV$|FORCE_COLOR$|npm_)/;
  return Object.fromEntries(Object.entries(environment()).filter(([name]) => !own.test(name)));
}

/** Each leak was printed, with kind, count, round and place; there are as many failures as leaks. */
function expectAllLeaks(output: string, passed: RegExp, failed: RegExp): void {
  for (const { name: program, kind, shape, file, line } of cases) {
    const name = kind === 'columnFamily' ? 'columnFamily handle' : kind;
    const base = path.basename(file, '.ts');
    const place = new RegExp(`1 ${name}, made at \\S*[\\\\/]${base}\\.ts:${line}:\\d+`);
    expect(output, `${program}, ${shape}`).toMatch(place);
    expect(output).toContain(`leak: 1 ${name} left over in round 1 of 8`);
  }
  expect(output).toMatch(passed);
  expect(output).toMatch(failed);
}

describe("a user's tests", () => {
  let project = '';
  beforeAll(() => {
    project = longLivedFolder();
    makeProject(project);
  });

  async function outputOf(command: string, args: readonly string[]): Promise<string> {
    const options = { cwd: project, env: freshEnvironment(), outputMax: 1_000_000 };
    const { output, code } = await run(command, args, options);
    expect(code, output).toBe(1);
    return output;
  }

  async function runtimesOwn(
    key: keyof typeof RUNTIMES,
    file: string,
  ): Promise<string | undefined> {
    const binary = await provide(RUNTIMES[key]);
    return binary === undefined ? undefined : outputOf(binary, [...RUNTIMES[key].test, file]);
  }

  const counts: Record<Runner, readonly [RegExp, RegExp]> = {
    node: [counted('pass', COUNT), counted('fail', COUNT)],
    deno: [counted(COUNT, 'passed'), counted(COUNT, 'failed')],
    bun: [counted(COUNT, 'pass'), counted(COUNT, 'fail')],
    vitest: [counted(COUNT, 'passed'), counted(COUNT, 'failed')],
  };

  for (const [key, runner] of [
    ['node24', 'node'],
    ['node26', 'node'],
    ['deno', 'deno'],
    ['bun', 'bun'],
  ] as const) {
    it(`name each leak with its line in TypeScript: ${key}`, async ({ skip }) => {
      const output = await runtimesOwn(key, `./${runner}.test.ts`);
      if (output === undefined) return skip('no npm package has it for this system');
      expectAllLeaks(output, ...counts[runner]);
      // Node repeats all failures at the end.
      if (runner !== 'node') expect(output.match(/, made at /g)?.length).toBe(cases.length);
    });
  }

  for (const key of ['node20', 'node26', 'deno', 'bun'] as const) {
    const runner = key.startsWith('node') ? 'node' : (key as Runner);
    it(`name each leak with its line in TypeScript when bundled: ${key}`, async ({ skip }) => {
      const file = await bundleTests(project, runner);
      const output = await runtimesOwn(key, file);
      if (output === undefined) return skip('no npm package has it for this system');
      expectAllLeaks(output, ...counts[runner]);
    });
  }

  // Not Deno: it gives frames in sources that are not there (this package's) places that are in no file.
  for (const [key, runner] of [
    ['node20', 'node'],
    ['bun', 'bun'],
  ] as const) {
    it(`name each leak also when the package is in the bundle: ${key}`, async ({ skip }) => {
      const file = await bundleTests(project, runner, true);
      const output = await runtimesOwn(key, file);
      if (output === undefined) return skip('no npm package has it for this system');
      expectAllLeaks(output, ...counts[runner]);
    });
  }

  const vitest = (file: string) => {
    const cli = path.join(project, 'node_modules/vitest/vitest.mjs');
    return outputOf(process.execPath, [cli, 'run', '--root', project, file]);
  };

  it('name each leak with its line in TypeScript: vitest', async () => {
    expectAllLeaks(await vitest('vitest.test.ts'), ...counts.vitest);
  });

  it('fail for what they leave in the db fixture, unless they have failed before', async () => {
    const output = await vitest('fixture.test.ts');
    expect(output).toMatch(/\b2 failed\b.*\b1 passed\b/);
    expect(output.match(/FAIL {2}fixture\.test\.ts > forgets/g)?.length).toBe(1);
    expect(output).toContain('LeakError: leak: 1 iterator not freed');
    expect(output).toContain(`fixture.test.ts:${FIXTURE_LEAK_LINE}:`);
    const place = `1 iterator, made at ${path.join(project, 'fixture.test.ts')}:${FIXTURE_LEAK_LINE}:`;
    expect(output).toContain(place);
  });
});
