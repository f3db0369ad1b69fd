// runtime: node
/** Every block of JavaScript and TypeScript in README.md and the guides runs, against the built package. */
import { execFile, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { providePinned } from '../scripts/pinned.mjs';
import { blocksOf, type DocBlock, moduleOf } from './docs/blocks.js';
import { longLivedFolder } from './support/open.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RUNNER = fileURLToPath(new URL('docs/run-blocks.mjs', import.meta.url));
const GUIDES = fs
  .readdirSync(`${ROOT}docs`)
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const BLOCKS = ['README.md', ...GUIDES].flatMap((file) => blocksOf(ROOT, file));
const isTest = ({ code }: DocBlock) => code.includes(`'rocksdb-wasm/vitest'`);
/** What a reader would have installed. */
const PACKAGES = ['prom-client', 'vitest', '@vitest'];

/** Its text without blocks of code and comments. */
function proseOf(file: string): string {
  const text = fs.readFileSync(ROOT + file, 'utf8');
  return text.replace(/^\s*```[\s\S]*?^\s*```$/gm, '').replace(/<!--[\s\S]*?-->/g, '');
}

/** The links to files of the repository, and to headings. */
function linksOf(file: string): string[] {
  const links = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^https?:/.test(link));
}

/** As GitHub names the headings of a page. */
function anchorsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** `FILE: LINK`. */
function leadsSomewhere(place: string): boolean {
  const [file = '', link = ''] = place.split(': ');
  const [to = '', anchor] = link.split('#');
  const target = to === '' ? file : path.posix.join(path.posix.dirname(file), to);
  if (!fs.existsSync(ROOT + target)) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

describe('the documentation', () => {
  let place = '';
  const folderOf = (block: DocBlock) => path.join(place, block.name.replace(/[/:]/g, '-'));
  /** By folder. */
  const problems = new Map<string, string[]>();

  beforeAll(async () => {
    place = longLivedFolder();
    const modules = path.join(place, 'node_modules');
    fs.mkdirSync(modules);
    fs.symlinkSync(ROOT, path.join(modules, 'rocksdb-wasm'), 'junction');
    for (const name of PACKAGES) {
      const installed = fs.realpathSync(path.join(ROOT, 'node_modules', name));
      fs.symlinkSync(installed, path.join(modules, name), 'junction');
    }
    const classic = path.join(await providePinned('ecosystem'), 'node_modules/classic-level');
    fs.symlinkSync(classic, path.join(modules, 'classic-level'), 'junction');
    const folders: string[] = [];
    for (const block of BLOCKS) {
      if (block.notRun !== undefined) continue;
      const folder = folderOf(block);
      fs.mkdirSync(folder);
      const name = isTest(block) ? 'block.test.mjs' : 'block.mjs';
      fs.writeFileSync(path.join(folder, name), moduleOf(block));
      if (!isTest(block)) folders.push(folder);
    }
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [RUNNER, ...folders], {
      maxBuffer: 64 * 1024 * 1024,
    });
    for (const line of stdout.trim().split('\n')) {
      const told = JSON.parse(line) as { folder: string; problems: string[] };
      problems.set(told.folder, told.problems);
    }
  }, 300_000);

  it('has code in README.md and in most guides', () => {
    const files = new Set(BLOCKS.map(({ name }) => name.split(':')[0]));
    expect(files).toContain('README.md');
    expect(files.size).toBeGreaterThan(GUIDES.length / 2);
  });

  it('has no block that nothing runs', () => {
    const elsewhere = ({ name, notRun = '' }: DocBlock) => {
      const [, test] = /^(test\/\S+\.test\.ts) runs it$/.exec(notRun) ?? [];
      const guide = name.replace(/:\d+$/, '');
      return test !== undefined && fs.readFileSync(ROOT + test, 'utf8').includes(`'${guide}'`);
    };
    const notRun = BLOCKS.filter((block) => block.notRun !== undefined && !elsewhere(block));
    expect(notRun.map(({ name }) => name)).toEqual([]);
  });

  it('has no link that leads nowhere', () => {
    const nowhere = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...GUIDES]
      .flatMap((file) => linksOf(file).map((link) => `${file}: ${link}`))
      .filter((link) => !leadsSomewhere(link));
    expect(nowhere).toEqual([]);
  });

  it('names no place outside of the folder that a block runs in', () => {
    const absolute = /['"`]\/(?:data|backup|tmp|var|home|db)\b[^'"`]*/;
    const found = BLOCKS.filter((block) => absolute.test(moduleOf(block)));
    expect(found.map(({ name }) => name)).toEqual([]);
  });

  for (const block of BLOCKS) {
    if (block.notRun !== undefined) continue;
    it(`runs: ${block.name}`, () => {
      const folder = folderOf(block);
      if (!isTest(block)) {
        expect(problems.get(folder)).toEqual([]);
        return;
      }
      const cli = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'run'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', VITEST: undefined },
      });
      expect(stdout + stderr).toMatch(/Tests +1 passed/);
      expect(status).toBe(0);
    });
  }
});
