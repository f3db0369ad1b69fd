// What the long suites share: their sources bundled against dist/, and tasks given to processes.
import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `--NAME VALUE` of the command line. */
export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

export const flag = (name) => process.argv.includes(`--${name}`);

/** Refuses what is not an option of the suite. */
export function checkOptions(names) {
  const given = process.argv.slice(2).filter((each) => each.startsWith('--'));
  const unknown = given.find((each) => !names.includes(each.slice(2)));
  if (unknown === undefined) return;
  console.error(`${unknown}: not one of ${names.map((name) => `--${name}`).join(' ')}`);
  process.exit(2);
}

/**
 * Bundles `test/FOLDER/NAME.ts` for each name, without types; returns the folder that they are in, which is removed when
 * this process ends.
 */
export async function bundleSuite(folder, names) {
  const built = fs.mkdtempSync(path.join(ROOT, 'dist', `${folder}-`));
  process.on('exit', () => fs.rmSync(built, { recursive: true, force: true }));
  await build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => `test/${folder}/${name}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    outdir: built,
    logLevel: 'warning',
    plugins: [
      {
        name: 'suite',
        setup(builder) {
          builder.onResolve({ filter: /^rocksdb-wasm(\/\w+)?$/ }, ({ path: entry }) => {
            const name = entry === 'rocksdb-wasm' ? 'index' : path.basename(entry);
            return { path: pathToFileURL(path.join(ROOT, `dist/${name}.js`)).href, external: true };
          });
        },
      },
    ],
  });
  return built;
}

/** Gives tasks to `count` processes of a script, which answer each with a message; `done` is told every answer. */
export async function runTasks(script, tasks, count, done) {
  let next = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const worker = fork(script, { execArgv: ['--enable-source-maps'] });
      let task;
      const give = () => {
        task = tasks[next++];
        if (task === undefined) worker.disconnect();
        else worker.send(task);
      };
      worker.on('message', (answer) => {
        done(task, answer);
        give();
      });
      worker.on('exit', (code, signal) => {
        if (code === 0) return resolve();
        reject(new Error(`the process of ${JSON.stringify(task)} ended with ${signal ?? code}`));
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(count, tasks.length) }, one));
}
