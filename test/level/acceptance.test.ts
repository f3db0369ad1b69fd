// runtime: node
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { environment, provide, RUNTIMES, run } from '../../scripts/runtime-binaries.mjs';

const SCRIPT = fileURLToPath(new URL('acceptance-run.mjs', import.meta.url));
/** Of the suite with classic-level's manifest. */
const ASSERTIONS = 5168;
const RUN_MS = 900_000;

const NODE = { title: `Node ${process.versions.node}`, run: [], test: [] };
const RUNS = [
  [NODE, 'disk', 'shared'],
  [RUNTIMES.deno, 'memory', 'shared'],
  // A minute each: npm run test:long has them all.
  ...(process.env.ROCKSDB_WASM_LONG === '1'
    ? ([
        [NODE, 'memory', 'own'],
        [RUNTIMES.deno, 'disk', 'own'],
        [RUNTIMES.bun, 'disk', 'shared'],
        [RUNTIMES.bun, 'memory', 'own'],
      ] as const)
    : []),
] as const;

describe("abstract-level's acceptance suite", () => {
  for (const [runtime, where, engines] of RUNS) {
    it(`passes whole on ${runtime.title}, ${where === 'disk' ? 'on disk' : 'in memory'}`, {
      timeout: RUN_MS,
    }, async (context) => {
      const binary = runtime === NODE ? process.execPath : await provide(runtime);
      if (binary === undefined) return context.skip('no npm package has it for this system');
      const ended = await run(binary, [...runtime.run, SCRIPT, where, engines], {
        env: environment(),
        outputMax: 4_000_000,
        timeoutMs: RUN_MS,
      });
      const failures = ended.output.split('\n').filter((line) => line.startsWith('not ok'));
      expect(failures, ended.output.slice(-4000)).toEqual([]);
      const [planned, passed] = ['tests', 'pass'].map((name) =>
        Number(new RegExp(`^# ${name} +(\\d+)$`, 'm').exec(ended.output)?.[1]),
      );
      expect(planned, ended.output.slice(-4000)).toBeGreaterThanOrEqual(ASSERTIONS);
      expect(passed).toBe(planned);
      expect(ended).toMatchObject({ code: 0, timedOut: false });
    });
  }
});
