// runtime: node
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/sweep-allocations.mjs', import.meta.url));
/** Of each workload every so many-th allocation, and 15 at least; `npm run sweep:allocations` takes every one. */
const STRIDE = process.env.ROCKSDB_WASM_FLAVOUR === 'debug' ? 1009 : 251;

function sweep(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

it(`every ${STRIDE}-th allocation fails: a typed error or a poisoned engine, and nothing is lost`, async () => {
  const { code, output } = await sweep('--stride', String(STRIDE));
  expect(code, output).toBe(0);
  const cases = Number(/^(\d+) cases, none failed/m.exec(output)?.[1]);
  expect(cases, output).toBeGreaterThan(100);
  // Some are lived through, most are not, and each workload has both kinds of sweep.
  expect(output).toMatch(/poisoned/);
  expect(output).toMatch(/ERR_ROCKSDB_HEAP_LIMIT/);
});
