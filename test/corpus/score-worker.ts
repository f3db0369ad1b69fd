/** A process of scripts/corpus.mjs: puts one program after the other to the detectors. */
import process from 'node:process';
import type { GrowthSuspect } from 'rocksdb-wasm';
import { corpus } from './answers.js';
import { inTest, production } from './exam.js';

interface Task {
  readonly name: string;
  readonly mode: 'test' | 'production';
  readonly seed: number;
  /** Prints what is suspected. */
  readonly explain: boolean;
}

process.on('message', async ({ name, mode, seed, explain }: Task) => {
  const entry = corpus.find((each) => each.name === name);
  if (entry === undefined) throw new Error(`no program ${name}`);
  const start = performance.now();
  const outcome =
    mode === 'test'
      ? await inTest(entry, seed)
      : await production(entry, seed, { seen: explain ? print : undefined });
  process.send?.({ outcome, ms: performance.now() - start });
});

function print({ kind, operation, site, criteria }: GrowthSuspect): void {
  console.log(`${kind} at ${operation}\n${site}`);
  for (const { name, text } of criteria) console.log(`  ${name}: ${text}`);
}
