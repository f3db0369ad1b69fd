/** The lock between processes that are really there, and really killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LockHeldError } from '../../src/wasi/file-system.js';
import { FileLocks } from '../../src/wasi/lock.js';
import { identify } from '../../src/wasi/lock-owner.js';
import { systemProbe } from '../../src/wasi/process-probe.js';
import { codeOf, withFolder } from './helpers.js';

const TEST_MS = 60_000;

/** What a child process needs of src/wasi/. */
const MODULES = [
  'clock',
  'file-system',
  'lock',
  'lock-owner',
  'native-locks',
  'owner-file',
  'paths',
  'process-probe',
  'system-files',
];

/** Takes the lock when `go` appears, says how that went, and stays. */
const HOLDER = `
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { FileLocks } from './lock.js';
const [folder] = process.argv.slice(2);
fs.writeFileSync(folder + '/ready.' + process.pid, '');
while (!fs.existsSync(folder + '/go'));
try {
  new FileLocks().acquire(folder + '/db/LOCK');
  console.log('held by ' + process.pid);
} catch (error) {
  console.log(error.code + ' ' + error.owner?.pid);
}
setInterval(() => {}, 1000);
`;

/** Takes and gives back the lock again and again; whoever has it must be alone inside. */
const CONTENDER = `
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { FileLocks } from './lock.js';
const [folder, until] = process.argv.slice(2);
const inside = folder + '/inside.';
let held = 0;
do {
  let lock;
  try {
    lock = new FileLocks().acquire(folder + '/db/LOCK');
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
    continue;
  }
  held++;
  fs.writeFileSync(inside + process.pid, '');
  for (const name of fs.readdirSync(folder)) {
    const pid = Number(name.startsWith('inside.') ? name.slice(7) : process.pid);
    if (pid === process.pid) continue;
    try {
      process.kill(pid, 0);
      console.log('not alone');
    } catch {}
  }
  fs.rmSync(inside + process.pid);
  lock.release();
} while (held === 0 || Date.now() < Number(until));
console.log('held');
`;

/** Where src/wasi/ is, also when the tests were bundled to elsewhere. */
function sourceFolder(): string {
  const beside = fileURLToPath(new URL('../../src/wasi', import.meta.url));
  return fs.existsSync(`${beside}/lock.ts`) ? beside : `${process.cwd()}/src/wasi`;
}

/** Puts a script and the modules it imports into a folder, in JavaScript. */
function prepare(folder: string, script: string): string {
  // At run time and from here, so that it is not bundled with the tests.
  const require = createRequire(`${sourceFolder()}/lock.ts`);
  const typescript: typeof import('typescript') = require('typescript');
  const { ModuleKind, ScriptTarget } = typescript;
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  fs.writeFileSync(`${folder}/package.json`, '{"type":"module"}');
  for (const name of MODULES) {
    const source = fs.readFileSync(`${sourceFolder()}/${name}.ts`, 'utf8');
    const { outputText } = typescript.transpileModule(source, { compilerOptions });
    fs.writeFileSync(`${folder}/${name}.js`, outputText);
  }
  fs.writeFileSync(`${folder}/main.js`, script);
  fs.mkdirSync(`${folder}/db`);
  return `${folder}/main.js`;
}

class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
  output = '';

  constructor(script: string, ...args: string[]) {
    const options = 'Deno' in globalThis ? ['run', '-A', '--no-config'] : [];
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    this.process = spawn(process.execPath, [...options, script, ...args], { stdio });
    this.process.stdout?.on('data', (data) => {
      this.output += String(data);
    });
    this.exited = new Promise((resolve) => this.process.on('close', () => resolve()));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async line(): Promise<string> {
    await until(() => this.output.includes('\n'));
    return this.output.split('\n')[0] ?? '';
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + TEST_MS / 2;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs a test with children, none of which outlives it. */
function withChildren(
  script: string,
  run: (folder: string, start: (...args: string[]) => Child) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const main = prepare(folder, script);
    const children: Child[] = [];
    try {
      await run(folder, (...args) => {
        const child = new Child(main, folder, ...args);
        children.push(child);
        return child;
      });
    } finally {
      await Promise.all(children.map((child) => child.kill()));
    }
  });
}

describe('a lock between processes', () => {
  it(
    'is refused while its holder lives, and taken over when it was killed',
    () =>
      withChildren(HOLDER, async (folder, start) => {
        fs.writeFileSync(`${folder}/go`, '');
        const child = start();
        expect(await child.line()).toBe(`held by ${child.pid}`);

        const locks = new FileLocks();
        let error: Partial<LockHeldError> = {};
        try {
          locks.acquire(`${folder}/db/LOCK`);
        } catch (thrown) {
          error = thrown as LockHeldError;
        }
        expect(error.code).toBe('EAGAIN');
        expect([error.owner?.pid, error.owner?.thisProcess]).toEqual([child.pid, false]);
        expect(fs.readdirSync(`${folder}/db`)).toEqual(['LOCK.owner.1']);

        await child.kill();
        expect(fs.readdirSync(`${folder}/db`)).toEqual(['LOCK.owner.1']);
        const lock = locks.acquire(`${folder}/db/LOCK`);
        expect(fs.readdirSync(`${folder}/db`)).toEqual(['LOCK.owner.2']);

        const late = start();
        expect(await late.line()).toBe(`EAGAIN ${process.pid}`);
        lock.release();
        expect(fs.readdirSync(`${folder}/db`)).toEqual([]);
      }),
    TEST_MS,
  );

  it(
    'goes to exactly one of several that take it over from the dead at once',
    () =>
      withChildren(HOLDER, async (folder, start) => {
        const { identity } = identify(systemProbe);
        const dead = { ...identity, pid: 4_200_000, token: 'dead', since: 0 };
        fs.writeFileSync(`${folder}/db/LOCK.owner.3`, JSON.stringify(dead));
        const children = Array.from({ length: 4 }, () => start());
        await until(() => children.every(({ pid }) => fs.existsSync(`${folder}/ready.${pid}`)));
        fs.writeFileSync(`${folder}/go`, '');
        const lines = await Promise.all(children.map((child) => child.line()));
        const winners = children.filter(({ pid }, index) => lines[index] === `held by ${pid}`);
        expect(winners.length).toBe(1);
        const others = lines.filter((line) => line === `EAGAIN ${winners[0]?.pid}`);
        expect(others.length).toBe(3);
        expect(fs.readdirSync(`${folder}/db`)).toEqual(['LOCK.owner.4']);
      }),
    TEST_MS,
  );

  it(
    'is never held by two, however often it changes hands and holders are killed',
    () =>
      withChildren(CONTENDER, async (folder, start) => {
        const end = Date.now() + 3000;
        const children = Array.from({ length: 3 }, () => start(String(end)));
        while (Date.now() < end - 1000) {
          const victim = start(String(end));
          await new Promise((resolve) => setTimeout(resolve, 300));
          await victim.kill();
          expect(victim.output.includes('not alone')).toBe(false);
        }
        await Promise.all(children.map(({ exited }) => exited));
        expect(children.map(({ output }) => output)).toEqual(children.map(() => 'held\n'));
        new FileLocks().acquire(`${folder}/db/LOCK`).release();
        expect(fs.readdirSync(`${folder}/db`)).toEqual([]);
      }),
    TEST_MS,
  );

  it(
    'is taken over when the pid of its holder is another process by now',
    () =>
      withChildren(HOLDER, async (folder, start) => {
        const child = start();
        await until(() => fs.existsSync(`${folder}/ready.${child.pid}`));
        const { identity } = identify(systemProbe);
        const startTime = systemProbe.state(child.pid)?.startTime ?? null;
        const thread = { threadId: child.pid, threadStartTime: startTime };
        const id = { ...identity, ...thread, pid: child.pid, startTime };
        const record = { ...id, token: 'child', since: 0 };
        const file = `${folder}/db/LOCK.owner.1`;
        fs.writeFileSync(file, JSON.stringify(record));
        const locks = new FileLocks();
        expect(codeOf(() => locks.acquire(`${folder}/db/LOCK`))).toBe('EAGAIN');
        // Only Linux tells when a process started.
        if (startTime === null) return;
        fs.writeFileSync(file, JSON.stringify({ ...record, startTime: `${startTime}0` }));
        locks.acquire(`${folder}/db/LOCK`).release();
      }),
    TEST_MS,
  );

  it.skipIf(process.platform !== 'linux')(
    'is taken over from a holder that was killed and that nobody has waited for (only Linux tells)',
    () =>
      withChildren(HOLDER, async (folder) => {
        fs.writeFileSync(`${folder}/go`, '');
        const options = 'Deno' in globalThis ? 'run -A --no-config' : '';
        const holder = `"${process.execPath}" ${options} "${folder}/main.js" "${folder}"`;
        // What the shell becomes does not know of the child.
        const parent = spawn('/bin/sh', ['-c', `${holder} & exec sleep 600`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
          let output = '';
          parent.stdout.on('data', (data) => {
            output += String(data);
          });
          await until(() => output.includes('\n'));
          const pid = Number(/^held by (\d+)$/m.exec(output)?.[1]);
          expect(codeOf(() => new FileLocks().acquire(`${folder}/db/LOCK`))).toBe('EAGAIN');
          process.kill(pid, 'SIGKILL');
          await until(() => systemProbe.state(pid)?.ended === true);
          expect(systemProbe.exists(pid)).toBe(true);
          new FileLocks().acquire(`${folder}/db/LOCK`).release();
        } finally {
          parent.kill('SIGKILL');
        }
      }),
    TEST_MS,
  );
});
