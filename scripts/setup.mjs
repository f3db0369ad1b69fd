// setup.mjs [release] [tools] [debug] [plain] [sources] [js] [native] [chromium]: brings a checkout to where the npm scripts can run, from
// nothing: node_modules, the wasm, the JavaScript. What is there already is left as it is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');

function run(command, args) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write(`setup: ${command} ${args.join(' ')} failed\n`);
    process.exit(result.status ?? 1);
  }
}

function installPackages() {
  const stamp = path.join(ROOT, 'node_modules/.installed-lock');
  const lock = createHash('sha256')
    .update(fs.readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('setup: installing development packages\n');
  run('npm', ['ci', '--no-audit', '--no-fund']);
  fs.writeFileSync(stamp, lock);
}

export async function setup(targets) {
  installPackages();
  const wasm = targets.filter((target) => ['release', 'tools', 'debug', 'plain'].includes(target));
  if (wasm.length > 0) run('bash', ['build.sh', ...wasm]);
  if (targets.includes('sources')) run('bash', ['build.sh', 'sources']);
  if (targets.includes('js')) {
    const { buildJs } = await import('./build-js.mjs');
    await buildJs({ types: !targets.includes('no-types') });
  }
  if (targets.includes('chromium')) {
    const { provideChromium } = await import('./chromium.mjs');
    // The tests that need it say so themselves.
    await provideChromium().catch(({ message }) => process.stderr.write(`setup: ${message}\n`));
  }
  if (targets.includes('native')) {
    const { buildNative } = await import('./native.mjs');
    await buildNative();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await setup(process.argv.slice(2));
