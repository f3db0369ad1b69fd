/** Crashes one workload after the other, as it is told by messages. */
import * as fs from 'node:fs';
import process from 'node:process';
import { type CrashPlan, crash } from './run.js';
import { WORKLOADS } from './workloads.js';

export type CrashTask = Omit<CrashPlan, 'workload'> & { readonly name: string };

const wasm = await WebAssembly.compile(fs.readFileSync(process.env.ROCKSDB_WASM_FILE as string));

// A database is opened for every state: that is no misuse here.
process.removeAllListeners('warning');

process.on('message', async ({ name, ...plan }: CrashTask) => {
  const workload = WORKLOADS.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  const start = performance.now();
  const report = await crash({ ...plan, workload }, wasm);
  process.send?.({ report, ms: performance.now() - start });
});
