// runtime: node
/** A part of the fault sweep, by its own command: a case that hangs is ended from outside. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/sweep-faults.mjs', import.meta.url));
const FLAVOUR = process.env.ROCKSDB_WASM_FLAVOUR === 'debug' ? 'debug' : 'release';
/** So few of the cases that all workloads are through within a minute. Coprime to the cases that a call has. */
const STRIDE = FLAVOUR === 'debug' ? '997' : '211';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function sweep(...args: string[]): Promise<Ended> {
  const all = [SCRIPT, '--flavour', FLAVOUR, ...args];
  const child = spawn(process.execPath, all, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describe('a file-system call that fails, wherever that is', () => {
  it('ends in a typed error or well, loses nothing and leaves nothing', async () => {
    const { code, output } = await sweep('--stride', STRIDE);
    expect(output).toContain('no failure');
    expect(code, output).toBe(0);
    // Every workload was swept.
    const [, rows = ''] = output.split('workload ');
    const cases = rows.split('\n').map((line) => line.split(/\s+/)[3]);
    expect(cases.filter((count) => Number(count) > 0).length).toBeGreaterThan(20);
  }, 600_000);
});

describe('the sweep finds', () => {
  const HARM: readonly [string, string][] = [
    ['hang', 'hang'],
    ['leak', 'leak'],
    ['loss', 'lost'],
    ['invention', 'lost'],
    ['untyped', 'untyped'],
    ['trap', 'trap'],
  ];
  it.each(HARM)(
    'a workload that goes wrong, by name and call: %s',
    async (name, kind) => {
      const workload = `broken-${name}`;
      const call = ['--workload', workload, '--call', '4', '--mode', 'once', '--limit', '10'];
      const { code, output } = await sweep(...call);
      expect(output).toContain(
        `FAILED, ${kind}: npm run sweep:faults -- --workload ${workload} --call 4 --mode once --errno EIO`,
      );
      expect(code, output).toBe(1);
    },
    120_000,
  );
});
