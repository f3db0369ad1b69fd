// runtime: node
/** docs/deno-and-bun.md on Deno and Bun: its programs with its command lines, which name the permissions. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { environment, provide, RUNTIMES, run } from '../../scripts/runtime-binaries.mjs';
import { tempFolder } from '../support/open.js';
import { copyInstalled } from '../support/package-copy.js';
import { blocksOf } from './blocks.js';

const GUIDE = 'docs/deno-and-bun.md';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEXT = fs.readFileSync(ROOT + GUIDE, 'utf8');

vi.setConfig({ testTimeout: 120_000 });

/** The block with this text, as a reader would copy it. */
function code(text: string): string {
  const block = blocksOf(ROOT, GUIDE).find((each) => each.code.includes(text));
  if (block === undefined) throw new Error(`${GUIDE} has no block with ${text}`);
  return block.code;
}

/** The arguments of the command lines that begin so. */
function commands(start: string): string[][] {
  const lines = TEXT.split('\n').filter((line) => line.startsWith(start));
  if (lines.length === 0) throw new Error(`${GUIDE} has no command line ${start}`);
  return lines.map((line) => line.replace(/ #.*/, '').split(' ').slice(1));
}

/** A project in which the package is installed. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = fs.realpathSync(tempFolder());
  copyInstalled(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

async function outputOf(key: 'deno' | 'bun', cwd: string, args: readonly string[]) {
  const binary = await provide(RUNTIMES[key]);
  if (binary === undefined) throw new Error(`no npm package has ${RUNTIMES[key].title} here`);
  const { code: status, output } = await run(binary, args, { cwd, env: environment() });
  if (status !== 0) throw new Error(`${key} ${args.join(' ')}: ${status}\n${output}`);
  return output;
}

const APP = { 'app.mjs': code("db.put('runtime'") };

describe('the guide to Deno and Bun', () => {
  it('the program runs on Deno with the permissions that are named, and not with less', async () => {
    const folder = project(APP);
    const lines = commands('deno run ');
    expect(lines.length).toBe(2);
    for (const args of lines) {
      expect(args).not.toContain('-A');
      expect(await outputOf('deno', folder, args)).toBe('{ deno: true, bun: false }\n');
      const isRead = (each: string) => each.startsWith('--allow-read');
      const narrow = args.map((each) => (isRead(each) ? '--allow-read=data,node_modules' : each));
      expect(TEXT).toContain('`--allow-read=data,node_modules` once `data` is there');
      expect(await outputOf('deno', folder, narrow)).toBe('{ deno: true, bun: false }\n');
      const blind = args.filter((each) => !isRead(each));
      await expect(outputOf('deno', folder, blind)).rejects.toThrow('read access');
      fs.rmSync(path.join(folder, 'data'), { recursive: true });
      const less = args.filter((each) => !each.startsWith('--allow-write'));
      await expect(outputOf('deno', folder, less)).rejects.toThrow('EACCES');
    }
  });

  it('the program runs on Bun', async () => {
    const folder = project(APP);
    for (const args of commands('bun app.mjs')) {
      expect(await outputOf('bun', folder, args)).toMatch(/deno: false,\s+bun: true/);
    }
  });

  it('the tasks of deno.json run', async () => {
    const tasks = /```json\n([^`]+)```/.exec(TEXT)?.[1] ?? '';
    const folder = project({ ...APP, 'deno.json': tasks, 'store.test.mjs': code('Deno.test(') });
    const output = await outputOf('deno', folder, ['task', 'start']);
    expect(output).toContain('{ deno: true, bun: false }');
    expect(await outputOf('deno', folder, ['task', 'test'])).toMatch(
      /firstUser frees its iterator \.\.\. ok/,
    );
  });

  it('the test for bun:test passes, and fails for a function that leaks', async () => {
    const sound = code("'bun:test'");
    const leaky = sound.replace('iterator.free();', '');
    const folder = project({ 'sound.test.mjs': sound, 'leaky.test.mjs': leaky });
    expect(await outputOf('bun', folder, ['test', './sound.test.mjs'])).toContain('1 pass');
    await expect(outputOf('bun', folder, ['test', './leaky.test.mjs'])).rejects.toThrow(
      /1 iterator, made at .*leaky\.test\.mjs:8:\d+/,
    );
  });
});
