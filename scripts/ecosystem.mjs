// The packages of test/ecosystem, as its lock file pins them, in the cache folder: they are many, and none of them is
// needed for anything else.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { run } from './runtime-binaries.mjs';
import { CACHE, hashFiles, ROOT } from './steps.mjs';

const FILES = ['package.json', 'package-lock.json'].map((name) =>
  path.join(ROOT, 'test/ecosystem', name),
);

/** The folder with their node_modules, from the cache or the npm registry. */
export async function provideEcosystem() {
  const home = path.join(CACHE, 'ecosystem', hashFiles(FILES));
  if (fs.existsSync(home)) return home;
  process.stderr.write('ecosystem: installing packages built on level\n');
  const part = `${home}.part-${process.pid}`;
  fs.mkdirSync(part, { recursive: true });
  for (const file of FILES) fs.copyFileSync(file, path.join(part, path.basename(file)));
  // classic-level has its binaries in its package: nothing is to be built.
  const install = ['ci', '--prefix', part, '--ignore-scripts', '--no-audit', '--no-fund'];
  const cli = process.env.npm_execpath;
  const { code, output } = cli?.endsWith('.js')
    ? await run(process.execPath, [cli, ...install], { cwd: part })
    : await run('npm', install, { cwd: part, shell: process.platform === 'win32' });
  if (code !== 0) throw new Error(`npm ci in test/ecosystem failed:\n${output}`);
  try {
    fs.renameSync(part, home);
  } catch (error) {
    // Another run was quicker.
    fs.rmSync(part, { recursive: true, force: true });
    if (!fs.existsSync(home)) throw error;
  }
  return home;
}
