// What the builds are made of: content-addressed steps whose results are kept in the cache.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** Where everything is kept that takes time; build.sh has the same rule. */
export const CACHE =
  process.env.CACHE ||
  process.env.ROCKSDB_WASM_CACHE ||
  path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'rocksdb-wasm');

// --- hashing and reading -------------------------------------------------------------------------

export const hash = (...parts) => {
  const digest = createHash('sha256');
  for (const part of parts) {
    digest.update(typeof part === 'string' ? part : JSON.stringify(part)).update('\0');
  }
  return digest.digest('hex').slice(0, 20);
};

export const read = (file) => fs.readFileSync(file, 'utf8');

export const walk = (dir, pattern) =>
  fs
    .readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(dir, entry.name);
      if (entry.isDirectory()) return walk(full, pattern);
      return pattern.test(entry.name) ? [full] : [];
    });

export const hashFiles = (files) =>
  hash(...files.map((file) => `${path.relative(ROOT, file)}\0${read(file)}`));

/** An argument as it goes into a key: no matter where the checkout and the cache are. */
export const relative = (arg) => arg.replaceAll(ROOT, '.').replaceAll(CACHE, '~');

// --- progress ------------------------------------------------------------------------------------

const started = Date.now();
export const progress = {
  total: 0,
  done: 0,
  say(what) {
    const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4);
    const percent = String(Math.floor((100 * this.done) / this.total)).padStart(3);
    const share = this.total ? `${percent} %` : '     ';
    process.stderr.write(`build: ${seconds} s ${share}  ${what}\n`);
  },
};

// --- steps ---------------------------------------------------------------------------------------

/**
 * Resolves to what the program writes to its standard output; rejects with the end of all that it
 * writes when it fails. `echo`: its standard error is shown at once, too.
 */
export function run(command, args, { echo = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let answer = '';
    let output = '';
    child.stdout.on('data', (data) => {
      answer += data;
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
      if (echo) process.stderr.write(data);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(answer);
      else {
        const name = path.basename(command);
        reject(new Error(`${name} failed (${code}):\n${output.slice(-12000)}`));
      }
    });
  });
}

/** Steps that are under way: another that wants the same waits for them. */
const making = new Map();

/** Runs `make(temporary)` unless the cache has `key`; resolves to the cached path. */
export async function cached(kind, key, what, make) {
  const target = path.join(CACHE, kind, key);
  if (!fs.existsSync(target)) {
    if (!making.has(target)) {
      making.set(
        target,
        makeStep(target, what, make).finally(() => making.delete(target)),
      );
    }
    await making.get(target);
  }
  progress.done++;
  return target;
}

async function makeStep(target, what, make) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  await make(temporary);
  moveIn(temporary, target);
  progress.say(what);
}

/** Puts a result in its place; when another build has put it there meanwhile, that one is as good. */
export function moveIn(temporary, target) {
  try {
    fs.renameSync(temporary, target);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

const queue = [];
let idle = Math.max(1, os.cpus().length);

/**
 * Runs a task as soon as a processor is free, in the order of the calls; an urgent one comes before
 * those that wait. All that this process has to do shares the processors, whichever build it is for.
 */
export function inTurn(task, { urgent = false } = {}) {
  return new Promise((resolve, reject) => {
    const start = () =>
      task()
        .then(resolve, reject)
        .finally(() => {
          idle++;
          startNext();
        });
    if (urgent) queue.unshift(start);
    else queue.push(start);
    startNext();
  });
}

function startNext() {
  while (idle > 0 && queue.length > 0) {
    idle--;
    queue.shift()();
  }
}

export const parallel = (tasks) => Promise.all(tasks.map((task) => inTurn(task)));
