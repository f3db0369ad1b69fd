// Packages that only some tests need, in the cache folder, as the lock file of their folder pins them: they are many, and none
// of them is needed for anything else.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { run } from './runtime-binaries.mjs';
import { CACHE, hashFiles, ROOT } from './steps.mjs';

/** The folder with the node_modules that the package.json of `test/NAME` asks for, from the cache or the npm registry. */
export async function providePinned(name) {
  const files = ['package.json', 'package-lock.json'].map((file) =>
    path.join(ROOT, 'test', name, file),
  );
  const home = path.join(CACHE, name, hashFiles(files));
  if (fs.existsSync(home)) return home;
  process.stderr.write(`pinned: installing the packages of test/${name}\n`);
  const part = `${home}.part-${process.pid}`;
  fs.mkdirSync(part, { recursive: true });
  for (const file of files) fs.copyFileSync(file, path.join(part, path.basename(file)));
  // What is native has its binaries in its package: nothing is to be built.
  const install = ['ci', '--prefix', part, '--ignore-scripts', '--no-audit', '--no-fund'];
  const cli = process.env.npm_execpath;
  const { code, output } = cli?.endsWith('.js')
    ? await run(process.execPath, [cli, ...install], { cwd: part })
    : await run('npm', install, { cwd: part, shell: process.platform === 'win32' });
  if (code !== 0) throw new Error(`npm ci in test/${name} failed:\n${output}`);
  try {
    fs.renameSync(part, home);
  } catch (error) {
    // Another run was quicker.
    fs.rmSync(part, { recursive: true, force: true });
    if (!fs.existsSync(home)) throw error;
  }
  return home;
}
