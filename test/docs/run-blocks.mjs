// run-blocks.mjs FOLDER ...: runs FOLDER/block.mjs of each, one after the other, each in its folder, and prints a line
// of JSON about it: the folder, and what was wrong.
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** Blocks are small; what takes so long waits for something that does not come. */
const BLOCK_MS = 30_000;

let problems = [];
process.on('warning', (warning) => problems.push(String(warning)));
process.on('unhandledRejection', (error) => problems.push(textOf(error)));
process.on('uncaughtException', (error) => problems.push(textOf(error)));
// Their output is for their readers.
for (const name of ['log', 'info', 'warn', 'error']) console[name] = () => {};

const textOf = (error) => (error instanceof Error ? (error.stack ?? String(error)) : String(error));
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

async function run(folder) {
  process.chdir(folder);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${BLOCK_MS} ms`)), BLOCK_MS);
  });
  try {
    await Promise.race([import(pathToFileURL(path.join(folder, 'block.mjs')).href), late]);
  } catch (error) {
    problems.push(textOf(error));
  } finally {
    clearTimeout(timer);
  }
  // Warnings of the process come in turns of their own.
  await turn();
  await turn();
}

for (const folder of process.argv.slice(2)) {
  problems = [];
  await run(folder);
  process.stdout.write(`${JSON.stringify({ folder, problems })}\n`);
}
process.exit(0);
