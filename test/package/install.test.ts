// runtime: node
/** README.md to the letter, in empty folders: installed from a registry and run by every runtime. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MORE_RUNTIMES, provide, RUNTIMES } from '../../scripts/runtime-binaries.mjs';
import { blocksOf } from '../docs/blocks.js';
import { emptyProject, type Package, packed, ROOT, runIn } from './project.js';

const README = fs.readFileSync(`${ROOT}README.md`, 'utf8');
const NODES = { ...RUNTIMES, ...MORE_RUNTIMES };
/** Deno and Bun write other quotes. */
const SAID = /^user:2 \{\s+name: ['"]Grace['"],?\s+\}\n$/;

/** The first block of JavaScript under a heading, as the file app.mjs that a reader makes of it. */
function program(heading: string): string {
  const line = README.split('\n').indexOf(heading) + 1;
  const block = blocksOf(ROOT, 'README.md').find(
    ({ name }) => Number(name.split(':').at(-1)) > line && line > 0,
  );
  if (block === undefined) throw new Error(`README.md has no code under ${heading}`);
  return block.code;
}

/** The command line of the README's that has this text, as a program and its arguments. */
function command(text: string): { name: string; args: string[] } {
  const line = README.split('\n').find(
    (each) => /^(npm|node|deno|bun) /.test(each) && each.includes(text),
  );
  const [name, ...args] = (line ?? '').replace(/ #.*/, '').trim().split(/\s+/);
  if (!name) throw new Error(`README.md has no command line with ${text}`);
  return { name, args };
}

describe('installed from a registry', () => {
  let told: Package | undefined;
  const registry = () => (told as Package).registry;

  beforeAll(async () => {
    told = await packed();
  }, 120_000);
  afterAll(() => told?.registry.close());

  const binaryOf = async (key: keyof typeof NODES) => {
    const binary = await provide(NODES[key]);
    if (binary === undefined) throw new Error(`no npm package has ${NODES[key].title} here`);
    return binary;
  };

  it('npm install, and Node 20, 22, 24 and 26', async () => {
    // Without a package.json npm looks for one in the folders above.
    const folder = emptyProject({ 'app.mjs': program('## Use'), 'package.json': '{}' });
    const { name, args } = command('npm install rocksdb-wasm');
    expect(name).toBe('npm');
    const cli = process.env.npm_execpath;
    const npm = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
    await runIn(folder, npm[0] as string, [...npm.slice(1), ...args], registry());
    expect(fs.existsSync(path.join(folder, 'node_modules/rocksdb-wasm/dist/rocksdb.wasm'))).toBe(
      true,
    );
    for (const key of ['node20', 'node22', 'node24', 'node26'] as const) {
      const { args: run } = command('node app.mjs');
      expect(await runIn(folder, await binaryOf(key), run), key).toMatch(SAID);
      fs.rmSync(path.join(folder, 'data'), { recursive: true });
    }
  }, 240_000);

  it('deno add, and Deno with the permissions that the README names', async () => {
    const deno = await binaryOf('deno');
    const folder = emptyProject({ 'app.mjs': program('## Use') });
    await runIn(folder, deno, command('deno add').args, registry());
    const { args } = command('deno run');
    expect(args).not.toContain('-A');
    expect(await runIn(folder, deno, args, registry())).toMatch(SAID);
  }, 120_000);

  it('deno compile, and the executable in another folder', async ({ skip }) => {
    const deno = await binaryOf('deno');
    const folder = emptyProject({ 'app.js': program('## Use') });
    await runIn(folder, deno, command('deno add').args, registry());
    const guide = fs.readFileSync(`${ROOT}docs/bundlers.md`, 'utf8');
    const line = /^deno (compile .*--output app app\.js)$/m.exec(guide)?.[1] ?? '';
    const compiled = await runIn(folder, deno, line.split(' '), registry()).catch((error) => error);
    // Deno fetches the runtime of executables from its makers.
    if (/denort.*error sending request|error sending request.*denort/s.test(String(compiled))) {
      skip('the runtime of executables cannot be fetched from here');
    }
    expect(compiled).not.toBeInstanceOf(Error);
    const elsewhere = emptyProject({});
    fs.copyFileSync(path.join(folder, 'app'), path.join(elsewhere, 'app'));
    expect(await runIn(elsewhere, path.join(elsewhere, 'app'), [])).toMatch(SAID);
  }, 120_000);

  it('bun add, and Bun', async () => {
    const bun = await binaryOf('bun');
    const folder = emptyProject({ 'app.mjs': program('## Use') });
    await runIn(folder, bun, command('bun add').args, registry());
    expect(await runIn(folder, bun, command('bun app.mjs').args, registry())).toMatch(SAID);
  }, 120_000);
});
