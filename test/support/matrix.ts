/**
 * What scripts/runtimes.mjs runs on each runtime: the bundled test files of a plan, one after the other.
 * Writes a line of JSON for whatever happens, so that something is known also when the runtime crashes.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { runFile } from './runner.js';

const [planFile = '', reportFile = ''] = process.argv.slice(2);

interface Plan {
  readonly testTimeout: number;
  readonly files: readonly { readonly path: string; readonly url: string }[];
}

function write(line: object): void {
  appendFileSync(reportFile, `${JSON.stringify(line)}\n`);
}

let current = 'loading';

/** What fails outside of every test; Bun would go on without a word. */
function failedOutside(error: unknown): void {
  const note = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const name = `${current} > an error that nothing caught`;
  write({ record: { name, state: 'failed', milliseconds: 0, notes: [note] } });
}
process.on('unhandledRejection', failedOutside);
process.on('uncaughtException', failedOutside);

const { files, testTimeout }: Plan = JSON.parse(readFileSync(planFile, 'utf8'));
for (const { path, url } of files) {
  current = path;
  write({ file: path });
  await runFile(path, () => import(url), {
    testTimeout,
    started: (name) => {
      current = name;
      write({ started: name });
    },
    finished: (record) => write({ record }),
  });
}
write({ complete: true });
process.exit(0);
