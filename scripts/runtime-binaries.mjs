// The runtimes that the tests run on. They are ordinary npm packages, kept in the cache folder; the binaries in
// them are called as they are, so no install script has to run.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { CACHE } from './steps.mjs';

const FOLDER = path.join(CACHE, 'runtimes');

const WINDOWS = process.platform === 'win32';
const EXE = WINDOWS ? '.exe' : '';
export const SYSTEM = `${WINDOWS ? 'win' : process.platform}-${process.arch}`;

function node(version) {
  const name = `node-${SYSTEM}`;
  const systems = ['linux-x64', 'linux-arm64', 'win-x64'];
  const own = process.versions.node.split('.')[0] === version.split('.')[0];
  return {
    title: `Node ${own ? process.versions.node : version}`,
    own,
    package: systems.includes(SYSTEM) ? { name, version, binary: `bin/node${EXE}` } : undefined,
    run: [],
    test: ['--test'],
  };
}

function deno(version) {
  const systems = {
    'linux-x64': 'linux-x64-glibc',
    'linux-arm64': 'linux-arm64-glibc',
    'darwin-x64': 'darwin-x64',
    'darwin-arm64': 'darwin-arm64',
    'win-x64': 'win32-x64',
    'win-arm64': 'win32-arm64',
  };
  const name = systems[SYSTEM] && `@deno/${systems[SYSTEM]}`;
  return {
    title: `Deno ${version}`,
    package: name && { name, version, binary: `deno${EXE}` },
    run: ['run', '-A', '--no-config', '--no-lock', '--node-modules-dir=manual', '--quiet'],
    test: ['test', '-A', '--no-lock', '--cached-only', '--quiet'],
  };
}

function bun(version) {
  const systems = {
    'linux-x64': 'linux-x64',
    'linux-arm64': 'linux-aarch64',
    'darwin-x64': 'darwin-x64',
    'darwin-arm64': 'darwin-aarch64',
    'win-x64': 'windows-x64',
    'win-arm64': 'windows-aarch64',
  };
  const name = systems[SYSTEM] && `@oven/bun-${systems[SYSTEM]}`;
  return {
    title: `Bun ${version}`,
    package: name && { name, version, binary: `bin/bun${EXE}` },
    run: ['--no-install'],
    test: ['test', '--no-install'],
  };
}

/**
 * Exact versions: what is tested changes only when this file does. `run` and `test`: the arguments before a file, to
 * run it, and to run it with the runtime's own test runner.
 */
export const RUNTIMES = {
  node20: node('20.20.2'),
  node24: node('24.21.0'),
  node26: node('26.10.0'),
  deno: deno('2.9.6'),
  bun: bun('1.4.5'),
};

/** Those on which the packed package is tried beside. */
export const MORE_RUNTIMES = { node22: node('22.23.3') };

/** Runs a program to its end; `output` is the last `outputMax` characters of what it wrote. */
export function run(command, args, { outputMax = 20_000, timeoutMs = 300_000, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output = (output + data).slice(-outputMax);
      });
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, timedOut });
    });
  });
}

/** The runtime's binary, from the cache or the npm registry; undefined where no package has it. */
export async function provide(runtime) {
  if (runtime.own) return process.execPath;
  if (runtime.package === undefined) return undefined;
  const { name, version, binary } = runtime.package;
  const home = path.join(FOLDER, `${name.replace(/^@/, '').replace('/', '-')}-${version}`);
  const file = path.join(home, 'node_modules', name, binary);
  if (fs.existsSync(file)) return file;
  process.stderr.write(`runtimes: fetching ${runtime.title}\n`);
  const part = `${home}.part-${process.pid}`;
  fs.mkdirSync(part, { recursive: true });
  const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const install = ['install', '--prefix', part, ...options, '--force', `${name}@${version}`];
  const cli = process.env.npm_execpath;
  const { code, output } = cli?.endsWith('.js')
    ? await run(process.execPath, [cli, ...install])
    : await run('npm', install, { shell: WINDOWS });
  if (code !== 0) throw new Error(`npm install ${name}@${version} failed:\n${output}`);
  fs.rmSync(home, { recursive: true, force: true });
  fs.renameSync(part, home);
  fs.chmodSync(file, 0o755);
  return file;
}

/** What a runtime runs with: no colours, no news of other versions. */
export function environment() {
  return {
    ...process.env,
    NO_COLOR: '1',
    DENO_DIR: path.join(FOLDER, 'deno-dir'),
    DENO_NO_UPDATE_CHECK: '1',
    DO_NOT_TRACK: '1',
  };
}
